"""The schedules of an agreement: which tables stand behind it, under which letters, with what in them."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from agreementgen.document import Runs, Schedule, Table, block_runs, text_of
from agreementgen.draft.filling import entries, filled_in
from agreementgen.language.rendering import Setting, holds
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline
from agreementgen.library.schedules import ScheduleText

# A table of fewer words stays in the key terms even where long ones move behind the agreement.
SCHEDULE_WORDS = 30


def scheduled(
    library: Library, outline: Outline, setting: Setting, rows: Set[str], crowded: bool
) -> list[tuple[ScheduleText, Schedule]]:
    """Return the schedules in the order of the topics; `rows` are those that printed rows of the key terms name.

    A table has its place there from its number of entries on; where the page is `crowded`, also by its length.
    """
    named = {row.schedule for topic in outline.topics for row in library.topics[topic].rows}
    found: list[tuple[ScheduleText, Table]] = []
    for topic in outline.topics:
        for text in library.topics[topic].schedules:
            if (text.id in named and text.id not in rows) or not holds(text.when.source, setting.facts):
                continue
            count = sum(1 for _ in entries(setting, text.each))
            table = _table(text, setting) if count else None
            many = bool(text.start) and count >= text.start
            if table and (many or (crowded and _words(table) > SCHEDULE_WORDS)):
                found.append((text, table))
    return [
        (text, Schedule(chr(ord("A") + index), text.title, (table,), text.id))
        for index, (text, table) in enumerate(found)
    ]


def _table(text: ScheduleText, setting: Setting) -> Table:
    rows = [tuple(filled_in(column.says, inner) for column in text.columns) for inner in entries(setting, text.each)]
    heads = tuple(_bold(filled_in(column.head, setting)) for column in text.columns)
    widths = [column.width for column in text.columns]
    total = [_bold(filled_in(cell, setting)) for cell in text.total]
    # A total that cannot be calculated (amounts in two currencies) is left out with its row.
    if any(text_of(cell) for cell in total[1:]) or (len(total) == 1 and text_of(total[0])):
        rows.append(tuple(total))
    used = [index for index in range(len(widths)) if any(text_of(row[index]) for row in rows)]
    return Table(
        tuple(heads[index] for index in used),
        tuple(tuple(row[index] for index in used) for row in rows),
        _shares([widths[index] for index in used]),
    )


def _bold(runs: Runs) -> Runs:
    return tuple(replace(run, bold=True) for run in runs)


def _shares(widths: list[int]) -> tuple[int, ...]:
    """Return widths in percent that add up to 100: columns without one share what the others leave."""
    open_ = [index for index, width in enumerate(widths) if not width]
    left = max(100 - sum(widths), 8 * len(open_))
    found = [width or left / len(open_) for width in widths]
    shares = [round(100 * width / sum(found)) for width in found]
    shares[-1] += 100 - sum(shares)
    return tuple(shares)


def _words(table: Table) -> int:
    return sum(len(text_of(runs).split()) for runs in block_runs(table))
