"""One small form for each thing that can be done with a matter, and what it asks the domain for.

A form holds no rule: it reads what was typed into the arguments of `matters.actions.move`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from gongzhi.core.clock import SHANGHAI
from gongzhi.matters import actions
from gongzhi.playbooks.moves import Attendance, Tally, Verb
from gongzhi.web.staff import frame, lawlist

CO_HANDLERS = 4


class MoveForm(frame.Form):
    """What every move carries: what the clerk had seen, and a word about it."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)
    uploaded = forms.CharField(widget=forms.HiddenInput, required=False, max_length=600)

    audience: ClassVar[Any] = _("提出人、跟进的人和办事人员会看到。")
    danger = False

    def __init__(self, *args: Any, case: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        if not self.is_bound:
            self.initial.setdefault("seen", case["last_seq"])
        self.offer(case)

    def offer(self, case: Mapping[str, Any]) -> None:
        """Fill in the choices that depend on the matter."""

    def clean_seen(self) -> int:
        """What the clerk had seen; nothing readable counts as nothing seen, so he sees it now."""
        text = self.cleaned_data["seen"]
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0

    def see(self, seq: int) -> None:
        """The clerk has now seen the newest state: another press counts for it."""
        self.renew_key()
        self.set("seen", str(seq))

    def arguments(self) -> dict[str, Any]:
        """What is handed to `matters.actions.move` besides who, when and which matter."""
        typed = self.cleaned_data
        return {key: typed[key] for key in ("reason", "note") if typed.get(key)}


class NoteForm(MoveForm):
    """A word may be added."""

    note = frame.reason(_("说明（可不填）"), required=False, most=2000)


class ReasonForm(MoveForm):
    """A reason must be given, and is read by others."""

    reason = frame.reason(_("理由"))


class PhotoForm(NoteForm):
    """Something to be attached."""

    photos = frame.PhotosField(_("照片（可不填）"))


class RefuseForm(ReasonForm):
    audience = _("理由原样告诉提出人，并记进全过程。")
    danger = True


class HearForm(MoveForm):
    """Who came, by role, and what was said."""

    form = forms.ChoiceField(
        label=_("怎么议的"),
        choices=[("talk", _("坐下来商量")), ("hearing", _("听证会（意见不一致时）"))],
        widget=forms.RadioSelect,
        initial="talk",
    )
    seats = frame.count(_("应到人数"), most=100_000)
    present = frame.count(_("实到人数"), most=100_000)
    said = forms.CharField(
        label=_("说了什么，商量出什么意见"),
        help_text=_("不同的意见也要记下。"),
        max_length=1900,
        widget=frame.Lines(6),
    )
    photos = frame.PhotosField(_("签到表或现场照片（可不填）"))
    audience = _("会随这件事公开，姓名隐去。")

    def offer(self, case: Mapping[str, Any]) -> None:
        self.by_role = [role["id"] for role in case["hearing_roles"]]
        for role in case["hearing_roles"]:
            least = _("其中至少要有%d人。") % role["least"] if role["least"] else ""
            self.fields[f"role_{role['id']}"] = forms.IntegerField(
                label=_("其中：%s") % role["name"],
                help_text=least,
                min_value=0,
                required=bool(role["least"]),
            )
        self.order_fields(
            ["form", "seats", "present", *(f"role_{r}" for r in self.by_role), "said", "photos"]
        )

    def arguments(self) -> dict[str, Any]:
        typed = self.cleaned_data
        came = {role: typed[f"role_{role}"] or 0 for role in self.by_role}
        words = dict(self.fields["form"].choices)[typed["form"]]  # type: ignore[attr-defined]
        return {
            "attendance": Attendance(typed["seats"], typed["present"], came),
            "note": f"{words}：{typed['said']}",
        }


class ResolveForm(MoveForm):
    """Hands counted. The result is computed, never typed."""

    electorate = frame.count(_("有权表决的人数"))
    present = frame.count(_("到会人数"))
    for_ = frame.count(_("赞成"))
    against = frame.count(_("反对"))
    abstain = frame.count(_("弃权"))
    note = frame.reason(_("定了什么"), most=2000)
    photos = frame.PhotosField(_("会议记录照片（可不填）"))
    audience = _("票数和结果会公开；谁投了什么不记录。")

    def tally(self) -> Tally:
        """What was counted."""
        t = self.cleaned_data
        return Tally(t["electorate"], t["present"], t["for_"], t["against"], t["abstain"])

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"tally": self.tally()}


class DispatchForm(MoveForm):
    """交办 to one, or 会办 with a lead and co-handlers, each with a date."""

    lead = forms.ChoiceField(label=_("谁来主办"))
    lead_due = forms.DateTimeField(
        label=_("主办期限（可不填）"),
        help_text=_("不填就用这一步的期限。"),
        required=False,
        widget=frame.Moment(),
    )
    note = frame.reason(_("交代什么（可不填）"), required=False, most=2000)
    audience = _("承办的人和单位会收到，提出人会看到派给了谁。")

    def offer(self, case: Mapping[str, Any]) -> None:
        offers = [("", _("请选择")), *grouped(case["handlers"])]
        self.fields["lead"].choices = offers  # type: ignore[attr-defined]
        for n in range(1, CO_HANDLERS + 1):
            self.fields[f"co_{n}"] = forms.ChoiceField(
                label=_("会办%d（可不填）") % n, choices=offers, required=False
            )
            self.fields[f"co_{n}_due"] = forms.DateTimeField(
                label=_("会办%d的期限（可不填）") % n, required=False, widget=frame.Moment()
            )
        pairs = [name for n in range(1, CO_HANDLERS + 1) for name in (f"co_{n}", f"co_{n}_due")]
        self.order_fields(["lead", "lead_due", *pairs, "note"])

    def shown(self) -> list[forms.BoundField]:
        return [self["lead"], self["lead_due"], self["note"]]

    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The co-handlers with their dates."""
        return [(self[f"co_{n}"], self[f"co_{n}_due"]) for n in range(1, CO_HANDLERS + 1)]

    def arguments(self) -> dict[str, Any]:
        typed = self.cleaned_data
        chosen = [(typed["lead"], typed["lead_due"])]
        chosen += [(typed[f"co_{n}"], typed[f"co_{n}_due"]) for n in range(1, CO_HANDLERS + 1)]
        return super().arguments() | {
            "assignees": tuple(assignee(who, due) for who, due in chosen if who)
        }


class TransferForm(ReasonForm):
    """Another handler at the same level."""

    to = forms.ChoiceField(label=_("转给谁"))
    audience = _("原来和新的承办人、提出人都会看到理由。")

    field_order = ("to", "reason")

    def offer(self, case: Mapping[str, Any]) -> None:
        self.fields["to"].choices = [("", _("请选择")), *grouped(case["handlers"])]  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        chosen = assignee(self.cleaned_data["to"], None)
        return super().arguments() | {"assignees": (chosen,)}


class ReportDoneForm(MoveForm):
    """What was done, with pictures and what it cost."""

    note = frame.reason(_("做了什么"), most=2000)
    photos = frame.PhotosField(_("办好后的照片（可不填）"))
    cost = forms.DecimalField(
        label=_("花了多少钱（元，可不填）"),
        help_text=_("花费会公开。没有花钱填0。"),
        required=False,
        min_value=Decimal(0),
        max_digits=11,
        decimal_places=2,
    )
    audience = _("交给没有经手的人核查，然后请群众评。")

    def arguments(self) -> dict[str, Any]:
        cost = self.cleaned_data["cost"]
        return super().arguments() | ({} if cost is None else {"cost_fen": int(cost * 100)})


class SendBackForm(ReasonForm):
    audience = _("承办的人会看到哪里没办好。")


class PublishForm(NoteForm):
    audience = _("按这套办法规定的范围公开，至少15天；姓名、电话、门牌自动隐去。")


class PauseForm(MoveForm):
    """Only for a reason the playbook names."""

    reason = forms.ChoiceField(label=_("为什么暂停"), widget=forms.RadioSelect)
    note = frame.reason(_("说明（可不填）"), required=False, most=2000)
    audience = _("提出人会看到暂停的原因；恢复后期限顺延。")

    def offer(self, case: Mapping[str, Any]) -> None:
        self.fields["reason"].choices = list(case["pause_reasons"])  # type: ignore[attr-defined]


class ParkForm(ReasonForm):
    """Cannot be solved now: why, and when it is looked at again."""

    until = forms.DateField(label=_("哪天再看"), widget=frame.Day())
    field_order = ("until", "reason")
    audience = _("理由和复查日期会公开。")

    def arguments(self) -> dict[str, Any]:
        day = self.cleaned_data["until"]
        until = datetime.combine(day, time(9), SHANGHAI).astimezone(UTC)
        return super().arguments() | {"until": until}


class DivertForm(MoveForm):
    """A matter of another track: closed with advice where to go."""

    reason = frame.reason(_("为什么不在这里办"))
    note = forms.CharField(label=_("请他去哪里办、怎么办"), max_length=1000, widget=frame.Lines(4))
    audience = _("建议原样告诉提出人。信访、诉讼、仲裁等走法定渠道，这里不受理也不拦。")
    danger = True


class MergeForm(MoveForm):
    """Closed into another matter; its reporter follows that one from then on."""

    into = forms.CharField(label=_("并到哪一件"), help_text=_("填那件事的编号。"), max_length=20)
    reason = frame.reason(_("为什么是同一件事（可不填）"), required=False)
    audience = _("两件事的提出人都会看到，原来的提出人继续收到进展。")
    danger = True

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"into": self.cleaned_data["into"].strip().upper()}


class MarkForm(MoveForm):
    item = forms.ChoiceField(label=_("法律规定由会议决定的哪一项"), required=False)
    reason = frame.reason(_("为什么（去掉标记时必须写）"), required=False)
    audience = _("提出人会看到。标了以后，有会议通过的决议才能派人去办；已经派出去的，先停下来。")

    def offer(self, case: Mapping[str, Any]) -> None:
        self.fields["item"].choices = lawlist.choices(case["category"])  # type: ignore[attr-defined]
        if not self.is_bound:
            self.initial.setdefault("item", case["statutory"])

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"item": self.cleaned_data["item"]}


class RecallForm(MoveForm):
    reason = frame.reason(_("为什么撤回（可不填）"), required=False)
    danger = True


class EscalateForm(ReasonForm):
    audience = _("上一级的办事人员和提出人会看到理由。")


class SendDownForm(ReasonForm):
    audience = _("下一级的办事人员和提出人会看到理由。")


class ReturnForm(ReasonForm):
    audience = _("派单的人会看到，由他审核同意不同意。")


class ExtendForm(ReasonForm):
    audience = _("提出人会看到新的期限和理由。")


FORMS: dict[Verb, type[MoveForm]] = {
    Verb.ACCEPT: NoteForm,
    Verb.REFUSE: RefuseForm,
    Verb.SIGN: NoteForm,
    Verb.ATTACH: PhotoForm,
    Verb.HEAR: HearForm,
    Verb.RESOLVE: ResolveForm,
    Verb.DISPATCH: DispatchForm,
    Verb.REPORT_DONE: ReportDoneForm,
    Verb.VERIFY: PhotoForm,
    Verb.SEND_BACK: SendBackForm,
    Verb.PUBLISH: PublishForm,
    Verb.ESCALATE: EscalateForm,
    Verb.SEND_DOWN: SendDownForm,
    Verb.TRANSFER: TransferForm,
    Verb.RETURN: ReturnForm,
    Verb.ACCEPT_RETURN: NoteForm,
    Verb.REJECT_RETURN: ReasonForm,
    Verb.EXTEND: ExtendForm,
    Verb.PAUSE: PauseForm,
    Verb.RESUME: NoteForm,
    Verb.PARK: ParkForm,
    Verb.UNPARK: NoteForm,
    Verb.RECALL: RecallForm,
    Verb.REOPEN: NoteForm,
    Verb.DIVERT: DivertForm,
    Verb.MERGE: MergeForm,
    Verb.MARK: MarkForm,
}

# The one thing a state is waiting for, in this order; everything else stands below it.
PRIMARY = (
    Verb.ACCEPT_RETURN,
    Verb.UNPARK,
    Verb.RESUME,
    Verb.ACCEPT,
    Verb.HEAR,
    Verb.RESOLVE,
    Verb.SIGN,
    Verb.ATTACH,
    Verb.VERIFY,
    Verb.REPORT_DONE,
    Verb.DISPATCH,
    Verb.PUBLISH,
)

BUTTONS: dict[Verb, Any] = {
    Verb.ACCEPT: _("受理"),
    Verb.REFUSE: _("不予受理"),
    Verb.SIGN: _("签字"),
    Verb.ATTACH: _("附上材料"),
    Verb.HEAR: _("记录议事"),
    Verb.RESOLVE: _("登记表决"),
    Verb.DISPATCH: _("派出去办"),
    Verb.REPORT_DONE: _("报办结"),
    Verb.VERIFY: _("核查通过"),
    Verb.SEND_BACK: _("退回重办"),
    Verb.PUBLISH: _("公开晒事"),
    Verb.ESCALATE: _("提请上级"),
    Verb.SEND_DOWN: _("交下级办"),
    Verb.TRANSFER: _("转办"),
    Verb.RETURN: _("退单"),
    Verb.ACCEPT_RETURN: _("同意退单"),
    Verb.REJECT_RETURN: _("不同意退单"),
    Verb.EXTEND: _("延期"),
    Verb.PAUSE: _("暂停计时"),
    Verb.RESUME: _("恢复计时"),
    Verb.PARK: _("挂账"),
    Verb.UNPARK: _("销挂，继续办"),
    Verb.RECALL: _("撤回"),
    Verb.REOPEN: _("重新打开"),
    Verb.DIVERT: _("引导到别的渠道"),
    Verb.MERGE: _("并案"),
    Verb.MARK: _("标为会议决定的事项"),
}


def assignee(choice: str, due: datetime | None) -> actions.Assignee:
    """ "p12" is a person, "o3" an organisation; ValueError cannot happen after validation."""
    who = int(choice[1:])
    if choice.startswith("p"):
        return actions.Assignee(person_id=who, organisation_id=None, due_at=due)
    return actions.Assignee(person_id=None, organisation_id=who, due_at=due)


def grouped(handlers: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Handlers as the choices of a list, by group."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for handler in handlers:
        groups.setdefault(handler["group"], []).append((handler["value"], handler["name"]))
    return list(groups.items())
