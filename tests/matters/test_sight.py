"""Who sees how much of a matter; what must not be seen is nowhere in what is shown."""

import json
from datetime import date
from typing import Any

import pytest

import people
from gongzhi.core.errors import NotFound
from gongzhi.matters import actions, queries
from gongzhi.matters.permissions import Sight
from gongzhi.matters.queries import sighted
from gongzhi.people.models import Household, Person, Proxy
from gongzhi.people.permissions import NOBODY, Viewer
from gongzhi.publications import queries as board
from lives import Life, appoint, xindu, xuyi

pytestmark = pytest.mark.django_db

# What nobody without a reason may read: the raiser's name, phone, ID number and door.
NAME, PHONE, ID_NUMBER, DOOR = "王翠花", "13912345678", "32083019900101002X", "3单元 502室"
CANARIES = (NAME, PHONE, ID_NUMBER, "502室", "3单元", "翠花")


@pytest.fixture
def life(county: people.County) -> Life:
    """A matter that says too much, handled by people who write too much."""
    Person.objects.filter(pk=county.ah_mei.pk).update(name=NAME, phone=PHONE, id_number=ID_NUMBER)
    said = f"我是{NAME}，住{DOOR}，电话{PHONE}，身份证{ID_NUMBER}，路灯不亮"
    made = xuyi(county, body=said, title=f"{NAME}报路灯 {PHONE}"[:60], where=f"{DOOR}门口",
                lon=118.5, lat=33.0)  # fmt: skip
    chen = county.holders["committee"]
    made.move("comment", chen, note=f"已联系{NAME} {PHONE}")
    made.move("comment", chen, note=f"内部：{NAME} {ID_NUMBER}", private=True)
    made.to("handle")
    made.move("pause", chen, reason="waiting_villager")
    made.move("resume", chen)
    made.to("handling")
    made.move("report_done", county.holders["grid_worker"], note=f"修到{DOOR}，{NAME}在场")
    return made


def seen(life: Life, viewer: Viewer) -> dict[str, Any]:
    return queries.get(viewer, life.number, life.at)


def leaks(shown: Any) -> list[str]:
    text = json.dumps(shown, default=str, ensure_ascii=False)
    return [canary for canary in CANARIES if canary in text]


SIGHTS = {
    "grid_worker": Sight.STAFF, "generalist_worker": Sight.STAFF, "committee": Sight.STAFF,
    "supervisor": Sight.STAFF, "party_secretary": Sight.STAFF, "workshop_host": Sight.STAFF,
    "town_officer": Sight.STAFF, "dispatcher": Sight.STAFF, "verifier": Sight.STAFF,
    "workshop_member": Sight.MASKED, "dept_officer": Sight.MASKED, "org_manager": Sight.MASKED,
    "enforcement_officer": Sight.MASKED, "volunteer": Sight.MASKED,
    "county_leader": Sight.MASKED, "observer": Sight.MASKED,
    "merchant": None, "funder": None, "system_admin": None, "security_admin": None,
    "audit_admin": None,
}  # fmt: skip


@pytest.mark.parametrize(("role", "expected"), SIGHTS.items())
def test_every_role_sees_what_the_table_says(
    county: people.County, role: str, expected: Sight | None
) -> None:
    life = xuyi(county)
    viewer = county.viewer(role)
    if expected is None:
        with pytest.raises(NotFound):
            seen(life, viewer)
        return
    assert seen(life, viewer)["sight"] is expected
    assert sighted.seen(viewer, life.number).sight is expected


@pytest.mark.parametrize("role", SIGHTS)
def test_nobody_in_xindu_sees_a_matter_of_xuyi(county: people.County, role: str) -> None:
    life = xuyi(county)
    with pytest.raises(NotFound):
        seen(life, county.viewer(county.foreign[role]))


def test_every_role_is_in_the_table() -> None:
    assert set(SIGHTS) == set(people.ROLE_AT)


def test_the_raiser_his_proxy_and_who_typed_it_see_it_as_theirs(county: people.County) -> None:
    Proxy.objects.create(person=county.brother, acts_for=county.ah_mei, agreed_at=people.NOW,
                         until_on=date(2027, 1, 1))  # fmt: skip
    wen = county.holders["grid_worker"]
    life = xuyi(county, by=wen.pk, raised_by=county.ah_mei.pk, consent_note="同意")
    for person in (county.ah_mei, county.brother):
        assert seen(life, county.viewer(person))["sight"] is Sight.OWN
    wen.appointments.update(to_on=date(2026, 6, 30))  # no longer staff: what he typed stays his
    assert seen(life, county.viewer(wen))["sight"] is Sight.OWN


def test_an_outsider_and_nobody_see_nothing(county: people.County, life: Life) -> None:
    for viewer in (county.viewer(county.he), NOBODY):
        with pytest.raises(NotFound):
            seen(life, viewer)
        with pytest.raises(NotFound):
            sighted.seen(viewer, life.number)


def test_a_sibling_village_sees_nothing(county: people.County, life: Life) -> None:
    sibling = county.place("sibling_village")
    home = Household.objects.create(place=sibling, door="1")
    cousin = Person.objects.create(name="表姐", household=home)
    with pytest.raises(NotFound):
        seen(life, county.viewer(cousin))


@pytest.mark.parametrize(
    "who", ["neighbour", "follower", "observer", "county_leader", "workshop_member", "volunteer"]
)
def test_nothing_that_names_the_raiser_reaches_who_needs_no_names(
    county: people.County, life: Life, who: str
) -> None:
    if who == "follower":
        actions.join(matter_id=life.id, by=county.neighbour.pk, at=life.at)
    person = county.neighbour if who in ("neighbour", "follower") else county.holders[who]
    viewer = county.viewer(person)
    shown = seen(life, viewer)
    assert leaks(shown) == []
    assert (shown["lon"], shown["attachments"], shown["raised_by_id"]) == (None, [], None)
    assert not any(event["private"] for event in shown["events"])
    assert not any(event["by_id"] for event in shown["events"])
    lists = [
        queries.list_(viewer, queries.Filters(), life.at),
        queries.mine(viewer, life.at),
        queries.inbox(viewer, life.at),
        queries.similar("路灯不亮晚上看不见路", county.place("building").pk, viewer, life.at),
    ]
    assert leaks(lists) == []


def test_the_board_names_nobody(county: people.County, life: Life) -> None:
    life.to("end")
    for viewer in (NOBODY, county.viewer(county.neighbour)):
        rows = board.board(viewer, life.at)["rows"]
        assert [row["subject_id"] for row in rows] == [life.id]
        assert leaks(board.item(viewer, rows[0]["id"], life.at)) == []


def test_joining_does_not_open_who_raised_it(county: people.County, life: Life) -> None:
    viewer = county.viewer(county.neighbour)
    before = seen(life, viewer)["sight"]
    actions.join(matter_id=life.id, by=county.neighbour.pk, at=life.at)
    after = seen(life, viewer)
    assert (before, after["sight"]) == (Sight.NEIGHBOUR, Sight.FOLLOWER)
    assert after["raiser"] == "一位居民"


def test_who_cannot_see_it_cannot_join_it(county: people.County) -> None:
    secret = xuyi(county, sensitive=True)
    for life, who in ((xuyi(county), county.he), (secret, county.neighbour),
                      (secret, county.holders["committee"])):  # fmt: skip
        with pytest.raises(NotFound):
            actions.join(matter_id=life.id, by=who.pk, at=life.at)


def test_the_raiser_sees_who_holds_it_but_no_names_of_others(
    county: people.County, life: Life
) -> None:
    shown = seen(life, county.viewer(county.ah_mei))
    assert shown["raiser"] == NAME
    assert PHONE in shown["body"]
    assert not any("内部" in event["note"] for event in shown["events"])
    assert "陈" not in {event["by"] for event in shown["events"]}


def test_handlers_see_all_and_what_is_said_among_them(county: people.County, life: Life) -> None:
    shown = seen(life, county.viewer("committee"))
    assert set(leaks(shown)) == set(CANARIES)
    assert any(event["private"] for event in shown["events"])


def test_a_sensitive_matter_is_seen_by_those_who_handle_it(county: people.County) -> None:
    life = xuyi(county, sensitive=True)
    for role, expected in SIGHTS.items():
        viewer = county.viewer(role)
        if expected is Sight.STAFF:
            assert seen(life, viewer)["sight"] is Sight.STAFF
            continue
        with pytest.raises(NotFound):
            seen(life, viewer)
        assert queries.list_(viewer, queries.Filters(), life.at)["rows"] == []
    with pytest.raises(NotFound):
        seen(life, county.viewer(county.neighbour))
    near = county.place("building").pk, county.viewer(county.neighbour), life.at
    assert queries.similar("路灯不亮晚上看不见路", *near) == []


def test_a_sensitive_matter_never_reaches_the_board(county: people.County) -> None:
    life = xuyi(county, sensitive=True).to("end")
    assert board.board(county.viewer("committee"), life.at)["rows"] == []


def test_the_work_given_to_a_unit_opens_it_to_the_unit(county: people.County) -> None:
    life = xuyi(county).to("handle")
    viewer = county.viewer("dept_officer")
    assert seen(life, viewer)["sight"] is Sight.MASKED
    life.move("dispatch", county.holders["committee"],
              assignees=(actions.Assignee(None, county.water.pk),))  # fmt: skip
    assert seen(life, viewer)["sight"] is Sight.STAFF


def test_a_leader_sees_names_once_the_matter_has_come_up_to_him(county: people.County) -> None:
    life = xindu(county, category="safety.major", sensitive=True)
    assert seen(life, county.viewer(county.foreign["county_leader"]))["sight"] is Sight.STAFF


def test_a_post_that_has_ended_opens_nothing(county: people.County) -> None:
    life = xuyi(county)
    chen = county.holders["committee"]
    chen.appointments.update(to_on=date(2026, 11, 1))
    with pytest.raises(NotFound):
        seen(life, county.viewer(chen))


def test_a_picture_is_for_the_raiser_and_the_handlers(county: people.County) -> None:
    from test_intake import picture

    kept = actions.upload(by=county.ah_mei.pk, at=people.NOW, key="upload-1", data=picture(),
                          name="a.jpg")  # fmt: skip
    waiting = county.viewer(county.ah_mei)
    assert queries.picture(waiting, kept.sha256)[0] == "image/jpeg"
    with pytest.raises(NotFound):
        queries.picture(county.viewer("committee"), kept.sha256)
    xuyi(county, uploads=("upload-1",))
    for viewer in (waiting, county.viewer("committee"), county.viewer("town_officer")):
        assert queries.picture(viewer, kept.sha256, thumb=True)[1]
    others = (county.neighbour, county.he, county.holders["observer"], county.holders["volunteer"])
    for viewer in (NOBODY, *map(county.viewer, others)):
        with pytest.raises(NotFound):
            queries.picture(viewer, kept.sha256)


def test_a_detail_costs_at_most_six_statements(county: people.County, life: Life) -> None:
    from lives import statements

    life.to("end")
    for viewer in (county.viewer("committee"), county.viewer(county.ah_mei)):
        seen(life, viewer)
        assert len(statements(lambda viewer=viewer: seen(life, viewer))) <= 6  # type: ignore[misc]


def test_kin_on_the_committee_sees_but_is_not_offered_to_judge(county: people.County) -> None:
    life = xuyi(county)
    appoint(county, county.brother, "committee", "village")
    shown = seen(life, county.viewer(county.brother))
    offered = {row["verb"] for row in shown["allowed"]}
    assert "accept" not in offered
    assert "escalate" in offered


def test_staff_who_typed_it_for_somebody_still_see_what_staff_see(county: people.County) -> None:
    chen = county.holders["committee"]
    matter = actions.raise_matter(
        by=chen.pk, at=people.NOW, key=None, body="王奶奶来电：井盖松了，走过去会响。",
        place_id=county.place("building").pk, source="telephone", raised_by=county.ah_mei.pk,
        consent_note="本人来电口头同意",
    )  # fmt: skip
    shown = queries.get(county.viewer(chen), matter.number, people.NOW)
    assert shown["sight"] is Sight.STAFF
