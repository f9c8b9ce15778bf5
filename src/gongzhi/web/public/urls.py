"""Addresses of the public pages: the board, the county view, the playbooks."""

from django.urls import path

from gongzhi.web.resident import home

urlpatterns = [
    path("board", home.page, name="board"),
]
