"""Which fact a column of a table means: its head is a path, a prompt, the label of a row, or another plain spelling.

A head is looked up in rounds, the exact spellings first. In each round it means one fact, or several, which is
refused: two people would read the table differently.

Whether a cell can be the answer its column asks for, as far as the spreadsheet has already changed what was typed.

A spreadsheet makes numbers of zip codes, days of fractions, and fractions of percentages. What it has lost cannot be
found again, so such a cell is refused, and the message says how to keep it from happening.

Addresses in several columns (street, city, state, zip code), as address books have them, as one column.

An agreement prints an address in one line, and a deal has one fact for it. The zip code is where spreadsheets lose
zeros, so a code that is too short for the United States is refused.

A table over a base deal: its columns are facts, its rows partners. Every doubt is a problem with its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from agreementgen.core.characters import collapse_spaces, quote_text
from agreementgen.core.problems import InputError, Place, Problem, suggest_nearest
from agreementgen.core.values import region_codes
from agreementgen.deal.deal import Form
from agreementgen.deal.question_types import PERCENT, TEXT, DateType, PercentOrMoneyType, PercentType, TextType
from agreementgen.deal.questions import Question, Structure
from agreementgen.library.library import Library
from agreementgen.partners.rows import FactAddress, FactPath, PartnerRow, TablePlanner
from agreementgen.sheets.cells import Cell, CellTable, column_letters, place_of_cell
from agreementgen.sources import short_name_of
from agreementgen.yamlfile.nodes import MappingNode, ScalarNode, SequenceNode, YamlText

# The number of an entry of a list, in spellings.
_ANY_NUMBER = "#"
_NOTE = re.compile(r"\s*(?:\(.*\)|\[.*\]|#.*)\s*", re.DOTALL)


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


@dataclass
class HeadIndex:
    """The heads that tables over one base deal may have."""

    library: Library
    form: Form
    root: MappingNode
    rounds: list[dict[str, set[FactPath]]] = field(default_factory=lambda: [{}, {}, {}])
    facts: dict[FactPath, ColumnFact] = field(default_factory=dict)
    # The questions of the addresses that were found.
    questions: dict[FactPath, Question] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parties = tuple(_base_short_names(self.root))
        self.roles = _roles_by_number(self.root, self.form)
        for fact in self.facts_of_questions(self.form.questions, ()):
            self.facts.setdefault(fact.path, fact)
        for fact in self.facts.values():
            self.add_spellings(fact)
        for label, names in _labels_of_one_fact(self.library, self.form):
            for fact in self.facts.values():
                if tuple(part.replace(" ", "_").replace("-", "_") for part in fact.path) == names:
                    self.add_spelling(1, label, fact.path)

    def find_address(self, head: str) -> FactAddress | str:
        """Return where the cells of the column go, or a hint where the head means no fact, or several."""
        text = normalize_head(head)
        for spellings in self.rounds:
            for numbers, spelling in _open_numbers(text):
                found = spellings.get(spelling)
                if found is None:
                    continue
                if len(found) > 1:
                    named = sorted(".".join(path).replace(_ANY_NUMBER, "1") for path in found)
                    return "write " + " or ".join(f'"{path}"' for path in named[:4])
                fact = self.facts[next(iter(found))]
                given = iter(numbers)
                whole = tuple(next(given, "1") if part == _ANY_NUMBER else part for part in fact.path)
                self.questions[whole] = fact.question
                return FactAddress(whole, fact.party_at, fact.several)
        return self.suggest_nearest(text)

    def suggest_nearest(self, text: str) -> str:
        known = {spelling: path for spellings in reversed(self.rounds) for spelling, path in spellings.items()}
        close = suggest_nearest(text[:200], known)
        if not close.startswith("did you mean"):
            return '"agreementgen show questions" lists the facts; a head in brackets or behind # is a note'
        paths = sorted(known[close.split('"')[1]])
        return "did you mean " + " or ".join(f'"{".".join(path)}"' for path in paths[:3]).replace("#", "1") + "?"

    # -- facts

    def facts_of_questions(
        self, questions: Iterable[Question], above: FactPath, party_at: int = -1
    ) -> Iterator[ColumnFact]:
        for question in questions:
            here = (*above, question.key)
            if here != ("agreement",):
                yield from self.facts_of_question(question, here, party_at)

    def facts_of_question(self, question: Question, here: FactPath, party_at: int) -> Iterator[ColumnFact]:
        match question.structure:
            case Structure.SCALAR:
                yield ColumnFact(here, question, party_at)
            case Structure.LIST if question.parts[0].is_scalar:
                yield ColumnFact(here, question, party_at, several=True)
                yield ColumnFact((*here, _ANY_NUMBER), question.parts[0], party_at)
            case Structure.GROUP:
                if question.words:
                    yield ColumnFact(here, question, party_at)
                yield from self.facts_of_questions(question.parts, here, party_at)
            case Structure.GROUPS if here == ("parties",):
                for number in range(1, max(len(self.parties), self.form.party_limits[0]) + 1):
                    yield from self.facts_of_questions(question.parts, (*here, str(number)))
            case Structure.GROUPS:
                yield from self.facts_of_questions(question.parts, (*here, _ANY_NUMBER), party_at)
            case Structure.PER_PARTY:
                for number in range(1, len(self.parties) + 1):
                    yield from self.facts_of_question(question.parts[0], (*here, str(number)), len(here))
            case Structure.SHARES:
                for number in range(1, len(self.parties) + 1):
                    yield ColumnFact((*here, str(number)), Question("", PERCENT, "", question.place), len(here))
            case Structure.MATRIX:
                yield from self.facts_of_questions(question.parts, here, party_at)
                yield from self.facts_of_matrix_roles(question, here)

    def facts_of_matrix_roles(self, question: Question, here: FactPath) -> Iterator[ColumnFact]:
        """Yield the person of each role of a matrix in the base deal."""
        matrix = self.root.get(here[0]) if len(here) == 1 else None
        roles = matrix.get("roles") if isinstance(matrix, MappingNode) else None
        for name, _ in roles if isinstance(roles, MappingNode) else ():
            yield ColumnFact((*here, "roles", name.text, "person"), Question("person", TEXT, "", question.place))

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
        nodes = self.root.get("parties")
        items = nodes.items if isinstance(nodes, SequenceNode) else ()
        open_ = [
            str(n) for n, node in enumerate(items, 1) if not (isinstance(node, MappingNode) and _text_of(node, "name"))
        ]
        return open_ == [number] if open_ else True


def _open_numbers(text: str) -> Iterator[tuple[list[str], str]]:
    """Yield a head with none, one and more of its numbers (the last first) as those of entries, and these numbers."""
    numbers = list(re.finditer(r"(?<=[. ])[0-9]{1,3}(?=[. ]|$)", text))
    for count in range(len(numbers) + 1):
        chosen, said = numbers[len(numbers) - count :], text
        for match in reversed(chosen):
            said = said[: match.start()] + _ANY_NUMBER + said[match.end() :]
        yield [match[0] for match in chosen], said


def _base_short_names(root: MappingNode) -> Iterator[str]:
    node = root.get("parties")
    yield from (short_name_of(item) for item in node.items) if isinstance(node, SequenceNode) else ()


def _roles_by_number(root: MappingNode, form: Form) -> dict[str, str]:
    """Return the roles of the parties by number: the one a party says, and to the others those left, in order."""
    node = root.get("parties")
    items = node.items if isinstance(node, SequenceNode) else ()
    said = {
        str(n): _text_of(item, "role").lower()
        for n, item in enumerate(items, 1)
        if isinstance(item, MappingNode) and _text_of(item, "role")
    }
    left = iter([role for role in form.roles if role not in said.values()])
    for number in range(1, max(len(items), form.party_limits[0]) + 1):
        if str(number) not in said and (role := next(left, "")):
            said[str(number)] = role
    return said


def _text_of(node: MappingNode, key: str) -> str:
    value = node.get(key)
    return value.text.strip() if isinstance(value, ScalarNode) and not value.is_empty else ""


_ONE_FACT = re.compile(r"\{\{ *([a-z_][a-z0-9_.]*)(?: *\| *[a-z]+)* *\}\}")


def _labels_of_one_fact(library: Library, form: Form) -> Iterator[tuple[str, FactPath]]:
    """Yield the labels of key terms that print one fact and nothing else, with its names in clauses."""
    for topic_id in library.outlines[form.kind].topics:
        for row in library.topics[topic_id].terms:
            found = _ONE_FACT.fullmatch(row.says.text.strip())
            if found and not row.each and "{" not in row.label.text:
                yield row.label.text, tuple(found[1].split("."))


# Facts that are counts in all but name ("5", "20"). A longer number in a text is a code, whose zeros count.
_COUNT = re.compile(r"[1-9][0-9]{0,2}")


def check_cell(cell: Cell, question: Question, field: str) -> Problem | None:
    """Return why the cell cannot be the answer to `question`, None where only its text decides."""
    if cell.problem:
        return replace(cell.problem, field=field)
    asked = question.item
    found = (
        _check_day(cell, asked) if cell.kind == "day" else _check_number(cell, asked) if cell.kind == "number" else None
    )
    return Problem(*found, field, cell.place) if found else None


def _format_as_text_hint(cell: Cell) -> str:
    letters = cell.place.cell.rstrip("0123456789")
    return f"select column {letters}, format it as text (Format Cells, Number, Text)"


def _check_day(cell: Cell, question: Question) -> tuple[str, str] | None:
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
            shown = f"{Decimal(text) * 100:f}"
            shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
            return (
                f'"{text}" has no percent sign',
                f'format the column as a percentage: {text} then shows as "{shown}%"',
            )
        case DateType():
            message = f'"{text}" is a number, not a day'
            return message, "format the column as a date, and look whether it shows the right day"
    return None


CellRow = tuple[Cell, ...]
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
        found = heads.find_address(cell.text) if normalize_head(cell.text) else ""
        if isinstance(found, FactAddress) and found.path[0] == "parties":
            named.add(found.path[1])
            whole |= {found.path[1]} if found.path[2:] == ("address",) else set()
        elif isinstance(found, str):
            unknown.append((index, normalize_head(cell.text)))
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
    letters = cell.place.cell.rstrip("0123456789")
    hint = (
        f"format column {letters} as text (Format Cells, Number, Text) and type all five figures; "
        'for an address elsewhere, name its country, in a column "country" where it has several'
    )
    return Problem(f'"{code}" is too short for a zip code: a zero in front of it was lost', hint, "", cell.place)


# In a column that is headed so: this row is no partner.
SKIP_MARK = "#"
# Titles above the head row are few.
_TITLE_ROWS = 10
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

    def add_problem(self, message: str, hint: str, place: Place, field: str = "") -> None:
        self.problems.append(Problem(message, hint, field, place))

    def read(self, table: CellTable) -> list[PartnerRow]:
        filled = [row for row in table.rows if any(collapse_spaces(cell.text) for cell in row)]
        start = self.find_head_row(filled)
        head, body = join_address_columns(filled[start], filled[start + 1 :], self.heads)
        columns = dict(self.read_columns(head))
        skip = {n for n, cell in enumerate(head) if collapse_spaces(cell.text) == SKIP_MARK}
        plan = TablePlanner(self.name, self.base, self.form, self.problems).make_plan(columns, head[0].place)
        found: list[PartnerRow] = []
        body = [
            cells
            for cells in body
            if not any(collapse_spaces(cells[n].text) == SKIP_MARK for n in skip if n < len(cells))
        ]
        self.check_merged_cells(table, [head, *body])
        for cells in body:
            wrong = list(self.check_stray_cells(head, cells))
            texts = tuple(cells[n].text if n < len(cells) else "" for n in columns)
            if any(collapse_spaces(text) for text in texts):
                remarks = tuple(self.list_remarks(table, cells[0].place, columns, first=not found))
                problems = tuple(self.check_cells(cells, columns))
                found.append(PartnerRow(plan, cells[0].place.line, texts, remarks, problems, tuple(wrong)))
            else:
                self.problems += wrong  # it has cells without a head only, or notes
        found = list(self.check_names(found, body))
        if not found and not self.problems:
            self.add_problem("the table has no rows below its heads", "add a row for each partner", Place(self.name))
        if self.problems:
            raise InputError(self.problems)
        return found

    def find_head_row(self, rows: Sequence[Sequence[Cell]]) -> int:
        """Return the index of the row of heads: the first with a fact we know, else the first of several cells."""
        for index, row in enumerate(rows[:_TITLE_ROWS]):
            if any(
                isinstance(self.heads.find_address(cell.text), FactAddress) for cell in row if normalize_head(cell.text)
            ):
                return index
        several = (index for index, row in enumerate(rows) if sum(bool(collapse_spaces(cell.text)) for cell in row) > 1)
        if rows:
            return next(several, 0)
        hint = "its first row names facts, as in parties.2.name, and each row below is a partner"
        raise InputError(Problem("the table is empty", hint, "", Place(self.name)))

    # -- what the sheet makes of its cells

    def check_cells(self, cells: Sequence[Cell], columns: dict[int, FactAddress]) -> Iterator[Problem]:
        """Yield what the spreadsheet has made of cells so that they cannot be the answers their columns ask for."""
        for n, address in columns.items():
            if n < len(cells) and collapse_spaces(cells[n].text):
                problem = check_cell(cells[n], self.heads.questions[address.path], address.dotted_path)
                if problem is None and address.path[-1] == "address":
                    problem = check_zip_code(cells[n])
                if problem:
                    yield replace(problem, field=address.dotted_path)

    def check_stray_cells(self, head: Sequence[Cell], cells: Sequence[Cell]) -> Iterator[Problem]:
        """Yield what stands under no head, and that a row of CSV is shifted by a separator that belongs to a text."""
        strays = [
            (n, c)
            for n, c in enumerate(cells)
            if collapse_spaces(c.text) and (n >= len(head) or not head[n].text.strip())
        ]
        for n, cell in strays:
            hint = "name the fact in the first row, or empty the cell"
            if not self.name.lower().endswith(".xlsx") and n >= len(head):
                hint += "; where a text holds a comma or semicolon, put it in quotation marks"
            yield Problem(f'"{quote_text(cell.text)}" stands in a column without a head', hint, "", cell.place)
        if len(cells) > len(head) and not strays:
            message = f"this row has {len(cells)} cells, and the row of heads {len(head)}"
            hint = "put texts that hold a comma or semicolon in quotation marks, or delete the separators at its end"
            yield Problem(message, hint, "", cells[len(head)].place)

    def check_merged_cells(self, table: CellTable, rows: Sequence[Sequence[Cell]]) -> None:
        used = {row[0].place.line for row in rows}
        for area in table.merged:
            if used.intersection(range(area.first_row, area.last_row + 1)):
                message = f"the cells {area.name} are merged: only the first of them holds anything"
                hint = "undo it (in Excel: Home, Merge & Center), and fill in each cell"
                at = place_of_cell(self.name, area.first_row, area.first_column)
                self.add_problem(message, hint, at)

    def list_remarks(
        self, table: CellTable, row: Place, columns: dict[int, FactAddress], first: bool
    ) -> Iterator[Problem]:
        """Yield what is read although nobody sees it; what goes for the whole table, with its first row."""
        if row.line in table.hidden_rows:
            yield Problem(f"row {row.line} is hidden in the sheet, and read all the same", _HIDDEN_HINT, "", row)
        if first:
            yield from table.remarks
            for n, address in columns.items():
                if n + 1 in table.hidden_columns:
                    message = f"column {column_letters(n + 1)} is hidden in the sheet, and read all the same"
                    yield Problem(message, _HIDDEN_HINT, address.dotted_path, place_of_cell(self.name, row.line, n + 1))

    # -- columns

    def read_columns(self, head: Sequence[Cell]) -> Iterator[tuple[int, FactAddress]]:
        taken: dict[FactPath, Cell] = {}
        for index, cell in enumerate(head):
            if not collapse_spaces(cell.text) or is_note(cell.text):
                continue
            found = self.heads.find_address(cell.text)
            if isinstance(found, str):
                several = found.startswith("write ")
                what = "can mean several facts" if several else "is not a fact we know in such a deal"
                self.add_problem(f'the head "{quote_text(cell.text)}" {what}', found, cell.place)
                continue
            other = taken.setdefault(found.path, cell)
            if other is not cell:
                letter = other.place.cell.rstrip("0123456789")
                message = f'the head "{quote_text(cell.text)}" means the same fact as that of column {letter}'
                self.add_problem(message, "keep one of the two columns", cell.place, found.dotted_path)
                continue
            yield index, found
        for one, other_path in pairwise(sorted(taken)):
            if other_path[: len(one)] == one:
                message = f'the column "{".".join(one)}" holds the whole of "{".".join(other_path)}"'
                self.add_problem(message, "keep one of the two columns", taken[other_path].place)

    # -- rows

    def check_names(self, rows: Sequence[PartnerRow], body: Sequence[Sequence[Cell]]) -> Iterator[PartnerRow]:
        """Yield the rows; those that name nobody, or a partner that stands in another row, are wrong."""
        places = {cells[0].place.line: cells[0].place for cells in body}
        names = [a.path for row in rows[:1] for _, a in row.plan.columns if a.path[0] == "parties"]
        names = [path for path in names if path[2:] in (("name",), ("short",))]
        names = [path for path in names if path[2] == "name" or ("parties", path[1], "name") not in names]
        seen: dict[tuple[str, ...], int] = {}
        for row in rows:
            wrong = [*row.row_problems, *self.check_name(row, names)]
            said = tuple(row.text_at(path) for path in names)
            if said and all(said):
                first = seen.setdefault(tuple(text.casefold() for text in said), row.number)
                if first != row.number:
                    message = f'"{quote_text(said[-1])}" stands in row {first} already'
                    hint = "delete one of the two rows; two agreements with one partner belong into two tables"
                    wrong.append(Problem(message, hint, ".".join(names[-1]), places[row.number]))
            yield replace(row, row_problems=tuple(wrong))

    def check_name(self, row: PartnerRow, names: Sequence[FactPath]) -> Iterator[Problem]:
        for path in names:
            text = row.text_at(path)
            here = row.cell_place(next(n for n, address in row.plan.columns if address.path == path))
            if not text:
                message = f"row {row.number} does not say which party it is for"
                yield Problem(message, "name it, or delete the row", ".".join(path), here)
            elif _TOTALS_LABEL.fullmatch(text) and sum(bool(collapse_spaces(t)) for t in row.texts) < len(row.texts):
                message = f'row {row.number} looks like totals: "{quote_text(text)}"'
                yield Problem(message, "delete the row; a table of partners has no totals", ".".join(path), here)
