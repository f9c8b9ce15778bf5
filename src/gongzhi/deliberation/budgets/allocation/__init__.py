"""Dividing one sum of money among projects by approval ballots. Pure: no Django, exact money.

`pb` reads and writes Pabulib files, `greedy` and `equal_shares` choose, `report` explains.
"""
