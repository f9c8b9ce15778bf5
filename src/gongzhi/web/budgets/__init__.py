"""Participatory budgets and project accounts."""
