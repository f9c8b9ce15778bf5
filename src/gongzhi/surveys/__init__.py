"""Asking people: questionnaires and appraisals, sealed from those rated until the count."""
