"""Which rows of the key terms stand beside each other, and which take the whole width.

Drafting sets rows side by side in their order. The fit, which knows how many lines each takes, asks again: a long row
gets the whole width where that saves lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from agreementgen.core.document import TermPair, TermRow

CountLines = Callable[[TermRow, bool], int]
"""Counts the lines of a row that stands beside another, or across the page (True)."""

# A row of so many lines may take the whole width, if the table gets so many lines shorter by it; counted a little
# less, because one printed row more has a rule more.
_LEAST_LINES, _SAVED_LINES = 3, 1.8
# What a printed row takes besides its lines.
_ROW_COST = 0.15


def pair_rows(rows: Sequence[TermRow], count_lines: CountLines | None = None) -> tuple[TermPair, ...]:
    """Return `rows` side by side, in their order; a group begins at the left, and so do those that belong together.

    Without `count_lines` only what is left over takes the whole width.
    """
    pairs: list[TermPair] = []
    last_group: int | None = None
    for stretch in _each_stretch(rows):
        found = _pair_stretch(stretch, count_lines) if count_lines else _pair_in_order(stretch)
        for index, (left, right) in enumerate(found):
            begins = index == 0 and last_group not in (None, left.group)
            pairs.append(TermPair(left, right, begins))
        last_group = stretch[-1].group
    return tuple(pairs)


def _each_stretch(rows: Sequence[TermRow]) -> Iterator[list[TermRow]]:
    """Yield the rows between places where a row must stand at the left."""
    stretch: list[TermRow] = []
    for row in rows:
        last = stretch[-1] if stretch else None
        if last and (row.group != last.group or (row.beside and row.id != last.id)):
            yield stretch
            stretch = []
        stretch.append(row)
    if stretch:
        yield stretch


_Pairs = list[tuple[TermRow, TermRow | None]]


def _pair_in_order(rows: Sequence[TermRow]) -> _Pairs:
    return [(rows[at], rows[at + 1] if at + 1 < len(rows) else None) for at in range(0, len(rows), 2)]


def _pair_stretch(rows: Sequence[TermRow], count_lines: CountLines) -> _Pairs:
    """Return the pairs of the lowest table: from the last row on, the best way to set each row and those behind it."""
    best: list[tuple[float, _Pairs]] = [(0.0, [])]
    together = next((at for at, row in enumerate(rows) if not row.beside), len(rows))
    for at in range(len(rows) - 1, -1, -1):
        row, ways = rows[at], []
        if at + 1 < len(rows) and not (at < together and at % 2):
            beside = rows[at + 1]
            cost = max(count_lines(row, False), count_lines(beside, False)) + _ROW_COST
            ways.append((cost + best[1][0], [(row, beside), *best[1][1]]))
        if at + 1 == len(rows):
            ways.append((count_lines(row, True) + _ROW_COST, [(row, None)]))
        elif at >= together and count_lines(row, False) >= _LEAST_LINES:
            cost = count_lines(row, True) + _ROW_COST + _SAVED_LINES
            ways.append((cost + best[0][0], [(row, None), *best[0][1]]))
        best.insert(0, min(ways, key=lambda way: way[0]) if ways else (float("inf"), []))
    return best[0][1]
