"""Addresses in several columns (street, city, state, zip code), as address books have them, as one column.

An agreement prints an address in one line, and a deal has one fact for it. The zip code is where spreadsheets lose
zeros, so a code that is too short for the United States is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agreementgen.batch.heads import Heads, plain
from agreementgen.batch.kinds import trouble
from agreementgen.batch.rows import Address
from agreementgen.deal.characters import collapse
from agreementgen.deal.questions import Question
from agreementgen.deal.regions import known_codes
from agreementgen.errors import Problem
from agreementgen.sheets.cells import Cell

AddressRow = tuple[Cell, ...]
_WORDS = {
    "street": "street", "street address": "street", "street 2": "street", "suite": "street", "unit": "street",
    **{f"{word} {n}": "street" for word in ("address", "address line", "line") for n in (1, 2, 3)},
    "city": "city", "town": "city",
    "state": "state", "province": "state", "state.province": "state", "state or province": "state",
    "zip": "zip", "zip code": "zip", "zipcode": "zip", "postal code": "zip", "postcode": "zip",
    "zip.postal code": "zip",
    "country": "country",
}  # fmt: skip
_HOME = ("", "us", "usa", "u.s.", "u.s.a.", "united states", "united states of america")
_SHORT = re.compile(r"[0-9]{3,4}(?:-[0-9]{4})?")
_END = re.compile(r"\b([A-Z]{2}),? ([0-9]{3,4}(?:-[0-9]{4})?)$")


def joined(head: AddressRow, body: Sequence[AddressRow], heads: Heads) -> tuple[AddressRow, list[AddressRow]]:
    """Return the head and rows of a table in which columns of parts of an address are one column of addresses."""
    for number, parts in _parts(head, heads).items():
        first = min(parts)
        head = _put(head, parts, first, replace(head[first], text=f"parties.{number}.address"))
        question = heads.facts["parties", number, "address"].question
        body = [_put(row, parts, first, _address(row, parts, first, question)) for row in body]
    return head, list(body)


def _parts(head: AddressRow, heads: Heads) -> dict[str, dict[int, str]]:
    """Return the columns that hold parts of an address, by the number of the party, each with what it holds.

    A party that has a column for its whole address has none.
    """
    whole: set[str] = set()
    named: set[str] = set()
    unknown: list[tuple[int, str]] = []
    for index, cell in enumerate(head):
        found = heads.address(cell.text) if plain(cell.text) else ""
        if isinstance(found, Address) and found.path[0] == "parties":
            named.add(found.path[1])
            whole |= {found.path[1]} if found.path[2:] == ("address",) else set()
        elif isinstance(found, str):
            unknown.append((index, plain(cell.text)))
    found_parts: dict[str, dict[int, str]] = {}
    for index, text in unknown:
        for number in sorted(named):
            # Without the name of a party it is the one that the table speaks of.
            names = [plain(name) for name in heads.names(number)] + ([""] if len(named) == 1 else [])
            rest = next((text[len(name) :].strip(" .") for name in names if text.startswith(name)), "")
            if rest in _WORDS and number not in whole:
                found_parts.setdefault(number, {})[index] = _WORDS[rest]
                break
    return {number: parts for number, parts in found_parts.items() if {"street", "city"} & set(parts.values())}


def _put(row: AddressRow, parts: dict[int, str], first: int, cell: Cell) -> AddressRow:
    return tuple(
        cell if index == first else replace(old, text="", kind="text", problem=None) if index in parts else old
        for index, old in enumerate(row)
    )


def _address(row: AddressRow, parts: dict[int, str], first: int, question: Question) -> Cell:
    """Return the address of a row, at the place of its first part; with the first thing that is wrong with a part."""
    if first >= len(row):
        return Cell("", row[0].place)
    pieces = [(kind, row[index]) for index, kind in sorted(parts.items()) if index < len(row)]
    pieces = [(kind, cell) for kind, cell in pieces if collapse(cell.text)]
    text, last = "", ""
    for kind, cell in pieces:
        # "Salem, MA 01970", "01097 Dresden"
        close = (kind == "zip" and last in ("city", "state")) or (kind == "city" and last == "zip")
        text += (" " if close else ", " if text else "") + collapse(cell.text)
        last = kind
    problem = next(_problems(pieces, question), None)
    return Cell(text, (pieces[0][1] if pieces else row[first]).place, problem=problem)


def _problems(pieces: Sequence[tuple[str, Cell]], question: Question) -> Iterator[Problem]:
    country = next((collapse(cell.text).casefold() for kind, cell in pieces if kind == "country"), "")
    for kind, cell in pieces:
        if found := trouble(cell, question, ""):
            yield found
        elif kind == "zip" and country in _HOME and _SHORT.fullmatch(collapse(cell.text)):
            yield _short(collapse(cell.text), cell)


def short_code(cell: Cell) -> Problem | None:
    """Return what is wrong with a whole address that ends in a state of the United States and a code without its zero.

    Formulas that put an address together from columns make such ones.
    """
    found = _END.search(collapse(cell.text))
    return _short(found[2], cell) if found and f"US-{found[1]}" in known_codes() else None


def _short(code: str, cell: Cell) -> Problem:
    letters = cell.place.cell.rstrip("0123456789")
    hint = (
        f"format column {letters} as text (Format Cells, Number, Text) and type all five figures; "
        'for an address elsewhere, name its country, in a column "country" where it has several'
    )
    return Problem(f'"{code}" is too short for a zip code: a zero in front of it was lost', hint, "", cell.place)
