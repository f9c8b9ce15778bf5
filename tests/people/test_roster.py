"""A roster: what is wrong is said in the user's words; what is right comes in whole."""

import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from gongzhi.core import tables
from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.people import accounts, actions, queries, roster
from gongzhi.people.models import AccessLog, Household, ImportBatch, Membership, Person
from gongzhi.people.roster_rows import COLUMNS
from people import NOW, County

GOOD = "320999198507070019"
HOME = ("", "双马一组 1 号楼", "3单元 301")


def row(name: str = "新人", number: str = GOOD, **more: str) -> list[str]:
    """One line of a roster, by column."""
    cells = dict(zip(COLUMNS, ("",) * len(COLUMNS), strict=True)) | {
        "姓名": name, "证件号码": number, "小区": HOME[0], "楼栋": HOME[1], "房号": HOME[2],
        "成员身份": "常住",
    }  # fmt: skip
    return list((cells | more).values())


def sheet(*rows: Sequence[Any], headers: Sequence[str] = COLUMNS) -> bytes:
    out = io.BytesIO()
    tables.write_xlsx(out, headers, rows, text_columns=headers)
    return out.getvalue()


def upload(county: County, data: bytes, name: str = "名册.xlsx") -> int:
    by = county.holders["committee"].pk
    return roster.upload(
        place_id=county.place("village").pk, filename=name, data=data, by=by, at=NOW
    )


def check(county: County, *rows: Sequence[Any]) -> tuple[dict[str, int], str]:
    batch = upload(county, sheet(*rows))
    counts = roster.check(batch)
    return counts, "\n".join(error["words"] for error in roster.status(batch)["errors"])


def test_a_dry_run_counts_and_writes_nobody(county: County) -> None:
    before = Person.objects.count()
    mei = row("阿梅", "320999199001010021", 楼栋=HOME[1], 房号="1单元 101", 与户主关系="户主")
    counts, _ = check(county, row(), mei, row("", "12"))
    assert counts == {"rows": 3, "new": 1, "changed": 1, "same": 0, "wrong": 1}
    assert Person.objects.count() == before
    assert ImportBatch.objects.get().progress == 100


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"姓名": ""}, "姓名：没有填"),
        ({"证件号码": GOOD[:-1]}, "应是 18 位，现在是 17 位"),
        ({"证件号码": GOOD[:-1] + "3"}, "最后一位校验不对"),
        ({"证件号码": "320999198513070019"}, "出生日期不存在"),
        ({"证件号码": "3.20999E+17"}, "后几位已经丢失"),
        ({"性别": "女"}, "和证件号码对不上"),
        ({"性别": "不详"}, "只能填男或女"),
        ({"出生日期": "1985-07-08"}, "和证件号码对不上"),
        ({"出生日期": "85年夏天"}, "出生日期"),
        ({"手机号": "1390000"}, "应是 11 位手机号"),
        ({"楼栋": "不存在的楼"}, "辖区内没有"),
        ({"楼栋": ""}, "楼栋：没有填"),
        ({"房号": ""}, "房号：没有填"),
        ({"与户主关系": "干亲"}, "只能填：户主"),
        ({"成员身份": "常住、贵宾"}, "只能填：常住"),
        ({"姓名": "=HYPERLINK(1)"}, "不能是公式"),
    ],
)
def test_each_slip_is_told_in_words(county: County, cells: dict[str, str], words: str) -> None:
    counts, said = check(county, row(**cells))
    assert counts["wrong"] == 1
    assert words in said


@pytest.mark.parametrize("column", ["姓名", "楼栋", "房号"])
def test_a_formula_is_one_slip_not_two(county: County, column: str) -> None:
    _, said = check(county, row("新人", GOOD, **{column: "=1+1"}))
    assert said.count(f"{column}：") == 1
    assert "不能是公式" in said
    assert "没有填" not in said


def test_the_same_number_twice_names_the_first_row(county: County) -> None:
    counts, said = check(county, row("甲"), row("乙"))
    assert (counts["new"], counts["wrong"]) == (1, 1)
    assert "和第 2 行重复" in said


@pytest.mark.parametrize("born", ["1985-07-07", "1985/7/7", "1985.7.7", "1985年7月7日", "19850707"])
def test_dates_are_read_as_people_write_them(county: County, born: str) -> None:
    batch = upload(county, sheet(row(出生日期=born)))
    roster.apply(batch_id=batch, by=None, at=NOW)
    assert str(Person.objects.get(id_number=GOOD).born_on) == "1985-07-07"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_csv_comes_in_whatever_saved_it(county: County, encoding: str) -> None:
    lines = "\n".join(",".join(line) for line in (COLUMNS, row("欧阳娜娜")))
    batch = upload(county, lines.encode(encoding), "名册.csv")
    assert roster.check(batch)["new"] == 1
    roster.apply(batch_id=batch, by=None, at=NOW)
    assert Person.objects.get(id_number=GOOD).name == "欧阳娜娜"


def test_an_eighteen_digit_number_survives(county: County) -> None:
    batch = upload(county, sheet(row()))
    roster.apply(batch_id=batch, by=None, at=NOW)
    assert Person.objects.filter(id_number=GOOD).exists()


def test_other_names_of_columns_are_known_and_a_missing_one_is_named(county: County) -> None:
    headers = ["姓名", "身份证号", "联系电话", "楼号", "室号"]
    batch = upload(county, sheet(["新人", GOOD, "13911112222", HOME[1], "5"], headers=headers))
    assert roster.check(batch)["new"] == 1
    batch = upload(county, sheet(["新人", GOOD], headers=headers[:2]))
    with pytest.raises(BadInput, match="楼栋、房号"):
        roster.check(batch)
    assert "楼栋、房号" in roster.status(batch)["errors"][0]["words"]


def test_applying_writes_persons_households_and_memberships(county: County) -> None:
    two = row("孩子", "", 与户主关系="子女", 成员身份="常住、户籍")
    batch = upload(county, sheet(row(与户主关系="户主", 手机号="13911112222"), two))
    roster.apply(batch_id=batch, by=None, at=NOW)
    head, child = Person.objects.filter(batch=batch).order_by("id")
    assert head.head
    assert not child.head
    assert head.household == child.household
    assert head.household is not None
    assert head.household.grid == county.place("grid")
    kinds = Membership.objects.filter(person=child, place=county.place("village"))
    assert set(kinds.values_list("kind", flat=True)) == {"resident", "registered"}
    assert head.gender == "男"
    assert str(head.born_on) == "1985-07-07"


def test_the_same_file_again_changes_nothing(county: County) -> None:
    data = sheet(row(), row("孩子", ""))
    roster.apply(batch_id=upload(county, data), by=None, at=NOW)
    again = upload(county, data)
    assert roster.check(again) == {"rows": 2, "new": 0, "changed": 0, "same": 2, "wrong": 0}


def test_one_wrong_row_holds_back_all_unless_told_to_skip_it(county: County) -> None:
    batch = upload(county, sheet(row(), row("", "1")))
    with pytest.raises(Refused, match="还有 1 行有问题"):
        roster.apply(batch_id=batch, by=None, at=NOW)
    assert not Person.objects.filter(batch=batch).exists()
    roster.apply(batch_id=batch, by=None, at=NOW, skip_wrong=True)
    assert Person.objects.filter(batch=batch).count() == 1


def test_a_batch_is_applied_once(county: County) -> None:
    batch = upload(county, sheet(row()))
    roster.apply(batch_id=batch, by=None, at=NOW)
    with pytest.raises(Refused, match="已经导入过"):
        roster.apply(batch_id=batch, by=None, at=NOW)


def test_somebody_registered_elsewhere_is_not_taken_over(county: County) -> None:
    county.he.id_number = GOOD
    county.he.save()
    counts, said = check(county, row())
    assert counts["wrong"] == 1
    assert "登记在辖区外" in said


def test_undo_puts_everything_back(county: County) -> None:
    def everything() -> list[object]:
        return [
            list(Person.objects.order_by("id").values_list("id", "name", "phone", "household_id")),
            Household.objects.count(),
            Membership.objects.count(),
        ]

    before = everything()
    mei = row("阿美", "320999199001010021", 手机号="13933334444")
    batch = upload(county, sheet(row("新人", ""), mei))
    roster.apply(batch_id=batch, by=None, at=NOW)
    assert Person.objects.get(pk=county.ah_mei.pk).name == "阿美"
    roster.undo(batch_id=batch, by=None, at=NOW + timedelta(hours=23))
    assert everything() == before
    assert ImportBatch.objects.get(pk=batch).state == "undone"


def test_undo_ends_after_24_hours(county: County) -> None:
    batch = upload(county, sheet(row()))
    roster.apply(batch_id=batch, by=None, at=NOW)
    with pytest.raises(Refused, match="24 小时"):
        roster.undo(batch_id=batch, by=None, at=NOW + timedelta(hours=24, seconds=1))


def test_undo_is_refused_where_somebody_has_changed_a_person_since(county: County) -> None:
    batch = upload(county, sheet(row("阿美", "320999199001010021")))
    roster.apply(batch_id=batch, by=None, at=NOW)
    Person.objects.filter(pk=county.ah_mei.pk).update(phone="13955556666")
    with pytest.raises(Refused, match="又有人改过其中 1 人"):
        roster.undo(batch_id=batch, by=None, at=NOW)
    assert Person.objects.get(pk=county.ah_mei.pk).name == "阿美"


def test_undo_is_refused_where_somebody_new_has_been_looked_at_or_appointed(county: County) -> None:
    batch = upload(county, sheet(row()))
    roster.apply(batch_id=batch, by=None, at=NOW)
    new = Person.objects.get(batch=batch)
    actions.appoint(
        person_id=new.pk, role="volunteer", place_id=county.place("village").pk, by=None, at=NOW
    )
    with pytest.raises(Refused, match="不能整批撤销"):
        roster.undo(batch_id=batch, by=None, at=NOW)
    assert Person.objects.filter(pk=new.pk).exists()


def test_the_users_own_file_comes_back_with_the_errors(county: County) -> None:
    batch = upload(county, sheet(row(), row("", "1")))
    back = tables.read(roster.annotated(batch), "back.xlsx")
    header, good, bad = back[0], back[1], back[2]
    assert header[-1] == "问题"
    assert len(good) < len(header) or not good[-1]
    assert "没有填" in str(bad[-1])


def test_the_template_can_be_read_back_as_it_is(county: County) -> None:
    empty = upload(county, roster.template())
    assert roster.check(empty)["rows"] == 0


def test_files_are_dropped_when_undo_is_over(county: County) -> None:
    batch = upload(county, sheet(row()))
    roster.apply(batch_id=batch, by=None, at=NOW)
    assert roster.purge(at=NOW + timedelta(hours=23)) == 0
    assert roster.purge(at=NOW + timedelta(hours=49)) == 1
    assert ImportBatch.objects.get(pk=batch).file is None


def test_an_export_is_masked_and_says_who_took_it(county: County) -> None:
    data = roster.export_roster(
        viewer=county.viewer("committee"), place=county.place("village"), at=NOW
    )
    table = tables.read(data, "x.xlsx")
    lines = [[str(cell) for cell in line] for line in table]
    assert any("139****0001" in line for line in lines)
    assert not any("13900000001" in line for line in lines)
    assert AccessLog.objects.count() == 0


def test_doors_are_exported_in_the_order_people_count(county: County) -> None:
    doors = ["2单元 10", "2单元 9", "10单元 1", "1单元 1002", "1单元 99", "甲"]
    rows = [row(f"住户{n}", "", 性别="", 房号=door) for n, door in enumerate(doors)]
    roster.apply(batch_id=upload(county, sheet(*rows)), by=None, at=NOW)
    data = roster.export_roster(
        viewer=county.viewer("committee"), place=county.place("building"), at=NOW
    )
    found = [cell for line in tables.read(data, "x.xlsx").rows for cell in line if cell in doors]
    assert found == ["1单元 99", "1单元 1002", "2单元 9", "2单元 10", "10单元 1", "甲"]


def test_a_full_export_needs_sight_and_a_purpose_and_is_logged(county: County) -> None:
    grid = county.place("grid")
    with pytest.raises(NotAllowed):
        roster.export_roster(viewer=county.viewer("committee"), place=grid, at=NOW, masked=False,
                             purpose="核对")  # fmt: skip
    wen = county.viewer("grid_worker")
    with pytest.raises(BadInput, match="用途"):
        roster.export_roster(viewer=wen, place=grid, at=NOW, masked=False)
    data = roster.export_roster(viewer=wen, place=grid, at=NOW, masked=False, purpose="入户核对")
    assert any("13900000001" in [str(c) for c in line] for line in tables.read(data, "x.xlsx"))
    assert len(queries.access_log(county.ah_mei.pk)) == 4


@pytest.mark.parametrize("role", ["observer", "funder", "workshop_host", "audit_admin"])
def test_others_export_nothing(county: County, role: str) -> None:
    with pytest.raises(NotAllowed):
        roster.export_roster(viewer=county.viewer(role), place=county.place("village"), at=NOW)


def test_staff_of_another_place_export_nothing(county: County) -> None:
    foreign = queries.viewer(county.foreign["committee"].pk, NOW)
    with pytest.raises(NotAllowed):
        roster.export_roster(viewer=foreign, place=county.place("village"), at=NOW)


def test_a_signed_in_newcomer_keeps_the_batch_from_being_undone(county: County) -> None:
    batch = upload(county, sheet(row(手机号="13911112222")))
    roster.apply(batch_id=batch, by=None, at=NOW)
    person = Person.objects.get(batch=batch)
    token = accounts.invite(by=county.holders["committee"].pk, at=NOW, person_id=person.pk)
    accounts.join_by_invite(token=token, at=NOW)
    with pytest.raises(Refused, match="不能整批撤销"):
        roster.undo(batch_id=batch, by=None, at=NOW)
