"""Addresses of the staff desk. Every page works without JavaScript."""

from django.urls import path

from gongzhi.web.staff import (
    appointments,
    calendar,
    county,
    imports,
    inbox,
    intake,
    matter,
    objections,
    people,
    permissions,
    places,
    playbooks,
    saved,
    simulation,
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
    path(
        "people/<int:person_id>/proxies/<int:proxy_id>/agreement",
        people.witness,
        name="witness_proxy",
    ),
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

_PLACES = [
    path("places", places.index, name="places"),
    path("places/<int:place_id>", places.place, name="place"),
    path("places/<int:place_id>/layer", places.upload, name="upload_layer"),
    path("places/<int:place_id>/scheme", places.scheme, name="scheme"),
    path("places/<int:place_id>/codes", places.codes, name="codes"),
    path("places/<int:place_id>/code", places.new_code, name="new_code"),
    path("county", county.county, name="county"),
]
_IMPORTS = [
    path("imports", imports.imports, name="imports"),
    path("imports/template", imports.template, name="roster_template"),
    path("imports/files", imports.upload, name="upload_roster"),
    path("imports/export", imports.export, name="export_roster"),
    path("imports/<int:batch_id>", imports.batch, name="batch"),
    path("imports/<int:batch_id>/import", imports.apply, name="apply_roster"),
    path("imports/<int:batch_id>/undo", imports.undo, name="undo_roster"),
    path("imports/<int:batch_id>/problems", imports.annotated, name="annotated"),
]
_PLAYBOOKS = [
    path("playbooks", playbooks.playbooks, name="playbooks"),
    path("playbooks/<str:playbook_id>", playbooks.playbook, name="playbook"),
    path("playbooks/<str:playbook_id>/adoptions", playbooks.adopt, name="adopt"),
    path("playbooks/<str:playbook_id>/adoptions/end", playbooks.end, name="end_adoption"),
    path("playbooks/<str:playbook_id>/migrations", playbooks.migrate, name="migrate"),
    path(
        "playbooks/<str:playbook_id>/migrations/<int:migration_id>/undo",
        playbooks.undo,
        name="undo_migration",
    ),
    path("playbooks/<str:playbook_id>/difference", playbooks.difference, name="difference"),
    path("playbooks/<str:playbook_id>/bpmn", playbooks.diagram, name="diagram"),
    path("playbooks/<str:playbook_id>/simulation", simulation.simulation, name="simulate"),
]

urlpatterns = [*_INBOX, *_MATTER, *_PEOPLE, *_CALENDAR, *_PLACES, *_IMPORTS, *_PLAYBOOKS]
