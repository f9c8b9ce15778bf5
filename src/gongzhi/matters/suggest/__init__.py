"""Suggestions for people who sort matters: category, likely duplicates, another track.

Everything here only suggests, says why and how sure, runs off line, and knows no database.
"""
