"""Voting: the vote page, paper entry, receipts, the board of ballots."""
