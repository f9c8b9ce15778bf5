"""Neighbours decide: bodies, meetings, ballots, rounds, budgets, proposals, programmes."""
