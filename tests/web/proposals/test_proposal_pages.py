"""Pages of proposals, for neighbours and for staff: shown, refused, kept."""

import io

import pytest
from django.test import Client
from PIL import Image

from deliberation.proposals_cast import DAY, Street, make_street
from gongzhi.deliberation.proposals import actions
from gongzhi.deliberation.proposals.models import Comment, Levy, Proposal, ProposalPhoto, Seconder
from lives import statements
from people import NOW, County
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(county: County) -> Street:
    """Ah-Mei's town, which governs by four platforms."""
    return make_street(county)


def filled(street: Street, **more: str) -> dict[str, str]:
    said = {
        "key": "k1", "title": "楼道加装扶手", "wrong": "楼道没有扶手，老人上下楼很吃力。",
        "propose": "从一楼到四楼装上木扶手。", "topic": "safety", "reach": "courtyard",
        "households": "12", "place": str(street.county.place("building").pk),
    }  # fmt: skip
    return said | more


def test_a_neighbour_proposes_on_one_page(street: Street, sign_in: SignIn) -> None:
    web = sign_in(street.county.ah_mei)
    assert "小小提案表" in web.get("/proposals/new").text
    answer = web.post("/proposals/new", filled(street), follow=True)
    made = Proposal.objects.get()
    assert answer.redirect_chain[-1][0] == f"/proposals/{made.number}"
    assert "请邻居来附议" in answer.text
    web.post("/proposals/new", filled(street))
    assert Proposal.objects.count() == 1


@pytest.mark.parametrize("missing", ["title", "wrong", "propose", "topic", "households", "place"])
def test_nothing_typed_is_lost_when_something_is_missing(
    street: Street, sign_in: SignIn, missing: str
) -> None:
    web = sign_in(street.county.ah_mei)
    answer = web.post("/proposals/new", filled(street, own_part="我来量尺寸", **{missing: ""}))
    assert answer.status_code == 422
    assert f'href="#{missing}"' in answer.text
    assert "我来量尺寸" in answer.text
    if missing != "wrong":
        assert "老人上下楼很吃力" in answer.text


def test_a_picture_survives_an_error_and_goes_with_the_proposal(
    street: Street, sign_in: SignIn
) -> None:
    web, picture = sign_in(street.county.ah_mei), io.BytesIO()
    Image.new("RGB", (64, 48), "#885").save(picture, "JPEG")
    picture.seek(0)
    picture.name = "stairs.jpg"
    answer = web.post("/proposals/new", filled(street, title="") | {"photo": picture})  # type: ignore[arg-type]
    kept = ProposalPhoto.objects.get()
    assert kept.key in answer.text
    web.post("/proposals/new", filled(street, photos=kept.key))
    made = Proposal.objects.get()
    address = f"/proposals/{made.number}/photos/{kept.key}"
    assert web.get(address).status_code == 200
    assert sign_in(street.neighbours[0]).get(address).status_code == 200
    assert sign_in(street.county.he).get(address).status_code == 404
    assert Client().get(address).status_code == 404


def test_what_neighbours_proposed_already_is_shown_before_sending(
    street: Street, sign_in: SignIn
) -> None:
    street.propose()
    web = sign_in(street.neighbours[0])
    twin = filled(street, title="楼道要装扶手")
    answer = web.post("/proposals/new", twin)
    assert "邻居已经提过" in answer.text
    assert Proposal.objects.count() == 1
    assert web.post("/proposals/new", twin | {"looked": "1"}).status_code == 302
    shown = web.post("/proposals/similar", twin)
    assert "楼道加装扶手" in shown.text


def test_a_draft_is_kept_and_sent_later(street: Street, sign_in: SignIn) -> None:
    web = sign_in(street.county.ah_mei)
    web.post("/proposals/new", filled(street, wrong="", propose="", topic="", draft="1"))
    made = Proposal.objects.get()
    assert made.phase == "draft"
    address = f"/proposals/{made.number}"
    assert "接着写" in web.get(address).text
    assert sign_in(street.neighbours[0]).get(address).status_code == 404
    assert "楼道加装扶手" in web.get(f"{address}/form").text
    assert "楼道加装扶手" in web.get("/proposals?mine=1").text
    web.post(f"{address}/form", filled(street))
    assert street.again(made).phase == "seconding"
    assert sign_in(street.neighbours[0]).get(f"{address}/form").status_code == 404


def test_seconding_and_standing_back(street: Street, sign_in: SignIn) -> None:
    made = street.propose(reach="grid")
    web, address = sign_in(street.neighbours[0]), f"/proposals/{made.number}"
    assert "我家附议" in web.get(address).text
    for _ in range(2):
        web.post(f"{address}/second")
    assert Seconder.objects.count() == 1
    assert "您家已附议" in web.get(address).text
    web.post(f"{address}/second", {"undo": "1"})
    assert street.again(made).seconded == 0
    refused = sign_in(street.county.ah_mei).post(f"{address}/second")
    assert refused.status_code == 403
    assert "自己家" in refused.text


def test_a_second_costs_six_statements(street: Street, sign_in: SignIn) -> None:
    made = street.propose(reach="grid")
    web = sign_in(street.neighbours[0])
    viewer = street.county.viewer(street.neighbours[1])
    web.get("/proposals")
    assert len(statements(
        lambda: actions.second(proposal_id=made.pk, by=viewer.person_id or 0, at=NOW)
    )) <= 3  # fmt: skip
    sent = statements(lambda: web.post(f"/proposals/{made.number}/second"))
    assert len(sent) <= 6, sent


def test_the_list_takes_eight_statements(street: Street, sign_in: SignIn) -> None:
    street.propose()
    street.accepted(title="另一件事情要办")
    web = sign_in(street.neighbours[0])
    web.get("/proposals")
    sent = statements(lambda: web.get("/proposals?q=扶手&sort=closing&state=open"))
    assert len(sent) <= 8, sent


def test_one_proposal_takes_eight_statements(street: Street, sign_in: SignIn) -> None:
    made = street.finished()
    web = sign_in(street.neighbours[0])
    address = f"/proposals/{made.number}"
    web.get(address)
    sent = statements(lambda: web.get(address))
    assert len(sent) <= 8, sent


def test_posting_a_comment_takes_twelve_statements(street: Street, sign_in: SignIn) -> None:
    made = street.propose()
    web = sign_in(street.neighbours[0])
    say = {"words": "我看行", "stand": "for", "key": "k"}
    sent = statements(lambda: web.post(f"/proposals/{made.number}/comments", say))
    assert len(sent) <= 12, sent
    assert Comment.objects.get().stand == "for"
    refused = web.post(f"/proposals/{made.number}/comments", {"words": "", "stand": "for"})
    assert (refused.status_code, Comment.objects.count()) == (422, 1)


def test_comments_come_by_page_and_by_stand(street: Street, sign_in: SignIn) -> None:
    made = street.propose()
    Comment.objects.bulk_create(
        Comment(proposal=made, by=street.neighbours[0], at=NOW, text=f"第{n}句",
                stand="against" if n % 2 else "for") for n in range(45)
    )  # fmt: skip
    web, address = sign_in(street.neighbours[1]), f"/proposals/{made.number}"
    first = web.get(address).text
    assert "第44句" in first
    assert "第20句" not in first
    assert "第20句" in web.get(f"{address}?page=2").text
    assert "第43句" not in web.get(f"{address}?stand=for").text
    assert "邻居1" not in first


def test_the_five_words_and_the_project_are_shown(street: Street, sign_in: SignIn) -> None:
    made = street.planned()
    shown = sign_in(street.neighbours[0]).get(f"/proposals/{made.number}").text
    for word in ("提", "议", "定", "做", "评"):
        assert f">{word}<" in shown
    assert "3,000.00 元" in shown
    assert "<svg" in shown
    assert "我来当监督员" in shown


def test_a_household_agrees_to_pay_and_takes_it_back(street: Street, sign_in: SignIn) -> None:
    made = street.planned()
    line = made.project.lines.get(source="levy")
    web, address = sign_in(street.neighbours[0]), f"/proposals/{made.number}/levies/{line.pk}"
    assert web.post(address, {"amount": "很多"}).status_code == 422
    web.post(address, {"amount": "50"})
    assert Levy.objects.get().amount_fen == 5_000
    assert "您家同意出50.00 元" in web.get(f"/proposals/{made.number}").text
    web.post(address, {"undo": "1"})
    assert Levy.objects.get().withdrawn_at is not None


def test_staff_test_all_five_questions_on_one_page(street: Street, sign_in: SignIn) -> None:
    made = street.filed()
    desk = sign_in("committee")
    assert made.title in desk.get("/staff/proposals").text
    address = f"/staff/proposals/{made.number}"
    assert "受理五问" in desk.get(address).text
    yes = {f"test_{test}": "yes" for test in
           ("public_interest", "in_scope", "lawful", "not_open", "clear")}  # fmt: skip
    refused = desk.post(f"{address}/test", yes | {"test_clear": "no", "key": "a"})
    assert refused.status_code == 422
    assert "请写明理由" in refused.text
    desk.post(f"{address}/test", yes | {"key": "b"})
    assert street.state(made) == "deliberating"
    late = desk.post(f"{address}/test", yes | {"key": "c"})
    assert (late.status_code, "不在等受理" in late.text) == (409, True)


def test_staff_carry_it_through_the_desk(street: Street, sign_in: SignIn) -> None:
    made = street.accepted()
    desk, address = sign_in("committee"), f"/staff/proposals/{made.number}"
    desk.post(f"{address}/up", {"reason": "一个楼院办不了"})
    desk.post(f"{address}/hear", {"seats": "12", "present": "8", "said": "都说要装"})
    desk.post(f"{address}/decide", {"method": "households", "electorate": "20", "present": "15",
                                    "for_": "13", "against": "1", "abstain": "1",
                                    "said": "同意装，社区出钱"})  # fmt: skip
    assert street.state(made) == "decided"
    lead = f"p{street.held('grid_worker')}"
    desk.post(f"{address}/plan", {"plan": "装木扶手", "lead": lead})
    for person in street.neighbours[-2:]:
        answer = desk.post(f"{address}/supervisor", {"person": person.name})
        assert answer.status_code == 302, answer.text
    desk.post(f"{address}/task", {"what": "买料", "due_on": "2026-12-01"})
    desk.post(f"{address}/line", {"source": "fund", "line_name": "为民资金", "planned": "3000"})
    desk.post(f"{address}/start")
    assert street.state(made) == "project"
    project = street.again(made).project
    desk.post(f"{address}/spend", {"line": str(project.lines.get().pk), "amount": "12.34",
                                   "what": "木料", "spent_on": "2026-11-23",
                                   "key": "s"})  # fmt: skip
    assert "12.34 元" in desk.get(address).text
    wrong = desk.post(f"{address}/supervisor", {"person": "没有这个人"})
    assert (wrong.status_code, "没有找到这位居民" in wrong.text) == (422, True)


def test_the_desk_of_another_place_does_not_open(street: Street, sign_in: SignIn) -> None:
    made = street.accepted()
    client = Client()
    client.force_login(street.county.foreign["committee"].account)
    assert client.get(f"/staff/proposals/{made.number}").status_code == 404
    resident = sign_in(street.neighbours[0]).get(f"/staff/proposals/{made.number}")
    assert resident.status_code == 403


def test_overdue_acceptance_is_shown(street: Street, sign_in: SignIn) -> None:
    street.at -= 7 * DAY
    street.filed()
    shown = sign_in("committee").get("/staff/proposals").text
    assert "有1件超过期限" in shown
    assert "超期" in shown


def test_an_appeal_goes_up_and_is_answered(street: Street, sign_in: SignIn) -> None:
    made = street.filed()
    actions.give_back(proposal_id=made.pk, by=street.held("committee"), at=NOW,
                      failed=("in_scope",), reasons="这是物业合同里的事")  # fmt: skip
    address = f"/proposals/{made.number}"
    web = sign_in(street.county.ah_mei)
    assert "退回的理由" in web.get(address).text
    web.post(f"{address}/appeal", {"words": "合同里没有写"})
    officer = sign_in("town_officer")
    assert "请上一级再看的" in officer.get("/staff/proposals").text
    assert "请上一级再看的" not in sign_in("committee").get("/staff/proposals").text
    officer.post(f"/staff{address}/appeal", {"upheld": "yes", "answer": "合同里确实没有写"})
    assert street.state(made) == "deliberating"
    assert "意见成立" in web.get(address).text


def test_the_results_say_what_was_counted(street: Street, sign_in: SignIn) -> None:
    street.finished()
    code = street.county.place("village").code
    shown = Client().get(f"/proposals/results?code={code}").text
    assert "2026年提案办得怎么样" in shown
    assert "100%" in shown
    assert "2,800.00 元" in shown
    assert Client().get("/proposals/results?year=19x6").status_code == 200


def test_strangers_read_what_is_accepted_and_nothing_before(street: Street) -> None:
    made = street.propose()
    assert Client().get(f"/proposals/{made.number}").status_code == 404
    accepted = street.accepted(title="另一件已受理的")
    shown = Client().get(f"/proposals/{accepted.number}").text
    assert "登录后可以留言" in shown
    assert "阿梅" not in shown


@pytest.mark.parametrize("address", ["?q=%00", "?page=abc", "?state=nothing", "?sort=nothing",
                                     "?reach=%00&topic=%00"])  # fmt: skip
def test_odd_addresses_are_answered(street: Street, sign_in: SignIn, address: str) -> None:
    street.propose()
    answer = sign_in(street.neighbours[0]).get(f"/proposals{address}")
    assert answer.status_code == (422 if "%00" in address else 200)
