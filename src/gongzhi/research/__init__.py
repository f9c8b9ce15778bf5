"""What published texts say of a case, beside what the records of this installation add up to."""
