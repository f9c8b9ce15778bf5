"""Pages of meetings: for residents, for the host's screen and desk, and for print."""
