"""Markdown to blocks: paragraphs, emphasis, lists and tables; nothing else means anything.

The text holds slot characters where facts belong; `fill` puts the facts in afterwards, so that no fact is
ever read as Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from agreementgen.document import Block, ItemList, Paragraph, Run, Runs, Table
from agreementgen.errors import PackError, Place, Problem
from agreementgen.language.environment import FIRST_SLOT, LAST_SLOT
from agreementgen.language.filters import ends_sentence

# No page has room for more, and each row of a table is filled up to as many.
MAX_COLUMNS = 20
_SLOT = re.compile(f"([{chr(FIRST_SLOT)}-{chr(LAST_SLOT)}])")


@cache
def _reader() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("zero").enable(["emphasis", "list", "table", "escape"])


def inline(text: str) -> Runs:
    """Return the runs of one line."""
    tokens = _reader().parseInline(text)
    return _runs(tokens[0].children) if tokens else ()


def blocks(text: str, place: Place) -> tuple[Block, ...]:
    """Return the blocks of `text`; raise PackError for a list that is not one of plain items, and a table too wide."""
    if any(line.count("|") > MAX_COLUMNS + 1 for line in text.split("\n")):
        raise PackError(Problem(f"a table has at most {MAX_COLUMNS} columns", place=place))
    tokens = _reader().parse(text)
    found: list[Block] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        end = index + 1
        if token.nesting == 1:
            depth = 1
            while depth:
                depth += tokens[end].nesting
                end += 1
        inner = tokens[index + 1 : end - 1]
        match token.type:
            case "paragraph_open":
                runs = _runs(inner[0].children)
                if runs:
                    found.append(Paragraph(runs))
            case "bullet_list_open" | "ordered_list_open":
                items = _list(inner, token.type == "ordered_list_open", place)
                if items.items:
                    found.append(items)
            case "table_open":
                found.append(_table(inner))
        index = end
    return tuple(found)


def _list(tokens: Sequence[Any], numbered: bool, place: Place) -> ItemList:
    items: list[Runs] = []
    for token in tokens:
        if token.type.endswith("list_open"):
            raise PackError(Problem("a list inside a list is not allowed in clauses", place=place))
        if token.type == "list_item_open":
            items.append(())
        elif token.type == "table_open" or (token.type == "inline" and items[-1]):
            raise PackError(Problem("an item of a list is one paragraph", "put the second one behind it", "", place))
        elif token.type == "inline":
            items[-1] = _runs(token.children)
    return ItemList(tuple(item for item in items if item), numbered)


def _table(tokens: Sequence[Any]) -> Table:
    rows: list[list[Runs]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_runs(token.children))
    return Table(tuple(rows[0]), tuple(tuple(row) for row in rows[1:]))


def _runs(children: Sequence[Any]) -> Runs:
    runs: list[Run] = []
    bold = italic = 0
    for child in children:
        match child.type:
            case "strong_open" | "strong_close":
                bold += child.nesting
            case "em_open" | "em_close":
                italic += child.nesting
            case "text" | "text_special":
                text = re.sub(r"[ \t\n]+", " ", child.content).replace("'", "’")
                runs.append(Run(text, bool(bold), bool(italic)))
            case "softbreak" | "hardbreak":
                runs.append(Run(" ", bool(bold), bool(italic)))
    return trimmed(joined(runs))


def joined(runs: Sequence[Run]) -> Runs:
    """Return `runs` with neighbours of one style made one."""
    found: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        if found and (found[-1].bold, found[-1].italic) == (run.bold, run.italic):
            found[-1] = Run(found[-1].text + run.text, run.bold, run.italic)
        else:
            found.append(run)
    return tuple(found)


def trimmed(runs: Runs) -> Runs:
    """Return `runs` without space at either end, and none doubled where two runs meet."""
    found: list[Run] = []
    for run in runs:
        text = run.text.lstrip(" ") if not found or found[-1].text.endswith(" ") else run.text
        if text:
            found.append(Run(text, run.bold, run.italic))
    while found and not (last := found[-1].text.rstrip(" ")):
        found.pop()
    if found:
        found[-1] = Run(last, found[-1].bold, found[-1].italic)
    return tuple(found)


def fill(runs: Runs, words: Callable[[str], str | None]) -> Runs:
    """Put the facts in: `words` returns the text of a slot character.

    A full stop of the clause behind a fact that ends with one ("... and Acme, Inc.") is left out.
    """
    found: list[Run] = []
    after_stop = False
    for run in runs:
        text = ""
        for piece in _SLOT.split(run.text):
            if not piece:
                continue
            fact = words(piece) if _SLOT.fullmatch(piece) else None
            if fact is None and after_stop and piece.startswith("."):
                piece = piece[1:]
            text += piece if fact is None else fact
            after_stop = fact is not None and ends_sentence(fact)
        found.append(Run(text, run.bold, run.italic))
    return joined(found)
