"""One spelling for the same words, for everything that compares texts. Imports nothing heavy."""

import re
import unicodedata

_SPACE_BY_HANZI = re.compile(r"\s+(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])\s+")
_DIGIT = re.compile(r"\d")


def normalise(text: str) -> str:
    """`text` half width and small, digits alike, without the spaces of a segmentation."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return _DIGIT.sub("0", _SPACE_BY_HANZI.sub("", text)).strip()
