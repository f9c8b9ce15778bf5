"""Points: the rule book people adopt, two checks, totals before entries, and what may never be."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.ledger.points import accounts, actions, queries, rules, starter
from gongzhi.ledger.points.models import Claim, GuardianConsent, Holder, RuleBook
from gongzhi.matters.actions import raise_matter
from gongzhi.people.models import Person
from ledger import points_life as life
from ledger.points_life import TODAY
from people import NOW, County

DAY = timedelta(days=1)
db = pytest.mark.django_db


@given(
    st.sampled_from([p for rule in rules.BARRED for p in rule.patterns]),
    st.text(max_size=8), st.text(max_size=8), st.sampled_from(["", " ", "·", "-"]),
)  # fmt: skip
def test_what_is_barred_is_refused_with_its_article_however_it_is_spaced(
    word: str, before: str, after: str, gap: str
) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_lawful(before + gap.join(word) + after)
    assert refused.value.code == "barred"
    assert refused.value.data["article"] in refused.value.todo


def test_the_starter_book_has_32_lawful_items_in_six_areas() -> None:
    items = starter.items(date(2026, 12, 31))
    assert len(items) == 32
    assert len({i["code"] for i in items}) == 32
    assert {i["area"] for i in items} == {"environment", "safety", "mediation", "education",
                                          "culture", "care"}  # fmt: skip
    assert {i["subject"] for i in items} == {"person", "household", "team", "organisation"}
    for item in items:
        rules.check_lawful(item["title"])
        assert item["title_en"]


@pytest.mark.parametrize(
    "hidden", ["信\u200b访", "信（访）", "上訪", "打１２３４５", "进京反映", "垃圾不分类扣 5 分",
               "每次-5分", "扣十分", "排前三名", "积分送人", "换钱", "满意度打五星", "签约搬迁"],
)  # fmt: skip
def test_nothing_is_hidden_by_the_way_it_is_written(hidden: str) -> None:
    with pytest.raises(Refused):
        rules.check_lawful(hidden)


@pytest.mark.parametrize(
    "deed", ["陪老人看病", "照顾生病的邻居", "给困难邻居送旧衣", "帮邻居搬家", "向书屋赠书",
             "每次2-5分", "办喜事不铺张", "前三次各5分", "教老人用手机挂号"],
)  # fmt: skip
def test_a_good_deed_is_not_taken_for_what_is_barred(deed: str) -> None:
    rules.check_lawful(deed)


@pytest.mark.parametrize("bad", ["缠访闹访扣10分", "违规生育", "无病乱医", "积分转让给邻居",
                                 "按时缴费得分", "月度排名前十奖励", "装App打卡"])  # fmt: skip
@db
def test_a_barred_item_gets_into_no_book(county: County, bad: str) -> None:
    book = life.drafted(county)
    values = {"code": "X1", "title": bad, "area": "care", "kind": "regular", "subject": "person",
              "points": 1, "cap": 1, "evidence": ["words"]}  # fmt: skip
    with pytest.raises(Refused) as refused, transaction.atomic():
        actions.save_item(book_id=book, values=values, by=county.holders["committee"].pk, at=NOW)
    assert refused.value.code == "barred"


@db
def test_a_book_goes_from_draft_to_force_and_a_change_is_a_new_version(county: County) -> None:
    book = life.in_force(county)
    by = county.holders["committee"].pk
    second = actions.draft(place_id=county.place("village").pk, title="积分办法二", by=by, at=NOW)
    assert RuleBook.objects.get(pk=second).version == 2
    assert len(queries.items(second)) == 32
    actions.talked_over(book_id=second, on=TODAY, words="议过了。", by=by, at=NOW)
    actions.adopted(book_id=second, vote=life.VOTE, by=by, at=NOW)
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.file(book_id=second, by=by, at=NOW)
    actions.file(book_id=second, by=county.holders["town_officer"].pk, at=NOW)
    actions.publish(book_id=second, from_on=TODAY + DAY, by=by, at=NOW)
    village = county.place("village").pk
    assert queries.book_in_force(village, TODAY)["id"] == book  # type: ignore[index]
    assert queries.book_in_force(village, TODAY + DAY)["id"] == second  # type: ignore[index]


@pytest.mark.parametrize(("electorate", "present", "yes"), [(30, 19, 19), (30, 24, 12)])
@db
def test_a_meeting_without_quorum_or_majority_adopts_nothing(
    county: County, electorate: int, present: int, yes: int
) -> None:
    book, by = life.drafted(county), county.holders["committee"].pk
    actions.talked_over(book_id=book, on=TODAY, words="议过了。", by=by, at=NOW)
    vote = actions.Vote("representatives", TODAY, electorate, present, yes)
    with pytest.raises(BadInput), transaction.atomic():
        actions.adopted(book_id=book, vote=vote, by=by, at=NOW)


@db
def test_a_deed_is_checked_twice_made_public_as_totals_and_entered_once(county: County) -> None:
    book = life.in_force(county)
    claim = life.approved(county, book, times=2)
    by, village = county.holders["committee"].pk, county.place("village").pk
    notice = actions.post(place_id=village, by=by, at=NOW)
    totals = queries.notices(village)[0]["totals"]
    assert totals == [{"area": "environment", "deeds": 1, "points": 10, "holders": "不足5"}]
    with pytest.raises(Refused), transaction.atomic():
        actions.enter(notice_id=notice, by=by, at=NOW + DAY)
    assert actions.enter(notice_id=notice, by=by, at=NOW + 3 * DAY) == 1
    assert actions.enter(notice_id=notice, by=by, at=NOW + 3 * DAY) == 0
    own = queries.own(county.viewer(county.ah_mei))
    assert [h["balance"] for h in own] == [10]
    actions.reverse(claim_id=claim, reason="其实是上周的", by=by, at=NOW + 4 * DAY)
    assert accounts.balance(own[0]["account"]) == 0
    assert Claim.objects.get(pk=claim).state == "reversed"


@db
def test_one_person_does_not_check_twice_and_nobody_for_himself_or_his_kin(county: County) -> None:
    book = life.in_force(county)
    claim = actions.claim(deed=life.deed(book), by=county.ah_mei.pk, at=NOW)
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.check_first(claim_id=claim, by=county.neighbour.pk, at=NOW)
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.check_second(claim_id=claim, by=county.holders["grid_worker"].pk, at=NOW)
    Person.objects.filter(pk=county.holders["grid_worker"].pk).update(
        household=county.ah_mei.household_id
    )
    with pytest.raises(Refused) as refused, transaction.atomic():
        actions.check_first(claim_id=claim, by=county.holders["grid_worker"].pk, at=NOW)
    assert refused.value.code == "conflict"


@db
def test_more_than_the_month_allows_is_not_approved(county: County) -> None:
    book = life.in_force(county)
    life.approved(county, book, times=4)
    with pytest.raises(Refused) as refused, transaction.atomic():
        life.approved(county, book)
    assert refused.value.code == "within_the_month"


@db
def test_an_empty_budget_gives_nothing(county: County) -> None:
    book = life.in_force(county, points=3)
    life.approved(county, book)
    by = county.holders["committee"].pk
    notice = actions.post(place_id=county.place("village").pk, by=by, at=NOW)
    with pytest.raises(Refused), transaction.atomic():
        actions.enter(notice_id=notice, by=by, at=NOW + 3 * DAY)
    assert Claim.objects.get().state == "noticed"


@db
def test_a_minor_earns_for_the_household_when_a_guardian_agrees(county: County) -> None:
    book = life.in_force(county)
    child = Person.objects.create(
        name="小宝", household=county.ah_mei.household, born_on=date(2015, 5, 1)
    )
    by = county.ah_mei.pk
    with pytest.raises((Refused, NotAllowed)), transaction.atomic():
        actions.claim(deed=life.deed(book), doer_id=child.pk, by=by, at=NOW)
    with pytest.raises(Refused), transaction.atomic():
        actions.agree_for(minor_id=child.pk, by=county.he.pk, at=NOW)
    actions.agree_for(minor_id=child.pk, by=by, at=NOW)
    claim = actions.claim(deed=life.deed(book), doer_id=child.pk, by=by, at=NOW)
    assert Claim.objects.get(pk=claim).holder.subject == "household"
    assert not Holder.objects.filter(person=child).exists()
    assert GuardianConsent.objects.get().guardian_id == by


@db
def test_who_leaves_keeps_or_wipes_his_points_as_he_likes(county: County) -> None:
    book = life.in_force(county)
    life.approved(county, book)
    by = county.holders["committee"].pk
    notice = actions.post(place_id=county.place("village").pk, by=by, at=NOW)
    actions.enter(notice_id=notice, by=by, at=NOW + 3 * DAY)
    holder = Holder.objects.get()
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.leave(holder_id=holder.pk, wish="wipe", by=county.he.pk, at=NOW)
    actions.leave(holder_id=holder.pk, wish="wipe", by=county.ah_mei.pk, at=NOW + 4 * DAY)
    assert accounts.balance(holder.account) == 0
    assert actions.join(person_id=county.ah_mei.pk, by=county.ah_mei.pk, at=NOW + 5 * DAY) == (
        holder.pk
    )


@db
def test_what_the_system_recorded_is_awarded_once_an_event_and_only_to_who_takes_part(
    county: County,
) -> None:
    life.in_force(county)
    award = {"event": "matter:1", "trigger": "matter", "person_id": county.ah_mei.pk, "on": TODAY,
             "words": "路灯", "at": NOW}  # fmt: skip
    assert actions.automatic(**award) is None  # type: ignore[arg-type]
    actions.join(person_id=county.ah_mei.pk, by=county.ah_mei.pk, at=NOW)
    assert actions.automatic(**award) is not None  # type: ignore[arg-type]
    assert actions.automatic(**award) is None  # type: ignore[arg-type]
    for n in range(2, 9):
        actions.automatic(**(award | {"event": f"matter:{n}"}))  # type: ignore[arg-type]
    assert Claim.objects.filter(state="approved").count() == 4  # the cap of the month


@db
def test_hours_need_two_others_and_never_share_an_account_with_points(county: County) -> None:
    life.in_force(county)
    worker, me = county.holders["grid_worker"].pk, county.ah_mei.pk
    service = actions.record(
        person_id=me, on=TODAY, minutes=120, what="陪老人看病", by=worker, at=NOW
    )
    for wrong in (worker, me):
        with pytest.raises(Refused), transaction.atomic():
            actions.confirm(service_id=service, by=wrong, at=NOW)
    actions.confirm(service_id=service, by=county.neighbour.pk, at=NOW)
    with pytest.raises(Refused), transaction.atomic():
        actions.record(person_id=me, on=TODAY, minutes=400, what="又一次", by=worker, at=NOW)
    actions.join(person_id=me, by=me, at=NOW)
    village = county.place("village").pk
    assert accounts.hours(me, village, at=NOW) != Holder.objects.get().account
    assert queries.own(county.viewer(county.ah_mei))[0]["balance"] == 0


def refused(name: str, sql: str, *params: object) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        connection.cursor().execute(sql, params)
    assert error.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


@db
def test_no_sql_makes_the_facts_of_a_rule_book_false(county: County) -> None:
    book = life.drafted(county)
    item = life.item(book, "H01")
    refused("nothing_is_taken_away", "update points_ruleitem set points = 0 where id = %s", item)
    refused("item_is_lawful", "update points_ruleitem set title = '缠访扣分' where id = %s", item)
    refused("temporary_ends", "update points_ruleitem set kind = 'temporary' where id = %s", item)
    refused("book_step_by_step", "update points_rulebook set state = 'filed' where id = %s", book)
    refused("book_talked_over", "update points_rulebook set state = 'deliberated' where id = %s",
            book)  # fmt: skip
    by = county.holders["committee"].pk
    actions.talked_over(book_id=book, on=TODAY, words="议过了。", by=by, at=NOW)
    refused("book_adopted_by_meeting", "update points_rulebook set state = 'voted' where id = %s",
            book)  # fmt: skip
    refused("book_meeting_had_quorum", "update points_rulebook set state = 'voted', meeting ="
            " 'assembly', voted_on = now(), electorate = 10, present = 5, votes_for = 5,"
            " text_hash = 'x' where id = %s", book)  # fmt: skip
    actions.adopted(book_id=book, vote=life.VOTE, by=by, at=NOW)
    refused("items_as_voted", "update points_ruleitem set points = 6 where id = %s", item)
    refused("book_as_voted", "update points_rulebook set month_cap = 999 where id = %s", book)


@db
def test_no_sql_makes_the_facts_of_a_claim_false(county: County) -> None:
    book = life.in_force(county)
    worker, chief = county.holders["grid_worker"].pk, county.holders["committee"].pk
    claim = actions.claim(deed=life.deed(book), by=county.ah_mei.pk, at=NOW)
    first = (
        "update points_claim set state = 'checked', first_id = %s, first_at = now() where id = %s"
    )
    refused("claim_step_by_step", "update points_claim set state = 'entered' where id = %s", claim)
    refused("checked_by_somebody", "update points_claim set state = 'checked' where id = %s", claim)
    refused("checked_by_people_apart", first, county.ah_mei.pk, claim)
    refused("claim_stays", "update points_claim set points = 500 where id = %s", claim)
    refused("claim_stays", "delete from points_claim where id = %s", claim)
    actions.check_first(claim_id=claim, by=worker, at=NOW)
    second = ("update points_claim set state = 'approved', second_id = %s, second_at = now()"
              " where id = %s")  # fmt: skip
    refused("two_different_people_check", second, worker, claim)
    actions.check_second(claim_id=claim, by=chief, at=NOW)
    refused("claim_as_the_rule_says", 'insert into points_claim (item_id, holder_id, doer_id,'
            ' activity_id, place_path, times, points, "on", words, evidence, photo, state, at,'
            ' reason, by_id) select item_id, holder_id, doer_id, activity_id, place_path, times,'
            ' points + 1, "on", words, evidence, photo, \'claimed\', at, reason, by_id'
            " from points_claim where id = %s", claim)  # fmt: skip
    child = Person.objects.create(name="小宝", household=county.he.household,
                                  born_on=date(2015, 5, 1))  # fmt: skip
    refused("no_account_of_a_minor", "insert into points_holder (place_id, place_path, subject,"
            " person_id, account, joined_at, \"left\") select place_id, place_path, 'person', %s,"
            " 999999, now(), '' from points_holder limit 1", child.pk)  # fmt: skip


@db
def test_no_service_reads_points(county: County) -> None:
    life.in_force(county)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        raise_matter(
            by=county.ah_mei.pk, at=NOW, key=None, body="路灯不亮了",
            place_id=county.place("building").pk, source="page",
        )  # fmt: skip
    assert seen.captured_queries
    assert not [q for q in seen.captured_queries if "points_" in q["sql"] or "ledger_" in q["sql"]]


@db
def test_the_desk_and_the_own_page_take_few_statements(
    county: County, django_assert_max_num_queries: object
) -> None:
    book = life.in_force(county)
    for code in ("H01", "H03", "A02", "Z01"):
        actions.claim(deed=life.deed(book, code), by=county.ah_mei.pk, at=NOW)
    worker, me = county.viewer("grid_worker"), county.viewer(county.ah_mei)
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        assert len(queries.inbox(worker)["rows"]) == 4
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        holders = queries.own(me)
        assert len(queries.claims_of([h["id"] for h in holders])["rows"]) == 4
