"""`gongzhi words`: every sentence the system says, into the English catalogue, and compiled.

Chinese is the source language and needs no catalogue. Sentences are found by what they are, not by
a mark beside them: every text with Chinese letters in the code, but for comments, and everything in
`_()` of the pages. So none can be forgotten; `tests/web/test_english.py` refuses one without
English. Commands say both languages themselves and are left out, like the data that is Chinese.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HOUSE = Path(__file__).resolve().parents[1]
CATALOGUE = HOUSE / "locale" / "en" / "LC_MESSAGES" / "django.po"
CHINESE = re.compile(r"[\u3400-\u9fff]")
PLURAL = "nplurals=2; plural=(n != 1);"
# Chinese that is data, or says its own English: never shown through the catalogue.
DATA = (
    "cli/", "config/", "matters/suggest/", "playbooks/phrases.py", "playbooks/explain.py",
    "people/rolebook.py", "deliberation/ballots/recount.py", "core/pinyin.py",
    "channels/pasted.py",
)  # fmt: skip
PATTERN = re.compile(r"\(\?|\\d|^=")  # regular expressions and formulas


@dataclass
class Sentence:
    """One text of the source with its plural, if it has one, and where it stands."""

    plural: str = ""
    places: list[str] = field(default_factory=list)


def main(argv: list[str]) -> int:
    """Bring the catalogue up to date; prints what has no English yet."""
    catalogue = updated()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=100, sort_output=True, include_lineno=False)
    with CATALOGUE.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    missing = untranslated(catalogue)
    for words in missing if "--list" in argv else []:
        print(words.replace("\n", "\\n"))
    print(f"{len(catalogue)} sentences, {len(missing)} without English")
    return 0


def updated() -> Catalog:
    """The catalogue as it stands, with exactly the sentences of today's source."""
    known = stored()
    fresh = Catalog(locale="en", project="gongzhi", fuzzy=False)
    for words, sentence in sorted(sentences().items()):
        key = (words, sentence.plural) if sentence.plural else words
        before = known.get(words)
        said: Any = before.string if before is not None else ""
        if sentence.plural and not isinstance(said, tuple):
            said = (said, said)
        elif not sentence.plural and isinstance(said, tuple):
            said = said[0]
        where = [(place, 0) for place in sentence.places]
        fresh.add(key, said, locations=where, flags={"python-format"} if "%(" in words else ())
    return fresh


def stored() -> Catalog:
    """The catalogue in the repository."""
    if not CATALOGUE.exists():
        return Catalog(locale="en")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def untranslated(catalogue: Catalog) -> list[str]:
    """Sentences without English."""
    found = []
    for message in catalogue:
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not all(said):
            found.append(message.id[0] if isinstance(message.id, tuple) else message.id)
    return [str(words) for words in found]


def sentences() -> dict[str, Sentence]:
    """Every sentence of the source."""
    found: dict[str, Sentence] = {}
    for place, words, plural in (*of_code(), *of_pages()):
        one = found.setdefault(words, Sentence())
        one.plural = one.plural or plural
        if place not in one.places:
            one.places.append(place)
    return found


def of_code() -> Iterator[tuple[str, str, str]]:
    """Texts with Chinese letters in Python files; holes of f-strings are numbered."""
    for path in sorted(HOUSE.rglob("*.py")):
        name = path.relative_to(HOUSE).as_posix()
        if "/migrations/" in name or name.startswith(DATA):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for words, plural in _texts(tree):
            yield name, words, plural


def of_pages() -> Iterator[tuple[str, str, str]]:
    """What stands in `_()` and `ngettext()` of the templates."""
    options = {"extensions": "jinja2.ext.do", "newstyle_gettext": "true"}
    keywords: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "ngettext": (1, 2)}
    for path in sorted((HOUSE / "web" / "templates").rglob("*.html")):
        with path.open("rb") as file:
            for _line, words, _comments, _context in extract(
                "jinja2.ext:babel_extract", file, keywords, options=options
            ):
                one, plural = words if isinstance(words, tuple) else (words, "")
                yield path.relative_to(HOUSE).as_posix(), one, plural


def _texts(tree: ast.AST) -> Iterator[tuple[str, str]]:
    skipped = set(_comments(tree)) | set(_parts(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _named(node) == "ngettext":
            texts = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
            if len(texts) == 2:
                yield str(texts[0]), str(texts[1])
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        words = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value
        elif isinstance(node, ast.JoinedStr):
            words = _holed(node)
        elif isinstance(node, ast.ClassDef) and _is_refusal(node):
            words = (ast.get_docstring(node) or "").strip()
        if CHINESE.search(words) and not PATTERN.search(words):
            yield words, ""


def _comments(tree: ast.AST) -> Iterator[int]:
    """Docstrings and texts that stand alone: they are for those who read the code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def _parts(tree: ast.AST) -> Iterator[int]:
    """Pieces of f-strings: the whole is the sentence."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for piece in node.values:
                if isinstance(piece, ast.Constant):
                    yield id(piece)
                elif isinstance(piece, ast.FormattedValue) and piece.format_spec is not None:
                    yield id(piece.format_spec)


def _holed(node: ast.JoinedStr) -> str:
    holes: list[str] = []
    text = ""
    for piece in node.values:
        if isinstance(piece, ast.Constant):
            text += str(piece.value)
        elif isinstance(piece, ast.FormattedValue):
            name = ast.unparse(piece.value)
            if name not in holes:
                holes.append(name)
            text += f"{{{holes.index(name)}}}"
    return text


def _named(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _is_refusal(node: ast.ClassDef) -> bool:
    """A class whose docstring is what the person reads (core.errors)."""
    text = ast.get_docstring(node) or ""
    return bool(CHINESE.search(text) and node.bases and not re.search("[A-Za-z]{2}", text))
