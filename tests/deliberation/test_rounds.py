"""On line rounds: one voice each, statements with a reason, a picture that freezes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from deliberation import round_lives as lives
from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, NotFound, Refused, Stale
from gongzhi.core.models import Outbox
from gongzhi.deliberation.rounds import actions, jobs, queries, rules
from gongzhi.deliberation.rounds.models import Changed, Picture, Round, Statement, Vote
from gongzhi.people import notes
from gongzhi.people.models import Membership
from gongzhi.publications.models import Publication
from people import NOW, County

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


def say(round_id: int, county: County, words: str = "晒谷场要铺平。", **more: Any) -> int:
    asked: dict[str, Any] = {"viewer": lives.who(county.ah_mei), "at": NOW}
    return actions.say(round_id=round_id, words=words, **(asked | more))


def vote(round_id: int, person: Any, value: int = 1, number: int = 1, **more: Any) -> None:
    statement = lives.statements(round_id)[number - 1]
    asked: dict[str, Any] = {"statement_id": statement, "viewer": person, "at": NOW}
    actions.vote(round_id=round_id, value=value, **(asked | more))


def test_a_host_opens_a_round_once_for_a_key(county: County) -> None:
    first = lives.opened(county, key="k1")
    assert lives.opened(county, key="k1") == first
    assert Round.objects.count() == 1
    assert Statement.objects.filter(round_id=first, state="in").count() == 9
    assert Outbox.objects.filter(kind="round.opened", subject_id=first).count() == 1
    with pytest.raises(KeyReused):
        lives.opened(county, key="k1", question="别的问题？")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"question": "啥"}, "question"),
        ({"question": "长" * 81}, "question"),
        ({"closes_at": NOW}, "closes_at"),
        ({"closes_at": NOW + timedelta(days=61)}, "closes_at"),
        ({"electorate": "cats"}, "electorate"),
        ({"seeds": "东边路灯要先修。\n短"}, "seeds"),
        ({"seeds": "先修路。再修灯。"}, "seeds"),
    ],
)
def test_what_cannot_be_a_round_is_said_by_field(
    county: County, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        lives.opened(county, **more)
    assert refused.value.field == field
    assert not Round.objects.exists()


def test_only_hosts_of_the_place_open_and_run_it(county: County) -> None:
    for person in (county.ah_mei, county.holders["dept_officer"]):
        with pytest.raises(NotAllowed):
            lives.opened(county, viewer=lives.who(person))
    round_id = lives.opened(county)
    stranger = lives.who(county.foreign["workshop_host"])
    with pytest.raises(NotAllowed):
        actions.close_round(round_id=round_id, viewer=stranger, at=NOW)
    with pytest.raises(NotAllowed):
        actions.seed(round_id=round_id, words="井盖要换新的。", viewer=stranger, at=NOW)


def test_one_person_has_one_voice_and_the_last_counts(county: County) -> None:
    round_id = lives.opened(county)
    ah_mei = lives.who(county.ah_mei)
    vote(round_id, ah_mei, 1)
    vote(round_id, ah_mei, 1, at=NOW + timedelta(minutes=1))  # a second press
    assert not Changed.objects.exists()
    vote(round_id, ah_mei, -1, at=NOW + timedelta(minutes=2))
    kept = Vote.objects.get()
    assert (kept.value, kept.at) == (-1, NOW + timedelta(minutes=2))
    assert list(Changed.objects.values_list("vote", "value", "at")) == [(kept.pk, 1, NOW)]


def test_a_vote_is_one_statement(county: County, django_assert_num_queries: Any) -> None:
    round_id = lives.opened(county)
    person, statement = lives.who(county.ah_mei), lives.statements(round_id)[0]
    with django_assert_num_queries(1):
        actions.vote(round_id=round_id, statement_id=statement, value=1, viewer=person, at=NOW)


def test_who_is_not_on_the_roll_has_no_voice(county: County) -> None:
    round_id = lives.opened(county)
    with pytest.raises(NotAllowed):
        vote(round_id, lives.who(county.he))
    with pytest.raises(NotAllowed):
        say(round_id, county, viewer=lives.who(county.he))
    child = lives.villagers(county, 1)[0]
    county.ah_mei.__class__.objects.filter(pk=child.person_id).update(born_on="2015-05-05")
    with pytest.raises(NotAllowed):
        vote(round_id, child)
    owners = lives.opened(county, electorate="owner", question="业主怎么看？")
    with pytest.raises(NotAllowed):
        vote(owners, lives.who(county.ah_mei))
    Membership.objects.create(
        person=county.ah_mei, place=county.place("building"), kind="owner", from_on=NOW.date()
    )
    vote(owners, lives.who(county.ah_mei))


def test_votes_are_given_while_it_runs(county: County) -> None:
    round_id = lives.opened(county, opens_at=NOW + timedelta(hours=1))
    ah_mei = lives.who(county.ah_mei)
    with pytest.raises(rules.NotOpen):
        vote(round_id, ah_mei)
    with pytest.raises(rules.NotOpen):
        say(round_id, county)
    vote(round_id, ah_mei, at=LATER)
    with pytest.raises(rules.NotOpen):
        vote(round_id, ah_mei, -1, at=lives.ENDS)
    with pytest.raises(NotFound):
        actions.vote(round_id=round_id, statement_id=999, value=1, viewer=ah_mei, at=LATER)


def test_a_statement_waits_is_let_in_or_left_out_with_a_reason(county: County) -> None:
    round_id = lives.opened(county)
    host = lives.host(county)
    first = say(round_id, county, key="a")
    assert say(round_id, county, key="a") == first
    second = say(round_id, county, "王五家的狗太吵了。")
    with pytest.raises(NotFound):
        actions.vote(round_id=round_id, statement_id=first, value=1,
                     viewer=lives.who(county.ah_mei), at=NOW)  # fmt: skip
    actions.decide(statement_id=first, let_in=True, viewer=host, at=NOW)
    for asked, field in (({"rule": "mood"}, "rule"), ({"rule": "person"}, "reason")):
        with pytest.raises(BadInput) as refused:
            actions.decide(statement_id=second, let_in=False, viewer=host, at=NOW, **asked)
        assert refused.value.field == field
    actions.decide(
        statement_id=second, let_in=False, viewer=host, at=NOW, rule="person",
        reason="请不要点邻居的名字。",
    )  # fmt: skip
    told = queries.own(round_id, county.ah_mei.pk)
    assert [(row["state"], row["reason"]) for row in told] == [
        ("in", ""), ("out", "请不要点邻居的名字。"),
    ]  # fmt: skip
    noted = [note["words"] for note in notes.of(county.ah_mei.pk)]
    assert len(noted) == 2
    assert any("请不要点邻居的名字。" in words for words in noted)
    with pytest.raises(Stale):
        actions.decide(statement_id=second, let_in=True, viewer=host, at=NOW)
    assert Outbox.objects.filter(kind="round.decided", subject_id=round_id).count() == 2


def test_nobody_judges_his_own_statement(county: County) -> None:
    round_id = lives.opened(county)
    host = lives.host(county)
    person = county.holders["workshop_host"]
    Membership.objects.create(person=person, place=county.place("village"), kind="resident")
    mine = say(round_id, county, viewer=lives.who(person))
    with pytest.raises(NotAllowed):
        actions.decide(statement_id=mine, let_in=True, viewer=host, at=NOW)


def test_a_statement_is_one_sentence_said_once(county: County) -> None:
    round_id = lives.opened(county)
    for words in ("短", "先修路。再修灯。", "修路！\n修灯", "长" * 141, "东边路灯要先修。"):
        with pytest.raises(BadInput) as refused:
            say(round_id, county, words)
        assert refused.value.field == "text"
    for n in range(rules.MOST_OWN):
        say(round_id, county, f"第{n}条路要修。")
    with pytest.raises(Refused, match="最多提"):
        say(round_id, county)


def test_everybody_is_asked_everything_once_and_new_statements_soon(county: County) -> None:
    round_id = lives.opened(county)
    first, second = lives.villagers(county, 2)
    orders = []
    for person in (first, second):
        assert person.person_id is not None
        order = []
        while (asked := queries.next_statement(round_id, person.person_id)) is not None:
            again = queries.next_statement(round_id, person.person_id)
            assert again == asked  # the same page again asks the same
            order.append(asked["number"])
            vote(round_id, person, 0, asked["number"])
        orders.append(order)
    assert [sorted(order) for order in orders] == [list(range(1, 10))] * 2
    assert orders[0] != orders[1]


def test_the_picture_follows_the_votes_and_names_nobody(county: County) -> None:
    round_id = lives.opened(county)
    people = lives.two_camps(county, round_id)
    jobs.sweep(at=LATER)
    picture = queries.picture(round_id)
    assert picture is not None
    told = picture["result"]
    assert (told["k"], told["sizes"], told["voters"]) == (2, [12, 8], 20)
    assert told["consensus"]["agree"][0]["statement"] == "9"
    assert len(told["clouds"]) == 2
    assert not {"groups", "points"} & set(told)
    before = Picture.objects.get().at
    jobs.sweep(at=LATER + timedelta(minutes=1))
    assert Picture.objects.get().at == before  # nothing new, nothing calculated
    vote(round_id, people[0], -1, 9, at=LATER)
    jobs.sweep(at=LATER + timedelta(minutes=2))
    assert Picture.objects.get().at > before
    assert Picture.objects.get().calm["wins"] == 2
    priorities = set(Statement.objects.values_list("priority", flat=True))
    assert len(priorities) > 1


def test_closing_publishes_a_picture_anybody_can_repeat(county: County) -> None:
    round_id = lives.opened(county)
    lives.two_camps(county, round_id)
    actions.close_round(round_id=round_id, viewer=lives.host(county), at=LATER)
    actions.close_round(round_id=round_id, viewer=lives.host(county), at=LATER)  # nothing more
    assert Outbox.objects.filter(kind="round.closed", subject_id=round_id).count() == 1
    board = Publication.objects.get(subject="round", subject_id=round_id)
    assert "老年食堂要先修。" in board.body["sections"][0]["lines"]
    kept = Picture.objects.get(round_id=round_id)
    assert kept.final
    assert kept.groups == []
    file = queries.matrix(round_id)
    assert sorted(row[0] for row in file["rows"]) == list(range(1, 21))
    from gongzhi.deliberation.rounds.opinion import analyse, collect

    cells = [
        (str(row[0]), name, mark)
        for row in file["rows"]
        for name, mark in zip(file["statements"], row[1:], strict=True)
        if mark is not None
    ]
    again = analyse(
        collect(*(list(part) for part in zip(*cells, strict=True))),  # type: ignore[arg-type]
        out=set(file["out"]), k=file["k"],
    )  # fmt: skip
    assert sorted(again.sizes) == sorted(kept.result["sizes"])
    assert again.group_aware.max() == pytest.approx(
        max(row["group_aware"] for row in kept.result["scores"].values()), abs=1e-6
    )


def test_the_clock_closes_a_round_whose_time_is_over(county: County) -> None:
    round_id = lives.opened(county)
    jobs.sweep(at=lives.ENDS - timedelta(seconds=1))
    assert Round.objects.get().state == "open"
    jobs.sweep(at=lives.ENDS)
    closed = Round.objects.get()
    assert (closed.state, closed.closed_by_id) == ("closed", None)
    assert queries.picture(round_id)["result"]["too_few"]  # type: ignore[index]
    with pytest.raises(rules.NotOpen):
        vote(round_id, lives.who(county.ah_mei), at=LATER)


def test_of_fewer_than_five_people_nothing_is_told_apart(county: County) -> None:
    round_id = lives.opened(county)
    lives.two_camps(county, round_id, 12, 3)
    jobs.sweep(at=LATER)
    told = queries.picture(round_id)["result"]  # type: ignore[index]
    assert told["sizes"] == [12, None]
    assert told["group_statements"]["1"] == []
    assert all(row["by_group"][1] is None for row in told["scores"].values())
    actions.close_round(round_id=round_id, viewer=None, at=LATER)
    final = queries.picture(round_id)["result"]  # type: ignore[index]
    assert final["withheld"] == 3
    assert len(queries.matrix(round_id)["rows"]) == 12
    few = lives.opened(county, question="人太少怎么办？")
    for person in lives.villagers(county, 4, start=50):
        vote(few, person)
    actions.close_round(round_id=few, viewer=None, at=LATER)
    assert queries.picture(few)["result"] == {"too_few": True, "people": 4}  # type: ignore[index]
    with pytest.raises(NotFound):
        queries.matrix(few)


def test_a_round_is_seen_by_those_it_concerns_and_afterwards_by_all(county: County) -> None:
    round_id = lives.opened(county)
    for person in (county.ah_mei, county.holders["grid_worker"], county.holders["town_officer"]):
        assert queries.head(round_id, lives.who(person), NOW)["question"]
    with pytest.raises(NotFound):
        queries.head(round_id, lives.who(county.he), NOW)
    actions.close_round(round_id=round_id, viewer=None, at=LATER)
    assert queries.head(round_id, lives.who(county.he), LATER)["state"] == "closed"


SQL_REFUSED = {
    "vote twice": (
        "insert into rounds_vote (round_id, statement_id, person_id, value, at)"
        " select round_id, statement_id, person_id, 0, at from rounds_vote",
        "one_voice_a_statement",
    ),
    "vote of two": ("update rounds_vote set value = 2", "vote_known"),
    "vote by a stranger": (
        "insert into rounds_vote (round_id, statement_id, person_id, value, at)"
        " select round_id, statement_id, %(he)s, 0, at from rounds_vote", "vote_on_roll",
    ),
    "vote too late": ("update rounds_vote set value = 0, at = %(late)s", "vote_while_open"),
    "vote moved": ("update rounds_vote set person_id = %(other)s", "vote_stays"),
    "vote taken away": ("delete from rounds_vote", "vote_kept"),
    "vote on what waits": (
        "update rounds_statement set state = 'waiting', decided_at = null, decided_by_id = null;"
        "update rounds_vote set value = 0", "vote_on_statement_in",
    ),
    "no reason": ("update rounds_statement set state = 'out'", "left_out_with_reason"),
    "undecided": ("update rounds_statement set decided_at = null", "statement_decided_whole"),
    "too long": (
        "insert into rounds_statement (round_id, number, text, state, reason, rule, at, priority)"
        " select round_id, 50, '短', 'waiting', '', '', at, 1 from rounds_statement limit 1",
        "statement_one_sentence",
    ),
    "words changed": ("update rounds_statement set text = text || '吗'", "statement_words_stay"),
    "own judge": (
        "update rounds_statement set author_id = decided_by_id", "statement_judged_by_another",
    ),
    "half closed": ("update rounds_round set state = 'closed'", "round_closed_whole"),
    "ends before it begins": (
        "update rounds_round set closes_at = opens_at", "round_ends_after_it_begins",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SQL_REFUSED)
def test_the_database_refuses(county: County, name: str) -> None:
    sql, constraint = SQL_REFUSED[name]
    vote(lives.opened(county), lives.who(county.ah_mei))
    params = {"he": county.he.pk, "other": county.neighbour.pk, "late": lives.ENDS}
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as c:
        c.execute(sql, params)
    assert refused.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "sql",
    [
        "update rounds_round set question = '别的'",
        "update rounds_picture set result = '{}'",
        "delete from rounds_picture",
        "update rounds_changed set value = 1",
        "truncate rounds_changed",
        "insert into rounds_statement (round_id, number, text, state, reason, rule, at, priority)"
        " select id, 50, '井盖要换新的', 'waiting', '', '', opens_at, 1 from rounds_round",
    ],
)
def test_what_is_closed_stays(county: County, sql: str) -> None:
    round_id = lives.opened(county)
    vote(round_id, lives.who(county.ah_mei))
    vote(round_id, lives.who(county.ah_mei), -1)
    actions.close_round(round_id=round_id, viewer=None, at=LATER)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
