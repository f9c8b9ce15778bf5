"""Addresses: the public pages of the log: verify, checkpoints, witnesses."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
