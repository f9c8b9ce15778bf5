"""Amounts as people and files write them, read exactly."""

import re
from fractions import Fraction

FEN = 100  # parts of one yuan, the smallest unit money is kept in

_SPACES = re.compile(r"[\s_'’]")
_PLAIN = re.compile(r"\d+(\.\d+)?([eE][+-]?\d{1,2})?|\d+/[1-9]\d*")
_MOST = 10**15  # yuan; more is a mistake, and would not fit a column


def read(text: str) -> Fraction:
    """ "1000", "1 000,50", "381500.0", "1,234,567.8" as an exact number; ValueError otherwise.

    One comma alone is the decimal sign, as in Pabulib; with several, or beside a point, commas
    part thousands.
    """
    bare = _SPACES.sub("", text)
    commas, points = bare.count(","), bare.count(".")
    if commas and points:
        thousands, decimal = (",", ".") if bare.rfind(".") > bare.rfind(",") else (".", ",")
        bare = bare.replace(thousands, "").replace(decimal, ".")
    elif commas > 1:
        bare = bare.replace(",", "")
    elif points > 1:
        bare = bare.replace(".", "")
    else:
        bare = bare.replace(",", ".")
    if len(bare) > 40 or not _PLAIN.fullmatch(bare):
        raise ValueError(text)
    amount = Fraction(bare)
    if amount > _MOST:
        raise ValueError(text)
    return amount


def write(amount: int, per_unit: int = FEN) -> str:
    """An amount in 1/`per_unit` as a file writes it: 120050 → "1200.50", 100000 → "1000"."""
    exact = Fraction(amount, per_unit)
    if exact.denominator == 1:
        return str(exact.numerator)
    places = next((n for n in range(2, 19) if (exact * 10**n).denominator == 1), 0)
    if not places:
        return str(exact)
    whole = amount // per_unit
    return f"{whole}.{int((exact - whole) * 10**places):0{places}d}"
