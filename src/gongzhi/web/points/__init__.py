"""Points and hours of residents, rule book, claims, channels."""
