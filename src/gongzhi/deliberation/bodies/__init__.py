"""Standing bodies: forums and statutory meetings, their seats, rules and cadence."""
