"""A proposal from the small form to what was learned, with each refusal on the way."""

from datetime import date

import pytest

import people
from deliberation.proposals_cast import ALL_YES, DAY, FOR, HOUR, Street, make_street
from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, NotFound, Refused, Stale, TooMany
from gongzhi.core.models import Outbox
from gongzhi.deliberation.proposals import actions, queries
from gongzhi.deliberation.proposals.models import (
    Asked,
    Comment,
    Decision,
    Proposal,
    ProposalEvent,
    Review,
    Seconder,
    Spending,
)
from gongzhi.matters import actions as matters
from gongzhi.matters import jobs
from gongzhi.matters.models import Follower
from gongzhi.people.models import Household, Note
from gongzhi.places.actions import adopt
from gongzhi.places.models import Place
from gongzhi.playbooks.moves import Tally
from gongzhi.publications.models import Publication
from lives import statements
from people import START, County

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(county: County) -> Street:
    """Ah-Mei's town, which governs by four platforms."""
    return make_street(county)


def test_a_proposal_opens_to_seconders(street: Street) -> None:
    proposal = street.propose()
    assert proposal.phase == "seconding"
    assert proposal.number.startswith("TA26")
    assert proposal.needed == 3
    assert proposal.reach_path == street.county.place("building").path
    assert proposal.matter is None
    assert [e.kind for e in proposal.events.all()] == ["opened"]
    assert Outbox.objects.filter(kind="proposal.opened", subject_id=proposal.pk).exists()


def test_a_wider_reach_needs_five_households(street: Street) -> None:
    assert street.propose(reach="grid").needed == 5
    wide = street.propose(reach="street")
    assert wide.needed == 5
    assert wide.reach_path == street.county.place("town").path


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("title", {"title": "扶手"}), ("wrong", {"wrong": ""}), ("wrong", {"wrong": "长" * 301}),
        ("propose", {"propose": ""}), ("topic", {"topic": "money"}), ("topic", {"topic": ""}),
        ("households", {"households": None}), ("households", {"households": 0}),
        ("reach", {"reach": "world"}), ("place", {"place_id": 999_999_999}),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_by_its_field(
    street: Street, field: str, wrong: dict[str, object]
) -> None:
    with pytest.raises(BadInput) as refused:
        street.propose(**wrong)
    assert refused.value.field == field
    assert not Proposal.objects.exists()


def test_the_same_form_sent_twice_is_one_proposal(street: Street) -> None:
    send = {"by": street.county.ah_mei.pk, "at": street.at, "key": "one"}
    first = actions.propose(**send, form=street.form())  # type: ignore[arg-type]
    again = actions.propose(**send, form=street.form())  # type: ignore[arg-type]
    assert (again.id, again.repeated) == (first.id, True)
    with pytest.raises(KeyReused):
        actions.propose(**send, form=street.form(title="另一件事情"))  # type: ignore[arg-type]
    assert Proposal.objects.count() == 1


def test_a_draft_is_seen_by_its_author_alone(street: Street) -> None:
    county = street.county
    made = actions.propose(by=county.ah_mei.pk, at=street.at, key=None, draft=True,
                           form=street.form(wrong="", propose="", topic=""))  # fmt: skip
    assert queries.get(county.viewer(county.ah_mei), made.number, street.at)["state"] == "draft"
    for other in (county.neighbour, county.holders["committee"]):
        with pytest.raises(NotFound):
            queries.get(county.viewer(other), made.number, street.at)
    actions.rewrite(proposal_id=made.id, by=county.ah_mei.pk, at=street.at,
                    form=street.form(), open_=True)  # fmt: skip
    assert queries.get(county.viewer(county.neighbour), made.number, street.at)["state"] == (
        "seconding"
    )


def test_what_neighbours_have_seconded_is_not_rewritten(street: Street) -> None:
    proposal = street.propose()
    ah_mei = street.county.ah_mei.pk
    actions.rewrite(proposal_id=proposal.pk, by=ah_mei, at=street.at,
                    form=street.form(title="楼道装木扶手"), open_=False)  # fmt: skip
    street.second(proposal, 1)
    with pytest.raises(Refused, match="不能再改"):
        actions.rewrite(proposal_id=proposal.pk, by=ah_mei, at=street.at, form=street.form(),
                        open_=False)  # fmt: skip
    assert street.again(proposal).title == "楼道装木扶手"


def test_enough_households_file_it_as_a_matter_of_the_proposer(street: Street) -> None:
    proposal = street.propose()
    street.second(proposal, 2)
    assert street.again(proposal).phase == "seconding"
    street.second(proposal, 3)
    filed = street.again(proposal)
    assert (filed.phase, filed.seconded) == ("running", 3)
    matter = filed.matter
    assert matter is not None
    assert (matter.stage, matter.level) == ("ti", "courtyard")
    assert matter.raised_by_id == street.county.ah_mei.pk
    assert street.state(proposal) == "waiting"
    # Three working days from Monday 10:00.
    assert street.get(proposal)["due_at"].date() == date(2026, 11, 26)


def test_the_same_household_is_counted_once(street: Street) -> None:
    proposal, county = street.propose(), street.county
    assert actions.second(proposal_id=proposal.pk, by=county.brother.pk, at=street.at)
    assert not actions.second(proposal_id=proposal.pk, by=county.neighbour.pk, at=street.at)
    assert street.again(proposal).seconded == 1


def test_ones_own_household_and_strangers_cannot_second(street: Street) -> None:
    proposal, county = street.propose(), street.county
    with pytest.raises(NotAllowed, match="自己家"):
        actions.second(proposal_id=proposal.pk, by=county.ah_mei.pk, at=street.at)
    with pytest.raises(NotAllowed, match="涉及范围"):
        actions.second(proposal_id=proposal.pk, by=county.he.pk, at=street.at)
    assert not Seconder.objects.exists()


def test_a_household_may_stand_back_until_acceptance(street: Street) -> None:
    proposal = street.filed()
    first = street.neighbours[0].pk
    assert actions.withdraw_second(proposal_id=proposal.pk, by=first, at=street.at)
    assert not actions.withdraw_second(proposal_id=proposal.pk, by=first, at=street.at)
    assert street.again(proposal).seconded == 2
    assert actions.second(proposal_id=proposal.pk, by=first, at=street.at + HOUR)
    actions.accept(proposal_id=proposal.pk, by=street.held("committee"), at=street.at + HOUR,
                   answers=ALL_YES)  # fmt: skip
    with pytest.raises(Refused, match="不能再撤回"):
        actions.withdraw_second(proposal_id=proposal.pk, by=first, at=street.at + HOUR)


def test_staff_write_down_a_signature_on_paper_and_say_how(street: Street) -> None:
    proposal, grid_worker = street.propose(), street.held("grid_worker")
    who = street.neighbours[0].pk
    with pytest.raises(BadInput) as refused:
        actions.second(proposal_id=proposal.pk, by=grid_worker, at=street.at, for_person=who)
    assert refused.value.field == "how"
    assert actions.second(proposal_id=proposal.pk, by=grid_worker, at=street.at, for_person=who,
                          how="本人在纸上签名")  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.second(proposal_id=proposal.pk, by=street.neighbours[1].pk, at=street.at,
                       for_person=street.neighbours[2].pk, how="他说同意")  # fmt: skip


def test_after_thirty_days_seconding_is_over(street: Street) -> None:
    proposal = street.propose()
    street.at += 31 * DAY
    with pytest.raises(Refused, match="过了"):
        street.second(proposal, 1)
    assert street.state(proposal) == "shelved"


def test_a_second_takes_three_statements(street: Street) -> None:
    proposal = street.propose(reach="grid")
    sent = statements(lambda: street.second(proposal, 1))
    assert len(sent) <= 3, sent


def test_accepting_answers_every_test_and_binds_the_seconders(street: Street) -> None:
    proposal = street.filed()
    by = street.held("committee")
    with pytest.raises(BadInput, match="五问"):
        actions.accept(proposal_id=proposal.pk, by=by, at=street.at,
                       answers=ALL_YES | {"lawful": False})  # fmt: skip
    actions.accept(proposal_id=proposal.pk, by=by, at=street.at, answers=ALL_YES, key="k")
    actions.accept(proposal_id=proposal.pk, by=by, at=street.at, answers=ALL_YES, key="k")
    review = Review.objects.get(proposal=proposal)
    assert (review.accepted, review.failed) == (True, [])
    assert street.state(proposal) == "deliberating"
    assert Follower.objects.filter(matter=street.again(proposal).matter).count() == 3
    with pytest.raises(Stale):
        actions.accept(proposal_id=proposal.pk, by=by, at=street.at, answers=ALL_YES)


def test_only_the_desk_accepts(street: Street) -> None:
    proposal = street.filed()
    for who in (street.neighbours[0].pk, street.held("supervisor"), street.county.ah_mei.pk):
        with pytest.raises(NotAllowed):
            actions.accept(proposal_id=proposal.pk, by=who, at=street.at, answers=ALL_YES)
    assert not Review.objects.exists()


def test_a_refusal_is_published_with_its_reasons_and_without_the_name(street: Street) -> None:
    proposal = street.filed(wrong="阿梅家门口没有扶手，老人难走。")
    with pytest.raises(BadInput) as refused:
        actions.give_back(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                          failed=(), reasons="这是物业合同里的事")  # fmt: skip
    assert refused.value.field == "failed"
    actions.give_back(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                      failed=("in_scope",), reasons="这是物业合同里的事，请找物业。")  # fmt: skip
    assert street.state(proposal) == "returned"
    item = Publication.objects.get(subject="proposal", subject_id=proposal.pk)
    assert (item.until_at - item.from_at).days >= 15
    assert "阿梅" not in str(item.body)
    assert "物业合同" in str(item.body)
    assert Note.objects.filter(person=street.county.ah_mei).get().words.count("物业合同") == 1


def returned(street: Street) -> Proposal:
    proposal = street.filed()
    actions.give_back(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                      failed=("in_scope",), reasons="这是物业合同里的事，请找物业。")  # fmt: skip
    return street.again(proposal)


def test_the_level_above_answers_an_appeal_and_takes_the_proposal_on(street: Street) -> None:
    proposal = returned(street)
    ah_mei, officer = street.county.ah_mei.pk, street.held("town_officer")
    with pytest.raises(NotAllowed):
        actions.appeal(proposal_id=proposal.pk, by=street.neighbours[0].pk, at=street.at,
                       words="我们都要")  # fmt: skip
    actions.appeal(proposal_id=proposal.pk, by=ah_mei, at=street.at, words="合同里没有写扶手")
    with pytest.raises(NotAllowed, match="上一级"):
        actions.answer_appeal(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                              upheld=True, answer="还是我来看")  # fmt: skip
    before = proposal.matter_id
    actions.answer_appeal(proposal_id=proposal.pk, by=officer, at=street.at, upheld=True,
                          answer="合同里确实没有，应当受理。")  # fmt: skip
    again = street.again(proposal)
    assert again.matter_id != before
    assert again.matter is not None
    assert (again.matter.level, again.matter.stage) == ("street", "yi")
    assert street.state(proposal) == "deliberating"
    with pytest.raises(Stale):
        actions.answer_appeal(proposal_id=proposal.pk, by=officer, at=street.at, upheld=False,
                              answer="再想想不行")  # fmt: skip


def test_an_appeal_not_upheld_leaves_it_returned_and_comes_in_time_only(street: Street) -> None:
    proposal = returned(street)
    with pytest.raises(Refused, match="已经过了"):
        actions.appeal(proposal_id=proposal.pk, by=street.county.ah_mei.pk,
                       at=street.at + 16 * DAY, words="我不同意退回")  # fmt: skip
    actions.appeal(proposal_id=proposal.pk, by=street.county.ah_mei.pk, at=street.at,
                   words="我不同意退回")  # fmt: skip
    actions.answer_appeal(proposal_id=proposal.pk, by=street.held("town_officer"), at=street.at,
                          upheld=False, answer="物业合同第三条写了。")  # fmt: skip
    assert street.state(proposal) == "returned"
    assert street.get(proposal)["review"]["appeal"]["upheld"] is False


def test_what_the_desk_does_with_the_matter_reaches_the_proposal(street: Street) -> None:
    proposal = street.filed()
    assert proposal.matter_id is not None
    matters.move(matter_id=proposal.matter_id, verb="accept", by=street.held("committee"),
                 at=street.at)  # fmt: skip
    row = {"kind": "matter.accept", "subject_id": proposal.matter_id}
    for _ in range(2):
        actions.follow_matter(row, street.at)
    assert street.again(proposal).accepted_at == street.at
    assert Review.objects.filter(proposal=proposal).count() == 1


def test_merging_carries_each_household_over_once(street: Street) -> None:
    other = street.filed(title="扶手从一楼装到六楼")
    made = actions.propose(by=street.neighbours[5].pk, at=street.at, key=None,
                           form=street.form(title="楼梯要装扶手"))  # fmt: skip
    proposal = Proposal.objects.get(pk=made.id)
    for person in (street.neighbours[0], street.neighbours[6]):  # the first seconded both
        actions.second(proposal_id=proposal.pk, by=person.pk, at=street.at)
    carried = actions.merge(proposal_id=proposal.pk, into=other.number, at=street.at,
                            by=street.held("committee"), reason="说的是同一件事")  # fmt: skip
    assert carried == 2  # the new household and the proposer's
    assert street.again(other).seconded == 5
    assert street.state(proposal) == "merged"
    assert Note.objects.filter(person=street.neighbours[5]).exists()


def test_a_filed_proposal_is_merged_with_its_matter(street: Street) -> None:
    one, two = street.filed(), street.filed(title="再装一次扶手")
    actions.merge(proposal_id=one.pk, into=two.number, by=street.held("committee"), at=street.at,
                  reason="重复提了")  # fmt: skip
    merged = street.again(one).matter
    assert merged is not None
    assert (merged.outcome, merged.merged_into_id) == ("merged", street.again(two).matter_id)
    with pytest.raises(BadInput):
        actions.merge(proposal_id=one.pk, into=two.number, by=street.held("committee"),
                      at=street.at, reason="再并一次")  # fmt: skip


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
