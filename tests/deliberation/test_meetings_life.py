"""A session from its call to its end, and what it refuses on the way."""

from datetime import timedelta

import pytest

import people
from assemblies import DAY, Meeting, body, meeting, one_four_one, villagers
from gongzhi.core.errors import BadInput, NotAllowed, Refused, Stale
from gongzhi.deliberation.bodies import actions as bodies
from gongzhi.deliberation.meetings import actions, queries
from gongzhi.deliberation.meetings.models import AgendaItem, Attendance, Question, SessionEvent

pytestmark = pytest.mark.django_db


def test_a_small_stool_assembly_has_its_seven_parts_in_order(county: people.County) -> None:
    made = meeting(county)
    titles = list(AgendaItem.objects.filter(session=made.id).values_list("title", flat=True))
    assert titles == [
        "看一场表演", "村支两委述职", "集体承诺", "政策宣讲",
        "群众质询", "问卷测评", "镇参会领导点评",
    ]  # fmt: skip


def test_a_notice_later_than_the_days_of_the_rule_is_refused(county: people.County) -> None:
    made = meeting(county, days=9)
    with pytest.raises(Refused, match="提前10天通知"):
        made.notice()
    assert made.row.state == "draft"


def test_the_day_counts_for_the_notice_not_the_hour(county: people.County) -> None:
    made = meeting(county, starts_at=people.NOW + 10 * DAY - timedelta(hours=2))
    assert made.notice().row.state == "noticed"


def test_special_circumstances_shorten_the_notice_where_the_law_allows_it(
    county: people.County,
) -> None:
    made = meeting(county, "villagers_assembly", days=2)
    with pytest.raises(BadInput, match="特殊情况"):
        made.notice()
    made.notice(why_short="堤坝出险，须马上商量转移")
    assert made.row.short_notice == "堤坝出险，须马上商量转移"


def test_no_reason_shortens_the_notice_of_owners(county: people.County) -> None:
    made = meeting(county, "owners_meeting_ordinary", days=14)
    with pytest.raises(Refused, match="提前15天"):
        made.notice(why_short="有急事要马上决定")


def test_a_council_of_one_four_one_opens_only_when_every_side_is_there(
    county: people.County,
) -> None:
    made, seated = one_four_one(county)
    made.notice().begins().comes(*[p for c, p in seated.items() if c not in ("unit", "party")])
    with pytest.raises(Refused, match="党组织、驻地单位还没有人到会"):
        made.opens()
    made.comes(seated["party"]).comes(seated["unit"], how="online").opens()
    assert made.row.state == "open"


def test_on_site_and_on_line_the_same_person_counts_once(county: people.County) -> None:
    made, seated = one_four_one(county)
    made.notice().begins().comes(*seated.values())
    made.comes(seated["stakeholder"], how="online").comes(seated["stakeholder"], how="desk")
    made.opens()
    counted = queries.counts(made.id)
    assert (counted.members, counted.present) == (5, 5)
    assert Attendance.objects.filter(session=made.id).count() == 5


def test_an_observer_is_welcome_and_changes_no_quorum(county: people.County) -> None:
    made, seated = one_four_one(county)
    made.notice().begins().comes(*seated.values()).comes(county.he).opens()
    assert queries.counts(made.id).present == 5
    assert queries.standing_of(made.id)["heads"] == 6


def test_the_roll_is_frozen_when_the_session_opens(county: people.County) -> None:
    made, seated = one_four_one(county)
    made.notice().begins().comes(*seated.values()).opens()
    bodies.seat(body_id=made.body, person_id=county.he.pk, seat_class="expert",
                by=made.host.pk, at=made.at)  # fmt: skip
    assert queries.counts(made.id).members == 5


def test_members_households_and_heads_are_counted_apart(county: people.County) -> None:
    all_of = villagers(county, 10)
    made = meeting(county, "villagers_assembly").notice().begins().comes(*all_of[:6]).opens()
    counted = queries.counts(made.id)
    assert (counted.members, counted.present) == (10, 6)
    assert (counted.households, counted.households_present) == (5, 3)
    standing = queries.standing_of(made.id)
    assert [line.base for line in standing["lines"]] == ["members", "households"]
    assert standing["reached"] is True


def test_exactly_half_of_the_villagers_are_not_more_than_half(county: people.County) -> None:
    all_of = villagers(county, 10, a_home=5)
    made = meeting(county, "villagers_assembly").notice().begins().comes(*all_of[:5]).opens()
    assert queries.standing_of(made.id)["reached"] is False


def test_owners_are_counted_by_area_and_by_head(county: people.County) -> None:
    owners = villagers(county, 3)
    meet = body(county, "owners_meeting_ordinary")
    for owner, area in zip(owners, (9000, 5000, 1000), strict=True):
        bodies.seat(body_id=meet, person_id=owner.pk, seat_class="owner", area=area,
                    by=county.holders["committee"].pk, at=people.NOW,
                    from_on=people.START)  # fmt: skip
    made = meeting(county, of=meet, days=16).notice().begins().comes(*owners[:2]).opens()
    counted = queries.counts(made.id)
    assert (counted.area, counted.area_present, counted.present) == (15000, 14000, 2)


def test_a_written_proxy_counts_only_where_the_law_knows_it(county: people.County) -> None:
    home = villagers(county, 4)
    meet = body(county, "collective_member_assembly")
    for one in home:
        bodies.seat(body_id=meet, person_id=one.pk, seat_class="member",
                    by=county.holders["committee"].pk, at=people.NOW,
                    from_on=people.START)  # fmt: skip
    made = meeting(county, of=meet).notice().begins()

    def stands_in(holder: people.Person, whom: people.Person, of: Meeting = made) -> None:
        actions.mandate(session_id=of.id, holder_id=holder.pk, for_person_id=whom.pk,
                        paper="委托书一份，存会议档案", by=of.host.pk, at=of.at)  # fmt: skip

    with pytest.raises(BadInput, match="同一户"):
        stands_in(home[0], home[2])
    stands_in(home[0], home[1])
    made.comes(home[0]).opens()
    assert queries.counts(made.id).present == 2
    other = meeting(county, "villagers_assembly").notice().begins()
    with pytest.raises(Refused, match="不能委托"):
        stands_in(home[0], home[1], other)


def test_nobody_closes_a_session_over_an_item_without_an_outcome(county: people.County) -> None:
    made, seated = one_four_one(county)
    made.notice().begins().comes(*seated.values()).opens()
    with pytest.raises(Refused, match="“形成协商意见，念给大家听，不同意见记下来”还没有结果"):
        made.closes()
    made.settles().closes()
    assert made.row.state == "closed"


def test_a_second_host_is_told_who_was_faster(county: people.County) -> None:
    made = meeting(county).notice().begins().comes(county.ah_mei).opens()
    seen, part = made.row.seq, made.item("part")
    actions.start_part(item_id=part.pk, by=made.host.pk, at=made.at, seen=seen)
    with pytest.raises(Stale, match="刚才陈已经操作过"):
        actions.start_part(item_id=made.item("questions").pk, at=made.at, seen=seen,
                           by=county.holders["workshop_host"].pk)  # fmt: skip


def test_going_on_ends_the_part_before_and_starts_the_clock_of_the_next(
    county: people.County,
) -> None:
    made = meeting(county).notice().begins().opens()
    first, questions = made.item("part"), made.item("questions")
    actions.start_part(item_id=first.pk, by=made.host.pk, at=made.at)
    actions.start_part(item_id=questions.pk, by=made.host.pk, at=made.at + DAY / 24)
    first.refresh_from_db()
    assert first.ended_at == made.at + DAY / 24
    assert made.row.item_id == questions.pk


def test_somebody_who_may_not_run_it_is_told_who_does(county: people.County) -> None:
    made = meeting(county).notice().begins()
    with pytest.raises(NotAllowed, match="两委成员"):
        actions.open_session(session_id=made.id, by=county.ah_mei.pk, at=made.at)
    with pytest.raises(NotAllowed):
        actions.open_session(session_id=made.id, by=county.foreign["committee"].pk, at=made.at)


def test_a_paper_list_is_entered_at_once_and_nobody_twice(county: people.County) -> None:
    all_of = villagers(county, 6)
    made = meeting(county, "villagers_assembly").notice().begins().comes(all_of[0])
    told = actions.sign_in_list(
        session_id=made.id, names="村民000\n村民001\n 村民002 \n外村老张\n村民002\n",
        by=made.host.pk, at=made.at,
    )  # fmt: skip
    assert told == {"signed": 3, "again": 1, "guests": ["外村老张"], "unclear": []}
    assert queries.counts(made.id).present == 3


def test_questions_that_nobody_answered_are_carried_over(county: people.County) -> None:
    made = meeting(county).notice().begins().opens()
    first = actions.ask(session_id=made.id, words="村口的路灯什么时候修？", by=county.ah_mei.pk,
                        at=made.at, key="k1")  # fmt: skip
    again = actions.ask(session_id=made.id, words="村口的路灯什么时候修？", by=county.ah_mei.pk,
                        at=made.at, key="k1")  # fmt: skip
    assert (first, again) == (1, 1)
    actions.ask(session_id=made.id, words="水费怎么算的？", by=made.host.pk, at=made.at, how="slip")
    answered = Question.objects.get(session=made.id, number=2)
    actions.answer(question_id=answered.pk, words="按表计费", answerer="陈书田", by=made.host.pk,
                   at=made.at)  # fmt: skip
    made.closes()
    states = dict(Question.objects.filter(session=made.id).values_list("number", "state"))
    assert states == {1: "carried", 2: "answered"}


def test_a_stranger_asks_nothing_here(county: people.County) -> None:
    made = meeting(county).notice().begins().opens()
    with pytest.raises(NotAllowed):
        actions.ask(session_id=made.id, words="我想问一句", by=county.he.pk, at=made.at)


def test_every_step_leaves_its_event(county: people.County) -> None:
    made = meeting(county).notice().begins().comes(county.ah_mei).opens().closes()
    verbs = list(SessionEvent.objects.filter(session=made.id).order_by("seq")
                 .values_list("verb", flat=True))  # fmt: skip
    assert verbs == ["called", "noticed", "opened", "closed", "minutes"]
    assert made.row.seq == 1 + len(verbs)
