"""The demonstration: real divisions, invented people and matters. Seeded, the same every time."""
