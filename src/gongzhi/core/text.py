"""What people type, made safe to store, and found again by any piece of it.

Search is by pairs of neighbouring characters (bigrams) in a `tsvector`, so it needs no word list
and no extension, and finds every substring. Text is stored as `clean` returns it.
"""

import re
import unicodedata

from django.utils.translation import gettext as _

from gongzhi.core.errors import BadInput

_MAX_QUERY = 100
_MAX_PAIRS = 32  # more of them only cost time: what is found is compared with the text anyway

_BETWEEN_HANZI = re.compile("(?<=[\u3400-\u9fff])[\u200c\u200d]|[\u200c\u200d](?=[\u3400-\u9fff])")
_SPACES = re.compile(" {2,}")
_SPACE_AT_EDGE = re.compile(" ?\n ?")
_LINES = re.compile("\n{3,}")
_NOT_IN_NUMBERS = re.compile(r"[\s\-\u2010-\u2015\u2212]")


def _translation() -> dict[int, str]:
    """What becomes of single characters: removed, a space, a line break, or half width."""
    table: dict[int, str] = {}
    for code in (*range(0x3100), *range(0xD800, 0xE000), *range(0xFDD0, 0xFDF0)):
        kind = unicodedata.category(chr(code))
        if kind in {"Cc", "Cf", "Cs"} or 0xFDD0 <= code < 0xFDF0:
            table[code] = ""
        elif kind in {"Zs", "Zl", "Zp"}:
            table[code] = " " if kind == "Zs" else "\n"
    for code in (0xFEFF, *range(0xFFF9, 0xFFFC), 0xFFFE, 0xFFFF, *range(0xE0000, 0xE0080)):
        table[code] = ""
    for wide in "０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ":
        table[ord(wide)] = unicodedata.normalize("NFKC", wide)
        table[ord(wide.lower())] = unicodedata.normalize("NFKC", wide.lower())
    del table[0x200C], table[0x200D]  # they join the parts of an emoji
    return table | {0x09: " ", 0x0A: "\n", 0x0B: "\n", 0x0C: "\n"}


_CHARACTERS = _translation()


def clean(text: str, max_len: int, *, field: str = "text", one_line: bool = False) -> str:
    """`text` without what cannot be seen: NUL, control and direction characters, extra spaces.

    Letters and digits become half width; Chinese punctuation and emoji stay. Longer than `max_len`
    characters is refused with BadInput on `field`: nothing is cut off in silence.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _BETWEEN_HANZI.sub("", text.translate(_CHARACTERS))
    if one_line:
        text = text.replace("\n", " ")
    text = _SPACE_AT_EDGE.sub("\n", _SPACES.sub(" ", text))
    # Taking characters out can bring a letter and its accent together.
    text = unicodedata.normalize("NFC", _LINES.sub("\n\n", text).strip())
    if len(text) > max_len:
        words = _("太长了：最多%(most)d个字，现在是%(now)d个字。")
        raise BadInput(field, words % {"most": max_len, "now": len(text)})
    return text


def number(text: str) -> str:
    """A phone, ID or house number as it is compared: half width, no spaces or dashes, X large."""
    return _NOT_IN_NUMBERS.sub(
        "", unicodedata.normalize("NFKC", text).translate(_CHARACTERS)
    ).upper()


def bigrams(text: str) -> list[str]:
    """The different pairs of neighbouring characters of `text`, Latin letters small, sorted."""
    small = _small(text)
    return sorted({small[i : i + 2] for i in range(len(small) - 1)})


def to_tsvector_literal(text: str) -> str:
    """The value of the `tsvector` column of `text`; a parameter or a field value, never SQL."""
    return " ".join(_quoted(pair) for pair in bigrams(text))


def search_terms(query: str) -> list[str]:
    """What a query asks for: its words parted by spaces, all of which must occur."""
    text = clean(query[: _MAX_QUERY * 2], _MAX_QUERY * 2, one_line=True)[:_MAX_QUERY]
    return list(dict.fromkeys(text.split()))


def where(column_tsv: str, column_text: str, query: str) -> tuple[str, list[str]]:
    """An SQL condition, with its parameters, that finds the rows in which every term occurs.

    `column_tsv` holds `to_tsvector_literal` of `column_text`; both are names in the program's own
    SQL, never input. Upper and lower case of Latin letters are the same. An empty query finds all.
    """
    conditions, params = ["TRUE"], []
    for term in search_terms(query):
        if len(term) > 1:
            conditions.append(f"{column_tsv} @@ %s::tsquery")
            params.append(" & ".join(_quoted(pair) for pair in bigrams(term)[:_MAX_PAIRS]))
        if len(term) != 2:  # a pair is its own proof
            # ILIKE is ten times as slow, and Chinese has no capitals.
            like = "LIKE" if term.upper() == term.lower() else "ILIKE"
            conditions.append(f"{column_text} {like} %s")
            params.append(f"%{_unlike(term)}%")
    return " AND ".join(conditions), params


def _small(text: str) -> str:
    """Only A-Z are lowered: other letters change length or depend on the neighbours."""
    return text.translate(_SMALL)


_SMALL = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _unlike(term: str) -> str:
    return term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
