"""What a rule of points may say, read-only in the software: the negative list with its articles.

Pure. The words are patterns for what is rewarded or threatened, not for whom one helps: "照顾生病
的邻居" is a good deed, "不生病" is none. `BARRED_SQL` is the same list for a CHECK of the database.
"""

import re
import tomllib
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from gongzhi.core.errors import Refused


@dataclass(frozen=True, slots=True)
class Barred:
    """A kind of rule that may not be, the article that says so, and the words that give it away.

    `forms` are regular expressions that Python and PostgreSQL read alike.
    """

    code: str
    words: str
    article: str
    patterns: tuple[str, ...]
    forms: tuple[str, ...] = ()


BARRED = (
    Barred(
        "petition", "不能因为信访、上访、举报、投诉、评价给分或扣分。",
        "《信访工作条例》第八条、第三十五条",
        ("信访", "上访", "缠访", "闹访", "访民", "息访", "举报", "投诉", "12345", "打官司", "起诉",
         "告状", "检举", "越级", "赴京", "进京反映", "劝返", "满意度", "好评", "五星"),
    ),
    Barred(
        "birth", "不能因为婚育给分或扣分。", "《村民委员会组织法》第三十一条",
        ("生育", "超生", "生二孩", "生三孩", "二胎", "三胎", "结扎", "未婚先孕", "彩礼",
         "不结婚", "离婚", "生孩子", "生娃", "头胎", "怀孕", "避孕", "节育", "早婚", "晚婚"),
    ),
    Barred(
        "illness", "不能因为生病、看病给分或扣分。", "《个人信息保护法》第二十八条",
        ("无病乱医", "不生病", "少生病", "没生病", "无大病", "不看病", "少看病", "患病扣", "住院扣",
         "看病次数", "精神病", "病史"),
    ),
    Barred(
        "service", "公共服务和法定待遇不能和积分挂钩。",
        "《社会救助法》；《村民委员会组织法》第三十一条",
        ("低保", "最低生活保障", "特困供养", "救助金", "医保", "养老金", "社保", "入学", "学位",
         "开证明", "办证", "盖章", "分红", "土地承包", "宅基地", "征地", "拆迁", "搬迁", "腾退",
         "缴费", "缴税", "选举权", "投票权"),
    ),
    Barred(
        "fine", "村（居）委会没有处罚权，积分也不能倒扣。", "《行政处罚法》第九条、第十七条",
        ("罚款", "罚金", "处罚", "扣分", "倒扣", "扣除", "扣减", "减分", "保证金", "违约金",
         "负分"),
        ("[扣减罚][去掉除]?[0-9一二两三四五六七八九十百]+分",),
    ),
    Barred(
        "money", "积分不能转让、买卖、提现，不是钱。", "《中国人民银行法》第二十条",
        ("提现", "兑现金", "换现金", "购买积分", "买积分", "卖积分", "转让", "转赠", "充值",
         "抵押", "红包", "打款",
         "换钱", "兑钱", "折现", "变现", "积分送", "送积分", "积分转", "转积分", "借积分", "卖分",
         "买分"),
    ),
    Barred(
        "ranking", "不能给人排名次、上榜或曝光。",
        "国办函〔2026〕12号；《个人信息保护法》第二十五条",
        ("排名", "排行", "名次", "末位", "红黑榜", "黑榜", "红榜", "曝光", "通报批评", "黑名单",
         "积分榜", "光荣榜", "龙虎榜"),
        ("前[0-9一二两三四五六七八九十百]+名", "第[0-9一二三]名"),
    ),
    Barred(
        "screen", "不能因为装软件、打卡、点赞、转发给分。", "国办函〔2026〕12号第（四）项",
        ("点赞", "转发", "打卡", "下载", "安装", "注册账号", "登录", "在线时长", "答题", "拉人",
         "学习时长", "截图"),
    ),
    Barred(
        "forced", "参加全凭自愿，不能强迫。", "《志愿服务条例》第二条、第三条",
        ("必须参加", "强制", "不参加", "不配合", "不服从", "责令"),
    ),
    Barred(
        "belief", "不能因为信仰、看法给分或扣分。", "《宪法》第三十六条、第三十五条",
        ("宗教", "信教", "不信教", "入教", "网上言论", "负面言论"),
    ),
)  # fmt: skip
BARRED_SQL = "|".join(word for rule in BARRED for word in (*rule.patterns, *rule.forms))
_KNOWN = tuple((r, re.compile("|".join((*map(re.escape, r.patterns), *r.forms)))) for r in BARRED)
_BETWEEN = re.compile(r"[\W_]+")  # spaces, dots, brackets, characters without width
_TAKEN_AWAY = re.compile(r"(?<![0-9])[-−—负]\s*[0-9]+\s*分")  # read before signs are dropped
_PLAIN = tomllib.loads((Path(__file__).parent / "data" / "plain.toml").read_text("utf-8"))
_SIMPLE = str.maketrans(_PLAIN["written"], _PLAIN["read"])


def barred(*texts: str) -> tuple[Barred, str] | None:
    """The first rule of the negative list the texts run against, and the word; None if lawful.

    Spaces, dots and brackets between characters, wide figures and traditional characters hide
    nothing.
    """
    plain = unicodedata.normalize("NFKC", "\n".join(texts)).translate(_SIMPLE)
    if found := _TAKEN_AWAY.search(plain):
        return next(rule for rule in BARRED if rule.code == "fine"), found[0]
    said = _BETWEEN.sub("", plain)
    for rule, pattern in _KNOWN:
        if found := pattern.search(said):
            return rule, found[0]
    return None


def check_lawful(*texts: str) -> None:
    """Refused with the article for a rule on the negative list."""
    found = barred(*texts)
    if found is not None:
        rule, word = found
        raise Refused(
            rule.words, code="barred", todo=f"依据：{rule.article}。请去掉“{word}”。",
            data={"rule": rule.code, "word": word, "article": rule.article},
        )  # fmt: skip


def is_minor(born_on: date | None, on: date) -> bool:
    """Under 18 on that day; unknown birthdays count as adult."""
    if born_on is None:
        return False
    years = on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
    return years < 18


def code_of(place_code: str, *, group: bool) -> str:
    """The name of the rule in the ledger and the log: persons and groups have caps of their own."""
    return f"points-{place_code}{'-group' if group else ''}"


def last_day(entered: date, lasts: str, months: int) -> date:
    """The last day of points entered on that day, by the rule book's own term.

    "months": so many months later, at most the end of that month; "year": the end of the month of
    that number in the year after, when the points of a year are settled.
    """
    if lasts == "year":
        return date(entered.year + 1, months, monthrange(entered.year + 1, months)[1])
    year, month = divmod(entered.year * 12 + entered.month - 1 + months, 12)
    return date(year, month + 1, min(entered.day, monthrange(year, month + 1)[1]))


def quarter(on: date) -> date:
    """The first day of the quarter a day lies in."""
    return date(on.year, (on.month - 1) // 3 * 3 + 1, 1)


def quarter_after(first: date) -> date:
    """The first day of the next quarter."""
    year, month = divmod(first.year * 12 + first.month + 2, 12)
    return date(year, month + 1, 1)


def quarters_before(on: date, count: int = 4) -> list[date]:
    """The first days of the last quarters that are over on that day, newest first."""
    found, last = [], quarter(on)
    for _ in range(count):
        last = quarter(last - timedelta(days=1))
        found.append(last)
    return found


def small(n: int, least: int = 5) -> str:
    """How many took part, as it may be shown: fewer than five is said so (rules.md §8, k=5)."""
    return str(n) if n >= least or n == 0 else f"不足{least}"


def term(lasts: str, months: int) -> str:
    """How long points last, in a sentence of the rule book."""
    if lasts == "year":
        return f"当年得的积分用到第二年{months}月底。"
    return f"积分从记入那天起{months}个月内有效。"


def text_of(
    title: str, caps: tuple[int, int], lasts: tuple[str, int], items: Iterable[Mapping[str, Any]]
) -> str:
    """The rule book as one text, line by line: what is voted on, hashed and published."""
    lines = [title, f"个人每月最多{caps[0]}分；家庭、团队、单位每月最多{caps[1]}分。",
             term(*lasts)]  # fmt: skip
    lines += [
        f"{i['code']} {i['title']}：{i['points']}分/{i['unit']}，每月最多{i['cap']}{i['unit']}"
        f"；{i['area']}·{i['kind']}·{i['subject']}；凭据：{'、'.join(map(str, i['evidence']))}"
        f"{'；到' + str(i['until_on']) if i['until_on'] else ''}"
        for i in items
    ]
    return "\n".join(lines) + "\n"
