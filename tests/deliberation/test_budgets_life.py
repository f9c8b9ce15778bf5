"""A community's money from the first idea to the closed account, and what is refused on the way."""

from fractions import Fraction

import pytest

import budget_life as life
from budget_life import CLOSED, DAY, DOING, TIMES, VOTING
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from gongzhi.core.models import Outbox
from gongzhi.deliberation.budgets import actions, queries
from gongzhi.deliberation.budgets.allocation import pb
from gongzhi.deliberation.budgets.allocation.completion import allocate
from gongzhi.deliberation.budgets.models import Allocation, Budget, Elector, Entry, Idea, Vote
from gongzhi.people.permissions import NOBODY
from gongzhi.publications.models import Publication
from people import NOW, County

pytestmark = pytest.mark.django_db


def test_from_idea_to_closed_account(county: County) -> None:
    """Every stage, by the people whose work it is; each tells the outbox."""
    budget, funded = life.doing(county)
    chief = county.holders["committee"].pk
    for n, project in enumerate(funded):
        cost = Idea.objects.get(pk=project).cost_fen
        assert cost is not None
        entry = life.paid(county, project, cost, key=f"receipt-{n}-0001")
        for person in (county.brother, county.neighbour):
            actions.confirm(entry_id=entry, right=True, by=person.pk, at=DOING)
        actions.finish(project_id=project, by=chief, at=DOING + DAY)
    actions.end(budget_id=budget, by=chief, at=DOING + DAY)
    assert Budget.objects.get(pk=budget).stage == "done"
    told = set(Outbox.objects.filter(kind__startswith="budget.").values_list("kind", flat=True))
    assert {"budget.announced", "budget.opened", "budget.allocated", "budget.done"} <= told


def test_only_those_who_run_the_place_announce_money_for_it(county: County) -> None:
    village = county.place("village").pk
    for role in ("grid_worker", "supervisor", "workshop_host", "dept_officer"):
        with pytest.raises(NotAllowed):
            actions.propose(place_id=village, plan=life.plan(), at=NOW,
                            by=county.holders[role].pk)  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.propose(place_id=village, plan=life.plan(), by=county.foreign["committee"].pk,
                        at=NOW)  # fmt: skip


def test_the_same_form_sent_twice_is_one_budget_and_one_idea(county: County) -> None:
    chief = county.holders["committee"].pk
    village = county.place("village").pk
    first, again = (
        actions.propose(place_id=village, plan=life.plan(), by=chief, at=NOW, key="same-key")
        for _ in range(2)
    )
    assert first == again
    ideas = {
        actions.submit(budget_id=first, title="路灯", by=county.ah_mei.pk, at=NOW, key="idea-1")
        for _ in range(2)
    }
    assert len(ideas) == 1
    with pytest.raises(Refused, match="刷新"):
        actions.submit(budget_id=first, title="路灯", by=county.brother.pk, at=NOW, key="idea-1")


def test_an_outsider_sees_nothing_and_submits_nothing(county: County) -> None:
    budget = life.announced(county)
    with pytest.raises(NotFound):
        actions.submit(budget_id=budget, title="别处的点子", by=county.he.pk, at=NOW)
    with pytest.raises(NotFound):
        queries.budget(county.viewer(county.he), budget, NOW)
    assert queries.budgets(NOBODY)["rows"] == []
    assert [row["id"] for row in queries.budgets(county.viewer(county.ah_mei))["rows"]] == [budget]


def test_ideas_end_when_they_were_said_to_end(county: County) -> None:
    budget = life.announced(county)
    with pytest.raises(Refused, match="还没有到"):
        actions.close_ideas(budget_id=budget, by=county.holders["committee"].pk, at=NOW + DAY)
    with pytest.raises(Refused, match="已经过了"):
        actions.submit(budget_id=budget, title="太晚了", by=county.ah_mei.pk, at=TIMES.ideas_until)


def test_one_person_has_ten_ideas_at_most_and_may_take_one_back(county: County) -> None:
    budget = life.announced(county)
    made = [
        actions.submit(budget_id=budget, title=f"点子{n}", by=county.ah_mei.pk, at=NOW)
        for n in range(10)
    ]
    with pytest.raises(Refused, match="最多"):
        actions.submit(budget_id=budget, title="再一个", by=county.ah_mei.pk, at=NOW)
    with pytest.raises(NotAllowed):
        actions.withdraw(idea_id=made[0], by=county.brother.pk, at=NOW)
    actions.withdraw(idea_id=made[0], by=county.ah_mei.pk, at=NOW)
    actions.submit(budget_id=budget, title="再一个", by=county.ah_mei.pk, at=NOW)


def test_a_refused_idea_has_a_reason_on_the_board_and_an_amount_has_its_reckoning(
    county: County,
) -> None:
    budget = life.announced(county)
    idea = actions.submit(budget_id=budget, title="建停车场", by=county.ah_mei.pk, at=NOW)
    town = county.holders["town_officer"].pk
    with pytest.raises(BadInput, match="写明"):
        actions.refuse(idea_id=idea, reason="", by=town, at=NOW)
    with pytest.raises(BadInput, match="比资金总额还多"):
        actions.cost(idea_id=idea, cost_fen=2_000_000, note="按面积估算的", by=town, at=NOW)
    with pytest.raises(NotAllowed):
        actions.cost(idea_id=idea, cost_fen=1000, note="按面积估算的", by=county.brother.pk, at=NOW)
    actions.refuse(idea_id=idea, reason="占用了消防通道，不能建。", by=town, at=NOW)
    hung = Publication.objects.get(subject="budget_idea", subject_id=idea)
    assert "消防通道" in str(hung.body)
    assert Idea.objects.get(pk=idea).state == "refused"


def test_nobody_votes_before_every_idea_has_a_cost_or_a_reason(county: County) -> None:
    budget = life.announced(county)
    chief = county.holders["committee"].pk
    actions.submit(budget_id=budget, title="路灯", by=county.ah_mei.pk, at=NOW)
    actions.close_ideas(budget_id=budget, by=chief, at=TIMES.ideas_until)
    with pytest.raises(Refused, match="1个点子没有核算"):
        actions.open_vote(budget_id=budget, by=chief, at=TIMES.vote_from)


def test_a_household_has_one_voice_whoever_of_it_speaks_last(county: County) -> None:
    budget, (lamps, line, _) = life.opened(county)
    actions.vote(budget_id=budget, projects=[lamps], by=county.brother.pk, at=VOTING)
    actions.vote(budget_id=budget, projects=[lamps, line], by=county.neighbour.pk, at=VOTING)
    kept = Vote.objects.get(budget=budget)
    assert (kept.projects, kept.changes) == ([lamps, line], 1)
    seen = queries.budget(county.viewer(county.brother), budget, VOTING)
    assert (seen["own"], seen["voted_by"]) == ([lamps, line], "阿芳")


def test_a_vote_by_person_counts_each_adult(county: County) -> None:
    budget, (lamps, *_) = life.opened(county, per="person")
    for person in (county.brother, county.neighbour):
        actions.vote(budget_id=budget, projects=[lamps], by=person.pk, at=VOTING)
    assert Vote.objects.count() == 2
    assert not Elector.objects.filter(household__isnull=False).exists()


def test_a_child_is_no_voice_and_does_not_speak_for_the_household(county: County) -> None:
    county.neighbour.born_on = NOW.date().replace(year=2015)
    county.neighbour.save()
    budget, (lamps, *_) = life.opened(county)
    with pytest.raises(NotAllowed):
        actions.vote(budget_id=budget, projects=[lamps], by=county.neighbour.pk, at=VOTING)


def test_a_vote_sent_twice_is_one_vote_unchanged(county: County) -> None:
    budget, (lamps, *_) = life.opened(county)
    for _ in range(3):
        actions.vote(budget_id=budget, projects=[lamps], by=county.ah_mei.pk, at=VOTING)
    assert Vote.objects.get().changes == 0


def test_votes_count_only_in_their_time_and_for_projects_of_the_budget(county: County) -> None:
    budget, (lamps, *_) = life.opened(county)
    for at in (TIMES.vote_from - DAY, TIMES.vote_until):
        with pytest.raises(Refused, match="不是投票时间"):
            actions.vote(budget_id=budget, projects=[lamps], by=county.ah_mei.pk, at=at)
    with pytest.raises(BadInput, match="重新选"):
        actions.vote(budget_id=budget, projects=[lamps, 10**12], by=county.ah_mei.pk, at=VOTING)
    with pytest.raises(NotAllowed, match="名单"):
        actions.vote(budget_id=budget, projects=[lamps], by=county.he.pk, at=VOTING)


def test_nothing_of_the_votes_is_seen_before_the_close(county: County) -> None:
    """Not by the committee, not in the export, not as a count."""
    budget, _ = life.voted(county)
    chief = county.viewer("committee", VOTING)
    seen = queries.budget(chief, budget, VOTING)
    assert seen["result"] is None
    assert seen["own"] is None
    exported = pb.read(queries.exported(chief, budget, VOTING))
    assert exported.voters == 0
    with pytest.raises(Refused, match="还没有结束"):
        actions.allocate(budget_id=budget, by=county.holders["committee"].pk, at=VOTING)


def test_the_result_says_who_supported_and_what_each_paid(county: County) -> None:
    """Eight households own 1,250 yuan each; six buy the lamps, and the rest follows the rule."""
    budget, (lamps, line, bench) = life.allocated(county)
    kept = Allocation.objects.get(budget=budget)
    first = kept.result["projects"][0]
    assert (first["name"], first["supporters"], first["cost_fen"]) == ("村口装三盏路灯", 6, 400_000)
    assert first["paid"]["each_fen"] == str(Fraction(400_000, 6))
    assert first["paid"]["each_fen_at_most"] == 66_667
    funded = Idea.objects.filter(budget=budget, funded__isnull=False).order_by("funded")
    assert [i.pk for i in funded] == [lamps, line]  # greedy would have taken the benches
    assert Idea.objects.get(pk=bench).funded is None
    hung = Publication.objects.get(subject="budget", subject_id=budget)
    assert "6户支持，从每户的份额里最多出666.67元" in str(hung.body)


def test_anyone_can_divide_the_exported_ballots_again_and_finds_the_same(county: County) -> None:
    budget, _ = life.allocated(county)
    exported = queries.exported(county.viewer(county.ah_mei), budget, CLOSED)
    election = pb.read(exported)
    outcome = allocate(election, "equal-shares", "add1+greedy")
    winners = [election.projects[place].id for place in outcome.winners]
    assert winners == Allocation.objects.get().result["winners"]
    for person in life.Person.objects.filter(name__startswith="住户"):
        assert person.name not in exported


def test_greedy_is_followed_when_greedy_was_announced(county: County) -> None:
    budget, (lamps, _, bench) = life.allocated(county, rule="greedy", completion="none")
    funded = Idea.objects.filter(budget=budget, funded__isnull=False).order_by("funded")
    assert [i.pk for i in funded] == [lamps, bench]


def test_two_clerks_at_once_and_the_second_is_told(county: County) -> None:
    budget, _ = life.allocated(county)
    with pytest.raises(Refused, match="不在这一步"):
        actions.allocate(budget_id=budget, by=county.holders["committee"].pk, at=CLOSED)


def test_nobody_voted_nothing_is_funded_and_that_is_said(county: County) -> None:
    budget, _ = life.opened(county)
    assert actions.allocate(budget_id=budget, by=county.holders["committee"].pk, at=CLOSED) == 0
    assert "没有项目选中" in str(Publication.objects.get(subject="budget").body)


def test_an_account_is_never_overspent_without_a_decision(county: County) -> None:
    _, (lamps, _) = life.doing(county)
    chief = county.holders["committee"].pk
    assert queries.balance(lamps) == 400_000
    with pytest.raises(BadInput, match="余额不够"):
        life.paid(county, lamps, 400_001)
    life.paid(county, lamps, 300_000, key="receipt-0002")
    with pytest.raises(BadInput, match="哪次会议"):
        actions.enter(project_id=lamps, kind="raise", amount_fen=100, by=chief, at=DOING)
    with pytest.raises(Stale, match="超过资金总额"):
        actions.enter(project_id=lamps, kind="raise", amount_fen=1_000_000, by=chief, at=DOING,
                      decision="12月20日村民代表会议决定")  # fmt: skip


def test_a_raise_within_the_budget_names_its_decision(county: County) -> None:
    _, (lamps, line) = life.doing(county, amount_fen=1_100_000)
    chief = county.holders["committee"].pk
    actions.enter(project_id=lamps, kind="raise", amount_fen=50_000, by=chief, at=DOING,
                  decision="12月20日村民代表会议决定")  # fmt: skip
    assert queries.balance(lamps) == 450_000
    assert "村民代表会议" in str(Publication.objects.get(
        subject="budget_account", subject_id=lamps, replaced_at=None).body)  # fmt: skip
    assert queries.balance(line) == 300_000


def test_a_payment_has_a_receipt_used_once(county: County) -> None:
    _, (lamps, bench) = life.doing(county)
    chief = county.holders["committee"].pk
    with pytest.raises(BadInput, match="单据"):
        actions.enter(project_id=lamps, kind="pay", amount_fen=100, by=chief, at=DOING, to="店")
    entry = life.paid(county, lamps, 100)
    assert life.paid(county, lamps, 100) == entry
    used = Entry.objects.get(pk=entry).receipt_id
    with pytest.raises(BadInput, match="别的账"):
        actions.enter(project_id=bench, kind="pay", amount_fen=100, by=chief, at=DOING, to="店",
                      receipt_id=used)  # fmt: skip


def test_the_running_balance_is_what_its_lines_add_up_to(county: County) -> None:
    _, (lamps, _) = life.doing(county)
    chief = county.holders["committee"].pk
    for n, fen in enumerate((12_345, 100, 99_999)):
        life.paid(county, lamps, fen, key=f"receipt-9{n}00")
    actions.enter(project_id=lamps, kind="refund", amount_fen=45, by=chief, at=DOING, to="店")
    total = 0
    for entry in Entry.objects.filter(project=lamps).order_by("seq"):
        total += -entry.amount_fen if entry.kind in {"pay", "return"} else entry.amount_fen
        assert entry.balance_fen == total


def test_supervisors_are_residents_who_do_not_run_the_money(county: County) -> None:
    _, (lamps, _) = life.doing(county)
    chief = county.holders["committee"].pk
    with pytest.raises(BadInput, match="居民"):
        actions.appoint_supervisor(project_id=lamps, person_id=county.he.pk, by=chief, at=DOING)
    entry = life.paid(county, lamps, 100)
    with pytest.raises(NotAllowed):
        actions.confirm(entry_id=entry, right=True, by=county.ah_mei.pk, at=DOING)
    with pytest.raises(BadInput, match="哪里不对"):
        actions.confirm(entry_id=entry, right=False, by=county.brother.pk, at=DOING)
    actions.confirm(entry_id=entry, right=False, words="发票的日期不对",
                    by=county.brother.pk, at=DOING)  # fmt: skip
    kept = queries.account(lamps, county.viewer(county.brother))
    assert kept["entries"][-1]["doubts"] == "发票的日期不对"
    assert kept["supervises"]


def test_a_project_is_finished_when_two_confirmed_and_the_rest_is_given_back(
    county: County,
) -> None:
    _, (lamps, _) = life.doing(county)
    chief = county.holders["committee"].pk
    entry = life.paid(county, lamps, 390_000)
    actions.confirm(entry_id=entry, right=True, by=county.brother.pk, at=DOING)
    with pytest.raises(Refused, match="两位"):
        actions.finish(project_id=lamps, by=chief, at=DOING)
    actions.confirm(entry_id=entry, right=True, by=county.neighbour.pk, at=DOING)
    with pytest.raises(Refused, match="结余"):
        actions.finish(project_id=lamps, by=chief, at=DOING)
    actions.enter(project_id=lamps, kind="return", amount_fen=10_000, by=chief, at=DOING)
    actions.finish(project_id=lamps, by=chief, at=DOING)
    with pytest.raises(Refused, match="结清"):
        life.paid(county, lamps, 1, key="receipt-0009")


def test_projects_of_a_file_become_ideas_with_costs(county: County) -> None:
    budget = life.announced(county)
    text = (
        "META\nkey;value\nvote_type;approval\nbudget;1\nPROJECTS\nproject_id;cost;name\n"
        "a;1200.50;路灯\nb;99999999;大桥\nVOTES\nvoter_id;vote\n1;a\n"
    )
    town = county.holders["town_officer"].pk
    assert actions.take_in(budget_id=budget, election=pb.read(text), by=town, at=NOW) == 2
    rows = queries.ideas(budget, sort="old")["rows"]
    assert [(r["title"], r["state"], r["cost_fen"]) for r in rows] == [
        ("路灯", "costed", 120_050), ("大桥", "open", None),
    ]  # fmt: skip
    assert not Vote.objects.exists()


def test_ideas_are_found_sorted_and_paged(county: County) -> None:
    budget, _ = life.costed(county)
    assert [r["cost_fen"] for r in queries.ideas(budget, sort="cheap")["rows"]] == [
        300_000, 400_000, 600_000,
    ]  # fmt: skip
    assert [r["title"] for r in queries.ideas(budget, words="路灯")["rows"]] == ["村口装三盏路灯"]
    assert queries.ideas(budget, words="%")["rows"] == []
    paged = queries.ideas(budget, page=2, size=2)
    assert (len(paged["rows"]), paged["more"]) == (1, False)


def test_reading_and_voting_take_few_statements(
    county: County, django_assert_max_num_queries: object
) -> None:
    budget, (lamps, *_) = life.voted(county)
    viewer = county.viewer(county.ah_mei)
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        actions.vote(budget_id=budget, projects=[lamps], by=county.ah_mei.pk, at=VOTING)
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        queries.budgets(viewer)
        queries.budget(viewer, budget, VOTING)
        queries.ideas(budget)
