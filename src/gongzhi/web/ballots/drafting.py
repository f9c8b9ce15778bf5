"""The form that drafts a vote: who votes, by which rule, and the owners' roll where area counts."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import BadInput
from gongzhi.deliberation.ballots import actions, owners
from gongzhi.deliberation.ballots.models import Method, Motion
from gongzhi.deliberation.bodies import queries as bodies
from gongzhi.deliberation.bodies.rules import house_parts
from gongzhi.matters.models import Matter
from gongzhi.places.models import Place
from gongzhi.playbooks import rules as law
from gongzhi.web.ballots import words
from gongzhi.web.staff import frame

_OPEN_TO = ("villagers_18", "residents_18", "households", "collective", "members", "body")
HOUSE_OPS = (
    (">", gettext_lazy("不算，要超过")), (">=", gettext_lazy("算，达到就行")),
)  # fmt: skip
HOUSE_BASES = (
    ("present", gettext_lazy("到会的人")), ("participating", gettext_lazy("参加表决的人")),
    ("members", gettext_lazy("全体成员")),
)  # fmt: skip
_SUBJECTS = (
    ("", gettext_lazy("一般的事")),
    ("village_committee_election", gettext_lazy("选举或罢免村（居）民委员会成员")),
    ("charter", gettext_lazy("制定、修改集体经济组织章程")),
    ("member_confirmation", gettext_lazy("确认集体经济组织成员")),
    ("share_plan", gettext_lazy("土地承包、宅基地、收益权份额量化方案")),
    ("land_compensation", gettext_lazy("土地补偿费的分配和使用")),
    ("merger_division", gettext_lazy("集体经济组织合并、分立")),
)


class DraftForm(frame.Form):
    """What is put to the vote, who votes and by which rule."""

    place = forms.ChoiceField(label=gettext_lazy("在哪里"))
    body = forms.ChoiceField(
        label=gettext_lazy("哪个会"), required=False,
        help_text=gettext_lazy("选了会，就按这个会的规则和成员名单。"),
    )  # fmt: skip
    title = forms.CharField(label=gettext_lazy("要表决什么"), max_length=80)
    text = forms.CharField(
        label=gettext_lazy("具体内容"), max_length=4000, widget=frame.Lines(6),
        help_text=gettext_lazy("花多少钱、谁来办、什么时候办，都写上。"),
    )  # fmt: skip
    subject = forms.ChoiceField(label=gettext_lazy("是哪一类事"), required=False, choices=_SUBJECTS)
    rule = forms.ChoiceField(label=gettext_lazy("按什么规则"))
    electorate = forms.ChoiceField(label=gettext_lazy("谁来投票"))
    owners_file = forms.FileField(
        label=gettext_lazy("业主名单（表格）"), required=False,
        help_text=gettext_lazy("按面积和人数表决时要有：姓名、房号或手机号、专有面积。Excel或CSV。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )  # fmt: skip
    owners = forms.CharField(
        label=gettext_lazy("业主名单（也可以写在这里，一套房一行：姓名，房号，面积）"),
        required=False, max_length=1_000_000, widget=frame.Lines(4), strip=False,
    )  # fmt: skip
    house_share = forms.CharField(
        label=gettext_lazy("自己的规则：多少人赞成算同意"), required=False, max_length=12,
        initial="1/2", help_text=gettext_lazy("写成 1/2、2/3 这样。只用在没有法定规则的时候。"),
    )  # fmt: skip
    house_op = forms.ChoiceField(
        label=gettext_lazy("正好等于这个比例算不算"), required=False, initial=">",
        choices=HOUSE_OPS, widget=forms.RadioSelect,
    )  # fmt: skip
    house_base = forms.ChoiceField(
        label=gettext_lazy("按什么人数算"), required=False, initial="present",
        choices=HOUSE_BASES,
    )  # fmt: skip
    house_there = forms.CharField(
        label=gettext_lazy("至少多少人参加才算数（比例，可不填）"), required=False, max_length=12,
        help_text=gettext_lazy("写成 1/2 这样，按全体成员算，达到就够。"),
    )  # fmt: skip
    house_least = forms.IntegerField(
        label=gettext_lazy("至少多少人参加才算数（人数，可不填）"), required=False,
        min_value=1, max_value=100_000,
    )  # fmt: skip
    method = forms.ChoiceField(
        label=gettext_lazy("怎么投"), choices=Method.choices, widget=forms.RadioSelect,
        initial=Method.FOR_AGAINST,
    )  # fmt: skip
    options = forms.CharField(
        label=gettext_lazy("选项（不是赞成、反对时才填，一行一个）"), required=False,
        max_length=2000, widget=frame.Lines(4),
    )  # fmt: skip
    most = forms.IntegerField(
        label=gettext_lazy("最多选几项"), required=False, min_value=1, max_value=30, initial=1
    )
    secret = forms.ChoiceField(
        label=gettext_lazy("记名不记名"), initial="no", widget=forms.RadioSelect,
        choices=[("no", gettext_lazy("记名：谁投了什么，主持人查得到")),
                 ("yes", gettext_lazy("不记名：选票上没有名字，凭回执改票和核对"))],
    )  # fmt: skip
    live = forms.ChoiceField(
        label=gettext_lazy("什么时候投完"), initial="no", widget=forms.RadioSelect,
        choices=[("no", gettext_lazy("投到公布的时间为止")),
                 ("yes", gettext_lazy("在现场投，主持人宣布结束"))],
    )  # fmt: skip
    matter = forms.CharField(
        label=gettext_lazy("是哪件事的表决（事项编号，可不填）"), required=False, max_length=30
    )

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = {post.place_id: post for post in viewer.posts}
        known = [(str(p.place_id), p.place_name) for p in places.values()]
        known += _compounds([p.place_path for p in places.values()])
        rows = [row for p in places.values() for row in bodies.listed(p.place_path)["rows"]]
        self.fields["place"].choices = known  # type: ignore[attr-defined]
        self.fields["body"].choices = [("", _("不在会上，单独投票")), *{  # type: ignore[attr-defined]
            (str(row["id"]), f"{row['name']}（{row['place']}）") for row in rows
        }]  # fmt: skip
        self.fields["rule"].choices = [  # type: ignore[attr-defined]
            ("house", _("自己的规则（意见，不作决定）")),
            *((r.id, words.rule_name(r)) for r in law.presets().values()),
        ]
        self.fields["electorate"].choices = [  # type: ignore[attr-defined]
            (value, label) for value, label in Motion.Electorate.choices if value in _OPEN_TO
        ]

    @property
    def wrong_rows(self) -> list[tuple[int, str]]:
        """The rows of the owners' roll to be mended."""
        return self.refusal.rows if isinstance(self.refusal, owners.WrongRows) else []

    def propose(self, typed: dict[str, Any], *, by: int) -> int:
        """The draft's id; the one domain call of the page."""
        body = int(typed["body"]) if typed["body"] else None
        weighted = not body and typed["rule"] in WEIGHTED
        electorate = "" if body else "listed" if weighted else typed["electorate"]
        return actions.propose_motion(
            place_id=int(typed["place"]), body_id=body, title=typed["title"], text_=typed["text"],
            subject=typed["subject"], rule=typed["rule"], method=typed["method"],
            electorate=electorate, options=typed["options"].splitlines(),
            listed=self._owners(typed) if weighted else (),
            house=_house(typed) if typed["rule"] == "house" and not body else None,
            most=typed["most"] or 1, secret=typed["secret"] in ("yes",),
            live=typed["live"] == "yes",
            matter_id=_matter(typed["matter"]), by=by, at=frame.now(), key=typed["key"],
        )  # fmt: skip

    def _owners(self, typed: dict[str, Any]) -> list[tuple[int, int]]:
        """The roll out of the file, or of the lines; a file with errors is shown as lines."""
        file = typed["owners_file"]
        path = Place.objects.values_list("path", flat=True).get(pk=int(typed["place"]))
        if file is None and not typed["owners"].strip():
            raise BadInput("owners", "按面积和人数表决，要有业主名单。", todo="请上传表格或写上。")
        if file is None:
            return owners.read(owners.typed(typed["owners"]), "lines.csv", path)
        data, name = file.read(), file.name or ""
        try:
            return owners.read(data, name, path)
        except owners.WrongRows:
            self.set("owners", owners.as_lines(data, name))
            raise


WEIGHTED = frozenset(r.id for r in law.presets().values() if r.weighted)


def _house(typed: dict[str, Any]) -> dict[str, Any]:
    return house_parts(
        share=typed["house_share"] or "1/2", op=typed["house_op"] or ">",
        base=typed["house_base"] or "present", there=typed["house_there"],
        least=typed["house_least"] or 0,
    )  # fmt: skip


def _matter(number: str) -> int | None:
    if not number:
        return None
    found = Matter.objects.filter(number=number.strip()).values_list("id", flat=True).first()
    if found is None:
        raise BadInput("matter", _("没有这个编号的事项。"))
    return found


def _compounds(paths: list[str]) -> list[tuple[str, str]]:
    """Housing compounds below one's posts: where owners decide together."""
    below = Q(pk__in=())
    for path in paths:
        below |= Q(path__startswith=path)
    rows = Place.objects.filter(below, kind="compound", valid_to=None).order_by("path")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")[:200]]
