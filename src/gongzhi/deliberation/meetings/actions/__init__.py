"""Everything that changes a session. Each action is one transaction with its event."""

from gongzhi.deliberation.meetings.actions.asking import (
    answer,
    ask,
    call_speaker,
    carry,
    end_speaker,
    want_to_speak,
)
from gongzhi.deliberation.meetings.actions.attending import (
    BEFORE,
    SignedIn,
    mandate,
    sign_in,
    sign_in_by_code,
    sign_in_guest,
    sign_in_list,
    sign_out,
)
from gongzhi.deliberation.meetings.actions.calling import (
    add_item,
    add_paper,
    call,
    cancel,
    move,
    notice,
    remove_item,
)
from gongzhi.deliberation.meetings.actions.pledging import (
    add_party,
    judge_pledge,
    pledge,
    write_statement,
)
from gongzhi.deliberation.meetings.actions.recording import (
    correct_minutes,
    publish_minutes,
    write_minutes,
)
from gongzhi.deliberation.meetings.actions.repeating import once
from gongzhi.deliberation.meetings.actions.running import (
    close_session,
    end_part,
    open_session,
    record_outcome,
    start_part,
    write_record,
)
from gongzhi.deliberation.meetings.actions.sorting import Sorted, hand_over, merge
from gongzhi.deliberation.meetings.actions.surveying import open_survey, survey_counted

__all__ = [
    "BEFORE",    "SignedIn",
    "Sorted",
    "add_item",
    "add_paper",
    "add_party",
    "answer",
    "ask",
    "call",
    "call_speaker",
    "cancel",
    "carry",
    "close_session",
    "correct_minutes",
    "end_part",
    "end_speaker",
    "hand_over",
    "judge_pledge",
    "mandate",
    "merge",
    "move",
    "notice",
    "once",
    "open_session",
    "open_survey",
    "pledge",
    "publish_minutes",
    "record_outcome",
    "remove_item",
    "sign_in",
    "sign_in_by_code",
    "sign_in_guest",
    "sign_in_list",
    "sign_out",
    "start_part",
    "survey_counted",
    "want_to_speak",
    "write_minutes",
    "write_record",
    "write_statement",
]  # fmt: skip
