"""The demonstration's deliberation: the reports compute what the source says, nothing is typed."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from gongzhi.cli.demo_data import assemblies, cast, councils, deliberation, platforms
from gongzhi.core.clock import SHANGHAI
from gongzhi.deliberation.ballots import queries as ballots
from gongzhi.deliberation.ballots.models import Motion
from gongzhi.deliberation.budgets.models import Budget, Confirmation, Entry, Idea
from gongzhi.deliberation.meetings import queries as meetings
from gongzhi.deliberation.meetings.models import AgendaItem, Attendance, Pledge, Session
from gongzhi.deliberation.programmes import queries as programmes
from gongzhi.deliberation.programmes.models import Station
from gongzhi.deliberation.proposals.models import Proposal
from gongzhi.deliberation.rounds.models import Round, Vote
from gongzhi.matters import positions
from gongzhi.matters.models import Event, Matter
from gongzhi.people.models import Account
from gongzhi.places import actions, queries
from gongzhi.places.models import Place
from gongzhi.publications.models import Publication

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
AT = datetime(2026, 11, 23, 11, 0, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The four towns, loaded once for this file and taken away after it."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        queries.forget()
        actions.load_divisions(by=None, at=AT)
        actions.load_holidays(years=range(2024, 2027), by=None, at=AT)
        deliberation.write(AT, lambda *_: None)
        yield
        transaction.set_rollback(True)
    queries.forget()


def _path(code: str) -> str:
    return str(Place.objects.values_list("path", flat=True).get(code=code, valid_to=None))


def test_the_sentence_of_case_13_is_computed(told: None) -> None:
    """11 sessions, 121 = 86 + 35, 90 % rectified as 109 of 121, at least 100 each."""
    said = meetings.record(_path(assemblies.AIYUAN), AT, blueprint="small_stool")
    assert (said["sessions"], said["issues"]) == (11, 121)
    assert (said["assigned"], said["joint"]) == (86, 35)
    assert said["done"] == 109
    assert round(Fraction(109, 121) * 100) == 90
    assert said["least"] >= 100
    listed = meetings.rectification(path=_path(assemblies.AIYUAN), at=AT, size=200)
    assert Counter(row["done"] for row in listed["rows"]) == {True: 109, False: 12}
    assert listed["late"] == 0


def test_each_assembly_says_who_came_as_what(told: None) -> None:
    for session in Session.objects.filter(body__blueprint="small_stool"):
        came = meetings.minutes(session.pk)["body"]["attendance"]
        assert came["present"] == came["members"] > 0
        assert {one["came_as"] for one in came["classes"]} >= {"town_leader", "party", ""}
        assert sum(one["heads"] for one in came["classes"]) == came["heads"]


def test_held_of_due_is_shown_as_it_is(told: None) -> None:
    """Each village each quarter: 21 × 8 = 168 in two years, 11 held."""
    told_ = meetings.cadence(_path(assemblies.AIYUAN), AT.date())
    assert len(told_["rows"]) == 21
    assert (told_["due"], told_["held"]) == (168, 11)
    later = meetings.cadence(_path(assemblies.AIYUAN), (AT + timedelta(days=60)).date())
    assert later["due"] == 168


def test_the_sentence_stands_on_the_page_and_in_the_pdf(told: None) -> None:
    page = Client().get("/meetings/rectification", {"place": assemblies.AIYUAN})
    if page.status_code != 200:
        page = Client().get("/meetings/rectification")
    html = page.content.decode()
    for part in ("开了11次", "121件", "交办86件", "会办35件", "已整改109件", "90", "其余12件"):
        assert part in html
    assert "168" in html
    printed = Client().get("/meetings/rectification.pdf")
    assert printed.status_code == 200


def test_a_pledge_was_kept_and_one_broken(told: None) -> None:
    assert set(Pledge.objects.values_list("state", flat=True)) >= {"kept", "broken"}


def test_what_the_last_session_left_was_read_first(told: None) -> None:
    read = Event.objects.filter(verb="hear", matter__version__playbook="aiyuan")
    assert read.exists()
    assert read.first().data["attendance"]["present"] >= 100  # type: ignore[union-attr]


def test_three_councils_settled_each_its_share(told: None) -> None:
    """Case 2: twelve, five and three of twenty, by where the work was verified."""
    settled = Matter.objects.filter(version__playbook="luoshe", outcome="done")
    counted = Counter(settled.values_list("settled_level", flat=True))
    assert counted == {"lane": 12, "grid": 5, "village": 3}


def test_one_consultation_was_not_used_and_says_why(told: None) -> None:
    """Case 3: both sessions had all five classes, on site and on line; one result is not used."""
    refused = Event.objects.get(verb="refuse", matter__version__playbook="anguo")
    assert (refused.result, refused.position["stage"]) == ("refuse", "publish")
    item = Publication.objects.get(subject_id=refused.matter_id, subject="matter", replaced_at=None)
    assert refused.reason in str(item.body)
    for session in Session.objects.filter(body__place__code=councils.LIUBANG):
        ways = set(Attendance.objects.filter(session=session).values_list("how", flat=True))
        assert ways == {"desk", "online"}
        assert not meetings.standing_of(session.pk)["missing"]
    used = Matter.objects.filter(version__playbook="anguo", settled_level="village", outcome="done")
    assert used.count() == 1
    session = AgendaItem.objects.get(matter=refused.matter_id).session_id
    assert f'href="/board/{item.pk}"' in Client().get(f"/meetings/{session}").content.decode()


def test_the_cloud_round_counted_who_took_part(told: None) -> None:
    """Fourteen households voted on six statements; the matter's attendance is that count."""
    for held in Round.objects.all():
        assert held.state == "closed"
        votes = Vote.objects.filter(statement__round=held)
        assert votes.values("person").distinct().count() == 14
    heard = Event.objects.filter(verb="hear", matter__version__playbook="anguo").order_by("at")
    assert heard[0].data["attendance"]["present"] == 14


def test_a_proposal_climbed_all_four_platforms_and_each_has_its_own(told: None) -> None:
    """Case 10: one settled on each platform; one that went from the courtyard to the street."""
    done = Matter.objects.filter(version__playbook="hanshang", outcome="done")
    begun = {
        matter.pk: Event.objects.get(matter=matter, seq=1).position["level"] for matter in done
    }
    ways = {(begun[matter.pk], matter.settled_level) for matter in done}
    assert ways == {(level, level) for level in platforms.LEVELS} | {("courtyard", "street")}
    climbed = done.get(climbs=3)
    stood = {
        e.position["level"] for e in Event.objects.filter(matter=climbed, verb="hear")
    } | {"courtyard"}  # fmt: skip
    assert stood == set(platforms.LEVELS)
    assert Proposal.objects.filter(matter=climbed).exists()


def test_time_at_each_platform_is_computed(told: None) -> None:
    from gongzhi.deliberation.proposals import queries as proposals

    found = proposals.results(_path(platforms.HANSHANG), AT - timedelta(days=365), AT)
    times = {row["level"]: row["days"] for row in found["times"]}
    assert set(times) == set(platforms.LEVELS)
    assert all(days > 0 for days in times.values())


def test_where_a_matter_stands_is_what_its_last_event_says(told: None) -> None:
    for row in Matter.objects.all().values():
        last = Event.objects.filter(matter_id=row["id"]).order_by("-seq").first()
        assert last is not None
        assert positions.from_json(last.position) == positions.from_row(row)


def test_each_town_has_somebody_to_sign_in_as(told: None) -> None:
    names = set(Account.objects.values_list("username", flat=True))
    assert {"aiyuan", "luoshe", "anguo", "hanshang"} <= names
    assert cast.PASSWORD


def test_nothing_lies_in_the_future(told: None) -> None:
    assert not Event.objects.filter(at__gt=AT).exists()


def test_the_last_assembly_has_its_questionnaire_counted_in_the_minutes(told: None) -> None:
    last = Session.objects.filter(agenda__survey__isnull=False).latest("starts_at")
    part = next(p for p in meetings.minutes(last.pk)["body"]["agenda"] if p["survey"])["survey"]
    assert (part["handed"], part["returned"], part["valid"], part["void"]) == (60, 44, 44, 0)
    assert all(sum(s["k"] for s in q["shares"]) == 44 for q in part["questions"])


def test_luoshe_walks_its_second_phase_with_a_roster_this_week(told: None) -> None:
    village = Place.objects.get(code=councils.SHUANGMIAO, valid_to=None)
    found = programmes.of_place(village.pk, AT)
    assert found is not None
    assert [phase["state"] for phase in found["phases"]][:2] == ["done", "now"]
    assert found["phases"][0]["to_on"] == found["phases"][1]["from_on"]
    station = Station.objects.get(place=village)
    week = [duty.on for duty in station.duties.all()]
    assert len(week) == 14
    assert min(week) <= AT.date() <= max(week)


def test_a_budget_was_divided_by_votes_and_its_receipt_seen(told: None) -> None:
    budget = Budget.objects.get()
    funded = Idea.objects.filter(budget=budget, funded__isnull=False)
    assert 1 <= funded.count() < Idea.objects.filter(budget=budget).count()
    assert 0 < sum(idea.cost_fen or 0 for idea in funded) <= budget.amount_fen
    paid = Entry.objects.get(kind="pay")
    assert paid.receipt_id is not None
    assert Confirmation.objects.filter(entry=paid, right=True).count() == 2


def test_one_secret_vote_is_counted_with_its_board_and_one_is_open(told: None) -> None:
    closed, still = Motion.objects.filter(secret=True).order_by("opens_at")
    assert (closed.state, still.state) == ("closed", "open")
    board = ballots.board(closed.pk)
    assert (len(board["ballots"]), board["root"]) == (11, closed.root)
    assert closed.result is not None
    assert closed.result["votes"]["for"]["votes"] == 8
    assert still.result is None
    assert still.closes_at is not None
    assert still.closes_at > AT
