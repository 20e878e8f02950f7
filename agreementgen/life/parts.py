"""An agreement as parts that can be laid beside those of another: parties, rows of the key terms, clauses, schedules.

A part has a key by which it is known again whatever it says: a clause keeps that of its topic, so another wording of it
is a change and not a new clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from agreementgen.core.document import (
    Block,
    Chart,
    Document,
    ItemList,
    Paragraph,
    Run,
    Runs,
    Table,
    each_signature_text,
    text_of_runs,
)
from agreementgen.render.word_structure import StructureNames

Kind = Literal["title", "party", "row", "sentence", "clause", "signature", "schedule"]
State = Literal["unchanged", "changed", "added", "dropped"]
# An amount is one word: "$5,000" became "$7,500", not 5 a 7 and 000 a 500.
_TOKEN = re.compile(r"\s+|[$€£¥]?\d+(?:[.,]\d+)*%?|\w+|[^\w\s]")
# Two lines that share less than this are no two wordings of one.
_LEAST_ALIKE = 0.3


@dataclass(frozen=True)
class StyledLine:
    """A paragraph in a style of our Word file, or the cells of a table's row (one text each)."""

    style: str
    cells: tuple[Runs, ...]

    @property
    def text(self) -> str:
        return " | ".join(map(text_of_runs, self.cells))

    @property
    def is_row(self) -> bool:
        return self.style in ("row", "head")


LinePair = tuple[StyledLine | None, StyledLine | None]
"""A line beside its counterpart; None where there is none."""


@dataclass(frozen=True)
class Part:
    """`key` is the name of its bookmark where it has one; `title` is what people call it."""

    kind: Kind
    key: str
    title: str
    lines: tuple[StyledLine, ...]

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True)
class PartChange:
    """What became of a part; `old` is None where it was added, `new` where it was dropped."""

    state: State
    old: Part | None
    new: Part | None

    @property
    def part(self) -> Part:
        found = self.new or self.old
        if found is None:
            raise AssertionError("a change of nothing")
        return found


def list_parts(document: Document) -> tuple[Part, ...]:
    """Return the parts of an agreement in the order in which it is read."""
    return tuple(_each_part(document))


def _each_part(document: Document) -> Iterator[Part]:
    names = StructureNames(document)
    # A tab stands before the date: it is printed at the right end of the line.
    heading = StyledLine(
        "Title", (tuple(_plain(document.title + (f"\t{document.effective}" if document.effective else ""))),)
    )
    yield Part("title", "title", "the title", (heading,))
    for key, box in zip(names.parties, document.parties, strict=True):
        name = f"{box.name} ({box.short})" if box.introduces else box.name
        lines = (_line("Party Name", name), *(_line("Party Line", line) for line in box.lines))
        yield Part("party", key, box.short, lines)
    yield Part("sentence", "terms", document.terms_title, (_line("Key Terms Heading", document.terms_title),))
    for key, row in zip(names.rows, document.rows, strict=True):
        yield Part("row", key, row.label, (StyledLine("row", (_plain(row.label), row.runs)),))
    if document.apart:
        yield from _each_signature(document)
        yield Part("sentence", "apart", document.apart, (_line("Schedule Heading", document.apart),))
    for clause in document.clauses:
        yield Part(
            "clause",
            names.clauses[clause.topic],
            clause.heading,
            tuple(_lines_of_clause(clause.heading, clause.blocks)),
        )
    if not document.apart:
        yield from _each_signature(document)
    for schedule in document.schedules:
        key = names.schedules[schedule.letter]
        lines = (_line("Schedule Heading", schedule.heading), *_each_line(schedule.blocks))
        yield Part("schedule", key, schedule.heading, lines)


def _each_signature(document: Document) -> Iterator[Part]:
    if document.agreed:
        yield Part("sentence", "agreed", "the sentence above the signatures", (_line("Agreed", document.agreed),))
    for number, signature in enumerate(document.signatures, 1):
        signed = "\t".join(each_signature_text(signature, document.signs_in_blocks))
        lines = (_line("Signature Party", " ".join(signature.party.split("\n"))), _line("Signature Line", signed))
        yield Part("signature", f"signature {number}", signature.party.split("\n")[0], lines)


def _lines_of_clause(heading: str, blocks: Sequence[Block]) -> Iterator[StyledLine]:
    first, *rest = blocks
    head = (Run(f"{heading}.", bold=True),)
    if isinstance(first, Paragraph):
        yield StyledLine("Clause", ((*head, Run(" "), *first.runs),))
        yield from _each_line(rest)
    else:
        yield StyledLine("Clause", (head,))
        yield from _each_line(blocks)


def _each_line(blocks: Sequence[Block]) -> Iterator[StyledLine]:
    for block in blocks:
        match block:
            case Paragraph(runs):
                yield StyledLine("Clause Text", (runs,))
            case ItemList(items, numbered, inner):
                for item, kind in zip(items, inner or ("",) * len(items), strict=True):
                    is_numbered = kind == "number" if kind else numbered
                    yield StyledLine("Clause Item" if is_numbered else "Clause Bullet", (item,))
            case Table(head, rows):
                yield StyledLine("head", head)
                yield from (StyledLine("row", row) for row in rows)
            case Chart():
                yield from _each_chart_line(block)


def _each_chart_line(chart: Chart) -> Iterator[StyledLine]:
    number, task, due = chart.heads
    yield StyledLine("head", tuple(map(_plain, (number, task, *(role.name for role in chart.roles), due))))
    for item in chart.tasks:
        yield StyledLine("row", tuple(map(_plain, (str(item.number), item.name, *item.letters, item.due))))


def _plain(text: str) -> Runs:
    return (Run(text),) if text else ()


def _line(style: str, text: str) -> StyledLine:
    return StyledLine(style, (_plain(text),))


# -- laid beside each other


def align_parts(old: Sequence[Part], new: Sequence[Part]) -> tuple[PartChange, ...]:
    """Return what became of each part, in the order of the text; what was dropped stands where it stood."""
    found: list[PartChange] = []
    before, after = [part.key for part in old], [part.key for part in new]
    for _, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if before[start:end] == after[first:last]:
            for one, other in zip(old[start:end], new[first:last], strict=True):
                found.append(PartChange("unchanged" if one.lines == other.lines else "changed", one, other))
            continue
        found += (PartChange("dropped", part, None) for part in old[start:end])
        found += (PartChange("added", None, part) for part in new[first:last])
    return tuple(found)


def align_lines(old: Sequence[StyledLine], new: Sequence[StyledLine]) -> Iterator[LinePair]:
    """Yield lines beside each other; None where one has no counterpart."""
    matcher = SequenceMatcher(None, [*old], [*new], autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(old[start:end], new[first:last], strict=True)
            continue
        left, right = list(old[start:end]), list(new[first:last])
        while left and right:
            if _are_alike(left[0], right[0]):
                yield left.pop(0), right.pop(0)
            elif len(left) >= len(right):
                yield left.pop(0), None
            else:
                yield None, right.pop(0)
        yield from ((line, None) for line in left)
        yield from ((None, line) for line in right)


def _are_alike(old: StyledLine, new: StyledLine) -> bool:
    if old.style != new.style or len(old.cells) != len(new.cells):
        return False
    if old.style not in ("row", "Clause Item", "Clause Bullet", "Clause Text"):
        return True
    return (
        SequenceMatcher(None, _TOKEN.findall(old.text), _TOKEN.findall(new.text), autojunk=False).ratio() > _LEAST_ALIKE
    )


WordState = Literal["kept", "deleted", "inserted"]


def compare_runs(old: Runs, new: Runs) -> Iterator[tuple[WordState, Run]]:
    """Yield the words of two wordings: what both have, what only the old has, what only the new has."""
    before, after = _tokens(old), _tokens(new)
    for tag, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (("kept", run) for run in _join(after[first:last]))
        else:
            yield from (("deleted", run) for run in _join(before[start:end]))
            yield from (("inserted", run) for run in _join(after[first:last]))


_Token = tuple[str, bool, bool]


def _tokens(runs: Runs) -> list[_Token]:
    return [(text, run.bold, run.italic) for run in runs for text in _TOKEN.findall(run.text)]


def _join(tokens: Sequence[_Token]) -> Iterator[Run]:
    text, style = "", (False, False)
    for word, *shape in tokens:
        if text and tuple(shape) != style:
            yield Run(text, *style)
            text = ""
        text, style = text + word, (bool(shape[0]), bool(shape[1]))
    if text:
        yield Run(text, *style)


def show_changes(old: Runs, new: Runs) -> str:
    """Return two wordings as one plain text: "[-what was deleted-]" and "{+what was inserted+}"."""
    marks = {"kept": ("", ""), "deleted": ("[-", "-]"), "inserted": ("{+", "+}")}
    return "".join(f"{marks[state][0]}{run.text}{marks[state][1]}" for state, run in compare_runs(old, new))
