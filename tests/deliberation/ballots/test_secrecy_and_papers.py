"""Secret is secret, paper is read twice, and each person counts once by whatever way."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

import people
from gongzhi.core.errors import BadInput, NotAllowed, Refused, Stale
from gongzhi.core.models import Outbox
from gongzhi.deliberation.ballots import actions, recount, rules
from gongzhi.deliberation.ballots.models import Ballot, Elector, PaperEntry
from voters import HOUR, Poll, counted_by_script, noticed, poll, sql, villagers

pytestmark = pytest.mark.django_db


def reader(vote: Poll, role: str) -> int:
    return int(vote.county.holders[role].pk)


def read_twice(vote: Poll, papers: dict[int, list[str]]) -> None:
    for role in ("committee", "supervisor"):
        actions.enter_paper(
            motion_id=vote.id, by=reader(vote, role), at=vote.at + HOUR,
            papers={vote.voters[who].pk: choice for who, choice in papers.items()},
        )  # fmt: skip


def totals(vote: Poll, role: str, **counts: int) -> None:
    actions.enter_totals(motion_id=vote.id, totals=counts, by=reader(vote, role), at=vote.at + HOUR)


def hand_out(vote: Poll, *who: int) -> dict[str, list[int]]:
    return actions.hand_out(
        motion_id=vote.id, person_ids=[vote.voters[n].pk for n in who],
        by=reader(vote, "supervisor"), at=vote.at + HOUR,
    )  # fmt: skip


def test_a_secret_ballot_carries_no_voter_and_the_roll_no_choice(county: people.County) -> None:
    vote = poll(county, secret=True).open().votes(**{"for": 3, "against": 3})
    columns = {row[0] for row in sql(
        "select column_name from information_schema.columns where table_name = 'ballots_ballot'"
    )}  # fmt: skip
    assert columns == {"id", "motion_id", "secret", "elector_id", "choice", "weight", "receipt",
                       "paper", "version"}  # fmt: skip
    assert all(b.elector_id is None for b in vote.ballots())
    assert all(code not in json.dumps([b.receipt for b in vote.ballots()])
               for code in vote.codes.values())  # fmt: skip
    line = Elector.objects.filter(motion=vote.id, voted="phone").values().first()
    assert line is not None
    assert not {"choice", "receipt", "at", "ballot_id"} & line.keys()


def test_a_secret_ballot_with_a_voter_is_refused_by_the_database(county: people.County) -> None:
    vote = poll(county, secret=True).open()
    elector = vote.line(0).pk
    for secret, message in (("true", "carries_no_voter"), ("false", "as_secret_as_its_motion")):
        with pytest.raises(IntegrityError, match=message), transaction.atomic():
            sql(
                "insert into ballots_ballot (id, motion_id, secret, elector_id, choice, weight,"
                f" receipt, paper, version) values (gen_random_uuid(), {vote.id}, {secret},"
                f""" {elector}, '["for"]', 0, 'x', {"null" if secret == "true" else "false"}, 1)"""
            )


def test_voting_leaves_no_trace_outside_the_two_tables(county: people.County) -> None:
    vote = poll(county, secret=True).open()
    before = Outbox.objects.count(), sql("select count(*) from core_once")[0][0]
    vote.votes(**{"for": 5})
    assert before == (Outbox.objects.count(), sql("select count(*) from core_once")[0][0])


def test_after_the_count_nothing_on_disk_tells_the_order_of_voting(
    county: people.County,
) -> None:
    vote = poll(county, secret=True, count=12).open()
    for who in (7, 2, 11, 4, 0, 9, 5):
        vote.vote(who, "for" if who % 2 else "against")
    vote.close()
    on_disk = [row[0] for row in sql(
        f"select receipt from ballots_ballot where motion_id = {vote.id} order by ctid"
    )]  # fmt: skip
    assert on_disk == [ballot["receipt"] for ballot in vote.board["ballots"]]
    roll = [row[0] for row in sql(
        f"select id from ballots_elector where motion_id = {vote.id} and voted = 'phone'"
        " order by ctid"
    )]  # fmt: skip
    assert roll == sorted(roll)
    assert set(Ballot.objects.filter(motion=vote.id).values_list("version", flat=True)) == {1}


def test_only_the_receipt_finds_a_secret_ballot_again(county: people.County) -> None:
    vote = poll(county, secret=True).open()
    vote.vote(0, "for")
    with pytest.raises(Stale):
        vote.vote(0, "against")
    with pytest.raises(Refused) as other:
        vote.vote(0, "against", receipt=rules.receipt_code())
    assert other.value.code == "voted"
    vote.vote(0, "against", seen=1)
    assert [b.choice for b in vote.ballots()] == [["against"]]
    with pytest.raises(BadInput):
        vote.vote(1, receipt="short")


def test_a_receipt_used_by_somebody_else_is_refused_and_his_vote_stays_open(
    county: people.County,
) -> None:
    vote = poll(county, secret=True).open()
    vote.vote(0)
    with pytest.raises(Refused, match="回执"), transaction.atomic():
        vote.vote(1, receipt=vote.codes[0])
    vote.vote(1)
    assert len(vote.ballots()) == 2


def test_papers_read_alike_by_two_people_count(county: people.County) -> None:
    vote = poll(county).open()
    vote.vote(0)
    read_twice(vote, {1: ["for"], 2: ["for"], 3: ["against"], 4: ["for"], 5: []})
    result = vote.close()
    ways = vote.board["head"]["result"]["ways"]
    assert (result.counts.for_, result.counts.against) == (4, 1)
    assert ways["paper"]["votes"] == {"for": 3, "against": 1, "abstain": 0}
    assert (ways["paper"]["people"], ways["paper"]["counted"], ways["phone"]["people"]) == (5, 4, 1)


def test_papers_read_once_or_differently_hold_the_count_up(county: people.County) -> None:
    vote = poll(county).open()
    me, other = reader(vote, "committee"), reader(vote, "supervisor")
    paper = {vote.voters[0].pk: ["for"]}
    actions.enter_paper(motion_id=vote.id, papers=paper, by=me, at=vote.at + HOUR)
    actions.enter_paper(motion_id=vote.id, papers=paper, by=me, at=vote.at + HOUR)
    with pytest.raises(Refused) as once:
        vote.close()
    assert once.value.code == "papers_read_once"
    differ = {vote.voters[0].pk: ["against"]}
    actions.enter_paper(motion_id=vote.id, papers=differ, by=other, at=vote.at + HOUR)
    with pytest.raises(Refused) as different:
        vote.close()
    assert different.value.code == "papers_differ"
    actions.enter_paper(motion_id=vote.id, papers=paper, by=other, at=vote.at + 30 * HOUR)
    assert vote.close(at=vote.at + 31 * HOUR).counts.for_ == 1
    assert PaperEntry.objects.filter(motion=vote.id).count() == 2


def test_by_phone_and_on_paper_is_once_and_the_roll_decides(county: people.County) -> None:
    vote = poll(county).open()
    vote.vote(0, "against")
    told = actions.enter_paper(
        motion_id=vote.id, by=reader(vote, "committee"), at=vote.at + HOUR,
        papers={vote.voters[0].pk: ["for"], vote.voters[1].pk: ["for"]},
    )  # fmt: skip
    assert told == {"read": [vote.voters[1].pk], "set_aside": [vote.voters[0].pk]}
    with pytest.raises(Refused) as second:
        vote.vote(1)
    assert second.value.code == "voted_otherwise"
    read_twice(vote, {1: ["for"]})
    result = vote.close()
    assert (result.counts.for_, result.counts.against, result.counts.participating) == (1, 1, 2)


def test_secret_papers_are_counted_by_two_and_mixed_with_the_others(
    county: people.County,
) -> None:
    vote = poll(county, secret=True).open()
    vote.vote(0, "for")
    given = hand_out(vote, 0, 1, 2, 3, 4, 5)
    assert given["refused"] == [vote.voters[0].pk]
    with pytest.raises(Refused):
        vote.close()
    with pytest.raises(BadInput, match="只发出5张"):
        totals(vote, "committee", **{"for": 6})
    totals(vote, "committee", **{"for": 3, "against": 1, "invalid": 1})
    totals(vote, "supervisor", **{"for": 2, "against": 2, "invalid": 1})
    with pytest.raises(Refused) as differ:
        vote.close()
    assert differ.value.code == "papers_differ"
    totals(vote, "supervisor", **{"for": 3, "against": 1, "invalid": 1, "abstain": 0})
    result = vote.close()
    assert (result.counts.for_, result.counts.against) == (4, 1)
    assert {tuple(sorted(b)) for b in vote.board["ballots"]} == {("choice", "receipt")}
    assert vote.board["head"]["result"]["ways"]["paper"]["votes"] is None


def test_raised_hands_are_counted_in_the_room_and_only_once(county: people.County) -> None:
    vote = poll(county, live=True).open()
    vote.vote(0)
    room = [p.pk for p in vote.voters[:7]]
    actions.sign_in_room(
        motion_id=vote.id, person_ids=room, by=reader(vote, "supervisor"), at=vote.at + HOUR
    )

    def hands(**counts: int) -> None:
        actions.count_hands(motion_id=vote.id, counts=counts, by=vote.host.pk, at=vote.at + HOUR)

    with pytest.raises(BadInput, match="6人"):
        hands(**{"for": 7})
    hands(**{"for": 5})
    hands(**{"for": 4, "against": 2})
    with pytest.raises(Refused):
        vote.vote(3)
    vote.vote(8, "against")
    result = vote.close(at=vote.at + 2 * HOUR)
    assert (result.counts.for_, result.counts.against, result.counts.present) == (5, 3, 8)
    assert vote.board["head"]["result"]["ways"]["hands"] == {
        "people": 6, "votes": {"for": 4, "against": 2},
    }  # fmt: skip


def test_hands_are_no_way_for_a_secret_or_weighed_vote(county: people.County) -> None:
    owners = villagers(county, 3)
    weighed = noticed(poll(county, voters=owners, areas=[1, 2, 3], rule="owners_meeting_ordinary"))
    for vote in (poll(county, secret=True, voters=owners).open(), weighed.open()):
        with pytest.raises(Refused, match="举手"):
            actions.count_hands(
                motion_id=vote.id, counts={"for": 0}, by=vote.host.pk, at=vote.at + HOUR
            )


def test_papers_are_entered_by_those_who_may(county: people.County) -> None:
    vote = poll(county).open()
    for who in (county.ah_mei.pk, county.foreign["supervisor"].pk):
        with pytest.raises(NotAllowed):
            actions.enter_paper(
                motion_id=vote.id, papers={vote.voters[0].pk: ["for"]}, by=who, at=vote.at + HOUR
            )


# --- the board ------------------------------------------------------------------------------------


def test_anybody_can_count_the_board_again(county: people.County, tmp_path: Path) -> None:
    vote = poll(county, secret=True).open().votes(**{"for": 5, "against": 2})
    vote.close()
    code, said = counted_by_script(vote.board, tmp_path, "--receipt", vote.codes[6])
    assert code == 0, said
    assert "通过" in said
    assert vote.row.root in said
    assert "反对" in said.split("您的票")[1]
    assert counted_by_script(vote.board, tmp_path, "--receipt", "AAAA-AAAA-AAAA-AAAA")[0] == 1


FORGED: list[Any] = [
    lambda b: b["ballots"][0].update(choice=["abstain"]),
    lambda b: b["ballots"].pop(),
    lambda b: b["ballots"].append(dict(b["ballots"][0])),
    lambda b: b["ballots"].reverse(),
    lambda b: b["head"]["result"].update(verdict="fail"),
    lambda b: b["head"]["rule"]["quorum_all_of"][0].update(share="1/10"),
    lambda b: b["head"]["roll"].update(members=20),
    lambda b: b.update(root="0" * 64),
]


@pytest.mark.parametrize("forge", FORGED)
def test_a_forged_board_is_found_out(county: people.County, forge: Any, tmp_path: Path) -> None:
    vote = poll(county, secret=True).open().votes(**{"for": 6, "against": 1})
    vote.close()
    board = vote.board
    forge(board)
    assert recount.problems(board)
    assert counted_by_script(board, tmp_path)[0] == 1


def test_the_script_counts_owners_by_area_and_papers_and_hands(
    county: people.County, tmp_path: Path
) -> None:
    owners = villagers(county, 6)
    vote = noticed(
        poll(county, voters=owners, areas=[90_01, 80_02, 70, 60, 50, 40],
             rule="owners_meeting_special")
    ).open()  # fmt: skip
    vote.votes(**{"for": 4})
    read_twice(vote, {4: ["against"]})
    assert vote.close().verdict == "pass"
    assert counted_by_script(vote.board, tmp_path)[0] == 0


def test_the_hashes_are_those_of_rfc_6962() -> None:
    """Known answers: the test vectors of the Certificate Transparency log, RFC 6962."""
    leaves = [bytes.fromhex(text) for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )]  # fmt: skip
    hashes = [recount.leaf_hash(leaf) for leaf in leaves]
    known = {
        0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    assert {n: recount.root_of(hashes[:n]).hex() for n in known} == known


@given(st.integers(1, 70), st.data())
def test_every_leaf_is_proven_by_its_path(count: int, data: st.DataObject) -> None:
    leaves = [recount.leaf_hash(bytes([n])) for n in range(count)]
    index = data.draw(st.integers(0, count - 1))
    path, root = recount.path_of(leaves, index), recount.root_of(leaves)
    assert recount.root_by_path(leaves[index], index, count, path) == root
    other = recount.leaf_hash(b"another")
    assert recount.root_by_path(other, index, count, path) != root


def test_topics_answer_for_themselves(county: people.County) -> None:
    me = villagers(county, 1)[0].pk
    held = county.holders
    at: dict[str, Any] = {"at": people.NOW}
    topic = actions.propose_topic(
        place_id=county.place("village").pk, title="广场舞几点结束", text_="", by=me, **at
    )
    with pytest.raises(NotAllowed):
        actions.review_topic(topic_id=topic, accept=True, reason="我说可以", by=me, **at)
    with pytest.raises(BadInput):
        actions.review_topic(topic_id=topic, accept=False, reason="", by=held["committee"].pk, **at)
    actions.review_topic(
        topic_id=topic, accept=False, reason="已有公约", by=held["committee"].pk, **at
    )
    with pytest.raises(NotAllowed):
        actions.appeal_topic(topic_id=topic, words="还是要议", by=county.he.pk, **at)
    actions.appeal_topic(topic_id=topic, words="还是要议", by=me, **at)
    with pytest.raises(NotAllowed):
        actions.answer_appeal(
            topic_id=topic, accept=True, answer="改主意了", by=held["committee"].pk, **at
        )
    for change in (f"answered_by_id = {held['committee'].pk}", f"reviewed_by_id = {me}"):
        with pytest.raises(IntegrityError, match="by_another"), transaction.atomic():
            sql(f"update ballots_topic set {change} where id = {topic}")
    actions.answer_appeal(
        topic_id=topic, accept=False, answer="公约管得了", by=held["party_secretary"].pk, **at
    )
    with pytest.raises(Refused):
        actions.appeal_topic(topic_id=topic, words="再来一次", by=me, **at)
