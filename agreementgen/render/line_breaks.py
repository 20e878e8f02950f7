"""Where a line may end: Unicode's rules (UAX 14) for the letters and signs that our own layout sets.

Only what these rules know is set by it; for all else `knows` is false, and WeasyPrint lays the document out. The rules
are those of Pango 1.50, so that both break lines alike; a test compares them. Beyond these rules, ranges of numbers
stay on one line; what Pango lays out has joiners in them (core/typography).
"""

from __future__ import annotations

import unicodedata
from functools import cache

from agreementgen.core.typography import RANGE_DASH

_OPENING, _CLOSING, _BRACE, _QUOTE, _MARK, _STOP, _SLASH = (
    "opening", "closing", "brace", "quote", "mark", "stop", "slash"
)  # fmt: skip
_HYPHEN, _DASH, _EM_DASH, _ELLIPSIS, _GLUE = "hyphen", "dash", "em dash", "ellipsis", "glue"
_PREFIX, _POSTFIX, _DIGIT, _LETTER, _SPACE = "prefix", "postfix", "digit", "letter", "space"
SIGNS = {
    _OPENING: "([{¡¿„‚",
    _CLOSING: ")]",
    _BRACE: "}",
    _QUOTE: "\"'«»‘’“”‹›",
    _MARK: "!?",
    _STOP: ",.:;",
    _SLASH: "/",
    _HYPHEN: "-",
    _DASH: "\u2010\u2013|",
    _EM_DASH: "\u2014",
    _ELLIPSIS: "\u2026",
    _GLUE: "\u00a0",
    _PREFIX: "$£¤¥+\\±€№\u2212₽₤₩₪₫₭₮₱₲₴₵₸₹",
    _POSTFIX: "%¢°‰′″",
    _DIGIT: "0123456789",
    _LETTER: "#&*<=>@^_`~©®™§¶·•†‡×÷¬¦ªº²³¹¼½¾←↑→↓≈≠≤≥√∞□",
    _SPACE: " ",
}
_CLASSES = {char: kind for kind, chars in SIGNS.items() for char in chars}
# Letters of these alphabets: Latin, Greek and Cyrillic, with what Vietnamese and old Greek add.
ALPHABETS = ((0x41, 0x24F), (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1FFF))
# Letters of East Asian scripts, between which lines end. That is a guess: our own layout does not set them.
_SQUARE, _SQUARE_FROM = "square", 0x2E7F
_NEVER_BEFORE = {_CLOSING, _BRACE, _MARK, _STOP, _SLASH}


@cache
def _class_of(char: str) -> str:
    """Return the class of a character; "" where its rules are not known here."""
    found = _CLASSES.get(char, "")
    if not found and unicodedata.category(char) in ("Ll", "Lu", "Lt"):
        in_alphabet = any(first <= ord(char) <= last for first, last in ALPHABETS)
        return _LETTER if in_alphabet else ""
    return found


def is_square(char: str) -> bool:
    """Return whether a character is as wide as high."""
    return ord(char) > _SQUARE_FROM


def knows(text: str) -> bool:
    """Return whether the rules for every character of `text` are known."""
    return all(_class_of(char) for char in set(text))


def find_breaks(text: str) -> tuple[int, ...]:
    """Return the places in `text` before which a new line may begin."""
    found = []
    kinds = [_class_of(char) or (_SQUARE if is_square(char) else _LETTER) for char in text]
    in_ranges = {dash.end() for dash in RANGE_DASH.finditer(text)}
    for at in range(1, len(text)):
        if kinds[at] == _SPACE or kinds[at - 1] == kinds[at] == _LETTER or at in in_ranges:
            continue
        before = at - 1
        while before >= 0 and kinds[before] == _SPACE:
            before -= 1
        if before < 0:
            continue
        if before == at - 1:
            following = kinds[at + 1] if at + 1 < len(kinds) else ""
            if not _stay_together(kinds, before, kinds[at], following):
                found.append(at)
        elif not _stay_together_over_spaces(kinds[before], kinds[at]):
            found.append(at)
    return tuple(found)


def _stay_together_over_spaces(before: str, after: str) -> bool:
    """Return whether no line ends between two characters with spaces between them (LB 13 to 18)."""
    return (
        after in _NEVER_BEFORE
        or before == _OPENING
        or (before == _QUOTE and after == _OPENING)
        or (before == after == _EM_DASH)
    )


def _stay_together(kinds: list[str], before: int, after: str, following: str) -> bool:
    """Return whether no line ends between two characters beside each other (LB 11 to 30)."""
    kind = kinds[before]
    if _GLUE in (kind, after):
        return kind == _GLUE or kind not in (_HYPHEN, _DASH)
    if after in _NEVER_BEFORE or kind == _OPENING or _QUOTE in (kind, after) or kind == after == _EM_DASH:
        return True
    if after == _EM_DASH:
        return False
    if after in (_HYPHEN, _DASH, _ELLIPSIS):
        return True
    if kind in (_LETTER, _DIGIT):
        return after in (_LETTER, _DIGIT, _PREFIX, _POSTFIX, _OPENING)
    if kind in (_PREFIX, _POSTFIX):
        return after in (_LETTER, _DIGIT) or (after in (_OPENING, _HYPHEN) and following == _DIGIT)
    if kind in (_CLOSING, _BRACE):
        if after in (_PREFIX, _POSTFIX):
            return _ends_number(kinds, before - 1)
        return kind == _CLOSING and after in (_LETTER, _DIGIT)
    if kind in (_STOP, _SLASH) and after in (_DIGIT, _PREFIX, _POSTFIX):
        return _ends_number(kinds, before)
    return (kind == _STOP and after == _LETTER) or (kind == _HYPHEN and after == _DIGIT)


def _ends_number(kinds: list[str], at: int) -> bool:
    """Return whether what ends at a place is a number, with stops and slashes behind its digits."""
    while at >= 0 and kinds[at] in (_STOP, _SLASH):
        at -= 1
    return at >= 0 and kinds[at] == _DIGIT
