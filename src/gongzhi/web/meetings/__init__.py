"""Meetings: bodies, notice, sign-in, the runner, minutes."""
