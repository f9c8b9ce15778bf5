"""API v1: matters, places, boards, playbooks, for programs and for our own pages."""
