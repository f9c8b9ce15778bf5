"""The vote as people meet it: choose, confirm, keep the receipt, find the ballot again."""

import re
from typing import Any

import pytest
from django.test import Client

import people
from gongzhi.deliberation.ballots import actions, queries, recount
from gongzhi.deliberation.ballots.models import Ballot, Elector, Motion, Topic
from gongzhi.people.models import Account, Person
from lives import statements
from voters import HOUR, Poll, poll, villagers

pytestmark = pytest.mark.django_db
Clock = Any


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Pages read the clock once each; a test sets it."""

    class Now:
        at = people.NOW + HOUR

    monkeypatch.setattr("django.utils.timezone.now", lambda: Now.at)
    return Now


def of(person: Person) -> Client:
    client = Client()
    client.force_login(Account.objects.get(person=person))
    return client


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def read(answer: Any) -> str:
    return str(answer.content.decode())


def cast(client: Client, vote: Poll, *choice: str, **more: str) -> Any:
    """The way of a phone: page, confirm, cast; the last answer."""
    page = read(client.get(f"/votes/{vote.id}"))
    typed: dict[str, Any] = {
        "receipt": field(page, "receipt"), "seen": field(page, "seen"), "choice": list(choice)
    } | more  # fmt: skip
    sure = client.post(f"/votes/{vote.id}/choice", typed)
    assert sure.status_code == 200, read(sure)
    return client.post(f"/votes/{vote.id}/ballot", typed)


def test_a_secret_vote_from_the_page_to_the_board(county: people.County, clock: Clock) -> None:
    vote = poll(county, secret=True, count=3).open()
    me = of(vote.voters[0])
    assert "装几盏路灯" in read(me.get("/votes"))
    answer = cast(me, vote, "against")
    receipt = re.search(r'id="code">([0-9A-Z-]+)<', read(answer))
    assert receipt
    ballot = Ballot.objects.get(motion=vote.id)
    assert (ballot.choice, ballot.elector_id) == (["against"], None)
    again = read(me.get(f"/votes/{vote.id}"))
    assert "您已经投过票了" in again
    assert 'choice" value="for"' not in again
    vote.vote(1)
    vote.vote(2)
    clock.at = vote.at + 25 * HOUR
    vote.close()
    result = read(me.get(f"/votes/{vote.id}"))
    assert "通过" in result
    found = Client().post(f"/votes/{vote.id}/receipt", {"receipt": receipt[1].lower()})
    assert "找到了" in read(found)
    assert "反对" in read(found).split("找到了")[1][:60]
    wrong = Client().post(f"/votes/{vote.id}/receipt", {"receipt": "AAAA-AAAA-AAAA-AAAA"})
    assert wrong.status_code == 409
    assert "没有这张回执" in read(wrong)


def test_nothing_is_written_before_the_confirmation(county: people.County, clock: Clock) -> None:
    vote = poll(county, count=3).open()
    me = of(vote.voters[0])
    page = read(me.get(f"/votes/{vote.id}"))
    sure = me.post(f"/votes/{vote.id}/choice", {"receipt": field(page, "receipt"), "choice": "for"})
    assert "请确认" in read(sure)
    assert not Ballot.objects.exists()


def test_the_button_pressed_twice_is_one_ballot_and_the_same_answer(
    county: people.County, clock: Clock
) -> None:
    vote = poll(county, secret=True, count=3).open()
    me = of(vote.voters[0])
    typed = {"receipt": field(read(me.get(f"/votes/{vote.id}")), "receipt"), "choice": "for"}
    first, second = (me.post(f"/votes/{vote.id}/ballot", typed) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert typed["receipt"] in read(first)
    assert typed["receipt"] in read(second)
    slip = me.post(f"/votes/{vote.id}/slip", typed)
    assert typed["receipt"] in read(slip)
    assert "<svg" in read(slip)
    assert me.post(f"/votes/{vote.id}/slip", {"receipt": "x"}).status_code == 422
    assert Ballot.objects.count() == 1


def test_a_second_device_is_told_that_he_has_voted(county: people.County, clock: Clock) -> None:
    vote = poll(county, secret=True, count=3).open()
    phone, tablet = of(vote.voters[0]), of(vote.voters[0])
    open_page = read(tablet.get(f"/votes/{vote.id}"))
    cast(phone, vote, "for")
    late = tablet.post(
        f"/votes/{vote.id}/ballot",
        {"receipt": field(open_page, "receipt"), "seen": "0", "choice": "against"},
    )
    assert late.status_code == 409
    assert "您已经投过票了" in read(late)
    assert Ballot.objects.get().choice == ["for"]


def test_a_secret_vote_is_changed_with_the_receipt(county: people.County, clock: Clock) -> None:
    vote = poll(county, secret=True, count=3).open()
    me = of(vote.voters[0])
    code = re.search(r'id="code">([0-9A-Z-]+)<', read(cast(me, vote, "for")))
    assert code
    assert me.post(f"/votes/{vote.id}/change", {"receipt": "no"}).status_code == 422
    page = read(me.post(f"/votes/{vote.id}/change", {"receipt": code[1]}))
    typed = {"receipt": field(page, "receipt"), "seen": field(page, "seen"), "choice": "abstain"}
    assert "改好了" in read(me.post(f"/votes/{vote.id}/ballot", typed))
    assert Ballot.objects.get().choice == ["abstain"]


def test_an_open_vote_is_changed_from_the_roll(county: people.County, clock: Clock) -> None:
    vote = poll(county, count=3).open()
    me = of(vote.voters[0])
    cast(me, vote, "for")
    page = read(me.post(f"/votes/{vote.id}/change"))
    typed = {"receipt": field(page, "receipt"), "seen": field(page, "seen"), "choice": "against"}
    assert me.post(f"/votes/{vote.id}/ballot", typed).status_code == 200
    assert Ballot.objects.get().choice == ["against"]


def test_no_page_tells_how_it_stands_before_the_count(county: people.County, clock: Clock) -> None:
    vote = poll(county, count=8, method="single", options=["东头路口", "西头路口"]).open()
    vote.votes(o1=5, o2=2)
    host = of(vote.host)
    for address in (f"/votes/{vote.id}", f"/votes/{vote.id}/room", f"/staff/votes/{vote.id}",
                    f"/staff/votes/{vote.id}/roll", f"/staff/votes/{vote.id}/papers"):  # fmt: skip
        page = host.get(address)
        assert page.status_code == 200, address
        assert "得票" not in read(page)
        assert ">5<" not in read(page)
    for address in (f"/votes/{vote.id}/board", f"/votes/{vote.id}/board.json"):
        assert host.get(address).status_code == 404
    stranger = Client().get(f"/votes/{vote.id}")
    assert stranger.status_code == 404


def test_the_board_and_the_script_are_for_everybody(county: people.County, clock: Clock) -> None:
    vote = poll(county, count=3).open().votes(**{"for": 2, "against": 1})
    clock.at = vote.at + 25 * HOUR
    vote.close()
    board = Client().get(f"/votes/{vote.id}/board.json").json()
    assert recount.problems(board) == []
    assert board == queries.board(vote.id)
    assert "村民" not in str(board)
    script = Client().get("/votes/recount.py")
    assert "def root_of" in read(script)
    assert "对得上" in read(Client().get(f"/votes/{vote.id}/board"))


def test_who_must_stand_aside_reads_why(county: people.County, clock: Clock) -> None:
    voters = villagers(county, 4, household_of=2)
    vote = poll(county, voters=voters, parties=[voters[0].pk]).open()
    assert "一家人" in read(of(voters[1]).get(f"/votes/{vote.id}"))
    me = of(voters[2])
    assert me.post(f"/votes/{vote.id}/conflict", {"reason": ""}).status_code == 422
    me.post(f"/votes/{vote.id}/conflict", {"reason": "施工队是我家亲戚"})
    assert "施工队是我家亲戚" in read(me.get(f"/votes/{vote.id}"))


def test_a_vote_by_phone_costs_few_statements(county: people.County, clock: Clock) -> None:
    vote = poll(county, secret=True, count=3).open()
    me = of(vote.voters[0])
    typed = {"receipt": field(read(me.get(f"/votes/{vote.id}")), "receipt"), "choice": "for"}
    sent = statements(lambda: me.post(f"/votes/{vote.id}/ballot", typed))
    assert len(sent) <= 6, "\n".join(sent)


def draft(**more: str) -> dict[str, str]:
    return {
        "title": "修不修村口的桥", "text": "桥面裂了，修要花三万元。", "rule": "house",
        "electorate": "villagers_18", "method": "for_against", "secret": "yes", "live": "yes",
        "options": "", "most": "1", "key": "k1",
    } | more  # fmt: skip


def test_the_host_runs_a_vote_in_the_room(county: people.County, clock: Clock) -> None:
    voters = villagers(county, 5)
    host = of(county.holders["workshop_host"])
    place = str(county.place("village").pk)
    assert host.get("/staff/votes/new").status_code == 200
    for _ in range(2):
        assert host.post("/staff/votes/new", draft(place=place)).status_code == 302
    motion = Motion.objects.get()
    at = f"/staff/votes/{motion.pk}"
    assert "修不修村口的桥" in read(host.get(at))
    assert host.post(f"{at}/steps/open").status_code == 302
    for voter in voters[:4]:
        cast(of(voter), Poll(county, motion.pk, voters), "for")
    clock.at += HOUR
    assert host.post(f"{at}/steps/close").status_code == 302
    assert "通过" in read(host.get(at))
    assert "通过" in read(host.get(f"/votes/{motion.pk}/room"))
    used = host.post(f"{at}/steps/use", {"used": "no", "reason": "今年没有预算"})
    assert used.status_code == 302
    assert "今年没有预算" in read(of(voters[0]).get(f"/votes/{motion.pk}"))


def test_the_button_to_count_comes_when_counting_is_possible(
    county: people.County, clock: Clock
) -> None:
    vote = poll(county, count=3).open().votes(**{"for": 2})
    host, at, button = of(vote.host), f"/staff/votes/{vote.id}", "结束投票，马上计票"
    assert button not in read(host.get(at))
    vote.vote(2, "against")
    assert button in read(host.get(at))
    late = poll(county, count=3).open().votes(**{"for": 2})
    clock.at = late.row.closes_at
    assert button in read(host.get(f"/staff/votes/{late.id}"))


def test_an_election_is_refused_on_the_form_with_the_article(
    county: people.County, clock: Clock
) -> None:
    host = of(county.holders["committee"])
    place = str(county.place("village").pk)
    answer = host.post("/staff/votes/new", draft(place=place, title="选举村民委员会主任"))
    assert answer.status_code == 409
    assert "第十八条" in read(answer)
    assert "选举村民委员会主任" in read(answer)


def test_two_people_read_the_papers_and_see_where_they_differ(
    county: people.County, clock: Clock
) -> None:
    vote = poll(county, count=4).open()
    chen, sun = of(county.holders["committee"]), of(county.holders["supervisor"])
    at = f"/staff/votes/{vote.id}/papers"
    names = [f"paper_{p.pk}" for p in vote.voters]
    chen.post(at, {names[0]: "for", names[1]: "against"})
    assert "checked" not in read(sun.get(at))
    sun.post(at, {names[0]: "for", names[1]: "abstain"})
    different = read(sun.get(at))
    assert "两人录的不一样" in different
    assert "村民0001" in different.split("两人录的不一样")[1]
    clock.at = vote.at + 25 * HOUR
    refused = of(vote.host).post(f"/staff/votes/{vote.id}/steps/close")
    assert refused.status_code == 409
    assert "核对" in read(refused)
    sun.post(at, {names[1]: "against"})
    assert "两遍都一样" in read(sun.get(at))
    of(vote.host).post(f"/staff/votes/{vote.id}/steps/close")
    assert Motion.objects.get().state == "closed"


def test_the_roll_marks_who_is_here_and_who_gets_a_paper(
    county: people.County, clock: Clock
) -> None:
    vote = poll(county, count=4, secret=True).open()
    vote.vote(0)
    sun = of(county.holders["supervisor"])
    at = f"/staff/votes/{vote.id}/roll"
    assert "手机" in read(sun.get(at))
    ids = [p.pk for p in vote.voters]
    sun.post(f"{at}/marks", {"person": ids, "as": "paper"})
    assert list(
        Elector.objects.filter(motion=vote.id).order_by("id").values_list("voted", flat=True)
    ) == ["phone", "paper", "paper", "paper"]
    assert of(county.ah_mei).get(at).status_code == 403


def test_topics_are_proposed_refused_with_a_reason_and_appealed(
    county: people.County, clock: Clock
) -> None:
    me = of(villagers(county, 1)[0])
    chen, host = of(county.holders["committee"]), of(county.holders["workshop_host"])
    for _ in range(2):
        me.post("/topics/proposals", {"title": "广场舞几点结束", "text": "太晚", "key": "t"})
    topic = Topic.objects.get()
    assert "广场舞几点结束" in read(chen.get("/staff/topics"))
    at = f"/staff/topics/{topic.pk}"
    assert chen.post(at, {"accept": "no", "reason": ""}).status_code == 422
    chen.post(at, {"accept": "no", "reason": "已经有公约了"})
    assert "已经有公约了" in read(me.get("/topics"))
    me.post(f"/topics/{topic.pk}/appeal", {"appeal": "公约没有人管"})
    assert chen.post(at, {"accept": "yes", "reason": "还是列入吧"}).status_code == 403
    assert host.post(at, {"accept": "yes", "reason": "没人管要议一议"}).status_code == 302
    assert Topic.objects.get().state == "accepted"
    assert "没人管要议一议" in read(me.get("/topics"))


def test_a_void_vote_says_why(county: people.County, clock: Clock) -> None:
    vote = poll(county, count=3).open()
    actions.void_motion(
        motion_id=vote.id, reason="名册漏了西头二十户", by=vote.host.pk, at=vote.at + HOUR
    )
    assert "名册漏了西头二十户" in read(of(vote.voters[0]).get(f"/votes/{vote.id}"))


def test_the_result_for_a_thousand_phones_is_made_once(county: people.County, clock: Clock) -> None:
    vote = poll(county, count=3).open().votes(**{"for": 3})
    at = f"/votes/{vote.id}/result"
    assert Client().get(at + "?language=zh").status_code == 404
    vote.close(at=vote.at + 25 * HOUR)
    first = Client().get(at + "?language=zh")
    assert "通过" in read(first)
    assert "Passed" in read(Client().get(at + "?language=en"))
    assert statements(lambda: Client().get(at + "?language=zh")) == []
    whole = Client().get(at, follow=True)
    assert whole.redirect_chain == [(f"/votes/{vote.id}", 302)]
    assert "<title>" in read(whole)
