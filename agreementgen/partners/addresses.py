"""What a spreadsheet has made of the cells of a list of partners, and addresses that stand in several columns.

A spreadsheet makes numbers of zip codes, days of fractions, and fractions of percentages. What it has lost cannot be
found again, so such a cell is refused, and the message says how to keep it from happening.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from agreementgen.core.places import code_of_place, region_codes
from agreementgen.core.problems import Problem, collapse_spaces
from agreementgen.deal.question_types import (
    DateType,
    PercentOrMoneyType,
    PercentType,
    TextType,
)
from agreementgen.deal.questions import Question
from agreementgen.partners.heads import HeadIndex, normalize_head
from agreementgen.partners.rows import FactAddress
from agreementgen.sheets.cells import Cell, CellRow

# Facts that are counts in all but name ("5", "20"). A longer number in a text is a code, whose zeros count.
_COUNT = re.compile(r"[1-9][0-9]{0,2}")
_ADDRESS_HEADS = {
    "street": "street", "street address": "street", "street 1": "street", "street 2": "street",
    "suite": "street", "unit": "street",
    **{f"{word} {n}": "street" for word in ("address", "address line", "line") for n in (1, 2, 3)},
    "city": "city", "town": "city",
    "state": "state", "province": "state", "state.province": "state", "state or province": "state",
    # In lists of people who write German or French.
    "straße": "street", "strasse": "street", "rue": "street", "plz": "zip", "postleitzahl": "zip", "code postal": "zip",
    "ort": "city", "stadt": "city", "ville": "city", "land": "country", "pays": "country",
    "st": "state", "code": "zip",
    "zip": "zip", "zip code": "zip", "zipcode": "zip", "postal code": "zip", "postcode": "zip",
    "zip.postal code": "zip",
    "state.region": "state", "region": "state", "country.region": "country", "country": "country",
    **dict.fromkeys(("city.state.zip", "city, state, zip", "city, state zip", "city state zip", "csz"), "place"),
}  # fmt: skip
# States and territories whose zip codes begin with 0, and how many figures are left where it was lost.
_STATES_WITH_ZERO = {
    **dict.fromkeys(("CT", "MA", "ME", "NH", "NJ", "RI", "VT"), 4),
    **dict.fromkeys(("PR", "VI"), 3),
}
# Which address, where a list has several: the likeliest first.
_ADDRESS_KINDS = (
    "", "registered", "business", "company", "office", "hq", "billing", "mailing", "postal", "primary", "physical",
    "work", "main", "legal", "head office", "headquarters", "bill from", "bill to", "address 1", "address 2",
    "shipping", "ship to",
)  # fmt: skip
_UNITED_STATES = ("", "us", "usa", "u.s.", "u.s.a.", "united states", "united states of america")
_SHORT_ZIP_CODE = re.compile(r"[0-9]{3,4}(?:-[0-9]{4})?")
_ADDRESS_END = re.compile(r"\b([A-Z]{2}),? ([0-9]{3,4}(?:-[0-9]{4})?)$")


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
    return f"select column {column_of(cell)}, format it as text (Format Cells, Number, Text)"


def column_of(cell: Cell) -> str:
    """Return the letters of a cell's column."""
    return cell.place.cell.rstrip("0123456789")


# -- addresses
# Address books have streets, cities, states and zip codes in columns of their own; a deal has one fact for all, printed
# in one line.


def join_address_columns(
    head: CellRow, body: Sequence[CellRow], heads: HeadIndex, mended: list[Cell]
) -> tuple[CellRow, list[CellRow]]:
    """Return the head and rows of a table in which columns of parts of an address are one column of addresses.

    Zip codes whose zero was put back are added to `mended`.
    """
    for number, parts in _find_address_columns(head, body, heads).items():
        first = min(parts)
        head = _put_joined(head, parts, first, replace(head[first], text=f"parties.{number}.address"))
        question = heads.facts["parties", number, "address"].question
        body = [_put_joined(row, parts, first, _join_address(row, parts, first, question, mended)) for row in body]
    return head, list(body)


def _find_address_columns(head: CellRow, body: Sequence[CellRow], heads: HeadIndex) -> dict[str, dict[int, str]]:
    """Return the columns that hold parts of an address, by the number of the party, each with what it holds.

    Of several addresses ("Billing Street", "Shipping Street") a party has the likeliest. One that has a column for its
    whole address has none, unless what stands there is only the street.
    """
    whole: dict[str, tuple[int, str]] = {}
    named: set[str] = set()
    unknown: list[tuple[int, str]] = []
    for index, cell in enumerate(head):
        text = normalize_head(cell.text)
        found = heads.find_address(cell.text) if text else None
        if isinstance(found, FactAddress) and found.path[0] == "parties":
            named.add(found.path[1])
            if found.path[2:] == ("address",):
                kind = next((kind for kind in _ADDRESS_KINDS if kind and text == f"{kind} address"), "")
                whole[found.path[1]] = (index, kind)
        elif not isinstance(found, FactAddress):
            unknown.append((index, text))
    groups: dict[str, dict[str, dict[int, str]]] = {}
    for index, text in unknown:
        for number in sorted(named):
            # Without the name of a party it is the one that the table speaks of.
            names = [normalize_head(name) for name in heads.names_of_party(number)] + ([""] if len(named) == 1 else [])
            rests = (text[len(name) :].strip(" .") for name in names if text.startswith(name))
            part = next((part for rest in rests if (part := part_of_address(rest))), None)
            if part:
                groups.setdefault(number, {}).setdefault(part[0], {})[index] = part[1]
                break
    chosen: dict[str, dict[int, str]] = {}
    for number, by_kind in groups.items():
        for kind in _ADDRESS_KINDS:
            parts = by_kind.get(kind, {})
            if "place" in parts.values():
                # City, state and zip stand in one column; another "State" is not of the address.
                parts = {n: part for n, part in parts.items() if part in ("street", "place", "country")}
            if number in whole:
                index, kind_of_whole = whole[number]
                if kind == kind_of_whole and _holds_only_streets(index, parts, body):
                    chosen[number] = {**parts, index: "street"}
            elif {"street", "city", "place"} & set(parts.values()) and number not in chosen:
                chosen[number] = parts
    return chosen


_NAME_PAIRS = (
    ("first name", "last name"),
    ("given name", "family name"),
    ("contact first name", "contact last name"),
    ("vorname", "nachname"),
    ("prénom", "nom"),
)


def join_name_columns(head: CellRow, body: Sequence[CellRow]) -> tuple[CellRow, list[CellRow]]:
    """Return the head and rows of a table in which first and last names are one column, "Contact Name"."""
    heads = [normalize_head(cell.text) for cell in head]
    pair = next((pair for pair in _NAME_PAIRS if set(pair) <= set(heads)), None)
    if pair is None or "contact name" in heads:
        return head, list(body)
    if "name" in heads and "organization 1 name" in heads:
        # An address book: there it is the whole name of the person.
        whole = heads.index("name")
        head = tuple(replace(cell, text="(Name)") if n == whole else cell for n, cell in enumerate(head))
    first, last = (heads.index(name) for name in pair)
    parts = {first: "first", last: "last"}

    def joined(row: CellRow) -> CellRow:
        texts = [row[n].text.strip() for n in (first, last) if n < len(row)]
        if first >= len(row):
            return row
        return _put_joined(row, parts, first, replace(row[first], text=" ".join(filter(None, texts))))

    return _put_joined(head, parts, first, replace(head[first], text="Contact Name")), list(map(joined, body))


def part_of_address(text: str) -> tuple[str, str] | None:
    """Return the kind of address and its part that a head names: "mailing city" is the city of the mailing address."""
    for kind in _ADDRESS_KINDS:
        rest = text.removeprefix(kind).strip() if text.startswith(kind) else ""
        # "Billing Code" is one of zip codes; "Code" alone may be any.
        if rest in _ADDRESS_HEADS and (kind or rest != "code"):
            return kind, _ADDRESS_HEADS[rest]
    return None


def _holds_only_streets(index: int, parts: dict[int, str], body: Sequence[CellRow]) -> bool:
    """Return whether a column of addresses holds no cities: these stand in a column of their own."""
    cities = [n for n, part in parts.items() if part in ("city", "place")]
    if not cities or not {"state", "zip", "place"} & set(parts.values()):
        return False
    pairs = [(row[index].text, row[cities[0]].text) for row in body if max(index, cities[0]) < len(row)]
    return not any(city.strip() and city.strip().casefold() in address.casefold() for address, city in pairs)


def _put_joined(row: CellRow, parts: dict[int, str], first: int, cell: Cell) -> CellRow:
    return tuple(
        cell if index == first else replace(old, text="", kind="text", problem=None) if index in parts else old
        for index, old in enumerate(row)
    )


def _join_address(row: CellRow, parts: dict[int, str], first: int, question: Question, mended: list[Cell]) -> Cell:
    """Return the address of a row, at the place of its first part; with the first thing that is wrong with a part."""
    if first >= len(row):
        return Cell("", row[0].place)
    in_order = sorted(parts.items(), key=lambda item: (_rank_of_part(item[1], parts), item[0]))
    pieces = [(kind, row[index]) for index, kind in in_order if index < len(row)]
    pieces = [(kind, cell) for kind, cell in pieces if collapse_spaces(cell.text)]
    whole = _mend_zip_codes(pieces)
    mended += [cell for (_, cell), (_, old) in zip(whole, pieces, strict=True) if cell is not old]
    pieces = whole
    text, last = "", ""
    for kind, cell in pieces:
        # "Salem, MA 01970", "01097 Dresden"
        close = (kind == "zip" and last in ("city", "state")) or (kind == "city" and last == "zip")
        lines = (collapse_spaces(line).rstrip(",") for line in cell.text.splitlines())
        text += (" " if close else ", " if text else "") + ", ".join(filter(None, lines))
        last = kind
    problem = next(_check_address_parts(pieces, question), None)
    return Cell(text, (pieces[0][1] if pieces else row[first]).place, problem=problem)


def _rank_of_part(kind: str, parts: dict[int, str]) -> float:
    """Return the place of a part in an address: exports have their columns in any order, such as by the alphabet.

    Where no state is named, a zip code may stand before the city, as it does in most of Europe.
    """
    rank = ("street", "place", "city", "state", "zip", "country").index(kind)
    columns = {part: index for index, part in reversed(parts.items())}
    is_before = kind == "zip" and "state" not in columns and columns["zip"] < columns.get("city", 0)
    return 0.5 if is_before else rank


def _mend_zip_codes(pieces: Sequence[tuple[str, Cell]]) -> list[tuple[str, Cell]]:
    """Return the parts with the zero before a zip code, where the state makes it certain that it was lost."""
    state = next((collapse_spaces(cell.text) for kind, cell in pieces if kind == "state"), "")
    code = state.upper() if state.upper() in _STATES_WITH_ZERO else code_of_place(state).removeprefix("US-")
    country = next((collapse_spaces(cell.text).casefold() for kind, cell in pieces if kind == "country"), "")
    left = _STATES_WITH_ZERO.get(code, 0) if country in _UNITED_STATES else 0
    return [
        (kind, replace(cell, text=cell.text.strip().zfill(5), kind="text"))
        if kind == "zip" and left and re.fullmatch(f"[0-9]{{{left}}}", cell.text.strip())
        else (kind, cell)
        for kind, cell in pieces
    ]


def _check_address_parts(pieces: Sequence[tuple[str, Cell]], question: Question) -> Iterator[Problem]:
    country = next((collapse_spaces(cell.text).casefold() for kind, cell in pieces if kind == "country"), "")
    for kind, cell in pieces:
        if (
            kind == "zip"
            and cell.kind == "number"
            and re.fullmatch("[0-9]{5}", cell.text)
            and country in _UNITED_STATES
        ):
            continue  # its zeros are all there
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
        f"format column {column_of(cell)} as text (Format Cells, Number, Text) and type all five figures; "
        'for an address elsewhere, name its country, in a column "country" where it has several'
    )
    message = f'"{code}" is too short for a zip code: a zero in front of it was lost'
    return Problem(message, hint, place=cell.place, code="table-cell-changed")
