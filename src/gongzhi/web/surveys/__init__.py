"""Questionnaires: building, answering, paper sheets, results."""
