"""Tags in the text of a Word template: {{ fact }}, {{p clauses }}, {% if %}, {%p if %}, {%tr for %}.

Word cuts text into runs and makes quotes typographic while one types; a tag is put together again here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from agreementgen.word import runs
from agreementgen.word.package import W

Level = Literal["run", "paragraph", "row"]

# Our language has no braces inside tags; so a tag that is never closed costs one look, not one for each letter.
_TAG = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}|\{#[^{}]*#\}")
_STRAY = re.compile(r"\{\{|\}\}|\{%|%\}")
_PREFIX = re.compile(r"(p|tr|tc|r)\s+")
# What Word makes of straight quotes and spaces.
_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "\u00a0": " ", "\u202f": " "})
_BLOCK = re.compile(r"(?P<name>\w+)|clause\(\s*(?P<quote>['\"])(?P<topic>[^'\"]*)(?P=quote)\s*\)")
BLOCKS = ("parties", "key_terms", "clauses", "signatures", "raci", "schedules")


class Unreadable(Exception):
    """A tag that means nothing; the message says why, and what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Tag:
    """One tag. `code` is it in our clause language, without the letter that says how much of the file it takes.

    `word` is the first word of a {% %} ("if", "endfor"), "" for what prints. `block` is the name of what a {{p }}
    inserts, `topic` that of a clause.
    """

    code: str
    level: Level = "run"
    word: str = ""
    block: str = ""
    topic: str = ""


def read(text: str) -> Tag | None:
    """Return the tag that `text` is; None for a comment; raise Unreadable."""
    if text.startswith("{#"):
        return None
    text = text.translate(_STRAIGHT)
    sign, inner, end = text[:2], text[2:-2], text[-2:]
    prefix = _PREFIX.match(inner)
    letter = prefix[1] if prefix else ""
    rest = inner[prefix.end() :] if prefix else inner
    if letter in ("tc", "r") or (letter == "tr" and sign == "{{"):
        hint = "write {{p ...}}, {%p ...%} or {%tr ...%}"
        raise Unreadable(f"{text[: 2 + len(letter)]} is not known here", hint)
    if sign == "{{" and letter == "p":
        found = _BLOCK.fullmatch(rest.strip())
        if not found or (found["name"] and found["name"] not in BLOCKS):
            hint = "known here: " + ", ".join((*BLOCKS, "clause('topic')"))
            raise Unreadable(f'"{rest.strip()[:40]}" cannot be placed with {{{{p', hint)
        return Tag("", "paragraph", "", found["name"] or "clause", found["topic"] or "")
    if sign == "{{":
        return Tag(f"{{{{{rest}}}}}")
    words = rest.strip("-+ ").split()
    level: Level = "paragraph" if letter == "p" else "row" if letter == "tr" else "run"
    return Tag(f"{sign}{rest}{end}", level, words[0] if words else "")


def has_tags(element: Any) -> bool:
    """Return whether there may be a tag anywhere inside `element`; one sign may be split from the other."""
    text = "".join(node.text or "" for node in element.iter(f"{W}t"))
    return "{" in text or "}" in text


def join(paragraph: Any) -> list[str]:
    """Put each tag of a paragraph into the run where it begins; return the tags as they are written.

    Raise Unreadable for a tag that is not closed, or that reaches into a link or a content control.
    """
    text = runs.text_of(paragraph)
    found = list(_TAG.finditer(text))
    rest = _TAG.sub("", text)
    if stray := _STRAY.search(rest):
        said = "begins here and is not closed" if stray[0] in ("{{", "{%") else "is closed here and was not opened"
        raise Unreadable(f"a tag {said} in this paragraph", "write it as {{ fact }} or {% if ... %}")
    for match in reversed(found):
        holders = list(_holders(paragraph, match))
        if any(holder is not holders[0] for holder in holders):
            raise Unreadable(f"the tag {match[0][:40]} reaches into a link or a content control", "type it again")
        runs.cut(paragraph, match.start(), match.end(), match[0])
    return [match[0] for match in found]


def _holders(paragraph: Any, match: re.Match[str]) -> Iterator[Any]:
    """Yield what holds the runs in which the letters of a match stand."""
    position = 0
    for node, holder in runs.held(paragraph):
        length = len(node.text or "")
        if position < match.end() and position + length > match.start() and length:
            yield holder
        position += length


def pieces(run: Any) -> Iterator[Any]:
    """Yield a run cut at its tags: runs that look like it, and tags as text (str)."""
    properties = run.find(f"{W}rPr")
    current = shell(run, properties)
    filled = False
    for child in run:
        if child is properties:
            continue
        if child.tag != f"{W}t" or not _TAG.search(child.text or ""):
            current.append(deepcopy(child))
            filled = True
            continue
        position = 0
        for match in (*_TAG.finditer(child.text), None):
            text = child.text[position : match.start() if match else None]
            if text:
                current.append(text_node(run, text))
                filled = True
            if match:
                if filled:
                    yield current
                yield match[0]
                current, filled, position = shell(run, properties), False, match.end()
    if filled:
        yield current


def shell(run: Any, properties: Any) -> Any:
    """Return an empty run that looks like `run`."""
    found = run.makeelement(run.tag, dict(run.attrib))
    if properties is not None:
        found.append(deepcopy(properties))
    return found


def text_node(like: Any, text: str) -> Any:
    node = like.makeelement(f"{W}t", {runs.SPACE: "preserve"})
    node.text = text
    return node
