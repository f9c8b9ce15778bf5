"""What somebody copied out of a group elsewhere, taken apart into messages without names.

Pure. Gongzhi reads no group: a worker pastes, or shares to the page, what he was sent. The shapes
are those in which WeChat hands text out: several messages copied on a computer ("张三:" on a line
of its own), a record sent by mail ("张三  10:02" under a line with the day), one message a line.
"""

import re
from typing import NamedTuple

from gongzhi.channels import rules

MOST = 50  # messages of one paste; more is a whole group, and we read no group
LONGEST = 20_000

_DAY = (
    r"(?:(?:\d{2,4}\s?[-/.年]\s?)?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?日?"
    r"|昨天|前天|今天|星期[一二三四五六日天]|周[一二三四五六日天])"
)
_HALF = r"(?:凌晨|早上|上午|中午|下午|晚上|[AaPp][Mm])"
_HOUR = rf"{_HALF}?\s?\d{{1,2}}[:：]\d{{2}}(?:[:：]\d{{2}})?(?:\s?[AaPp][Mm])?"
_WHEN = rf"(?:{_DAY}\s*)?{_HOUR}"
_DASHES = re.compile(rf"^[\s—–\-_=]*(?:{_DAY})?\s*(?:{_HOUR})?[\s—–\-_=]*$")
_STAMPED = re.compile(rf"^(?P<who>\S.{{0,20}}?)\s+{_WHEN}\s*[:：]?$")
_FIRST = re.compile(rf"^[\[（(]?{_WHEN}[\]）)]?\s+(?P<who>[^：:，。]{{1,20}})[：:]?$")
_ALONE = re.compile(r"^(?P<who>[^：:，,。！？!?]{1,20}?)\s*[：:]$")
_SAYS = re.compile(
    rf"^(?:[\[（(]?{_WHEN}[\]）)]?\s*)?"
    r"(?P<who>[^：:，,。！？!?\s]{1,20})(?:：|:(?!\d|//))(?P<rest>.*\S.*)$"
)
_TITLE = re.compile(
    r"聊天记录(?:如下)?[：:]?$|^(?:Dear|亲爱的|Hi)[:：]?$|^[-—\s]*以下是新消息[-—\s]*$"
)
_SYSTEM = re.compile(
    r"撤回了一条消息|加入了?群聊|邀请.+加入|移出了?群聊|修改群名为|拍了拍|已成为新群主|退出了?群聊"
    r"|开启了群|领取了.*红包|^\[?以上是打招呼"
)
_THING = re.compile(
    r"\[(?:图片|视频|语音|动画表情|表情|文件|位置|链接|聊天记录|红包|转账|名片|语音通话|小程序|笔记|接龙)"
    r"(?:[：:][^\]]*)?\](?:\s*\d+\s*(?:秒|\"|″))?"
)
# Words that stand before a colon and are no sender.
_NO_NAME = frozenset(
    ["时间", "地点", "地址", "内容", "通知", "电话", "请问", "注意", "备注", "主题", "原因", "情况",
     "要求", "结果", "说明", "提醒", "紧急", "求助", "问题", "建议", "例如", "比如"]
)  # fmt: skip


class Taken(NamedTuple):
    """The messages in their order, and the lines that were left out: names, hours, notices.

    What was left out is shown once to the one who pasted it, so that nothing vanishes unseen.
    """

    messages: list[str]
    left_out: list[str]


def apart(text: str) -> Taken:
    """The messages of a paste, without senders, hours, pictures and notices.

    A sender's name is covered wherever else it stands; numbers and @names are covered. Text in
    which no sender is found is one message. At most MOST; what follows is among the left out.
    """
    heads: list[str] = []
    said: list[list[str]] = []
    left_out: list[str] = []
    for line in text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        _take(line.replace("\u2005", " ").strip(), heads, said, left_out)
    found = [_without("\n".join(lines), heads) for lines in said]
    kept = [message for message in found if message]
    return Taken(kept[:MOST], left_out + kept[MOST:])


def _take(line: str, heads: list[str], said: list[list[str]], left_out: list[str]) -> None:
    """One line: a head opens a message, a notice is dropped, anything else goes on."""
    if not line or _DASHES.fullmatch(line):
        return
    if _TITLE.search(line) or _SYSTEM.search(line):
        left_out.append(line)
        return
    head = _STAMPED.match(line) or _FIRST.match(line) or _ALONE.match(line) or _SAYS.match(line)
    if head is None or head["who"] in _NO_NAME or head["who"].startswith("@"):
        if not said:
            said.append([])
        said[-1].append(line)
        return
    heads.append(head["who"].strip())
    rest = head.groupdict().get("rest") or ""
    left_out.append(line.removesuffix(rest).strip())
    said.append([rest])


def _without(message: str, heads: list[str]) -> str:
    """The message with senders and numbers covered; "" when only a picture or sign was left."""
    left = _THING.sub("", message)
    for name in sorted({h for h in heads if len(h) >= 2}, key=len, reverse=True):
        left = left.replace(name, "邻居")
    lines = (" ".join(line.split()) for line in rules.masked(left).split("\n"))
    kept = "\n".join(line for line in lines if line)
    return kept if re.search(r"\w", kept) else ""
