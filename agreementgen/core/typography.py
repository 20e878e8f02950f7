"""What makes facts look as well as the words around them: curled quotes, and texts that no line breaks.

Curled quotes are in the document itself. What stays together is settled by the writers, each time a line is broken or
measured: no-break spaces are for printing, not for reading or comparing.
"""

from __future__ import annotations

import re
from functools import lru_cache

from agreementgen.core.words import ENGLISH

# Addresses are copied by hand or machine: their signs stay.
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*")
_OPENING_BEFORE = " \t\n\u00a0([{—–-/“‘"


def curl_quotes(text: str, quotes: str = ENGLISH.quotes) -> str:
    """Return `text` with straight quotes and apostrophes curled; behind a digit they are feet and inches, and stay.

    `quotes` are those of the language: the outer and the inner pair.
    """
    if "'" not in text and '"' not in text:
        return text
    kept = {at for found in _ADDRESS.finditer(text) for at in range(*found.span())}
    letters = list(text)
    opened: int | None = None
    for at, char in enumerate(text):
        before = text[at - 1] if at else " "
        if char not in "'\"" or at in kept or before.isdigit():
            continue
        opens = before in _OPENING_BEFORE
        if char == "'":
            # An apostrophe stands for what is left out before a number ('26) and inside words.
            after = text[at + 1 : at + 2]
            letters[at] = quotes[2] if opens and not after.isdigit() and "'" in text[at + 1 :] else "’"
        elif opens and opened is None:
            opened = at
        elif opened is not None:
            # A quote is curled with the one that closes it, or both stay.
            letters[opened], letters[at] = quotes[0], quotes[1]
            opened = None
    return "".join(letters)


_STRAIGHT = {**dict.fromkeys("‘’‚‹›", "'"), **dict.fromkeys("“”„«»", '"')}


def straighten(text: str) -> str:
    """Return `text` with straight quotes, to compare what was typed with what is printed."""
    if not text.isascii():
        # Ten times as fast as str.translate.
        for curled, straight in _STRAIGHT.items():
            text = text.replace(curled, straight)
    return text


# Groups of digits, as telephone numbers are written; an extension belongs to them.
_PHONE = re.compile(
    r"(?<![\w.,$€£¥-])\+?(?:\(\+?\d+\)|\d+)(?:[ .-]{1,2}(?:\(\d+\)|\d+)){1,6}(?: (?:ext\.?|x) ?\d+)?(?![\w,])"
)
_LEAST_DIGITS, _MOST_DIGITS = 7, 20
_DIGIT = re.compile(r"\d")
_CURRENCY = r"(?:[A-Z]{3}|(?:[A-Z]{1,3})?[$€£¥])"
_AMOUNT = re.compile(
    rf"(?<!\w){_CURRENCY} (?=\d)|(?<=\d) (?={_CURRENCY}(?!\w))|(?<=\d) (?=(?:thousand|million|billion)\b|%)"
)
_NO_BREAK, _JOINER = "\u00a0", "\u2060"
# "sections 12–15", "5%–10%": Unicode's rules let a line end behind the dash.
RANGE_DASH = re.compile(r"(?<=[\d%])–(?=[\d$€£¥])")


@lru_cache(maxsize=4_000)
def keep_together(text: str) -> str:
    """Return `text` with no-break spaces in telephone numbers, in amounts, and behind each "·", so it ends no line."""
    if " " not in text:
        return text
    text = text.replace(" · ", f" ·{_NO_BREAK}")
    if not _DIGIT.search(text):
        return text
    text = _PHONE.sub(_join_phone, text)
    return _AMOUNT.sub(lambda found: found[0].replace(" ", _NO_BREAK), text)


def join_ranges(text: str) -> str:
    """Return `text` with joiners in ranges of numbers, for a program that breaks lines itself.

    They are for a page that is laid out, not for Word files: there, fonts may have no such sign and show a box.
    """
    return RANGE_DASH.sub(f"–{_JOINER}", text)


def _join_phone(found: re.Match[str]) -> str:
    count = sum(char.isdigit() for char in found[0])
    return found[0].replace(" ", _NO_BREAK) if _LEAST_DIGITS <= count <= _MOST_DIGITS else found[0]


# An amount of money that stands alone in a cell.
_ALONE = re.compile(rf"-?(?:{_CURRENCY}[ \u00a0]?-?\d[\d.,'’ \u00a0]*|\d[\d.,'’ \u00a0]*[ \u00a0]?{_CURRENCY})")


def is_amount(text: str) -> bool:
    """Return whether `text` is an amount of money and nothing else."""
    return _ALONE.fullmatch(text) is not None
