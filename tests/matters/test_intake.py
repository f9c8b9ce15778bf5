"""A matter comes in: by the resident, for him, or by nobody we know."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

import people
from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, NotFound
from gongzhi.matters import actions, jobs
from gongzhi.matters.models import Attachment, Event, Matter
from gongzhi.people.models import Person, Proxy
from gongzhi.places.models import Place
from lives import DAY, raised, statements, xindu

pytestmark = pytest.mark.django_db


def kept(made: actions.Raised) -> Matter:
    return Matter.objects.get(pk=made.id)


def test_a_resident_raises_a_matter_in_his_own_name(county: people.County) -> None:
    row = kept(raised(county))
    assert (row.raised_by, row.entered_by, row.consent_note) == (county.ah_mei, None, "")
    assert (row.stage, row.level, row.held_by) == ("propose", "village", county.place("village"))
    assert row.title == "村口路灯不亮，晚上走路看不见"
    assert row.anonymous
    event = Event.objects.get(matter=row)
    assert (event.seq, event.verb, event.by) == (1, "raise", county.ah_mei)


def test_numbers_count_on_and_never_repeat(county: people.County) -> None:
    first, second = raised(county), raised(county)
    assert first.number.startswith("GZ26")
    assert int(second.number[4:]) == int(first.number[4:]) + 1


def test_staff_write_down_how_the_person_agreed(county: people.County) -> None:
    wen = county.holders["grid_worker"]
    row = kept(raised(county, by=wen.pk, raised_by=county.ah_mei.pk, source="telephone",
                      consent_note="本人来电口头同意"))  # fmt: skip
    assert (row.raised_by, row.entered_by) == (county.ah_mei, wen)
    with pytest.raises(BadInput) as refused:
        raised(county, by=wen.pk, raised_by=county.ah_mei.pk, source="telephone")
    assert refused.value.field == "consent_note"


@pytest.mark.parametrize("role", ["observer", "merchant", "funder", "system_admin", "volunteer"])
def test_a_post_that_takes_in_no_reports_raises_for_nobody(
    county: people.County, role: str
) -> None:
    with pytest.raises(NotAllowed):
        raised(county, by=county.holders[role].pk, raised_by=county.ah_mei.pk, consent_note="同意")


def test_staff_of_elsewhere_a_neighbour_and_nobody_raise_for_nobody(county: people.County) -> None:
    for by in (county.foreign["grid_worker"].pk, county.neighbour.pk, None):
        with pytest.raises(NotAllowed):
            raised(county, by=by, raised_by=county.ah_mei.pk, consent_note="同意")


def proxy(county: people.County, **more: Any) -> None:
    wanted: dict[str, Any] = {
        "person": county.brother, "acts_for": county.ah_mei, "agreed_at": people.NOW - DAY,
        "until_on": date(2027, 1, 1),
    }  # fmt: skip
    Proxy.objects.create(**(wanted | more))


def test_family_with_a_proxy_needs_no_note(county: people.County) -> None:
    proxy(county)
    row = kept(raised(county, by=county.brother.pk, raised_by=county.ah_mei.pk))
    assert (row.raised_by, row.entered_by) == (county.ah_mei, county.brother)


@pytest.mark.parametrize(
    "what", [{"agreed_at": None}, {"withdrawn_at": people.NOW}, {"until_on": date(2026, 11, 22)}]
)
def test_a_proxy_not_agreed_withdrawn_or_run_out_is_none(
    county: people.County, what: dict[str, Any]
) -> None:
    proxy(county, **what)
    with pytest.raises(NotAllowed):
        raised(county, by=county.brother.pk, raised_by=county.ah_mei.pk)


def test_somebody_unknown_may_raise_a_matter_too(county: people.County) -> None:
    row = kept(raised(county, by=None))
    assert (row.raised_by, row.entered_by) == (None, None)


@pytest.mark.parametrize("kind", ["town", "county", "prefecture", "province"])
def test_a_place_too_big_is_refused(county: people.County, kind: str) -> None:
    with pytest.raises(BadInput) as refused:
        raised(county, place_id=county.place(kind).pk)
    assert refused.value.field == "place"


def test_a_place_unknown_or_gone_is_refused(county: people.County) -> None:
    with pytest.raises(NotFound):
        raised(county, place_id=10**9)
    gone = county.place("sibling_grid")
    Place.objects.filter(pk=gone.pk).update(valid_to=date(2026, 1, 1))
    with pytest.raises(NotFound):
        raised(county, place_id=gone.pk)


def test_the_same_key_raises_one_matter(county: people.County) -> None:
    first = raised(county, key="form-1")
    again = raised(county, key="form-1")
    assert (again.id, again.number, again.repeated) == (first.id, first.number, True)
    assert Matter.objects.count() == Event.objects.count() == 1


@pytest.mark.parametrize(
    "other", [{"body": "另外一件事情"}, {"urgent": True}, {"where": "村口"}, {"sensitive": True}]
)
def test_the_same_key_for_something_else_is_refused(
    county: people.County, other: dict[str, Any]
) -> None:
    raised(county, key="form-1")
    with pytest.raises(KeyReused):
        raised(county, key="form-1", **other)


def test_two_people_may_send_the_same_key(county: people.County) -> None:
    raised(county, key="form-1")
    other = raised(county, key="form-1", by=county.neighbour.pk)
    assert not other.repeated


@pytest.mark.parametrize("key", ["长" * 300, "a\0b", "🔑" * 80, "\ud800"])
def test_a_key_may_be_anything(county: people.County, key: str) -> None:
    first = raised(county, key=key)
    assert raised(county, key=key).id == first.id
    moved = [
        actions.move(matter_id=first.id, verb="accept", by=county.holders["committee"].pk,
                     at=people.NOW, key=key)
        for _ in range(2)
    ]  # fmt: skip
    assert [m.repeated for m in moved] == [False, True]


def picture(colour: str = "red") -> bytes:
    out = BytesIO()
    Image.new("RGB", (32, 24), colour).save(out, "JPEG")
    return out.getvalue()


def uploaded(by: int | None, key: str) -> str:
    return actions.upload(by=by, at=people.NOW, key=key, data=picture(), name="a.jpg").key


def test_a_stranger_uploads_nothing_and_one_flood_stops_nobody_else(
    county: people.County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gongzhi.matters.actions.uploads.MAX_WAITING", 1)
    with pytest.raises(NotAllowed):
        actions.upload(by=None, at=people.NOW, key="stranger-1", data=picture(), name="a.jpg")
    assert uploaded(county.ah_mei.pk, "photo-of-mei")
    with pytest.raises(BadInput, match="太多"):
        uploaded(county.ah_mei.pk, "photo-of-mei-2")
    assert uploaded(county.neighbour.pk, "photo-of-fang")


def test_uploads_are_filed_with_the_matter(county: people.County) -> None:
    keys = tuple(uploaded(county.ah_mei.pk, f"upload-{n}") for n in (1, 2))
    made = raised(county, uploads=keys)
    filed = Attachment.objects.filter(matter=made.id)
    assert [(one.seq, one.key) for one in filed] == [(1, None), (1, None)]


def test_somebody_elses_upload_is_refused_and_left_alone(county: people.County) -> None:
    key = uploaded(county.neighbour.pk, "upload-1")
    with pytest.raises(BadInput) as refused:
        raised(county, uploads=(key,))
    assert refused.value.field == "photos"
    assert Attachment.objects.get(key=key).matter_id is None


@pytest.mark.django_db(transaction=True)
def test_a_form_that_fails_loses_no_upload_and_works_when_sent_again(
    county: people.County,
) -> None:
    keys = (uploaded(county.ah_mei.pk, "upload-1"),)
    for wrong in ({"body": ""}, {"uploads": (*keys, "missing-one")}):
        with pytest.raises(BadInput):
            raised(county, **({"key": "form-1", "uploads": keys} | wrong))
    assert Matter.objects.count() == 0
    assert not raised(county, key="form-1", uploads=keys).repeated


def test_uploads_without_a_form_are_forgotten_after_two_days(county: people.County) -> None:
    uploaded(county.ah_mei.pk, "upload-1")
    assert jobs.tidy(at=people.NOW + timedelta(hours=47)) == 0
    assert jobs.tidy(at=people.NOW + timedelta(hours=49)) == 1


def test_more_than_six_photos_and_a_voice_note_are_too_many(county: people.County) -> None:
    keys = tuple(uploaded(county.ah_mei.pk, f"upload-{n}") for n in range(7))
    with pytest.raises(BadInput):
        raised(county, uploads=keys)
    with pytest.raises(BadInput):
        actions.move(matter_id=raised(county).id, verb="comment", by=county.ah_mei.pk,
                     at=people.NOW, uploads=keys)  # fmt: skip


@pytest.mark.parametrize("body", ["", "   \n\t", "\u200b\u202e\0", "字"])
def test_nothing_said_is_refused(county: people.County, body: str) -> None:
    with pytest.raises(BadInput) as refused:
        raised(county, body=body)
    assert refused.value.field == "body"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", "字" * 5000), ("title", "字" * 61), ("where", "字" * 201),
        ("consent_note", "字" * 201), ("category", "no.such"), ("category", "x" * 100),
        ("category", "a\0b"), ("source", "carrier pigeon"),
        ("lon", 118.5), ("lat", 91.0), ("lon", float("nan")),
    ],
)  # fmt: skip
def test_bad_input_names_its_field(county: people.County, field: str, value: Any) -> None:
    point = {"lon": 118.5, "lat": 33.0} if isinstance(value, float) and value != 118.5 else {}
    with pytest.raises(BadInput):
        raised(county, **(point | {field: value}))
    assert Matter.objects.count() == 0


def test_what_cannot_be_seen_is_taken_out_and_emoji_stay(county: people.County) -> None:
    row = kept(raised(county, body="路灯\0坏\u202e了👨‍👩‍👧，１２３号\u200b楼", where="村\0口"))
    assert row.body == "路灯坏了👨‍👩‍👧，123号楼"
    assert row.where == "村口"


def test_an_urgent_matter_has_half_an_hour(county: people.County) -> None:
    row = kept(raised(county, urgent=True))
    assert row.due_at == people.NOW + timedelta(minutes=30)
    assert kept(raised(county)).due_at == people.NOW + 3 * DAY


@pytest.mark.parametrize(
    ("category", "level", "kind"),
    [
        ("labour.wages", "street", "street"),
        ("land.homestead.illegal", "street", "street"),
        ("safety.major", "district", "district"),
        ("facilities.lighting", "grid", "community_grid"),
        ("", "grid", "community_grid"),
    ],
)
def test_a_topic_starts_on_its_rung(
    county: people.County, category: str, level: str, kind: str
) -> None:
    row = xindu(county, category=category).row
    assert (row.level, row.held_by) == (level, county.place(kind))


def test_raised_above_the_grid_it_starts_at_the_first_rung_there_is(county: people.County) -> None:
    row = xindu(county, place_id=county.place("community").pk).row
    assert (row.level, row.held_by) == ("community", county.place("community"))


def test_raising_costs_at_most_eight_statements(county: people.County) -> None:
    raised(county)  # the playbook and the calendar are known now
    uploaded(county.ah_mei.pk, "upload-1")
    assert len(statements(lambda: raised(county, key="k", uploads=("upload-1",)))) <= 8
    wen = county.holders["grid_worker"]
    on_behalf = {"by": wen.pk, "raised_by": county.ah_mei.pk, "consent_note": "同意"}
    assert len(statements(lambda: raised(county, key="k2", **on_behalf))) <= 8


def test_a_person_is_never_deleted_under_his_matter(county: people.County) -> None:
    raised(county)
    with pytest.raises(Exception, match="protected"):
        Person.objects.get(pk=county.ah_mei.pk).delete()
