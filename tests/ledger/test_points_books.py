"""The rule book: the negative list entry by entry, how long points last, the vote it follows."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.core import db
from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.deliberation.ballots import actions as ballots
from gongzhi.deliberation.ballots import rules as votes
from gongzhi.deliberation.ballots.models import Motion
from gongzhi.deliberation.bodies import actions as bodies
from gongzhi.ledger import actions as ledger
from gongzhi.ledger.points import accounts, actions, queries, rules
from gongzhi.ledger.points.models import RuleBook
from gongzhi.publications.models import Publication
from gongzhi.reactions import run, tovote
from ledger import points_life as life
from ledger.points_life import TODAY
from people import NOW, County
from voters import villagers

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ENTRIES = [(rule.code, word) for rule in rules.BARRED for word in rule.patterns]


@pytest.mark.parametrize(("code", "word"), ENTRIES, ids=lambda value: value)
def test_every_entry_of_the_negative_list_is_refused_with_its_article(code: str, word: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_lawful(f"凡{word}的，加5分")
    assert refused.value.code == "barred"
    named = {rule.code: rule for rule in rules.BARRED}
    found = named[refused.value.data["rule"]]
    assert any(word in p or p in word for p in found.patterns)
    assert found.article in refused.value.todo
    assert found.article
    assert named[code].article


@pytest.mark.django_db
def test_no_sql_brings_an_entry_of_the_negative_list_into_a_book(county: County) -> None:
    book = life.drafted(county)
    for rule in rules.BARRED:
        for word in rule.patterns:
            for column in ("title", "words"):
                with pytest.raises(IntegrityError) as error, transaction.atomic():
                    connection.cursor().execute(
                        f"update points_ruleitem set {column} = %s where book_id = %s",
                        [f"凡{word}的", book],
                    )
                cause = error.value.__cause__
                assert cause.diag.constraint_name == "item_is_lawful"  # type: ignore[union-attr]


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(1, 60))
def test_points_last_so_many_months_and_never_less(on: date, months: int) -> None:
    last = rules.last_day(on, "months", months)
    assert (last.year * 12 + last.month) - (on.year * 12 + on.month) == months
    assert last.day <= on.day
    assert last.day == on.day or (last + DAY).day == 1


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(1, 12))
def test_points_of_a_year_are_settled_on_one_day_of_the_next(on: date, month: int) -> None:
    last = rules.last_day(on, "year", month)
    assert (last.year, last.month, (last + DAY).day) == (on.year + 1, month, 1)
    assert last == rules.last_day(date(on.year, 1, 1), "year", month)


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_quarters_follow_one_another_without_a_gap(on: date) -> None:
    first = rules.quarter(on)
    assert first <= on < rules.quarter_after(first)
    assert rules.quarter(rules.quarter_after(first) - DAY) == first
    assert rules.quarters_before(on)[0] < first


@pytest.mark.django_db
def test_the_term_of_the_book_is_the_last_day_of_the_lots_and_is_told_in_time(
    county: County,
) -> None:
    book, by = life.drafted(county), county.holders["committee"].pk
    with pytest.raises(BadInput), transaction.atomic():
        actions.set_caps(book_id=book, month_cap=100, group_cap=500, notice_days=1, lasts="year",
                         months=13, by=by, at=NOW)  # fmt: skip
    actions.set_caps(book_id=book, month_cap=100, group_cap=500, notice_days=3, lasts="months",
                     months=1, by=by, at=NOW)  # fmt: skip
    life.to_force(county, book)
    life.entered(county, book)
    account = queries.own(county.viewer(county.ah_mei))[0]["account"]
    ends = date(2026, 12, 26)  # a month after 26 November, when the notice had run
    lots = accounts.ending([account])
    assert accounts.expiring(lots, NOW + 3 * DAY) == [{"expires_on": ends, "amount": 5}]
    assert accounts.expiring(lots, NOW - 40 * DAY) == []
    assert ledger.expire_day(ends, at=NOW + 33 * DAY) == 0  # the last day still counts
    assert ledger.expire_day(ends + DAY, at=NOW + 34 * DAY) == 1
    assert accounts.balance(account) == 0


@pytest.mark.django_db
def test_the_next_version_keeps_the_terms_of_the_last(county: County) -> None:
    book, by = life.drafted(county), county.holders["committee"].pk
    actions.set_caps(book_id=book, month_cap=77, group_cap=500, notice_days=9, lasts="year",
                     months=3, by=by, at=NOW)  # fmt: skip
    life.to_force(county, book)
    again = RuleBook.objects.get(pk=actions.draft(
        place_id=county.place("village").pk, title="积分办法二", by=by, at=NOW))  # fmt: skip
    assert (again.month_cap, again.notice_days, again.lasts, again.months) == (77, 9, "year", 3)
    assert "当年得的积分用到第二年3月底。" in RuleBook.objects.get(pk=book).text


def representatives(county: County, count: int = 9) -> tuple[int, list[int]]:
    """The representatives' meeting of the village, and its members."""
    by, village = county.holders["committee"].pk, county.place("village").pk
    body = bodies.found(place_id=village, by=by, at=NOW, blueprint="villager_rep_meeting")
    members = [p.pk for p in villagers(county, count)]
    for person in members:
        bodies.seat(body_id=body, person_id=person, seat_class="representative", by=by, at=NOW)
    return body, members


def put_to_vote(county: County) -> tuple[int, int, list[int]]:
    """The draft before the representatives: (book, motion, members)."""
    book, by = life.drafted(county), county.holders["committee"].pk
    actions.talked_over(book_id=book, on=TODAY, words="大家议过，改了三项。", by=by, at=NOW)
    body, members = representatives(county)
    motion = tovote.put(book_id=book, to=f"body:{body}", by=by, at=NOW, key="v")
    assert tovote.put(book_id=book, to=f"body:{body}", by=by, at=NOW, key="v") == motion
    return book, motion, members


def counted(county: County, motion: int, members: list[int], yes: int) -> None:
    """Open, vote, close, react."""
    by = county.holders["committee"].pk
    ballots.announce_motion(motion_id=motion, by=by, at=NOW)
    ballots.open_motion(motion_id=motion, by=by, at=NOW + 11 * DAY,
                        closes_at=NOW + 12 * DAY)  # fmt: skip
    for n, person in enumerate(members):
        ballots.vote(motion_id=motion, person_id=person, by=person, at=NOW + 11 * DAY + HOUR,
                     choice=("for",) if n < yes else ("against",),
                     receipt=votes.receipt_code())  # fmt: skip
    ballots.close_motion(motion_id=motion, by=by, at=NOW + 12 * DAY + HOUR)
    run(at=NOW + 12 * DAY + HOUR)


@pytest.mark.django_db
def test_a_draft_put_to_the_representatives_is_frozen_and_follows_the_count(
    county: County,
) -> None:
    book, motion, members = put_to_vote(county)
    by = county.holders["committee"].pk
    assert Motion.objects.get(pk=motion).text.startswith("双马村积分办法")
    with pytest.raises(Refused), transaction.atomic():
        actions.set_caps(book_id=book, month_cap=1, group_cap=1, notice_days=1, by=by, at=NOW)
    with pytest.raises(Refused), transaction.atomic():
        actions.adopted(book_id=book, vote=life.VOTE, by=by, at=NOW)
    counted(county, motion, members, yes=7)
    row = RuleBook.objects.get(pk=book)
    assert (row.state, row.meeting, row.motion_id) == ("voted", "representatives", motion)
    assert (row.electorate, row.present, row.votes_for) == (9, 9, 7)
    run(at=NOW + 12 * DAY + HOUR)
    at = NOW + 13 * DAY
    actions.file(book_id=book, by=county.holders["town_officer"].pk, at=at)
    actions.publish(book_id=book, from_on=at.date(), by=by, at=at)
    run(at=at)
    paper = Publication.objects.get(subject="points_book", subject_id=book)
    assert row.resolution in str(paper.body)
    assert row.resolution == Motion.objects.get(pk=motion).title


@pytest.mark.django_db
def test_a_vote_that_fails_hands_the_draft_back_to_be_changed(county: County) -> None:
    book, motion, members = put_to_vote(county)
    counted(county, motion, members, yes=4)
    row = RuleBook.objects.get(pk=book)
    assert (row.state, row.motion_id, row.lost_motion) == ("deliberated", None, motion)
    actions.set_caps(book_id=book, month_cap=90, group_cap=500, notice_days=3, at=NOW,
                     by=county.holders["committee"].pk)  # fmt: skip


@pytest.mark.django_db
def test_a_voided_vote_hands_the_draft_back(county: County) -> None:
    book, motion, _ = put_to_vote(county)
    ballots.void_motion(motion_id=motion, reason="日期写错了", at=NOW,
                        by=county.holders["committee"].pk)  # fmt: skip
    run(at=NOW)
    assert RuleBook.objects.get(pk=book).motion_id is None


@pytest.mark.django_db
def test_the_opinion_of_a_forum_adopts_no_book(county: County) -> None:
    book, by = life.drafted(county), county.holders["committee"].pk
    actions.talked_over(book_id=book, on=TODAY, words="大家议过了。", by=by, at=NOW)
    names = dict(tovote.deciding(county.place("village").pk))
    assert "villagers_assembly" in names
    with pytest.raises(BadInput), transaction.atomic():
        tovote.put(book_id=book, to="house", by=by, at=NOW)
    with pytest.raises(NotAllowed), transaction.atomic():
        tovote.put(book_id=book, to="villagers_assembly", by=county.ah_mei.pk, at=NOW)
    assert not Motion.objects.exists()


@pytest.mark.django_db
def test_no_sql_changes_what_is_voted_on(county: County) -> None:
    book, motion, _ = put_to_vote(county)
    for sql, name in (
        ("update points_ruleitem set points = 9 where book_id = %s", "items_as_voted"),
        ("delete from points_ruleitem where book_id = %s", "items_as_voted"),
        ("update points_rulebook set month_cap = 9 where id = %s", "book_as_voted"),
        ("update points_rulebook set months = 9 where id = %s", "book_as_voted"),
        ("update points_rulebook set lasts = 'year' where id = %s", "book_points_last"),
    ):
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            connection.cursor().execute(sql, [book])
        found = error.value.__cause__.diag.constraint_name  # type: ignore[union-attr]
        assert found in (name, "book_as_voted")
    other = db.rows("select count(*) from points_rulebook where motion_id = %s", (motion,))
    assert other == [(1,)]
