"""Addresses: the proposal form, seconding, levels, results."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
