"""Addresses: voting: the vote page, paper entry, receipts, the board of ballots."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
