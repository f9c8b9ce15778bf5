"""Everything that may be done with points, one name each."""

from gongzhi.ledger.points.actions.books import (
    Vote,
    adopted,
    draft,
    file,
    publish,
    put_to_vote,
    remove_item,
    save_item,
    set_caps,
    talked_over,
)
from gongzhi.ledger.points.actions.budgets import close, fund, open_activity, solvent_first
from gongzhi.ledger.points.actions.claims import (
    Deed,
    automatic,
    check_first,
    check_second,
    claim,
    keep_photo,
    refuse,
    withdraw,
)
from gongzhi.ledger.points.actions.codes import Shown, issue, use
from gongzhi.ledger.points.actions.holders import (
    agree_for,
    join,
    join_household,
    join_organisation,
    join_team,
    leave,
)
from gongzhi.ledger.points.actions.hours import confirm, record
from gongzhi.ledger.points.actions.notices import enter, post, reverse

__all__ = [
    "Deed", "Shown", "Vote", "adopted", "agree_for", "automatic", "check_first", "check_second",
    "claim", "close", "confirm", "draft", "enter", "file", "fund", "issue", "join",
    "join_household", "join_organisation", "join_team", "keep_photo", "leave", "open_activity",
    "post", "publish", "put_to_vote", "record", "refuse", "remove_item", "reverse", "save_item",
    "set_caps", "solvent_first", "talked_over", "use", "withdraw",
]  # fmt: skip
