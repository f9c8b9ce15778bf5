"""Addresses of channels."""

from django.urls import path

from gongzhi.web.channels import care, desk, handling, months, pages, relaying

urlpatterns = [
    path("channels", pages.listed, name="channels"),
    path("channels/months", months.page, name="channel_months"),
    path("channels/months/<str:code>", months.page, name="channel_months_of"),
    path("channels/<int:channel_id>", pages.one, name="channel"),
    path("channels/<int:channel_id>/mute", pages.mute, name="channel_mute"),
    path("channels/posts/<int:post_id>/vote", pages.vote, name="channel_vote"),
    path("channels/posts/<int:post_id>/seen", pages.seen, name="channel_seen"),
    path("channels/posts/<int:post_id>/report", pages.report, name="channel_report"),
    path("channels/posts/<int:post_id>/appeal", pages.appeal, name="channel_appeal"),
    path("staff/channels", desk.listed, name="channel_desk"),
    path("staff/channels/new", desk.new, name="channel_new"),
    path("staff/channels/share", relaying.share, name="channel_share"),
    path("staff/channels/app.webmanifest", relaying.manifest, name="channel_manifest"),
    path("staff/channels/care", care.listed, name="channel_care"),
    path("staff/channels/appeals/<int:appeal_id>", care.decide, name="channel_decide"),
    path("staff/channels/<int:channel_id>", desk.one, name="channel_keep"),
    path("staff/channels/<int:channel_id>/settings", desk.change, name="channel_change"),
    path("staff/channels/<int:channel_id>/close", desk.close, name="channel_close"),
    path("staff/channels/<int:channel_id>/reopen", desk.reopen, name="channel_reopen"),
    path("staff/channels/<int:channel_id>/relay", relaying.relay, name="channel_relay"),
    path("staff/channels/posts/<int:post_id>/matter", handling.matter, name="channel_matter"),
    path("staff/channels/posts/<int:post_id>/hand", handling.hand, name="channel_hand"),
    path("staff/channels/posts/<int:post_id>/hiding", handling.hide, name="channel_hide"),
    path("staff/channels/posts/<int:post_id>/reports", care.settle, name="channel_settle"),
]
