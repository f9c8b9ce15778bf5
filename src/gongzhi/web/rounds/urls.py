"""Addresses: on line rounds: statements, agree or disagree, the picture of opinions."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
