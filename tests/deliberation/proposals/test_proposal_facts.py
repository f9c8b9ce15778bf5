"""What the database itself refuses, whoever asks."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from django.db import Error, connection, transaction

from deliberation.proposals_cast import Street, make_street
from gongzhi.core import db
from gongzhi.deliberation.proposals import actions, queries, rules
from gongzhi.deliberation.proposals.models import Proposal
from gongzhi.deliberation.proposals.queries import lists
from lives import statements
from people import County

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(county: County) -> Street:
    """Ah-Mei's town, which governs by four platforms."""
    return make_street(county)


def refused(sql: str, *params: object, why: str) -> None:
    """The database says no, at once or at the end of the transaction, and names the rule."""
    with pytest.raises(Error, match=why):
        run_whole(sql, params)


def run_whole(sql: str, params: tuple[object, ...]) -> None:
    """The statement with everything a commit would check."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("set constraints all immediate")


@pytest.mark.parametrize(
    "table", ["proposalevent", "review", "decision", "spending", "honour"]
)  # fmt: skip
def test_what_happened_is_never_changed(street: Street, table: str) -> None:
    proposal = street.finished()
    actions.honour(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                   kind="good_idea", why="大家都说好用")  # fmt: skip
    for sql in (f"update proposals_{table} set at = now()", f"delete from proposals_{table}"):
        refused(sql, why="append-only")


def test_a_household_seconds_once_and_never_its_own(street: Street) -> None:
    proposal = street.propose()
    street.second(proposal, 1)
    insert = (
        "insert into proposals_seconder (proposal_id, household_id, person_id, at)"
        " values (%s, %s, %s, now())"
    )
    first = street.neighbours[0]
    refused(insert, proposal.pk, first.household_id, first.pk, why="household_seconds_once")
    refused(insert, proposal.pk, proposal.household_id, proposal.proposer_id, why="its own")
    # Nobody else is written over the one who stood behind it, and nobody is taken off the list.
    other = street.neighbours[1]
    over = "update proposals_seconder set household_id = %s, person_id = %s where proposal_id = %s"
    refused(over, other.household_id, other.pk, proposal.pk, why="only by withdrawing")
    refused("delete from proposals_seconder where proposal_id = %s", proposal.pk, why="withdraw")


def test_seconders_are_fixed_by_acceptance(street: Street) -> None:
    proposal = street.accepted()
    other = street.neighbours[8]
    refused(
        "insert into proposals_seconder (proposal_id, household_id, person_id, at)"
        " values (%s, %s, %s, now())", proposal.pk, other.household_id, other.pk,
        why="after acceptance",
    )  # fmt: skip
    refused("update proposals_seconder set withdrawn_at = now()", why="after acceptance")


def test_a_seconder_changes_only_by_withdrawing(street: Street) -> None:
    street.second(street.propose(), 1)
    refused("update proposals_seconder set at = at", why="only by withdrawing")


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("update proposals_proposal set phase = 'running'", "running_proposal_has_matter"),
        ("update proposals_proposal set phase = 'merged'", "merged_proposal_names_other"),
        ("update proposals_proposal set wrong = ''", "opened_proposal_is_whole"),
        ("update proposals_proposal set households = 0", "opened_proposal_is_whole"),
        ("update proposals_proposal set filed_at = now()", "filed_has_matter"),
    ],
)
def test_a_proposal_is_whole(street: Street, sql: str, why: str) -> None:
    street.propose()
    refused(sql, why=why)


def test_a_refusal_has_tests_and_reasons(street: Street) -> None:
    proposal = street.filed()
    insert = (
        "insert into proposals_review (proposal_id, matter_id, by_id, at, desk_path, accepted,"
        " failed, reasons) values (%s, %s, %s, now(), '/1/', %s, %s, %s)"
    )
    who = (proposal.pk, proposal.matter_id, street.held("committee"))
    refused(insert, *who, False, ["clear"], "", why="returned_with_reasons")
    refused(insert, *who, False, [], "没有写清", why="returned_with_reasons")
    refused(insert, *who, True, ["clear"], "没有写清", why="returned_with_reasons")


def test_nobody_answers_an_appeal_against_himself(street: Street) -> None:
    proposal = street.filed()
    actions.give_back(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                      failed=("clear",), reasons="没有写清在哪里")  # fmt: skip
    actions.appeal(proposal_id=proposal.pk, by=street.county.ah_mei.pk, at=street.at,
                   words="写得很清楚")  # fmt: skip
    refused("update proposals_appeal set answered_by_id = against_id, answered_at = now(),"
            " upheld = false, answer = '不行'", why="appeal_by_another")  # fmt: skip
    refused("update proposals_appeal set upheld = true", why="appeal_answered_whole")


def test_a_comment_is_hidden_with_a_reason_by_somebody_else_and_never_rewritten(
    street: Street,
) -> None:
    proposal, county = street.propose(), street.county
    actions.comment(proposal_id=proposal.pk, viewer=county.viewer(county.neighbour),
                    at=street.at, words="说一句")  # fmt: skip
    refused("update proposals_comment set text = '别的'", why="comment_kept|never changed")
    refused("delete from proposals_comment", why="never changed")
    refused("update proposals_comment set hidden_at = now(), hidden_by_id = %s",
            street.held("committee"), why="comment_hidden_with_reason")  # fmt: skip
    refused("update proposals_comment set hidden_at = now(), hidden_by_id = by_id,"
            " hidden_why = '不好'", why="comment_hidden_by_other")  # fmt: skip


def test_a_binding_decision_cites_its_session(street: Street) -> None:
    proposal = street.decided()
    refused(
        "insert into proposals_decision (proposal_id, matter_seq, level, place_id, method,"
        " verdict, binding, words, at) values (%s, 99, 'grid', %s, 'joint', 'pass', true, '',"
        " now())", proposal.pk, proposal.place_id, why="binding_cites_session",
    )  # fmt: skip


def test_a_running_project_keeps_two_supervisors_and_a_lead(street: Street) -> None:
    proposal = street.planned()
    refused("update proposals_project set started_at = now(), lead_id = null",
            why="started_project_has_lead")  # fmt: skip
    actions.start_project(proposal_id=proposal.pk, by=street.held("committee"), at=street.at)
    refused("delete from proposals_supervisor where person_id = %s", street.neighbours[-1].pk,
            why="two resident supervisors")  # fmt: skip


def test_a_handler_of_the_project_never_supervises_it(street: Street) -> None:
    proposal = street.planned()
    refused("update proposals_project set lead_id = %s", street.neighbours[-1].pk,
            why="supervises and does")  # fmt: skip
    refused("update proposals_task set who_id = %s", street.neighbours[-1].pk,
            why="supervises and does")  # fmt: skip
    lead = street.held("grid_worker")
    refused("update proposals_supervisor set person_id = %s where person_id = %s", lead,
            street.neighbours[-1].pk, why="supervises and does")  # fmt: skip
    assert proposal.project.supervisors.count() == 2


def test_a_levy_is_spent_as_far_as_households_agreed(street: Street) -> None:
    proposal = street.planned()
    levy, fund = (proposal.project.lines.get(source=s) for s in ("levy", "fund"))
    spend = (
        "insert into proposals_spending (line_id, what, amount_fen, spent_on, receipt, by_id)"
        " values (%s, '木料', %s, '2026-11-23', '', %s)"
    )
    by = street.held("committee")
    refused(spend, levy.pk, 100, by, why="of which")
    refused(spend, fund.pk, -100, by, why="spending_sign")
    home = street.neighbours[0]
    refused(
        "insert into proposals_levy (line_id, household_id, agreed_by_id, how, amount_fen, at)"
        " values (%s, %s, %s, '签字', 100, now())", fund.pk, home.household_id, home.pk,
        why="only a levy",
    )  # fmt: skip


def test_the_counts_on_a_proposal_are_the_rows(street: Street) -> None:
    proposal, county = street.propose(reach="grid"), street.county
    street.second(proposal, 4)
    actions.withdraw_second(proposal_id=proposal.pk, by=street.neighbours[1].pk, at=street.at)
    for _ in range(2):
        last = actions.comment(proposal_id=proposal.pk, viewer=county.viewer(county.neighbour),
                               at=street.at, words="说一句")  # fmt: skip
    actions.hide(
        proposal_id=proposal.pk,
        comment_id=last,
        by=street.held("committee"),
        at=street.at,
        why="重复的话",
    )
    again = street.again(proposal)
    assert (again.seconded, again.talked) == (3, 1)


def state_in_sql(phase: str, gate: str, step: str, outcome: str, over: bool, parked: bool) -> str:
    """What `lists.STATE` makes of these values."""
    at = "2026-11-23T10:00:00+08:00"
    closes = "2026-11-22T10:00:00+08:00" if over else "2026-11-24T10:00:00+08:00"
    rows = db.rows(
        f"select {lists.STATE} from (select %(phase)s::text as phase,"
        " %(closes)s::timestamptz as closes_at) p,"
        " (select %(outcome)s::text as outcome, %(step)s::text as step,"
        "  case when %(parked)s::bool then now() end as parked_until) m,"
        " (select %(gate)s::text as kind) k",
        {"phase": phase, "closes": closes, "outcome": outcome, "step": step, "parked": parked,
         "gate": gate, "at": at},
    )  # fmt: skip
    return str(rows[0][0])


def test_sql_and_the_rule_say_the_same_of_every_combination(db: None) -> None:
    phases = ("draft", "seconding", "running", "returned", "merged", "withdrawn")
    combined = product(phases, rules.STATE_OF_GATE, ("", "dispatching", "handling"),
                       ("", *rules.STATE_OF_OUTCOME), (False, True), (False, True))  # fmt: skip
    for phase, gate, step, outcome, over, parked in combined:
        if step and gate != "joint":
            continue
        said = rules.state(phase, gate, step, outcome, parked=parked, over=over)
        assert state_in_sql(phase, gate, step, outcome, over, parked) == said
        assert said in rules.STATES


@pytest.mark.parametrize("gate", sorted(rules.STATE_OF_GATE))
def test_the_five_words_go_one_way(gate: str) -> None:
    told = rules.five_words(rules.state("running", gate, "", "", parked=False))
    assert told == sorted(told, key=["done", "now", "next"].index)


def many(street: Street, count: int) -> None:
    """As many proposals as a street gets in years, written in bulk, most of them running."""
    one = street.accepted()
    db.run(
        "insert into proposals_proposal (number, title, wrong, propose, own_part, topic, spot,"
        " households, place_id, place_path, town_path, reach, reach_path, proposer_id,"
        " household_id, phase, needed, seconded, talked, created_at, updated_at, opened_at,"
        " closes_at, filed_at, search) select 'TA99' || lpad(n::text, 6, '0'), title || n, wrong,"
        " propose, own_part, topic, spot, households, place_id, place_path, town_path, reach,"
        " reach_path, proposer_id, household_id, 'seconding', needed, n %% 9, n %% 30,"
        " created_at, updated_at, opened_at, closes_at, null, search from proposals_proposal p,"
        " generate_series(1, %s) n where p.id = %s",
        (count, one.pk),
    )


@pytest.mark.parametrize("size", [3, 60])
def test_a_list_takes_one_statement_however_many_there_are(street: Street, size: int) -> None:
    many(street, size)
    viewer = street.county.viewer(street.neighbours[0])
    ask: Callable[[], object] = lambda: queries.list_(  # noqa: E731
        viewer, queries.Filters(q="扶手", sort="closing", path=street.county.place("village").path),
        street.at,
    )  # fmt: skip
    ask()
    assert len(statements(ask)) == 1


def test_pages_follow_one_another(street: Street) -> None:
    many(street, 45)
    viewer, at = street.county.viewer(street.neighbours[0]), street.at
    seen: list[int] = []
    for page in (1, 2, 3):
        found = queries.list_(viewer, queries.Filters(sort="seconded", page=page), at)
        seen += [row["id"] for row in found["rows"]]
        assert found["more"] is (page < 3)
    assert len(set(seen)) == len(seen) == Proposal.objects.count()


def test_filters_narrow_by_topic_state_platform_and_words(street: Street) -> None:
    waiting = street.filed(topic="environment", title="门口种一排树", reach="grid")
    street.propose(title="晒衣服的架子")
    viewer = street.county.viewer(street.neighbours[0])

    def titles(**wanted: str) -> list[str]:
        rows = queries.list_(viewer, queries.Filters(**wanted), street.at)["rows"]  # type: ignore[arg-type]
        return [row["title"] for row in rows]

    assert titles(topic="environment") == ["门口种一排树"]
    assert titles(state="waiting") == ["门口种一排树"]
    assert titles(reach="grid") == ["门口种一排树"]
    assert titles(q="衣服") == ["晒衣服的架子"]
    assert titles(q=waiting.number) == ["门口种一排树"]
    assert titles(sort="closing") == ["门口种一排树", "晒衣服的架子"]
    assert titles(state="open", topic="nothing\0") == []


def test_before_acceptance_only_the_street_reads_it(street: Street) -> None:
    proposal, county = street.propose(), street.county
    stranger = county.viewer(county.he)
    assert queries.list_(stranger, queries.Filters(), street.at)["rows"] == []
    street.second(proposal, 3)
    street.at += timedelta(hours=1)
    actions.accept(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                   answers=dict.fromkeys(rules.entries("tests"), True))  # fmt: skip
    assert len(queries.list_(stranger, queries.Filters(), street.at)["rows"]) == 1
