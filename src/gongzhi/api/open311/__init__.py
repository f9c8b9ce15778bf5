"""Open311 GeoReport v2: the same matters in the words of an international standard."""
