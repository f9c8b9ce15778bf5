"""Four platforms, the decision, the project, the score, the talk: a proposal after acceptance."""

import pytest

import people
from deliberation.proposals_cast import ALL_YES, DAY, FOR, Street, make_street
from gongzhi.core.errors import BadInput, NotAllowed, Refused, TooMany
from gongzhi.deliberation.proposals import actions, queries
from gongzhi.deliberation.proposals.models import (
    Asked,
    Comment,
    Decision,
    ProposalEvent,
    Spending,
)
from gongzhi.matters import actions as matters
from gongzhi.matters import jobs
from gongzhi.people.models import Household, Note
from gongzhi.places.actions import adopt
from gongzhi.places.models import Place
from gongzhi.playbooks.moves import Tally
from lives import statements
from people import START, County

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(county: County) -> Street:
    """Ah-Mei's town, which governs by four platforms."""
    return make_street(county)


def test_it_climbs_all_four_platforms_and_the_time_at_each_is_measured(street: Street) -> None:
    proposal = street.accepted()
    by = {"courtyard": "committee", "grid": "committee", "community": "committee"}
    for days, desk in zip((2, 3, 4), by.values(), strict=True):
        street.at += days * DAY
        actions.send_up(proposal_id=proposal.pk, by=street.held(desk), at=street.at,
                        reason="这一级没有钱")  # fmt: skip
    street.at += 5 * DAY
    shown = street.get(proposal)
    assert [span["name"] for span in shown["levels"]] == ["楼院", "网格", "社区", "街道"]
    assert [span["took"].days for span in shown["levels"]] == [2, 3, 4, 5]
    assert shown["platform"] == "街道议政会"
    actions.send_down(proposal_id=proposal.pk, by=street.held("town_officer"), at=street.at,
                      reason="钱有了，社区来办")  # fmt: skip
    assert street.get(proposal)["reach"] == "community"
    with pytest.raises(Refused, match="原因"):
        actions.send_up(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                        reason="")  # fmt: skip


def test_after_fifteen_days_the_clock_sends_it_up(street: Street) -> None:
    proposal = street.accepted()
    street.at += 16 * DAY
    jobs.sweep(at=street.at)
    assert street.get(proposal)["reach"] == "grid"


def test_a_count_is_judged_and_a_forum_binds_nobody(street: Street) -> None:
    proposal = street.decided()
    decision = Decision.objects.get(proposal=proposal)
    assert (decision.verdict, decision.binding) == ("pass", False)
    assert street.state(proposal) == "decided"


def test_a_missed_quorum_is_no_decision(street: Street) -> None:
    proposal = street.accepted()
    actions.hear(proposal_id=proposal.pk, by=street.held("committee"), at=street.at, seats=12,
                 present=9, words="商量过了")  # fmt: skip
    made = actions.decide(
        proposal_id=proposal.pk, by=street.held("committee"), at=street.at, method="consensus",
        tally=Tally(electorate=20, present=9, for_=9, against=0, abstain=0), words="人没到齐",
    )  # fmt: skip
    assert made is not None
    assert made.verdict == "no_decision"
    assert street.state(proposal) == "deciding"


def test_no_work_begins_before_two_residents_supervise_it(street: Street) -> None:
    proposal = street.decided()
    by, lead = street.held("committee"), street.held("grid_worker")
    actions.plan_project(proposal_id=proposal.pk, by=by, at=street.at,
                         plan=actions.Plan("装木扶手", lead=lead))  # fmt: skip
    actions.add_supervisor(proposal_id=proposal.pk, by=by, at=street.at,
                           person_id=street.neighbours[0].pk)  # fmt: skip
    with pytest.raises(Refused, match="监督员"):
        actions.start_project(proposal_id=proposal.pk, by=by, at=street.at)
    actions.add_supervisor(proposal_id=proposal.pk, by=street.neighbours[1].pk, at=street.at,
                           person_id=street.neighbours[1].pk)  # fmt: skip
    actions.start_project(proposal_id=proposal.pk, by=by, at=street.at)
    assert street.state(proposal) == "project"


def test_who_does_the_work_does_not_supervise_it(street: Street) -> None:
    proposal = street.decided()
    by, doer = street.held("committee"), street.neighbours[0].pk
    actions.plan_project(proposal_id=proposal.pk, by=by, at=street.at,
                         plan=actions.Plan("装木扶手", lead=doer))  # fmt: skip
    with pytest.raises(Refused, match="不能同时"):
        actions.add_supervisor(proposal_id=proposal.pk, by=by, at=street.at, person_id=doer)
    other = street.neighbours[1].pk
    actions.add_supervisor(proposal_id=proposal.pk, by=by, at=street.at, person_id=other)
    with pytest.raises(Refused, match="不能同时"):
        actions.add_task(proposal_id=proposal.pk, by=by, at=street.at, what="刷漆", who=other)


def test_of_a_levy_only_what_households_agreed_to_is_spent(street: Street) -> None:
    proposal = street.planned()
    by, line = street.held("committee"), street.again(proposal).project.lines.get(source="levy")
    spend = {"proposal_id": proposal.pk, "line_id": line.pk, "by": by, "at": street.at,
             "what": "买木料", "spent_on": street.at.date()}  # fmt: skip
    with pytest.raises(Refused, match="同意了多少"):
        actions.spend(**spend, amount_fen=5_000)  # type: ignore[arg-type]
    assert actions.agree_levy(proposal_id=proposal.pk, line_id=line.pk, at=street.at,
                              by=street.neighbours[0].pk, amount_fen=5_000)  # fmt: skip
    actions.spend(**spend, amount_fen=5_000)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="同意了多少"):
        actions.withdraw_levy(proposal_id=proposal.pk, line_id=line.pk, at=street.at,
                              by=street.neighbours[0].pk)  # fmt: skip
    wrong = Spending.objects.get(line=line)
    actions.reverse(proposal_id=proposal.pk, spending_id=wrong.pk, by=by, at=street.at,
                    why="记错了")  # fmt: skip
    assert actions.withdraw_levy(proposal_id=proposal.pk, line_id=line.pk, at=street.at,
                                 by=street.neighbours[0].pk)  # fmt: skip
    money = street.get(proposal)["project"]["money"]
    assert (money["planned"], money["spent"], money["agreed"]) == (360_000, 0, 0)


def test_work_with_open_tasks_is_not_finished(street: Street) -> None:
    proposal = street.planned()
    actions.start_project(proposal_id=proposal.pk, by=street.held("committee"), at=street.at)
    with pytest.raises(Refused, match="任务"):
        actions.finish_project(proposal_id=proposal.pk, by=street.held("grid_worker"),
                               at=street.at, note="好了")  # fmt: skip


def test_proposer_seconders_supervisors_and_households_by_lot_are_asked(street: Street) -> None:
    proposal = street.finished()
    asked = dict(Asked.objects.filter(proposal=proposal).values_list("person_id", "as_what"))
    kinds = sorted(asked.values())
    assert kinds.count("proposer") == 1
    assert kinds.count("seconder") == 3
    assert kinds.count("supervisor") == 2
    assert kinds.count("affected") == 8  # all who are left in the building: 13 homes and her own
    assert street.held("grid_worker") not in asked
    assert street.state(proposal) == "done"


def test_a_mean_is_shown_from_five_answers_on(street: Street) -> None:
    proposal = street.finished()
    assert proposal.matter_id is not None
    for number, person in enumerate([street.county.ah_mei, *street.neighbours[:4]]):
        assert street.get(proposal)["score"]["mean"] == ""
        matters.answer_call_back(matter_id=proposal.matter_id, by=person.pk,
                                 at=street.at, solved=True, score=5 if number else 4)  # fmt: skip
    shown = street.get(proposal)["score"]
    assert (shown["answered"], shown["mean"]) == (5, "4.8")
    assert all(group["mean"] == "" for group in shown["groups"])


def test_what_was_learned_and_an_honour_without_cash(street: Street) -> None:
    proposal = street.finished()
    actions.learn(proposal_id=proposal.pk, by=street.neighbours[-1].pk, at=street.at,
                  words="先量再买，省了三成料。")  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.honour(proposal_id=proposal.pk, by=street.neighbours[0].pk, at=street.at,
                       kind="good_idea", why="点子特别好")  # fmt: skip
    assert actions.honour(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                          kind="good_idea", why="花钱少，老人都说好")  # fmt: skip
    assert not actions.honour(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                              kind="good_idea", why="花钱少，老人都说好")  # fmt: skip
    shown = street.get(proposal)
    assert [one["kind"] for one in shown["honours"]] == ["good_idea"]
    assert any(line["note"] == "先量再买，省了三成料。" for line in shown["events"])


def test_neighbours_talk_and_strangers_do_not(street: Street) -> None:
    proposal, county = street.propose(), street.county
    say = {"proposal_id": proposal.pk, "at": street.at, "words": "我也赞成装"}
    made = actions.comment(viewer=county.viewer(county.neighbour), stand="for", **say)  # type: ignore[arg-type]
    assert street.again(proposal).talked == 1
    with pytest.raises(NotAllowed):
        actions.comment(viewer=county.viewer(county.he), **say)  # type: ignore[arg-type]
    rows = queries.comments(county.viewer(county.ah_mei), proposal.pk)["rows"]
    assert [(row["id"], row["stand"], row["speaker"]) for row in rows] == [(made, "for", "居民")]
    assert street.get(proposal)["stands"] == {"for": 1}


def test_a_comment_takes_four_statements_and_the_same_key_says_it_once(street: Street) -> None:
    proposal, county = street.propose(), street.county
    viewer = county.viewer(county.neighbour)
    for _ in range(2):
        sent = statements(
            lambda: actions.comment(
                proposal_id=proposal.pk, viewer=viewer, at=street.at, words="说一句", key="k"
            )
        )
    assert len(sent) <= 4, sent
    assert Comment.objects.count() == 1


def test_who_talks_too_much_waits(street: Street) -> None:
    proposal, county = street.propose(), street.county
    viewer = county.viewer(county.neighbour)
    for number in range(10):
        actions.comment(proposal_id=proposal.pk, viewer=viewer, at=street.at,
                        words=f"第{number}句话")  # fmt: skip
    with pytest.raises(TooMany):
        actions.comment(proposal_id=proposal.pk, viewer=viewer, at=street.at, words="还要说")


def test_a_hidden_comment_is_gone_and_its_author_told_why(street: Street) -> None:
    proposal, county = street.propose(), street.county
    made = actions.comment(proposal_id=proposal.pk, viewer=county.viewer(county.neighbour),
                           at=street.at, words="骂人的话")  # fmt: skip
    with pytest.raises(BadInput):
        actions.hide(
            proposal_id=proposal.pk,
            comment_id=made,
            by=street.held("committee"),
            at=street.at,
            why="",
        )
    with pytest.raises(NotAllowed):
        actions.hide(
            proposal_id=proposal.pk,
            comment_id=made,
            by=street.neighbours[0].pk,
            at=street.at,
            why="我不爱听",
        )
    actions.hide(
        proposal_id=proposal.pk,
        comment_id=made,
        by=street.held("committee"),
        at=street.at,
        why="骂人不行",
    )
    row = queries.comments(county.viewer(county.ah_mei), proposal.pk)["rows"][0]
    assert (row["text"], row["hidden_why"]) == ("", "骂人不行")
    assert street.again(proposal).talked == 0
    assert "骂人不行" in Note.objects.get(person=county.neighbour).words


def test_a_proposal_like_it_is_pointed_out(street: Street) -> None:
    street.propose()
    viewer = street.county.viewer(street.neighbours[0])
    path = street.county.place("building").path
    found = queries.alike(viewer, "三单元楼道没有扶手", path, street.at)
    assert [row["title"] for row in found] == ["楼道加装扶手"]
    assert found[0]["why"] == ["楼道没有扶手"]


def test_the_results_are_computed_from_the_records(street: Street) -> None:
    done = street.finished()
    back = street.filed(title="另外一件小事")
    actions.give_back(proposal_id=back.pk, by=street.held("committee"), at=street.at,
                      failed=("clear",), reasons="没有写清在哪里。")  # fmt: skip
    street.at += DAY
    found = queries.results(street.county.place("village").path, street.at - 60 * DAY, street.at)
    assert (found["filed"], found["accepted"]["part"], found["returned"]) == (2, 1, 1)
    assert (found["done"]["part"], found["done"]["whole"]) == (1, 1)
    assert (found["planned"], found["spent"]) == (360_000, 280_000)
    assert [row["name"] for row in found["times"]] == ["楼院"]
    assert found["in_time"]["whole"] == 2
    assert done.number != back.number


def test_events_are_in_order_and_without_a_seconders_name(street: Street) -> None:
    proposal = street.finished()
    kept = ProposalEvent.objects.filter(proposal=proposal).order_by("seq")
    assert [e.seq for e in kept] == list(range(1, len(kept) + 1))
    names = {person.name for person in street.neighbours}
    shown = str(street.get(proposal, street.neighbours[3])["events"])
    assert not any(name in shown for name in names)


def test_votes_of_the_platform_count_as_they_were_counted(street: Street) -> None:
    street.decided()
    decision = Decision.objects.get()
    event = decision.proposal.matter.events.get(seq=decision.matter_seq)  # type: ignore[union-attr]
    assert event.data["tally"]["for"] == FOR.for_


def test_hanshang_carries_a_proposal_up_its_four_platforms(street: Street) -> None:
    county = street.county
    town, building = county.place("town"), county.place("building")
    compound = Place.objects.create(
        code="320830101201001C01", name="双马花园", kind="compound", parent=county.place("grid"),
        valid_from=START,
    )  # fmt: skip
    Place.objects.filter(pk=building.pk).update(parent=compound)
    building.refresh_from_db()
    Household.objects.filter(place=building).update(grid=compound)
    adopt(place_id=town.pk, playbook=people.shipped("hanshang"), from_on=people.NOW.date(),
          by=None, at=people.NOW)  # fmt: skip
    street.at += DAY
    proposal = street.filed(place_id=compound.pk)
    assert proposal.matter is not None
    assert proposal.matter.level == "courtyard"
    actions.accept(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                   answers=ALL_YES)  # fmt: skip
    for who in ("committee", "committee", "committee"):
        street.at += 2 * DAY
        actions.send_up(proposal_id=proposal.pk, by=street.held(who), at=street.at,
                        reason="这一级没有钱")  # fmt: skip
    street.talk(proposal, by="town_officer")
    shown = street.get(proposal)
    assert [span["name"] for span in shown["levels"]] == ["楼院", "网格", "社区", "街道"]
    assert shown["platform"] == "街道议政会"
    assert shown["state"] == "decided"
