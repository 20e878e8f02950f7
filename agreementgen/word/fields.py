"""Fields of Word: what their codes say, however they are split, and which of them may stand in a letterhead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from agreementgen.word.package import W

# Fields that print something of the document itself. All others are refused: they reach for files, programs or data,
# build such fields out of pieces, or print another day tomorrow (DATE).
ALLOWED = frozenset(
    (
        "PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "TITLE", "SUBJECT", "AUTHOR", "KEYWORDS", "DOCPROPERTY",
        "STYLEREF", "SEQ", "REF", "PAGEREF", "SYMBOL", "HYPERLINK", "FILENAME",
    )
)  # fmt: skip
_WEB_LINK = re.compile(r"https?://|mailto:", re.IGNORECASE)


@dataclass
class _Open:
    """A field between its beginning and its end; `broken` where another one begins inside its code."""

    code: str = ""
    ready: bool = False
    broken: bool = False
    began: list[str] = field(default_factory=list)


def codes(root: Element) -> Iterator[str]:
    """Yield the codes of all fields of a part; a code that is built of another field begins with "{"."""
    waiting: list[_Open] = []
    for node in root.iter():
        if node.tag == f"{W}fldSimple":
            yield node.get(f"{W}instr", "")
        elif node.tag in (f"{W}instrText", f"{W}delInstrText"):
            if waiting and not waiting[-1].ready:
                waiting[-1].code += node.text or ""
            else:
                yield node.text or ""  # a code outside any field: Word may still take it for one
        elif node.tag == f"{W}fldChar":
            match node.get(f"{W}fldCharType"):
                case "begin":
                    if waiting and not waiting[-1].ready:
                        waiting[-1].broken = True
                    waiting.append(_Open())
                case "separate" if waiting:
                    waiting[-1].ready = True
                case "end" if waiting:
                    yield _finished(waiting.pop())
    for left in waiting:
        yield _finished(left)


def _finished(found: _Open) -> str:
    return "{" + found.code if found.broken else found.code


def name(code: str) -> str:
    """Return the name of a field's code in capitals: "PAGE" for " PAGE \\* MERGEFORMAT "."""
    found = re.match(r"[\s{]*([^\s\\\"]*)", code)
    return found[1].upper() if found else ""


def why_refused(code: str) -> str:
    """Return why a field may not stand in a firm's Word file; "" where it may."""
    if not code.strip():
        return ""
    word = name(code)
    if code.startswith("{"):
        return "the file has a field that is built out of another field"
    if word not in ALLOWED:
        return f"the file has a field {word[:20] or 'without a name'}, which is not allowed"
    if word == "HYPERLINK":
        address = re.search(r'HYPERLINK\s+(?!\\)"?([^"\s]*)', code, re.IGNORECASE)
        if address and not _WEB_LINK.match(address[1]):
            return "the file has a link that leads to something else than a web page or an e-mail address"
    return ""
