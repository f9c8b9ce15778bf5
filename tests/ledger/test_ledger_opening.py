"""The paper books come in: whole or not at all, once, by two people, and out again by reversals."""

import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from gongzhi.cli import ledger as cli
from gongzhi.cli import say
from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.ledger import actions, jobs, opening, queries
from gongzhi.ledger.models import Lot, Opening, Transfer
from gongzhi.ledger.points.actions import leave
from gongzhi.ledger.points.models import Holder
from gongzhi.people.models import Person
from ledger import points_life as life
from ledger_books import whole
from people import NOW, County

pytestmark = pytest.mark.django_db
HEAD = "对象,姓名,手机号,楼栋,房号,积分,账本,页码,行号,负责人\n"
PAPER = (
    HEAD + "个人,阿梅,,,,120,2021年积分簿,3,1,\n" + "家庭,阿强,,,,45,2021年积分簿,3,2,\n"
    "团队,护河队,,,,300,2021年积分簿,4,1,阿芳\n" + "团队,护河队,,,,20,2021年积分簿,5,7,阿芳\n"
)


@pytest.fixture
def village(county: County) -> County:
    """The cast with a rule book in force: it says how long points last."""
    life.in_force(county)
    return county


def entries() -> int:
    return Transfer.objects.filter(code="opening").count()


def put_in(village: County, body: str = PAPER, *, coding: str = "utf-8", by: str = "committee",
           name: str = "积分簿.csv") -> int:  # fmt: skip
    return opening.upload(
        place_id=village.place("village").pk, filename=name, data=body.encode(coding),
        by=village.holders[by].pk, at=NOW,
    )  # fmt: skip


def let_in(village: County, number: int, by: str = "party_secretary") -> int:
    with transaction.atomic():
        return opening.apply(opening_id=number, by=village.holders[by].pk, at=NOW)


def balances() -> dict[str, int]:
    return {h.subject: queries.balance(h.account) for h in Holder.objects.all()}


def errors(number: int) -> dict[int, str]:
    return {row["row"]: row["words"] for row in opening.status(number)["errors"]}


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_paper_book_becomes_balances_with_book_page_and_line(
    village: County, coding: str
) -> None:
    number = put_in(village, coding=coding)
    assert opening.status(number)["counts"] == {
        "rows": 4, "new": 4, "same": 0, "wrong": 0, "points": 485}  # fmt: skip
    assert entries() == 0
    assert let_in(village, number) == 4
    assert balances() == {"person": 120, "household": 45, "team": 320}
    entry = Transfer.objects.get(amount=120)
    assert (entry.code, entry.evidence) == ("opening", "2021年积分簿 第3页 第1行")
    assert entry.debit.kind == "opening"
    assert queries.balance(entry.debit_id) == -485
    assert set(Lot.objects.values_list("expires_on", flat=True)) == {date(2028, 11, 23)}
    whole()


def test_an_excel_file_is_read_and_comes_back_with_what_is_wrong(village: County) -> None:
    book = openpyxl.load_workbook(io.BytesIO(opening.template()))
    sheet = book.active
    assert sheet is not None
    head = {str(cell.value).strip("*"): cell.column for cell in sheet[2]}
    for n, (name, points) in enumerate([("阿梅", 10), ("没有的人", 5), ("阿强", "三分")], start=3):
        for column, value in {"姓名": name, "积分": points, "账本": "簿", "页码": 1,
                              "行号": n}.items():  # fmt: skip
            sheet.cell(n, head[column], value)
    out = io.BytesIO()
    book.save(out)
    number = opening.upload(
        place_id=village.place("village").pk, filename="簿.xlsx", data=out.getvalue(),
        by=village.holders["committee"].pk, at=NOW,
    )  # fmt: skip
    assert set(errors(number)) == {4, 5}
    back = openpyxl.load_workbook(io.BytesIO(opening.annotated(number, NOW))).active
    assert back is not None
    said = {row[0].row: str(row[-1].value) for row in back.iter_rows(min_row=2)}
    assert said[2] == "问题"
    assert "名册上没有“没有的人”" in said[4]
    assert "不是整数" in said[5]
    with pytest.raises(Refused) as refused:
        let_in(village, number)
    assert refused.value.code == "rows_wrong"
    assert entries() == 0


@pytest.mark.parametrize(("line", "said"), [
    ("个人,阿梅,,,,12.5,簿,1,1,", "不是整数"),
    ("个人,阿梅,,,,-5,簿,1,1,", "要大于零"),
    ("个人,阿梅,,,,0,簿,1,1,", "要大于零"),
    ("个人,阿梅,,,,999999,簿,1,1,", "一行最多"),
    ("个人,阿梅,,,,5,,1,1,", "账本：没有填"),
    ("个人,阿梅,,,,5,簿,,1,", "页码：没有填"),
    ("个人,,,,,5,簿,1,1,", "姓名：没有填"),
    ("客人,阿梅,,,,5,簿,1,1,", "只能填"),
    ("个人,阿梅,13999999999,,,5,簿,1,1,", "手机号和名册上的“阿梅”对不上"),
    ("个人,何先生,,,,5,簿,1,1,", "名册上没有“何先生”"),
    ("团队,新队,,,,5,簿,1,1,", "请在“负责人”里写谁负责"),
    ("单位,没有的公司,,,,5,簿,1,1,", "没有登记这个单位"),
    ("个人,=1+1,,,,5,簿,1,1,", "不能是公式"),
])  # fmt: skip
def test_a_line_that_cannot_be_entered_says_why(village: County, line: str, said: str) -> None:
    number = put_in(village, HEAD + line + "\n")
    assert said in errors(number)[2]


def test_one_line_of_paper_is_in_a_file_once(village: County) -> None:
    number = put_in(village, HEAD + "个人,阿梅,,,,5,簿,1,1,\n" * 2)
    assert errors(number) == {3: "行号：和第2行是账本上的同一行"}


def test_namesakes_are_told_apart_and_children_earn_for_the_household(village: County) -> None:
    Person.objects.create(name="阿梅", household=village.neighbour.household, phone="13900000099")
    Person.objects.create(name="小宝", household=village.ah_mei.household, born_on=date(2016, 1, 1))
    body = (
        HEAD + "个人,阿梅,,,,5,簿,1,1,\n个人,阿梅,13900000001,,,5,簿,1,2,\n个人,小宝,,,,5,簿,1,3,\n"
    )
    number = put_in(village, body)
    assert set(errors(number)) == {2, 4}
    assert "有2人" in errors(number)[2]
    assert "不满十八岁" in errors(number)[4]


def test_without_rules_in_force_nothing_comes_in(county: County) -> None:
    number = put_in(county)
    assert "先公布积分办法" in errors(number)[0]
    with pytest.raises(Refused):
        let_in(county, number)
    assert entries() == 0


def test_who_left_is_not_brought_back_by_a_file(village: County) -> None:
    let_in(village, put_in(village))
    holder = Holder.objects.get(subject="person")
    leave(holder_id=holder.pk, wish="keep", by=village.ah_mei.pk, at=NOW)
    number = put_in(village, HEAD + "个人,阿梅,,,,5,簿二,1,1,\n")
    assert "已经退出积分" in errors(number)[2]


def test_the_same_file_twice_is_nothing_new(village: County) -> None:
    number = put_in(village)
    let_in(village, number)
    assert put_in(village) == number
    assert let_in(village, number) == 0
    other = put_in(village, PAPER + "\n")
    assert opening.status(other)["counts"]["same"] == 4
    assert let_in(village, other) == 0
    assert balances() == {"person": 120, "household": 45, "team": 320}


def test_a_longer_file_enters_what_is_new_and_a_changed_line_is_refused(village: County) -> None:
    let_in(village, put_in(village))
    longer = put_in(village, PAPER + "个人,阿芳,,,,9,2021年积分簿,6,1,\n")
    assert let_in(village, longer) == 1
    for changed in (PAPER.replace("120", "121"), PAPER.replace("个人,阿梅", "个人,阿强")):
        number = put_in(village, changed)
        assert list(errors(number)) == [2]
        assert "已经入过账，是120分" in errors(number)[2]
        with pytest.raises(Refused):
            let_in(village, number)
    whole()


def test_two_people_bring_a_book_in(village: County) -> None:
    for stranger in ("grid_worker", "supervisor", "town_officer", "org_manager"):
        with pytest.raises(NotAllowed):
            put_in(village, by=stranger)
    number = put_in(village)
    for wrong in ("committee", "grid_worker", "supervisor"):
        with pytest.raises(NotAllowed):
            let_in(village, number, by=wrong)
    assert entries() == 0
    assert let_in(village, number, by="town_officer") == 4


def test_undone_it_is_gone_by_reversals_and_may_come_in_again(village: County) -> None:
    number = put_in(village)
    let_in(village, number)
    by = village.holders["town_officer"].pk
    with pytest.raises(BadInput), transaction.atomic():
        opening.undo(opening_id=number, why="", by=by, at=NOW)
    assert opening.undo(opening_id=number, why="抄错了一页", by=by, at=NOW) == 4
    assert opening.undo(opening_id=number, why="抄错了一页", by=by, at=NOW) == 0
    assert set(balances().values()) == {0}
    assert (entries(), Transfer.objects.filter(code="reverse").count()) == (4, 4)
    again = put_in(village)
    assert again != number
    assert let_in(village, again) == 4
    assert balances() == {"person": 120, "household": 45, "team": 320}
    whole()


def test_what_is_spent_is_not_undone(village: County) -> None:
    number = put_in(village)
    let_in(village, number)
    shop = actions.open_account(unit="points", kind="merchant", owner_kind="merchant", owner_id=1,
                                at=NOW)  # fmt: skip
    holder = Holder.objects.get(subject="person")
    actions.transfer(key="s", debit=holder.account, credit=shop, amount=1, code="spend", by=1,
                     at=NOW)  # fmt: skip
    before = Transfer.objects.count()
    with pytest.raises(Refused) as refused, transaction.atomic():
        opening.undo(
            opening_id=number, why="抄错了一页", by=village.holders["committee"].pk, at=NOW
        )
    assert refused.value.code == "in_use"
    assert Transfer.objects.count() == before


def test_a_file_nobody_enters_is_dropped_after_a_week_and_an_entered_one_at_once(
    village: County,
) -> None:
    number = put_in(village)
    jobs.tidy(at=NOW + timedelta(days=6))
    assert opening.status(number)["kept"]
    jobs.tidy(at=NOW + timedelta(days=8))
    assert not opening.status(number)["kept"]
    with pytest.raises(Refused):
        let_in(village, number)
    entered = put_in(village, PAPER + "\n")
    let_in(village, entered)
    assert not opening.status(entered)["kept"]


def test_a_check_asks_as_much_for_many_lines_as_for_few(
    village: County, django_assert_max_num_queries: Any
) -> None:
    few = put_in(village)
    lines = "".join(f"个人,阿梅,,,,1,簿,1,{n},\n" for n in range(300))
    many = put_in(village, HEAD + lines)
    for number in (few, many):
        with django_assert_max_num_queries(12):
            opening.check(opening_id=number, at=NOW)


@pytest.mark.parametrize("sql", [
    "update ledger_opening set applied_by_id = by_id, applied_at = now(), state = 'applied'",
    "update ledger_opening set state = 'applied'",
    "update ledger_opening set state = 'undone', undone_at = now()",
])  # fmt: skip
def test_no_sql_makes_the_facts_of_an_opening_false(village: County, sql: str) -> None:
    put_in(village)
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(sql)


def test_the_same_file_is_not_entered_twice_by_sql(village: County) -> None:
    number = put_in(village)
    let_in(village, number)
    row = Opening.objects.get(pk=number)
    row.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save(force_insert=True)


def test_the_worker_ends_what_has_run_out_and_does_it_once(village: County) -> None:
    let_in(village, put_in(village))
    holder = Holder.objects.get(subject="person")
    actions.hold(key="h", account=holder.account, amount=20, by=1, at=NOW,
                 expires_at=NOW + timedelta(minutes=5))  # fmt: skip
    assert jobs.sweep(at=NOW) == 0
    assert jobs.sweep(at=NOW + timedelta(minutes=6)) == 1
    assert queries.available(holder.account) == 120
    assert jobs.sweep(at=NOW + timedelta(days=800)) == 3
    assert jobs.sweep(at=NOW + timedelta(days=800)) == 0
    assert set(balances().values()) == {0}
    whole()


def test_the_command_checks_enters_by_two_people_and_undoes(
    village: County, capsys: Any, tmp_path: Any
) -> None:
    phones = {"committee": "13800000001", "party_secretary": "13800000002"}
    for role, phone in phones.items():
        Person.objects.filter(pk=village.holders[role].pk).update(phone=phone)
    file = tmp_path / "积分簿.csv"
    file.write_text(PAPER.replace("120", "十"), encoding="utf-8")
    common = ["--place", village.place("village").code, "--by", phones["committee"]]
    assert cli.main(["open", str(file), *common, "--check"]) == 1
    assert (tmp_path / "积分簿-问题.xlsx").exists()
    file.write_text(PAPER, encoding="gb18030")
    assert cli.main(["open", str(file), *common, "--check"]) == 0
    assert entries() == 0
    with pytest.raises(say.Trouble):
        cli.main(["open", str(file), *common, "--second", phones["committee"]])
    assert cli.main(["open", str(file), *common, "--second", phones["party_secretary"]]) == 0
    assert entries() == 4
    number = str(Opening.objects.get(state="applied").pk)
    why = ["--by", phones["party_secretary"], "--why", "抄错了一页"]
    assert cli.main(["undo-opening", number, *why]) == 0
    assert set(balances().values()) == {0}
    assert cli.main(["open-template", str(tmp_path / "空.xlsx")]) == 0
    assert "485" in capsys.readouterr().out
