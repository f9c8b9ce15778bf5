"""Addresses: meetings: bodies, notice, sign-in, the runner, minutes."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
