"""The list of categories, and keyword rules for a place that has nothing to learn from yet."""

from random import Random

import pytest

from gongzhi.matters.suggest import corpus, rules, taxonomy


def test_every_category_has_both_names_and_its_parent() -> None:
    found = taxonomy.categories()
    assert len(taxonomy.classes()) >= 8
    for category in found.values():
        assert category.zh
        assert category.en
        assert 1 <= category.level <= 3
        assert category.level == 1 or category.parent in found
    assert taxonomy.children("environment")[0].name("en") == "Rubbish"
    assert taxonomy.class_of("environment.waste.rubble") == "environment"


def test_no_keyword_belongs_to_two_kinds() -> None:
    kinds = [c for c in taxonomy.categories().values() if c.level == 2]
    owners: dict[str, list[str]] = {}
    for kind in kinds:
        for word in kind.keywords:
            owners.setdefault(word, []).append(kind.code)
    assert {word: codes for word, codes in owners.items() if len(codes) > 1} == {}


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("东门口的路灯坏了三天没人修", "facilities.lighting", "路灯"),
        ("楼 上 卫生间 漏水，天花板滴水", "neighbours.leak", "天花板"),
        ("工地包工头欠工资", "labour.wages", "包工头"),
        ("KTV唱歌到半夜", "noise.leisure", "KTV"),
        ("ｋｔｖ太吵", "noise.leisure", "KTV"),
    ],
)
def test_rules_suggest_and_show_the_word_that_says_so(text: str, code: str, word: str) -> None:
    best = rules.suggest(text)[0]
    assert best.label == code
    assert word in best.why
    assert 0 < best.confidence < 1


def test_rules_suggest_nothing_where_nothing_is_known() -> None:
    assert rules.suggest("嗯嗯") == []
    assert rules.suggest("") == []


def test_two_suggestions_are_never_a_category_and_its_own_class() -> None:
    rng = Random(3)
    for _ in range(300):
        title, body, _code = corpus.invent(rng)
        labels = [s.label for s in rules.suggest(f"{title} {body}", 3)]
        assert not any(a != b and a.startswith(f"{b}.") for a in labels for b in labels)


@pytest.mark.parametrize(
    ("text", "track", "phone"),
    [
        ("我要去信访局上访", "petition", "信访工作条例"),
        ("判决书下来了对方不给钱，要强制执行", "litigation", "12368"),
        ("想申请劳动仲裁", "arbitration", "一年"),
        ("不服处罚，想问行政复议", "administrative_review", "六十日"),
        ("3号楼着火了", "emergency", "119"),
        ("有人贪污低保款", "discipline", "12388"),
        ("老人被骗了钱", "crime", "110"),
    ],
)
def test_requests_with_a_track_of_their_own_get_advice(text: str, track: str, phone: str) -> None:
    found = rules.divert(text)
    assert found is not None
    diversion, words = found
    assert diversion.code == track
    assert phone in diversion.advice_zh
    assert all(word in text for word in words)


def test_ordinary_matters_are_not_diverted() -> None:
    rng = Random(5)
    texts = [" ".join(corpus.invent(rng)[:2]) for _ in range(1000)]
    assert [text for text in texts if rules.divert(text)] == []
    assert rules.divert("消防通道被占，真着火救火车进不来") is None


def test_invented_matters_are_many_repeatable_and_complete() -> None:
    templates = corpus.templates()
    assert sum(len(lines) for lines in templates.values()) >= 150
    assert set(templates) <= set(taxonomy.categories())
    first, again = Random(1), Random(1)
    for _ in range(500):
        matter = corpus.invent(first)
        assert matter == corpus.invent(again)
        assert "{" not in "".join(matter)
        assert 2 <= len(matter[0]) <= 30
        assert 5 <= len(matter[1]) <= 300
    assert corpus.invent(first, "noise.works")[2] == "noise.works"
    assert len({corpus.invent(first)[1] for _ in range(1000)}) > 950
