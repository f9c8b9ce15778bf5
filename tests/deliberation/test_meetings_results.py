"""What a session leads to: matters with owner and date, pledges, minutes, the list read next."""

from datetime import date, timedelta

import pytest

import people
from assemblies import DAY, Meeting, body, meeting, one_four_one
from gongzhi.core.errors import BadInput, NotAllowed, Refused, Stale
from gongzhi.deliberation.bodies import rules as body_rules
from gongzhi.deliberation.meetings import actions, queries
from gongzhi.deliberation.meetings.models import Minutes, Pledge, Question, Sorting
from gongzhi.matters.actions import Assignee
from gongzhi.matters.models import Matter
from gongzhi.publications.models import Publication
from lives import statements

pytestmark = pytest.mark.django_db


def asked(made: Meeting, words: str, number: int) -> Question:
    actions.ask(session_id=made.id, words=words, by=made.county.ah_mei.pk, at=made.at)
    return Question.objects.get(session=made.id, number=number)


def give(made: Meeting, question: Question, *others: Assignee, days: int = 15) -> actions.Sorted:
    lead = Assignee(made.county.holders["grid_worker"].pk)
    return actions.hand_over(
        question_id=question.pk, by=made.host.pk, at=made.at, lead=lead, others=others,
        due_at=made.at + days * DAY,
    )  # fmt: skip


@pytest.fixture
def assembly(county: people.County) -> Meeting:
    return meeting(county).notice().begins().comes(county.ah_mei).opens()


def test_a_question_becomes_a_matter_with_owner_and_date(assembly: Meeting) -> None:
    question = asked(assembly, "村口路灯坏了三个月，什么时候修？", 1)
    assembly.closes()
    sorted_ = give(assembly, question)
    matter = Matter.objects.get(pk=sorted_.matter_id)
    assert matter.raised_by_id == assembly.county.ah_mei.pk
    assert (matter.body, matter.number) == (question.text, sorted_.number)
    row = Sorting.objects.get(pk=sorted_.id)
    assert (row.kind, row.due_at) == ("assign", assembly.at + 15 * DAY)


def test_a_lead_with_others_is_joint_handling(assembly: Meeting) -> None:
    question = asked(assembly, "水渠两个村都堵了，谁来清？", 1)
    assembly.closes()
    give(assembly, question, Assignee(organisation_id=assembly.county.water.pk), days=30)
    listed = queries.rectification(session_id=assembly.id, at=assembly.at)
    assert (listed["issues"], listed["assigned"], listed["joint"]) == (1, 0, 1)


def test_the_same_question_twice_is_one_issue(assembly: Meeting) -> None:
    first, second = asked(assembly, "路灯不亮", 1), asked(assembly, "路灯晚上不亮", 2)
    assembly.closes()
    one = give(assembly, first)
    actions.merge(question_id=second.pk, into=one.id, by=assembly.host.pk, at=assembly.at)
    listed = queries.rectification(session_id=assembly.id, at=assembly.at)
    assert listed["issues"] == 1
    assert listed["rows"][0]["merged"] == 1


def test_an_issue_is_sorted_once_even_by_two_offices(assembly: Meeting) -> None:
    question = asked(assembly, "路灯不亮", 1)
    assembly.closes()
    give(assembly, question)
    with pytest.raises(Stale, match="已经交办"):
        give(assembly, question)


def test_an_issue_is_rectified_only_when_its_matter_is_done(assembly: Meeting) -> None:
    question = asked(assembly, "路灯不亮", 1)
    assembly.closes()
    sorted_ = give(assembly, question)
    later = assembly.at + 20 * DAY
    listed = queries.rectification(session_id=assembly.id, at=later)
    assert (listed["done"], listed["late"]) == (0, 1)
    Matter.objects.filter(pk=sorted_.matter_id).update(
        outcome="done", closed_at=later, due_at=None, tick_at=None
    )
    listed = queries.rectification(session_id=assembly.id, at=later)
    assert (listed["done"], listed["late"]) == (1, 0)


def test_an_item_handed_over_has_its_outcome(county: people.County) -> None:
    made, seated = one_four_one(county)
    made.notice().begins().comes(*seated.values()).opens()
    item = made.item("item")
    actions.hand_over(item_id=item.pk, by=made.host.pk, at=made.at, due_at=made.at + 30 * DAY,
                      lead=Assignee(county.holders["grid_worker"].pk))  # fmt: skip
    item.refresh_from_db()
    assert (item.outcome, item.matter_id is not None) == ("matter", True)
    assert made.closes().row.state == "closed"


def test_the_next_session_reads_the_last_list_first(assembly: Meeting) -> None:
    asked(assembly, "路灯不亮", 1)
    assembly.closes()
    following = meeting(assembly.county, of=assembly.body, days=100)
    following.notice().begins().opens()
    with pytest.raises(Refused, match="先念上次"):
        actions.start_part(item_id=following.item("part").pk, by=following.host.pk, at=following.at)
    following.reads_back()
    actions.start_part(item_id=following.item("part").pk, by=following.host.pk, at=following.at)
    assert following.row.item_id == following.item("part").pk


@pytest.fixture
def promise(assembly: Meeting) -> int:
    return actions.pledge(
        session_id=assembly.id, words="年底前把三盏路灯修好", due_on=date(2026, 12, 31),
        owner_id=assembly.county.holders["supervisor"].pk, by=assembly.host.pk, at=assembly.at,
    )  # fmt: skip


def test_a_pledge_is_judged_by_others_than_its_owner(promise: int, county: people.County) -> None:
    at = people.NOW + 50 * DAY
    with pytest.raises(NotAllowed, match="由别人认定"):
        actions.judge_pledge(pledge_id=promise, verdict="kept", note="都修好了，我看过",
                             by=county.holders["supervisor"].pk, at=at)  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.judge_pledge(pledge_id=promise, verdict="kept", note="都修好了，我看过",
                             by=county.ah_mei.pk, at=at)  # fmt: skip
    actions.judge_pledge(pledge_id=promise, verdict="broken", note="只修了一盏",
                         by=county.holders["town_officer"].pk, at=at)  # fmt: skip
    assert Pledge.objects.get(pk=promise).state == "broken"


def test_an_extended_pledge_names_a_later_day(promise: int, county: people.County) -> None:
    by, at = county.holders["town_officer"].pk, people.NOW + 30 * DAY
    with pytest.raises(BadInput, match="比原来的晚"):
        actions.judge_pledge(pledge_id=promise, verdict="extended", note="材料没到货",
                             due_on=date(2026, 12, 1), by=by, at=at)  # fmt: skip
    actions.judge_pledge(pledge_id=promise, verdict="extended", note="材料没到货",
                         due_on=date(2027, 2, 1), by=by, at=at)  # fmt: skip
    row = queries.pledge(promise, at)
    assert (row["state"], row["due_on"], row["note"]) == (
        "extended", date(2027, 2, 1), "材料没到货",
    )  # fmt: skip


def test_minutes_tell_what_happened_and_nothing_is_typed(assembly: Meeting) -> None:
    question = asked(assembly, "水费怎么算的？", 1)
    actions.answer(question_id=question.pk, words="按表计费，一吨两块八", answerer="陈书田",
                   by=assembly.host.pk, at=assembly.at)  # fmt: skip
    assembly.closes()
    told = queries.minutes(assembly.id)["body"]
    assert told["attendance"]["heads"] == 1
    assert told["questions"][0]["answer"] == "按表计费，一吨两块八"
    assert [one["title"] for one in told["agenda"]][:2] == ["看一场表演", "村支两委述职"]
    assert told["hosts"] == ["陈"]


def test_minutes_are_corrected_by_another_version_only(assembly: Meeting) -> None:
    assembly.closes()
    fix = {"session_id": assembly.id, "correction": "到会应为二人，漏登一人",
           "reason": "纸质名单漏了一行",
           "by": assembly.host.pk, "at": assembly.at}  # fmt: skip
    actions.publish_minutes(session_id=assembly.id, by=assembly.host.pk, at=assembly.at)
    assert actions.correct_minutes(**fix, seen=1) == 2
    with pytest.raises(Stale):
        actions.correct_minutes(**fix, seen=1)
    first, second = Minutes.objects.filter(session=assembly.id).order_by("version")
    assert first.body["corrections"] == []
    assert second.body["corrections"][0]["words"] == "到会应为二人，漏登一人"
    board = list(Publication.objects.filter(subject="minutes", subject_id=assembly.id)
                 .order_by("version").values_list("version", "reason"))  # fmt: skip
    assert board == [(1, ""), (2, "纸质名单漏了一行")]


def test_a_hearing_hears_the_sides_in_their_order(county: people.County) -> None:
    made = meeting(county, "decision_hearing", days=5).notice()
    item = made.item("hearing")
    sides = [
        actions.add_party(item_id=item.pk, name=name, stand=stand, by=made.host.pk, at=made.at)
        for name, stand in (("沿街商户", "against"), ("一组村民", "for"))
    ]
    made.begins()
    with pytest.raises(Refused, match="利益相关方还没有人到会"):
        made.opens()
    from gongzhi.deliberation.bodies import actions as bodies

    bodies.seat(body_id=made.body, person_id=county.ah_mei.pk, seat_class="stakeholder",
                by=made.host.pk, at=people.NOW)  # fmt: skip
    made.comes(county.ah_mei).opens()
    with pytest.raises(Refused, match="先请沿街商户说"):
        actions.write_statement(party_id=sides[1], words="同意拓宽", by=made.host.pk, at=made.at)
    for side, words in zip(sides, ("怕影响生意", "同意拓宽"), strict=True):
        actions.write_statement(party_id=side, words=words, by=made.host.pk, at=made.at)
    made.settles().closes()
    heard = next(one for one in queries.minutes(made.id)["body"]["agenda"] if one["parties"])
    assert [(one["name"], one["statement"]) for one in heard["parties"]] == [
        ("沿街商户", "怕影响生意"), ("一组村民", "同意拓宽"),
    ]  # fmt: skip


def test_once_a_quarter_in_twenty_one_villages_is_168_in_two_years() -> None:
    first, last = date(2019, 1, 1), date(2020, 12, 31)
    assert 21 * body_rules.periods_due(first, last, 3) == 168
    held = [date(2019, 3, 31), date(2019, 4, 1), date(2019, 4, 30)]
    assert body_rules.due_and_held(first, last, 3, held) == (8, 2)


def test_a_session_in_the_running_period_counts_on_both_sides() -> None:
    first, today = date(2026, 1, 1), date(2026, 5, 10)
    assert body_rules.due_and_held(first, today, 3, []) == (1, 0)
    assert body_rules.due_and_held(first, today, 3, [date(2026, 4, 2)]) == (2, 1)


def test_held_against_due_is_computed_from_the_sessions(assembly: Meeting) -> None:
    assembly.closes()
    shown = queries.cadence(assembly.county.place("town").path, assembly.at.date())
    assert (shown["held"], shown["due"]) == (1, 4)


def test_the_sentence_of_case_13_is_computed(assembly: Meeting) -> None:
    question = asked(assembly, "路灯不亮", 1)
    assembly.closes()
    give(assembly, question)
    told = queries.record(assembly.county.place("town").path, assembly.at, blueprint="small_stool")
    assert {k: told[k] for k in ("sessions", "issues", "assigned", "joint", "done", "least")} == {
        "sessions": 1, "issues": 1, "assigned": 1, "joint": 0, "done": 0, "least": 1,
    }  # fmt: skip


def test_reading_a_session_takes_as_few_statements_however_much_was_asked(
    assembly: Meeting,
) -> None:
    viewer = assembly.county.viewer("committee")

    def read() -> None:
        row = queries.page(assembly.id, viewer)
        queries.agenda(assembly.id)
        queries.questions(assembly.id)
        queries.standing(row)

    asked(assembly, "第一个问题", 1)
    before = len(statements(read))
    for n in range(2, 9):
        asked(assembly, f"第{n}个问题", n)
    assert len(statements(read)) == before <= 7


def test_signing_in_takes_a_handful_of_statements(county: people.County) -> None:
    made = meeting(county).notice().begins()
    took = statements(lambda: made.comes(county.neighbour))
    assert len(took) <= 4


def test_a_body_is_founded_where_its_kind_belongs(county: people.County) -> None:
    with pytest.raises(BadInput, match="这一级不设"):
        body(county, "lane_council", "village")
    body(county)
    with pytest.raises(Refused, match="同名"):
        body(county)


def test_a_day_of_grace_is_no_day_of_notice() -> None:
    from gongzhi.deliberation.meetings import rules

    late = people.NOW.replace(hour=23, minute=30)
    assert rules.days_between(late, people.NOW + timedelta(days=3)) == 3
