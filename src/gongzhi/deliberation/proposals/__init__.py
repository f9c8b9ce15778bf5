"""Resident proposals: the small form, seconders, levels, projects, scores."""
