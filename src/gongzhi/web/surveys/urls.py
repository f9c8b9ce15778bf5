"""Addresses: questionnaires: building, answering, paper sheets, results."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
