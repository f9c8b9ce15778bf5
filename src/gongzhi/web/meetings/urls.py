"""Addresses: meetings: bodies, notice, sign-in, the runner, minutes."""

from django.urls import URLPattern, URLResolver, path

from gongzhi.web.meetings import desk, house, prepare, public, run, sign

_PUBLIC = [
    path("meetings", public.index, name="meetings"),
    path("meetings/calendar", public.calendar, name="meeting_calendar"),
    path("meetings/cadence", public.cadence, name="cadence"),
    path("meetings/pledges", public.pledges, name="pledges"),
    path("meetings/rectification", public.rectification, name="rectification"),
    path("meetings/rectification.pdf", public.rectification_pdf, name="rectification_pdf"),
    path("meetings/at/<str:token>", public.scan, name="meeting_scan"),
    path("meetings/<int:session_id>", public.session, name="meeting"),
    path("meetings/<int:session_id>/questions", public.ask, name="meeting_ask"),
    path("meetings/<int:session_id>/online", public.come_online, name="meeting_online"),
    path("meetings/<int:session_id>/speakers", public.speak, name="meeting_speak"),
    path("meetings/<int:session_id>/minutes", public.minutes, name="minutes"),
    path("meetings/<int:session_id>/minutes.pdf", public.minutes_pdf, name="minutes_pdf"),
    path("bodies/<int:body_id>", public.body, name="body"),
]
_STAFF = [
    path("staff/meetings", desk.meetings, name="staff_meetings"),
    path("staff/bodies", desk.listed, name="staff_bodies"),
    path("staff/places/<int:place_id>/bodies", desk.found, name="found_body"),
    path("staff/bodies/<int:body_id>", desk.body, name="staff_body"),
    path("staff/bodies/<int:body_id>/sessions", desk.call, name="call_session"),
    path("staff/bodies/<int:body_id>/rule", house.page, name="house_rule"),
    path("staff/seats/<int:seat_id>/end", desk.unseat, name="end_seat"),
    path("staff/pledges/<int:pledge_id>", desk.pledge, name="judge_pledge"),
    path("staff/meetings/<int:session_id>", prepare.page, name="prepare"),
    path("staff/meetings/<int:session_id>/preparation/<str:verb>", prepare.act, name="prepare_act"),
    path("staff/meetings/<int:session_id>/run", run.page, name="runner"),
    path("staff/meetings/<int:session_id>/steps/<str:verb>", run.step, name="step"),
    path("staff/meetings/<int:session_id>/desk", sign.page, name="sign_desk"),
    path("staff/meetings/<int:session_id>/desk/<str:verb>", sign.act, name="sign_act"),
    path("staff/meetings/<int:session_id>/code", sign.code, name="sign_code"),
    path("staff/meetings/<int:session_id>/paper", sign.paper, name="sign_paper"),
    path("staff/meetings/<int:session_id>/sorting", prepare.sorting, name="sorting"),
    path("staff/meetings/<int:session_id>/sorting/<int:question_id>", prepare.sort, name="sort"),
    path("staff/meetings/<int:session_id>/minutes/<str:verb>", prepare.minutes, name="minutes_act"),
]

urlpatterns: list[URLPattern | URLResolver] = [*_PUBLIC, *_STAFF]
