"""Whether a cell can be the answer its column asks for, as far as the spreadsheet has already changed what was typed.

A spreadsheet makes numbers of zip codes, days of fractions, and fractions of percentages. What it has lost cannot be
found again, so such a cell is refused, and the message says how to keep it from happening.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from agreementgen.deal.questions import Question
from agreementgen.errors import Problem
from agreementgen.sheets.cells import Cell

# Facts that are counts in all but name ("5", "20"). A longer number in a text is a code, whose zeros count.
_COUNT = re.compile(r"[1-9][0-9]{0,2}")


def trouble(cell: Cell, question: Question, field: str) -> Problem | None:
    """Return why the cell cannot be the answer to `question`, None where only its text decides."""
    if cell.problem:
        return replace(cell.problem, field=field)
    asked = question.of[0] if question.type == "list" else question
    found = _day(cell, asked) if cell.kind == "day" else _number(cell, asked) if cell.kind == "number" else None
    return Problem(*found, field, cell.place) if found else None


def _as_text(cell: Cell) -> str:
    letters = cell.place.cell.rstrip("0123456789")
    return f"select column {letters}, format it as text (Format Cells, Number, Text)"


def _day(cell: Cell, question: Question) -> tuple[str, str] | None:
    if question.type == "date":
        return None
    message = f"the spreadsheet has made the day {cell.text} of what was typed, and no day belongs here"
    return message, f"{_as_text(cell)}, and type it again"


def _number(cell: Cell, question: Question) -> tuple[str, str] | None:
    text = cell.text
    match question.type:
        case "text" if not _COUNT.fullmatch(question.example):
            message = f"{text} is stored as a number, and a text belongs here: zeros in front of it would be lost"
            return message, f"{_as_text(cell)}, and type it again; 02110 then keeps its zero"
        case "percent" | "percent or money" if re.fullmatch(r"0(?:\.[0-9]{1,6})?|1", text):
            shown = f"{Decimal(text) * 100:f}"
            shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
            return (
                f'"{text}" has no percent sign',
                f'format the column as a percentage: {text} then shows as "{shown}%"',
            )
        case "date":
            message = f'"{text}" is a number, not a day'
            return message, "format the column as a date, and look whether it shows the right day"
    return None
