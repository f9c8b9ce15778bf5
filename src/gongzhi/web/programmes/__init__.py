"""Programmes, stations and duty."""
