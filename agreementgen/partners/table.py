"""Reading a table of partners over a base deal: its columns are facts, its rows partners."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from agreementgen.core.places import name_of_region, region_codes
from agreementgen.core.problems import InputError, Place, Problem, collapse_spaces, quote_text
from agreementgen.deal.deal import Form
from agreementgen.deal.question_types import (
    RegionType,
)
from agreementgen.deal.reader import FactPath
from agreementgen.library.library import Library
from agreementgen.partners.addresses import (
    check_cell,
    check_zip_code,
    column_of,
    join_address_columns,
    join_name_columns,
    part_of_address,
)
from agreementgen.partners.heads import EXPORT_HEADS, HeadIndex, UnclearHead, is_note, normalize_head
from agreementgen.partners.rows import FactAddress, PartnerRow, TablePlanner, parties_of
from agreementgen.sheets.cells import Cell, CellRow, CellTable, column_letters, place_of_cell
from agreementgen.yamlfile.nodes import MappingNode, YamlText

# In a column that is headed so: this row is no partner.
SKIP_MARK = "#"
# Addresses that say of which country the codes of states are.
_IN_UNITED_STATES = re.compile(r"\b[A-Za-z]{2},? [0-9]{5}(?:-[0-9]{4})?(?:,? (?:US|USA|U\.S\.A?\.?|United States.*))?$")
_IN_CANADA = re.compile(r"\b[A-Za-z]{2},? [A-Z][0-9][A-Z] ?[0-9][A-Z][0-9](?:,? (?:CA|Canada))?$", re.IGNORECASE)
_COUNTRIES = (("US", _IN_UNITED_STATES), ("CA", _IN_CANADA))
# Titles above the head row are few.
_TITLE_ROWS = 10
_LEGAL_FORM = re.compile(
    r"l\.?l\.?[cp]|l\.?p\b|corp|inc|[sc][ -]corp|company|co\b|sole|general p|limited|p\.?l?l?c|"
    r"nonprofit|non-profit|indiv|"
    r"coop|co-op|government|partnership",
    re.IGNORECASE,
)
# Columns that lists have, though no deal does, however near a known head they are.
_USUAL_COLUMNS = re.compile(
    r"status|stage|source|notes?|(?:.* )?(?:phone|mobile|fax|website|url|industry|rating|ids?)|"
    # Whoever looks after it in the program that exported it, and further addresses of one person.
    r"(?:account|company|contact|organi[sz]ation|person|record|deal|lead) owner|owner id|"
    r"e ?mail [2-9](?: (?:value|label|type|address))?|(?:e mail|phone|address|organi[sz]ation) 1 (?:label|type)"
)
_HIDDEN_HINT = "show it and look, or delete it"
_TOTALS_LABEL = re.compile(r"(?:grand |sub ?)?(?:totals?|sum|count|number of partners)\b.*", re.IGNORECASE)


def read_rows(table: CellTable, name: str, base: YamlText, form: Form, library: Library) -> list[PartnerRow]:
    """Return the rows of a table over the deal `base`; raise InputError with every problem of its form."""
    return _RowReader(name, base, form, library).read(table)


class _RowReader:
    def __init__(self, name: str, base: YamlText, form: Form, library: Library) -> None:
        self.name, self.base, self.form = name, base, form
        self.heads = HeadIndex(library, form, base.root)
        self.problems: list[Problem] = []
        # Columns without a head that only number the rows.
        self.numbering: set[int] = set()
        # What goes for the whole table, and is told with its first row.
        self.remarks: list[Problem] = []

    def read(self, table: CellTable) -> list[PartnerRow]:
        filled = [row for row in table.rows if any(collapse_spaces(cell.text) for cell in row)]
        start = self.find_head_row(filled)
        mended: list[Cell] = []
        head, body = join_name_columns(filled[start], self.leave_out_foot(filled[start + 1 :]))
        head = self.drop_types_of_accounts(head, body)
        head = self.read_other_senses(head, body)
        head, body = join_address_columns(head, body, self.heads, mended)
        if mended:
            shown = ", ".join(f"{cell.text} ({cell.place.cell})" for cell in mended[:5])
            message = f"zip codes had lost the zero in front of them, and have it again: {shown}"
            message += ", ..." if len(mended) > 5 else ""
            hint = "format the column as text (Format Cells, Number, Text), so that it stays"
            self.remarks.append(Problem(message, hint, place=mended[0].place, code="table-zip-mended", severity="W"))
        columns = self.let_contacts_sign(head, dict(self.read_columns(head)))
        body = self.name_states(body, columns)
        self.numbering = _find_numbering(head, body)
        skip = [n for n in range(len(head)) if _text_in(head, n) == SKIP_MARK]
        plan = TablePlanner(self.name, self.base, self.form, self.problems).make_plan(columns, head[0].place)
        body = [cells for cells in body if not any(_text_in(cells, n) == SKIP_MARK for n in skip)]
        self.problems += self.check_merged_cells(table, [head, *body])
        rows: list[PartnerRow] = []
        for cells in body:
            strays = tuple(self.check_stray_cells(head, cells))
            if any(_text_in(cells, n) for n in columns):
                texts = tuple(cells[n].text if n < len(cells) else "" for n in columns)
                remarks = tuple(self.list_remarks(table, cells[0].place, columns, first=not rows))
                problems = tuple(self.check_cells(cells, columns))
                rows.append(PartnerRow(plan, cells[0].place.line, texts, remarks, problems, strays))
            else:
                self.problems += strays  # it has cells without a head only, or notes
        rows = list(self.check_names(rows, body))
        if not rows and not self.problems:
            message, hint = "the table has no rows below its heads", "add a row for each partner"
            self.problems.append(Problem(message, hint, place=Place(self.name), code="empty"))
        if self.problems:
            raise InputError(self.problems)
        return rows

    def find_head_row(self, rows: Sequence[CellRow]) -> int:
        """Return the index of the row of heads: the first with a fact we know, else the first of several cells."""
        if not rows:
            hint = "its first row names facts, as in parties.2.name, and each row below is a partner"
            raise InputError(Problem("the table is empty", hint, place=Place(self.name), code="empty"))
        for index, row in enumerate(rows[:_TITLE_ROWS]):
            heads = [cell.text for cell in row if normalize_head(cell.text)]
            if any(isinstance(self.heads.find_address(head), FactAddress) for head in heads):
                return index
        return next((n for n, row in enumerate(rows) if sum(bool(collapse_spaces(c.text)) for c in row) > 1), 0)

    # -- what the sheet makes of its cells

    def check_cells(self, cells: CellRow, columns: dict[int, FactAddress]) -> Iterator[Problem]:
        """Yield what the spreadsheet has made of cells so that they cannot be the answers their columns ask for."""
        for n, address in columns.items():
            if _text_in(cells, n):
                problem = check_cell(cells[n], self.heads.questions[address.path], address.dotted_path)
                if problem is None and address.path[-1] == "address":
                    problem = check_zip_code(cells[n])
                if problem:
                    yield replace(problem, field=address.dotted_path)

    def check_stray_cells(self, head: CellRow, cells: CellRow) -> Iterator[Problem]:
        """Yield what stands under no head, and that a row of CSV is shifted by a separator that belongs to a text."""
        headed = {n for n, cell in enumerate(head) if cell.text.strip()} | self.numbering
        strays = [n for n in range(len(cells)) if _text_in(cells, n) and n not in headed]
        for n in strays:
            hint = "name the fact in the first row, or empty the cell"
            if not self.name.lower().endswith(".xlsx") and n >= len(head):
                hint += "; where a text holds a comma or semicolon, put it in quotation marks"
            message = f'"{quote_text(cells[n].text)}" stands in a column without a head'
            yield Problem(message, hint, place=cells[n].place, code="table-stray-cell")
        if len(cells) > len(head) and not strays:
            message = f"this row has {len(cells)} cells, and the row of heads {len(head)}"
            hint = "put texts that hold a comma or semicolon in quotation marks, or delete the separators at its end"
            yield Problem(message, hint, place=cells[len(head)].place, code="table-stray-cell")

    def check_merged_cells(self, table: CellTable, rows: Sequence[CellRow]) -> Iterator[Problem]:
        used = {row[0].place.line for row in rows}
        for area in table.merged:
            if used.intersection(range(area.first_row, area.last_row + 1)):
                message = f"the cells {area.name} are merged: only the first of them holds anything"
                hint = "undo it (in Excel: Home, Merge & Center), and fill in each cell"
                place = place_of_cell(self.name, area.first_row, area.first_column)
                yield Problem(message, hint, place=place, code="table-merged")

    def list_remarks(
        self, table: CellTable, row: Place, columns: dict[int, FactAddress], first: bool
    ) -> Iterator[Problem]:
        """Yield what is read although nobody sees it; what goes for the whole table, with its first row."""
        if row.line in table.hidden_rows:
            message = f"row {row.line} is hidden in the sheet, and read all the same"
            yield Problem(message, _HIDDEN_HINT, place=row, code="table-hidden")
        if first:
            yield from table.remarks
            yield from self.remarks
            for n, address in columns.items():
                if n + 1 in table.hidden_columns:
                    message = f"column {column_letters(n + 1)} is hidden in the sheet, and read all the same"
                    place = place_of_cell(self.name, row.line, n + 1)
                    yield Problem(message, _HIDDEN_HINT, address.dotted_path, place, code="table-hidden")

    # -- columns

    def read_columns(self, head: CellRow) -> Iterator[tuple[int, FactAddress]]:
        """Yield the columns that give facts, by their index; note what is wrong with a head."""
        taken: dict[FactPath, Cell] = {}
        unknown: list[tuple[Cell, UnclearHead]] = []
        for index, cell in enumerate(head):
            if not collapse_spaces(cell.text) or is_note(cell.text):
                continue
            found = self.heads.find_address(cell.text)
            quoted = f'the head "{quote_text(cell.text)}"'
            if isinstance(found, UnclearHead) and found.code == "unknown-name":
                unknown.append((cell, found))
                continue
            if isinstance(found, UnclearHead):
                is_ambiguous = found.code == "ambiguous"
                what = "can mean several facts" if is_ambiguous else "is not a fact we know in such a deal"
                self.problems.append(Problem(f"{quoted} {what}", found.hint, place=cell.place, code=found.code))
                continue
            other = taken.setdefault(found.path, cell)
            if other is not cell:
                message = f"{quoted} means the same fact as that of column {column_of(other)}"
                hint = "keep one of the two columns"
                self.problems.append(Problem(message, hint, found.dotted_path, cell.place, code="duplicate"))
                continue
            yield index, found
        self.pass_over_columns(unknown, bool(taken))
        for outer, inner in pairwise(sorted(taken)):
            if inner[: len(outer)] == outer:
                message = f'the column "{".".join(outer)}" holds the whole of "{".".join(inner)}"'
                hint = "keep one of the two columns"
                self.problems.append(Problem(message, hint, place=taken[inner].place, code="duplicate"))

    def pass_over_columns(self, unknown: Sequence[tuple[Cell, UnclearHead]], has_facts: bool) -> None:
        """Say once which columns are no facts; ask where a head may be a misspelt one, or where no column is a fact."""
        passed = []
        for cell, found in unknown:
            text = normalize_head(cell.text)
            is_usual = bool(_USUAL_COLUMNS.fullmatch(text)) or part_of_address(text) is not None
            if has_facts and (is_usual or not self.heads.is_misspelt(cell.text)):
                passed.append(cell)
                continue
            message = f'the head "{quote_text(cell.text)}" is not a fact we know in such a deal'
            self.problems.append(Problem(message, found.hint, place=cell.place, code="unknown-name"))
        if passed:
            named = ", ".join(f'"{quote_text(cell.text, 30)}" ({column_of(cell)})' for cell in passed)
            message = f"no facts of such a deal, and passed over: {named}"
            hint = '"agreementgen show questions" lists the facts; heads in brackets or behind # are passed over unsaid'
            remark = Problem(message, hint, place=passed[0].place, code="table-columns-unread", severity="W")
            self.remarks.append(remark)

    def drop_types_of_accounts(self, head: CellRow, body: Sequence[CellRow]) -> CellRow:
        """Return the head without "Type" where that is no legal form, but what a CRM calls an account ("Partner")."""
        found = list(head)
        for n, cell in enumerate(head):
            texts = [_text_in(row, n) for row in body]
            if normalize_head(cell.text) == "type" and not any(map(_LEGAL_FORM.match, texts)):
                message = f'"{cell.text.strip()}" ({column_of(cell)}) holds no legal forms, and is passed over'
                hint, code = 'head it "Entity" if it does', "table-columns-unread"
                self.remarks.append(Problem(message, hint, place=cell.place, code=code, severity="W"))
                found[n] = replace(cell, text=f"({cell.text.strip()})")
        return tuple(found)

    def read_other_senses(self, head: CellRow, body: Sequence[CellRow]) -> CellRow:
        """Return the head with "Position" and "Name" as lists have them, where that is certain.

        "Position" is a person's where no cell is a side of the agreement; "Name" beside "Legal name" is no legal one.
        """
        found = list(head)
        sides = self.heads.facts["position",].question.choices if ("position",) in self.heads.facts else None
        texts = [normalize_head(cell.text) for cell in head]
        for n, text in enumerate(texts):
            if text == "position" and not any(_text_in(row, n).casefold() in (sides or {}) for row in body):
                found[n] = replace(head[n], text="Job title")
            if text == "name" and {"legal name", "legal entity name", "legal business name"} & set(texts):
                message = f'"{head[n].text.strip()}" ({column_of(head[n])}) is passed over: legal names stand elsewhere'
                hint, code = 'head it "Short name" if it is to be printed', "table-columns-unread"
                self.remarks.append(Problem(message, hint, place=head[n].place, code=code, severity="W"))
                found[n] = replace(head[n], text=f"({head[n].text.strip()})")
        return tuple(found)

    def leave_out_foot(self, body: Sequence[CellRow]) -> Sequence[CellRow]:
        """Return the rows without what programs write below the list: single cells behind an empty row."""
        counts = [sum(bool(collapse_spaces(cell.text)) for cell in row) for row in body]
        start = len(body)
        while start and counts[start - 1] == 1:
            start -= 1
        if not start or counts[start - 1] < 3:
            return body
        after_gap = (n for n in range(max(start, 1), len(body)) if _line_of(body[n]) > _line_of(body[n - 1]) + 1)
        first = next(after_gap, len(body))
        if first < len(body):
            cell = next(cell for cell in body[first] if collapse_spaces(cell.text))
            message = f'what stands below the list is passed over: "{quote_text(cell.text, 60)}"'
            message += f" and {len(body) - first - 1} more" if len(body) - first > 1 else ""
            hint, code = "where it is a partner, delete the empty row above it", "table-columns-unread"
            self.remarks.append(Problem(message, hint, place=cell.place, code=code, severity="W"))
        return body[:first]

    def let_contacts_sign(self, head: CellRow, columns: dict[int, FactAddress]) -> dict[int, FactAddress]:
        """Return the columns, with an export's "Contact Name" as who signs where nothing else says it."""
        found = dict(columns)
        paths = {address.path for address in columns.values()}
        for n, address in columns.items():
            is_contact = address.path[0] == "parties" and address.path[2:] == ("contact",)
            if not is_contact or normalize_head(head[n].text) not in EXPORT_HEADS["contact",].split(","):
                continue
            path = (*address.path[:2], "signatory", "name")
            party = parties_of(self.base.root)[int(path[1]) - 1 : int(path[1])]
            signatory = party[0].get("signatory") if party and isinstance(party[0], MappingNode) else None
            if path in paths or (isinstance(signatory, MappingNode) and signatory.text_of("name")):
                continue
            found[n] = replace(address, path=path)
            self.heads.questions[path] = self.heads.facts[path].question
            message = f'"{quote_text(head[n].text)}" is read as who signs: no column says who does'
            hint = 'where others sign, add a column "Signer"'
            remark = Problem(message, hint, ".".join(path), head[n].place, code="table-contact-signs", severity="W")
            self.remarks.append(remark)
        return found

    # -- codes of states

    def name_states(self, body: Sequence[CellRow], columns: dict[int, FactAddress]) -> list[CellRow]:
        """Return the rows with names of states for their codes, where a party's address says of which country they are.

        The law of an agreement need not be that of an address: its code stays as it is, as in a deal file. Addresses in
        several lines become one.
        """
        regions = [
            n
            for n, a in columns.items()
            if a.path[0] == "parties" and isinstance(self.heads.questions[a.path].item.type, RegionType)
        ]
        addresses = [n for n, address in columns.items() if address.path[-1] == "address"]

        def country_of(row: CellRow) -> str:
            texts = [_text_in(row, n) for n in addresses]
            return next((country for text in texts for country, pattern in _COUNTRIES if pattern.search(text)), "")

        def named(n: int, cell: Cell, country: str) -> Cell:
            if n in addresses and "\n" in cell.text.strip():
                lines = [line.strip().rstrip(",") for line in cell.text.splitlines() if line.strip()]
                return replace(cell, text=", ".join(lines))
            code = f"{country}-{collapse_spaces(cell.text).strip('.').upper()}" if n in regions and country else ""
            return replace(cell, text=name_of_region(code)) if code in region_codes() else cell

        return [tuple(named(n, cell, country_of(row)) for n, cell in enumerate(row)) for row in body]

    # -- names of partners

    def check_names(self, rows: Sequence[PartnerRow], body: Sequence[CellRow]) -> Iterator[PartnerRow]:
        """Yield the rows; those that name nobody, or a partner that stands in another row, are wrong."""
        places = {cells[0].place.line: cells[0].place for cells in body}
        paths = [a.path for row in rows[:1] for _, a in row.plan.columns if a.path[0] == "parties"]
        paths = [path for path in paths if path[2:] in (("name",), ("short",))]
        paths = [path for path in paths if path[2] == "name" or ("parties", path[1], "name") not in paths]
        seen: dict[tuple[str, ...], int] = {}
        for row in rows:
            problems = [*row.row_problems, *self.check_name(row, paths)]
            names = tuple(row.text_at(path) for path in paths)
            if names and all(names):
                first = seen.setdefault(tuple(name.casefold() for name in names), row.number)
                if first != row.number:
                    message = f'"{quote_text(names[-1])}" stands in row {first} already'
                    hint = "delete one of the two rows; two agreements with one partner belong into two tables"
                    field = ".".join(paths[-1])
                    problems.append(Problem(message, hint, field, places[row.number], code="duplicate"))
            yield replace(row, row_problems=tuple(problems))

    def check_name(self, row: PartnerRow, paths: Sequence[FactPath]) -> Iterator[Problem]:
        for path in paths:
            text, field = row.text_at(path), ".".join(path)
            place = row.cell_place(next(n for n, address in row.plan.columns if address.path == path))
            if not text:
                message = f"row {row.number} does not say which party it is for"
                yield Problem(message, "name it, or delete the row", field, place, code="missing")
            elif _TOTALS_LABEL.fullmatch(text) and not all(map(collapse_spaces, row.texts)):
                message = f'row {row.number} looks like totals: "{quote_text(text)}"'
                hint = "delete the row; a table of partners has no totals"
                yield Problem(message, hint, field, place, code="table-totals")


def _line_of(row: CellRow) -> int:
    return row[0].place.line


def _find_numbering(head: CellRow, body: Sequence[CellRow]) -> set[int]:
    """Return the columns without a head in which the rows are counted: 1, 2, 3."""
    expected = [str(n) for n in range(1, len(body) + 1)]
    silent = (n for n, cell in enumerate(head) if not cell.text.strip())
    return {n for n in silent if [_text_in(row, n).rstrip(".") for row in body] == expected}


def _text_in(cells: CellRow, index: int) -> str:
    """Return the text of a cell in one line, "" where the row is shorter."""
    return collapse_spaces(cells[index].text) if index < len(cells) else ""
