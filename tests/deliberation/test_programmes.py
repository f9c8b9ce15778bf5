"""Case 2: a community walks four phases, each passed by its representatives, none by the town."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

import people
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, Refused, Stale
from gongzhi.deliberation.ballots import actions as ballots
from gongzhi.deliberation.ballots.rules import receipt_code
from gongzhi.deliberation.bodies.models import Body, Seat
from gongzhi.deliberation.programmes import actions, definition, measures, queries
from gongzhi.deliberation.programmes.definition import PARAMETERS, parse, shipped
from gongzhi.deliberation.programmes.models import DefinitionText, Evidence, Programme, Review, Step
from gongzhi.matters.models import Matter
from gongzhi.people.models import Organisation, Person
from gongzhi.publications.actions import publish
from lives import statements, xuyi

pytestmark = pytest.mark.django_db
NOW, DAY = people.NOW, timedelta(days=1)
GOOD = {"members": 30, "present": 20, "votes_for": 11, "against": 5, "abstain": 4}


@pytest.fixture
def programme(county: people.County) -> int:
    return actions.adopt(
        place_id=county.place("village").pk, key="luoshe", viewer=county.viewer("committee"), at=NOW
    )


def show(county: people.County, programme: int, *criteria: str, at: datetime = NOW) -> None:
    """Evidence by the committee, checked by the supervision committee."""
    for key in criteria:
        made = actions.show_evidence(
            programme_id=programme, criterion=key, words=f"{key}：会议记录在村部", photo=None,
            viewer=county.viewer("committee"), at=at,
        )  # fmt: skip
        actions.check_evidence(
            evidence_id=made, accepted=True, reason="", viewer=county.viewer("supervisor"), at=at
        )


def orderly(county: people.County, programme: int) -> None:
    """All three criteria of the first phase from records and evidence."""
    show(county, programme, "compact")
    for month in (5, 8):
        publish(
            place_id=county.place("village").pk, subject="matter", subject_id=900 + month,
            title="季度公开", body={}, audience="community", days=15, by=None,
            at=datetime(2026, month, 5, tzinfo=SHANGHAI),
        )  # fmt: skip
    for level, kind in (("building", "building"), ("grid", "grid"), ("village", "village")):
        body = Body.objects.create(
            place=county.place(kind), kind="forum", name=f"{level}议事会", level=level,
            from_on=people.START,
        )  # fmt: skip
        for name in ("甲", "乙", "丙"):
            Seat.objects.create(
                body=body, person=Person.objects.create(name=name), seat_class="member",
                from_on=people.START,
            )  # fmt: skip


def held(on: date | None = None, **more: int) -> actions.Held:
    return actions.Held(on or (NOW + 5 * DAY).date(), **(GOOD | more))


def passed(county: people.County, programme: int, at: datetime, **more: int) -> str:
    """Asked, held, written down."""
    review = actions.request_review(
        programme_id=programme, viewer=county.viewer("committee"), at=at
    )
    return actions.record_review(
        review_id=review, viewer=county.viewer("supervisor"), at=at + DAY,
        held=held((at + DAY).date(), **more), minutes="第三次村民代表会议，记录在村部",
    )  # fmt: skip


def test_a_community_moves_through_four_phases_with_dates(
    county: people.County, programme: int
) -> None:
    orderly(county, programme)
    assert passed(county, programme, NOW + 5 * DAY) == "pass"
    for n in range(3):
        Organisation.objects.create(name=f"互助{n}组", kind="resident_group",
                                    place=county.place("village"))  # fmt: skip
    life = xuyi(county, category="care", at=NOW + 6 * DAY)
    life.to("handling")
    assert passed(county, programme, NOW + 20 * DAY) == "pass"
    show(county, programme, "learning", at=NOW + 21 * DAY)
    assert passed(county, programme, NOW + 30 * DAY) == "pass"
    show(county, programme, "fund", "income", at=NOW + 31 * DAY)
    assert passed(county, programme, NOW + 40 * DAY) == "pass"
    found = queries.of_place(county.place("village").pk, NOW + 50 * DAY)
    assert found is not None
    assert found["finished"]
    spans = [(p["from_on"], p["to_on"]) for p in found["phases"]]
    assert spans == [
        (date(2026, 11, 23), date(2026, 11, 29)), (date(2026, 11, 29), date(2026, 12, 14)),
        (date(2026, 12, 14), date(2026, 12, 24)), (date(2026, 12, 24), date(2027, 1, 3)),
    ]  # fmt: skip
    assert [f["have"] for f in found["phases"][0]["criteria"] if f["measure"]] == [3, 2]


def test_a_phase_with_something_missing_is_not_put_to_the_meeting(
    county: people.County, programme: int
) -> None:
    with pytest.raises(Refused, match="还有没做到的"):
        actions.request_review(programme_id=programme, viewer=county.viewer("committee"), at=NOW)
    orderly(county, programme)
    one = actions.request_review(programme_id=programme, viewer=county.viewer("committee"), at=NOW)
    assert one == actions.request_review(
        programme_id=programme, viewer=county.viewer("committee"), at=NOW
    )


@pytest.mark.parametrize(
    ("more", "verdict"),
    [({}, "pass"), ({"present": 19, "votes_for": 19, "against": 0, "abstain": 0}, "no_decision"),
     ({"votes_for": 10}, "fail")],
)  # fmt: skip
def test_the_meeting_decides_by_its_rule(
    county: people.County, programme: int, more: dict[str, int], verdict: str
) -> None:
    orderly(county, programme)
    assert passed(county, programme, NOW + DAY, **more) == verdict
    assert Step.objects.count() == (2 if verdict == "pass" else 1)


def test_the_town_does_not_pass_a_phase(county: people.County, programme: int) -> None:
    orderly(county, programme)
    review = actions.request_review(
        programme_id=programme, viewer=county.viewer("committee"), at=NOW
    )
    with pytest.raises(NotAllowed, match="不能单方面"):
        actions.record_review(
            review_id=review, viewer=county.viewer("town_officer"), at=NOW + 6 * DAY, held=held(),
            minutes="镇里定的",
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="review_not_by_the_town"), transaction.atomic():
        Review.objects.filter(pk=review).update(
            verdict="pass", held_on=NOW.date(), recorded_by=county.holders["town_officer"],
            recorded_role="town_officer", recorded_at=NOW, minutes="镇里定的",
            **GOOD,
        )  # fmt: skip
    with pytest.raises(BadInput, match="哪次会议"):
        actions.record_review(
            review_id=review, viewer=county.viewer("supervisor"), at=NOW + 6 * DAY, held=held()
        )


def test_a_pass_without_the_majority_is_refused_by_the_database(
    county: people.County, programme: int
) -> None:
    orderly(county, programme)
    review = actions.request_review(
        programme_id=programme, viewer=county.viewer("committee"), at=NOW
    )
    for wrong in ({"votes_for": 10}, {"present": 19}):
        with pytest.raises(IntegrityError, match="majority"), transaction.atomic():
            Review.objects.filter(pk=review).update(
                verdict="pass", held_on=NOW.date(), recorded_by=county.holders["supervisor"],
                recorded_role="supervisor", recorded_at=NOW, minutes="会",
                **(GOOD | {"against": 0, "abstain": 0} | wrong),
            )  # fmt: skip


def test_a_review_is_written_down_once(county: people.County, programme: int) -> None:
    orderly(county, programme)
    passed(county, programme, NOW + DAY)
    review = Review.objects.get()
    with pytest.raises(Stale):
        actions.record_review(
            review_id=review.pk, viewer=county.viewer("supervisor"), at=NOW + 9 * DAY,
            held=held(), minutes="再记一次",
        )  # fmt: skip
    with pytest.raises(DatabaseError, match="not written over"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(verdict="fail")


def test_phases_follow_one_another_and_stay(county: people.County, programme: int) -> None:
    by = county.holders["committee"]
    row: dict[str, Any] = {"programme_id": programme, "by": by, "at": NOW}
    later = (NOW + 9 * DAY).date()
    for wrong, match in (
        ({"seq": 2, "phase": "friendly", "on": later}, "passed by the review"),
        ({"seq": 2, "phase": "virtuous", "on": later}, "follow one another"),
        ({"seq": 2, "phase": "friendly", "on": NOW.date()}, "follow one another"),
        ({"seq": 3, "phase": "friendly", "on": later}, "follow one another"),
    ):
        with pytest.raises(IntegrityError, match=match), transaction.atomic():
            Step.objects.create(**row, **wrong)
    for sql in ("update programmes_step set \"on\" = '2020-01-01'", "delete from programmes_step",
                "delete from programmes_definitiontext"):  # fmt: skip
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(sql)
    with pytest.raises(IntegrityError, match="one_programme"), transaction.atomic():
        Programme.objects.create(
            place=county.place("village"), definition=DefinitionText.objects.get(), by=by, at=NOW
        )


def test_evidence_is_checked_by_another(county: people.County, programme: int) -> None:
    made = actions.show_evidence(
        programme_id=programme, criterion="compact", words="公约贴在村部", photo=None,
        viewer=county.viewer("committee"), at=NOW,
    )  # fmt: skip
    check: dict[str, Any] = {"evidence_id": made, "at": NOW}
    with pytest.raises(Refused, match="另一个人"):
        actions.check_evidence(accepted=True, reason="", viewer=county.viewer("committee"), **check)
    with pytest.raises(BadInput, match="为什么不算"):
        actions.check_evidence(
            accepted=False, reason="", viewer=county.viewer("supervisor"), **check
        )
    actions.check_evidence(accepted=True, reason="", viewer=county.viewer("supervisor"), **check)
    with pytest.raises(Stale):
        actions.check_evidence(
            accepted=False, reason="不清楚", viewer=county.viewer("party_secretary"), **check
        )
    with pytest.raises(IntegrityError, match="checked_by_another"), transaction.atomic():
        Evidence.objects.filter(pk=made).update(checked_by=county.holders["committee"])
    with pytest.raises(BadInput, match="自动算"):
        actions.show_evidence(
            programme_id=programme, criterion="disclosure", words="我们都公开了", photo=None,
            viewer=county.viewer("committee"), at=NOW,
        )  # fmt: skip


def figure(county: people.County, key: str, at: datetime = NOW) -> tuple[int, int, bool]:
    plan = parse(shipped()["luoshe"])
    wanted = next(c for p in plan.phase for c in p.criterion if c.key == key)
    found = measures.measure(wanted, county.place("village").path, at)
    return found.have, found.of, found.met


def test_help_is_matched_within_48_hours(county: people.County) -> None:
    assert figure(county, "help") == (0, 0, False)  # nobody asked: nothing was shown
    xuyi(county, category="care").to("handling")
    waiting = xuyi(county, category="care")
    assert figure(county, "help", NOW + timedelta(hours=9)) == (1, 1, True)
    assert figure(county, "help", NOW + 3 * DAY) == (1, 2, False)  # the other waits too long
    Matter.objects.filter(pk=waiting.id).update(category="noise")
    assert figure(county, "help", NOW + 3 * DAY) == (1, 1, True)


def test_no_dispute_is_older_than_60_days(county: people.County) -> None:
    xuyi(county, category="neighbours.clutter")
    assert figure(county, "disputes", NOW + 59 * DAY) == (0, 1, True)
    assert figure(county, "disputes", NOW + 61 * DAY) == (1, 1, False)


def test_the_neighbouring_village_is_not_counted(county: people.County) -> None:
    Organisation.objects.create(name="别村的", kind="resident_group",
                                place=county.place("sibling_village"))  # fmt: skip
    assert figure(county, "groups") == (0, 3, False)


def test_adopting_twice_is_once(county: people.County, programme: int) -> None:
    again = actions.adopt(
        place_id=county.place("village").pk, key="luoshe", viewer=county.viewer("committee"), at=NOW
    )
    assert (again, Programme.objects.count(), Step.objects.count()) == (programme, 1, 1)
    with pytest.raises(BadInput):
        actions.adopt(place_id=county.place("grid").pk, key="none",
                      viewer=county.viewer("committee"), at=NOW)  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.adopt(place_id=county.place("community").pk, key="luoshe",
                      viewer=county.viewer("committee"), at=NOW)  # fmt: skip


def test_the_page_of_a_place_takes_few_statements(county: people.County, programme: int) -> None:
    place = county.place("village").pk
    assert len(statements(lambda: queries.of_place(place, NOW))) <= 8
    assert len(statements(lambda: queries.desk([county.place("county").path]))) == 1


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda d: d["phase"][0]["criterion"][0].update(measure="old_disputes"), "not both"),
        (lambda d: d["phase"][0]["criterion"][1].update(measure="magic"), "unknown measure"),
        (lambda d: d["phase"][0]["criterion"][1].update({"with": {}}), "takes exactly"),
        (lambda d: d["phase"][0]["criterion"][2]["with"].update(quarters="two"), "must be a int"),
        (lambda d: d["phase"][1].update(key="orderly"), "named twice"),
        (lambda d: d["phase"][1].update(key="done"), "the end of every"),
        (lambda d: d.update(surprise=1), "surprise"),
        (lambda d: d["phase"][0]["criterion"][0].update(basis="rumour"), "basis"),
    ],
)
def test_a_definition_that_is_wrong_says_where(change: Any, match: str) -> None:
    source = definition.tomllib.loads((definition.FOLDER / "luoshe.toml").read_text("utf-8"))
    change(source)
    with pytest.raises(BadInput, match=match):
        parse(source)


def test_every_measure_has_its_question_and_its_parameters() -> None:
    assert set(measures.SQL) == set(PARAMETERS)
    assert parse(shipped()["luoshe"]).basis == "source"


def test_a_vote_held_here_brings_its_own_count(county: people.County, programme: int) -> None:
    orderly(county, programme)
    review = actions.request_review(
        programme_id=programme, viewer=county.viewer("committee"), at=NOW
    )
    voters = Person.objects.bulk_create(Person(name=f"代表{i}") for i in range(3))
    by = county.holders["committee"].pk
    motion = ballots.propose_motion(
        title="有序社区这一步走完了吗", text_="请各位代表评审。", by=by, at=NOW + DAY,
        place_id=county.place("village").pk, rule="villager_rep_meeting", electorate="listed",
        listed=[(v.pk, 0) for v in voters],
    )  # fmt: skip
    ballots.open_motion(motion_id=motion, by=by, at=NOW + DAY, closes_at=NOW + 2 * DAY)
    record: dict[str, Any] = {
        "review_id": review, "viewer": county.viewer("supervisor"), "motion_id": motion,
    }  # fmt: skip
    with pytest.raises(BadInput, match="还没有计票"):
        actions.record_review(at=NOW + 3 * DAY, **record)
    for voter in voters[:2]:
        ballots.vote(
            motion_id=motion, person_id=voter.pk, choice=["for"], by=voter.pk, at=NOW + DAY,
            receipt=receipt_code(),
        )  # fmt: skip
    ballots.close_motion(motion_id=motion, by=by, at=NOW + 2 * DAY)
    assert actions.record_review(at=NOW + 3 * DAY, **record) == "pass"
    row = Review.objects.get()
    assert (row.members, row.present, row.votes_for, row.motion_id) == (3, 2, 2, motion)
