"""The board: fifteen days at least, versions, objections, and who reads what."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

import people
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from gongzhi.core.models import Outbox
from gongzhi.people.models import Person
from gongzhi.people.permissions import NOBODY
from gongzhi.publications import actions, queries, rules
from gongzhi.publications.models import Objection, Publication
from lives import DAY, appoint

pytestmark = pytest.mark.django_db


def publish(county: people.County, **more: Any) -> int | None:
    wanted: dict[str, Any] = {
        "place_id": county.place("village").pk, "subject": "matter", "subject_id": 7,
        "title": "村口路灯", "body": {"body": "换六盏灯"}, "audience": "community", "days": 15,
        "by": county.holders["committee"].pk, "at": people.NOW,
    }  # fmt: skip
    return actions.publish(**(wanted | more))


def made(county: people.County, **more: Any) -> int:
    item = publish(county, **more)
    assert item is not None
    return item


def test_it_hangs_at_least_fifteen_days(county: people.County) -> None:
    item = Publication.objects.get(pk=made(county))
    assert item.until_at == people.NOW + 15 * DAY
    with pytest.raises(BadInput):
        publish(county, subject_id=8, days=14)
    item.pk, item.subject_id, item.until_at = None, 9, people.NOW + 14 * DAY
    with pytest.raises(IntegrityError, match="at_least_15_days"), transaction.atomic():
        item.save()


@pytest.mark.parametrize("change", [
    "update publications_publication set body = '{}' where id = %s",
    "update publications_publication set title = '别的', digest = 'x' where id = %s",
    "update publications_publication set until_at = until_at + interval '1 day' where id = %s",
    "update publications_publication set audience = 'public' where id = %s",
    "update publications_publication set replaced_at = null where replaced_at is not null",
    "delete from publications_publication where id = %s",
])  # fmt: skip
def test_what_hung_on_the_board_stands(county: people.County, change: str) -> None:
    made(county)
    again = made(county, body={"body": "换八盏灯"}, at=people.NOW + DAY)
    given = (again,) if "%s" in change else ()
    with (
        pytest.raises(IntegrityError, match="hung on the board stands"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change, given)


def test_a_changed_text_is_a_new_version_with_days_of_its_own(county: people.County) -> None:
    first = made(county)
    later = people.NOW + 10 * DAY
    second = made(county, body={"body": "换八盏灯"}, at=later)
    old, new = Publication.objects.get(pk=first), Publication.objects.get(pk=second)
    assert (old.replaced_at, new.replaced_at, new.version) == (later, None, 2)
    assert new.until_at == later + 15 * DAY
    shown = queries.item(county.viewer(county.ah_mei), second, later)
    assert [v["version"] for v in shown["versions"]] == [2, 1]


def test_the_same_text_is_no_new_version(county: people.County) -> None:
    first = made(county)
    assert publish(county, at=people.NOW + DAY) is None
    assert Publication.objects.get().pk == first
    assert Outbox.objects.filter(kind="publication.published").count() == 1


def test_a_text_that_returns_is_a_third_version(county: people.County) -> None:
    made(county)
    made(county, title="别的")
    assert Publication.objects.get(pk=made(county)).version == 3


def test_numbers_doors_and_names_are_covered(county: people.County) -> None:
    item = Publication.objects.get(pk=made(
        county, title="王翠花家的事",
        body={"steps": [{"note": "电话 139-1234-5678，6222021234567890123，3单元502室，王翠花"}]},
        names=("王翠花", None, "王"),
    ))  # fmt: skip
    assert item.title == "某某家的事"
    text = str(item.body)
    assert not any(secret in text for secret in ("12345678", "1234-5678", "502", "翠花", "0212345"))


READERS = [
    ("public", "village", {"ah_mei", "sibling", "he", "nobody"}),
    ("community", "village", {"ah_mei", "sibling_grid"}),
    ("grid", "grid", {"ah_mei"}),
    ("town", "town", {"ah_mei", "sibling", "sibling_grid"}),
]


@pytest.mark.parametrize(("audience", "kind", "readers"), READERS)
def test_who_reads_it(county: people.County, audience: str, kind: str, readers: set[str]) -> None:
    item = made(county, audience=audience, place_id=county.place(kind).pk)
    cousin = Person.objects.create(name="表姐")
    cousin.memberships.create(kind="villager", place=county.place("sibling_village"),
                              from_on=people.START)  # fmt: skip
    across = Person.objects.create(name="对门")
    across.memberships.create(kind="villager", place=county.place("sibling_grid"),
                              from_on=people.START)  # fmt: skip
    viewers = {
        "ah_mei": county.viewer(county.ah_mei), "he": county.viewer(county.he),
        "sibling": county.viewer(cousin), "sibling_grid": county.viewer(across), "nobody": NOBODY,
    }  # fmt: skip
    if audience == "public":
        readers = set(viewers)
    for name, viewer in viewers.items():
        rows = queries.board(viewer, people.NOW)["rows"]
        assert bool(rows) == (name in readers), name
        if name in readers:
            assert queries.item(viewer, item, people.NOW)["current"]
            assert queries.of_subject(viewer, "matter", 7)
        else:
            with pytest.raises(NotFound):
                queries.item(viewer, item, people.NOW)
            assert queries.of_subject(viewer, "matter", 7) is None


def test_after_its_days_it_is_among_the_old_ones(county: people.County) -> None:
    made(county)
    viewer, late = county.viewer(county.ah_mei), people.NOW + 16 * DAY
    assert queries.board(viewer, late)["rows"] == []
    assert len(queries.board(viewer, late, current=False)["rows"]) == 1


@pytest.mark.parametrize("words", ["路灯", "%", "_", "\\", "没有", "\0"])
def test_words_are_looked_for_as_they_are(county: people.County, words: str) -> None:
    made(county)
    found = queries.board(county.viewer(county.ah_mei), people.NOW, words=words)["rows"]
    assert bool(found) == (words == "路灯")


def test_the_board_comes_in_pages(county: people.County) -> None:
    for subject in range(5):
        made(county, subject_id=subject)
    viewer = county.viewer(county.ah_mei)
    pages = [queries.board(viewer, people.NOW, page=n, size=2) for n in (1, 2, 3)]
    assert [len(p["rows"]) for p in pages] == [2, 2, 1]
    assert [p["more"] for p in pages] == [True, True, False]
    assert len({row["id"] for p in pages for row in p["rows"]}) == 5
    assert queries.board(viewer, people.NOW, page=10**9)["rows"] == []


# Objections


def objected(county: people.County, who: Person, item: int, **more: Any) -> int:
    wanted: dict[str, Any] = {
        "publication_id": item, "viewer": county.viewer(who), "at": people.NOW + DAY,
        "words": "钱数不对，请再算。",
    }  # fmt: skip
    return actions.object_to(**(wanted | more))


def answered(
    county: people.County, who: Person, objection: int, words: str = "已核对无误。"
) -> None:
    actions.answer_objection(objection_id=objection, viewer=county.viewer(who),
                             at=people.NOW + 2 * DAY, answer=words, upheld=False)  # fmt: skip


def test_an_objection_is_answered_in_writing_on_the_same_page(county: people.County) -> None:
    item = made(county)
    objection = objected(county, county.ah_mei, item)
    waiting = queries.waiting_objections(county.viewer("committee"))
    assert [row["id"] for row in waiting] == [objection]
    answered(county, county.holders["committee"], objection)
    (shown,) = queries.item(county.viewer(county.neighbour), item, people.NOW)["objections"]
    assert (shown["text"], shown["answer"], shown["upheld"]) == (
        "钱数不对，请再算。", "已核对无误。", False
    )  # fmt: skip
    assert queries.waiting_objections(county.viewer("committee")) == []
    kinds = Outbox.objects.filter(kind__startswith="publication.").values_list("kind", flat=True)
    assert sorted(kinds) == [
        "publication.answered", "publication.objected", "publication.published"
    ]  # fmt: skip


def test_an_objection_stays_on_the_page_when_a_new_version_comes(county: people.County) -> None:
    objected(county, county.ah_mei, made(county))
    new = made(county, body={"body": "改了"}, at=people.NOW + 3 * DAY)
    assert len(queries.item(county.viewer(county.ah_mei), new, people.NOW)["objections"]) == 1


def test_it_is_answered_once(county: people.County) -> None:
    objection = objected(county, county.ah_mei, made(county))
    answered(county, county.holders["committee"], objection)
    with pytest.raises(Stale):
        answered(county, county.holders["supervisor"], objection)


@pytest.mark.parametrize("change", [
    "update publications_objection set text = '没有异议'",
    "update publications_objection set by_id = by_id + 1",
    "update publications_objection set upheld = not upheld",
    "delete from publications_objection",
])  # fmt: skip
def test_an_objection_and_its_answer_stand(county: people.County, change: str) -> None:
    answered(county, county.holders["committee"], objected(county, county.ah_mei, made(county)))
    with (
        pytest.raises(IntegrityError, match="objection stands"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_nobody_answers_his_own_objection(county: people.County) -> None:
    item = made(county)
    appoint(county, county.neighbour, "committee", "village")
    objection = objected(county, county.neighbour, item)
    with pytest.raises(NotAllowed):
        answered(county, county.neighbour, objection)
    with pytest.raises(IntegrityError, match="objection_by_another"), transaction.atomic():
        Objection.objects.filter(pk=objection).update(
            answered_by=county.neighbour, answered_at=people.NOW, upheld=True
        )


@pytest.mark.parametrize("who", ["grid_worker", "observer", "dispatcher"])
def test_only_who_publishes_there_answers(county: people.County, who: str) -> None:
    objection = objected(county, county.ah_mei, made(county))
    with pytest.raises(NotAllowed):
        answered(county, county.holders[who], objection)
    with pytest.raises(NotAllowed):
        answered(county, county.foreign["committee"], objection)


def test_who_may_not_read_it_may_not_object(county: people.County) -> None:
    item = made(county)
    with pytest.raises(NotFound):
        objected(county, county.he, item)
    with pytest.raises(NotAllowed):
        objected(county, county.he, item, viewer=NOBODY)


@pytest.mark.parametrize("words", ["", "不行", "\u200b" * 9, "字" * 1001])
def test_an_objection_says_something(county: people.County, words: str) -> None:
    item = made(county)
    with pytest.raises(BadInput):
        objected(county, county.ah_mei, item, words=words)
    objection = objected(county, county.ah_mei, item)
    with pytest.raises(BadInput):
        answered(county, county.holders["committee"], objection, words)


def test_too_late_or_to_an_old_version_is_refused(county: people.County) -> None:
    old = made(county)
    with pytest.raises(Refused):
        objected(county, county.ah_mei, old, at=people.NOW + 16 * DAY)
    made(county, title="新的")
    with pytest.raises(Refused):
        objected(county, county.ah_mei, old)


@pytest.mark.parametrize(
    "part",
    [{"answered_at": people.NOW}, {"upheld": True}, {"answered_by_id": 1}],
)
def test_an_answer_is_whole_or_none(county: people.County, part: dict[str, Any]) -> None:
    objection = objected(county, county.ah_mei, made(county))
    if "answered_by_id" in part:
        part = {"answered_by_id": county.holders["committee"].pk}
    with pytest.raises(IntegrityError, match="objection_answered_whole"), transaction.atomic():
        Objection.objects.filter(pk=objection).update(**part)


def test_one_version_is_current_and_no_version_comes_twice(county: people.County) -> None:
    made(county)
    copy = Publication.objects.get()
    for change in ({"version": 2}, {"replaced_at": people.NOW}):
        copy.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            Publication(**(fields(copy) | {"version": 1, "replaced_at": None} | change)).save()


def fields(item: Publication) -> dict[str, Any]:
    return {f.attname: getattr(item, f.attname) for f in item._meta.fields if f.name != "id"}


def test_the_end_is_counted_from_the_beginning() -> None:
    assert rules.until(people.NOW, 30) - people.NOW == timedelta(days=30)
