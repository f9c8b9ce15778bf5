"""Invented people. None of them exists.

Identity numbers begin with 320999, a place code that was never given out, and phones with 19900,
in one unbroken row; so nobody real can be met by chance, and an export is seen to be invented.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from stdnum.cn import ric

AREA = "320999"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田"
    "杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺"
)
WOMEN = _words(
    "秀英 桂英 秀兰 玉兰 凤英 红梅 丽华 小燕 春花 玉珍 美玲 雪梅 静 敏 丽 娟 艳 芳 霞 玲 婷 雯 "
    "欣怡 梓涵 雨桐 诗涵 佳怡 思雨 晓燕 海燕 慧 倩 颖 琳 月红 彩云 兰香 巧云 翠萍 素珍"
)
MEN = _words(
    "建国 建军 志强 国强 德明 永康 长根 来福 大勇 小军 伟 强 磊 军 勇 杰 涛 超 明 刚 平 辉 鹏 "
    "浩然 子轩 宇航 俊杰 博文 思远 文斌 海涛 春生 秋生 冬生 广田 有才 兆祥 学礼 立新 向阳"
)


@dataclass(frozen=True, slots=True)
class Invented:
    """One invented person."""

    name: str
    gender: str
    born_on: date
    id_number: str
    phone: str


class Crowd:
    """Invents people in order: the same seed gives the same crowd."""

    def __init__(self, rng: Random, today: date) -> None:
        self.rng = rng
        self.today = today
        self._born: Counter[tuple[date, str]] = Counter()
        self._phones = 0

    def person(
        self, *, youngest: int, oldest: int, surname: str = "", gender: str = ""
    ) -> Invented:
        """Somebody of an age between the two, both included."""
        gender = gender or self.rng.choice("男女")
        given = self.rng.choice(MEN if gender == "男" else WOMEN)
        days = self.rng.randrange(youngest * 365, oldest * 365 + 365)
        born = self.today - timedelta(days=days)
        self._born[born, gender] += 1
        order = 2 * self._born[born, gender] - (1 if gender == "男" else 0)
        number = f"{AREA}{born:%Y%m%d}{order:03d}"
        number += ric.calc_check_digit(number + "0")
        phone = ""
        if days >= 14 * 365:
            self._phones += 1
            phone = f"19900{self._phones:06d}"
        return Invented((surname or self.surname()) + given, gender, born, number, phone)

    def surname(self) -> str:
        """One of a hundred common ones."""
        return self.rng.choice(SURNAMES)

    def household(self, size: int) -> Iterator[tuple[Invented, str]]:
        """People under one roof, each with the relation to the head; the head comes first."""
        surname = self.surname()
        yield self.person(youngest=30, oldest=79, surname=surname, gender="男"), "户主"
        if size > 1:
            yield self.person(youngest=28, oldest=77, gender="女"), "配偶"
        for _ in range(size - 2):
            yield self.person(youngest=3, oldest=26, surname=surname), "子女"
