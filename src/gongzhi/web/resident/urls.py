"""Addresses of the resident's pages."""

from django.urls import path

from gongzhi.web.resident import home

urlpatterns = [
    path("", home.page, name="home"),
    path("report", home.page, name="report"),
    path("mine", home.page, name="mine"),
    path("me", home.page, name="me"),
    path("help", home.page, name="help"),
]
