"""A table from the bytes of a CSV or XLSX file."""

from __future__ import annotations

from agreementgen.errors import Problem
from agreementgen.sheets.cells import CHART, Cell, Limits, Table, doubt, place, refused


def read(data: bytes, name: str, limits: Limits = CHART) -> Table:
    """Return the cells of a CSV file, or of the first sheet of an XLSX file that holds any; raise InputError."""
    if len(data) > limits.bytes:
        message = f"the file is too large: more than {limits.bytes:,} bytes are not read"
        raise refused(name, message, "is it the right one?")
    if name.lower().endswith(".xlsx"):
        from agreementgen.sheets.workbook import read_workbook

        return read_workbook(data, name, limits)
    from agreementgen.sheets.csvfile import read_csv

    rows = []
    for number, texts in enumerate(read_csv(data, name), 1):
        if not any(text.strip() for text in texts):
            continue
        last = max(index for index, text in enumerate(texts, 1) if text.strip())
        if number > limits.rows or last > limits.columns:
            hint = "is it the right table?"
            raise refused(name, f"the table is larger than {limits.rows:,} rows or {limits.columns} columns", hint)
        rows.append(tuple(_csv_cell(text, name, number, index) for index, text in enumerate(texts, 1)))
    return Table(tuple(rows))


def _csv_cell(text: str, name: str, row: int, index: int) -> Cell:
    at = place(name, row, index)
    message, hint = doubt(text)
    return Cell(text, at, problem=Problem(message, hint, "", at) if message else None)
