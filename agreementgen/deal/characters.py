"""Which characters may stand in a deal, in any source: file, table cell or prompt."""

from __future__ import annotations

import unicodedata

_BIDI = set(range(0x202A, 0x202F)) | set(range(0x2066, 0x206A))
_INVISIBLE = {0x00AD, 0x200B, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0xFEFF, 0x180E}


def first_forbidden(text: str) -> tuple[int, str] | None:
    """Return index and description of the first character that no document may carry, or None.

    Why: control characters break DOCX, lone surrogates break UTF-8, bidi controls and invisible
    characters make a page say something else than the file seems to, and private-use characters
    (which the clause language keeps for itself) look different on every machine.
    """
    if text.isascii() and text.isprintable():
        return None
    for index, char in enumerate(text):
        code = ord(char)
        if char in "\n\t" or (32 <= code < 127):
            continue
        name = _why_not(char, code)
        if name:
            return index, f"U+{code:04X} ({name})"
    return None


def _why_not(char: str, code: int) -> str:
    if code in _BIDI:
        return "a hidden change of writing direction"
    if code in _INVISIBLE or 0xE0000 <= code <= 0xE007F:
        return "an invisible character"
    if code == 0xFFFD:
        return "a replacement mark: the original character was lost"
    if char in "\u2028\u2029\x85":
        return "a special line break"
    match unicodedata.category(char):
        case "Cc":
            return "a control character"
        case "Cs":
            return "half a character"
        case "Co":
            return "a private-use character"
        case "Cn":
            return "a character that Unicode does not define"
    return ""


def collapse(text: str) -> str:
    """Return `text` with tabs, line breaks and runs of spaces made one space (other spaces are kept)."""
    return " ".join(part for part in text.replace("\t", " ").replace("\r", " ").replace("\n", " ").split(" ") if part)
