"""Everything that changes a matter. Each action is one transaction with its event."""

from gongzhi.matters.actions.answers import answer_call_back, join
from gongzhi.matters.actions.care import classify, split
from gongzhi.matters.actions.intake import Raised, raise_matter
from gongzhi.matters.actions.migration import migrate, undo_migration
from gongzhi.matters.actions.moving import Assignee, Moved, move
from gongzhi.matters.actions.uploads import Upload, upload

__all__ = [
    "Assignee",
    "Moved",
    "Raised",
    "Upload",
    "answer_call_back",
    "classify",
    "join",
    "migrate",
    "move",
    "raise_matter",
    "split",
    "undo_migration",
    "upload",
]
