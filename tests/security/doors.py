"""Every door of the system, and who may come in: one table, read by `test_matrix`.

A row is: method, address (as the resolver writes it), gate. `{…}` in the values below is filled
with an object of the caller's own, sibling, parent or foreign place. A subject with pages of its
own (meetings, mall) keeps its rows beside this file in `doors_<subject>.txt`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

# Gates. What each lets in is in `test_matrix.EXPECTED`.
DOORS = """
GET  api/v1/openapi.json                                  open
GET  api/v1/docs                                          open
GET  api/v1/                                              nothing
POST api/v1/matters                                       signed
GET  api/v1/matters                                       signed
GET  api/v1/search                                        signed
GET  api/v1/matters/<number>                              sees
GET  api/v1/matters/<number>/similar                      sees
GET  api/v1/suggest/similar                               signed
GET  api/v1/matters/<number>/attachments/<sha256>         nobody
POST api/v1/matters/<number>/moves/<move>                 acts
POST api/v1/matters/<number>/comments                     acts
POST api/v1/matters/<number>/join                         sees
POST api/v1/matters/<number>/answer                       acts
GET  api/v1/board                                         open
GET  api/v1/board/<item_id>                               nothing
GET  api/v1/places/<code>/shares                          open
GET  api/v1/places                                        open
GET  api/v1/places/at                                     open
GET  api/v1/places/<code>                                 open
GET  api/v1/places/<code>/children                        open
GET  api/v1/layers/<kind>.geojson                         open
GET  api/v1/playbooks                                     open
GET  api/v1/playbooks/schema.json                         open
GET  api/v1/playbooks/<playbook_id>.bpmn                  open
GET  api/v1/playbooks/<playbook_id>                       open
GET  api/v1/me                                            signed
GET  api/v1/suggest/category                              open
POST api/v1/uploads                                       signed
GET  open311/^(?:v2/)?discovery\\.(?P<fmt>xml|json)$      open
GET  open311/^v2/services\\.(?P<fmt>xml|json)$            open
GET  open311/^v2/services/(?P<code>[^/]{1,200}?)\\.(?P<fmt>xml|json)$ open
GET  open311/^v2/requests\\.(?P<fmt>xml|json)$            open
POST open311/^v2/requests\\.(?P<fmt>xml|json)$            key
GET  open311/^v2/requests/(?P<number>[^/]{1,200}?)\\.(?P<fmt>xml|json)$ open
GET  open311/^v2/tokens/(?P<token>[^/]{1,200}?)\\.(?P<fmt>xml|json)$ open
GET  healthz                                              open
GET  sign-in                                              open
POST sign-in/code                                         open
POST sign-in/phone                                        open
POST sign-in/password                                     open
POST sign-in/demo                                         nothing
GET  invite/<str:token>                                   open
POST elder                                                open
POST language                                             open
GET  media/<str:sha256>                                   nothing
GET                                                       open
GET  q/<str:token>                                        nothing
GET  choose                                               open
GET  report                                               signed
POST report/photo                                         signed
GET  report/photo/<str:key>                               nobody
POST report/similar                                       signed
GET  report/grids                                         signed
GET  report/<str:number>/done                             sees
GET  mine                                                 signed
GET  matters/<str:number>                                 sees
POST matters/<str:number>/answer                          acts
POST matters/<str:number>/join                            sees
POST matters/<str:number>/moves/<str:verb>                acts
GET  me                                                   signed
POST me/data                                              signed
POST me/texts                                             signed
GET  notes                                                signed
POST notes/read                                           signed
POST me/consents/<int:consent>/withdrawal                 nobody
POST me/proxies                                           signed
POST me/proxies/<int:proxy>/agreement                     nobody
POST me/proxies/<int:proxy>/withdrawal                    nobody
GET  help                                                 open
GET  help/paper                                           open
GET  board                                                open
GET  board/places/<str:code>                              open
GET  board/<int:item>                                     nothing
POST board/<int:item>/objections                          nobody
GET  county                                               open
GET  county/<str:code>                                    open
GET  county/<str:code>/levels                             open
GET  playbooks                                            open
GET  playbooks/<str:name>                                 open
GET  places/<str:code>/codes                              codes
GET  staff/                                               staff
GET  staff/matters                                        staff
POST staff/bulk                                           staff
POST staff/filters                                        staff
POST staff/filters/<int:filter_id>/removal                nobody
GET  staff/objections                                     staff
POST staff/objections/<int:objection_id>                  desk_nobody
GET  staff/intake                                         takes_in
POST staff/intake                                         takes_in
POST staff/intake/similar                                 takes_in
GET  staff/matters/<str:number>                           desk_sees
POST staff/matters/<str:number>/moves/<str:verb>          desk_acts
POST staff/matters/<str:number>/comments                  desk_acts
POST staff/matters/<str:number>/category                  desk_acts
POST staff/matters/<str:number>/parts                     desk_acts
POST staff/matters/<str:number>/answers                   desk_acts
POST staff/matters/<str:number>/contact                   desk_acts
GET  staff/people                                         staff
GET  staff/people/<int:person_id>                         desk_place
POST staff/people/<int:person_id>/proxies/<int:proxy_id>/agreement nobody
GET  staff/households/<int:household_id>                  desk_place
GET  staff/places/<int:place_id>/appointments             people
POST staff/places/<int:place_id>/appointments             people
POST staff/appointments/<int:appointment_id>/end          desk_nobody
GET  staff/permissions                                    staff
GET  staff/tokens                                         tokens
POST staff/tokens/<int:token_id>/revocation               desk_nobody
GET  staff/calendar                                       staff
POST staff/calendar/hours                                 calendar
POST staff/calendar/<str:on>                              calendar
GET  staff/places                                         staff
GET  staff/places/<int:place_id>                          desk_place
POST staff/places/<int:place_id>/layer                    places
POST staff/places/<int:place_id>/scheme                   places
GET  staff/places/<int:place_id>/codes                    desk_place
POST staff/places/<int:place_id>/code                     places
GET  staff/county                                         staff
GET  staff/imports                                        staff
GET  staff/imports/template                               staff
POST staff/imports/files                                  staff
POST staff/imports/export                                 staff
GET  staff/imports/<int:batch_id>                         desk_nobody
POST staff/imports/<int:batch_id>/import                  desk_nobody
POST staff/imports/<int:batch_id>/undo                    desk_nobody
GET  staff/imports/<int:batch_id>/problems                desk_nobody
GET  staff/playbooks                                      staff
GET  staff/playbooks/<str:playbook_id>                    staff
POST staff/playbooks/<str:playbook_id>/adoptions          staff
POST staff/playbooks/<str:playbook_id>/adoptions/end      staff
POST staff/playbooks/<str:playbook_id>/migrations         staff
POST staff/playbooks/<str:playbook_id>/migrations/<int:migration_id>/undo desk_nobody
GET  staff/playbooks/<str:playbook_id>/difference         desk_nobody
GET  staff/playbooks/<str:playbook_id>/bpmn               staff
GET  staff/playbooks/<str:playbook_id>/simulation         staff
POST me/clear                                             signed
POST sign-out                                             open
"""


@dataclass(frozen=True)
class Door:
    """One way in."""

    method: str
    address: str
    gate: str

    def __str__(self) -> str:
        return f"{self.method} /{self.address}"


def declared() -> list[Door]:
    """The rows of the table."""
    rows = []
    subjects = [
        path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("doors_*.txt"))
    ]
    # Subjects first: the last row of our own table signs everybody out.
    for line in "\n".join([*subjects, DOORS.strip("\n")]).splitlines():
        if not line.strip():
            continue
        method, rest = line[:5].strip(), line[5:]
        address, _, gate = rest.rpartition(" ")
        rows.append(Door(method, address.strip(), gate))
    return rows


def existing() -> Iterator[str]:
    """Every address the resolver knows."""
    return _walk(get_resolver().url_patterns, "")


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, address)
        else:
            yield address
