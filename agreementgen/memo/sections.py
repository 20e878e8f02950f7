"""A memo without a format: sections of paragraphs, tables, check boxes and lines to sign on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from agreementgen.core.document import Paragraph, Run, Runs, Table, text_of_runs

# Carlito has this box, and no other.
BOX = "□"
_MOST_ON_ONE_LINE = 110


@dataclass(frozen=True)
class CheckList:
    """What a reader ticks by hand, printed as a grid: a few words in each cell take less room side by side."""

    items: tuple[str, ...]
    columns: int = 2

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The items as rows of as many cells, each with its box; the last row is filled up with ""."""
        cells = [f"{BOX} {item}" for item in self.items]
        cells += [""] * (-len(cells) % self.columns)
        return tuple(tuple(cells[at : at + self.columns]) for at in range(0, len(cells), self.columns))


@dataclass(frozen=True)
class SignatureLines:
    """Lines to write on, side by side, each with its label; with `room` for the hand of who signs a letter."""

    labels: tuple[str, ...]
    room: bool = False


MemoBlock = Paragraph | Table | CheckList | SignatureLines


@dataclass(frozen=True)
class MemoSection:
    """A part of the memo. `id` is its name for programs."""

    id: str
    title: str
    blocks: tuple[MemoBlock, ...]

    @property
    def runs_on(self) -> bool:
        """Whether the text stands behind the title on one line: a few words need no line of their own."""
        block = self.blocks[0] if len(self.blocks) == 1 else None
        return isinstance(block, Paragraph) and len(self.title + text_of_runs(block.runs)) < _MOST_ON_ONE_LINE


@dataclass(frozen=True)
class Memo:
    """A whole memo; `of` says of which agreement, `paper` and `language` are those of its deal."""

    title: str
    of: str
    sections: tuple[MemoSection, ...]
    footer: str
    language: str
    paper: str
    author: str = ""
    dated: date | None = None


def say(text: str, lead: str = "") -> Paragraph:
    """Return a paragraph, with `lead` in bold before it."""
    runs = (Run(f"{lead} ", bold=True),) if lead else ()
    return Paragraph((*runs, Run(text)) if text else (Run(lead, bold=True),))


def say_all(parts: Iterable[tuple[str, str]]) -> Paragraph:
    """Return one paragraph of several texts, each with its lead in bold before it."""
    runs: list[Run] = []
    for lead, text in parts:
        runs += (Run(f" {lead} " if runs else f"{lead} ", bold=True), Run(text))
    return Paragraph(tuple(runs))


def make_table(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...], widths: tuple[int, ...]) -> Table:
    """Return a table of plain texts; `widths` in percent. Without a `head`, the first column is bold."""

    def make_row(cells: tuple[str, ...], bold: bool = False) -> tuple[Runs, ...]:
        return tuple((Run(text, bold=bold or (not head and not at)),) for at, text in enumerate(cells))

    return Table(make_row(head, bold=True), tuple(make_row(row) for row in rows), widths)


def each_memo_text(memo: Memo) -> Iterator[str]:
    """Yield all text of a memo in reading order, without its footer."""
    yield memo.title
    yield memo.of
    for section in memo.sections:
        yield section.title
        for block in section.blocks:
            match block:
                case Paragraph(runs):
                    yield text_of_runs(runs)
                case Table(head, rows):
                    for row in (head, *rows):
                        yield from (text_of_runs(runs) for runs in row)
                case CheckList():
                    yield from (text for row in block.rows for text in row if text)
                case SignatureLines(labels):
                    yield from labels


def memo_to_json(memo: Memo) -> dict[str, object]:
    """Return the sections of a memo as plain data."""
    return {
        "title": memo.title,
        "of": memo.of,
        "footer": memo.footer,
        "sections": [
            {"id": section.id, "title": section.title, "blocks": [_block_to_json(block) for block in section.blocks]}
            for section in memo.sections
        ],
    }


def _block_to_json(block: MemoBlock) -> dict[str, object]:
    match block:
        case Paragraph(runs):
            return {"kind": "text", "text": text_of_runs(runs)}
        case Table(head, rows):
            table = [[text_of_runs(runs) for runs in row] for row in rows]
            return {"kind": "table", "head": [text_of_runs(runs) for runs in head], "rows": table}
        case CheckList(items):
            return {"kind": "check boxes", "items": list(items)}
        case SignatureLines(labels):
            return {"kind": "lines", "labels": list(labels)}
