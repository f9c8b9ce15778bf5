"""Addresses: the mall: catalogue, orders, merchants, clearing."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
