"""What the law and good sense forbid between people. Pure: no database, no clock."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stdnum.cn import ric

from gongzhi.core import text
from gongzhi.core.errors import BadInput

COMMITTEE_LAW = (
    "《村民委员会组织法》《城市居民委员会组织法》（2025年修订）："
    "村（居）民委员会成员及其近亲属不得担任监督委员会成员"
)
THREE_ADMINS = "《信息安全技术 网络安全等级保护基本要求》（GB/T 22239）：三类管理员权限分离"
HANDLER_LAW = "谁派单谁核实，等于自己查自己"


@dataclass(frozen=True, slots=True)
class Barred:
    """Two roles that one person may not hold at once."""

    one: str
    other: str
    where: Literal["same place", "anywhere"]
    law: str


# Mirrored by the trigger `appointment_conflict` (people migration 0002): the database refuses too.
BARRED = (
    Barred("supervisor", "committee", "same place", COMMITTEE_LAW),
    Barred("verifier", "dispatcher", "same place", HANDLER_LAW),
    Barred("system_admin", "security_admin", "anywhere", THREE_ADMINS),
    Barred("system_admin", "audit_admin", "anywhere", THREE_ADMINS),
    Barred("security_admin", "audit_admin", "anywhere", THREE_ADMINS),
)
KIN_BARRED = {"supervisor": "committee", "committee": "supervisor"}


def barred(role: str, other: str, *, same_place: bool) -> Barred | None:
    """The rule that keeps one person from holding both, if there is one."""
    for rule in BARRED:
        if {role, other} == {rule.one, rule.other} and (same_place or rule.where == "anywhere"):
            return rule
    return None


Interest = Literal["", "self", "household", "kin", "proxy", "firm"]

INTEREST_WORDS: dict[Interest, str] = {
    "": "",
    "self": "这是您自己提的事，要由别人来办。",
    "household": "提这件事的人和您是一家人，您要回避。",
    "kin": "提这件事的人是您的近亲属，您要回避。",
    "proxy": "您替这位当事人代办，不能同时办理这件事。",
    "firm": "这件事涉及您所在的单位，您要回避。",
}

SENSITIVE = ("gender", "born_on", "id_number", "phone", "care")

SENSITIVE_WORDS = {
    "gender": "性别",
    "born_on": "出生日期",
    "id_number": "证件号码",
    "phone": "手机号",
    "care": "关爱需要",
}


def mask(field: str, value: object) -> str:
    """A sensitive value with its middle covered: 138****5678, 3209**********1234."""
    text = "" if value is None else str(value)
    if not text:
        return ""
    if field == "phone" and len(text) >= 8:
        return f"{text[:3]}****{text[-4:]}"
    if field == "id_number" and len(text) == 18:
        return f"{text[:4]}**********{text[-4:]}"
    if field == "born_on":
        return f"{text[:4]}年"
    return "***"


def digest(secret: str, pepper: str) -> str:
    """How a code or token is kept: never as itself."""
    return hmac.new(pepper.encode(), secret.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Identity:
    """What an 18-digit number itself says."""

    number: str
    born_on: date
    gender: str


def identity(value: str) -> Identity:
    """A resident identity number (GB 11643), checked; BadInput says what is wrong with it.

    The place code is not compared with a list: divisions come and go, and people keep their number.
    """
    number = text.number(value)
    if len(number) != 18:
        raise BadInput("id_number", f"证件号码应是 18 位，现在是 {len(number)} 位。")
    if not number[:17].isdigit() or number[17] not in "0123456789X":
        raise BadInput("id_number", "证件号码只能是数字，最后一位可以是 X。")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as wrong:
        raise BadInput("id_number", "证件号码里的出生日期不存在。") from wrong
    if ric.calc_check_digit(number) != number[17]:
        raise BadInput("id_number", "证件号码的最后一位校验不对，请核对有没有抄错。")
    return Identity(number, born, "男" if int(number[16]) % 2 else "女")
