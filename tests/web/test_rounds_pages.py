"""The pages of on line rounds: taking part, reading the result, running it."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from assemblies import meeting
from deliberation import round_lives as lives
from gongzhi.core.models import Outbox
from gongzhi.deliberation.rounds import actions, jobs
from gongzhi.deliberation.rounds.models import Round, Statement, Vote
from people import NOW, County
from web.conftest import SignIn

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)


def text(response: Any) -> str:
    body: str = response.content.decode()
    return body


def asked_of(page: str) -> dict[str, str]:
    """The hidden fields of the three buttons."""
    form = page[page.index('class="three"') :]
    return {
        name: re.search(rf'name="{name}" value="(\d+)"', form)[1]  # type: ignore[index]
        for name in ("statement", "number")
    }


def test_a_resident_answers_one_statement_after_the_other(county: County, sign_in: SignIn) -> None:
    round_id = lives.opened(county)
    phone = sign_in(county.ah_mei)
    assert "村里的钱先修什么" in text(phone.get("/rounds"))
    address = f"/rounds/{round_id}"
    for n in range(9):
        page = text(phone.get(address))
        assert f"已表态 {n} / 9" in page
        answer = phone.post(f"{address}/vote", asked_of(page) | {"value": "1"})
        assert answer["Location"].startswith(f"{address}?said=")
        assert "您选了“同意”" not in page
        assert "选了“同意”" in text(phone.get(answer["Location"]))
    assert "您都说过了" in text(phone.get(address))
    assert Vote.objects.filter(person=county.ah_mei).count() == 9
    again = text(phone.get(f"{address}/statements/3"))
    assert "您现在选的是“同意”" in again
    phone.post(f"{address}/vote", asked_of(again) | {"value": "-1"})
    assert Vote.objects.get(statement__number=3).value == -1


def test_pages_have_few_statements(
    county: County, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    """Session, account, viewer, place are four of them (clause I: 8, 8, 12, 6)."""
    round_id = lives.opened(county)
    lives.two_camps(county, round_id)
    jobs.sweep(at=LATER)
    phone = sign_in(county.ah_mei)
    phone.get("/rounds")
    with django_assert_max_num_queries(8):
        phone.get("/rounds")
    with django_assert_max_num_queries(8):
        page = text(phone.get(f"/rounds/{round_id}"))
    with django_assert_max_num_queries(8):
        phone.get(f"/rounds/{round_id}/statements")
    with django_assert_max_num_queries(6):
        phone.post(f"/rounds/{round_id}/vote", asked_of(page) | {"value": "0"})
    with django_assert_max_num_queries(12):
        phone.post(f"/rounds/{round_id}/say", {"text": "晒谷场要铺平。", "key": "k"})
    assert Statement.objects.filter(state="waiting").count() == 1
    actions.close_round(round_id=round_id, viewer=None, at=LATER)
    with django_assert_max_num_queries(8):
        assert phone.get(f"/rounds/{round_id}/result").status_code == 200


def test_lists_of_statements_are_paged(county: County, sign_in: SignIn) -> None:
    round_id = lives.opened(county, seeds="\n".join(f"第{n}条路要修。" for n in range(45)))
    phone = sign_in(county.ah_mei)
    pages = [text(phone.get(f"/rounds/{round_id}/statements?page={n}")) for n in (1, 2, 3)]
    assert [page.count("要修。") for page in pages] == [20, 20, 5]


def test_an_own_statement_is_kept_when_refused_and_its_fate_is_told(
    county: County, sign_in: SignIn
) -> None:
    round_id = lives.opened(county)
    phone, desk = sign_in(county.ah_mei), sign_in("workshop_host")
    address = f"/rounds/{round_id}"
    wrong = phone.post(f"{address}/say", {"text": "先修路。再修灯。", "key": "a"})
    assert wrong.status_code == 422
    assert "只写一句话" in text(wrong)
    assert "先修路。再修灯。</textarea>" in text(wrong)
    for _ in range(2):  # pressed twice
        done = phone.post(f"{address}/say", {"text": "王五家的狗太吵。", "key": "b"})
        assert done.status_code == 302
    assert "等主持人看" in text(phone.get(address))
    statement = Statement.objects.get(state="waiting")
    queue = text(desk.get(f"/staff/rounds/{round_id}"))
    assert "王五家的狗太吵" in queue
    assert "阿梅" not in queue
    judge = f"/staff/rounds/statements/{statement.pk}"
    missing = desk.post(judge, {"do": "out", "rule": "person", "reason": ""})
    assert missing.status_code == 422
    assert "告诉提的人为什么" in text(missing)
    desk.post(judge, {"do": "out", "rule": "person", "reason": "请不要点邻居的名。"})
    told = text(phone.get(address))
    assert "没有放出" in told
    assert "请不要点邻居的名。" in told
    assert "骂人" in text(Client().get("/rounds/rules"))


def test_the_picture_is_shown_after_one_has_said_something(county: County, sign_in: SignIn) -> None:
    round_id = lives.opened(county)
    people = lives.two_camps(county, round_id)
    jobs.sweep(at=LATER)
    phone = sign_in(county.ah_mei)
    early = phone.get(f"/rounds/{round_id}/result")
    assert early.status_code == 403
    assert "先对几条观点表态" in text(early)
    page = text(sign_in(county.ah_mei.__class__.objects.get(pk=people[0].person_id)).get(
        f"/rounds/{round_id}/result"))  # fmt: skip
    assert 'aria-label="A组12人、B组8人"' in page
    assert "老年食堂要先修" in page
    assert "现在还没有结束" in page
    assert not re.search("村民[0-9]", page)


def test_the_end_is_published_with_the_open_file(county: County, sign_in: SignIn) -> None:
    round_id = lives.opened(county)
    lives.two_camps(county, round_id)
    desk = sign_in("workshop_host")
    assert desk.post(f"/staff/rounds/{round_id}/close").status_code == 302
    visitor = Client()
    assert "自己再算一遍" in text(visitor.get(f"/rounds/{round_id}/result"))
    file = visitor.get(f"/rounds/{round_id}/votes.csv")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert len(rows) == 20 * 9
    assert {row["voter"] for row in rows} == {str(n) for n in range(1, 21)}
    assert set(rows[0]) == {"voter", "statement", "vote", "moderated", "text"}


def test_a_round_is_opened_on_the_desk(county: County, sign_in: SignIn) -> None:
    desk = sign_in("workshop_host")
    form = {
        "question": "车怎么停？", "intro": "", "seeds": "画线停车。\n先到先停。",
        "place": str(county.place("village").pk), "electorate": "residents",
        "closes_at": "2026-11-30T18:00", "key": "k",
    }  # fmt: skip
    wrong = desk.post("/staff/rounds/new", form | {"seeds": "画线停车。\n停。"})
    assert wrong.status_code == 422
    assert "第2行" in text(wrong)
    assert "画线停车。" in text(wrong)
    elsewhere = desk.post("/staff/rounds/new", form | {"place": str(county.place("town").pk)})
    assert elsewhere.status_code == 422
    made = desk.post("/staff/rounds/new", form)
    assert made["Location"] == f"/staff/rounds/{Round.objects.get().pk}"
    page = text(desk.get(made["Location"]))
    assert "已经开始" in page
    added = desk.post(f"{made['Location']}/seed", {"words": "地下要通风。"})
    assert added.status_code == 302
    assert Statement.objects.count() == 3


def test_strangers_sign_in_and_outsiders_are_told_it_is_not_theirs(
    county: County, sign_in: SignIn
) -> None:
    round_id = lives.opened(county)
    for address in (f"/rounds/{round_id}", f"/rounds/{round_id}/result"):
        assert Client().get(address)["Location"].startswith("/sign-in?next=/rounds/")
        assert sign_in(county.he).get(address).status_code == 404
    vote = {"statement": str(lives.statements(round_id)[0]), "value": "1"}
    assert Client().post(f"/rounds/{round_id}/vote", vote)["Location"].startswith("/sign-in")
    assert sign_in(county.he).post(f"/rounds/{round_id}/vote", vote).status_code == 403
    bad = sign_in(county.ah_mei).post(f"/rounds/{round_id}/vote", vote | {"value": "7"})
    assert bad.status_code == 422


def test_a_round_and_its_session_lead_to_each_other(county: County, sign_in: SignIn) -> None:
    """Opened for a session from the desk; only for one that is offered there."""
    made = meeting(county).notice()
    desk = sign_in("workshop_host")
    page = text(desk.get("/staff/rounds/new"))
    assert f'<option value="{made.id}">' in page
    typed = {
        "question": "车怎么停？", "intro": "", "seeds": "画线停车。\n先到先停。", "key": "k",
        "place": str(county.place("village").pk), "electorate": "residents",
        "closes_at": "2026-11-30T18:00",
    }  # fmt: skip
    assert desk.post("/staff/rounds/new", typed | {"session": "999999"}).status_code == 422
    assert desk.post("/staff/rounds/new", typed | {"session": str(made.id)}).status_code == 302
    round_id = Round.objects.get(session_id=made.id).pk
    mei = sign_in(county.ah_mei)
    assert f'href="/meetings/{made.id}"' in text(mei.get(f"/rounds/{round_id}"))
    assert f'href="/rounds/{round_id}"' in text(mei.get(f"/meetings/{made.id}"))
    managed = text(desk.get(f"/staff/rounds/{round_id}"))
    assert f'href="/meetings/{made.id}"' in managed
    assert f"round%3A{round_id}" in managed  # the address the page listens at


def test_open_pages_of_the_host_hear_of_what_was_put_in(county: County) -> None:
    round_id = lives.opened(county)
    actions.say(
        round_id=round_id, words="水塔要先修。", viewer=lives.who(county.ah_mei), at=NOW,
    )  # fmt: skip
    rows = list(Outbox.objects.filter(kind="round.said").values("kind", "subject_id"))
    assert rows == [{"kind": "round.said", "subject_id": round_id}]
