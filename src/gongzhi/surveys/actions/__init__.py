"""What changes questionnaires, rounds, sheets and answers."""

from gongzhi.surveys.actions.answers import answer, answer_sheet
from gongzhi.surveys.actions.instruments import (
    add_question,
    change_question,
    make_instrument,
    move_question,
    new_version,
    remove_question,
    rename,
)
from gongzhi.surveys.actions.rounds import close_round, count_round, open_round
from gongzhi.surveys.actions.sheets import enter, give_paper, hand_out, more_sheets, take_back

__all__ = [
    "add_question", "answer", "answer_sheet", "change_question", "close_round", "count_round",
    "enter", "give_paper", "hand_out", "make_instrument", "more_sheets", "move_question",
    "new_version", "open_round", "remove_question", "rename", "take_back",
]  # fmt: skip
