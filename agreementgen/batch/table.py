"""A table over a base deal: its columns are facts, its rows partners. Every doubt is a problem with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from agreementgen.batch.addresses import joined, short_code
from agreementgen.batch.heads import Heads, is_note, plain
from agreementgen.batch.kinds import trouble
from agreementgen.batch.partners import Partners
from agreementgen.batch.rows import Address, Path, Row
from agreementgen.deal.characters import collapse, shown
from agreementgen.deal.reading import Form
from agreementgen.deal.yamlfile import YamlText
from agreementgen.errors import InputError, Place, Problem
from agreementgen.library.library import Library
from agreementgen.sheets.cells import Cell, Table, column, place

# In a column that is headed so: this row is no partner.
SKIP = "#"
# Titles above the head row are few.
_TITLES = 10
_SHOW = "show it and look, or delete it"
_TOTAL = re.compile(r"(?:grand |sub ?)?(?:totals?|sum|count|number of partners)\b.*", re.IGNORECASE)


def rows_of(table: Table, name: str, base: YamlText, form: Form, library: Library) -> list[Row]:
    """Return the rows of a table over the deal `base`; raise InputError with every problem of its form."""
    return _Rows(name, base, form, library).rows(table)


class _Rows:
    def __init__(self, name: str, base: YamlText, form: Form, library: Library) -> None:
        self.name, self.base, self.form = name, base, form
        self.heads = Heads(library, form, base.root)
        self.problems: list[Problem] = []

    def problem(self, message: str, hint: str, place: Place, field: str = "") -> None:
        self.problems.append(Problem(message, hint, field, place))

    def rows(self, table: Table) -> list[Row]:
        filled = [row for row in table.rows if any(collapse(cell.text) for cell in row)]
        start = self.start(filled)
        head, body = joined(filled[start], filled[start + 1 :], self.heads)
        columns = dict(self.columns(head))
        skip = {n for n, cell in enumerate(head) if collapse(cell.text) == SKIP}
        plan = Partners(self.name, self.base, self.form, self.problems).plan(columns, head[0].place)
        found: list[Row] = []
        body = [cells for cells in body if not any(collapse(cells[n].text) == SKIP for n in skip if n < len(cells))]
        self.merged(table, [head, *body])
        for cells in body:
            wrong = list(self.headless(head, cells))
            texts = tuple(cells[n].text if n < len(cells) else "" for n in columns)
            if any(collapse(text) for text in texts):
                remarks = tuple(self.remarks(table, cells[0].place, columns, first=not found))
                problems = tuple(self.cells(cells, columns))
                found.append(Row(plan, cells[0].place.line, texts, remarks, problems, tuple(wrong)))
            else:
                self.problems += wrong  # it has cells without a head only, or notes
        found = list(self.named(found, body))
        if not found and not self.problems:
            self.problem("the table has no rows below its heads", "add a row for each partner", Place(self.name))
        if self.problems:
            raise InputError(self.problems)
        return found

    def start(self, rows: Sequence[Sequence[Cell]]) -> int:
        """Return the index of the row of heads: the first with a fact we know, else the first of several cells."""
        for index, row in enumerate(rows[:_TITLES]):
            if any(isinstance(self.heads.address(cell.text), Address) for cell in row if plain(cell.text)):
                return index
        several = (index for index, row in enumerate(rows) if sum(bool(collapse(cell.text)) for cell in row) > 1)
        if rows:
            return next(several, 0)
        hint = "its first row names facts, as in parties.2.name, and each row below is a partner"
        raise InputError(Problem("the table is empty", hint, "", Place(self.name)))

    # -- what the sheet makes of its cells

    def cells(self, cells: Sequence[Cell], columns: dict[int, Address]) -> Iterator[Problem]:
        """Yield what the spreadsheet has made of cells so that they cannot be the answers their columns ask for."""
        for n, address in columns.items():
            if n < len(cells) and collapse(cells[n].text):
                problem = trouble(cells[n], self.heads.asked[address.path], address.shown)
                if problem is None and address.path[-1] == "address":
                    problem = short_code(cells[n])
                if problem:
                    yield replace(problem, field=address.shown)

    def headless(self, head: Sequence[Cell], cells: Sequence[Cell]) -> Iterator[Problem]:
        """Yield what stands under no head, and that a row of CSV is shifted by a separator that belongs to a text."""
        strays = [
            (n, c) for n, c in enumerate(cells) if collapse(c.text) and (n >= len(head) or not head[n].text.strip())
        ]
        for n, cell in strays:
            hint = "name the fact in the first row, or empty the cell"
            if not self.name.lower().endswith(".xlsx") and n >= len(head):
                hint += "; where a text holds a comma or semicolon, put it in quotation marks"
            yield Problem(f'"{shown(cell.text)}" stands in a column without a head', hint, "", cell.place)
        if len(cells) > len(head) and not strays:
            message = f"this row has {len(cells)} cells, and the row of heads {len(head)}"
            hint = "put texts that hold a comma or semicolon in quotation marks, or delete the separators at its end"
            yield Problem(message, hint, "", cells[len(head)].place)

    def merged(self, table: Table, rows: Sequence[Sequence[Cell]]) -> None:
        used = {row[0].place.line for row in rows}
        for area in table.merged:
            if used.intersection(range(area.first_row, area.last_row + 1)):
                message = f"the cells {area.name} are merged: only the first of them holds anything"
                hint = "undo it (in Excel: Home, Merge & Center), and fill in each cell"
                at = place(self.name, area.first_row, area.first_column)
                self.problem(message, hint, at)

    def remarks(self, table: Table, row: Place, columns: dict[int, Address], first: bool) -> Iterator[Problem]:
        """Yield what is read although nobody sees it; what goes for the whole table, with its first row."""
        if row.line in table.hidden_rows:
            yield Problem(f"row {row.line} is hidden in the sheet, and read all the same", _SHOW, "", row)
        if first:
            yield from table.remarks
            for n, address in columns.items():
                if n + 1 in table.hidden_columns:
                    message = f"column {column(n + 1)} is hidden in the sheet, and read all the same"
                    yield Problem(message, _SHOW, address.shown, place(self.name, row.line, n + 1))

    # -- columns

    def columns(self, head: Sequence[Cell]) -> Iterator[tuple[int, Address]]:
        taken: dict[Path, Cell] = {}
        for index, cell in enumerate(head):
            if not collapse(cell.text) or is_note(cell.text):
                continue
            found = self.heads.address(cell.text)
            if isinstance(found, str):
                several = found.startswith("write ")
                what = "can mean several facts" if several else "is not a fact we know in such a deal"
                self.problem(f'the head "{shown(cell.text)}" {what}', found, cell.place)
                continue
            other = taken.setdefault(found.path, cell)
            if other is not cell:
                letter = other.place.cell.rstrip("0123456789")
                message = f'the head "{shown(cell.text)}" means the same fact as that of column {letter}'
                self.problem(message, "keep one of the two columns", cell.place, found.shown)
                continue
            yield index, found
        for one, other_path in pairwise(sorted(taken)):
            if other_path[: len(one)] == one:
                message = f'the column "{".".join(one)}" holds the whole of "{".".join(other_path)}"'
                self.problem(message, "keep one of the two columns", taken[other_path].place)

    # -- rows

    def named(self, rows: Sequence[Row], body: Sequence[Sequence[Cell]]) -> Iterator[Row]:
        """Yield the rows; those that name nobody, or a partner that stands in another row, are wrong."""
        places = {cells[0].place.line: cells[0].place for cells in body}
        names = [a.path for row in rows[:1] for _, a in row.plan.columns if a.path[0] == "parties"]
        names = [path for path in names if path[2:] in (("name",), ("short",))]
        names = [path for path in names if path[2] == "name" or ("parties", path[1], "name") not in names]
        seen: dict[tuple[str, ...], int] = {}
        for row in rows:
            wrong = [*row.wrong, *self.nameless(row, names)]
            said = tuple(row.text(path) for path in names)
            if said and all(said):
                first = seen.setdefault(tuple(text.casefold() for text in said), row.number)
                if first != row.number:
                    message = f'"{shown(said[-1])}" stands in row {first} already'
                    hint = "delete one of the two rows; two agreements with one partner belong into two tables"
                    wrong.append(Problem(message, hint, ".".join(names[-1]), places[row.number]))
            yield replace(row, wrong=tuple(wrong))

    def nameless(self, row: Row, names: Sequence[Path]) -> Iterator[Problem]:
        for path in names:
            text = row.text(path)
            here = row.place(next(n for n, address in row.plan.columns if address.path == path))
            if not text:
                message = f"row {row.number} does not say which party it is for"
                yield Problem(message, "name it, or delete the row", ".".join(path), here)
            elif _TOTAL.fullmatch(text) and sum(bool(collapse(t)) for t in row.texts) < len(row.texts):
                message = f'row {row.number} looks like totals: "{shown(text)}"'
                yield Problem(message, "delete the row; a table of partners has no totals", ".".join(path), here)
