"""Everything that may be done with points, one name each."""

from gongzhi.ledger.points.actions.books import (
    Vote,
    adopted,
    as_text,
    draft,
    file,
    not_adopted,
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
from gongzhi.ledger.points.actions.holders import (
    agree_for,
    consent,
    join,
    join_household,
    join_organisation,
    join_team,
    leave,
    no_longer_agree,
)
from gongzhi.ledger.points.actions.hours import confirm, not_so, record, take_back
from gongzhi.ledger.points.actions.notices import enter, post, reverse
from gongzhi.ledger.points.actions.quarters import begin_quarter, look_at, sign
from gongzhi.ledger.points.actions.teams import enter_team, hand_over, leave_team

__all__ = [
    "Deed", "Vote", "adopted", "agree_for", "as_text", "automatic", "begin_quarter",
    "check_first", "check_second", "claim", "close", "confirm", "consent", "draft", "enter",
    "enter_team", "file", "fund", "hand_over", "join", "join_household", "join_organisation",
    "join_team", "keep_photo", "leave", "leave_team", "look_at", "no_longer_agree",
    "not_adopted", "not_so", "open_activity", "post", "publish", "put_to_vote", "record",
    "refuse", "remove_item", "reverse", "save_item", "set_caps", "sign", "solvent_first",
    "take_back", "talked_over", "withdraw",
]  # fmt: skip
