"""How a chart stands on its page: portrait or landscape, type size, widths of columns, heads upright or turned.

All lengths in points. The page is judged by the widths of the letters, so Word file and PDF get the same
arrangement, with or without Pango.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil

from agreementgen.core.document import (
    Arrangement,
    Chart,
    ChartDocument,
    ChartRole,
    Document,
    Table,
    block_runs,
    text_of,
)
from agreementgen.library.snapshot import SourceFile
from agreementgen.render.measure import MARGIN_BOTTOM, MARGIN_SIDE, MARGIN_TOP, PAPERS, SIZES, Widths, widths

# Space around the text of a cell (left plus right, top plus bottom with the rule), as in chart.css.
PAD, GAP = 6.0, 4.5
LEADING = 1.15
# What stands above and below the rows: title or heading, legend with its gaps.
_TITLE, _LEGEND_GAP, _BLOCK_GAP = 32.0, 8.0, 10.0
# A chart shrinks to this size to keep on one page; where it takes more pages it need not.
_FLOOR, _PAGES = 8.5, 9.0
_TASK_LEAST, _TASK_MOST, _ROLE_MOST = 150.0, 330.0, 92.0
# Heads that run upwards: least height, and most as a share of the page.
_TURNED_LEAST, _TURNED_MOST = 60, 0.7
# Up to so many roles, further pages are upright.
_NARROW = 6
# Room kept free, as a share of the page's height: the estimate leaves kerning out, and Word may break otherwise.
_SPARE = 0.04


def arranged(document: Document, layout: Mapping[str, SourceFile]) -> Document:
    """Return `document` with its charts arranged."""
    if not any(schedule.chart for schedule in document.schedules):
        return document
    letters = widths(layout)
    schedules = tuple(
        replace(
            schedule,
            blocks=tuple(
                replace(block, arrangement=arrange(block, document.paper, letters))
                if isinstance(block, Chart)
                else block
                for block in schedule.blocks
            ),
        )
        for schedule in document.schedules
    )
    return replace(document, schedules=schedules)


def arranged_alone(document: ChartDocument, layout: Mapping[str, SourceFile]) -> ChartDocument:
    letters = widths(layout)
    found = arrange(document.chart, document.paper, letters)
    return replace(document, chart=replace(document.chart, arrangement=found))


def arrange(chart: Chart, paper: str, letters: Widths) -> Arrangement:
    """Return the largest type that keeps the chart on one page, upright or turned; or the fewest pages at 9 pt."""
    trials = [_Trial(chart, paper, letters, wide, body) for wide in (False, True) for body in SIZES if body <= 10]
    fitting = [trial for trial in trials if trial.pages == 1 and trial.legible]
    if fitting:
        # Of equal sizes the upright page: it hangs beside other papers.
        return max(fitting, key=lambda trial: (trial.body, not trial.turned, not trial.wide)).arrangement
    legible = [trial for trial in trials if trial.body == _PAGES and trial.legible]
    legible = legible or [trial for trial in trials if trial.body == _FLOOR and trial.wide]
    narrow = len(chart.roles) <= _NARROW
    return min(legible, key=lambda trial: (trial.turned, trial.pages, trial.wide == narrow)).arrangement


@dataclass
class _Columns:
    number: float
    task: float
    due: float
    roles: tuple[float, ...]
    turned: bool
    head: float


class _Trial:
    """The chart at one size on one page; `legible` is False where the columns are too narrow for it."""

    def __init__(self, chart: Chart, paper: str, letters: Widths, wide: bool, body: float) -> None:
        width, height = PAPERS[paper]
        if wide:
            width, height = height, width
        self.chart, self.letters, self.wide, self.body = chart, letters, wide, body
        self.line = round(body * LEADING * 20) / 20
        self.width = width - 2 * MARGIN_SIDE
        self.height = (height - MARGIN_TOP - MARGIN_BOTTOM) * (1 - _SPARE)
        self.columns = self.upright() or self.running_upwards()
        self.turned = self.columns.turned
        self.legible = self.columns.task >= _TASK_LEAST
        self.pages = self.count()

    @property
    def arrangement(self) -> Arrangement:
        at = self.columns
        return Arrangement(
            self.wide, self.body, self.line, at.number, at.task, at.due, at.roles, at.turned, at.head, self.pages
        )

    def of(self, text: str, bold: bool = False) -> float:
        return self.letters.of(text, bold) * self.body

    def lines(self, text: str, width: float, bold: bool = False) -> int:
        return self.letters.lines(((text, bold),), width / self.body) if text else 0

    def word(self, texts: Iterable[str], bold: bool) -> float:
        # Lines break behind a hyphen, too.
        words = (part for text in texts for word in text.split() for part in re.split(r"(?<=-)", word))
        return max((self.of(word, bold) for word in words), default=0.0)

    # -- columns

    def fixed(self) -> tuple[float, float]:
        number = self.of("No.", True) + PAD + 2
        due = max((self.of(task.due) for task in self.chart.tasks if task.due), default=0.0)
        return _up(number), _up(due + PAD + 2) if due else 0.0

    def natural(self) -> float:
        """Return the width at which every task stands on one line, within reason."""
        longest = max((self.of(task.name) for task in self.chart.tasks), default=0.0)
        return min(max(longest * 1.02 + PAD, _TASK_LEAST), _TASK_MOST)

    def upright(self) -> _Columns | None:
        """Return columns in which the longest word of each head has room, or None."""
        number, due = self.fixed()
        roles = self.chart.roles
        needs = self.under_parties(
            max(self.word([role.name], True), self.word([role.person], False), self.of("A/R", True)) + PAD + 2
            for role in roles
        )
        left = self.width - number - due
        if max(needs) * len(needs) + _TASK_LEAST <= left:
            needs = [max(needs)] * len(needs)
        if sum(needs) + _TASK_LEAST > left:
            return None
        task = min(self.natural(), left - sum(needs))
        more = max(0.0, left - sum(needs) - task) / len(needs)
        widths = [need + min(more, max(0.0, _ROLE_MOST - need)) for need in needs]
        widths = [_down(width) for width in widths]
        head = self.line * max(
            self.lines(role.name, width - PAD, True) + self.lines(role.person, width - PAD)
            for role, width in zip(roles, widths, strict=True)
        )
        return _Columns(number, left - sum(widths), due, tuple(widths), False, head)

    def under_parties(self, widths: Iterable[float]) -> list[float]:
        """Return `widths`, wider where the longest word of a party would not fit above its roles together."""
        needs, at = list(widths), 0
        for party, _, count in self.chart.spans:
            lacking = self.word([party], True) + PAD + 2 - sum(needs[at : at + count])
            for index in range(at, at + count):
                needs[index] += max(0.0, lacking / count)
            at += count
        return needs

    def running_upwards(self) -> _Columns:
        number, due = self.fixed()
        roles = self.chart.roles
        left = self.width - number - due
        width = _down(min(max((left - self.natural()) / len(roles), 24.0), 48.0))
        room = max(1, int((width - 3) / self.line))
        most = int(self.height * _TURNED_MOST)
        heights = (height for height in range(_TURNED_LEAST, most, 5) if self.stands(height, room))
        high = float(next(heights, most))
        if not self.stands(high, room):
            # Wider columns instead of higher heads: nothing is cut.
            width = max(width, _up(max(self.turned_lines(role, high) for role in roles) * self.line + 4))
        widths = tuple(_up(need) for need in self.under_parties([width] * len(roles)))
        return _Columns(number, left - sum(widths), due, widths, True, high)

    def stands(self, height: float, room: int) -> bool:
        return all(self.turned_lines(role, height) <= room for role in self.chart.roles)

    def turned_lines(self, role: ChartRole, height: float) -> int:
        return self.lines(role.name, height - PAD, True) + self.lines(role.person, height - PAD)

    # -- heights

    def heads(self) -> float:
        at, party_lines = 0, 1
        for party, _, count in self.chart.spans:
            party_lines = max(party_lines, self.lines(party, sum(self.columns.roles[at : at + count]) - PAD, True))
            at += count
        return party_lines * self.line + GAP + self.columns.head + GAP

    def count(self) -> int:
        """Return the number of pages the chart takes: rows stay whole, heads stand on each page."""
        head = self.heads()
        used, pages = _TITLE + self.legend() + head, 1
        for phase in self.chart.phases:
            above = self.line + GAP if phase.title else 0.0
            for task in phase.tasks:
                high = above + self.line * max(1, self.lines(task.name, self.columns.task - PAD)) + GAP
                above = 0.0
                if used + high > self.height:
                    used, pages = head, pages + 1
                used += high
        for high in self.below():
            if used + high > self.height:
                used, pages = 0.0, pages + 1
            used += high
        return pages

    def legend(self) -> float:
        wide = sum(self.of(f"{letter}  {says}") + 26 for letter, says in self.chart.legend)
        return ceil(wide / self.width) * (self.line + 3) + _LEGEND_GAP

    def below(self) -> Iterable[float]:
        if self.chart.duties:
            yield _BLOCK_GAP + self.line
            for duty in self.chart.duties:
                yield self.line * self.lines(f"{duty.party}: {duty.text} ({duty.numbers})", self.width / 2 - 12)
        if isinstance(self.chart.workload, Table):
            yield _BLOCK_GAP + self.line
            cells = [text_of(runs) for runs in block_runs(self.chart.workload)]
            yield from [self.line + GAP] * (len(cells) // len(self.chart.workload.head))


def _up(length: float) -> float:
    """Round to whole twips upwards, as Word stores lengths."""
    return ceil(length * 20) / 20


def _down(length: float) -> float:
    return int(length * 20) / 20
