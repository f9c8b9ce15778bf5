"""One small form for each thing staff do with a proposal; each knows when it is offered.

A form holds no rule: it reads what was typed into the arguments of one action.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from gongzhi.core.errors import BadInput
from gongzhi.deliberation.proposals import actions, queries, rules, words
from gongzhi.playbooks.moves import Tally
from gongzhi.web.staff import frame

Row = Mapping[str, Any]


class Act(frame.Form):
    """What every form carries: what the clerk had seen. `name` heads it, `done` is said after."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=12)

    name: ClassVar[Any] = ""
    press: ClassVar[Any] = ""  # on its button, where that is not its name
    done: ClassVar[Any] = ""
    first = False  # shown open: the next thing to do

    def __init__(self, *args: Any, row: Row, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        if not self.is_bound:
            self.initial.setdefault("seen", row["last_seq"] or "")
        self.offer(row)

    @classmethod
    def offered(cls, row: Row) -> bool:
        """Whether this can be done now, by the one who looks."""
        return False

    def offer(self, row: Row) -> None:
        """Choices that depend on the proposal."""

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        """The one call; `who` is proposal_id, by, at."""
        raise NotImplementedError

    def once(self, typed: dict[str, Any]) -> dict[str, Any]:
        """Key and what was seen, for actions that take both."""
        seen = typed["seen"]
        return {"key": typed["key"] or None, "seen": int(seen) if seen.isdecimal() else None}


class TestForm(Act):
    """The five tests, one by one: all yes takes it on, one no returns it with the reasons."""

    name, done, first = _("受理五问"), _("已记下受理的结果。"), True
    press = _("记下结果")
    reasons = frame.reason(_("有答“否”的，写明理由"), required=False)

    @classmethod
    def offered(cls, row: Row) -> bool:
        return "accept" in row["allowed"]

    def offer(self, row: Row) -> None:
        for test, name in words.choices("tests"):
            self.fields[f"test_{test}"] = forms.ChoiceField(
                label=name, choices=[("yes", _("是")), ("no", _("否"))], widget=forms.RadioSelect,
                error_messages={"required": _("这一问还没有答。")},
            )  # fmt: skip
        self.fields["reasons"].help_text = _("理由公开至少15天，不写提案人的名字。")
        self.order_fields([*(f"test_{test}" for test in rules.entries("tests")), "reasons"])

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        answers = {test: typed[f"test_{test}"] == "yes" for test in rules.entries("tests")}
        failed = tuple(rules.failed_tests(answers))
        if failed:
            actions.give_back(**who, failed=failed, reasons=typed["reasons"], **self.once(typed))
        else:
            actions.accept(**who, answers=answers, note=typed["reasons"], **self.once(typed))


class MergeForm(Act):
    """Into another proposal; the seconders go with it."""

    name, done = _("并到另一件提案"), _("已合并，附议的户都带过去了。")
    into = forms.CharField(label=_("另一件提案的编号"), max_length=20)
    reason = frame.reason(_("为什么合并"))

    @classmethod
    def offered(cls, row: Row) -> bool:
        return (row["state"] == "seconding" and row["edits"]) or "merge" in row["allowed"]

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        actions.merge(**who, into=typed["into"], reason=typed["reason"], key=typed["key"] or None)


class UpForm(Act):
    """One platform up."""

    name, done = _("送上一级平台"), _("已送上一级。")
    reason = frame.reason(_("为什么送上去"))
    verb, act = "escalate", staticmethod(actions.send_up)

    @classmethod
    def offered(cls, row: Row) -> bool:
        return cls.verb in row["allowed"]

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        self.act(**who, reason=typed["reason"], **self.once(typed))


class DownForm(UpForm):
    """One platform down."""

    name, done = _("交下一级平台"), _("已交下一级。")
    reason = frame.reason(_("为什么交下去"))
    verb, act = "send_down", staticmethod(actions.send_down)


class HearForm(Act):
    """The platform met."""

    name, done, first = _("记下议的情况"), _("已记下议的情况。"), True
    seats = frame.count(_("应到人数"), most=100_000)
    present = frame.count(_("实到人数"), most=100_000)
    affected = frame.count(_("其中：受影响的居民"), required=False, most=100_000)
    said = forms.CharField(
        label=_("说了什么，商量出什么意见"), help_text=_("不同的意见也要记下。"), max_length=1900,
        widget=frame.Lines(5),
    )  # fmt: skip

    @classmethod
    def offered(cls, row: Row) -> bool:
        return "hear" in row["allowed"]

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        came = {"affected": typed["affected"]} if typed["affected"] else {}
        actions.hear(
            **who, seats=typed["seats"], present=typed["present"], words=typed["said"],
            by_role=came, **self.once(typed),
        )  # fmt: skip


class DecideForm(Act):
    """Hands were counted; what follows from the count is computed."""

    name, done, first = _("登记怎么定的"), _("已记下，结果按票数算出。"), True
    method = forms.ChoiceField(label=_("怎么定的"), widget=forms.RadioSelect)
    electorate = frame.count(_("应到（有权表决）"), most=100_000)
    present = frame.count(_("实到"), most=100_000)
    for_ = frame.count(_("赞成"), most=100_000)
    against = frame.count(_("反对"), most=100_000)
    abstain = frame.count(_("弃权"), most=100_000)
    said = forms.CharField(label=_("定了什么"), max_length=900, widget=frame.Lines(4))

    @classmethod
    def offered(cls, row: Row) -> bool:
        return "resolve" in row["allowed"]

    def offer(self, row: Row) -> None:
        self.fields["method"].choices = words.methods()  # type: ignore[attr-defined]

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        counted = {n: typed[n] for n in ("electorate", "present", "for_", "against", "abstain")}
        actions.decide(
            **who, tally=Tally(**counted), method=typed["method"], words=typed["said"],
            **self.once(typed),
        )  # fmt: skip


class AppealForm(Act):
    """The level above answers."""

    name, done, first = _("答复：请上一级再看"), _("已答复。"), True
    upheld = forms.ChoiceField(
        label=_("意见成不成立"), widget=forms.RadioSelect,
        choices=[("yes", _("成立，由本级受理")), ("no", _("不成立，维持退回"))],
    )  # fmt: skip
    answer = frame.reason(_("答复和理由"), most=500)

    @classmethod
    def offered(cls, row: Row) -> bool:
        return bool(row["answers_appeal"])

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        actions.answer_appeal(
            **who, upheld=typed["upheld"] == "yes", answer=typed["answer"],
            key=typed["key"] or None,
        )  # fmt: skip


class LearnForm(Act):
    """What we learned."""

    name, done = _("写下学到了什么"), _("已写下。")
    said = frame.reason(_("哪里做得好，下次怎么做得更好"), most=500)

    @classmethod
    def offered(cls, row: Row) -> bool:
        return bool(row["edits"] and row["project"] and row["project"]["finished_at"])

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        actions.learn(**who, words=typed["said"])


class HonourForm(Act):
    """An honour in words."""

    name, done = _("褒奖这件提案"), _("已褒奖。")
    kind = forms.ChoiceField(label=_("哪一种"), widget=forms.RadioSelect)
    why = frame.reason(_("为什么"))

    @classmethod
    def offered(cls, row: Row) -> bool:
        return bool(row["edits"]) and row["state"] in ("done", "rated")

    def offer(self, row: Row) -> None:
        self.fields["kind"].choices = words.choices("honours")  # type: ignore[attr-defined]
        self.fields["kind"].help_text = _("褒奖给提案，不给个人，不发钱、不排名。")

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        actions.honour(**who, kind=typed["kind"], why=typed["why"])


class HideForm(Act):
    """A comment off the page."""

    name, done = _("隐藏一条留言"), _("已隐藏，理由已告诉留言的人。")
    comment = forms.IntegerField(label=_("留言编号"), min_value=1)
    why = frame.reason(_("为什么"))

    @classmethod
    def offered(cls, row: Row) -> bool:
        return bool(row["moderates"]) and row["talked"] > 0

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        actions.hide(**who, comment_id=typed["comment"], why=typed["why"])


class SeconderForm(Act):
    """A signature on paper."""

    name, done = _("登记纸上的附议"), _("已登记附议。")
    person = forms.CharField(label=_("签名的居民姓名"), max_length=60)
    door = forms.CharField(
        label=_("门牌（有同名时写）"),
        max_length=60,
        required=False,
        help_text=_("例如：1单元 101。"),
    )  # fmt: skip
    how = forms.CharField(label=_("本人怎样同意的"), max_length=100)

    @classmethod
    def offered(cls, row: Row) -> bool:
        return row["state"] in ("seconding", "waiting") and bool(row["edits"])

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        person = queries.resident(self.row["reach_path"], typed["person"], typed["door"])
        if not actions.second(**who, for_person=person, how=typed["how"]):
            raise BadInput("person", "这一户已经附议过了。")
