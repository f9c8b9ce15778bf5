"""How soon somebody answers, in words a villager reads."""

from django.utils.translation import gettext_lazy

IN_WORDS = {
    15: gettext_lazy("一刻钟"), 30: gettext_lazy("半小时"), 60: gettext_lazy("一小时"),
    120: gettext_lazy("两小时"), 240: gettext_lazy("四小时"), 480: gettext_lazy("八小时"),
}  # fmt: skip
CHOICES = [(str(minutes), words) for minutes, words in IN_WORDS.items()]
