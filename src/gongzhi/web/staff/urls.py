"""Addresses of the staff desk. Every page works without JavaScript."""

from django.urls import path

from gongzhi.web.staff import (
    appointments,
    calendar,
    inbox,
    intake,
    matter,
    objections,
    people,
    permissions,
    saved,
    tokens,
)

app_name = "staff"

_INBOX = [
    path("", inbox.inbox, name="inbox"),
    path("matters", inbox.matters, name="matters"),
    path("bulk", inbox.bulk, name="bulk"),
    path("filters", saved.save, name="save_filter"),
    path("filters/<int:filter_id>/removal", saved.forget, name="forget_filter"),
    path("objections", objections.objections, name="objections"),
    path("objections/<int:objection_id>", objections.answer, name="objection"),
]
_MATTER = [
    path("intake", intake.intake, name="intake"),
    path("intake/similar", intake.similar, name="intake_similar"),
    path("matters/<str:number>", matter.matter, name="matter"),
    path("matters/<str:number>/moves/<str:verb>", matter.move, name="move"),
    path("matters/<str:number>/comments", matter.comment, name="comment"),
    path("matters/<str:number>/category", matter.classify, name="classify"),
    path("matters/<str:number>/parts", matter.split, name="split"),
    path("matters/<str:number>/answers", matter.answer, name="answer"),
    path("matters/<str:number>/contact", matter.contact, name="contact"),
]
_PEOPLE = [
    path("people", people.people, name="people"),
    path("people/<int:person_id>", people.person, name="person"),
    path("households/<int:household_id>", people.household, name="household"),
    path("places/<int:place_id>/appointments", appointments.appointments, name="appointments"),
    path("appointments/<int:appointment_id>/end", appointments.end, name="end_appointment"),
    path("permissions", permissions.permissions, name="permissions"),
    path("tokens", tokens.tokens, name="tokens"),
    path("tokens/<int:token_id>/revocation", tokens.revoke, name="revoke_token"),
]
_CALENDAR = [
    path("calendar", calendar.month, name="calendar"),
    path("calendar/hours", calendar.hours, name="hours"),
    path("calendar/<str:on>", calendar.day, name="day"),
]

urlpatterns = [*_INBOX, *_MATTER, *_PEOPLE, *_CALENDAR]
