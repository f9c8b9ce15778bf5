"""The public pages of the log: verify, checkpoints, witnesses."""
