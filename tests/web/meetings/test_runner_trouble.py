"""Trouble at the runner: every button pressed twice, the laptop gone, the vote's clock run out."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

import people
from assemblies import Meeting, meeting
from gongzhi.deliberation.ballots import jobs
from gongzhi.deliberation.ballots.actions import void_motion
from gongzhi.deliberation.ballots.models import Ballot, Motion
from gongzhi.deliberation.meetings import actions
from gongzhi.deliberation.meetings.models import AgendaItem, Question, Session, Speaker
from gongzhi.web.meetings import run
from surveys.asking import survey
from voters import villagers

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


class Forms(HTMLParser):
    """The forms of a page: where each goes, and what it holds as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.choosing = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((about.get("action", ""), {}))
        if not self.found:
            return
        held = self.found[-1][1]
        name = about.get("name", "")
        if tag == "input" and about.get("type") not in ("checkbox", "radio", "submit"):
            held[name] = about.get("value", "")
        elif tag in ("textarea", "select"):
            held[name], self.choosing = "", name if tag == "select" else ""
        elif tag == "option" and self.choosing and "selected" in about:
            held[self.choosing] = about["value"]


def forms(page: str) -> list[tuple[str, dict[str, str]]]:
    parser = Forms()
    parser.feed(page)
    return parser.found


def written() -> dict[str, int]:
    """How many rows every table has, apart from what is kept of requests and of who came in."""
    kept = {"core_once", "django_session"}
    return {
        model._meta.db_table: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.managed and model._meta.db_table not in kept
    }


class Machine:
    """A computer at which a host has signed in."""

    def __init__(self, made: Meeting, who: str = "committee") -> None:
        self.made, self.client = made, Client()
        self.client.force_login(made.county.holders[who].account)
        self.at = f"/staff/meetings/{made.id}"

    def page(self, door: str = "run") -> str:
        return str(self.client.get(f"{self.at}/{door}").content.decode())

    def form(self, action: str, **holding: str) -> dict[str, str]:
        """What the first such form of its page would send, as it stands."""
        door = "desk" if action.startswith("desk/") else "run"
        for where, held in forms(self.page(door + holding.pop("query", ""))):
            if where == f"{self.at}/{action}" and holding.items() <= held.items():
                return held
        raise AssertionError(f"no form {action} {holding}")

    def twice(self, action: str, typed: dict[str, str] | None = None, **holding: str) -> None:
        """Pressed twice, both presses from the same page: as if it were pressed once."""
        sent = self.form(action, **holding) | (typed or {})
        first = self.client.post(f"{self.at}/{action}", sent)
        assert first.status_code == 302, first.content.decode()
        after = written()
        second = self.client.post(f"{self.at}/{action}", sent)
        assert (second.status_code, second.get("Location")) == (302, first["Location"]), action
        assert written() == after, action


@pytest.fixture
def made(county: people.County, monkeypatch: pytest.MonkeyPatch) -> Meeting:
    """A small-stool assembly at its hour; the pages' clock is the meeting's."""
    made = meeting(county).notice().begins().comes(county.ah_mei, county.neighbour)
    monkeypatch.setattr("django.utils.timezone.now", lambda: made.at)
    return made


def added(made: Meeting, kind: str) -> int:
    titles = {"item": "村口路灯由谁修", "motion": "修路灯花一千元", "hearing": "广场舞到几点"}
    return actions.add_item(session_id=made.id, kind=kind, title=titles[kind],
                            by=made.host.pk, at=made.at)  # fmt: skip


def turn_to(made: Meeting, item: int) -> None:
    actions.start_part(item_id=item, by=made.host.pk, at=made.at)


def test_every_button_of_the_runner_pressed_twice_is_pressed_once(made: Meeting) -> None:
    host, pressed = Machine(made), set[str]()

    def twice(verb: str, typed: dict[str, str] | None = None, **holding: str) -> None:
        host.twice(f"steps/{verb}", typed, **holding)
        pressed.add(verb)

    twice("open")
    part, last = made.item("part"), AgendaItem.objects.filter(session=made.id).last()
    assert last is not None
    twice("part", item=str(part.pk))
    twice("record", {"record": "书记报了去年的账。"})
    twice("ask", {"text": "路灯什么时候修？"})
    twice("ask", {"text": "水渠什么时候清？"})
    one, other = Question.objects.order_by("number")
    twice("answer", {"answer": "下个月修好", "answerer": "陈"}, question=str(one.pk))
    twice("carry", question=str(other.pk))
    twice("speaker", {"name": "阿芳"})
    twice("floor")
    twice("floor_end")
    lamp = str(made.county.holders["org_manager"].pk)
    twice("pledge", {"text": "三盏路灯换新的", "owner": f"p{lamp}",
                     "due_on": (made.at + 30 * 24 * 60 * MINUTE).date().isoformat()})  # fmt: skip
    twice("item", {"title": "临时加的一件事", "kind": "item"})
    given, said, put, heard = (added(made, kind) for kind in ("item", "item", "motion", "hearing"))
    turn_to(made, given)
    twice("handover", {"lead": f"p{lamp}"})
    turn_to(made, said)
    twice("outcome", {"outcome": "opinion", "words": "大家都同意先修村口。"})
    turn_to(made, put)
    twice("motion")
    actions.add_party(item_id=heard, name="跳舞的人", stand="for", by=made.host.pk, at=made.at)
    turn_to(made, heard)
    twice("statement", {"statement": "跳到九点。"})
    survey(made.county)
    turn_to(made, made.item("survey").pk)
    host_form = host.page()
    chosen = re.search(r'value="(form:\d+)"', host_form)
    assert chosen
    twice("survey", {"survey": chosen[1], "sheets": "20"})
    twice("pause")
    void_motion(
        motion_id=Motion.objects.get().pk, reason="今天不表决了", by=made.host.pk, at=made.at
    )
    made.settles()
    twice("close")
    verbs = set(run._calls(_asked(made), made.id, run.Sheet()))
    assert pressed == verbs


def _asked(made: Meeting) -> Any:
    class Asked:
        viewer = made.county.viewer(made.host, made.at)

    return Asked()


def test_every_button_of_the_sign_in_desk_pressed_twice_is_pressed_once(made: Meeting) -> None:
    host = Machine(made)
    host.twice("desk/guest", {"guest": "外村老张"})
    host.twice("desk/list", {"names": "阿梅\n阿芳"})
    villagers(made.county, 1)
    host.twice("desk/person", query="?q=村民0000")
    host.twice("desk/strike")


def test_two_presses_on_two_pages_are_two(made: Meeting) -> None:
    made.opens()
    host = Machine(made)
    for _page in range(2):
        sent = host.form("steps/ask") | {"text": "路灯什么时候修？"}
        host.client.post(f"{host.at}/steps/ask", sent)
    assert Question.objects.count() == 2


def test_a_form_gone_back_to_and_filled_in_otherwise_is_another_one(made: Meeting) -> None:
    made.opens()
    host = Machine(made)
    sent = host.form("steps/ask")
    for words in ("路灯什么时候修？", "水渠什么时候清？"):
        host.client.post(f"{host.at}/steps/ask", sent | {"text": words})
    assert Question.objects.count() == 2


def test_what_was_refused_may_be_sent_again(made: Meeting) -> None:
    made.opens()
    host = Machine(made)
    item = added(made, "item")
    sent = host.form("steps/close")
    assert host.client.post(f"{host.at}/steps/close", sent).status_code == 409
    actions.record_outcome(item_id=item, outcome="no_decision", by=made.host.pk, at=made.at,
                           data={"words": "下次再议"})  # fmt: skip
    again = sent | {"seen": str(made.row.seq)}
    assert host.client.post(f"{host.at}/steps/close", again).status_code == 302
    assert made.row.state == "closed"


def as_it_stands(page: str) -> str:
    """The page without what is new each time it is made."""
    bare = re.sub(r'name="(csrfmiddlewaretoken|key)" value="[^"]*"', "", _main(page))
    return re.sub(r"until=\d+&amp;seal=[0-9a-f]+", "", bare)  # the sealed address, by the second


def _main(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


def test_after_the_laptop_died_another_machine_shows_the_same_meeting(made: Meeting) -> None:
    made.opens()
    host = Machine(made)
    part = made.item("part")
    host.client.post(f"{host.at}/steps/part", {"item": part.pk, "seen": made.row.seq})
    began = made.at
    for name in ("阿芳", "老周"):
        host.client.post(f"{host.at}/steps/speaker", {"item": part.pk, "name": name})
    first = Speaker.objects.order_by("pk")[0]
    made.at += 4 * MINUTE
    host.client.post(f"{host.at}/steps/floor", {"speaker": first.pk})
    made.at += 2 * MINUTE
    before = host.page()
    del host
    other = Machine(made)
    page = other.page()
    assert as_it_stands(page) == as_it_stands(before)
    assert part.title in page[page.index("nowhead") - 300 :][:900]
    assert f'data-from="{_shown(began)}"' in page
    assert f'data-from="{_shown(began + 4 * MINUTE)}"' in page
    assert page.index("阿芳", page.index('id="speakers"')) < page.index("老周")
    other.client.post(f"{other.at}/steps/floor_end", {"speaker": first.pk})
    assert Speaker.objects.get(pk=first.pk).ended_at == made.at
    assert Session.objects.get(pk=made.id).item_id == part.pk


def _shown(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def test_another_host_takes_over_and_is_told_who_led_before(made: Meeting) -> None:
    made.opens()
    Machine(made).client.post(
        f"/staff/meetings/{made.id}/steps/part",
        {"item": made.item("part").pk, "seen": made.row.seq},
    )
    second = Machine(made, "party_secretary")
    assert made.host.name in _main(second.page())
    sent = second.form("steps/pause")
    assert second.client.post(f"{second.at}/steps/pause", sent).status_code == 302
    assert Session.objects.get(pk=made.id).item_id is None


def test_a_vote_whose_clock_runs_out_counts_what_came_and_tells_the_late_one(
    made: Meeting,
) -> None:
    voters = villagers(made.county, 3)
    made.comes(*voters).opens()
    item = added(made, "motion")
    turn_to(made, item)
    host = Machine(made)
    host.client.post(f"{host.at}/steps/motion", {"item": item})
    motion = Motion.objects.get()
    desk = f"/staff/votes/{motion.pk}"
    opened = host.client.post(f"{desk}/steps/open", {})
    assert opened.status_code == 302, opened.content.decode()
    motion.refresh_from_db()
    phones = [Client() for _ in voters]
    sent = []
    for phone, voter in zip(phones, voters, strict=True):
        phone.force_login(voter.account)
        page = str(phone.get(f"/votes/{motion.pk}").content.decode())
        receipt = re.search(r'name="receipt" value="([^"]*)"', page)
        assert receipt, page
        sent.append({"receipt": receipt[1], "seen": "0", "choice": "for"})
    for phone, form in list(zip(phones, sent, strict=True))[:2]:
        assert phone.post(f"/votes/{motion.pk}/ballot", form).status_code == 200
    assert motion.closes_at is not None
    made.at = motion.closes_at
    late = phones[2].post(f"/votes/{motion.pk}/ballot", sent[2])
    assert late.status_code == 409
    assert "投票已经结束，这一票没有计入" in late.content.decode()
    assert jobs.sweep(at=made.at) == 1
    motion.refresh_from_db()
    assert (motion.state, (motion.result or {})["ballots"]) == ("closed", 2)
    assert Ballot.objects.filter(motion=motion).count() == 2
    again = phones[0].post(f"/votes/{motion.pk}/ballot", sent[0])  # his phone had no answer
    assert again.status_code == 409
    assert AgendaItem.objects.get(pk=item).outcome in ("opinion", "resolution", "no_decision")
