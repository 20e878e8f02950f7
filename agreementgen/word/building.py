"""Putting a part of a Word template together again, as its filled-in text says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from agreementgen.language.environment import Insert
from agreementgen.language.filters import ends_sentence
from agreementgen.word.package import W
from agreementgen.word.program import Block, Step

# What holds paragraphs must end with one, or Word cannot open the file.
_HOLDERS = tuple(f"{W}{name}" for name in ("tc", "txbxContent", "hdr", "ftr"))


class Builder:
    """Puts a part together again, step by step."""

    def __init__(self, root: Any, words: Callable[[Insert], str], insert: Callable[[Block], Sequence[Any]]) -> None:
        self.top = root.makeelement(root.tag, {})
        self.stack = [self.top]
        self.words = words
        self.insert = insert
        self.stop = False

    def finished(self) -> list[Any]:
        self.close()
        return list(self.top)

    def say(self, insert: Insert) -> None:
        text = self.words(insert)
        node = self.stack[-1]
        node.text = (node.text or "") + text
        self.stop = ends_sentence(text)

    def take(self, step: Step) -> None:
        match step.kind:
            case "open":
                found = deepcopy(step.element)
                self.stack[-1].append(found)
                self.stack.append(found)
                if found.tag == f"{W}p":
                    self.stop = False
            case "close":
                self.close()
                self.stack.pop()
            case "add":
                self.stack[-1].append(self.after_stop(deepcopy(step.element)))
            case "block" if step.block:
                self.place(self.insert(step.block), step.element)

    def close(self) -> None:
        """Finish what is open, so that Word can read it whatever was left out in it."""
        node = self.stack[-1]
        if node.tag == f"{W}tbl" and node.find(f"{W}tr") is None:
            self.stack[-2].remove(node)
        elif node.tag in _HOLDERS and (not len(node) or node[-1].tag != f"{W}p"):
            node.append(node.makeelement(f"{W}p", {}))

    def after_stop(self, element: Any) -> Any:
        """Leave out a full stop behind a fact that ends with one ("... and Acme, Inc.")."""
        first = next(element.iter(f"{W}t"), None) if element.tag == f"{W}r" else None
        if first is not None:
            if self.stop and (first.text or "").startswith("."):
                first.text = first.text[1:]
            self.stop = False
        return element

    def place(self, elements: Sequence[Any], section: Any) -> None:
        top = self.stack[-1]
        if elements and elements[0].tag == f"{W}tbl" and len(top) and top[-1].tag == f"{W}tbl":
            top.append(_empty(top))  # two tables that touch become one
        for element in elements:
            top.append(element)
        if section is not None:
            if not elements or elements[-1].tag != f"{W}p":
                top.append(_empty(top))
            properties = top[-1].find(f"{W}pPr")
            if properties is None:
                properties = top[-1].makeelement(f"{W}pPr", {})
                top[-1].insert(0, properties)
            properties.append(deepcopy(section))


def _empty(like: Any) -> Any:
    return like.makeelement(f"{W}p", {})
