"""Hours, teams, family, leaving, entries, quarters and the ballot, on pages without JavaScript."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client

import mall_life
from gongzhi.core.clock import SHANGHAI
from gongzhi.deliberation.ballots.models import Motion
from gongzhi.ledger import actions as ledger
from gongzhi.ledger.points import actions
from gongzhi.ledger.points.models import (
    Claim,
    GuardianConsent,
    Holder,
    Quarter,
    RuleBook,
    Sample,
    Service,
    Team,
)
from gongzhi.mall import actions as mall
from gongzhi.mall.models import Order
from gongzhi.people.models import Appointment, Organisation, Person
from ledger import points_life as life
from ledger.points_life import TODAY
from people import NOW, START, County

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def words(web: Client, address: str, status: int = 200) -> str:
    """What a page says."""
    answer = web.get(address)
    assert answer.status_code == status, answer.content.decode()[-2000:]
    return answer.content.decode()


def main(page: str) -> str:
    return page[page.index("<main") : page.index("</main")]


def test_hours_are_recorded_by_one_and_witnessed_by_another_on_his_phone(
    county: County, sign_in
) -> None:
    worker = sign_in("grid_worker")
    typed = {"key": "h", "who": "阿梅", "on": str(TODAY), "hours": "1", "minutes": "30",
             "what": "陪老人看病", "witness": "阿芳"}  # fmt: skip
    again = worker.post("/staff/points/hours", typed | {"who": "没有这个人"})
    assert again.status_code == 422
    assert "陪老人看病" in again.content.decode()
    for _ in range(2):
        assert worker.post("/staff/points/hours", typed).status_code == 302
    service = Service.objects.get()
    assert (service.minutes, service.witness) == (90, county.neighbour)
    neighbour = sign_in(county.neighbour)
    assert "请您证明" in words(neighbour, "/points/hours")
    assert "请您证明" not in words(sign_in(county.brother), "/points/hours")
    answer = f"/points/hours/{service.pk}/answer"
    assert sign_in(county.he).post(answer, {"verdict": "yes"}).status_code == 404
    neighbour.post(answer, {"verdict": "yes"})
    mine = words(sign_in(county.ah_mei), "/points/hours")
    assert "1小时30分" in mine
    assert "阿芳证明" in mine
    assert "服务记录摘要" in mine


def test_no_paper_of_ours_calls_itself_a_certificate_of_service(county: County, sign_in) -> None:
    page = main(words(sign_in(county.ah_mei), "/points/hours"))
    assert "志愿服务证明" not in page
    assert "志愿服务证书" not in page
    assert "盖章" in page


def test_a_witness_says_it_was_not_so_and_must_say_why(county: County, sign_in) -> None:
    service = actions.record(
        person_id=county.ah_mei.pk, on=TODAY, minutes=60, what="陪老人看病", at=NOW,
        by=county.holders["grid_worker"].pk, witness_id=county.neighbour.pk,
    )  # fmt: skip
    web, answer = sign_in(county.neighbour), f"/points/hours/{service}/answer"
    web.post(answer, {"verdict": "no", "reason": ""})
    assert Service.objects.get().ended_at is None
    web.post(answer, {"verdict": "no", "reason": "那天我不在家"})
    assert "那天我不在家" in words(sign_in(county.ah_mei), "/points/hours")


def test_wrong_hours_are_taken_back_at_the_desk(county: County, sign_in) -> None:
    service = actions.record(
        person_id=county.ah_mei.pk, on=TODAY, minutes=60, what="陪老人看病", at=NOW,
        by=county.holders["grid_worker"].pk,
    )  # fmt: skip
    page = f"/staff/points/hours/{service}"
    supervisor = sign_in("supervisor")
    assert supervisor.post(page, {"verdict": "yes"}).status_code == 302
    assert "冲回这次时长" not in words(supervisor, page)
    chief = sign_in("committee")
    assert chief.post(page, {"reason": ""}).status_code == 422
    assert chief.post(page, {"reason": "记错了人"}).status_code == 302
    assert "记错了人" in words(chief, page)
    assert "没有记入" in words(chief, "/staff/points/hours")
    assert "没有记入" not in words(chief, "/staff/points/hours?waiting=1")


def test_a_neighbour_founds_a_team_others_join_and_it_claims(county: County, sign_in) -> None:
    book = life.in_force(county)
    me, other = sign_in(county.ah_mei), sign_in(county.neighbour)
    assert me.post("/points/teams", {"name": "", "key": "t"}).status_code == 422
    me.post("/points/teams", {"name": "双马舞蹈队", "about": "每晚在广场", "key": "t"})
    team = Team.objects.get().pk
    assert "双马舞蹈队" in words(other, "/points/teams")
    assert "阿梅" not in main(words(other, f"/points/teams/{team}"))
    other.post(f"/points/teams/{team}/join")
    assert "阿梅" in main(words(other, f"/points/teams/{team}"))
    holder = Holder.objects.get()
    typed = {"key": "k", "item": life.item(book, "C03"), "on": str(TODAY), "times": "1",
             "words": "带大家跳舞", "evidence": "record", "who": f"h{holder.pk}"}  # fmt: skip
    assert "双马舞蹈队" in words(me, "/points/claim")
    assert me.post("/points/claim", typed).status_code == 302
    assert Claim.objects.get().holder == holder
    other.post(f"/points/teams/{team}/leave")
    me.post(f"/points/teams/{team}/hand", {"person": county.neighbour.pk})
    assert Team.objects.get().lead == county.ah_mei  # nobody to hand over to
    assert words(sign_in(county.he), f"/points/teams/{team}", 404)


def test_who_has_no_phone_takes_part_at_the_counter_and_only_when_asked(
    county: County, sign_in
) -> None:
    book = life.in_force(county)
    firm = Organisation.objects.create(name="双马粮油店", kind="company",
                                       place=county.place("village"))  # fmt: skip
    web, village = sign_in("generalist_worker"), county.place("village").pk
    typed = {"place": village, "subject": "person", "who": "阿梅"}
    answer = web.post("/staff/points/takers", typed)
    assert answer.status_code == 422
    assert "参加全凭自愿" in answer.content.decode()
    for more in ({}, {"subject": "household"}, {"subject": "team", "name": "巡逻队"},
                 {"subject": "organisation", "firm": firm.pk, "who": ""}):  # fmt: skip
        done = web.post("/staff/points/takers", typed | {"agreed": "on"} | more)
        assert done.status_code == 302, done.content.decode()[-1500:]
    assert set(Holder.objects.values_list("subject", flat=True)) == {
        "person", "household", "team", "organisation",
    }  # fmt: skip
    page = words(web, "/staff/points/takers")
    assert "巡逻队" in page
    assert "双马粮油店" in page
    deed = {"key": "d", "item": life.item(book, "H01"), "who": "阿梅", "on": str(TODAY),
            "times": "1", "words": "扫了楼前", "evidence": "record"}  # fmt: skip
    assert "大扫除" in words(web, "/staff/points/claims/new")
    assert web.post("/staff/points/claims/new", deed).status_code == 302
    refused = web.post("/staff/points/claims/new", deed | {"who": "阿芳", "key": "e"})
    assert refused.status_code == 409
    assert "没有参加积分" in refused.content.decode()
    deed = deed | {"item": life.item(book, "A05"), "who": "", "key": "f",
                   "group": Holder.objects.get(subject="organisation").pk}  # fmt: skip
    assert web.post("/staff/points/claims/new", deed).status_code == 302
    assert Claim.objects.count() == 2


def test_a_guardian_agrees_on_a_page_and_takes_it_back(county: County, sign_in) -> None:
    book = life.in_force(county)
    child = Person.objects.create(name="小宝", household=county.ah_mei.household,
                                  born_on=date(2015, 5, 1))  # fmt: skip
    me, consent = sign_in(county.ah_mei), f"/points/family/{child.pk}/consent"
    assert "小宝" in words(me, "/points/family")
    assert "小宝" not in words(sign_in(county.neighbour), "/points/family")
    assert sign_in(county.neighbour).post(consent, {"agree": "1"}).status_code == 404
    assert "小宝" not in words(me, "/points/claim")
    me.post(consent, {"agree": "1"})
    assert GuardianConsent.objects.get().guardian == county.ah_mei
    typed = {"key": "k", "item": life.item(book, "H01"), "on": str(TODAY), "times": "1",
             "words": "和妈妈一起扫楼前", "evidence": "witness", "who": f"p{child.pk}"}  # fmt: skip
    assert me.post("/points/claim", typed).status_code == 302
    assert Claim.objects.get().doer == child
    me.post(consent, {"agree": "0"})
    assert Claim.objects.get().state == "withdrawn"
    me.post("/points/family/household")
    assert "已参加" in words(me, "/points/family")


def test_leaving_says_what_it_means_before_it_is_done(county: County, sign_in) -> None:
    book = life.in_force(county)
    me = sign_in(county.ah_mei)
    life.approved(county, book)
    holder = Holder.objects.get()
    page = words(me, f"/points/holders/{holder.pk}/leaving")
    for said in ("不受影响", "1条没有入账", "留着", "清零"):
        assert said in page
    assert me.post(f"/points/holders/{holder.pk}/leaving", {"wish": ""}).status_code == 422
    assert me.post(f"/points/holders/{holder.pk}/leaving", {"wish": "wipe"}).status_code == 302
    assert "参加积分" in words(me, "/points")


def test_a_wrong_entry_is_taken_back_and_he_reads_why(county: County, sign_in) -> None:
    book = life.in_force(county)
    life.entered(county, book)
    claim = Claim.objects.get().pk
    chief = sign_in("committee")
    assert "大扫除" in words(chief, "/staff/points/entries")
    assert "大扫除" in words(sign_in("supervisor"), "/staff/points/entries")
    assert words(sign_in("supervisor"), f"/staff/points/claims/{claim}/reversal", 404)
    assert words(sign_in("grid_worker"), "/staff/points/entries", 403)
    page = f"/staff/points/claims/{claim}/reversal"
    assert chief.post(page, {"reason": "错"}).status_code == 422
    assert chief.post(page, {"reason": "其实是上周做的"}).status_code == 302
    assert "其实是上周做的" in words(sign_in(county.ah_mei), "/points")
    assert "记错已冲回" in words(chief, "/staff/points/entries")


@pytest.mark.django_db(transaction=True)
def test_what_is_spent_is_not_taken_back_and_says_what_to_do(county: County, sign_in) -> None:
    book = life.in_force(county)
    life.entered(county, book)
    holder = Holder.objects.get()
    ledger.hold(key="s", account=holder.account, amount=5, by=None, at=NOW,
                expires_at=NOW + DAY)  # fmt: skip
    answer = sign_in("committee").post(
        f"/staff/points/claims/{Claim.objects.get().pk}/reversal", {"reason": "其实是上周做的"}
    )
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "季度核对" in page
    assert "其实是上周做的" in page


def test_a_quarter_is_begun_looked_at_and_signed_by_two(
    county: County, sign_in, monkeypatch
) -> None:
    book = life.in_force(county)
    life.entered(county, book)
    Appointment.objects.create(person=county.brother, role="committee", from_on=START,
                               place=county.place("village"))  # fmt: skip
    later = datetime(2027, 1, 5, 10, 0, tzinfo=SHANGHAI)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    supervisor, other = sign_in("supervisor"), sign_in(county.brother)
    made = supervisor.post("/staff/points/quarters", {
        "place": county.place("village").pk, "first_on": "2026-10-01"})  # fmt: skip
    quarter = Quarter.objects.get()
    page = f"/staff/points/quarters/{quarter.pk}"
    assert made["Location"] == page
    assert "一致" in words(supervisor, page)
    assert supervisor.post(page, {"words": ""}).status_code == 409
    sample = Sample.objects.get()
    supervisor.post(f"{page}/samples/{sample.pk}", {"found": "yes"})
    assert supervisor.post(page, {"words": ""}).status_code == 302
    assert supervisor.post(page, {"words": ""}).status_code == 409
    assert other.post(page).status_code == 302
    quarter.refresh_from_db()
    assert (quarter.signed_by, quarter.second) == (county.holders["supervisor"], county.brother)
    assert "2026年第4季度" in words(supervisor, "/staff/points/quarters")
    boards = words(sign_in(county.ah_mei), f"/community/{county.place('village').code}")
    assert "两人签字核对过" in boards


def test_a_draft_goes_to_the_meeting_that_decides(county: County, sign_in) -> None:
    book = life.drafted(county)
    web = sign_in("committee")
    actions.talked_over(book_id=book, on=TODAY, words="大家议过了。", at=NOW,
                        by=county.holders["committee"].pk)  # fmt: skip
    page = f"/staff/points/books/{book}"
    assert "村民会议" in words(web, page)
    assert web.post(f"{page}/ballot", {"to": "house"}).status_code == 422
    done = web.post(f"{page}/ballot", {"to": "villagers_assembly", "key": "b"})
    motion = Motion.objects.get()
    assert done["Location"] == f"/staff/votes/{motion.pk}"
    assert motion.binding
    frozen = words(web, page)
    assert "正在表决" in frozen
    assert f"/staff/votes/{motion.pk}" in frozen
    refused = web.post(f"{page}/items/0", {
        "code": "X1", "title": "种花", "area": "care", "kind": "regular", "subject": "person",
        "points": "5", "unit": "次", "cap": "1", "evidence": ["words"]})  # fmt: skip
    assert refused.status_code == 409


def test_the_terms_are_set_and_the_decision_is_cited(county: County, sign_in) -> None:
    book = life.drafted(county)
    web, page = sign_in("committee"), f"/staff/points/books/{book}"
    typed = {"month_cap": "100", "group_cap": "500", "notice_days": "3", "lasts": "year",
             "months": "13"}  # fmt: skip
    assert web.post(f"{page}/terms", typed).status_code == 422
    assert web.post(f"{page}/terms", typed | {"months": "3"}).status_code == 302
    actions.talked_over(book_id=book, on=TODAY, words="大家议过了。", at=NOW,
                        by=county.holders["committee"].pk)  # fmt: skip
    web.post(f"{page}/steps/vote", {
        "meeting": "representatives", "on": str(TODAY), "electorate": "30", "present": "24",
        "votes_for": "20", "resolution": "第4次村民代表会议第2号决议"})  # fmt: skip
    sign_in("town_officer").post(f"{page}/steps/file")
    web.post(f"{page}/steps/publish", {"on": str(TODAY)})
    assert RuleBook.objects.get().state == "published"
    shown = words(sign_in(county.ah_mei), f"/points/books/{book}")
    assert "第4次村民代表会议第2号决议" in shown
    assert "当年得的积分用到第二年3月底。" in shown


def test_the_order_that_waits_shows_its_code_from_ones_points(county: County, sign_in) -> None:
    shop = mall_life.opened(county)
    mall.order(offer_id=shop.rice, pieces=1, points=100, by=county.ah_mei.pk, at=NOW, key="o")
    me = sign_in(county.ah_mei)
    page = words(me, "/points")
    assert "出示取货码" in page
    link = page.split('href="/mall/orders/')[1].split('"')[0]
    assert "<svg" in words(me, f"/mall/orders/{link}")


def test_every_entry_says_why_it_is_there_and_leads_to_it(
    county: County, sign_in, django_assert_max_num_queries
) -> None:
    shop = mall_life.opened(county)  # with points from paper
    book = life.in_force(county)
    life.entered(county, book, "H01", "Z01")
    order = mall.order(
        offer_id=shop.rice, pieces=1, points=20, by=county.ah_mei.pk, at=NOW, key="o"
    )
    code = Order.objects.values_list("code", flat=True).get(pk=order)
    mall.redeem(merchant_id=shop.shop, code=code, by=shop.seller.pk, at=NOW)
    mall.refund(order_id=order, why="米受潮了", by=shop.seller.pk, at=NOW + DAY)
    me = sign_in(county.ah_mei)
    holder = Holder.objects.get(person=county.ah_mei, left_at=None)
    for address in ("/points", f"/points/holders/{holder.pk}/statement"):
        page = main(words(me, address))
        for said in ("参加公共地方大扫除", f'/points/books/{book}#H01"', "看望独居老人，陪说话",
                     f'/mall/orders/{order}"', "-20", "+20", "+5"):  # fmt: skip
            assert said in page, (address, said)
        assert f"order:{order}" not in page
    with django_assert_max_num_queries(18):  # the entries, what they are about, what was undone
        words(me, "/points")


def test_the_own_page_takes_as_many_statements_with_much_on_it_as_with_little(
    county: County, sign_in, django_assert_max_num_queries
) -> None:
    book = life.in_force(county)
    for code in ("H01", "H03", "A02", "A03", "Z01", "Z02"):
        actions.claim(deed=life.deed(book, code, evidence="witness" if code != "A03" else "record"),
                      by=county.ah_mei.pk, at=NOW)  # fmt: skip
    me = sign_in(county.ah_mei)
    with django_assert_max_num_queries(16):
        words(me, "/points")


def test_boards_and_lists_show_no_person_and_no_order_by_points(county: County, sign_in) -> None:
    book = life.in_force(county)
    life.entered(county, book, "H01", "H03")
    page = main(words(sign_in(county.neighbour), f"/community/{county.place('village').code}"))
    for person in (county.ah_mei, county.holders["committee"], county.holders["grid_worker"]):
        assert person.name not in page
    for word in ("第一名", "排行", "名次", "最多的人"):
        assert word not in page
    teams = main(words(sign_in(county.neighbour), "/points/teams"))
    assert "分" not in teams.replace("积分", "").replace("部分", "")
