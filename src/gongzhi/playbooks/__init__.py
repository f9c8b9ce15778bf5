"""Playbooks: a way of governing as a checked data file. Plain Python, imports no Django."""
