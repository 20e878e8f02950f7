"""The text of a paragraph of Word's, which cuts it into runs wherever it likes: "{{ foo" + "ter }}" is one tag."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from agreementgen.word.package import W

SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def texts(paragraph: Any) -> list[Any]:
    """Return the elements of text of a paragraph, without those of paragraphs inside it (in text boxes)."""
    return [node for node, _ in held(paragraph)]


def held(paragraph: Any) -> list[tuple[Any, Any]]:
    """Return the same, each with what holds its run: the paragraph, or a link or content control in it."""
    found: list[tuple[Any, Any]] = []
    waiting = [(child, paragraph, paragraph) for child in reversed(list(paragraph))]
    while waiting:
        node, parent, holder = waiting.pop()
        if node.tag == f"{W}t":
            found.append((node, holder))
        elif node.tag != f"{W}p":
            waiting.extend((child, node, parent) for child in reversed(list(node)))
    return found


def text_of(paragraph: Any) -> str:
    return "".join(node.text or "" for node in texts(paragraph))


def replace(paragraph: Any, pattern: re.Pattern[str], words: Callable[[re.Match[str]], str]) -> None:
    """Put `words` in the place of what matches `pattern`, in the run where it begins."""
    for match in reversed(list(pattern.finditer(text_of(paragraph)))):
        cut(paragraph, match.start(), match.end(), words(match))


def cut(paragraph: Any, start: int, end: int, text: str) -> None:
    """Replace the letters from `start` to `end` of a paragraph's text by `text`."""
    position = 0
    placed = False
    for node in texts(paragraph):
        there = node.text or ""
        first, last = max(start - position, 0), min(end - position, len(there))
        if first < last:
            node.text = there[:first] + ("" if placed else text) + there[last:]
            node.set(SPACE, "preserve")
            placed = True
        position += len(there)


def paragraphs(container: Any) -> Iterator[Any]:
    """Yield all paragraphs of a part in their order, those in tables and text boxes too."""
    yield from container.iter(f"{W}p")
