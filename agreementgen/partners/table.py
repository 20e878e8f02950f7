"""Reading a table of partners over a base deal: its columns are facts, its rows partners.

The head of a column is the path of a fact, its prompt, the label of its row in the agreement, or another plain
spelling. Heads are looked up in rounds, the exact spellings first; one that can mean several facts is refused, as two
people would read the table differently.

A spreadsheet makes numbers of zip codes, days of fractions, and fractions of percentages. What it has lost cannot be
found again, so such a cell is refused, and the message says how to keep it from happening.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from agreementgen.core.places import region_codes
from agreementgen.core.problems import InputError, Place, Problem, collapse_spaces, find_nearest, quote_text
from agreementgen.deal.deal import Form
from agreementgen.deal.question_types import PERCENT, TEXT, DateType, PercentOrMoneyType, PercentType, TextType
from agreementgen.deal.questions import Question, Structure, name_in_clauses
from agreementgen.deal.reader import FactPath, short_name_of
from agreementgen.library.library import Library
from agreementgen.partners.rows import FactAddress, PartnerRow, TablePlanner, parties_of, text_of_party
from agreementgen.sheets.cells import Cell, CellRow, CellTable, column_letters, place_of_cell
from agreementgen.yamlfile.nodes import MappingNode, YamlText

# In a column that is headed so: this row is no partner.
SKIP_MARK = "#"
# The number of an entry of a list, in spellings.
_ANY_NUMBER = "#"
_NOTE = re.compile(r"\s*(?:\(.*\)|\[.*\]|#.*)\s*", re.DOTALL)
_ONE_FACT = re.compile(r"\{\{ *([a-z_][a-z0-9_.]*)(?: *\| *[a-z]+)* *\}\}")
# Facts that are counts in all but name ("5", "20"). A longer number in a text is a code, whose zeros count.
_COUNT = re.compile(r"[1-9][0-9]{0,2}")
_ADDRESS_HEADS = {
    "street": "street", "street address": "street", "street 2": "street", "suite": "street", "unit": "street",
    **{f"{word} {n}": "street" for word in ("address", "address line", "line") for n in (1, 2, 3)},
    "city": "city", "town": "city",
    "state": "state", "province": "state", "state.province": "state", "state or province": "state",
    "zip": "zip", "zip code": "zip", "zipcode": "zip", "postal code": "zip", "postcode": "zip",
    "zip.postal code": "zip",
    "country": "country",
}  # fmt: skip
_UNITED_STATES = ("", "us", "usa", "u.s.", "u.s.a.", "united states", "united states of america")
_SHORT_ZIP_CODE = re.compile(r"[0-9]{3,4}(?:-[0-9]{4})?")
_ADDRESS_END = re.compile(r"\b([A-Z]{2}),? ([0-9]{3,4}(?:-[0-9]{4})?)$")
# Titles above the head row are few.
_TITLE_ROWS = 10
_HIDDEN_HINT = "show it and look, or delete it"
_TOTALS_LABEL = re.compile(r"(?:grand |sub ?)?(?:totals?|sum|count|number of partners)\b.*", re.IGNORECASE)


# -- heads


def is_note(head: str) -> bool:
    """Return whether a column is for people only: its head stands in brackets or begins with #."""
    return bool(_NOTE.fullmatch(head))


def normalize_head(head: str) -> str:
    """Return a head for comparing: case, accents' encoding, _ and spaces around full stops do not matter."""
    text = unicodedata.normalize("NFC", head).casefold().replace("’", "'")
    text = re.sub(r"[\s_]+", " ", text.replace("-", " ")).strip(" *:?")
    text = text.replace("'s ", " ")
    return re.sub(r" ?[./>] ?", ".", text)


@dataclass(frozen=True)
class ColumnFact:
    """A fact that a column may give. `path` has # for the number of a list's entry."""

    path: FactPath
    question: Question
    party_at: int = -1
    several: bool = False


@dataclass(frozen=True)
class UnclearHead:
    """A head that means no fact (`code` "unknown-name"), or several ("ambiguous"), and what to do about it."""

    code: Literal["unknown-name", "ambiguous"]
    hint: str


class HeadIndex:
    """The heads that tables over one base deal may have.

    `rounds` are the paths by spelling, the exact spellings first; `questions` those of the addresses that were found.
    """

    def __init__(self, library: Library, form: Form, root: MappingNode) -> None:
        self.form, self.root = form, root
        self.rounds: list[dict[str, set[FactPath]]] = [{}, {}, {}]
        self.facts: dict[FactPath, ColumnFact] = {}
        self.questions: dict[FactPath, Question] = {}
        self.parties = tuple(map(short_name_of, parties_of(root)))
        self.roles = _roles_by_number(root, form)
        for fact in self.facts_of_questions(form.questions, ()):
            self.facts.setdefault(fact.path, fact)
        for fact in self.facts.values():
            self.add_spellings(fact)
        for label, names in _labels_of_one_fact(library, form):
            for path in self.facts:
                if tuple(map(name_in_clauses, path)) == names:
                    self.add_spelling(1, label, path)

    def find_address(self, head: str) -> FactAddress | UnclearHead:
        """Return where the cells of the column go."""
        text = normalize_head(head)
        for spellings in self.rounds:
            for numbers, spelling in _open_numbers(text):
                found = spellings.get(spelling)
                if found is None:
                    continue
                if len(found) > 1:
                    paths = sorted(".".join(path).replace(_ANY_NUMBER, "1") for path in found)
                    return UnclearHead("ambiguous", "write " + " or ".join(f'"{path}"' for path in paths[:4]))
                fact = self.facts[next(iter(found))]
                given = iter(numbers)
                whole = tuple(next(given, "1") if part == _ANY_NUMBER else part for part in fact.path)
                self.questions[whole] = fact.question
                return FactAddress(whole, fact.party_at, fact.several)
        return UnclearHead("unknown-name", self.suggest_nearest(text))

    def suggest_nearest(self, text: str) -> str:
        known = {spelling: paths for spellings in reversed(self.rounds) for spelling, paths in spellings.items()}
        spelling = find_nearest(text[:200], known)
        if not spelling:
            return '"agreementgen show questions" lists the facts; a head in brackets or behind # is a note'
        paths = [".".join(path).replace(_ANY_NUMBER, "1") for path in sorted(known[spelling])]
        return "did you mean " + " or ".join(f'"{path}"' for path in paths[:3]) + "?"

    # -- facts

    def facts_of_questions(
        self, questions: Iterable[Question], above: FactPath, party_at: int = -1
    ) -> Iterator[ColumnFact]:
        for question in questions:
            path = (*above, question.key)
            if path != ("agreement",):
                yield from self.facts_of_question(question, path, party_at)

    def facts_of_question(self, question: Question, path: FactPath, party_at: int) -> Iterator[ColumnFact]:
        match question.structure:
            case Structure.SCALAR:
                yield ColumnFact(path, question, party_at)
            case Structure.LIST if question.parts[0].is_scalar:
                yield ColumnFact(path, question, party_at, several=True)
                yield ColumnFact((*path, _ANY_NUMBER), question.parts[0], party_at)
            case Structure.GROUP:
                if question.words:
                    yield ColumnFact(path, question, party_at)
                yield from self.facts_of_questions(question.parts, path, party_at)
            case Structure.GROUPS if path == ("parties",):
                for number in range(1, max(len(self.parties), self.form.party_limits[0]) + 1):
                    yield from self.facts_of_questions(question.parts, (*path, str(number)))
            case Structure.GROUPS:
                yield from self.facts_of_questions(question.parts, (*path, _ANY_NUMBER), party_at)
            case Structure.PER_PARTY:
                for number in range(1, len(self.parties) + 1):
                    yield from self.facts_of_question(question.parts[0], (*path, str(number)), len(path))
            case Structure.SHARES:
                for number in range(1, len(self.parties) + 1):
                    yield ColumnFact((*path, str(number)), Question("", PERCENT, "", question.place), len(path))
            case Structure.MATRIX:
                yield from self.facts_of_questions(question.parts, path, party_at)
                yield from self.facts_of_matrix_roles(question, path)

    def facts_of_matrix_roles(self, question: Question, path: FactPath) -> Iterator[ColumnFact]:
        """Yield the person of each role of a matrix in the base deal."""
        matrix = self.root.get(path[0]) if len(path) == 1 else None
        roles = matrix.get("roles") if isinstance(matrix, MappingNode) else None
        for name, _ in roles if isinstance(roles, MappingNode) else ():
            yield ColumnFact((*path, "roles", name.text, "person"), Question("person", TEXT, "", question.place))

    # -- spellings

    def add_spelling(self, number: int, head: str, path: FactPath) -> None:
        if normalize_head(head):
            self.rounds[number].setdefault(normalize_head(head), set()).add(path)

    def add_spellings(self, fact: ColumnFact) -> None:
        path, question = fact.path, fact.question
        names = [".".join(path)]
        if path[0] == "parties" and len(path) > 1:
            names += [".".join((name, *path[2:])) for name in self.names_of_party(path[1])]
        elif fact.party_at >= 0:
            before, number, behind = path[: fact.party_at], path[fact.party_at], path[fact.party_at + 1 :]
            # "responsibilities.2" would be entry 2 of a list to most people.
            names = [".".join((*before, name, *behind)) for name in self.names_of_party(number)]
        for name in names:
            self.add_spelling(0, name, path)
            self.add_spelling(1, name.replace(".", " "), path)
        if path[0] == "parties" and len(path) > 1:
            for name in self.names_of_party(path[1]):
                for head in question.other_heads:
                    self.add_spelling(1, f"{name} {head}", path)
        if path[0] == "parties" and len(path) > 1 and not self.is_meant_by_default(path[1]):
            return
        for head in (question.prompt, *question.other_heads):
            self.add_spelling(1, head, path)
        tail = [part for part in path if part != _ANY_NUMBER]
        for start in range(1 if path[0] != "parties" else 2, len(tail)):
            self.add_spelling(2, ".".join(tail[start:]), path)
            self.add_spelling(2, " ".join(tail[start:]), path)

    def names_of_party(self, number: str) -> list[str]:
        """Return the ways to name a party: its number, its short name, its role."""
        short = self.parties[int(number) - 1] if int(number) <= len(self.parties) else ""
        role = self.roles.get(number, "")
        return [name for name in (f"parties.{number}", f"party {number}", short, role) if name]

    def is_meant_by_default(self, number: str) -> bool:
        """Return whether a head that names no party means this one: the only one that the base deal does not name."""
        unnamed = [str(n) for n, party in enumerate(parties_of(self.root), 1) if not text_of_party(party, "name")]
        return not unnamed or unnamed == [number]


def _open_numbers(text: str) -> Iterator[tuple[list[str], str]]:
    """Yield a head with none, one and more of its numbers (the last first) as those of entries, and these numbers."""
    numbers = list(re.finditer(r"(?<=[. ])[0-9]{1,3}(?=[. ]|$)", text))
    for count in range(len(numbers) + 1):
        chosen, head = numbers[len(numbers) - count :], text
        for match in reversed(chosen):
            head = head[: match.start()] + _ANY_NUMBER + head[match.end() :]
        yield [match[0] for match in chosen], head


def _roles_by_number(root: MappingNode, form: Form) -> dict[str, str]:
    """Return the roles of the parties by number: the one a party says, and to the others those left, in order."""
    parties = parties_of(root)
    roles = {str(n): role.lower() for n, party in enumerate(parties, 1) if (role := text_of_party(party, "role"))}
    left = iter([role for role in form.roles if role not in roles.values()])
    for number in range(1, max(len(parties), form.party_limits[0]) + 1):
        if str(number) not in roles and (role := next(left, "")):
            roles[str(number)] = role
    return roles


def _labels_of_one_fact(library: Library, form: Form) -> Iterator[tuple[str, FactPath]]:
    """Yield the labels of key terms that print one fact and nothing else, with its names in clauses."""
    for topic_id in library.outlines[form.kind].topics:
        for row in library.topics[topic_id].terms:
            found = _ONE_FACT.fullmatch(row.says.text.strip())
            if found and not row.each and "{" not in row.label.text:
                yield row.label.text, tuple(found[1].split("."))


# -- cells


def check_cell(cell: Cell, question: Question, field: str) -> Problem | None:
    """Return why the cell cannot be the answer to `question`, None where only its text decides."""
    if cell.problem:
        return replace(cell.problem, field=field)
    check = {"day": _check_day, "number": _check_number}.get(cell.kind)
    found = check(cell, question.item) if check else None
    return Problem(*found, field, cell.place, code="table-cell-changed") if found else None


def _check_day(cell: Cell, question: Question) -> tuple[str, str] | None:
    """Return a message and a hint where a day cannot be the answer."""
    if isinstance(question.type, DateType):
        return None
    message = f"the spreadsheet has made the day {cell.text} of what was typed, and no day belongs here"
    return message, f"{_format_as_text_hint(cell)}, and type it again"


def _check_number(cell: Cell, question: Question) -> tuple[str, str] | None:
    text = cell.text
    match question.type:
        case TextType() if not _COUNT.fullmatch(question.example):
            message = f"{text} is stored as a number, and a text belongs here: zeros in front of it would be lost"
            return message, f"{_format_as_text_hint(cell)}, and type it again; 02110 then keeps its zero"
        case PercentType() | PercentOrMoneyType() if re.fullmatch(r"0(?:\.[0-9]{1,6})?|1", text):
            percent = f"{Decimal(text) * 100:f}"
            percent = percent.rstrip("0").rstrip(".") if "." in percent else percent
            hint = f'format the column as a percentage: {text} then shows as "{percent}%"'
            return f'"{text}" has no percent sign', hint
        case DateType():
            message = f'"{text}" is a number, not a day'
            return message, "format the column as a date, and look whether it shows the right day"
    return None


def _format_as_text_hint(cell: Cell) -> str:
    return f"select column {_column_of(cell)}, format it as text (Format Cells, Number, Text)"


def _column_of(cell: Cell) -> str:
    """Return the letters of a cell's column."""
    return cell.place.cell.rstrip("0123456789")


# -- addresses
# Address books have streets, cities, states and zip codes in columns of their own; a deal has one fact for all, printed
# in one line.


def join_address_columns(head: CellRow, body: Sequence[CellRow], heads: HeadIndex) -> tuple[CellRow, list[CellRow]]:
    """Return the head and rows of a table in which columns of parts of an address are one column of addresses."""
    for number, parts in _find_address_columns(head, heads).items():
        first = min(parts)
        head = _put_address(head, parts, first, replace(head[first], text=f"parties.{number}.address"))
        question = heads.facts["parties", number, "address"].question
        body = [_put_address(row, parts, first, _join_address(row, parts, first, question)) for row in body]
    return head, list(body)


def _find_address_columns(head: CellRow, heads: HeadIndex) -> dict[str, dict[int, str]]:
    """Return the columns that hold parts of an address, by the number of the party, each with what it holds.

    A party that has a column for its whole address has none.
    """
    whole: set[str] = set()
    named: set[str] = set()
    unknown: list[tuple[int, str]] = []
    for index, cell in enumerate(head):
        text = normalize_head(cell.text)
        found = heads.find_address(cell.text) if text else None
        if isinstance(found, FactAddress) and found.path[0] == "parties":
            named.add(found.path[1])
            whole |= {found.path[1]} if found.path[2:] == ("address",) else set()
        elif not isinstance(found, FactAddress):
            unknown.append((index, text))
    found_parts: dict[str, dict[int, str]] = {}
    for index, text in unknown:
        for number in sorted(named):
            # Without the name of a party it is the one that the table speaks of.
            names = [normalize_head(name) for name in heads.names_of_party(number)] + ([""] if len(named) == 1 else [])
            rest = next((text[len(name) :].strip(" .") for name in names if text.startswith(name)), "")
            if rest in _ADDRESS_HEADS and number not in whole:
                found_parts.setdefault(number, {})[index] = _ADDRESS_HEADS[rest]
                break
    return {number: parts for number, parts in found_parts.items() if {"street", "city"} & set(parts.values())}


def _put_address(row: CellRow, parts: dict[int, str], first: int, cell: Cell) -> CellRow:
    return tuple(
        cell if index == first else replace(old, text="", kind="text", problem=None) if index in parts else old
        for index, old in enumerate(row)
    )


def _join_address(row: CellRow, parts: dict[int, str], first: int, question: Question) -> Cell:
    """Return the address of a row, at the place of its first part; with the first thing that is wrong with a part."""
    if first >= len(row):
        return Cell("", row[0].place)
    pieces = [(kind, row[index]) for index, kind in sorted(parts.items()) if index < len(row)]
    pieces = [(kind, cell) for kind, cell in pieces if collapse_spaces(cell.text)]
    text, last = "", ""
    for kind, cell in pieces:
        # "Salem, MA 01970", "01097 Dresden"
        close = (kind == "zip" and last in ("city", "state")) or (kind == "city" and last == "zip")
        text += (" " if close else ", " if text else "") + collapse_spaces(cell.text)
        last = kind
    problem = next(_check_address_parts(pieces, question), None)
    return Cell(text, (pieces[0][1] if pieces else row[first]).place, problem=problem)


def _check_address_parts(pieces: Sequence[tuple[str, Cell]], question: Question) -> Iterator[Problem]:
    country = next((collapse_spaces(cell.text).casefold() for kind, cell in pieces if kind == "country"), "")
    for kind, cell in pieces:
        if found := check_cell(cell, question, ""):
            yield found
        elif kind == "zip" and country in _UNITED_STATES and _SHORT_ZIP_CODE.fullmatch(collapse_spaces(cell.text)):
            yield _short_zip_code_problem(collapse_spaces(cell.text), cell)


def check_zip_code(cell: Cell) -> Problem | None:
    """Return what is wrong with a whole address that ends in a state of the United States and a code without its zero.

    Formulas that put an address together from columns make such ones.
    """
    found = _ADDRESS_END.search(collapse_spaces(cell.text))
    return _short_zip_code_problem(found[2], cell) if found and f"US-{found[1]}" in region_codes() else None


def _short_zip_code_problem(code: str, cell: Cell) -> Problem:
    hint = (
        f"format column {_column_of(cell)} as text (Format Cells, Number, Text) and type all five figures; "
        'for an address elsewhere, name its country, in a column "country" where it has several'
    )
    message = f'"{code}" is too short for a zip code: a zero in front of it was lost'
    return Problem(message, hint, place=cell.place, code="table-cell-changed")


# -- rows


def read_rows(table: CellTable, name: str, base: YamlText, form: Form, library: Library) -> list[PartnerRow]:
    """Return the rows of a table over the deal `base`; raise InputError with every problem of its form."""
    return _RowReader(name, base, form, library).read(table)


class _RowReader:
    def __init__(self, name: str, base: YamlText, form: Form, library: Library) -> None:
        self.name, self.base, self.form = name, base, form
        self.heads = HeadIndex(library, form, base.root)
        self.problems: list[Problem] = []

    def read(self, table: CellTable) -> list[PartnerRow]:
        filled = [row for row in table.rows if any(collapse_spaces(cell.text) for cell in row)]
        start = self.find_head_row(filled)
        head, body = join_address_columns(filled[start], filled[start + 1 :], self.heads)
        columns = dict(self.read_columns(head))
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
        headed = {n for n, cell in enumerate(head) if cell.text.strip()}
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
            for n, address in columns.items():
                if n + 1 in table.hidden_columns:
                    message = f"column {column_letters(n + 1)} is hidden in the sheet, and read all the same"
                    place = place_of_cell(self.name, row.line, n + 1)
                    yield Problem(message, _HIDDEN_HINT, address.dotted_path, place, code="table-hidden")

    # -- columns

    def read_columns(self, head: CellRow) -> Iterator[tuple[int, FactAddress]]:
        """Yield the columns that give facts, by their index; note what is wrong with a head."""
        taken: dict[FactPath, Cell] = {}
        for index, cell in enumerate(head):
            if not collapse_spaces(cell.text) or is_note(cell.text):
                continue
            found = self.heads.find_address(cell.text)
            quoted = f'the head "{quote_text(cell.text)}"'
            if isinstance(found, UnclearHead):
                is_ambiguous = found.code == "ambiguous"
                what = "can mean several facts" if is_ambiguous else "is not a fact we know in such a deal"
                self.problems.append(Problem(f"{quoted} {what}", found.hint, place=cell.place, code=found.code))
                continue
            other = taken.setdefault(found.path, cell)
            if other is not cell:
                message = f"{quoted} means the same fact as that of column {_column_of(other)}"
                hint = "keep one of the two columns"
                self.problems.append(Problem(message, hint, found.dotted_path, cell.place, code="duplicate"))
                continue
            yield index, found
        for outer, inner in pairwise(sorted(taken)):
            if inner[: len(outer)] == outer:
                message = f'the column "{".".join(outer)}" holds the whole of "{".".join(inner)}"'
                hint = "keep one of the two columns"
                self.problems.append(Problem(message, hint, place=taken[inner].place, code="duplicate"))

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


def _text_in(cells: CellRow, index: int) -> str:
    """Return the text of a cell in one line, "" where the row is shorter."""
    return collapse_spaces(cells[index].text) if index < len(cells) else ""
