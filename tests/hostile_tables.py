"""Tables that ask for too much, each made by a few lines and small on the disk."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml."
PARTS: Mapping[str, str] = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPES}sharedStrings+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>"
    ),
    "xl/workbook.xml": (
        f'<workbook {_MAIN} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        '<sheet name="Chart" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    ),
    "xl/worksheets/sheet1.xml": "",
    "xl/sharedStrings.xml": f"<sst {_MAIN}><si><t>Task</t></si><si><t>Anna</t></si><si><t>A</t></si></sst>",
}


def sheet(rows: str, before: str = "", after: str = "") -> str:
    return f"<worksheet {_MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>"


ROWS = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
NEXT = '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>2</v></c></row>'


def texts(inside: str) -> str:
    return f"<sst {_MAIN}>{inside}</sst>"


def workbook(rows: str = ROWS + NEXT, parts: Mapping[str, str | bytes] | None = None, **around: str) -> bytes:
    """Return an Excel file with `rows` in its sheet; `parts` replace or join those of PARTS."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in {**PARTS, "xl/worksheets/sheet1.xml": sheet(rows, **around), **(parts or {})}.items():
            made.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


_ENTITY = '<!DOCTYPE x [<!ENTITY a "Eve">]>'
_FAR = "".join(f'<row r="{n}"><c r="XFD{n}"/></row>' for n in range(3, 2003))
_SHEET1, _TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def hostile() -> dict[str, tuple[bytes, str]]:
    """Return files that are refused, with what the refusal says."""
    late = f"<!--{'x' * 70_000}-->{_ENTITY}"
    wide = "".join(f'<c r="{letter}1"><v>1</v></c>' for letter in ("A", "B", "XFD"))
    many_sheets = {f"xl/worksheets/sheet{n}.xml": sheet(ROWS) for n in range(2, 2100)}
    return {
        "index-behind": (workbook('<row r="1"><c r="A1" t="s"><v>3</v></c></row>'), "text number 3, and the file holds 3"),
        "index-minus": (workbook('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>'), "text number -1"),
        "index-plus": (workbook('<row r="1"><c r="A1" t="s"><v>+1</v></c></row>'), "text number +1"),
        "index-words": (workbook('<row r="1"><c r="A1" t="s"><v>1_0</v></c></row>'), "text number 1_0"),
        "index-digits": (workbook(f'<row r="1"><c r="A1" t="s"><v>{"9" * 9000}</v></c></row>'), "text number 99999"),
        "index-none": (workbook('<row r="1"><c r="A1" t="s"><v></v></c></row>'), "text number "),
        "index-no-texts": (workbook(parts={_TEXTS: texts("")}), "the file holds 0 texts"),
        "row-number": (workbook(ROWS + '<row r="99999999999"><c/></row>'), "names row 99,999,999,999"),
        "row-digits": (workbook(ROWS + f'<row r="{"9" * 5000}"/>'), "not an Excel file that can be read"),
        "row-behind": (workbook(ROWS + '<row r="1048576"><c><v>1</v></c></row>'), "larger than 1,000 rows"),
        "column-behind": (workbook(f'<row r="1">{wide}</row>'), "Cell XFD1 is filled"),
        "row-twice": (workbook(ROWS + ROWS), "not an Excel file that can be read"),
        "cells": (workbook('<row r="1">' + "<c/>" * 20_000 + "</row>"), "not an Excel file that can be read"),
        "many-cells": (workbook("".join(f'<row r="{n}">{"<c/>" * 99}</row>' for n in range(1, 2000))), "100,000 cells"),
        "texts": (workbook(parts={_TEXTS: texts("<si/>" * 2_000_000)}), "more than 50,000 texts"),
        "pieces": (workbook(parts={_TEXTS: texts("<si>" + "<r/>" * 2_000_000 + "</si>")}), "more than 50,000 texts"),
        "one-text": (workbook(parts={_TEXTS: texts(f"<si><t>{'x' * 20_000_000}</t></si>")}), "more than 32,767 letters"),
        "letters": (workbook(parts={_TEXTS: texts(f"<si><t>{'x' * 30_000}</t></si>" * 400)}), "5,000,000 letters"),
        "inline": (workbook(f'<row r="1"><c t="inlineStr"><is><t>{"x" * 900_000}</t></is></c></row>'), "32,767 letters"),
        "unpacked": (workbook(parts={"xl/media/a.png": b"\0" * 60_000_000}), "bytes when unpacked"),
        "merged": (workbook(after='<mergeCells>' + '<mergeCell ref="A9:B9"/>' * 6_000 + "</mergeCells>"), "5,000 merged"),
        "columns": (workbook(before='<cols>' + '<col min="1" max="16384" hidden="1"/>' * 90_000 + "</cols>"), "not an Excel"),
        "styles": (workbook(parts={"xl/styles.xml": f"<styleSheet {_MAIN}>{'<xf/>' * 500_000}</styleSheet>"}), "40,000 styles"),
        "depth": (workbook(parts={"xl/styles.xml": "<a>" * 5_000 + "</a>" * 5_000}), "40,000 styles"),
        "names": (workbook(parts={"xl/workbook.xml": PARTS["xl/workbook.xml"].replace("<sheets>", "<definedNames>" + "<definedName/>" * 90_000 + "</definedNames><sheets>")}), "40,000 styles"),
        "sheets": (workbook(parts=many_sheets), "not built like those of Excel"),
        "texts-elsewhere": (workbook(parts={"[Content_Types].xml": PARTS["[Content_Types].xml"].replace("/xl/sharedStrings.xml", "/xl/media/a.png"), "xl/media/a.png": PARTS[_TEXTS]}), "not built like"),
        "doctype": (workbook(parts={_SHEET1: _ENTITY + sheet(ROWS)}), "DOCTYPE"),
        "doctype-late": (workbook(parts={_SHEET1: late + sheet(ROWS)}), "DOCTYPE"),
        "doctype-texts": (workbook(parts={_TEXTS: late + PARTS[_TEXTS]}), "DOCTYPE"),
        "doctype-styles": (workbook(parts={"xl/styles.xml": late + f"<styleSheet {_MAIN}/>"}), "DOCTYPE"),
        "doctype-utf16": (workbook(parts={_SHEET1: (_ENTITY + sheet(ROWS)).encode("utf-16")}), "not in UTF-8"),
        "doctype-utf16-bare": (workbook(parts={_SHEET1: (_ENTITY + sheet(ROWS)).encode("utf-16-le")}), "not in UTF-8"),
        "doctype-utf32": (workbook(parts={_SHEET1: (_ENTITY + sheet(ROWS)).encode("utf-32")}), "not in UTF-8"),
        "doctype-utf7": (workbook(parts={_SHEET1: '<?xml version="1.0" encoding="utf-7"?>' + sheet(ROWS)}), "not in UTF-8"),
        "doctype-ebcdic": (workbook(parts={_SHEET1: ('<?xml version="1.0" encoding="cp037"?>' + sheet(ROWS)).encode("cp037")}), "not an Excel file"),
    }  # fmt: skip


def harmless() -> dict[str, bytes]:
    """Return files that look hostile and say what PARTS say."""
    return {
        "plain": workbook(),
        "far-and-empty": workbook(ROWS + NEXT + _FAR),
        "rows-far-and-empty": workbook(ROWS + NEXT + '<row r="1048576" hidden="1"/>'),
        "no-names": workbook('<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row><c t="s"><v>0</v></c><c t="s"><v>2</v></c></row>'),
    }  # fmt: skip


HOSTILE_CSV = {
    "newlines": (b"Task,Anna\nBuild,A" + b"\n" * 4_900_000, ""),
    "newlines-between": (b"Task,Anna" + b"\n" * 4_900_000 + b"Build,A", "more than 10,000 lines"),
    "carriage-returns": (b"Task,Anna" + b"\r" * 4_900_000 + b"Build,A", "more than 10,000 lines"),
    "commas": (b"," * 4_900_000, "a line of the table has more than 2,000 cells"),
    "rows-of-commas": ((b"," * 99 + b"x\n") * 1_100, "larger than 1,000 rows"),
    "quotes": (b'"' * 4_900_000, "closed"),
    "open-quote": (b'Task,Anna\n"' + b"x\n" * 4_000, "never closed"),
    "not-utf8-late": (b"Task,Anna\n" * 400_000 + b"\xff", "not stored as UTF-8"),
    "rows": (b"Task,A\n" * 1_200, "larger than 1,000 rows"),
}


def charts() -> dict[str, bytes]:
    """Return charts within the limits of tables that ask for much work: wide, deep, of many marks, names or brackets."""
    wide = ",".join(f"Role {n}" for n in range(99))
    return {
        "largest": _lines(f"Task,{wide}", (f"Task {r}," + ",".join("RACI"[(r * n) % 4] for n in range(99)) for r in range(990))),
        "marks": _lines(f"Task,{wide}", (f"Task {r}," + ",".join(f"z{r}-{n}" for n in range(99)) for r in range(140))),
        "remarks": _lines(f"Task,{wide}", (f"Task {r}," + ",".join(f'"R (x{r}-{n}), A, C; I + R and"' for n in range(60)) for r in range(200))),
        "names": _lines("Task,R,A,C,I", (f"Task {r}," + ",".join('"' + ", ".join(f"Name {r}-{n}-{c}" for n in range(9)) + '"' for c in range(4)) for r in range(900))),
        "brackets": _lines("Task,Quarry Hill,Tin Roof", (f'Do {r},"{"(" * 90}R{")" * 90}","{"R,A(" * 40}"' for r in range(900))),
        "spaces": _lines("Task,Quarry Hill,Tin Roof", (f'Do {r},"R {" " * 200}x","{"a " * 99}"' for r in range(900))),
    }  # fmt: skip


def _lines(head: str, rows: Iterable[str]) -> bytes:
    return ("\n".join([head, *rows]) + "\n").encode()
