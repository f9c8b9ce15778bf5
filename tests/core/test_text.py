"""What people type is cleaned before it is stored, and every piece of it is found again."""

import random

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.core.errors import BadInput
from gongzhi.core.text import bigrams, clean, number, search_terms, to_tsvector_literal, where

PIECES = [
    *"路灯坏了三天没人修垃圾站臭，。！？“”（）东门停车位 abcXYZ0123456789'\\%_&|:*<>()\"\n",
    "👨‍👩‍👧",
    "🏠",
    "é",
    "Ü",
    "ｅ\u0301",
    "\x00",
    "\u202e",
    "𠮷",
    "㐂",
]
TYPED = st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=60)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("路灯坏了，请修！", "路灯坏了，请修！"),
        ("１３８００００ ＡＢｃ", "1380000 ABc"),
        ("a\x00b\x07c", "abc"),
        ("\u202e坏\u2066灯\u200b\ufeff", "坏灯"),
        ("路\u200d灯", "路灯"),
        ("👨‍👩‍👧 ❤️", "👨‍👩‍👧 ❤️"),
        ("  东门\u3000\u3000西门\t\t南门  ", "东门 西门 南门"),
        ("一\r\n\r\n\r\n\r\n二 \n 三", "一\n\n二\n三"),
        ("e\u0301", "é"),
        ("\ud800坏", "坏"),
        ("𠮷野家", "𠮷野家"),
    ],
)
def test_what_cannot_be_seen_goes_and_what_can_stays(typed: str, stored: str) -> None:
    assert clean(typed, 100) == stored


def test_a_title_is_one_line() -> None:
    assert clean("路灯\n坏了", 20, one_line=True) == "路灯 坏了"


def test_too_long_is_refused_with_both_figures_and_never_cut() -> None:
    with pytest.raises(BadInput, match="最多3个字，现在是4个字") as refused:
        clean("路灯坏了", 3, field="title")
    assert refused.value.field == "title"


@given(TYPED)
def test_cleaning_twice_changes_nothing(typed: str) -> None:
    once = clean(typed, 1000)
    assert clean(once, 1000) == once
    assert not set(once) & set("\x00\r\u202e\u202d\u2066\u200b\ufeff")
    assert "  " not in once
    once.encode()  # can be stored


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("１３８ １２３４-５６７８", "13812345678"),
        ("11010519491231002ｘ", "11010519491231002X"),
        ("０５１７－8888", "05178888"),
    ],
)
def test_numbers_are_compared_in_one_spelling(typed: str, kept: str) -> None:
    assert number(typed) == kept


def test_pairs_cross_between_scripts() -> None:
    assert bigrams("灯A1灯") == ["1灯", "a1", "灯a"]
    assert bigrams("灯") == []


def test_a_query_is_words_that_must_all_occur() -> None:
    assert search_terms(" 路灯\u3000东门 路灯 ") == ["路灯", "东门"]
    assert len("".join(search_terms("长" * 5000))) == 100


def random_text(rng: random.Random) -> str:
    return clean("".join(rng.choice(PIECES) for _ in range(rng.randint(0, 40))), 1000)


def unlike(term: str) -> str:
    return term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@pytest.mark.django_db
def test_search_finds_exactly_the_texts_in_which_like_finds_it() -> None:
    rng = random.Random(8)
    texts = [random_text(rng) for _ in range(1500)]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE t (id int, body text, tsv tsvector) ON COMMIT DROP")
        cursor.executemany(
            "INSERT INTO t VALUES (%s, %s, %s)",
            [(i, text, to_tsvector_literal(text)) for i, text in enumerate(texts)],
        )
        found = 0
        for _ in range(600):
            text = rng.choice(texts)
            start = rng.randrange(len(text) + 1)
            terms = search_terms(text[start : start + rng.randint(1, 9)])
            likes = " AND ".join(["TRUE", *(["body ILIKE %s"] * len(terms))])
            cursor.execute(
                f"SELECT id FROM t WHERE {likes} ORDER BY id", [f"%{unlike(t)}%" for t in terms]
            )
            expected = cursor.fetchall()
            condition, params = where("tsv", "body", " ".join(terms))
            cursor.execute(f"SELECT id FROM t WHERE {condition} ORDER BY id", params)
            assert cursor.fetchall() == expected, terms
            found += len(expected)
    assert found > 2_000  # the comparison was not one of empty lists


@pytest.mark.django_db
@given(st.text(max_size=40))
def test_no_query_breaks_the_database(query: str) -> None:
    condition, params = where("tsv", "body", query)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM (SELECT ''::text AS body, ''::tsvector AS tsv) t WHERE {condition}",
            params,
        )


@pytest.mark.django_db
def test_a_query_of_two_characters_uses_the_index() -> None:
    condition, params = where("tsv", "body", "路灯")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE t (body text, tsv tsvector) ON COMMIT DROP")
        cursor.execute("CREATE INDEX ON t USING gin (tsv)")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN SELECT * FROM t WHERE {condition}", params)
        assert any("Bitmap Index Scan" in row[0] for row in cursor.fetchall())
