"""What a published text says of a case, beside what the records here add up to; also to print."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from gongzhi.mall.exchange import yuan
from gongzhi.matters.words import language
from gongzhi.research import cases
from gongzhi.web.meetings import pdf

# Title, and the sentence the numbers fill in; amounts are in yuan.
WORDS = {
    "coverage": (
        gettext_lazy("掌上社区"), gettext_lazy("%(n)s个社区，%(with)s个有自己的频道。"),
    ),
    "pilots": (gettext_lazy("积分试点"), gettext_lazy("%(n)s个社区有现行的积分办法。")),
    "posts": (
        gettext_lazy("频道里说的话"),
        gettext_lazy("共%(posts)s条；等人回的%(asked)s条，按时回了%(in_time)s条。"),
    ),
    "matters": (
        gettext_lazy("说出来就办"),
        gettext_lazy("转成%(matters)s件事，办好%(done)s件，回到频道里说了%(told)s件。"),
    ),
    "paper": (
        gettext_lazy("积分1.0，纸质账本"),
        gettext_lazy("%(places)s个社区，转入%(lines)s行，%(points)s分。"),
    ),
    "earned": (gettext_lazy("积分2.0，在线入账"), gettext_lazy("%(deeds)s件好事，%(points)s分。")),
    "issued": (gettext_lazy("得分入账"), gettext_lazy("%(deeds)s件好事，%(points)s分。")),
    "kinds": (
        gettext_lazy("常规和临时"),
        gettext_lazy("常规事项%(regular)s件，临时事项%(temporary)s件。"),
    ),
    "areas": (gettext_lazy("事项的类别"), gettext_lazy("%(n)s类都有人做。")),
    "subjects": (
        gettext_lazy("谁得分"),
        gettext_lazy("个人%(person)s件，家庭%(household)s件，团队%(team)s件，单位%(organisation)s件。"),
    ),
    "spent": (gettext_lazy("兑换"), gettext_lazy("%(orders)s次，用掉%(points)s分。")),
    "hours": (
        gettext_lazy("志愿服务"),
        gettext_lazy("%(times)s次，%(minutes)s分钟，另记一本账，不和积分混。"),
    ),
    "villages": (gettext_lazy("村"), gettext_lazy("行政区划表（2023年）里有%(n)s个村。")),
    "communities": (gettext_lazy("社区"), gettext_lazy("行政区划表（2023年）里有%(n)s个社区。")),
    "residents": (gettext_lazy("居民"), gettext_lazy("这里的名册有%(here)s人。")),
    "merchants": (
        gettext_lazy("商户"),
        gettext_lazy("%(n)s家商户；由政府部门运营的%(public)s家。"),
    ),
    "offset": (
        gettext_lazy("积分抵扣消费"),
        gettext_lazy("%(sales)s单，一共%(price_fen)s元，积分抵了%(fen)s元（%(points)s分）。"),
    ),
    "cover": (
        gettext_lazy("兑付得了吗"),
        gettext_lazy("大家手里的和预算里的%(points)s分，连同欠款要%(needed_fen)s元；承诺的钱还有%(left_fen)s元。"),
    ),
    "clearing": (
        gettext_lazy("清算，一分不差"),
        gettext_lazy("%(days)s个清算日：请银行付%(asked_fen)s元，回执付了%(paid_fen)s元，账上兑付%(redeemed_fen)s元。"),
    ),
    "finance": (
        gettext_lazy("应收账款融资"),
        gettext_lazy("%(financed)s笔，票面%(face_fen)s元，提前拿到%(price_fen)s元；到期的%(due)s笔，先还银行%(repaid)s笔。"),
    ),
    "log": (
        gettext_lazy("存证"),
        gettext_lazy("账上%(transfers)s笔，存证里%(entries)s笔；存证一共%(size)s条，见证人%(witnesses)s个，其中和本系统在同一台电脑上的%(here)s个。"),
    ),
}  # fmt: skip
BY = {"source": gettext_lazy("原文"), "office": gettext_lazy("街道2021年的说明")}


@require_GET
def page(request: HttpRequest, name: str) -> HttpResponse:
    """The figures of one case."""
    return render(request, "public/figures.html", _context(name))


@require_GET
def printed(request: HttpRequest, name: str) -> HttpResponse:
    """The same on paper."""
    return pdf.answer(request, "public/figures_print.html", _context(name), f"{name}.pdf")


def _context(name: str) -> dict[str, Any]:
    at = timezone.now()
    case = cases.of(name, at)
    return {
        "case": case, "at": at, "name": name, "rows": [_row(figure) for figure in case.figures],
    }  # fmt: skip


def _row(figure: cases.Figure) -> dict[str, Any]:
    title, words = WORDS[figure.key]
    given = figure.given_en if language() == "en" else figure.given
    numbers = {
        key: yuan(n) if key.endswith("fen") else f"{n:,}" for key, n in figure.numbers.items()
    }
    return {
        "title": title, "words": words % numbers, "given": given,
        "by": BY.get(figure.by, ""), "agrees": figure.agrees,
    }  # fmt: skip
