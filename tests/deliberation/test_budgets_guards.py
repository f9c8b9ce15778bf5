"""Facts about money that no SQL may make false: each guard, violated by hand."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError

import budget_life as life
from budget_life import CLOSED, DOING, TIMES, VOTING
from gongzhi.deliberation.budgets import actions
from gongzhi.deliberation.budgets.models import Allocation, Elector, Entry, Idea, Vote
from people import NOW, County

pytestmark = pytest.mark.django_db


def refused(name: str, sql: str, *params: object) -> None:
    """The statement fails, and by that guard."""
    with (
        pytest.raises((IntegrityError, InternalError)) as error,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, params)
    cause = error.value.__cause__
    assert cause is not None
    said = f"{getattr(cause, 'diag', None) and cause.diag.constraint_name} {cause}"  # type: ignore[attr-defined]
    assert name in said


def test_the_rule_the_money_and_the_time_are_fixed_before_the_vote(county: County) -> None:
    budget, _ = life.opened(county)
    for change in (
        "rule = 'greedy'", "completion = 'none'", "amount_fen = 1", "per = 'person'",
        "vote_until = vote_until + interval '1 day'", "opened_at = opened_at + interval '1 hour'",
    ):  # fmt: skip
        refused("rule_before_vote", f"update budgets_budget set {change} where id = %s", budget)


def test_a_budget_goes_step_by_step_and_never_back(county: County) -> None:
    budget, _ = life.opened(county)
    for stage in ("costing", "doing", "done"):
        refused("stage_by_stage", "update budgets_budget set stage = %s where id = %s",
                stage, budget)  # fmt: skip
    refused("result_is_computed", "update budgets_budget set stage = 'allocated' where id = %s",
            budget)  # fmt: skip


def test_what_is_voted_on_does_not_change(county: County) -> None:
    budget, (lamps, *_) = life.opened(county)
    refused("ideas_before_vote", "update budgets_idea set title = 'x' where id = %s", lamps)
    refused("ideas_before_vote", "update budgets_idea set cost_fen = 400001, high_fen = 400001"
            " where id = %s", lamps)  # fmt: skip
    refused("result_is_computed", "update budgets_idea set funded = 1 where id = %s", lamps)
    refused("ideas_before_vote",
            'insert into budgets_idea (budget_id, number, title, text, "where", state, reason,'
            " at) values (%s, 99, 'x', '', '', 'open', '', now())", budget)  # fmt: skip


def test_a_cost_is_whole_a_refusal_has_a_reason_and_nobody_judges_his_own(county: County) -> None:
    budget = life.announced(county)
    idea = actions.submit(budget_id=budget, title="路灯", by=county.ah_mei.pk, at=NOW)
    judge = "judged_by_id = %s, judged_at = now()"
    town = county.holders["town_officer"].pk
    refused("idea_costed_whole", f"update budgets_idea set state = 'costed', reason = 'x', {judge}"
            " where id = %s", town, idea)  # fmt: skip
    refused("idea_costed_whole", "update budgets_idea set state = 'costed', reason = 'x',"
            f" cost_fen = 5, low_fen = 6, high_fen = 7, {judge} where id = %s",
            town, idea)  # fmt: skip
    refused("idea_judged_with_reason", f"update budgets_idea set state = 'refused', {judge}"
            " where id = %s", town, idea)  # fmt: skip
    refused("idea_by_another", f"update budgets_idea set state = 'refused', reason = 'x', {judge}"
            " where id = %s", county.ah_mei.pk, idea)  # fmt: skip


def test_the_roll_is_frozen_and_names_each_voice_once(county: County) -> None:
    budget, _ = life.opened(county)
    home = county.ah_mei.household_id
    refused("roll_frozen", "insert into budgets_elector (budget_id, household_id) values (%s, %s)",
            budget, county.he.household_id)  # fmt: skip
    refused("roll_frozen", "delete from budgets_elector where budget_id = %s", budget)
    refused("roll_frozen", "update budgets_elector set household_id = null, person_id = %s"
            " where household_id = %s", county.he.pk, home)  # fmt: skip
    early, _ = life.costed(county)
    insert = "insert into budgets_elector (budget_id, household_id, person_id) values (%s, %s, %s)"
    Elector.objects.create(budget_id=early, household_id=home)
    refused("elector_household_once", insert, early, home, None)
    refused("elector_is_one", insert, early, home, county.ah_mei.pk)


INSERT_VOTE = """insert into budgets_vote (elector_id, budget_id, projects, by_id, at, changes)
  values (%s, %s, %s, %s, %s, 0)"""


def test_a_vote_is_in_time_of_the_voice_itself_for_projects_of_the_budget(county: County) -> None:
    budget, (lamps, *_) = life.opened(county)
    home = Elector.objects.get(household_id=county.ah_mei.household_id)
    me, right = county.ah_mei.pk, (home.pk, budget, [lamps])
    refused("vote_in_time", INSERT_VOTE, *right, me, TIMES.vote_until)
    refused("vote_of_own", INSERT_VOTE, *right, county.brother.pk, VOTING)
    refused("vote_on_projects", INSERT_VOTE, home.pk, budget, [10**12], me, VOTING)
    refused("vote_on_projects", INSERT_VOTE, home.pk, budget, [lamps, lamps], me, VOTING)
    actions.vote(budget_id=budget, projects=[lamps], by=me, at=VOTING)
    refused("elector", INSERT_VOTE, *right, me, VOTING)
    refused("vote_in_time", "delete from budgets_vote where budget_id = %s", budget)
    assert Vote.objects.count() == 1


def test_votes_do_not_change_after_the_close(county: County) -> None:
    budget, _ = life.allocated(county)
    refused("vote_in_time", "update budgets_vote set projects = '{}' where budget_id = %s", budget)


def test_an_allocation_is_of_the_announced_rule_after_the_vote_and_for_ever(county: County) -> None:
    budget, _ = life.voted(county)
    chief = county.holders["committee"].pk
    insert = """insert into budgets_allocation (budget_id, rule, completion, electors, result,
      ballots, by_id, at) values (%s, %s, 'add1+greedy', 1, '{}', '', %s, %s)"""
    refused("allocation_after_vote", insert, budget, "equal-shares", chief, VOTING)
    refused("allocation_after_vote", insert, budget, "greedy", chief, CLOSED)
    actions.allocate(budget_id=budget, by=chief, at=CLOSED)
    refused("append-only", "update budgets_allocation set result = '{}'")
    refused("append-only", "delete from budgets_allocation")
    assert Allocation.objects.count() == 1


INSERT_ENTRY = """insert into budgets_entry (project_id, seq, kind, amount_fen, balance_fen, "to",
  words, decision, receipt_id, by_id, at) values (%s, 0, %s, %s, 0, %s, '', %s, %s, %s, %s)"""


@pytest.fixture
def spend(county: County) -> Callable[..., None]:
    """Try to write a line by hand."""

    def attempt(guard: str, project: int, kind: str, fen: int, to: str = "店", decision: str = "",
                receipt: int | None = None) -> None:  # fmt: skip
        by = county.holders["committee"].pk
        refused(guard, INSERT_ENTRY, project, kind, fen, to, decision, receipt, by, DOING)

    return attempt


def test_an_account_is_never_overspent(county: County, spend: Callable[..., None]) -> None:
    _, (lamps, _) = life.doing(county)
    slip = life.receipt(county.holders["committee"].pk)
    spend("never_overspent", lamps, "pay", 400_001, receipt=slip)
    spend("never_overspent", lamps, "return", 400_001)
    spend("payment_has_receipt", lamps, "pay", 1)
    spend("payment_has_receipt", lamps, "pay", 1, to="", receipt=slip)
    spend("raise_has_decision", lamps, "raise", 1)
    spend("never_more_than_budget", lamps, "raise", 300_001, decision="会议决定")
    spend("entry_has_amount", lamps, "refund", 0)
    spend("account_begins_with_cost", lamps, "allot", 400_000)


def test_only_a_funded_project_in_its_time_has_an_account(
    county: County, spend: Callable[..., None]
) -> None:
    budget, (lamps, _, bench) = life.allocated(county)
    spend("account_of_project", lamps, "allot", 400_000)
    actions.begin(budget_id=budget, by=county.holders["committee"].pk, at=DOING)
    spend("account_of_project", bench, "allot", 600_000)


def test_lines_are_numbered_and_summed_by_the_database_and_never_changed(county: County) -> None:
    _, (lamps, _) = life.doing(county)
    entry = life.paid(county, lamps, 1)
    line = Entry.objects.get(pk=entry)
    assert (line.seq, line.balance_fen) == (2, 399_999)
    refused("append-only", "update budgets_entry set balance_fen = 1 where id = %s", entry)
    refused("append-only", "delete from budgets_entry where id = %s", entry)
    slip = line.receipt_id
    refused("receipt", INSERT_ENTRY, lamps, "pay", 1, "店", "", slip, line.by_id, DOING)


def test_receipts_are_confirmed_by_supervisors_not_by_who_paid(county: County) -> None:
    _, (lamps, _) = life.doing(county)
    entry = life.paid(county, lamps, 1)
    insert = """insert into budgets_confirmation (entry_id, by_id, "right", words, at)
      values (%s, %s, %s, %s, now())"""
    refused("confirmed_by_supervisor", insert, entry, county.ah_mei.pk, True, "")
    refused("confirmed_by_supervisor", insert, entry, county.holders["committee"].pk, True, "")
    refused("doubt_has_words", insert, entry, county.brother.pk, False, "")
    actions.confirm(entry_id=entry, right=True, by=county.brother.pk, at=DOING)
    refused("confirmation_once", insert, entry, county.brother.pk, True, "")
    refused("append-only", 'update budgets_confirmation set "right" = false')


def test_a_project_is_finished_only_when_confirmed_and_given_back(county: County) -> None:
    _, (lamps, line) = life.doing(county)
    finish = "update budgets_idea set finished_at = now() where id = %s"
    refused("finished_when_confirmed", finish, lamps)
    entry = life.paid(county, lamps, 400_000)
    actions.confirm(entry_id=entry, right=True, by=county.brother.pk, at=DOING)
    refused("finished_when_confirmed", finish, lamps)
    actions.confirm(entry_id=entry, right=True, by=county.neighbour.pk, at=DOING)
    actions.finish(project_id=lamps, by=county.holders["committee"].pk, at=DOING)
    refused("finished_once", "update budgets_idea set finished_at = null where id = %s", lamps)
    assert Idea.objects.get(pk=line).finished_at is None


def test_money_and_days_are_in_order_from_the_start(county: County) -> None:
    budget = life.announced(county)
    for name, change in (
        ("budget_has_money", "amount_fen = 0"), ("budget_in_order", "vote_until = vote_from"),
        ("budget_in_order", "ideas_until = vote_from"), ("budget_opened_whole", "opened_at = at"),
    ):  # fmt: skip
        refused(name, f"update budgets_budget set {change} where id = %s", budget)
