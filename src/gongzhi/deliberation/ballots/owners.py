"""The owners' roll of a vote by area: a table people bring, or lines they type, read all or not.

Heads and areas as 民法典 278 wants them. Somebody with several units is one head, and his areas
add up (最高人民法院关于审理建筑物区分所有权纠纷案件适用法律若干问题的解释, 第九条).
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from gongzhi.core import db, tables
from gongzhi.core.errors import BadInput
from gongzhi.core.tables import Row

NAME, DOOR, PHONE, IDENTITY, AREA = "姓名", "房号", "手机号", "证件号码", "专有面积（平方米）"
HEADERS = (NAME, DOOR, PHONE, IDENTITY, AREA)
MOST = 20_000  # rows
LARGEST = Decimal(1_000_000)  # m², one unit
SHOWN = 30  # wrong rows told at once
_AREAS = (AREA, "专有面积", "面积", "建筑面积", "专有部分面积")
_NUMBERS = {
    PHONE: ("手机号", "手机", "电话", "联系电话"),
    IDENTITY: ("证件号码", "身份证号", "证件号"),
}

# Inside the place, an owner there, or known by his own number: owners often live elsewhere.
_FIND = """
select r.n, array_agg(distinct p.id) as found
from unnest(%(n)s::int[], %(name)s::text[], %(door)s::text[], %(phone)s::text[],
    %(identity)s::text[])
    as r(n, name, door, phone, identity)
  join people_person p on p.name = r.name
    and (r.phone = '' or p.phone = r.phone) and (r.identity = '' or p.id_number = r.identity)
  left join people_household h on h.id = p.household_id
  left join places_place w on w.id = h.place_id
where r.phone <> '' or r.identity <> ''
  or ((w.path like %(path)s::text || '%%' or exists (select 1 from people_membership m
      join places_place v on v.id = m.place_id where m.person_id = p.id and m.kind = 'owner'
        and m.to_on is null and v.path like %(path)s::text || '%%'))
    and (r.door = '' or replace(h.door, ' ', '') = replace(r.door, ' ', '')))
group by r.n
"""


class WrongRows(BadInput):
    """Rows to be mended; nothing was taken over. `rows` says which and why."""

    def __init__(self, field: str, rows: Sequence[tuple[int, str]]) -> None:
        super().__init__(
            field, f"名单里有{len(rows)}行要改，一行也没有导入。",
            todo="请改好这些行，再交一次。",
        )  # fmt: skip
        self.rows = list(rows[:SHOWN])


def template() -> bytes:
    """An empty table to fill in."""
    note = "一套房一行。房号、手机号、证件号码填一样就行，用来认准是哪一位。面积照不动产权证写。"
    return tables.template("业主名单", HEADERS, note=note, needed=(NAME, AREA))


def as_lines(data: bytes, filename: str) -> str:
    """The same table as lines of text, so that people can mend it where they are."""
    table = tables.read(data, filename)
    kept = table.records((NAME,))
    rows = [kept.headers, *(row.cells for row in kept.rows)]
    return "\n".join(",".join(cell.replace(",", " ") for cell in row) for row in rows)


def read(data: bytes, filename: str, place_path: str, *, field: str = "") -> list[tuple[int, int]]:
    """(person, area in 0.01 m²) of every owner, in the order of the table.

    BadInput for a table that cannot be read; WrongRows with every row that is wrong.
    """
    kept = tables.read(data, filename).records((NAME,))
    area = next((name for name in _AREAS if name in kept.headers), "")
    if not area:
        raise BadInput("owners", f"表头里没有“{AREA}”这一列。")
    if not 0 < len(kept.rows) <= MOST:
        raise BadInput("owners", f"名单要有1到{MOST}行。")
    wrong: dict[int, str] = {row.number: row.problem for row in kept.rows if row.problem}
    areas: dict[int, int] = {}
    for row in kept.rows:
        try:
            areas[row.number] = hundredths(_cell(kept.headers, row, area))
        except BadInput as why:
            wrong.setdefault(row.number, why.words)
    _twice(kept.headers, kept.rows, wrong)
    found = _people(kept.headers, kept.rows, place_path, wrong)
    if wrong:
        raise WrongRows(field or "owners", sorted(wrong.items()))
    owners: dict[int, int] = {}
    for row in kept.rows:
        person = found[row.number]
        owners[person] = owners.get(person, 0) + areas[row.number]
    return list(owners.items())


def typed(lines: str) -> bytes:
    """Lines as people type them, with or without a header: "姓名，房号，面积"."""
    plain = lines.replace("，", ",").replace("、", ",").strip()
    if "\t" in plain:
        plain = plain.replace(",", " ").replace("\t", ",")
    if NAME not in plain.splitlines()[0]:
        plain = f"{NAME},{DOOR},{AREA}\n{plain}"
    return plain.encode()


def hundredths(words: str) -> int:
    """ "89.5" or "89.50㎡" as 8950; BadInput for nothing, for less than nothing, for 89.505."""
    plain = words.replace("平方米", "").replace("㎡", "").replace("m²", "").replace(",", "").strip()
    if not plain:
        raise BadInput("area", "没有写面积。")
    try:
        area = Decimal(plain)
    except InvalidOperation as wrong:
        raise BadInput("area", f"面积“{words[:20]}”不是数。请写成 89.50 这样。") from wrong
    if not area.is_finite() or not 0 < area <= LARGEST:
        raise BadInput("area", "面积要大于零，也不会超过一百万平方米。")
    if area * 100 != (area * 100).to_integral_value():
        raise BadInput("area", f"面积“{words[:20]}”最多写两位小数。")
    return int(area * 100)


def _cell(headers: Sequence[str], row: Row, name: str) -> str:
    return row.cells[headers.index(name)].strip() if name in headers else ""


def _number(headers: Sequence[str], row: Row, kind: str) -> str:
    cells = (_cell(headers, row, name) for name in _NUMBERS[kind])
    return next((cell for cell in cells if cell), "").replace(" ", "").upper()


def _twice(headers: Sequence[str], rows: Sequence[Row], wrong: dict[int, str]) -> None:
    """The same unit of the same person on two rows is counted for no one."""
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        unit = (
            _cell(headers, row, NAME), _cell(headers, row, DOOR).replace(" ", ""),
            _number(headers, row, PHONE), _number(headers, row, IDENTITY),
        )  # fmt: skip
        before = first.setdefault(unit, row.number)
        if before != row.number:
            wrong.setdefault(row.number, f"和第{before}行重复了。")


def _people(
    headers: Sequence[str], rows: Sequence[Row], path: str, wrong: dict[int, str]
) -> dict[int, int]:
    """Who each row is, in one statement; what is not one person is written into `wrong`."""
    found = dict(
        db.rows(_FIND, {
            "path": path, "n": [row.number for row in rows],
            "name": [_cell(headers, row, NAME) for row in rows],
            "door": [_cell(headers, row, DOOR) for row in rows],
            "phone": [_number(headers, row, PHONE) for row in rows],
            "identity": [_number(headers, row, IDENTITY) for row in rows],
        })
    )  # fmt: skip
    for row in rows:
        known = found.get(row.number, [])
        name = _cell(headers, row, NAME)
        if not name:
            wrong.setdefault(row.number, "没有写姓名。")
        elif not known:
            wrong.setdefault(row.number, f"名册里没有找到“{name}”。请核对房号、手机号。")
        elif len(known) > 1:
            wrong.setdefault(row.number, f"有几位“{name}”，请写上房号、手机号或证件号码。")
    return {number: people[0] for number, people in found.items() if len(people) == 1}
