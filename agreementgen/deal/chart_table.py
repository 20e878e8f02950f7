"""Reads a RACI chart from the sheets of a table: finds it, binds its roles to parties, and reads its tasks.

The party and the person of a role stand below or above its name in rows of their own ("Party", "Person"), in its head
("Account lead (Northshore: Dana Reyes)"), or beside the name of the table in the deal file. What is not read is said
once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from agreementgen.core.problems import InputError, Place, Problem, collapse_spaces, find_nearest, quote_text
from agreementgen.core.values import Unreadable, read_date
from agreementgen.deal.chart_finder import (
    CellGrid,
    ChartFinder,
    Coordinates,
    choose_sheets,
    find_legend,
    leave_out_large_sheets,
    looks_like_heading,
)
from agreementgen.deal.chart_marks import LegendEntry, MarkReader, read_legend, read_verantwortlich
from agreementgen.deal.deal import MAX_ROLES, MAX_TASKS, Matrix
from agreementgen.deal.matrix_builder import (
    HEADS_OF_COLUMNS,
    PARTY_LABELS,
    PERSON_LABELS,
    MatrixBuilder,
    PlacedEntry,
    RoleText,
    TaskText,
)
from agreementgen.deal.party_names import BoundName, PartyNames, fold_name
from agreementgen.sheets.cells import Cell, CellTable, column_letters

_ADDRESS_BEHIND = re.compile(r"\s*\((?:https?|mailto):[^()\s]*\)")
_NAME_DIVIDERS = re.compile(r"\s*(?:[,;/\n&+]|\band\b|\bund\b)\s*", re.IGNORECASE)
_LOOKS_LIKE_A_DAY = re.compile(
    r"[0-9]+[./-][0-9]+|[0-9]{4}|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.I
)
_WORDS_OF_EVERYBODY = "all,all parties,all others,everyone,everybody,both,both parties,alle,tous"
_EVERYBODY = frozenset(_WORDS_OF_EVERYBODY.split(","))
# A sheet that holds fewer letters than this part of those of the largest chart is an example or a legend.
_LEAST_SHARE = 0.25


class TableMatrix:
    """Reads the chart of a table, on the sheet `wanted` ("" for wherever it is).

    `given` are what the deal file says of roles, and `meanings` what it says of marks. Raises InputError where there is
    no chart at all.
    """

    def __init__(
        self,
        tables: Sequence[CellTable],
        name: str,
        wanted: str,
        given: Sequence[RoleText],
        meanings: Mapping[str, str],
        builder: MatrixBuilder,
    ) -> None:
        self.tables, self.name, self.builder, self.given = tables, name, builder, given
        self.names = PartyNames(builder.context.parties)
        self.used_roles: set[int] = set()
        self.guessed: list[str] = []
        # The heads of roles by column, as the roles are called.
        self.role_names: dict[int, str] = {}
        # Names in the cells of the long form, as they are compared, and the roles they mean.
        self.long_names: dict[str, str] = {}
        # Rows of tasks without a letter.
        self.forgotten: list[int] = []
        grids = [CellGrid(table, name) for table in leave_out_large_sheets(choose_sheets(tables, name, wanted), name)]
        legends = [find_legend(grid) for grid in grids]
        entries: list[LegendEntry] = [entry for found, _ in legends for entry in found]
        own, self.unclear = read_legend(entry for entry in entries if entry.mark.casefold() not in meanings)
        own = read_verantwortlich(text for grid in grids for text in set(grid.texts.values())) | own
        builder.marks = MarkReader({**own, **meanings}, self.unclear)
        charts = [
            found
            for grid, (_, places) in zip(grids, legends, strict=True)
            if (found := ChartFinder(grid, builder.marks, places, self.is_bound).find())
        ]
        if not charts:
            raise InputError(self.no_chart_problem(grids))
        most = max(chart.score for chart in charts)
        self.charts = [chart for chart in charts if chart.score >= most * _LEAST_SHARE]
        self.chart = self.charts[0]
        self.grid = self.chart.grid
        self.turn_if_roles_stand_below_each_other(dict(zip(map(id, grids), legends, strict=True))[id(self.grid)][1])

    def turn_if_roles_stand_below_each_other(self, legend: set[Coordinates]) -> None:
        """Read a chart whose roles are its rows and whose tasks are its columns as the usual one."""
        chart = self.chart
        texts = [self.grid.text(row, chart.task or 0) for row in chart.body]
        are_parties = all(self.names.read_head(text).party for text in texts)
        if chart.long or not are_parties or self.binds_heads(chart.roles) or chart.labels:
            return
        self.grid.turn()
        found = ChartFinder(self.grid, self.builder.marks, {at[::-1] for at in legend}, self.is_bound).find()
        if found is None:
            self.grid.turn()
        else:
            self.chart = self.charts[0] = found

    def no_chart_problem(self, grids: Sequence[CellGrid]) -> Problem:
        where = "this table"
        if len(grids) > 1:
            where = "the sheets " + ", ".join(f'"{grid.title}"' for grid in grids)
        hint = 'a row says "Task" and names the roles, and each row below is a task with its letters'
        return Problem(f"there is no RACI chart in {where}", hint, "", Place(self.name), code="raci-no-chart")

    def read(self) -> Matrix:
        start = self.grid.cell(self.chart.head, min(self.grid.columns_in(self.chart.head), default=1)).place
        self.refuse_charts_side_by_side()
        doubts = list(dict.fromkeys(problem for problem in self.each_doubt() if problem))
        if doubts:
            raise InputError(doubts)
        roles = self.builder.add_roles(self.each_long_role() if self.chart.long else self.each_role(), start)
        # Some more than there may be, so that a message counts them.
        texts = list(islice(self.each_long_task() if self.chart.long else self.each_task(), 3 * MAX_TASKS))
        self.builder.report_unbound_together(self.name)
        tasks = self.builder.read_tasks(texts, start)
        self.builder.report_marks(self.unclear)
        self.report_unknown_given()
        self.report_passed_over()
        return Matrix(roles, tasks, start)

    def refuse_charts_side_by_side(self) -> None:
        """Raise InputError where the heads of tasks and roles stand twice in one row."""
        chart = self.chart
        after = [c for c in chart.passed_columns if c > min(chart.roles, default=c)]
        again = next((c for c in after if chart.heads[c] and chart.heads[c] == chart.heads.get(chart.task or 0)), None)
        if again is not None:
            message = "a second chart stands beside the first one"
            hint = "put it below the first one, or on a sheet of its own"
            place = self.grid.cell(chart.head, again).place
            raise InputError(Problem(message, hint, "", place, code="raci-no-chart"))

    def each_doubt(self) -> Iterator[Problem | None]:
        """Yield what makes cells of the chart doubtful; what stands beside it may be as it likes."""
        chart = self.chart
        columns = [*chart.roles, *chart.long, chart.task, chart.phase, chart.due, chart.responsibility]
        for row in (chart.head, *chart.labels, *chart.body):
            for column in columns:
                if column is not None:
                    yield self.grid.cell(row, column).problem

    # -- roles

    def each_role(self) -> Iterator[RoleText]:
        parties, people = self.label_rows()
        texts = [self.role_of_column(column, parties, people) for column in self.chart.roles]
        for n, column in enumerate(self.chart.roles):
            text = texts[n]
            is_silent = not any(self.grid.text(row, column) for row in self.chart.body)
            if text and is_silent and not self.names.find_party(text.party.text):
                texts[n] = None
                self.chart.passed_columns.append(column)
        named = [text for text in texts if text]
        counts = [text.name.text.casefold() for text in named]
        for column, text in zip(self.chart.roles, texts, strict=True):
            if text is None:
                continue
            same = [other for other in named if other.name.text.casefold() == text.name.text.casefold()]
            if counts.count(text.name.text.casefold()) > 1 and len({other.party.text for other in same}) == len(same):
                # Each party has its own manager.
                text = replace(text, name=replace(text.name, text=f"{text.name.text} ({text.party.text})"))
            self.role_names[column] = collapse_spaces(text.name.text)
            yield text

    def label_rows(self) -> tuple[dict[int, Cell], dict[int, Cell]]:
        """Return the cells of the row of parties and of the row of people, by column."""
        chart, grid = self.chart, self.grid
        parties: dict[int, Cell] = {}
        people: dict[int, Cell] = {}
        unnamed: list[dict[int, Cell]] = []
        for row in chart.labels:
            cells = {column: grid.cell(row, column) for column in chart.roles}
            before = [column for column in grid.columns_in(row) if column < min(chart.roles)]
            label = grid.text(row, before[-1]).casefold().rstrip(":") if before else ""
            if label in PARTY_LABELS and not parties:
                parties = cells
            elif label in PERSON_LABELS and not people and not self.names_parties(cells):
                people = cells
            else:
                unnamed.append(cells)
        for cells in unnamed:
            if not parties and (self.names_parties(cells) or not self.binds_heads(chart.roles)):
                parties = cells
            elif not people:
                people = cells
        for row in chart.above:
            cells = self.fill_across(row)
            if not parties and self.names_parties(cells) and self.is_row_of_parties(row):
                parties = cells
                chart.passed_rows.remove(row)
        return parties, people

    def is_row_of_parties(self, row: int) -> bool:
        """Return whether a row above the heads says whose roles they are, and not who wrote it ("Owner: ...")."""
        before = [self.grid.text(row, column) for column in range(1, min(self.chart.roles))]
        labels = {text.casefold().rstrip(":") for text in before if text}
        return labels <= {*PARTY_LABELS, *HEADS_OF_COLUMNS}

    def fill_across(self, row: int) -> dict[int, Cell]:
        """Return the cells of a row above the heads: a name goes on to the right until the next one."""
        found: dict[int, Cell] = {}
        last = Cell("", self.grid.cell(row, 1).place)
        for column in range(1, max(self.chart.roles) + 1):
            last = self.grid.cells.get((row, column), last)
            if column in self.chart.roles:
                found[column] = last
        return found

    def names_parties(self, cells: Mapping[int, Cell]) -> bool:
        return any(self.names.split_party_and_person(cell.text)[0] for cell in cells.values() if cell.text)

    def binds_heads(self, columns: Sequence[int]) -> bool:
        """Return whether the heads or the deal file say whose the roles are."""
        heads = [self.grid.cell(self.chart.head, column).text for column in columns]
        return any(self.names.read_head(head).party or self.find_given(head) is not None for head in heads if head)

    def role_of_column(self, column: int, parties: Mapping[int, Cell], people: Mapping[int, Cell]) -> RoleText | None:
        head = self.grid.cell(self.chart.head, column)
        if not collapse_spaces(head.text):
            message = f"column {column_letters(column)} has no role in its head"
            self.builder.add_matrix_problem("raci-no-role-name", message, "name the role", "roles", head.place)
            return None
        given = self.find_given(head.text)
        cell = parties.get(column)
        named = BoundName(collapse_spaces(head.text))
        place = head.place
        if cell is not None:
            place = cell.place
            party, said = self.names.split_party_and_person(cell.text)
            if people:
                party, said = self.names.find_party(cell.text), ""
            named = BoundName(named.name, party or collapse_spaces(cell.text), said)
        if not named.party:
            named = self.names.read_head(head.text)
            place = head.place
        if given is None:
            given = self.find_given(named.name)
        if given is not None:
            self.check_given(given, named)
            name = collapse_spaces(head.text) if named.unknown else named.name
            said = collapse_spaces(given.party.text)
            bound = PlacedEntry(self.names.find_party(said) or said, given.party.place)
            if not said:
                bound = PlacedEntry(named.party, place)
            is_said = bool(given.person.text)
            return RoleText(_at(name, head), bound, given.person if is_said else PlacedEntry(named.person, place))
        if named.is_guess:
            self.guessed.append(f'"{quote_text(named.name)}" to {named.party}')
        below = people.get(column)
        if below is not None and below.text:
            person = _entry(below)
            if not named.party and (party := self.names.find_by_person(below.text)):
                named = replace(named, party=party, unknown="")
        else:
            person = PlacedEntry(named.person, place)
        return RoleText(_at(named.name, head), PlacedEntry(named.party or named.unknown, place), person)

    # -- what the deal file says beside the name of the table

    def is_bound(self, head: str) -> bool:
        """Return whether a head names a party, or a role of the deal file."""
        given = {fold_name(text.name.text) for text in self.given}
        return bool(head) and (fold_name(head) in given or bool(self.names.read_head(head).party))

    def find_given(self, head: str) -> RoleText | None:
        """Return what the deal file says of the role with that head."""
        folded = fold_name(head)
        found = next((n for n, text in enumerate(self.given) if fold_name(text.name.text) == folded), None)
        if found is None:
            return None
        self.used_roles.add(found)
        return self.given[found]

    def check_given(self, given: RoleText, named: BoundName) -> None:
        """Report that table and deal file bind a role to different parties."""
        party = self.names.find_party(given.party.text)
        if party and named.party and party != named.party and self.names.find_party(named.party):
            message = f'the table says {named.party}, and the deal file {party}, of the role "{quote_text(named.name)}"'
            path = f"roles.{quote_text(named.name)}"
            self.builder.add_matrix_problem("contradiction", message, "keep one of them", path, given.party.place)

    def report_unknown_given(self) -> None:
        heads = list(self.role_names.values())
        for number, text in enumerate(self.given):
            if number in self.used_roles:
                continue
            near = find_nearest(text.name.text[:200], heads)
            hint = f'did you mean "{near}"?' if near else "its roles: " + ", ".join(f'"{head}"' for head in heads)
            message = f'there is no role "{quote_text(text.name.text)}" in the table'
            self.builder.add_matrix_problem(
                "raci-unknown-role", message, hint, f"roles.{quote_text(text.name.text)}", text.name.place
            )

    # -- tasks

    def each_task(self) -> Iterator[TaskText]:
        chart, grid = self.chart, self.grid
        letterless = {row for row in chart.body if self.is_letterless(row)}
        headings = {row for row in letterless if self.is_heading(row, letterless)}
        phases = self.phases_by_row()
        heading: PlacedEntry | None = None
        sections = sorted(chart.sections)
        for row in chart.body:
            while sections and sections[0] < row:
                section = sections.pop(0)
                columns = grid.columns_in(section)
                cell = grid.cell(section, chart.task if chart.task in columns else columns[0])
                heading = PlacedEntry(collapse_spaces(cell.text).rstrip(": "), cell.place)
            name = grid.cell(row, chart.task or 0)
            if row in headings:
                # Its number stands in a column of its own, before it.
                text = grid.text(row, chart.task or 0) or next((grid.text(row, c) for c in grid.columns_in(row)), "")
                heading = PlacedEntry(text.rstrip(": "), name.place)
                continue
            if row in letterless:
                continue
            if not collapse_spaces(name.text):
                message, hint = "this row names no task", "name it, or delete the row"
                self.builder.add_matrix_problem("raci-no-task-name", message, hint, "tasks", name.place)
                continue
            yield TaskText(
                PlacedEntry(name.text, name.place),
                tuple(self.each_letter(row)),
                self.due_entry(row),
                phases.get(row) if chart.phase is not None else heading,
                tuple(self.each_responsibility(row)),
            )
        self.forgotten = [row for row in chart.body if row in letterless - headings]

    def is_letterless(self, row: int) -> bool:
        chart, grid = self.chart, self.grid
        if any(chart.task and grid.is_merged_with(row, chart.task, column) for column in chart.roles):
            return True
        return not any(grid.text(row, column) for column in chart.roles)

    def is_heading(self, row: int, letterless: set[int]) -> bool:
        """Return whether a row without letters is a heading, and no task whose letters were forgotten."""
        chart, grid = self.chart, self.grid
        place = chart.body.index(row)
        behind = chart.body[place + 1 :]
        task = chart.task or 0
        if not behind or (chart.phase is not None and not grid.is_merged_with(row, task, chart.roles[0])):
            return not behind and not grid.text(row, task)
        name = grid.text(row, task)
        if not name or grid.is_merged_with(row, task, chart.roles[0]) or looks_like_heading(name):
            return True
        numbers = [other for other in chart.body if other not in letterless and chart.number]
        if numbers and not grid.text(row, chart.number or 0) and all(grid.text(n, chart.number or 0) for n in numbers):
            return True
        number = re.match(r"([0-9]+)[.)]? ", name)
        if number and re.match(rf"{number[1]}\.[0-9]", grid.text(behind[0], task)):
            return True
        # Charts with headings begin with one.
        return chart.body[0] in letterless and behind[0] not in letterless

    def phases_by_row(self) -> dict[int, PlacedEntry]:
        """Return the phases; one that stands only in the first of its rows goes on until the next one."""
        chart, grid = self.chart, self.grid
        if chart.phase is None:
            return {}
        cells = {row: grid.cell(row, chart.phase) for row in chart.body}
        texts = [collapse_spaces(cell.text) for cell in cells.values() if collapse_spaces(cell.text)]
        goes_on = len(set(texts)) == len(texts) and not chart.labels
        found: dict[int, PlacedEntry] = {}
        last = PlacedEntry("", Place(self.name))
        for row, cell in cells.items():
            if collapse_spaces(cell.text) or not goes_on:
                last = PlacedEntry(cell.text, cell.place)
            found[row] = last
        return found

    def each_letter(self, row: int) -> Iterator[tuple[PlacedEntry, PlacedEntry]]:
        for column, name in self.role_names.items():
            cell = self.grid.cell(row, column)
            if collapse_spaces(cell.text) and name in self.builder.roles:
                yield PlacedEntry(name, self.grid.cell(self.chart.head, column).place), _entry(cell)

    def due_entry(self, row: int) -> PlacedEntry | None:
        """Return the day of a task; None where the column holds several texts, and no day ("Week 2", "ongoing")."""
        column = self.chart.due
        if column is None:
            return None
        if not any(self.grid.text(row, column) for row in self.chart.body):
            return None
        if self.holds_days(column):
            return _entry(self.grid.cell(row, column))
        if column not in self.chart.passed_columns:
            self.chart.passed_columns.append(column)
        return None

    def holds_days(self, column: int) -> bool:
        texts = [self.grid.text(row, column) for row in self.chart.body if self.grid.text(row, column)]
        return len(texts) == 1 or any(_is_day(text) or _LOOKS_LIKE_A_DAY.search(text) for text in texts)

    def each_responsibility(self, row: int) -> Iterator[PlacedEntry]:
        column = self.chart.responsibility
        if column is None or not self.grid.text(row, column):
            return
        if not self.names_responsibilities(column):
            if column not in self.chart.passed_columns:
                self.chart.passed_columns.append(column)
            return
        cell = self.grid.cell(row, column)
        for line in cell.text.split("\n"):
            # "; " is how people write several in one line, unless a responsibility has it itself.
            texts = [line] if self.builder.is_responsibility(line) else line.split("; ")
            yield from (PlacedEntry(text, cell.place) for text in texts if collapse_spaces(text))

    def names_responsibilities(self, column: int) -> bool:
        """Return whether a column named so speaks of the agreement's responsibilities, at least in part."""
        known = [responsibility.text for responsibility in self.builder.context.responsibilities]
        lines = [
            line
            for row in self.chart.body
            for text in self.grid.cell(row, column).text.split("\n")
            for line in (text, *text.split("; "))
        ]
        return any(self.builder.is_responsibility(line) or find_nearest(line[:200], known) for line in lines if line)

    # -- the long form: a column for each letter, names in its cells

    def names_in(self, cell: Cell) -> list[str]:
        """Return the names in a cell; one that a party or person has as a whole is not taken apart."""
        # Pages that are exported have the address of whoever is named behind the name.
        text = _ADDRESS_BEHIND.sub("", cell.text)
        whole = collapse_spaces(text)
        mark = self.builder.marks.read(whole)
        if self.chart.who is not None:
            row = cell.place.column if self.grid.is_turned else cell.place.line
            return [self.grid.text(row, self.chart.who)] if whole and (mark is None or mark.letters) else []
        if not whole or (mark is not None and not mark.letters):
            return []
        if self.names.find_party(whole) or self.names.find_by_person(whole):
            return [whole]
        return [name for part in _NAME_DIVIDERS.split(text) if (name := collapse_spaces(part))]

    def each_long_role(self) -> Iterator[RoleText]:
        seen = self.long_names
        for row in self.chart.body:
            for column in self.chart.long:
                cell = self.grid.cell(row, column)
                for whole in self.names_in(cell):
                    if fold_name(whole) in seen or self.means_all(whole):
                        continue
                    if len(seen) > 5 * MAX_ROLES:
                        return  # it is too many in any case
                    named = self.names.read_head(whole)
                    given = self.find_given(whole) or self.find_given(named.name)
                    seen[fold_name(whole)] = named.name
                    party = PlacedEntry(named.party or named.unknown, cell.place)
                    person = PlacedEntry(named.person, cell.place)
                    if given is not None:
                        self.check_given(given, named)
                        said = collapse_spaces(given.party.text)
                        party = PlacedEntry(self.names.find_party(said) or said, given.party.place)
                        person = given.person if given.person.text else person
                    yield RoleText(PlacedEntry(named.name, cell.place), party, person)

    def each_long_task(self) -> Iterator[TaskText]:
        chart, grid = self.chart, self.grid
        phases = self.phases_by_row()
        for rows in self.rows_by_task():
            name = grid.cell(rows[0], chart.task or 0)
            held: dict[str, tuple[set[str], Cell]] = {}
            for cell, letter in ((grid.cell(row, c), letter) for row in rows for c, letter in chart.long.items()):
                for whole in self.names_in(cell):
                    if self.means_all(whole):
                        continue
                    role = self.long_names.get(fold_name(whole), whole)
                    mark = None if letter else self.builder.marks.read(cell.text)
                    held.setdefault(role, (set(), cell))[0].update((mark.letters if mark else letter).split("/"))
            self.give_to_all(rows, held)
            if not held:
                self.forgotten.append(rows[0])
                continue
            letters = [
                (PlacedEntry(role, cell.place), PlacedEntry("/".join(sorted(found)), cell.place))
                for role, (found, cell) in held.items()
            ]
            yield TaskText(_entry(name), tuple(letters), self.due_entry(rows[0]), phases.get(rows[0]))

    def means_all(self, name: str) -> bool:
        """Return whether a cell names everybody instead of a role."""
        return fold_name(name) in _EVERYBODY and self.find_given(name) is None

    def give_to_all(self, rows: Sequence[int], held: dict[str, tuple[set[str], Cell]]) -> None:
        """Give the letter of a cell that says "all" to each role that has none in the task; but only one approves."""
        cells = [(self.grid.cell(row, c), letter) for row in rows for c, letter in self.chart.long.items()]
        for cell, letter in cells:
            if letter in ("R", "C", "I") and any(map(self.means_all, self.names_in(cell))):
                for role in self.long_names.values():
                    held.setdefault(role, ({letter}, cell))

    def rows_by_task(self) -> list[list[int]]:
        """Return the rows of the body; those of one task together, where each is that of one of its roles."""
        groups: list[list[int]] = []
        for row in self.chart.body:
            name = self.grid.text(row, self.chart.task or 0)
            same = groups if "" in self.chart.long.values() else groups[-1:]
            found = next((group for group in same if self.grid.text(group[0], self.chart.task or 0) == name), None)
            if self.chart.who is not None and groups and (found or not name):
                (found or groups[-1]).append(row)
            else:
                groups.append([row])
        return groups

    # -- what was not read

    def report_passed_over(self) -> None:
        grid, chart = self.grid, self.chart
        if self.forgotten:
            texts = {row: quote_text(grid.text(row, chart.task or 0)) for row in self.forgotten}
            shown = ", ".join(f'"{text}" (row {row})' for row, text in texts.items())
            message = f"no letter stands beside {quote_text(shown, 200)}: left out"
            hint = 'give it letters; or, where it is a heading over tasks, write a colon behind it, as in "Planning:"'
            place = grid.cell(self.forgotten[0], chart.task or 0).place
            self.builder.add_matrix_problem("raci-no-letters", message, hint, "tasks", place, "W")
        if self.guessed:
            message = "roles are bound by the name of a party in their heads: " + ", ".join(self.guessed)
            hint = 'where that is wrong, say whose they are below "roles:" in the deal file'
            place = grid.cell(chart.head, chart.roles[0]).place
            self.builder.add_matrix_problem("raci-mark-read", message, hint, "roles", place, "N")
        hidden = list(self.describe_hidden())
        if hidden:
            message = f"hidden in the sheet, and read all the same: {', '.join(hidden)}"
            hint = "show it and look, or delete it"
            self.builder.add_matrix_problem("table-hidden", message, hint, "table", Place(self.name), "W")
        for other in self.charts[1:]:
            message = f'the chart on the sheet "{other.grid.title}" is not read, only that on "{grid.title}"'
            hint = f'to take the other one, write "table: {self.name}#{other.grid.title}"'
            self.builder.add_matrix_problem("table-sheet-unread", message, hint, "table", Place(self.name), "W")
        parts = list(self.describe_passed())
        if parts:
            message = "not part of the chart, and passed over: " + "; ".join(parts)
            place = grid.cell(chart.head, min(grid.columns_in(chart.head), default=1)).place
            hint = "look whether one of them is a role or a task"
            self.builder.add_matrix_problem("raci-passed-over", message, hint, "table", place, "N")

    def describe_hidden(self) -> Iterator[str]:
        rows = [row for row in self.chart.body if row in self.grid.hidden_rows]
        columns = [column for column in self.chart.roles if column in self.grid.hidden_columns]
        yield from (f"row {row}" for row in rows)
        yield from (f"column {column_letters(column)}" for column in columns)

    def describe_passed(self) -> Iterator[str]:
        chart = self.chart
        heads = {column: chart.heads.get(column, "") for column in sorted(chart.passed_columns)}
        columns = [
            f'"{quote_text(head, 30)}" ({column_letters(column)})' if head else column_letters(column)
            for column, head in heads.items()
        ]
        if columns:
            yield f"column{'s' if len(columns) > 1 else ''} {', '.join(columns)}"
        if chart.passed_rows:
            yield f"row{'s' if len(chart.passed_rows) > 1 else ''} {_name_rows(sorted(chart.passed_rows))}"
        titles = [other.grid.title for other in self.charts]
        others = [table.title for table in self.tables if table.title and table.title not in titles]
        if others:
            yield f"sheet{'s' if len(others) > 1 else ''} " + ", ".join(f'"{title}"' for title in others)


def _entry(cell: Cell) -> PlacedEntry:
    return PlacedEntry(cell.text, cell.place)


def _at(text: str, cell: Cell) -> PlacedEntry:
    return PlacedEntry(text, cell.place)


def _is_day(text: str) -> bool:
    try:
        read_date(text)
    except Unreadable:
        return False
    return True


def _name_rows(rows: Sequence[int]) -> str:
    """Return "8, 10 to 12"."""
    groups: list[list[int]] = []
    for row in rows:
        if groups and row == groups[-1][-1] + 1:
            groups[-1].append(row)
        else:
            groups.append([row])
    return ", ".join(str(group[0]) if len(group) == 1 else f"{group[0]} to {group[-1]}" for group in groups)
