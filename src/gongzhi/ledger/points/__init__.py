"""Points for good deeds: a rule book people adopt, claims two others check, awards from budgets."""
