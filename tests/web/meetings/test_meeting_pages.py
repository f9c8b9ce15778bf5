"""The pages of meetings answer, for residents and staff, and keep what was typed."""

from datetime import timedelta

import pytest
from django.test import Client

import people
from assemblies import Meeting, body, meeting, one_four_one
from gongzhi.deliberation.ballots.models import Motion
from gongzhi.deliberation.meetings import actions
from gongzhi.deliberation.meetings.models import AgendaItem, Attendance, Question, Session
from gongzhi.matters.actions import Assignee

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(county: people.County, monkeypatch: pytest.MonkeyPatch) -> Meeting:
    """A small-stool assembly in its first part; the pages' clock stands at its hour."""
    made = meeting(county).notice().begins().comes(county.ah_mei).opens()
    actions.start_part(item_id=made.item("part").pk, by=made.host.pk, at=made.at)
    monkeypatch.setattr("django.utils.timezone.now", lambda: made.at)
    return made


def client_of(county: people.County, who: str | people.Person) -> Client:
    client = Client()
    client.force_login((county.holders[who] if isinstance(who, str) else who).account)
    return client


PUBLIC = (
    "/meetings", "/meetings/calendar", "/meetings/cadence", "/meetings/pledges",
    "/meetings/rectification",
    "/meetings/{id}", "/bodies/{body}", "/meetings/at/{token}",
)  # fmt: skip
STAFF = (
    "/staff/meetings", "/staff/bodies", "/staff/places/{village}/bodies", "/staff/bodies/{body}",
    "/staff/bodies/{body}?q=阿梅", "/staff/bodies/{body}/sessions", "/staff/meetings/{id}",
    "/staff/meetings/{id}/run", "/staff/meetings/{id}/desk", "/staff/meetings/{id}/desk?q=x",
    "/staff/meetings/{id}/code", "/staff/meetings/{id}/paper", "/staff/meetings/{id}/sorting",
)  # fmt: skip


def address(made: Meeting, pattern: str) -> str:
    return pattern.format(
        id=made.id, body=made.body, token=made.row.token, village=made.county.place("village").pk
    )


@pytest.mark.parametrize("pattern", PUBLIC)
def test_a_stranger_reads_what_is_public(running: Meeting, pattern: str) -> None:
    assert Client().get(address(running, pattern)).status_code == 200


@pytest.mark.parametrize("pattern", STAFF)
def test_the_host_reaches_every_page(running: Meeting, pattern: str) -> None:
    answer = client_of(running.county, "committee").get(address(running, pattern))
    assert answer.status_code == 200, answer.content.decode()[:2000]


def test_a_draft_is_seen_only_by_those_who_prepare_it(county: people.County) -> None:
    made = meeting(county)
    assert Client().get(f"/meetings/{made.id}").status_code == 404
    assert client_of(county, "committee").get(f"/meetings/{made.id}").status_code == 200


def test_a_resident_signs_in_with_the_code_at_the_door(running: Meeting) -> None:
    phone = client_of(running.county, running.county.neighbour)
    answer = phone.post(f"/meetings/at/{running.row.token}", follow=True)
    assert "签到好了" in answer.content.decode()
    assert Attendance.objects.filter(person=running.county.neighbour).get().how == "code"


def test_a_question_from_a_phone_comes_once(running: Meeting) -> None:
    phone = client_of(running.county, running.county.ah_mei)
    form = {"text": "路灯什么时候修？", "key": "abc"}
    for _again in range(2):
        assert phone.post(f"/meetings/{running.id}/questions", form).status_code == 302
    assert Question.objects.get().asker == ""


def test_an_empty_question_keeps_the_form_and_says_what_is_missing(running: Meeting) -> None:
    phone = client_of(running.county, running.county.ah_mei)
    answer = phone.post(f"/meetings/{running.id}/questions", {"text": " ", "named": "1"})
    assert answer.status_code == 422
    assert "请写下您要问的事" in answer.content.decode()


def test_two_hosts_and_the_second_keeps_what_he_wrote(running: Meeting) -> None:
    first, second = (client_of(running.county, who) for who in ("committee", "workshop_host"))
    seen = running.row.seq
    parts = list(AgendaItem.objects.filter(session=running.id).order_by("position"))
    step = f"/staff/meetings/{running.id}/steps/part"
    assert first.post(step, {"item": parts[1].pk, "seen": seen}).status_code == 302
    answer = second.post(step, {"item": parts[2].pk, "seen": seen})
    assert answer.status_code == 409
    assert "刚才陈已经操作过" in answer.content.decode()


def test_the_desk_finds_by_first_letters_and_signs_in_with_one_press(running: Meeting) -> None:
    people.Person.objects.filter(pk=running.county.neighbour.pk).update(initials="af")
    desk = client_of(running.county, "committee")
    found = desk.get(f"/staff/meetings/{running.id}/desk?q=af", headers={"X-Part": "found"})
    assert "阿芳" in found.content.decode()
    assert "<html" not in found.content.decode()
    desk.post(f"/staff/meetings/{running.id}/desk/person",
              {"person": running.county.neighbour.pk})  # fmt: skip
    assert Attendance.objects.filter(person=running.county.neighbour, how="desk").exists()


def test_a_session_with_an_item_left_says_which_and_stays_open(county: people.County) -> None:
    made, seated = one_four_one(county)
    made.notice().begins().comes(*seated.values()).opens()
    host = client_of(county, "committee")
    answer = host.post(f"/staff/meetings/{made.id}/steps/close", {"seen": made.row.seq})
    assert answer.status_code == 409
    assert "形成协商意见" in answer.content.decode()
    assert made.row.state == "open"


def test_minutes_read_on_the_page_in_print_and_on_the_board(
    running: Meeting, county: people.County
) -> None:
    running.closes()
    host = client_of(county, "committee")
    page = host.get(f"/meetings/{running.id}/minutes").content.decode()
    assert "村支两委述职" in page
    document = host.get(f"/meetings/{running.id}/minutes.pdf")
    assert document.content[:4] == b"%PDF"
    host.post(f"/staff/meetings/{running.id}/minutes/publication")
    board = host.get("/board").content.decode()
    assert f"{running.row.title}纪要" in board
    number = host.get(f"/meetings/{running.id}/minutes").content.decode().split("/board/")[1][:6]
    item = host.get("/board/" + "".join(filter(str.isdigit, number)))
    assert "村支两委述职" in item.content.decode()


def test_minutes_printed_on_the_day_carry_the_date_and_who_came_as_what(
    county: people.County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signed sheet that says "today" says nothing a year later."""
    made = meeting(county).notice().begins().comes(county.ah_mei)
    for name, came_as in (("宋镇长", "town_leader"), ("外村老张", "party"), ("外村老李", "party")):
        actions.sign_in_guest(
            session_id=made.id, name=name, came_as=came_as, by=made.host.pk, at=made.at
        )
    made.opens().closes()
    monkeypatch.setattr("django.utils.timezone.now", lambda: made.at)
    page = Client().get(f"/meetings/{made.id}/minutes").content.decode()
    told = page.split('<dl class="facts">')[1].split('<details class="noprint">')[0]
    assert "今天" not in told
    assert f"{made.at.year}年" in told
    assert "党员2人、居民1人、镇领导1人" in told


def test_sorting_gives_a_question_a_lead_and_a_day(running: Meeting, county: people.County) -> None:
    actions.ask(session_id=running.id, words="路灯不亮", by=county.ah_mei.pk, at=running.at)
    running.closes()
    office = client_of(county, "town_officer")
    question = Question.objects.get()
    where = f"/staff/meetings/{running.id}/sorting/{question.pk}"
    assert office.post(where, {"days": "15"}).status_code == 422
    given = {"lead": f"p{county.holders['grid_worker'].pk}", "days": "15"}
    assert office.post(where, given).status_code == 302
    shown = Client().get("/meetings/rectification").content.decode()
    assert "交办1件" in shown


def test_the_list_on_paper_is_a_pdf(running: Meeting) -> None:
    assert Client().get("/meetings/rectification.pdf").content[:4] == b"%PDF"


def test_a_session_is_called_noticed_and_stands_on_the_board_of_what_is_coming(
    county: people.County, at_now: None
) -> None:
    whose = body(county)
    host = client_of(county, "committee")
    form = {"starts_at": "2026-12-10T14:30", "venue": "村部", "mode": "onsite", "key": "k"}
    for _twice in range(2):
        answer = host.post(f"/staff/bodies/{whose}/sessions", form)
    assert Session.objects.count() == 1
    host.post(f"{answer['Location']}/preparation/notice")
    assert "小板凳大会第1次会议" in Client().get("/meetings").content.decode()


def test_a_body_is_founded_and_seated_at_the_desk(county: people.County, at_now: None) -> None:
    host = client_of(county, "committee")
    village = county.place("village").pk
    missing = host.post(f"/staff/places/{village}/bodies", {"blueprint": ""})
    assert missing.status_code == 422
    made = host.post(f"/staff/places/{village}/bodies", {"blueprint": "one_four_one"})
    form = {"person": county.ah_mei.pk, "seat_class": "stakeholder", "why": "住在路边"}
    assert host.post(made["Location"], form).status_code == 302
    assert "阿梅" in host.get(made["Location"]).content.decode()


def test_what_was_given_to_somebody_shows_to_the_asker(
    running: Meeting, county: people.County
) -> None:
    actions.ask(session_id=running.id, words="路灯不亮", by=county.ah_mei.pk, at=running.at)
    question = Question.objects.get()
    actions.hand_over(question_id=question.pk, by=running.host.pk, at=running.at,
                      lead=Assignee(county.holders["grid_worker"].pk),
                      due_at=running.at + timedelta(days=15))  # fmt: skip
    page = client_of(county, county.ah_mei).get(f"/meetings/{running.id}").content.decode()
    assert "交办" in page
    assert "文" in page


def test_an_item_is_put_to_the_vote_once_from_the_runner(
    running: Meeting, county: people.County
) -> None:
    item = actions.add_item(session_id=running.id, kind="motion", title="修路灯花一千元同意吗",
                            by=running.host.pk, at=running.at)  # fmt: skip
    actions.start_part(item_id=item, by=running.host.pk, at=running.at)
    host = client_of(county, "committee")
    for _again in range(2):
        answer = host.post(f"/staff/meetings/{running.id}/steps/motion", {"item": item})
        assert "/staff/votes/" in answer["Location"]
    motion = Motion.objects.get()
    assert (motion.item_id, motion.session_id, motion.binding) == (item, running.id, False)
    page = host.get(f"/staff/meetings/{running.id}/run").content.decode()
    assert f"/staff/votes/{motion.pk}" in page


def test_a_refusal_of_any_field_is_said_beside_its_form(
    running: Meeting, county: people.County
) -> None:
    host = client_of(county, "committee")
    answer = host.post(f"/staff/meetings/{running.id}/steps/pledge", {"text": "修好路灯和水渠"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "请选谁来兑现" in page
    assert "修好路灯和水渠" in page
