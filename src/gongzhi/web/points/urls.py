"""Addresses: points and hours of residents, rule book, claims, channels."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
