"""Forms beside the moves: a word, an answer on paper, a category, a phone, several out of one."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gongzhi.matters import words
from gongzhi.matters.suggest import taxonomy
from gongzhi.web.staff import frame


class AnswerForm(frame.Form):
    """One answer given on paper or by telephone, entered by somebody who did not handle it."""

    who = forms.TypedChoiceField(label=_("谁的回答"), coerce=int)
    solved = forms.ChoiceField(
        label=_("解决了没有"),
        choices=[("yes", _("解决了")), ("no", _("没有解决"))],
        widget=forms.RadioSelect,
    )
    score = forms.TypedChoiceField(
        label=_("满意吗"),
        choices=[
            ("", _("没有说")),
            ("5", _("5分 很满意")),
            ("4", _("4分 满意")),
            ("3", _("3分 一般")),
            ("2", _("2分 不满意")),
            ("1", _("1分 很不满意")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
    )
    words = frame.reason(_("还说了什么（可不填）"), required=False, most=500)

    def __init__(self, *args: Any, asked: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = [("", _("请选择")), *asked]  # type: ignore[attr-defined]


class CommentForm(frame.Form):
    """A word to everybody, or only to those who handle it."""

    note = frame.reason(_("留言"), most=2000)
    private = forms.BooleanField(label=_("只给办事人员看，提出人看不到"), required=False)


class ContactForm(frame.Form):
    """Why the phone of the raiser is needed."""

    purpose = forms.CharField(
        label=_("为什么要看电话"),
        help_text=_("例如：约上门时间。本人会看到谁看了、为什么。"),
        max_length=200,
    )


class SplitForm(frame.Form):
    """Several matters in one report: a part on each line."""

    parts = forms.CharField(
        label=_("分成哪几件"),
        help_text=_("一行写一件，最多10件。原来这一件继续办剩下的。"),
        max_length=8000,
        widget=frame.Lines(5),
    )
    reason = frame.reason(_("为什么要分开"))

    def clean_parts(self) -> tuple[str, ...]:
        """The lines that say something."""
        lines = tuple(filter(None, map(str.strip, self.cleaned_data["parts"].splitlines())))
        if len(lines) > 10:
            raise forms.ValidationError(_("一次最多分成10件。"))
        return lines


class ClassifyForm(frame.Form):
    """What kind of matter it is; the suggestion is only a suggestion."""

    category = forms.ChoiceField(label=_("类别"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", _("说不清")), *categories()]  # type: ignore[attr-defined]


def categories() -> list[tuple[str, list[tuple[str, str]]]]:
    """The list of categories for a choice, by class."""
    found = taxonomy.categories()
    language = words.language()
    return [
        (
            top.name(language),
            [
                (c.code, c.name(language))
                for c in found.values()
                if (c.code + ".").startswith(top.code + ".")
            ],
        )
        for top in taxonomy.classes()
    ]
