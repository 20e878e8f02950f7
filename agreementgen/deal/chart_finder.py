"""Finds a RACI chart in a sheet by where its letters stand: in any corner, with titles, legends and counts around it.

The row of heads is the one below which the most letters stand under heads; what else stands in the rows between it and
the letters, or right above it, says whose the roles are. What belongs to no chart is passed over.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from agreementgen.core.problems import InputError, Place, Problem, collapse_spaces, quote_text
from agreementgen.deal.chart_marks import LegendEntry, MarkReader, find_legend_entries, means_something
from agreementgen.deal.deal import MAX_ROLES, MAX_TASKS, OPEN
from agreementgen.deal.matrix_builder import (
    DUE_HEADS,
    HEADS_OF_COLUMNS,
    NUMBER_HEADS,
    PARTY_LABELS,
    PERSON_LABELS,
    PHASE_HEADS,
    RESPONSIBILITY_HEADS,
    TASK_HEADS,
)
from agreementgen.sheets.cells import Cell, CellTable, place_of_cell

# A column with such a head is for people: it is no role, whatever stands in it.
_NOTE_HEADS = re.compile(
    r"(?:.* )?(?:notes?|remarks?|comments?|status|rag|outputs?|inputs?|id|ref|reference|wbs|priority|start|end|finish|"
    r"dates?|duration|effort|hours|days|budget|cost|costs|description|details?|links?|url|version|frequency|updated|"
    r"document|documents|tools?|system|risk|risks|done|complete|completed|progress|bemerkungen?|anmerkungen?|kommentare?|"
    r"hinweise?|datum|termin|ergebnis|remarques?|commentaires?|statut|notas?|observaciones|comentarios|estado|fecha)"
    r"(?: \(.*\))?",
)
_PHASE_WORDS = re.compile(
    r"phase|stage|workstream|category|area|section|process group|module|kategorie|bereich|étape|fase"
)
_TASK_WORDS = re.compile(
    r"task|activit|deliverable|step|process|what|work|function|action|decision|item|milestone|responsib|aufgabe|"
    r"tätigkeit|aktivität|arbeitspaket|schritt|tâche|activité|livrable|tarea|actividad|entregable"
)
_NOTE = re.compile(r"\s*(?:\(.*\)|\[.*\]|#.+)\s*", re.DOTALL)
_NUMBERING = re.compile(r"[0-9]{1,3}(?:[.)][0-9]*)*|[A-Z]?[0-9]{1,4}|[A-Z]{1,5}-?[0-9]{1,4}")
_COUNT = re.compile(r"[0-9]+(?:[.,][0-9]+)?%?")
_HEADING = re.compile(
    r"(?:phase|stage|step|week|month|quarter|year|sprint|part|section|workstream|étape|fase|woche|every|each|before|after|"
    r"during|at the|once|daily|weekly|monthly|quarterly|yearly|annually|pre|post)\b.*|.*:|[0-9]+\. .*|[IVX]+\. .*",
    re.IGNORECASE | re.DOTALL,
)
_GIVERS = ("contributor", "contributors")
_DOER_HEADS = (
    "assignee", "assigned to", "assignees", "resource names", "resource", "doer", "done by", "performed by", "driver",
    "who does it", "who does the work", "who acts",
)  # fmt: skip
_ROW_HEADS = (
    "raci", "raci role", "raci letter", "raci code", "letter", "role type", "type of role", "involvement", "assignment",
    "raci assignment", "raci value", "responsibility type",
)  # fmt: skip
_RULE = re.compile(r":?-{2,}:?")
# What a sheet with a chart may hold; the largest public one has some 2,000 cells.
_MAX_CELLS, _MAX_LETTERS = 15_000, 250_000
_WHO = re.compile(r"role|who|stakeholder|person|party|team|name|rolle|rôle|rol\b", re.IGNORECASE)
_TICK = re.compile(r"[xX]{1,2}|[^\w\s]{1,2}|yes|ja|oui|sí", re.IGNORECASE)
_FOOTNOTE = re.compile(r"[*†‡§¹²³⁰-⁹(]|notes?\b|n\.b\.|remarks?\b|legend\b|(?:prepared|approved) by", re.IGNORECASE)
# Rows above the heads in which parties may stand.
_ROWS_ABOVE = 3
# Rows below the heads in which parties and people may stand.
_ROWS_BELOW = 3

Coordinates = tuple[int, int]


class CellGrid:
    """The cells of a sheet by row and column, from 1; what a merged area says stands in each of its cells."""

    def __init__(self, table: CellTable, name: str) -> None:
        self.title, self.name = table.title, name
        self.hidden_rows, self.hidden_columns = table.hidden_rows, table.hidden_columns
        self.cells: dict[Coordinates, Cell] = {}
        self.origins: dict[Coordinates, Coordinates] = {}
        self.is_turned = False
        # What the cells say in one line.
        self.texts: dict[Coordinates, str] = {}
        for cells in table.rows:
            for cell in cells:
                if text := collapse_spaces(cell.text):
                    at = (cell.place.line, cell.place.column)
                    self.cells[at], self.texts[at] = cell, text
        self.last_row = max((row for row, _ in self.cells), default=0)
        self.last_column = max((column for _, column in self.cells), default=0)
        for area in table.merged:
            first = self.cells.get((area.first_row, area.first_column))
            if first is None:
                continue
            for row in range(area.first_row, min(area.last_row, self.last_row) + 1):
                for column in range(area.first_column, min(area.last_column, self.last_column) + 1):
                    if (row, column) not in self.cells:
                        place = place_of_cell(name, row, column)
                        self.cells[row, column] = Cell(first.text, place, first.kind, first.problem)
                        self.texts[row, column] = collapse_spaces(first.text)
                        self.origins[row, column] = (area.first_row, area.first_column)
        self.rows = sorted({row for row, _ in self.cells})

    def text(self, row: int, column: int) -> str:
        return self.texts.get((row, column), "")

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell, an empty one where the sheet has none."""
        row_there, column_there = (column, row) if self.is_turned else (row, column)
        return self.cells.get((row, column)) or Cell("", place_of_cell(self.name, row_there, max(column_there, 1)))

    def columns_in(self, row: int) -> list[int]:
        return [column for column in range(1, self.last_column + 1) if (row, column) in self.cells]

    def is_one_cell(self, row: int) -> bool:
        """Return whether all that a row shows is one merged cell: a title or a heading."""
        columns = self.columns_in(row)
        return len(columns) > 1 and len({self.origins.get((row, column), (row, column)) for column in columns}) == 1

    def turn(self) -> None:
        """Make rows of the columns, and columns of the rows."""
        self.cells = {(column, row): cell for (row, column), cell in self.cells.items()}
        self.texts = {at[::-1]: text for at, text in self.texts.items()}
        self.origins = {at[::-1]: origin[::-1] for at, origin in self.origins.items()}
        self.last_row, self.last_column = self.last_column, self.last_row
        self.hidden_rows, self.hidden_columns = self.hidden_columns, self.hidden_rows
        self.rows = sorted({row for row, _ in self.cells})
        self.is_turned = not self.is_turned

    def is_merged_with(self, row: int, column: int, other: int) -> bool:
        """Return whether two cells of a row are one."""
        return self.origins.get((row, column), (row, column)) == self.origins.get((row, other), (row, other))


@dataclass
class FoundChart:
    """Where the parts of a chart stand in `grid`: rows and columns by number, None for what it has not.

    `zone` are all rows between titles and letters: the heads, and `labels` below them; `above` are rows over the heads
    in which parties may stand. `long` are the columns of a chart in the long form by their letters: their cells name
    who holds the letter, or tick it for the role in the column `who`. `sections` are rows
    above tasks that name a phase beside the heads, or over them.
    """

    grid: CellGrid
    head: int
    score: int = 0
    roles: list[int] = field(default_factory=list)
    zone: tuple[int, ...] = ()
    heads: dict[int, str] = field(default_factory=dict)
    labels: list[int] = field(default_factory=list)
    above: list[int] = field(default_factory=list)
    body: list[int] = field(default_factory=list)
    task: int | None = None
    phase: int | None = None
    due: int | None = None
    responsibility: int | None = None
    number: int | None = None
    passed_columns: list[int] = field(default_factory=list)
    passed_rows: list[int] = field(default_factory=list)
    long: dict[int, str] = field(default_factory=dict)
    who: int | None = None
    sections: list[int] = field(default_factory=list)


def choose_sheets(tables: Sequence[CellTable], name: str, wanted: str) -> list[CellTable]:
    """Return the sheets to look at: `wanted`, or all ("") but those in brackets; raise InputError without `wanted`."""
    if not wanted:
        kept = [table for table in tables if not re.fullmatch(r"\s*\(.*\)\s*", table.title)]
        return list(kept or tables)
    found = [table for table in tables if table.title.casefold() == wanted.casefold()]
    if not found:
        titles = [table.title for table in tables if table.title]
        hint = "its sheets: " + ", ".join(f'"{title}"' for title in titles) if titles else "a CSV file has no sheets"
        message = f'there is no sheet "{quote_text(wanted)}" in the table'
        raise InputError(Problem(message, hint, "", Place(name), code="table-sheet-missing"))
    return found


def leave_out_large_sheets(tables: Sequence[CellTable], name: str) -> list[CellTable]:
    """Return the sheets that may be charts; raise InputError where each holds more than any chart does."""

    def is_large(table: CellTable) -> bool:
        texts = [cell.text for row in table.rows for cell in row if cell.text]
        return len(texts) > _MAX_CELLS or sum(map(len, texts)) > _MAX_LETTERS

    kept = [table for table in tables if not is_large(table)]
    if not kept:
        most = f"{_MAX_CELLS:,} cells or {_MAX_LETTERS:,} letters"
        message = f"the table holds more than {most}: no chart is so large"
        hint = f"a chart has at most {MAX_ROLES} roles and {MAX_TASKS} tasks; keep what is none elsewhere"
        raise InputError(Problem(message, hint, "", Place(name), code="file-too-large"))
    return kept


def find_legend(grid: CellGrid) -> tuple[list[LegendEntry], set[Coordinates]]:
    """Return the entries of legends in a sheet, and the cells they stand in."""
    entries: list[LegendEntry] = []
    places: set[Coordinates] = set()
    for (row, column), cell in grid.cells.items():
        if len(cell.text) < 2 and not any(len(grid.text(row, column + n)) > 3 for n in (1, 2)):
            continue
        text = grid.text(row, column)
        found = find_legend_entries(cell.text)
        if found:
            entries += found
            if text.lstrip("( ").startswith(found[0].mark):
                places.add((row, column))
        elif re.fullmatch(r"[^\W\d_]{1,2}", text.strip("()=:- ")):
            behind = next((c for c in (column + 1, column + 2) if grid.text(row, c)), 0)
            said = grid.text(row, behind).lstrip("=:–- ") if behind else ""
            is_explained = len(said) > 3 and means_something(said) and not find_legend_entries(said)
            if is_explained and not grid.origins.get((row, column)) and stands_apart(grid, row, column):
                entries.append(LegendEntry(text.strip("()=:- "), said))
                places |= {(row, column), (row, behind)}
    return entries, places


def stands_apart(grid: CellGrid, row: int, column: int) -> bool:
    """Return whether nothing stands left of a cell, in its row or right beside its column.

    A letter of the chart before a remark looks like an entry of a legend in two cells.
    """
    is_first = not any(grid.text(row, other) for other in range(1, column))
    return is_first or not any(grid.text(other, column - 1) for other in grid.rows)


class ChartFinder:
    """Finds the chart of one sheet, with the marks that `marks` reads; `is_bound` tells heads that name a party."""

    def __init__(
        self, grid: CellGrid, marks: MarkReader, legend: Collection[Coordinates], is_bound: Callable[[str], bool]
    ) -> None:
        self.grid, self.marks, self.legend, self.is_bound = grid, marks, legend, is_bound
        self.letters: set[Coordinates] = set()
        self.marked: set[Coordinates] = set()
        # The rows of the letters that count for finding the heads, by column, sorted.
        self.rows_of_letters: dict[int, list[int]] = {}
        # Marks that say nothing, and ticks.
        self.empty: set[Coordinates] = set()
        for at, cell in grid.cells.items():
            if at in legend:
                continue
            mark = marks.read(cell.text)
            if mark is not None and mark.letters not in ("", OPEN):
                self.letters.add(at)
            if (mark is not None and mark.letters in ("", OPEN)) or _TICK.fullmatch(collapse_spaces(cell.text)):
                self.empty.add(at)
            if mark is not None or at in self.empty or re.fullmatch(r"[A-Za-z]{1,2}", collapse_spaces(cell.text)):
                self.marked.add(at)

    def find(self) -> FoundChart | None:
        return self.find_rows_form() or self.find_long_form() or self.find_matrix()

    # -- a row for each letter: task, role, letter

    def find_rows_form(self) -> FoundChart | None:
        for row in self.grid.rows:
            heads = {column: self.grid.text(row, column).casefold() for column in self.grid.columns_in(row)}
            letter = next((column for column, head in heads.items() if head in _ROW_HEADS), None)
            who = next((column for column, head in heads.items() if column != letter and _WHO.search(head)), None)
            below = [r for r in self.grid.rows if r > row]
            filled = [r for r in below if letter is not None and self.grid.text(r, letter)]
            if letter is None or who is None or not filled or any(c != letter for _, c in self.letters):
                continue
            if all((r, letter) in self.marked for r in filled):
                found = FoundChart(self.grid, row, len(filled), body=below, long={letter: ""}, who=who)
                self.sort_long_columns(found, found.long)
                return found if found.task is not None else None
        return None

    # -- the matrix: a column for each role

    def find_matrix(self) -> FoundChart | None:
        # A chart of ticks only is one, too: reading it says what to write instead.
        letters = self.letters or self.marked
        self.rows_of_letters = _rows_by_column(letters)
        best, head = 0, 0
        for row in self.grid.rows:
            columns = self.columns_of_heads(row)
            score = self.count_below(row)
            if score and score >= best and len(columns) > 1:
                best, head = score, row
        if not head:
            return None
        zone = [row for row in self.grid.rows if row <= head and self.count_below(row) == best]
        found = FoundChart(self.grid, head, best)
        first_letters = min(r for r, c in letters if r > head)
        found.body = [row for row in self.grid.rows if row > head]
        lettered = sorted({c for r, c in letters if r > head})
        self.sort_zone(found, zone, lettered)
        self.sort_columns(found, lettered)
        self.sort_body(found, first_letters)
        return found if found.roles else None

    def columns_of_heads(self, row: int) -> list[int]:
        """Return the columns over which a row has what may be a head: no tick, no mark for nothing, no legend."""
        if self.grid.is_one_cell(row):
            return []
        return [c for c in self.grid.columns_in(row) if (row, c) not in self.legend and (row, c) not in self.empty]

    def count_below(self, row: int) -> int:
        """Return how many letters stand below the heads in a row."""
        columns = (self.rows_of_letters.get(column, []) for column in self.columns_of_heads(row))
        return sum(len(rows) - bisect_right(rows, row) for rows in columns)

    def sort_zone(self, found: FoundChart, zone: Sequence[int], lettered: Sequence[int]) -> None:
        """Find the row of heads among the rows above the letters, and those that say whose the roles are."""
        grid = self.grid
        labelled = [row for row in zone if self.label_of(row, lettered)]
        plain = [row for row in zone if row not in labelled] or list(zone)
        by_word = [
            row for row in plain if any(grid.text(row, c).casefold() in HEADS_OF_COLUMNS for c in grid.columns_in(row))
        ]

        def distinct(row: int) -> int:
            return len({grid.text(row, column).casefold() for column in lettered})

        most = max(map(distinct, plain))
        head = next(row for row in (*by_word, *plain) if distinct(row) == most)
        found.zone = tuple(zone)
        found.head = head
        found.labels = [row for row in zone if row > head]
        # The row of people may be empty, or have one name.
        for row in [row for row in grid.rows if row > head][:_ROWS_BELOW]:
            if row not in found.labels and self.label_of(row, lettered):
                found.labels.append(row)
        above = [row for row in grid.rows if row < head][-_ROWS_ABOVE:]
        found.passed_rows = [row for row in grid.rows if row < head]
        found.above = [row for row in reversed(above) if any(grid.text(row, column) for column in lettered)]

    def label_of(self, row: int, lettered: Sequence[int]) -> str:
        """Return which of the labels of parties and people stands in a row, "" where none does."""
        before = [self.grid.text(row, c).casefold().rstrip(":") for c in range(1, min(lettered))]
        return next((text for text in before if text in (*PARTY_LABELS, *PERSON_LABELS)), "")

    def sort_columns(self, found: FoundChart, lettered: Sequence[int]) -> None:
        """Find what each column is: by its head, and by what stands in it."""
        grid, head = self.grid, found.head
        last = max(grid.columns_in(head), default=0)
        heads = {column: self.head_text(found, column).casefold() for column in range(1, grid.last_column + 1)}
        rows = [row for row in found.body if any((row, column) in self.marked for column in lettered)]
        taken: set[int] = set()

        def take(words: Collection[str], among: Collection[int]) -> int | None:
            column = next((c for word in words for c in sorted(among) if heads[c] == word and c not in taken), None)
            taken.update(() if column is None else (column,))
            return column

        def is_role(column: int) -> bool:
            filled = [row for row in rows if grid.text(row, column)]
            marked = sum((row, column) in self.marked for row in filled)
            if _is_note(heads[column]) or heads[column] in HEADS_OF_COLUMNS:
                return False
            if filled and (self.is_bound(heads[column]) or self.is_labelled(found, column)):
                return True
            return column in lettered and marked * 2 >= len(filled)

        roles = [column for column in heads if is_role(column)]
        others = [column for column in heads if column not in roles]
        found.phase, found.due = take(PHASE_HEADS, others), take(DUE_HEADS, others)
        found.number = take(NUMBER_HEADS, others)
        found.task = take(TASK_HEADS, others)
        found.responsibility = take(RESPONSIBILITY_HEADS, others)
        if found.task is None:
            found.task = self.guess_task_column(found, rows, roles, [c for c in others if c not in taken])
            if found.task is None:
                found.task, found.responsibility = found.responsibility, None
            taken.add(found.task or 0)
        if found.phase is None:
            before = [c for c in others if c not in taken and c < (found.task or 0) and _PHASE_WORDS.search(heads[c])]
            found.phase = before[0] if before else None
            taken.update(before[:1])
        silent = [c for c in others if c not in taken and c <= last and heads[c] and not _is_note(heads[c])]
        bound = [c for c in silent if self.may_be_a_silent_role(found, rows, c)]
        found.roles = sorted([*roles, *bound])
        found.heads = {column: self.head_text(found, column) for column in heads}
        first = min((c for c in found.roles if heads[c]), default=0)
        found.roles = [c for c in found.roles if heads[c] or c > first]
        left = [c for c in others if c not in taken and c not in bound]
        found.passed_columns = [
            c for c in left if any(grid.text(r, c) for r in (head, *rows) if (r, c) not in self.legend)
        ]

    def head_text(self, found: FoundChart, column: int) -> str:
        """Return the head of a column; where heads take two rows, that of a task may stand in the upper one."""
        above = [row for row in found.zone if row < found.head]
        return next((text for row in (found.head, *above) if (text := self.grid.text(row, column))), "")

    def is_labelled(self, found: FoundChart, column: int) -> bool:
        """Return whether a row of parties or people names one for a column; its own label is none."""
        texts = [self.grid.text(row, column).casefold().rstrip(":") for row in found.labels]
        return any(text and text not in (*PARTY_LABELS, *PERSON_LABELS) for text in texts)

    def may_be_a_silent_role(self, found: FoundChart, rows: Sequence[int], column: int) -> bool:
        """Return whether a column without letters may be that of a role: a party or marks stand in it."""
        filled = [row for row in rows if self.grid.text(row, column)]
        is_labelled = self.is_labelled(found, column)
        return all((row, column) in self.marked for row in filled) and (is_labelled or not filled)

    def guess_task_column(
        self, found: FoundChart, rows: Sequence[int], roles: Sequence[int], among: Sequence[int]
    ) -> int | None:
        """Return the column of the tasks where no head says it: the one with the most different texts."""
        grid = self.grid
        left = [column for column in among if not roles or column < min(roles)]
        named = [c for c in left if _TASK_WORDS.search(grid.text(found.head, c).casefold())]

        def texts(column: int) -> set[str]:
            found_texts = {grid.text(row, column) for row in rows}
            return {text for text in found_texts if text and not _NUMBERING.fullmatch(text)}

        if found.responsibility is not None and not any(texts(c) for c in left):
            return None
        candidates = [c for c in named if texts(c)] or [c for c in left if texts(c)] or left
        candidates = [c for c in candidates if not _is_note(grid.text(found.head, c).casefold())] or candidates
        return max(candidates, key=lambda column: (len(texts(column)), -column), default=None)

    def sort_body(self, found: FoundChart, first: int) -> None:
        """Take off the rows that are not of the chart: counts, repeated heads, and what stands below it."""
        grid = self.grid
        kept: list[int] = []
        lettered = [row for row in found.body if self.is_lettered(found, row)]
        last = max(lettered, default=first)
        before = max((row for row in found.labels), default=found.head)
        for row in found.body:
            if row <= before:
                continue
            if self.repeats_heads(found, row):
                self.note_section(found, row)
                continue
            texts = [grid.text(row, column) for column in found.roles if grid.text(row, column)]
            is_count = bool(texts) and all(map(_COUNT.fullmatch, texts))
            is_footnote = _FOOTNOTE.match(grid.text(row, found.task or 1)) is not None
            is_below = row > last and (is_footnote or self.is_below_gap(row, last))
            is_rule = all(_RULE.fullmatch(grid.text(row, column)) for column in grid.columns_in(row))
            if is_count or is_below or is_rule or self.is_legend_row(row):
                found.passed_rows.append(row)
            elif found.task is None or any(
                grid.text(row, column) for column in (found.task, *found.roles, found.phase or found.task)
            ):
                kept.append(row)
        if found.sections and found.sections[0] > found.head and self.names_section(found, found.head):
            found.sections.insert(0, found.head)
        found.body = kept

    def is_lettered(self, found: FoundChart, row: int) -> bool:
        return any((row, column) in self.marked for column in found.roles) and not self.is_legend_row(row)

    def is_legend_row(self, row: int) -> bool:
        columns = self.grid.columns_in(row)
        at = [column for column in columns if (row, column) in self.legend]
        return bool(at) and at[0] == columns[0]

    def is_below_gap(self, row: int, last: int) -> bool:
        """Return whether an empty row stands between the chart and a row below it."""
        return any(between not in self.grid.rows for between in range(last + 1, row))

    def repeats_heads(self, found: FoundChart, row: int) -> bool:
        return all(self.grid.text(row, c) == self.grid.text(found.head, c) for c in found.roles)

    def note_section(self, found: FoundChart, row: int) -> None:
        """Note that the heads come again, below the name of a phase or with it: so the first ones may have one, too."""
        title = found.head - 1
        if self.names_section(found, row):
            found.sections.append(row)
        elif title in found.passed_rows and len(self.grid.columns_in(title)) == 1 and row - 1 in self.grid.rows:
            found.passed_rows.remove(title)
            found.sections.append(title)

    def names_section(self, found: FoundChart, row: int) -> bool:
        """Return whether a row of heads has the name of a phase over the tasks, and not "Task" or the like."""
        text = self.grid.text(row, found.task or 0).casefold()
        return bool(text) and text not in HEADS_OF_COLUMNS

    # -- the long form: a column for each letter

    def find_long_form(self) -> FoundChart | None:
        for row in self.grid.rows:
            letters = self.letters_of_heads(row)
            if len(letters) < 2 or not {"R", "A", "A/R"} & set(letters.values()):
                continue
            if any(r < row for r, _ in self.letters):
                return None
            below = [r for r in self.grid.rows if r > row and not self.grid.is_one_cell(r)]
            filled = [(r, c) for r in below for c in letters if self.grid.text(r, c)]
            names = [at for at in filled if at not in self.marked and at not in self.legend]
            ticks = [at for at in filled if at in self.empty and self.marks.read(self.grid.text(*at)) is None]
            is_ticked = len(letters) > 2 and len(ticks) * 2 > len(filled)
            if not is_ticked and len(names) * 2 <= len(filled):
                continue
            found = FoundChart(self.grid, row, len(names) or len(ticks), body=below, long=letters)
            if is_ticked:
                heads = {self.grid.text(row, c).casefold(): c for c in self.grid.columns_in(row) if c not in letters}
                found.who = next((heads[head] for head in heads if _WHO.search(head)), None)
                if found.who is None:
                    continue
            self.sort_long_columns(found, letters)
            return found if found.task is not None else None
        return None

    def letters_of_heads(self, row: int) -> dict[int, str]:
        """Return the letters that heads of a row mean, by column; {} where one stands twice."""
        found: dict[int, str] = {}
        for column in self.grid.columns_in(row):
            text = self.grid.text(row, column)
            mark = self.marks.read_phrase(re.sub(r"\(.*?\)", "", text)) or self.marks.read_part(text.strip("(). "))
            with_letter = re.fullmatch(r"(.+?)\s*\(?\b[RACI]\)?", text)
            letter = mark or (self.marks.read_phrase(with_letter[1]) if with_letter else "")
            is_task = text.casefold() in (*RESPONSIBILITY_HEADS, *TASK_HEADS)
            if letter in ("R", "A", "C", "I", "AR", "RA") and not is_task:
                if letter in found.values():
                    return {}
                found[column] = "A/R" if len(letter) == 2 else letter
        if found and not {"R", "A/R"} & set(found.values()):
            # Programs for projects have a column of their own for whoever does a task.
            doer = [c for c in self.grid.columns_in(row) if self.grid.text(row, c).casefold() in _DOER_HEADS]
            found |= dict.fromkeys(doer[:1], "R")
            if doer and "C" not in found.values():
                found |= {c: "C" for c in self.grid.columns_in(row) if self.grid.text(row, c).casefold() in _GIVERS}
        return found

    def sort_long_columns(self, found: FoundChart, letters: dict[int, str]) -> None:
        grid = self.grid
        heads = {column: grid.text(found.head, column).casefold() for column in range(1, grid.last_column + 1)}
        others = [column for column in heads if column not in letters and column != found.who]
        gap = next((row for row in range(found.head + 1, grid.last_row + 2) if row not in grid.rows), grid.last_row + 1)
        body = [row for row in found.body if any(grid.text(row, c) for c in letters) and not self.is_legend_row(row)]
        for key, words in (("phase", PHASE_HEADS), ("due", DUE_HEADS), ("number", NUMBER_HEADS), ("task", TASK_HEADS)):
            column = next((c for c in others if heads[c] in words), None)
            setattr(found, key, column)
            others = [c for c in others if c != column]
        if found.task is None:
            found.task = self.guess_task_column(found, body, list(letters), others)
            others = [c for c in others if c != found.task]
        found.heads = {column: grid.text(found.head, column) for column in heads}
        found.passed_columns = [c for c in others if heads[c]]
        found.passed_rows = [row for row in found.body if row > max(body, default=gap)]
        found.body = [row for row in body if found.who or grid.text(row, found.task or 0)]


def _rows_by_column(places: Collection[Coordinates]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row, column in sorted(places):
        found.setdefault(column, []).append(row)
    return found


def _is_note(head: str) -> bool:
    return bool(_NOTE_HEADS.fullmatch(head) or _NOTE.fullmatch(head))


def looks_like_heading(text: str) -> bool:
    """Return whether a row that says only this is a heading, by its words."""
    letters = [char for char in text if char.isalpha()]
    return bool(_HEADING.fullmatch(text)) or (len(letters) > 3 and text.isupper())
