"""Programmes in phases, with criteria computed from records; stations and duty."""
