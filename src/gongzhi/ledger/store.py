"""Calls of the database functions; what they refuse, in a person's words."""

import json
from typing import Any, NoReturn
from uuid import UUID, uuid5

from django.db import DatabaseError
from django.utils.translation import gettext as _

from gongzhi.core.errors import BadInput, KeyReused, NotFound, Refused

SPACE = UUID("2c1f6f0a-7f0e-4d7e-9a50-6d6f6e677a68")


class Overdraft(Refused):
    """余额不够。"""

    code = "overdraft"


class NotLawful(Refused):
    """账上不能这样走：积分只能挣来、在登记的商户或兑换点使用，不能转让、买卖或换成钱。"""

    code = "not_lawful"
    status = 422


class HoldGone(Refused):
    """这笔预留已经用掉、取消或过了时间，请重新来一次。"""

    code = "hold_gone"


class NotReversible(Refused):
    """这一笔不能冲正：已经冲正过，或者其中有的积分已经过期。"""

    code = "not_reversible"


class Busy(Refused):
    """刚才有别人正在记同一笔账，请再试一次。"""

    code = "busy"


class RowsWrong(Refused):
    """有几行不对，整批都没有记账。"""

    code = "rows_wrong"
    status = 422

    def __init__(self, rows: dict[int, str]) -> None:
        """`rows`: number in the batch, from 0 → what is wrong with it."""
        words = _("共%(n)d行不对，整批都没有记账。") % {"n": len(rows)}
        super().__init__(words, data={"rows": {str(n): said for n, said in rows.items()}})
        self.rows = rows


def as_key(key: UUID | str) -> UUID:
    """A UUID as it is; any other text always gives the same one."""
    return key if isinstance(key, UUID) else uuid5(SPACE, key)


class told:  # noqa: N801 - read as a word: `with told():`
    """Refusals of the database inside the block become ours."""

    def __enter__(self) -> None:
        """Nothing yet."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DatabaseError):
            _tell(error)


def _tell(error: DatabaseError) -> NoReturn:
    cause: Any = error.__cause__
    state = getattr(cause, "sqlstate", "") or ""
    about = getattr(cause, "diag", None)
    name = (about.constraint_name if about else "") or ""
    if name == "ledger_no_overdraft":
        raise Overdraft(_("余额不够。")) from error
    if name in {"ledger_amount", "ledger_hold_sane"} or state == "GZ008":
        raise BadInput("amount", _("数量要大于零，不能超过预留的数，时间要在以后。")) from error
    if name in {"ledger_transfer_key_key", "ledger_hold_key_key"}:
        raise KeyReused from error
    if name in {"ledger_transfer_hold_id_key"}:
        raise HoldGone(_("这笔预留已经用掉、取消或过了时间，请重新来一次。")) from error
    if state in {"40P01", "40001", "55P03"}:
        raise Busy(_("刚才有别人正在记同一笔账，请再试一次。")) from error
    if state == "GZ006":
        faults = json.loads(about.message_detail) if about else []
        raise RowsWrong({fault["row"]: words_of(fault["code"]) for fault in faults}) from error
    for code, refusal in _refusals().items():
        if state == code or name == code:
            raise refusal from error
    raise error


def _refusals() -> dict[str, Refused]:
    lawful = NotLawful(_("账上不能这样走：积分只能挣来、在登记的商户或兑换点使用，"
                         "不能转让、买卖或换成钱。"))  # fmt: skip
    return {
        "GZ001": KeyReused(),
        "GZ002": NotFound(_("没有这个账户或这一笔。")),
        "GZ003": lawful,
        "ledger_two_accounts": lawful,
        "ledger_kind_of_unit": lawful,
        "ledger_floor_of_kind": lawful,
        "ledger_lots_are_points": lawful,
        "ledger_slots_have_no_floor": lawful,
        "GZ004": HoldGone(_("这笔预留已经用掉、取消或过了时间，请重新来一次。")),
        "GZ005": NotReversible(_("这一笔不能冲正：已经冲正过，或者其中有的积分已经过期。")),
        "GZ007": Overdraft(_("能用的余额不够，其中有的积分已经过期。")),
    }


def words_of(code: str) -> str:
    """What is wrong with a row of a batch."""
    return {
        "no_account": _("没有这个账户"),
        "no_key": _("缺少编号"),
        "amount": _("数量要大于零"),
        "same_account": _("付出和收入是同一个账户"),
        "not_lawful": _("账上不能这样走"),
        "key_reused": _("这个编号已经记过另一笔"),
        "key_twice": _("同一个编号在这一批里出现两次"),
        "overdraft": _("余额不够"),
        "expired": _("能用的余额不够，有的已经过期"),
    }.get(code, code)
