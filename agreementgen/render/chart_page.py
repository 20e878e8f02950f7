"""The RACI chart on our own page: legend, rows with their letters, and what stands below them.

The lengths are those of templates/layout/chart.css. Rules stand on the edges of rows and columns, half in each. All
lengths in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from agreementgen.core.document import Arrangement, Chart, ChartDocument, ChartRole, ChartTask, Table
from agreementgen.render.lettering import BLACK, BOLD, REGULAR, Letters, Line, Piece
from agreementgen.render.measures import Sizes
from agreementgen.render.page_builder import GREY, RULE, OwnPages, PageBuilder
from agreementgen.render.page_canvas import About, Element, Strip
from agreementgen.render.page_text import THIN

NAVY, WHITE, _GRID, _PHASE_GROUND = "#1f3864", "#ffffff", "#d9d9d9", "#f2f2f2"
# Grounds and letters, and the colors of parties, as in chart.css.
_LETTER_COLORS = {"A": (NAVY, WHITE), "A/R": (NAVY, WHITE), "R": ("#8fa9d6", BLACK), "C": ("#dfe7f5", BLACK)}
_PARTY_COLORS = ("#1f3864", "#7a3e00", "#0b5d4b", "#5b2a6e", "#4a4a4a", "#8a1538", "#6b6b6b")
_PADDING_SIDE, _PADDING = 3.0, 2.0
_HEAD_RULE, _ROLE_RULE, _PARTY_RULE = 1.0, 2.0, 1.0
_LEGEND_PADDING, _ENTRY_GAP, _KEY_RULE = 4.0, 14.0, 0.5
_BLOCK_ABOVE, _COUNTS_SHARE = 10.0, 0.6
# The type of what stands around a chart that has a document of its own.
_TITLE_SIZES = Sizes(9.0)


def lay_out_chart(document: ChartDocument, letters: Letters) -> OwnPages:
    """Lay out a chart that stands alone, whose text `letters` covers."""
    about = About(f"{document.title}: {document.of}", document.language, document.author)
    builder = PageBuilder(letters, document.paper, _TITLE_SIZES, about)
    builder.footer, builder.landscape = document.footer, is_landscape(document.chart)
    builder.begin_page()
    builder.write_title(document.title, document.of)
    write_chart(builder, document.chart, "H2")
    builder.write_margins(document.words)
    return OwnPages(builder.canvas, len(builder.footers), 0.0, (), builder.bottom - builder.top)


def is_landscape(chart: Chart) -> bool:
    return chart.arrangement is not None and chart.arrangement.landscape


def write_chart(page: PageBuilder, chart: Chart, heading: str) -> None:
    """Write a chart from where the page has got to; its own headings are of the kind `heading`."""
    if chart.arrangement is None:
        raise AssertionError("the chart is not arranged")
    usual = page.sizes
    page.sizes = Sizes(chart.arrangement.body, spread_line=chart.arrangement.line)
    _write_legend(page, chart)
    _ChartTable(page, chart, chart.arrangement).write()
    if chart.duties:
        _write_duties(page, chart, heading)
    if chart.workload:
        _write_workload(page, chart, chart.workload, heading)
    page.sizes = usual


def _write_legend(page: PageBuilder, chart: Chart) -> None:
    owner = page.canvas.root.add("P")
    size, height = page.sizes.body, page.sizes.line_height + 2 * _KEY_RULE
    left, top = page.left, page.y + _LEGEND_PADDING
    for (letter, says), key in zip(chart.legend, chart.keys, strict=True):
        ground, color = _LETTER_COLORS.get(letter, (WHITE, BLACK))
        pressed = page.lines(float("inf"), Piece(key, BOLD, color))
        text = page.lines(float("inf"), Piece(f"\u00a0\u00a0{says}"))
        key_width = pressed[0].width * size + 2 * _KEY_RULE
        width = key_width + text[0].width * size + _ENTRY_GAP
        if left > page.left and left + width > page.left + page.width:
            left, top = page.left, top + height
        page.canvas.fill(left, top, key_width, height, ground, is_ground=True)
        page.canvas.frame(left, top, key_width, height, _KEY_RULE, GREY)
        page.write(owner, pressed, left + _KEY_RULE, top + _KEY_RULE)
        page.write(owner, text, left + key_width, top + _KEY_RULE)
        left += width + page.canvas.letters.space * size
    page.y = top + height + _LEGEND_PADDING


class _ChartTable:
    """The rows of a chart, under a head that stands on each page."""

    def __init__(self, page: PageBuilder, chart: Chart, arrangement: Arrangement) -> None:
        self.page, self.chart, self.at = page, chart, arrangement
        self.line = page.sizes.line_height
        fixed = [arrangement.number, arrangement.task]
        fixed += [arrangement.due] if arrangement.due else []
        self.fixed = len(fixed)
        self.edges = list(accumulate((*fixed, *arrangement.roles), initial=page.left))
        # The rule left of each column, and right of the last.
        grid = [_PARTY_RULE if begins else THIN for begins in chart.begins]
        self.rules = [0.0] * self.fixed + grid + [0.0]
        table = page.canvas.root.add("Table")
        self.head, self.body = table.add("THead"), table.add("TBody")

    def write(self) -> None:
        head = self._head_strip()
        head.draw(self.page.left, self.page.y)
        self.page.y += head.height
        strips = [strip for phase in self.chart.phases for strip in self._phase(phase.title, phase.tasks)]
        for strip in strips:
            strip.head = head
        self.page.flow(strips)
        self.page.y += THIN / 2

    def _inside(self, first: int, last: int) -> tuple[float, float]:
        """Return where the text of a cell begins and ends that goes from one column to another."""
        left = self.edges[first] + self.rules[first] / 2 + _PADDING_SIDE
        return left, self.edges[last + 1] - self.rules[last + 1] / 2 - _PADDING_SIDE

    def _lines(
        self, column: int, text: str, last: int = -1, face: str = REGULAR, color: str = BLACK
    ) -> tuple[Line, ...]:
        left, right = self._inside(column, max(column, last))
        return self.page.lines(right - left, Piece(text, face, color)) if text else ()

    def _centered(self, owner: Element | None, column: int, last: int, lines: Sequence[Line], top: float) -> None:
        self.page.write(owner, lines, sum(self._inside(column, last)) / 2, top, shift=0.5)

    # -- the head

    def _head_strip(self) -> Strip:
        chart, line = self.chart, self.line
        upper, lower = self.head.add("TR"), self.head.add("TR")
        scope = "/O/Table/Scope/Column"
        starts = list(accumulate((count for _, _, count in chart.spans), initial=self.fixed))
        fixed_owners = [upper.add("TH", f"{scope}/RowSpan 2") for _ in range(self.fixed)]
        party_owners = [upper.add("TH", f"{scope}/ColSpan {count}") for _, _, count in chart.spans]
        role_owners = [lower.add("TH", scope) for _ in chart.roles]
        parties = [
            self._lines(start, party, start + count - 1, BOLD, WHITE)
            for (party, _, count), start in zip(chart.spans, starts, strict=False)
        ]
        roles = [self._role_lines(self.fixed + index, role) for index, role in enumerate(chart.roles)]
        first = 2 * _PADDING + line * max(map(len, parties)) + _ROLE_RULE / 2
        second = (self.at.head if self.at.turned else 2 * _PADDING + line * max(map(len, roles))) + _ROLE_RULE / 2
        second += _HEAD_RULE / 2

        def draw(left: float, top: float) -> None:
            is_again = any(owner.is_written for owner in fixed_owners)
            middle, end = top + first, top + first + second
            self._draw_fixed_heads([None] * self.fixed if is_again else fixed_owners, end - _HEAD_RULE / 2 - _PADDING)
            for (_, color, count), start, lines, owner in zip(chart.spans, starts, parties, party_owners, strict=False):
                edges = self.edges[start], self.edges[start + count]
                self.page.canvas.fill(edges[0], top, edges[1] - edges[0], first, _PARTY_COLORS[color], is_ground=True)
                foot = middle - _ROLE_RULE / 2 - _PADDING
                self._centered(None if is_again else owner, start, start + count - 1, lines, foot - line * len(lines))
            for index, (role, lines, owner) in enumerate(zip(chart.roles, roles, role_owners, strict=True)):
                self._draw_role(self.fixed + index, role, lines, None if is_again else owner, middle, end)
            self._draw_grid(top, middle, is_party=True)
            self._draw_grid(middle, end)
            self.page.rule(end - _HEAD_RULE / 2, _HEAD_RULE, NAVY)

        return Strip(first + second, draw)

    def _role_lines(self, column: int, role: ChartRole) -> tuple[Line, ...]:
        if not self.at.turned:
            return self._lines(column, role.name, face=BOLD) + self._lines(column, role.person)
        width = self.at.head - 2 * _PADDING_SIDE
        pieces = [Piece(role.name, BOLD)] + ([Piece(role.person)] if role.person else [])
        return tuple(line for piece in pieces for line in self.page.lines(width, piece))

    def _draw_fixed_heads(self, owners: Sequence[Element | None], foot: float) -> None:
        for column, (text, owner) in enumerate(zip(self.chart.heads, owners, strict=False)):
            lines = self._lines(column, text, face=BOLD)
            left, right = self._inside(column, column)
            top = foot - self.line * len(lines)
            self.page.write(owner, lines, *((left, top) if column else (right, top, 1)))

    def _draw_role(
        self, column: int, role: ChartRole, lines: tuple[Line, ...], owner: Element | None, top: float, end: float
    ) -> None:
        page = self.page
        left, width = self.edges[column], self.edges[column + 1] - self.edges[column]
        page.canvas.fill(left, top - _ROLE_RULE / 2, width, _ROLE_RULE, _PARTY_COLORS[role.color])
        foot = end - _HEAD_RULE / 2
        if self.at.turned:
            middle = left + self.rules[column] / 2 + (self.at.roles[column - self.fixed] - 1) / 2
            start = middle - self.line * len(lines) / 2
            page.canvas.write_upwards(owner, lines, start, foot - _PADDING_SIDE, page.sizes.body, self.line)
        else:
            self._centered(owner, column, column, lines, foot - _PADDING - self.line * len(lines))

    def _draw_grid(self, top: float, end: float, is_party: bool = False) -> None:
        """Paint the rules left of the columns: in the row of the parties those that part them alone."""
        for column in range(self.fixed, len(self.edges) - 1):
            rule = self.rules[column]
            if rule == _PARTY_RULE or not is_party:
                color = NAVY if rule == _PARTY_RULE else _GRID
                self.page.canvas.fill(self.edges[column] - rule / 2, top, rule, end - top, color)

    # -- the rows

    def _phase(self, title: str, tasks: Sequence[ChartTask]) -> list[Strip]:
        strips = [self._title_strip(title)] if title else []
        for index, task in enumerate(tasks):
            strips.append(self._task_strip(task, stays=bool(title) and index == 0))
        return strips

    @property
    def _rule_above(self) -> float:
        """The half of the rule above a row that stands in it: the head's is higher."""
        return THIN / 2 if self.body.parts else _HEAD_RULE / 2

    def _title_strip(self, title: str) -> Strip:
        above = self._rule_above
        owner = self.body.add("TR").add("TH", f"/O/Table/Scope/Row/ColSpan {len(self.edges) - 1}")
        lines = self._lines(0, title, len(self.edges) - 2, BOLD, NAVY)
        height = above + 2 * _PADDING + self.line * len(lines) + THIN / 2

        def draw(left: float, top: float) -> None:
            page = self.page
            page.canvas.fill(left, top, self.edges[-1] - left, height, _PHASE_GROUND, is_ground=True)
            page.write(owner, lines, left + _PADDING_SIDE, top + above + _PADDING)
            page.rule(top + height - THIN / 2, THIN, RULE)

        return Strip(height, draw)

    def _task_strip(self, task: ChartTask, stays: bool) -> Strip:
        above, line, page = self._rule_above, self.line, self.page
        row = self.body.add("TR")
        owners = [row.add("TD"), row.add("TH", "/O/Table/Scope/Row")]
        owners += [row.add("TD") for _ in range(len(self.edges) - 3)]
        name = self._lines(1, task.name)
        inside = line * max(1, len(name))
        height = above + 2 * _PADDING + inside + THIN / 2

        def draw(left: float, top: float) -> None:
            middle = top + above + _PADDING + (inside - line) / 2
            number = page.lines(float("inf"), Piece(str(task.number), REGULAR, GREY))
            page.write(owners[0], number, self._inside(0, 0)[1], middle, 1)
            page.write(owners[1], name, self._inside(1, 1)[0], top + above + _PADDING)
            if self.at.due and task.due:
                page.write(owners[2], page.lines(float("inf"), Piece(task.due)), self._inside(2, 2)[0], middle)
            for column, letter in enumerate(task.letters, self.fixed):
                ground, color = _LETTER_COLORS.get(letter, (WHITE, BLACK))
                if ground != WHITE:
                    width = self.edges[column + 1] - self.edges[column]
                    page.canvas.fill(self.edges[column], top, width, height, ground, is_ground=True)
                if letter:
                    lines = self._lines(column, letter, face=BOLD, color=color)
                    self._centered(owners[column], column, column, lines, middle)
            self._draw_grid(top, top + height)
            page.rule(top + height - THIN / 2, THIN, RULE)

        return Strip(height, draw, stays)


# -- below the rows


def _write_duties(page: PageBuilder, chart: Chart, heading: str) -> None:
    strips = _heading_strips(page, chart.duties_title, heading)
    for index, duty in enumerate(chart.duties):
        pieces = (Piece(f"{duty.party}:", BOLD), Piece(f" {duty.text} ({duty.numbers})"))
        lines = page.paragraph(page.canvas.root.add("P"), pieces, page.width)
        for at, strip in enumerate(lines):
            strip.stays = at > 0 or index == 0
        strips += lines
    page.y += _BLOCK_ABOVE
    page.flow(strips)


def _heading_strips(page: PageBuilder, text: str, kind: str) -> list[Strip]:
    strips = page.paragraph(page.canvas.root.add(kind), (Piece(text, BOLD, NAVY),), page.width)
    page.mark(strips[0], text)
    return strips


def _write_workload(page: PageBuilder, chart: Chart, table: Table, heading: str) -> None:
    """Write how many tasks each role has."""
    strips = _heading_strips(page, chart.workload_title, heading)
    owner = page.canvas.root.add("Table")
    head, body = owner.add("THead"), owner.add("TBody")
    width = page.width * _COUNTS_SHARE
    shares = table.widths or (100 / len(table.head),) * len(table.head)
    edges = list(accumulate((share * width / 100 for share in shares), initial=0.0))
    for index, cells in enumerate((table.head, *table.rows)):
        row = (body if index else head).add("TR")
        owners = [row.add("TD") if index else row.add("TH", "/O/Table/Scope/Column") for _ in cells]
        texts = [
            page.lines(end - start - 2 * _PADDING_SIDE, Piece(runs[0].text, REGULAR if index else BOLD))
            for runs, start, end in zip(cells, edges, edges[1:], strict=False)
        ]
        strips.append(_counts_strip(page, owners, texts, edges))
    first = len(strips) - len(table.rows) - 1
    strips[first].stays = True
    for strip in strips[first + 1 :]:
        strip.head = strips[first]
    page.y += _BLOCK_ABOVE
    page.flow(strips)
    page.y += THIN / 2


def _counts_strip(
    page: PageBuilder, owners: Sequence[Element], texts: Sequence[tuple[Line, ...]], edges: Sequence[float]
) -> Strip:
    height = 2 * _PADDING + page.sizes.line_height * max(map(len, texts)) + THIN

    def draw(left: float, top: float) -> None:
        for owner, lines, edge in zip(owners, texts, edges, strict=False):
            page.write(None if owner.is_written else owner, lines, left + edge + _PADDING_SIDE, top + _PADDING)
        page.canvas.fill(left, top + height - THIN, edges[-1], THIN, RULE)

    return Strip(height, draw)
