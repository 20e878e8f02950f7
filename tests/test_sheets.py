"""Tables as people have them: each is read as it is meant, or refused with its cell. Files are made by other programs."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from agreementgen.core.problems import InputError
from agreementgen.sheets.cells import CellTable, TableLimits
from agreementgen.sheets.table_reader import read_cells, write_csv


def texts(table: CellTable) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def refusal(data: bytes, name: str = "t.csv", limits: TableLimits | None = None) -> str:
    try:
        found = [cell.problem for row in read_cells(data, name, limits or TableLimits()).rows for cell in row]
    except InputError as error:
        found = [*error.problems]
    (problem,) = filter(None, found)
    assert problem.hint
    return str(problem)


# -- CSV: letters

ROWS = [["name", "city"], ["Érablière & Fils", "Québec"], ["O’Neil; Müller", "São Paulo, SP"]]


def as_csv(mark: str) -> str:
    return "".join(mark.join(f'"{cell}"' if re.search("[,;]", cell) else cell for cell in row) + "\r\n" for row in ROWS)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("stored", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-with-mark"])
def test_letters_and_separators_come_out_right(mark: str, stored: str) -> None:
    text = as_csv(mark)
    data = b"\xfe\xff" + text.encode("utf-16-be") if stored == "utf-16-be-with-mark" else text.encode(stored)
    assert texts(read_cells(data, "t.csv")) == ROWS


@pytest.mark.parametrize(
    ("stored", "says"),
    [
        ("cp1252", "t.csv:A2: the file is not stored as UTF-8, so its letters are not certain (here perhaps \"Érablière & Fils\")"),
        ("mac-roman", "t.csv:A2: the file is not stored as UTF-8"),
        ("utf-16-le", "t.csv: the file is stored as UTF-16 without its mark"),
        ("utf-32", "t.csv: the file is stored as UTF-32"),
    ],
)  # fmt: skip
def test_letters_that_are_not_certain_are_refused(stored: str, says: str) -> None:
    assert refusal(as_csv(";").encode(stored)).startswith(says)


def test_letters_stored_twice_are_refused_in_csv_and_in_excel() -> None:
    wrong = "Québec".encode().decode("cp1252")
    says = '"QuÃ©bec" seems to be "Québec"'
    assert f"t.csv:B2: {says}" in refusal(f"name,city\nA,{wrong}\n".encode())
    assert f"t.xlsx:B2: {says}" in refusal(xlsx([["name", "city"], ["A", wrong]]), "t.xlsx")


def test_a_cut_off_utf16_file_is_refused() -> None:
    assert "cut off" in refusal(as_csv(";").encode("utf-16")[:-1])


# -- CSV: separators, quotes, rows


def test_a_declared_separator_counts_and_is_no_row() -> None:
    table = read_cells(b"sep=;\r\na,b;c\r\n1,2;3\r\n", "t.csv")
    assert texts(table) == [["a,b", "c"], ["1,2", "3"]]
    assert str(table.rows[1][1].place) == "t.csv:B2"
    assert texts(read_cells("sep=|\na|b\n".encode("utf-16"), "t.csv")) == [["a", "b"]]
    assert 'declares "x" as separator' in refusal(b"sep=x\nax b\n")


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"name;note\nA;one, two, three\nB;x, y\n", [["name", "note"], ["A", "one, two, three"], ["B", "x, y"]]),
        (b"Partners, 2026;;\nname;tier;city\nA;Gold;Salem, MA\n", [["Partners, 2026", "", ""], ["name", "tier", "city"], ["A", "Gold", "Salem, MA"]]),
        (b"name,note\nA,a;b;c;d;e\nB,a;b;c;d;e\n", [["name", "note"], ["A", "a;b;c;d;e"], ["B", "a;b;c;d;e"]]),
        (b"name\nA\n", [["name"], ["A"]]),
        (b'name,note\nA,"line 1\nline 2"\n', [["name", "note"], ["A", "line 1\nline 2"]]),
        (b'name,note\nA,"the ""Blue"" line"\n', [["name", "note"], ["A", 'the "Blue" line']]),
        (b"name,note\rA,old Mac\r", [["name", "note"], ["A", "old Mac"]]),
    ],
)  # fmt: skip
def test_separators_and_quotes(data: bytes, wanted: list[list[str]]) -> None:
    assert texts(read_cells(data, "t.csv")) == wanted


def test_empty_rows_count_and_say_nothing() -> None:
    table = read_cells(b"name,tier\n\nA,Gold\n,\n,\n", "t.csv")
    assert texts(table) == [["name", "tier"], ["A", "Gold"]]
    assert str(table.rows[1][0].place) == "t.csv:A3"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'name,note\nA,x\nB,"open\nC,y\n', "t.csv:3: a quotation mark is opened in this row and never closed"),
        (b'name,note\nA,"x" y\n', "t.csv:2: a text goes on behind its closing quotation mark"),
        (b"name,no\nA,#REF!\n", 't.csv:B2: the cell shows the error "#REF!"'),
        (b"name,no\nA,########\n", "t.csv:B2: the cell shows #### only"),
        (b"name,no\nA,1.23457E+11\n", 't.csv:B2: "1.23457E+11" is a long number that the spreadsheet has shortened'),
        (b"<html><table>", "t.csv: this is a web page"),
        (b"%PDF-1.7", "t.csv: this is a PDF"),
        (b"PK\x03\x04", "t.csv: this is an Excel file"),
    ],
)
def test_csv_that_is_not_certain_is_refused(data: bytes, says: str) -> None:
    assert refusal(data).startswith(says)


def test_sizes_are_limited_and_empty_ends_do_not_count() -> None:
    small = TableLimits(rows=3, columns=2, bytes=1_000)
    assert len(read_cells(b"a,b\n1,2\n3,4\n" + b",,,,\n" * 20, "t.csv", small).rows) == 3
    assert "larger than 3 rows or 2 columns" in refusal(b"a,b\n1,2\n3,4\n5,6\n", limits=small)
    assert "larger than 3 rows or 2 columns" in refusal(b"a,b,c\n", limits=small)
    assert "too large" in refusal(b"a" * 1_001, limits=small)
    sheet = xlsx(
        [["a", "b"], [1, 2]],
        lambda sheet: [sheet.cell(row, 9).__setattr__("number_format", "0") for row in range(1, 99)],
    )
    roomy = TableLimits(rows=3, columns=2)
    assert texts(read_cells(sheet, "t.xlsx", roomy)) == [["a", "b"], ["1", "2"]]
    assert "Cell A4 is filled" in refusal(xlsx([["a"], [], [], [1]]), "t.xlsx", roomy)
    assert "Cell C1 is filled" in refusal(xlsx([["a", "", "c"]]), "t.xlsx", roomy)


@given(
    st.lists(
        st.lists(st.text("aé;,\t\"'=+-@ \n|", max_size=6).map(str.strip), min_size=2, max_size=2).filter(any),
        min_size=1,
    )
)
def test_what_is_written_as_csv_is_read_again(rows: list[list[str]]) -> None:
    head = [["first head", "second head"]] * 3
    assert texts(read_cells(write_csv([*head, *rows]), "t.csv")) == [*head, *rows]


# -- XLSX


def xlsx(rows: list[list[Any]], change: Callable[[Any], object] = lambda sheet: None, date1904: bool = False) -> bytes:
    book = openpyxl.Workbook()
    if date1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.worksheets[0]
    for number, row in enumerate(rows, 1):
        for index, value in enumerate(row, 1):
            cell = sheet.cell(number, index)
            cell.value, form = value if isinstance(value, tuple) else (value, "")
            if isinstance(cell.value, str) and not form.startswith("="):
                cell.data_type = "s"
            if form:
                cell.number_format = form.removeprefix("=")
            if form.startswith("="):
                cell.data_type = "f"
    change(sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


ACCOUNTING = '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)'


@pytest.mark.parametrize(
    ("value", "form", "text", "kind"),
    [
        (0.1, "0%", "10%", "text"),
        (0.125, "0.0%", "12.5%", "text"),
        (0.07, "0%", "7%", "text"),
        (0.1 + 0.2, "0%", "30%", "text"),
        (0.1, "General", "0.1", "number"),
        (5000, '"$"#,##0.00', "$5,000.00", "text"),
        (5000, ACCOUNTING, "$5,000.00", "text"),
        (-5000, ACCOUNTING, "$(5,000.00)", "text"),
        (0, ACCOUNTING, "$0.00", "text"),
        (5000.5, '#,##0.00\\ "€"', "5,000.50 €", "text"),
        (5000, "[$€-407]#,##0", "€5,000", "text"),
        (5000, '[$CAD] #,##0', "CAD 5,000", "text"),
        (-5, "0.00;[Red]0.00", "-5", "number"),
        (90, '0 "days"', "90 days", "text"),
        (2110, "00000", "02110", "text"),
        (21101234, "00000\\-0000", "02110-1234", "text"),
        (2110, "General", "2110", "number"),
        (2110, "@", "2110", "number"),
        ("02110", "@", "02110", "text"),
        ("02110", "General", "02110", "text"),
        (5.0, "General", "5", "number"),
        (1234567.5, "#,##0.00", "1,234,567.50", "number"),
        (0.0000001, "General", "0.0000001", "number"),
        (True, "General", "TRUE", "text"),
        (datetime.datetime(2026, 12, 1), "mm-dd-yy", "2026-12-01", "day"),
        (datetime.datetime(2026, 12, 1, 14, 30), "yyyy-mm-dd", "2026-12-01", "day"),
        (datetime.datetime(2026, 12, 1, 14, 30), "yyyy-mm-dd hh:mm", "2026-12-01 14:30", "day"),
        (datetime.datetime(2026, 12, 1), "yyyy-mm-dd hh:mm", "2026-12-01", "day"),
        (datetime.time(14, 30), "h:mm", "14:30", "day"),
        (datetime.timedelta(hours=36), "[h]:mm", "36:00", "day"),
        ("=1+1", "", "=1+1", "text"),
        ("two\nlines", "", "two\nlines", "text"),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_it_shows(value: Any, form: str, text: str, kind: str) -> None:
    (row,) = read_cells(xlsx([[(value, form)]]), "t.xlsx").rows
    assert row[0].problem is None
    assert (row[0].text, row[0].kind) == (text, kind)


def test_days_of_both_calendars_of_excel() -> None:
    day = datetime.datetime(2026, 12, 1)
    old, new = (xlsx([[(day, "yyyy-mm-dd")]], date1904=mac) for mac in (True, False))
    serials = [re.search(r"<v>(\d+)", part(data, "xl/worksheets/sheet1.xml"))[1] for data in (old, new)]  # type: ignore[index]
    assert serials == ["44895", "46357"]
    assert texts(read_cells(old, "t.xlsx")) == texts(read_cells(new, "t.xlsx")) == [["2026-12-01"]]


@pytest.mark.parametrize(
    ("value", "form", "says"),
    [
        (0.1234, "0%", 't.xlsx:A1: the cell shows "12%", but holds 12.34%'),
        (4999.6, '"$"#,##0', 't.xlsx:A1: the cell shows "$5,000", but holds $4999.6'),
        (0.5, "0", 't.xlsx:A1: the cell shows "1", but holds 0.5'),
        (1.5, "0", 't.xlsx:A1: the cell shows "2", but holds 1.5'),
        (2.5, "0", 't.xlsx:A1: the cell shows "3", but holds 2.5'),
        (-2.5, "0", 't.xlsx:A1: the cell shows "-3", but holds -2.5'),
        (0.125, "0.00", 't.xlsx:A1: the cell shows "0.13", but holds 0.125'),
        (0.005, "0%", 't.xlsx:A1: the cell shows "1%", but holds 0.5%'),
        (2.4999, "0", 't.xlsx:A1: the cell shows "2", but holds 2.4999'),
        (1234567890123456789, "0", "t.xlsx:A1: the cell holds a number of more than 15 digits"),
        ("=B1&C1", "=General", "t.xlsx:A1: the formula of this cell has not been calculated"),
        ("#REF!", "=", 't.xlsx:A1: the cell shows the error "#REF!"'),
    ],
)
def test_a_cell_that_cannot_be_trusted_is_refused(value: Any, form: str, says: str) -> None:
    def mark(sheet: Any) -> None:
        if value == "#REF!":
            sheet["A1"].data_type = "e"

    assert refusal(xlsx([[(value, form)]], mark), "t.xlsx").startswith(says)


def part(data: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(data)).read(name).decode()


def changed(data: bytes, parts: dict[str, bytes | None]) -> bytes:
    """Return a package with parts replaced, added or (None) taken out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            said = parts.get(name, old.read(name) if name in old.namelist() else None)
            if said is not None:
                new.writestr(name, said)
    return buffer.getvalue()


def with_sheet(cells: str, rest: str = "") -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{main}"><dimension ref="A1"/><sheetData>{cells}</sheetData>{rest}</worksheet>'
    return changed(xlsx([["x"]]), {"xl/worksheets/sheet1.xml": sheet.encode()})


def test_results_of_formulas_count_and_a_wrong_size_does_not() -> None:
    cells = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="B1" t="str"><f>1</f><v>tier</v></c></row>'
        '<row r="2"><c r="A2"><f>6*7</f><v>42</v></c><c r="B2" t="str"><f>""</f><v></v></c><c r="C2" t="e"><f>A9</f><v>#N/A</v></c></row>'
    )
    table = read_cells(with_sheet(cells), "t.xlsx")
    assert texts(table) == [["name", "tier"], ["42", "", "#N/A"]]
    assert [cell.problem is None for cell in table.rows[1]] == [True, True, False]


def test_merged_and_hidden_cells_are_known() -> None:
    def change(sheet: Any) -> None:
        sheet.merge_cells("B2:C3")
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["B"].hidden = True

    table = read_cells(xlsx([["a", "b", "c"], [1, 2, 3], [4, 5, 6]], change), "t.xlsx")
    assert [(area.name, area.first_row, area.last_column) for area in table.merged] == [("B2:C3", 2, 3)]
    assert (table.hidden_rows, table.hidden_columns) == ({3}, {2})


def test_the_first_sheet_that_shows_anything_is_read_and_others_are_named() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Old"
    book.worksheets[0]["A1"] = "no"
    book.worksheets[0].sheet_state = "hidden"
    book.create_sheet("Empty")
    book.create_sheet("Partners")["A1"] = "yes"
    book.create_sheet("(Lists)")["A1"] = "aside"
    book.create_sheet("Also")["A1"] = "not read"
    buffer = io.BytesIO()
    book.save(buffer)
    table = read_cells(buffer.getvalue(), "t.xlsx")
    assert texts(table) == [["yes"]]
    assert [remark.message for remark in table.remarks] == [
        'the sheet "Also" is not read, only the first one, "Partners"'
    ]


PLAIN = xlsx([["name"], ["A"]])
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaa">]>'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"no zip", "this is not an Excel file that can be read"),
        (b"PK\x03\x04 and nothing", "this is not an Excel file that can be read (BadZipFile)"),
        (PLAIN[: len(PLAIN) // 2], "this is not an Excel file that can be read"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "this is an old Excel file (.xls)"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "the file is protected by a password"),
        (changed(PLAIN, {"xl/vbaProject.bin": b"x"}), "the file holds macros"),
        (changed(PLAIN, {"xl/workbook.bin": b"x"}), "this is a binary Excel file (.xlsb)"),
        (changed(PLAIN, {"mimetype": b"x"}), "this is a LibreOffice table (.ods)"),
        (changed(PLAIN, {"[Content_Types].xml": None}), "this is a ZIP file, not an Excel file"),
        (changed(PLAIN, {"xl/styles.xml": BOMB + part(PLAIN, "xl/styles.xml").encode()}), "the file defines what Excel never defines"),
        (changed(PLAIN, {"xl/styles.xml": b" " * 6_000_000}), "the file holds 6,0"),
        (changed(PLAIN, {"xl/worksheets/sheet1.xml": b" " * 60_000_000}), "the file holds 60,0"),
        (changed(PLAIN, {"xl/workbook.xml": part(PLAIN, "xl/workbook.xml").replace("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main").encode()}), "the file is stored as Strict Open XML"),
        (with_sheet('<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'), "this is not an Excel file that can be read (ValueError)"),
    ],
)  # fmt: skip
def test_what_is_no_plain_workbook_is_refused_in_one_line(data: bytes, says: str) -> None:
    said = refusal(data, "t.xlsx")
    assert said.startswith(f"t.xlsx: {says}")
    assert said.count("\n") == 1


@given(st.integers(0, len(PLAIN) - 1), st.integers(0, 255))
def test_a_damaged_workbook_is_read_or_refused(at: int, byte: int) -> None:
    data = PLAIN[:at] + bytes([byte]) + PLAIN[at + 1 :]
    try:
        read_cells(data, "t.xlsx")
    except InputError as error:
        assert len(error.problems) == 1


def test_a_workbook_that_libreoffice_wrote() -> None:
    """It stores results of formulas, formats and styles in its own way. The file: the rows below, by LibreOffice 7.4."""
    table = read_cells((ROOT / "tests" / "fixtures" / "tables" / "libreoffice.xlsx").read_bytes(), "a.xlsx")
    assert texts(table) == [["02110", "02110", "10%", "2026-12-01"], ["2", "", "$5,000.00", "TRUE"], ["#DIV/0!"]]
    assert table.rows[2][0].problem
