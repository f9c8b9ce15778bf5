"""Addresses of channels."""

from django.urls import path

from gongzhi.web.channels import desk, pages

urlpatterns = [
    path("channels", pages.listed, name="channels"),
    path("channels/<int:channel_id>", pages.one, name="channel"),
    path("channels/posts/<int:post_id>/vote", pages.vote, name="channel_vote"),
    path("channels/posts/<int:post_id>/seen", pages.seen, name="channel_seen"),
    path("staff/channels", desk.listed, name="channel_desk"),
    path("staff/channels/new", desk.new, name="channel_new"),
    path("staff/channels/<int:channel_id>", desk.one, name="channel_keep"),
    path("staff/channels/posts/<int:post_id>/matter", desk.matter, name="channel_matter"),
    path("staff/channels/posts/<int:post_id>/hiding", desk.hide, name="channel_hide"),
]
