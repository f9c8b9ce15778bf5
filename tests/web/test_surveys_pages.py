"""The pages of questionnaires: built, sent out, answered, typed, counted, read."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import people
from gongzhi.surveys import actions, queries, rules
from gongzhi.surveys.models import Instrument, Question, Response, Round, Sheet
from people import NOW
from surveys import asking
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch, at_now: None) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: asking.SOON)


def text(response: Any) -> str:
    body: str = response.content.decode()
    return body


def form(round_id: int, *values: str) -> dict[str, list[str]]:
    return {
        "q" + field.replace(":", "_"): value
        for field, value in asking.typed(round_id, *values).items()
    }


def test_a_questionnaire_is_built_and_sent_out(county: people.County, sign_in: SignIn) -> None:
    desk = sign_in("supervisor")
    place = county.place("village").pk
    made = desk.post(
        "/staff/surveys/new", {"title": "村里的路", "kind": "survey", "place": place, "key": "k1"}
    )
    address = made["Location"]
    missing = desk.post(address, {"do": "save", "kind": "single", "words": "修吗", "options": "修"})
    assert missing.status_code == 422
    assert "2到12个选项" in text(missing)
    assert 'value="修吗"' in text(missing)  # nothing typed is lost
    for words in ("修吗", "快吗"):
        desk.post(address, {"do": "save", "kind": "yesno", "words": words, "key": words})
    first = Question.objects.order_by("position").first()
    assert first is not None
    desk.post(address, {"do": "down", "question": first.pk})
    page = text(desk.get(address))
    assert page.index("快吗") < page.index("修吗")
    assert "预览" in text(desk.get(address + "/preview"))
    opening = desk.post(
        address + "/rounds",
        {"audience": "sheets", "sheets": "12", "closes_at": "2026-11-30T18:00", "key": "k2"},
    )
    assert text(desk.get(opening["Location"])).count("纸质问卷")
    assert Round.objects.get().sheets.count() == 12
    assert "做一个新版再改" in text(desk.get(address))
    desk.post(address, {"do": "version"})
    assert Instrument.objects.filter(version=2).exists()


def test_somebody_on_the_roll_answers_and_reads_his_receipt(
    county: people.County, sign_in: SignIn, soon: None
) -> None:
    round_id = asking.opened(county, asking.survey(county), audience="roll", sheets=0)
    ah_mei = sign_in(county.ah_mei)
    assert "还没答" in text(ah_mei.get("/surveys"))
    address = f"/surveys/{round_id}"
    assert "不记名" in text(ah_mei.get(address))
    wrong = ah_mei.post(address, form(round_id, "2", "4"))
    assert wrong.status_code == 422
    assert "这一题还没有答" in text(wrong)
    assert text(wrong).count(" checked") == 2  # nothing ticked is lost
    for _ in range(2):
        assert ah_mei.post(address, form(round_id, "2", "4", "0", "1")).status_code == 302
    assert Response.objects.count() == 1
    assert "收到了" in text(ah_mei.get(address))
    assert sign_in(county.he).get(address).status_code == 404


def test_whoever_holds_a_sheet_answers_without_signing_in(
    county: people.County, soon: None
) -> None:
    round_id = asking.opened(county, asking.survey(county))
    code, nobody = asking.codes(round_id)[0], Client()
    assert nobody.get("/s", {"code": f" {code[:4].lower()} {code[4:]}"})["Location"] == f"/s/{code}"
    assert "第1号问卷" in text(nobody.get(f"/s/{code}"))
    nobody.post(f"/s/{code}", form(round_id, "2", "4", "0", "1"))
    assert "收到了" in text(nobody.get(f"/s/{code}"))
    assert nobody.get("/s/AAAAAAAAA").status_code == 404
    assert nobody.get("/s", {"code": "不是"}).status_code == 404


def test_paper_goes_out_comes_back_and_is_typed_by_two(
    county: people.County, sign_in: SignIn, soon: None
) -> None:
    round_id = asking.opened(county, asking.survey(county))
    at = f"/staff/surveys/rounds/{round_id}"
    one, two = sign_in("supervisor"), sign_in("committee")
    printed = text(one.get(at + "/print", {"first": "1", "last": "3"}))
    assert printed.count('class="paper"') == 3
    assert rules.check_of(asking.codes(round_id)[0]) in printed
    assert one.post(at + "/sheets", {"do": "out", "first": "x"}).status_code == 422
    one.post(at + "/sheets", {"do": "out", "first": "1", "last": "10"})
    one.post(at + "/sheets", {"do": "back", "first": "1", "last": "2"})
    assert "还没录" in text(two.get(at))
    sheet = {"number": "1", "check": rules.check_of(asking.codes(round_id)[0])}
    one.post(at + "/entry", sheet | form(round_id, "2", "4", "0", "1"))
    differs = text(two.post(at + "/entry", sheet | form(round_id, "2", "3", "0", "1")))
    assert "第2题 路修得怎么样" in differs
    two.post(at + "/entry", sheet | form(round_id, "2", "4", "0", "1"))
    assert Sheet.objects.get(number=1, round=round_id).state == "valid"
    one.post(at + "/sheets", {"do": "more", "n": "5", "key": "m"})
    one.post(at + "/sheets", {"do": "more", "n": "5", "key": "m"})
    assert queries.counts(round_id).printed == 25


def test_it_is_closed_counted_and_read(county: people.County, sign_in: SignIn, soon: None) -> None:
    round_id = asking.opened(county, asking.survey(county))
    for i, code in enumerate(asking.codes(round_id)[:12]):
        answers = asking.typed(round_id, "2" if i < 9 else "1", "4", ["0"], "1", "谢谢")
        actions.answer_sheet(code=code, at=asking.SOON, typed=answers)
    at, desk, nobody = f"/staff/surveys/rounds/{round_id}", sign_in("supervisor"), Client()
    assert nobody.get(f"/surveys/{round_id}/result").status_code == 403
    assert desk.get(at + "/table").status_code == 403
    assert desk.post(at + "/end", {"do": "count"}).status_code == 409
    desk.post(at + "/end", {"do": "close"})
    desk.post(at + "/end", {"do": "count"})
    desk.post(at + "/end", {"do": "count"})
    page = text(nobody.get(f"/surveys/{round_id}/result"))
    assert "12个人答了这一题" in page
    assert "分开看" not in page  # nine would give away the three
    assert "谢谢" not in page
    assert desk.get(at + "/table")["Content-Disposition"].startswith("attachment")
    assert "谢谢" in text(desk.post(at + "/words", {"purpose": "整理意见"}))
    assert desk.post(at + "/words", {"purpose": ""}).status_code == 422
    assert sign_in("committee").post(at + "/words", {"purpose": "看看"}).status_code == 403


def test_those_rated_see_nothing_until_the_totals(
    county: people.County, sign_in: SignIn, soon: None
) -> None:
    chen = county.holders["committee"]
    round_id = asking.opened(county, asking.appraisal(county), rated=[chen.pk])
    rated = sign_in("committee")
    at = f"/staff/surveys/rounds/{round_id}"
    for address in (at, at + "/entry", at + "/print", f"/s/{asking.codes(round_id)[0]}"):
        assert rated.get(address).status_code == 403, address
    assert "2026年民主评议" not in text(rated.get("/staff/surveys")).split("问卷</h2>")[0]
    for code in asking.codes(round_id)[:6]:
        actions.answer_sheet(code=code, at=asking.SOON, typed=asking.typed(round_id, "2"))
    asking.counted(county, round_id)
    page = text(rated.get(f"/surveys/{round_id}/result"))
    assert "评议不称职" in page
    assert "三十八条" in page


def test_only_the_supervisors_send_an_appraisal(county: people.County, sign_in: SignIn) -> None:
    made = asking.appraisal(county)
    chen = county.holders["committee"]
    typed = {"audience": "sheets", "sheets": "20", "closes_at": "2026-11-30T18:00",
             "rated": str(chen.pk)}  # fmt: skip
    refused = sign_in("party_secretary").post(f"/staff/surveys/{made}/rounds", typed)
    assert refused.status_code == 403
    assert "监督委员会主持" in text(refused)
    assert sign_in("supervisor").post(f"/staff/surveys/{made}/rounds", typed).status_code == 302


def test_pages_take_few_statements(
    county: people.County, sign_in: SignIn, soon: None, django_assert_max_num_queries: Any
) -> None:
    round_id = asking.opened(county, asking.survey(county), audience="roll", sheets=0)
    ah_mei, desk = sign_in(county.ah_mei), sign_in("supervisor")
    assert timezone.now() > NOW
    for client, address, most in (
        (ah_mei, "/surveys", 8), (ah_mei, f"/surveys/{round_id}", 9), (desk, "/staff/surveys", 8),
        (desk, f"/staff/surveys/rounds/{round_id}", 11),
    ):  # fmt: skip
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


def test_sheets_are_a_document_to_print(county: people.County, sign_in: SignIn) -> None:
    desk = sign_in("supervisor")
    round_id = asking.opened(county, asking.survey(county))
    address = f"/staff/surveys/rounds/{round_id}/print"
    assert f"{address}.pdf?first=1&amp;last=3" in text(desk.get(f"{address}?first=1&last=3"))
    made = desk.get(f"{address}.pdf?first=1&last=3")
    assert made["Content-Type"] == "application/pdf"
    assert made.content.startswith(b"%PDF")
    nothing = desk.get(f"{address}.pdf?first=900&last=901")
    assert nothing.status_code == 404
    assert "没有这些编号" in text(nothing)


def test_an_appraisal_reads_in_english(county: people.County, sign_in: SignIn, soon: None) -> None:
    rated = [county.holders["committee"].pk]
    round_id = asking.opened(
        county, asking.appraisal(county), audience="roll", sheets=0, rated=rated
    )
    ah_mei = sign_in(county.ah_mei)
    page = text(ah_mei.get(f"/surveys/{round_id}", headers={"accept-language": "en"}))
    assert "fairly competent" in page
    assert "work over the year" in page
    assert ">称职<" not in page
