"""Motions and ballots: frozen roll, secret or open, counted and never typed."""
