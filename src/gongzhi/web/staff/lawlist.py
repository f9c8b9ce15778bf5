"""The list of what the law gives to an assembly, as choices: what the category suggests first."""

from django.utils.translation import gettext as _

from gongzhi.matters import words
from gongzhi.playbooks import statutory

Choice = tuple[str, str]


def choices(category: str) -> list[Choice | tuple[str, list[Choice]]]:
    """Nothing, then the likely items, then those of each law with their articles."""
    language = words.language()
    likely = [item.code for item in statutory.suggested(category)]
    groups: dict[str, list[Choice]] = {}
    for item in sorted(statutory.items().values(), key=lambda i: i.code not in likely):
        law = item.law_en if language == "en" else f"《{item.law_zh}》"
        group = _("按这件事的类别，可能是") if item.code in likely else law
        named = f"{item.name(language)}（{law}{item.article}）"
        groups.setdefault(group, []).append((item.code, named))
    return [("", _("不是法定由会议决定的事项")), *groups.items()]
