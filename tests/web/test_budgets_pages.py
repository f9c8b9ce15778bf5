"""The pages of a community's money: without JavaScript, nothing typed lost, refusals in words."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import budget_life as life
from budget_life import CLOSED, DAY, DOING, VOTING
from gongzhi.deliberation.budgets import actions
from gongzhi.deliberation.budgets.models import Budget, Entry, Idea, Vote
from gongzhi.people.models import Person
from people import NOW, County

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Put the clock of the pages to a moment."""
    return lambda moment: monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def _client(person: Person) -> Client:
    client = Client()
    client.force_login(person.account)
    return client


def test_an_idea_is_one_sentence_and_stays_in_the_form_when_refused(
    county: County, at: object
) -> None:
    at(NOW)  # type: ignore[operator]
    budget, client = life.announced(county), _client(county.ah_mei)
    listed = client.get("/budgets").content.decode()
    assert "2027年为民资金" in listed
    assert "10,000.00 元" in listed
    assert "我有一个点子" in client.get(f"/budgets/{budget}").content.decode()
    form = client.get(f"/budgets/{budget}/idea")
    assert form.status_code == 200
    sent = {"title": "灯", "body": "天黑看不见", "key": "k" * 9}
    short = client.post(f"/budgets/{budget}/idea", sent)
    assert short.status_code == 422
    assert "天黑看不见" in short.content.decode()
    sent["title"] = "村口装路灯"
    for _ in range(2):
        answer = client.post(f"/budgets/{budget}/idea", sent, follow=True)
        assert "村口装路灯" in answer.content.decode()
    assert Idea.objects.count() == 1


def test_the_ballot_keeps_what_was_ticked_and_can_be_changed(county: County, at: object) -> None:
    at(VOTING)  # type: ignore[operator]
    budget, (lamps, line, bench) = life.opened(county)
    client = _client(county.ah_mei)
    assert "去投票" in client.get(f"/budgets/{budget}").content.decode()
    client.post(f"/budgets/{budget}/vote", {"projects": [lamps, line]})
    again = client.get(f"/budgets/{budget}/vote").content.decode()
    assert again.count(" checked") == 2
    client.post(f"/budgets/{budget}/vote", {"projects": [bench]})
    assert Vote.objects.get().projects == [bench]
    wrong = client.post(f"/budgets/{budget}/vote", {"projects": [lamps, 99_999_999]})
    assert wrong.status_code == 422
    assert f'value="{lamps}" data-fen="400000" checked' in wrong.content.decode()


def test_nobody_finds_the_result_before_the_close(county: County, at: object) -> None:
    at(VOTING)  # type: ignore[operator]
    budget, _ = life.voted(county)
    assert _client(county.ah_mei).get(f"/budgets/{budget}/result").status_code == 404
    desk = _client(county.holders["committee"])
    page = desk.get(f"/staff/budgets/{budget}").content.decode()
    assert "谁都看不到" in page
    assert "公布前看一遍" not in page
    told = desk.post(f"/staff/budgets/{budget}/steps/allocate", follow=True).content.decode()
    assert "投票还没有结束" in told
    assert Budget.objects.get().stage == "vote"


def test_the_desk_sees_the_preview_after_the_close_and_publishes_it(
    county: County, at: object
) -> None:
    budget, _ = life.voted(county)
    at(CLOSED)  # type: ignore[operator]
    desk = _client(county.holders["committee"])
    assert "公布前看一遍" in desk.get(f"/staff/budgets/{budget}").content.decode()
    desk.post(f"/staff/budgets/{budget}/steps/allocate")
    page = _client(county.ah_mei).get(f"/budgets/{budget}/result").content.decode()
    assert "每份最多出666.67 元" in page
    assert "<rect" in page
    file = _client(county.ah_mei).get(f"/budgets/{budget}/file.pb")
    assert file.content.decode().startswith("META\n")


def test_an_outsider_and_a_stranger_find_nothing(county: County, at: object) -> None:
    at(VOTING)  # type: ignore[operator]
    budget, (lamps, *_) = life.opened(county)
    outsider = _client(county.he)
    for address in (f"/budgets/{budget}", f"/budgets/{budget}/vote", f"/budgets/ideas/{lamps}",
                    f"/budgets/{budget}/file.pb", f"/budgets/{budget}/idea"):  # fmt: skip
        assert outsider.get(address).status_code == 404
        assert Client().get(address).status_code == 302
    assert outsider.post(f"/budgets/{budget}/vote", {"projects": [lamps]}).status_code == 404
    assert not Vote.objects.exists()


def _entry(**other: object) -> dict[str, object]:
    slip = SimpleUploadedFile("slip.jpg", life.picture(), "image/jpeg")
    return {"key": "e" * 12, "kind": "pay", "amount": "1 200.50", "to": "灯具店", "words": "灯",
            "decision": "", "kept": "", "receipt": slip} | other  # fmt: skip


def test_a_line_with_a_mistake_keeps_its_receipt(county: County, at: object) -> None:
    _, (lamps, _) = life.doing(county)
    at(DOING)  # type: ignore[operator]
    desk = _client(county.holders["committee"])
    address = f"/staff/budgets/ideas/{lamps}/account"
    wrong = desk.post(address, _entry(amount="很多"))
    assert wrong.status_code == 422
    assert "单据已经存好" in wrong.content.decode()
    stored = wrong.content.decode().split('name="kept" value="')[1].split('"')[0]
    sent = _entry(kept=stored)
    del sent["receipt"]
    assert desk.post(address, sent).status_code == 302
    assert desk.post(address, sent).status_code == 302  # sent twice is one line
    assert Entry.objects.filter(kind="pay").count() == 1
    assert Entry.objects.get(kind="pay").balance_fen == 400_000 - 120_050


def test_more_than_there_is_is_refused_beside_the_amount(county: County, at: object) -> None:
    _, (lamps, _) = life.doing(county)
    at(DOING)  # type: ignore[operator]
    desk = _client(county.holders["committee"])
    answer = desk.post(f"/staff/budgets/ideas/{lamps}/account", _entry(amount="4000.01"))
    assert answer.status_code == 422
    assert "余额不够" in answer.content.decode()


def test_neighbours_read_the_account_and_supervisors_confirm(county: County, at: object) -> None:
    _, (lamps, _) = life.doing(county)
    entry = life.paid(county, lamps, 120_050)
    at(DOING + DAY)  # type: ignore[operator]
    page = _client(county.ah_mei).get(f"/budgets/ideas/{lamps}").content.decode()
    assert "灯具店" in page
    assert "您是监督员" not in page
    slip = page.split('href="/budgets/receipts/')[1].split('"')[0]
    assert _client(county.ah_mei).get(f"/budgets/receipts/{slip}")["Content-Type"] == "image/jpeg"
    assert _client(county.he).get(f"/budgets/receipts/{slip}").status_code == 404
    watcher = _client(county.brother)
    assert "您是监督员" in watcher.get(f"/budgets/ideas/{lamps}").content.decode()
    doubt = {"idea": lamps, "right": "0", "words": ""}
    assert watcher.post(f"/budgets/entries/{entry}", doubt).status_code == 422
    watcher.post(f"/budgets/entries/{entry}", {"idea": lamps, "right": "1"})
    assert "1位监督员确认" in watcher.get(f"/budgets/ideas/{lamps}").content.decode()


def test_the_desk_announces_costs_refuses_and_imports(county: County, at: object) -> None:
    at(NOW)  # type: ignore[operator]
    desk = _client(county.holders["committee"])
    assert desk.get("/staff/budgets/new").status_code == 200
    sent = {
        "key": "n" * 12, "place": county.place("village").pk, "title": "2027年为民资金",
        "amount": "10000", "source": "镇财政", "about": "", "per": "household",
        "rule": "equal-shares", "completion": "add1", "ideas_until": "2026-12-01T18:00",
        "vote_from": "2026-12-10T08:00", "vote_until": "2026-12-15T18:00",
        "doing_until": "2027-12-31",
    }  # fmt: skip
    bad = desk.post("/staff/budgets/new", sent | {"vote_until": "2026-12-09T18:00"})
    assert bad.status_code == 422
    assert "投票结束要晚于投票开始" in bad.content.decode()
    assert desk.post("/staff/budgets/new", sent).status_code == 302
    budget = Budget.objects.get()
    text = (
        "META\nkey;value\nvote_type;approval\nbudget;1\nPROJECTS\nproject_id;cost;name\n"
        "a;1200;路灯\nVOTES\nvoter_id;vote\n"
    )
    broken = SimpleUploadedFile("a.pb", text.replace("1200", "x").encode())
    answer = desk.post(f"/staff/budgets/{budget.pk}/file", {"key": "f" * 9, "file": broken})
    assert answer.status_code == 422
    assert "第7行" in answer.content.decode()
    file = SimpleUploadedFile("a.pb", text.encode())
    desk.post(f"/staff/budgets/{budget.pk}/file", {"key": "f" * 9, "file": file})
    idea = Idea.objects.get()
    assert idea.cost_fen == 120_000
    judged = {"key": "j" * 9, "verdict": "refuse", "reason": "已经列入镇里的计划。", "cost": ""}
    assert desk.post(f"/staff/budgets/ideas/{idea.pk}", judged).status_code == 302
    assert "已经列入镇里的计划" in _client(county.ah_mei).get(
        f"/budgets/{budget.pk}").content.decode()  # fmt: skip


def test_who_may_not_run_money_is_told_so(county: County, at: object) -> None:
    at(NOW)  # type: ignore[operator]
    budget = life.announced(county)
    worker = _client(county.holders["grid_worker"])
    assert worker.get("/staff/budgets/new").status_code == 403
    assert worker.get(f"/staff/budgets/{budget}").status_code == 403
    assert worker.post(f"/staff/budgets/{budget}/steps/close_ideas").status_code == 403


def test_pages_take_few_statements(
    county: County, at: object, django_assert_max_num_queries: object
) -> None:
    at(VOTING)  # type: ignore[operator]
    budget, _ = life.voted(county)
    client = _client(county.ah_mei)
    client.get("/budgets")
    for address in ("/budgets", f"/budgets/{budget}", f"/budgets/{budget}/vote"):
        with django_assert_max_num_queries(8):  # type: ignore[operator]
            client.get(address)


def test_a_finished_project_is_closed_at_the_desk(county: County, at: object) -> None:
    _, (lamps, _) = life.doing(county)
    at(DOING)  # type: ignore[operator]
    desk = _client(county.holders["committee"])
    told = desk.post(f"/staff/budgets/ideas/{lamps}/finish", follow=True).content.decode()
    assert "结余也要交回" in told
    actions.enter(project_id=lamps, kind="return", amount_fen=400_000, at=DOING,
                  by=county.holders["committee"].pk)  # fmt: skip
    told = desk.post(f"/staff/budgets/ideas/{lamps}/finish", follow=True).content.decode()
    assert "账已结清" in told
