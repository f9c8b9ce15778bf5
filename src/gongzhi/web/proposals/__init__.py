"""The proposal form, seconding, levels, results."""
