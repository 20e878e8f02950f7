"""A base deal and a table: columns are facts, rows are partners; the empty table that a base deal asks for."""

from __future__ import annotations

import csv
import io
import re
import runpy
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from conftest import ROOT, pdf_text
from test_sheets import texts, xlsx

from agreementgen import pipeline
from agreementgen.batch.items import BatchItem, gather_items, read_name_pattern, short_names_in_row
from agreementgen.cli.main import commands
from agreementgen.core.problems import InputError
from agreementgen.deal.deal import Deal
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library
from agreementgen.partners import empty_table
from agreementgen.partners.empty_table import choose_columns, write_empty_table
from agreementgen.partners.heads import HeadIndex
from agreementgen.partners.rows import FactAddress
from agreementgen.sheets.cells import BATCH_LIMITS
from agreementgen.sheets.table_reader import read_cells, write_csv
from agreementgen.sources import read_deal_text

LIBRARY = built_in_library()
SAMPLE = ROOT / "samples" / "partner-program"
BASE = (SAMPLE / "base.yaml").read_text(encoding="utf-8")
# A base deal that does not name its second party, and calls every partner the same.
OPEN = (
    BASE[: BASE.index("  - name: Prairie")]
    + "  - {short: Partner, role: partner, entity: LLC}\n\n"
    + BASE[BASE.index("scope:") :].replace("Prairie Tech:", "Partner:")
)
HEADS = [
    "Partner name",
    "Partner entity",
    "Partner formed in",
    "Partner address",
    "Partner email",
    "Partner signer",
    "Yearly minimum",
]
ONE = [
    "Rosa's Bakery & Co LLC",
    "LLC",
    "Maine",
    "1 Main Street, Bath, ME 04530",
    "rosa@rosa.example",
    "Rosa Lane, Owner",
    "8",
]


def items(folder: Path, table: bytes, name: str = "partners.csv", base: str = BASE) -> tuple[BatchItem, ...]:
    (folder / "base.yaml").write_text(base, encoding="utf-8")
    (folder / name).write_bytes(table)
    return gather_items([str(folder / "base.yaml"), str(folder / name)])


def deals(folder: Path, table: bytes, name: str = "partners.csv", base: str = BASE) -> list[Deal]:
    return [deal_of(item) for item in items(folder, table, name, base)]


def deal_of(item: BatchItem) -> Deal:
    return pipeline.read_answers(item.read_answers(), item.source, LIBRARY)


def problems(folder: Path, table: bytes, name: str = "partners.csv", base: str = BASE) -> list[str]:
    """Return the problems of a table, without the folder it stands in and without hints."""
    with pytest.raises(InputError) as caught:
        deals(folder, table, name, base)
    assert all(problem.hint for problem in caught.value.problems)
    return [str(problem).split("\n")[0].replace(f"{folder}/", "") for problem in caught.value.problems]


def one(**more: str) -> list[list[str]]:
    """Return a table of one partner, with more columns, by head with _ for spaces."""
    return [[*HEADS, *(head.replace("_", " ") for head in more)], [*ONE, *more.values()]]


def test_a_list_without_titles_leaves_a_line_for_them(tmp_path: Path) -> None:
    """In a deal file a missing title is refused: lists that come out of other programs never have one."""
    rows = one()
    rows[1][5] = "Rosa Lane"
    (deal,) = deals(tmp_path, write_csv(rows))
    assert deal.parties[1].facts["signatory"]["title"] == "title: ____________"
    (warning,) = [problem for problem in deal.warnings if problem.code == "signer-title-open"]
    assert str(warning).startswith(f"{tmp_path}/partners.csv:F2: parties.2.signatory.title: ")
    assert warning.severity == "W"
    # A deal file is refused whatever its name ends with.
    with pytest.raises(InputError) as refused:
        pipeline.read(BASE.replace(", title: ", ", x: ", 1).encode(), "deal.txt", LIBRARY)
    assert any(problem.field.endswith("signatory.title") for problem in refused.value.problems)
    document = pipeline.fit_agreement(deal, LIBRARY).document
    assert document.signatures[1].signatory == "By Rosa Lane, title: ____________"


# -- heads


@pytest.mark.parametrize(
    ("head", "path"),
    [
        ("parties.2.name", "parties.2.name"),
        ("Partner name", "parties.2.name"),
        ("party 2 name", "parties.2.name"),
        ("PRAIRIE TECH name", "parties.2.name"),
        ("Partner’s name", "parties.2.name"),
        ("Partner company name", "parties.2.name"),
        ("Vendor's e-mail address", ""),
        ("Vendor's email address", "parties.1.email"),
        ("Partner's signer", "parties.2.signatory.name"),
        ("Partner signer title", "parties.2.signatory.title"),
        ("vendor email", "parties.1.email"),
        ("tier", "tiers.start"),
        ("Starting tier", "tiers.start"),
        ("tiers.start", "tiers.start"),
        ("tiers > start", "tiers.start"),
        ("In which tier does the partner start?", "tiers.start"),
        ("Territory *", "scope.territory"),
        ("yearly minimum", "minimums.minimum.number"),
        ("tiers.levels.2.percentage", "tiers.levels.2.percentage"),
        ("scope.excluded.1", "scope.excluded.1"),
        ("effective", "effective"),
        ("Hat size", ""),
    ],
)
def test_heads_people_write(head: str, path: str) -> None:
    base = read_deal_text(BASE.encode(), "base.yaml")
    found = HeadIndex(LIBRARY, pipeline.form_of(base, LIBRARY), base.root).find_address(head)
    assert (found.dotted_path if isinstance(found, FactAddress) else "") == path


def test_the_heads_of_the_manual_mean_what_it_says() -> None:
    base = read_deal_text(
        OPEN.replace("short: Partner", "short: Prairie Tech").replace("  Partner:", "  Prairie Tech:").encode(),
        "base.yaml",
    )
    heads = HeadIndex(LIBRARY, pipeline.form_of(base, LIBRARY), base.root)
    manual = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    rows = [re.findall(r"`([^`]+)`", line.split("|")[1]) for line in manual.splitlines() if line.startswith("| `")]
    named = [head for row in rows[: rows.index(["responsibilities.Partner"]) + 1] for head in row]
    assert len(named) == 18
    assert not [head for head in named if not isinstance(heads.find_address(head), FactAddress)]
    assert len({heads.find_address(head).path for head in named[:7]}) == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("Teritory", 'partners.csv:H1: the head "Teritory" is not a fact we know in such a deal'),
        ("name", 'partners.csv:H1: the head "name" can mean several facts'),
        ("parties.2.name", 'partners.csv:H1: parties.2.name: the head "parties.2.name" means the same fact as that of column A'),
    ],
)  # fmt: skip
def test_a_head_that_is_not_certain_is_refused(head: str, says: str, tmp_path: Path) -> None:
    found = problems(tmp_path, write_csv(one(**{head: "x"})))
    assert any(problem.startswith(says) for problem in found), found


def test_the_party_of_the_base_is_replaced_wherever_it_is_named(tmp_path: Path) -> None:
    (deal,) = deals(tmp_path, write_csv(one(Tier="Silver")))
    vendor, partner = deal.parties
    assert (partner.name, partner.short, partner.facts["contact"]) == (ONE[0], "Rosa's Bakery & Co", None)
    assert vendor.name == "Harborlight Software, Inc."
    assert [said["party"]["short"] for said in deal.facts["responsibilities"]] == ["Harborlight", "Rosa's Bakery & Co"]
    assert "Prairie" not in str(deal.facts)


def test_what_names_the_bases_own_partner_would_stand_for_all(tmp_path: Path) -> None:
    base = BASE.replace("hosting by the partner", "hosting by Prairie Tech")
    (found,) = problems(tmp_path, write_csv(one()), base=base)
    assert found.startswith('base.yaml:38:14: scope.excluded.1: this names "Prairie Tech"')


def test_what_every_partner_must_say_needs_a_column(tmp_path: Path) -> None:
    found = problems(tmp_path, write_csv([["Partner name"], ["A LLC"]]))
    assert 'partners.csv:A1: parties.2.address: no column says "Its address"' in found
    assert len(found) == 4


def test_cells_take_out_add_and_keep(tmp_path: Path) -> None:
    table = [
        [*HEADS, "scope.excluded", "effective", "tier"],
        [*ONE, "-", "", ""],
        ["B LLC", *ONE[1:], "hosting; training", "2027-02-01", "gold"],
    ]
    first, second = deals(tmp_path, write_csv(table))
    assert (first.facts["scope"]["excluded"], first.facts["effective"]) == ((), "last signature")
    assert second.facts["scope"]["excluded"] == ("hosting", "training")
    assert [deal.facts["tiers"]["start"] for deal in (first, second)] == ["Bronze", "Gold"]


# -- rows


def test_a_mistake_in_a_cell_is_told_with_its_cell(tmp_path: Path) -> None:
    table = [[*HEADS, "Tier"], [*ONE, "Silver"], ["B LLC", "Limited", "Main", "", "rosa", "Rosa", "many", "Platinum"]]
    assert problems(tmp_path, write_csv(table)) == [
        "partners.csv:A3: parties.2.address: this is missing",
        'partners.csv:B3: parties.2.entity: "Limited" is not one of the choices',
        'partners.csv:C3: parties.2.formed in: "Main" is not a state, province or country we know',
        'partners.csv:E3: parties.2.email: "rosa" is not an e-mail address',
        'partners.csv:G3: minimums.minimum.number: "many" is not a whole number',
        'partners.csv:H3: tiers.start: "Platinum" is not one of those under "tiers.levels"',
    ]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([["Total", "", "", "", "", "", "8"]], 'partners.csv:A3: parties.2.name: row 3 looks like totals: "Total"'),
        ([ONE], f'partners.csv:A3: parties.2.name: "{ONE[0]}" stands in row 2 already'),
        ([["", *ONE[1:]]], "partners.csv:A3: parties.2.name: row 3 does not say which party it is for"),
        ([["B LLC", *ONE[1:], "", "x"]], 'partners.csv:I3: "x" stands in a column without a head'),
        ([["B LLC", *ONE[1:], ""]], "partners.csv:H3: this row has 8 cells, and the row of heads 7"),
    ],
)
def test_a_row_that_is_no_partner_is_refused(rows: list[list[str]], says: str, tmp_path: Path) -> None:
    (found,) = problems(tmp_path, write_csv([HEADS, ONE, *rows]))
    assert found == says


def test_a_wrong_row_is_told_with_all_that_is_wrong_and_leaves_the_others_alone(tmp_path: Path) -> None:
    bad = ["B LLC", *ONE[1:3], "1 Main Street, Bath, ME 4530", "rosa", *ONE[5:], "Platinum"]
    table = write_csv(
        [[*HEADS, "Tier"], [*ONE, "Gold"], bad, ["Total", "", "", "", "", "", "16", ""], ["C LLC", *ONE[1:], "Gold"]]
    )
    first, second, third, fourth = items(tmp_path, table)
    assert deal_of(first).parties[1].facts["name"] == ONE[0]
    assert deal_of(fourth).parties[1].facts["name"] == "C LLC"
    with pytest.raises(InputError) as caught:
        deal_of(second)
    assert [problem.place.cell for problem in caught.value.problems] == ["D3", "E3", "H3"]
    with pytest.raises(InputError, match="looks like totals"):
        deal_of(third)
    # A number that shows the same text is another row: it is not taken for what was built before.
    text, number = (
        items(tmp_path, xlsx([[*HEADS, "Partner contact"], [*ONE, value]]), "p.xlsx")[0] for value in ("2110", 2110)
    )
    assert text.digest != number.digest


def test_titles_notes_and_rows_aside_are_no_facts(tmp_path: Path) -> None:
    table = [
        ["Our partners in 2027"],
        [],
        ["#", *HEADS, "(our note)", "# margin"],
        ["", *ONE, "call first", "#REF!"],
        ["#", "later", "", "", "", "", "", "#DIV/0!", "", ""],
    ]
    (deal,) = deals(tmp_path, write_csv(table))
    assert deal.parties[1].facts["name"] == ONE[0]


@pytest.mark.parametrize("table", [b"", b"\xef\xbb\xbf\r\n", write_csv([HEADS]), xlsx([[]]), xlsx([HEADS])])
def test_a_table_without_partners_is_refused(table: bytes, tmp_path: Path) -> None:
    name = "partners.xlsx" if table.startswith(b"PK") else "partners.csv"
    (found,) = problems(tmp_path, table, name)
    assert "the table is empty" in found or "no rows below its heads" in found


# -- what Excel makes of cells


@pytest.mark.parametrize(
    ("head", "value", "says"),
    [
        ("Partner registration number", 1234567, "partners.xlsx:H2: parties.2.registration number: 1234567 is stored as a number, and a text belongs here"),
        ("Partner contact", (2110, "@"), "partners.xlsx:H2: parties.2.contact: 2110 is stored as a number"),
        ("prices.on renewals", 0.15, 'partners.xlsx:H2: prices.on renewals: "0.15" has no percent sign'),
        ("prices.on renewals", (0.156, "0%"), 'partners.xlsx:H2: prices.on renewals: the cell shows "16%", but holds 15.6%'),
        ("effective", 46388, 'partners.xlsx:H2: effective: "46388" is a number, not a day'),
        ("Territory", ("2027-03-04", "day"), "partners.xlsx:H2: scope.territory: the spreadsheet has made the day 2027-03-04 of what was typed"),
        ("Territory", ("=A9&B9", "=General"), "partners.xlsx:H2: scope.territory: the formula of this cell has not been calculated"),
        ("scope.excluded", 12, "partners.xlsx:H2: scope.excluded: 12 is stored as a number"),
    ],
)  # fmt: skip
def test_what_excel_has_changed_is_refused_with_its_cell(head: str, value: Any, says: str, tmp_path: Path) -> None:
    import datetime

    if isinstance(value, tuple) and value[1] == "day":
        value = (datetime.datetime(2027, 3, 4), "m/d/yyyy")
    found = problems(tmp_path, xlsx([[*HEADS, head], [*ONE, value]]), "partners.xlsx")
    assert len(found) == 1
    assert found[0].startswith(says)


def test_what_excel_shows_is_what_is_read(tmp_path: Path) -> None:
    import datetime

    heads = [
        *HEADS,
        "prices.on renewals",
        "effective",
        "Partner registration number",
        "liability.floor",
        "prices.resale certificate",
    ]
    row = [
        *ONE[:-1],
        12,
        (0.125, "0.0%"),
        (datetime.datetime(2027, 2, 1), "m/d/yyyy"),
        (1234567, "000000000"),
        (25000, '"$"#,##0'),
        True,
    ]
    (deal,) = deals(tmp_path, xlsx([heads, row]), "partners.xlsx")
    built = pipeline.build(deal, LIBRARY, ("txt",)).files["txt"].decode()
    for said in (
        "12.5% on renewals",
        "February 1, 2027",
        "no. 001234567",
        "$25,000",
        "12 new customers",
        "resale certificate",
    ):
        assert said in " ".join(built.split()), said


def test_hidden_rows_columns_and_other_sheets_are_said(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["H"].hidden = True
        sheet.parent.create_sheet("Old partners")["A1"] = "x"

    table = xlsx([[*HEADS, "Tier"], [*ONE, "Gold"], ["B LLC", *ONE[1:], "Gold"]], change)
    first, second = deals(tmp_path, table, "partners.xlsx")
    said = [[warning.message for warning in deal.warnings] for deal in (first, second)]
    assert said == [
        ['the sheet "Old partners" is not read, only the first one, "Sheet"', "column H is hidden in the sheet, and read all the same"],
        ["row 3 is hidden in the sheet, and read all the same"],
    ]  # fmt: skip


def test_merged_cells_are_refused_among_the_partners_only(tmp_path: Path) -> None:
    rows = [["Our partners"], HEADS, ONE, ["B LLC", *ONE[1:]]]
    assert len(deals(tmp_path, xlsx(rows, lambda sheet: sheet.merge_cells("A1:G1")), "partners.xlsx")) == 2
    (found,) = problems(tmp_path, xlsx(rows, lambda sheet: sheet.merge_cells("C3:C4")), "partners.xlsx")[:1]
    assert found == "partners.xlsx:C3: the cells C3:C4 are merged: only the first of them holds anything"


# -- addresses in several columns

SPLIT = [
    "Partner name",
    "Partner entity",
    "Partner formed in",
    "Street",
    "City",
    "State",
    "ZIP code",
    "Country",
    "Partner email",
    "Partner signer",
    "Yearly minimum",
]


def split(*address: Any) -> list[Any]:
    return [*ONE[:3], *address, *ONE[4:]]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (("14 Harbor Street", "Salem", "MA", "01970", ""), "14 Harbor Street, Salem, MA 01970"),
        (("14 Harbor Street", "Salem", "MA", (1970, "00000"), ""), "14 Harbor Street, Salem, MA 01970"),
        (("14 Harbor Street", "Salem", "MA", "01970-2345", "USA"), "14 Harbor Street, Salem, MA 01970-2345, USA"),
        (("Storgatan 1", "Oslo", "", "0150", "Norway"), "Storgatan 1, Oslo 0150, Norway"),
        (("1 Rue Haute", "", "", "", ""), "1 Rue Haute"),
    ],
)
def test_parts_of_an_address_become_one(address: tuple[Any, ...], says: str, tmp_path: Path) -> None:
    (deal,) = deals(tmp_path, xlsx([SPLIT, split(*address)]), "partners.xlsx")
    assert deal.parties[1].facts["address"] == says


def test_parts_of_an_address_in_the_order_of_the_table(tmp_path: Path) -> None:
    heads = ["Prairie Tech street", "party 2 postal code", "parties.2.city", "Partner country"]
    table = [[*HEADS[:3], *heads, *HEADS[4:]], [*ONE[:3], "Königstraße 4", "01097", "Dresden", "Germany", *ONE[4:]]]
    (deal,) = deals(tmp_path, write_csv(table))
    assert deal.parties[1].facts["address"] == "Königstraße 4, 01097 Dresden, Germany"


ZIP_CODES = [
    (1970, "OH", 'partners.xlsx:G2: parties.2.address: 1970 is stored as a number, and a text belongs here'),
    ("1970", "OH", 'partners.xlsx:G2: parties.2.address: "1970" is too short for a zip code: a zero in front of it was lost'),
    ("1970", "", 'partners.xlsx:G2: parties.2.address: "1970" is too short for a zip code: a zero in front of it was lost'),
    (601, "MA", 'partners.xlsx:G2: parties.2.address: 601 is stored as a number, and a text belongs here'),
    ("1970-2345", "MA", 'partners.xlsx:G2: parties.2.address: "1970-2345" is too short for a zip code'),
]  # fmt: skip


@pytest.mark.parametrize(("zip_code", "state", "says"), ZIP_CODES)
def test_a_zip_code_that_lost_its_zero_is_refused(zip_code: Any, state: str, says: str, tmp_path: Path) -> None:
    (found,) = problems(
        tmp_path, xlsx([SPLIT, split("14 Harbor Street", "Salem", state, zip_code, "")]), "partners.xlsx"
    )
    assert found.startswith(says)


@pytest.mark.parametrize(
    ("zip_code", "state", "address", "mended"),
    [
        (1970, "MA", "14 Harbor Street, Salem, MA 01970", ["01970 (G2)"]),
        ("3801", "New Hampshire", "14 Harbor Street, Salem, New Hampshire 03801", ["03801 (G2)"]),
        (601, "PR", "14 Harbor Street, Salem, PR 00601", ["00601 (G2)"]),
        (45402, "OH", "14 Harbor Street, Salem, OH 45402", []),
    ],
)
def test_a_zip_code_gets_its_zero_back_where_the_state_makes_it_certain(
    zip_code: Any, state: str, address: str, mended: list[str], tmp_path: Path
) -> None:
    (deal,) = deals(tmp_path, xlsx([SPLIT, split("14 Harbor Street", "Salem", state, zip_code, "")]), "partners.xlsx")
    assert deal.parties[1].facts["address"] == address
    said = [warning.message for warning in deal.warnings if warning.code == "table-zip-mended"]
    assert [text.rpartition(": ")[2] for text in said] == mended


def test_an_export_goes_in_with_its_own_heads(tmp_path: Path) -> None:
    heads = [
        "Account Name",
        "Type",
        "Street",
        "City",
        "State",
        "Zip",
        "Contact Name",
        "Title",
        "Contact Email",
        "Notes",
    ]
    row = [
        "Rosa's Bakery & Co LLC",
        "LLC",
        "1 Main Street",
        "Salem",
        "MA",
        "1970",
        "Rosa Lind",
        "Member",
        "r@x.example",
        "?",
    ]
    (deal,) = deals(
        tmp_path, write_csv([[*heads, "Partner formed in", "minimums.minimum.number"], [*row, "MA", "40"]]), base=OPEN
    )
    facts = deal.parties[1].facts
    assert (facts["name"], facts["address"], facts["email"]) == (row[0], "1 Main Street, Salem, MA 01970", row[8])
    assert (facts["signatory"]["name"], facts["formed_in"].name) == ("Rosa Lind", "Massachusetts")
    assert {warning.code for warning in deal.warnings} >= {"table-contact-signs", "table-columns-unread"}


@pytest.mark.parametrize(
    "columns",
    [
        {"Billing Street": "1 Main Street", "Billing City": "Salem", "Billing State/Province": "MA", "Billing Zip": "01970"},
        {"Shipping Street": "9 Dock", "Shipping City": "Lynn", "Street": "1 Main Street", "City": "Salem", "State": "MA",
         "Zip": "01970"},
        {"City": "Salem", "State/Region": "MA", "Postal Code": "01970", "Address": "1 Main Street"},
        {"Mailing Address": "1 Main Street", "Mailing City": "Salem", "Mailing State": "MA", "Mailing Zip": "01970"},
        {"Address": "1 Main Street, Salem, MA 01970", "City": "Salem", "State": "MA"},
    ],
)  # fmt: skip
def test_addresses_of_exports_are_whole(columns: dict[str, str], tmp_path: Path) -> None:
    known = {"Company": "Fern Tools LLC", "E-mail Address": "r@x.example", "First Name": "Rosa", "Last Name": "Lind",
             "Job Title": "Member", "Partner formed in": "Maine", "minimums.minimum.number": "40", "Type": "Customer"}  # fmt: skip
    whole = known | columns
    (deal,) = deals(tmp_path, write_csv([list(whole), list(whole.values())]), base=OPEN)
    facts = deal.parties[1].facts
    assert (facts["address"], facts["signatory"]["name"]) == ("1 Main Street, Salem, MA 01970", "Rosa Lind")


@pytest.mark.parametrize(
    ("code", "address", "name"),
    [
        ("MA", "1 Main Street, Salem, MA 01970", "Massachusetts"),
        ("de", "1 Main Street, Dover, DE 19901-1234, USA", "Delaware"),
        ("NL", "1 Main Street, Gander, NL A1V 1A1", "Newfoundland and Labrador"),
    ],
)
def test_codes_of_states_are_those_of_the_country_of_the_address(
    code: str, address: str, name: str, tmp_path: Path
) -> None:
    (deal,) = deals(tmp_path, write_csv([HEADS, [*ONE[:2], code, address, *ONE[4:]]]))
    assert deal.parties[1].facts["formed_in"].name == name


@pytest.mark.parametrize(
    ("code", "names"),
    [("DE", "Delaware or Germany"), ("WA", "Washington or Western Australia"), ("GA", "Georgia or Gabon")],
)
def test_a_code_in_a_column_of_laws_is_refused_as_in_a_deal_file(code: str, names: str, tmp_path: Path) -> None:
    base = PLAIN.replace("\nlaw:", "\n# law:")
    with pytest.raises(InputError) as caught:
        deals(tmp_path, write_csv([[*HEADS, "law"], [*ONE, code]]), base=base)
    (problem,) = (one for one in caught.value.problems if one.field == "law")
    assert problem.message == f'"{code}" can mean {names}'


def test_line_breaks_of_windows_are_line_breaks(tmp_path: Path) -> None:
    rows = [[*HEADS, "scope.excluded"], [*ONE[:3], "1 Main Street\nBath, ME 04530", *ONE[4:], "hosting\nphones"]]
    data = write_csv(rows).replace(b"Street\n", b"Street\r\n").replace(b"hosting\n", b"hosting\r\n")
    (deal,) = deals(tmp_path, data)
    assert deal.parties[1].facts["address"] == "1 Main Street, Bath, ME 04530"
    assert deal.facts["scope"]["excluded"] == ("hosting", "phones")


def test_documents_of_partners_with_one_short_name_are_named_by_the_partners(tmp_path: Path) -> None:
    two = [HEADS, ONE, ["Fern Tools LLC", *ONE[1:]]]
    found = items(tmp_path, write_csv(two), base=OPEN)
    pattern = read_name_pattern("{kind}-{parties[1].short}")
    names = [
        pattern.name_deal("channel", item.stem, deal_of(item).facts, short_names_in_row(item.row))
        for item in found
        if item.row
    ]
    assert names == ["channel-rosas-bakery-co", "channel-fern-tools"]
    assert [item.stem for item in found] == ["rosas-bakery-co", "fern-tools"]


def test_a_sheet_can_be_named(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx([HEADS, ONE])))
    sheet = book.create_sheet("North")
    for row in ([str(head) for head in HEADS], ["Fern Tools LLC", *ONE[1:]]):
        sheet.append(row)
    book.save(tmp_path / "partners.xlsx")
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    base, table = str(tmp_path / "base.yaml"), str(tmp_path / "partners.xlsx")
    (found,) = gather_items([base, f"{table}#north"])
    assert found.stem == "fern-tools"
    with pytest.raises(InputError) as caught:
        gather_items([base, f"{table}#South"])
    assert 'there is no sheet "South" in the table' in str(caught.value)


def test_a_zip_code_that_lost_its_zero_in_a_whole_address_is_refused(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, write_csv([HEADS, [*ONE[:3], "1 Main Street, Bath, ME 4530", *ONE[4:]]]))
    assert found.startswith('partners.csv:D2: parties.2.address: "4530" is too short for a zip code')
    # Codes of four figures elsewhere, and numbers of streets.
    for address in (
        "Storgatan 1, 0150 Oslo",
        "1 Rue Haute, 1000 Bruxelles",
        "Bahnhofstrasse 3, CH 8001",
        "PO Box TX 450 B",
    ):
        assert len(deals(tmp_path, write_csv([HEADS, [*ONE[:3], address, *ONE[4:]]]))) == 1


def test_a_city_beside_a_whole_address_is_passed_over(tmp_path: Path) -> None:
    (deal,) = deals(tmp_path, write_csv(one(City="Salem", Industry="Print", Latitude="44.05")))
    (said,) = [str(warning) for warning in deal.warnings if warning.code == "table-columns-unread"]
    assert said.partition("partners.csv")[2].startswith(
        ':H1: no facts of such a deal, and passed over: "City" (H), "Industry" (I), "Latitude" (J)'
    )


# -- the tier


@pytest.mark.parametrize("tier", ["Bronze", "Silver", "Gold"])
def test_a_tier_brings_its_benefits_commitments_and_discount(tier: str, tmp_path: Path) -> None:
    (deal,) = deals(tmp_path, write_csv(one(Tier=tier)))
    text = " ".join(pipeline.build(deal, LIBRARY, ("txt",)).files["txt"].decode().split())
    discount = {
        "Bronze": "less 20% (15% on renewals)",
        "Silver": "less 20%, but 25% in its starting tier",
        "Gold": "less 20%, but 30% in its starting tier",
    }[tier]
    assert discount in text
    assert text.count("(starting tier)") == 1
    row = text[text.index(f"{tier} (starting tier)") :]
    benefits, commitments = {
        "Bronze": ("Partner portal, online training, sales material", "One trained person; one joint offer a quarter"),
        "Silver": ("All of Bronze; a partner manager", "Two trained people; a sales plan each year"),
        "Gold": ("All of Silver; leads from its territory", "Four trained people; first-level support by telephone"),
    }[tier]
    assert row.index(benefits) < row.index(commitments) < 400


# -- the empty table


def filled_in(table: bytes, kind: str) -> bytes:
    """Return a table in which each example has been typed into a row of its own, as an owner would."""
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))
        return write_csv([*rows, ["", *rows[2][1:]]])
    book = openpyxl.load_workbook(io.BytesIO(table))
    sheet = book.worksheets[0]
    for cell in sheet[3][1:]:
        below = sheet.cell(4, cell.column, cell.value)
        below.number_format = sheet.column_dimensions[cell.column_letter].number_format
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def opened(name: str) -> str:
    """Return a sample as a base deal: its second party has nothing but its short name and its role."""
    text = (ROOT / "samples" / name).read_text(encoding="utf-8")
    start = text.index("  - name:", text.index("  - name:") + 1)
    end = text.index("\nscope:")
    short = next(line.split(": ")[1] for line in text[start:end].splitlines() if line.startswith("    short:"))
    return text[:start] + f"  - {{short: {short}}}\n" + text[end:]


BASES = {"program": BASE, "open": OPEN, "supply": opened("supply.yaml"), "alliance": opened("alliance.yaml")}


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("name", BASES)
def test_the_empty_table_filled_with_its_examples_builds(name: str, kind: str, tmp_path: Path) -> None:
    empty = write_empty_table(BASES[name].encode(), "base.yaml", LIBRARY, kind)
    assert any("no rows below its heads" in said for said in problems(tmp_path, empty, f"t.{kind}", BASES[name]))
    (deal,) = deals(tmp_path, filled_in(empty, kind), f"t.{kind}", BASES[name])
    examples = texts(read_cells(empty, f"t.{kind}", BATCH_LIMITS))[2]
    if kind == "csv":
        text = " ".join(pipeline.build(deal, LIBRARY, ("txt",)).files["txt"].decode().split())
        assert all(
            part in text for part in (examples[1], deal.parties[1].facts["address"], deal.parties[1].facts["email"])
        )


def test_the_columns_are_what_differs_from_partner_to_partner() -> None:
    def heads(base: str) -> dict[str, bool]:
        read = read_deal_text(base.encode(), "base.yaml")
        return {made.head: made.required for made in choose_columns(read, pipeline.form_of(read, LIBRARY), LIBRARY)}

    must = [
        "Partner name",
        "Partner entity",
        "Partner address",
        "Partner email",
        "Partner signer",
        "Yearly minimum",
    ]
    may = [
        "Partner trade name",
        "Partner short name",
        "Partner legal form",
        "Partner formed in",
        "Partner registration number",
        "Partner signer title",
        "Partner signs through",
        "Partner signs under",
        "Partner contact",
        "Tier",
        "Effective",
        "Territory",
        "Customers",
    ]
    assert heads(BASE) == dict.fromkeys(must, True) | dict.fromkeys(may, False)
    # What the base says of a partner it does not name goes for all of them.
    assert set(heads(BASE)) - set(heads(OPEN)) == {"Partner short name", "Partner entity"}
    # What it answers has no column, but for the tier.
    more = (
        BASE.replace("territory:", "territory: Maine")
        .replace("effective:", "effective: 2027-01-01")
        .replace("number: ,", "number: 8,")
    )
    assert set(heads(BASE)) - set(heads(more)) == {"Territory", "Effective", "Yearly minimum"}


def test_the_workbook_helps_to_type() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_empty_table(BASE.encode(), "base.yaml", LIBRARY, "xlsx")))
    sheet = book["Partners"]
    assert book.sheetnames == ["Partners", "(Help)"]
    assert (sheet.freeze_panes, sheet.protection.sheet) == ("C2", False)
    columns = {str(cell.value): cell.column_letter for cell in sheet[1]}
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}

    def rule(head: str) -> Any:
        return rules[f"{columns[head]}4"]

    assert rule("Tier").formula1 == '"Bronze,Silver,Gold"'
    assert rule("Partner entity").formula1.startswith('"LLC,corporation,S corporation,')
    assert (rule("Effective").type, rule("Effective").errorStyle) == ("date", "warning")
    assert (rule("Yearly minimum").type, rule("Yearly minimum").formula2) == ("whole", "1000000000")
    assert (rule("Partner name").type, rule("Partner name").formula2) == ("textLength", "200")
    assert all(rule.showInputMessage and rule.prompt and len(rule.prompt) <= 255 for rule in rules.values())
    formats = {head: sheet.column_dimensions[letter].number_format for head, letter in columns.items()}
    assert formats["Partner address"] == formats["Partner registration number"] == "@"
    assert (formats["Effective"], formats["Yearly minimum"]) == ("yyyy-mm-dd", "General")
    assert all(sheet.column_dimensions[letter].width >= 14 for head, letter in columns.items() if head != "#")


def test_long_lists_stand_in_cells_of_their_own() -> None:
    base = read_deal_text(BASE.encode(), "base.yaml")
    form = pipeline.form_of(base, LIBRARY)
    from dataclasses import replace

    choices = tuple(f"choice {n}, with a comma" for n in range(30))
    made = tuple(
        replace(c, choices=choices if c.head == "Tier" else c.choices) for c in choose_columns(base, form, LIBRARY)
    )
    lists = empty_table._long_lists(made)
    sheets = (empty_table._table_sheet(made, lists), *empty_table._list_sheets(lists))
    book = openpyxl.load_workbook(io.BytesIO(empty_table.write_xlsx(empty_table.Workbook("x", sheets))))
    (rule,) = [rule for rule in book["Partners"].data_validations.dataValidation if "comma" in str(rule.prompt)]
    assert rule.formula1 == "'(Lists)'!$A$1:$A$30"
    assert [row[0].value for row in book["(Lists)"].iter_rows()] == list(choices)


def test_the_command_writes_the_table_and_nothing_else(tmp_path: Path) -> None:
    base, target = tmp_path / "base.yaml", tmp_path / "new" / "table.csv"
    base.write_text(BASE, encoding="utf-8")

    def run(*words: str | Path) -> Any:
        return CliRunner().invoke(commands, ["batch", *map(str, words)], standalone_mode=False)

    done = run("--table-template", base, "-o", target)
    assert done.return_value == 0
    assert done.stdout.strip() == str(target)
    assert target.read_bytes() == write_empty_table(BASE.encode(), str(base), LIBRARY, "csv")
    target.write_text("mine", encoding="utf-8")
    assert isinstance(run("--table-template", base, "-o", target).exception, InputError)
    assert target.read_text(encoding="utf-8") == "mine"
    assert "takes the base deal only" in str(run("--table-template", base, target).exception)
    assert f'-o names the table: "{tmp_path / "out.xlsx"}" or' in (
        str(run("--table-template", base, "-o", tmp_path / "out").exception)
    )
    assert f'-o names the table: "{tmp_path / "t.xlsx"}" or' in (
        str(run("--table-template", base, "-o", tmp_path / "t.pdf").exception)
    )
    assert "SOURCE" in str(run().exception)


# -- the sample


def test_both_tables_of_the_program_are_the_same_forty_deals() -> None:
    by_csv, by_xlsx = (
        gather_items([str(SAMPLE / "base.yaml"), str(SAMPLE / name)]) for name in ("partners.csv", "partners.xlsx")
    )
    assert len(by_csv) == 40
    assert [item.digest for item in by_csv] == [item.digest for item in by_xlsx]
    read = [deal_of(item) for item in by_xlsx]
    assert not any(deal.warnings for deal in read)
    assert [deal.facts for deal in read] == [deal_of(item).facts for item in by_csv]
    assert {deal.facts["tiers"]["start"] for deal in read} == {"Bronze", "Silver", "Gold"}
    addresses = " ".join(deal.parties[1].facts["address"] for deal in read)
    assert all(code in addresses for code in ("MA 02127", "NJ 07030", "VT 05401", "PR 00901", "01097 Dresden"))


def test_the_workbook_of_the_program_is_made_of_its_csv() -> None:
    made = runpy.run_path(str(ROOT / "script" / "make-partners"))["made"]()
    kept = (SAMPLE / "partners.xlsx").read_bytes()
    assert texts(read_cells(made, "made.xlsx", BATCH_LIMITS)) == texts(read_cells(kept, "kept.xlsx", BATCH_LIMITS))


def test_the_longest_agreements_of_the_program_fit_on_one_page(library: Library, tmp_path: Path) -> None:
    """All others have the same words and shorter facts."""
    every = [deal_of(item) for item in gather_items([str(SAMPLE / "base.yaml"), str(SAMPLE / "partners.csv")])]

    def length(deal: Deal) -> int:
        party = deal.parties[1].facts
        return sum(len(str(value)) for value in party.values()) + 25 * len(party["short"])

    for deal in sorted(every, key=length)[-3:]:
        built = pipeline.build(deal, library, ("pdf",))
        assert [schedule.title for schedule in built.fitted.document.schedules] == ["Tiers"]
        assert built.fitted.pages == 2
        assert not built.fitted.document.apart
        text = pdf_text(built.files["pdf"], tmp_path)
        assert all(word in text for word in deal.parties[1].facts["name"].split())


# -- lists as address books and other programs export them

EXPORTED = {
    "address book": (
        "Name,Given Name,Family Name,Organization 1 - Name,Organization 1 - Title,E-mail 1 - Value,Address 1 - Formatted,"
        "Entity,Formed in\n"
        'Ida Holt,Ida,Holt,Tern Press LLC,Owner,ida@tern.example,"5 Quay Road\nBath, ME 04530",LLC,Maine\n',
        "5 Quay Road, Bath, ME 04530",
    ),
    "columns by the alphabet": (
        "City,Company name,Country/Region,Email,Entity,First Name,Formed in,Job Title,Last Name,Postal Code,Record ID,"
        "State/Region,Street Address\n"
        "Bath,Tern Press LLC,United States,ida@tern.example,LLC,Ida,ME,Owner,Holt,04530,77,Maine,5 Quay Road\n",
        "5 Quay Road, Bath, Maine 04530, United States",
    ),
    "accounts with contacts": (
        "Account ID,Account Name,Billing Street,Billing City,Billing State/Province,Billing Zip/Postal Code,"
        "Contact: Full Name,Contact: Title,Contact: Email,Entity,Formed in\n"
        '1,Tern Press LLC,"5 Quay Road\nSuite 4",Bath,ME,04530,Ida Holt,Owner,ida@tern.example,LLC,ME\n',
        "5 Quay Road, Suite 4, Bath, ME 04530",
    ),
    "vendors": (
        "Company,Full name,Title,Bill from street 1,Bill from city,Bill from state,Bill from zip,Email,Entity,Formed in\n"
        "Tern Press LLC,Ida Holt,Owner,5 Quay Road,Bath,ME,04530,ida@tern.example,LLC,ME\n",
        "5 Quay Road, Bath, ME 04530",
    ),
    "a sheet of one's own": (
        "Legal name,Entity type,State of Inc.,Address,City/State/Zip,Authorized signer,Title,E-mail\n"
        'Tern Press LLC,LLC,Maine,5 Quay Road,"Bath, ME 04530",Ida Holt,Owner,ida@tern.example\n',
        "5 Quay Road, Bath, ME 04530",
    ),
    "billing codes": (
        "Account Id,Account Name,Account Owner,Billing Street,Billing City,Billing State,Billing Code,First Name,Last Name,"
        "Email,Title,Entity,Formed in\n"
        "z1,Tern Press LLC,Me,5 Quay Road,Bath,ME,04530,Ida,Holt,ida@tern.example,Owner,LLC,Maine\n",
        "5 Quay Road, Bath, ME 04530",
    ),
    "organizations and persons": (
        "Organization - Name,Organization - Address,Organization - Owner,Person - Name,Person - Email - Work,"
        "Person - Job title,Entity,Formed in\n"
        'Tern Press LLC,"5 Quay Road, Bath, ME 04530",Me,Ida Holt,ida@tern.example,Owner,LLC,Maine\n',
        "5 Quay Road, Bath, ME 04530",
    ),
    "contacts with more mails": (
        "First Name,Last Name,Organization Name,Organization Title,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Value,"
        "Address 1 - Formatted,Address 1 - Street,Address 1 - City,Entity,Formed in\n"
        'Ida,Holt,Tern Press LLC,Owner,* Work,ida@tern.example,i@h.example,"5 Quay Road\nBath, ME 04530",5 Quay Road,Bath,'
        "LLC,Maine\n",
        "5 Quay Road, Bath, ME 04530",
    ),
    "names beside legal names, and a foot": (
        "Name,Legal Name,Entity,Formed in,Street,City,ST,ZIP,Signer,Position,Email\n"
        "Tern,Tern Press LLC,LLC,ME,5 Quay Road,Bath,ME,04530,Ida Holt,Owner,ida@tern.example\n"
        "\nPartner list\nGenerated by me\n",
        "5 Quay Road, Bath, ME 04530",
    ),
    "numbered, in German": (
        ";Firma;Rechtsform;Straße;PLZ;Ort;Vorname;Nachname;E-Mail;Position;Formed in\n"
        "1;Tern Press LLC;LLC;Kai 5;01097;Dresden;Ida;Holt;ida@tern.example;Owner;Maine\n",
        "Kai 5, 01097 Dresden",
    ),
    "zip code before the city": (
        "Company,Street,Zip,City,Country,Email,Signer,Title,Entity,Formed in\n"
        "Tern Press LLC,Kai 5,01097,Dresden,Germany,ida@tern.example,Ida Holt,Owner,LLC,Maine\n",
        "Kai 5, 01097 Dresden, Germany",
    ),
}
# The base deal without what its partners have to give for minimums.
PLAIN = OPEN[: OPEN.index("minimums:")]


@pytest.mark.parametrize("kind", EXPORTED)
def test_lists_that_other_programs_export(kind: str, tmp_path: Path) -> None:
    table, address = EXPORTED[kind]
    (deal,) = deals(tmp_path, table.encode(), base=PLAIN)
    partner = deal.facts["parties"][1]
    assert (partner["name"], partner["address"], partner["email"]) == ("Tern Press LLC", address, "ida@tern.example")
    assert (partner["signatory"]["name"], partner["signatory"]["title"]) == ("Ida Holt", "Owner")
    assert partner["formed_in"].name == "Maine"


def test_what_the_base_deal_lacks_is_told_once_with_the_column_that_would_give_it(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(PLAIN.replace("\nlaw:", "\n# law:"), encoding="utf-8")
    rows = [["Partner name", "Partner entity", "Partner formed in", "Partner address"]]
    rows += [[f"{name} LLC", "LLC", state, "5 Quay Road, Bath, ME 04530"] for name, state in
             (("Tern", "Maine"), ("Gull", "Mane"), ("Auk", "Maine"))]  # fmt: skip
    (tmp_path / "p.csv").write_bytes(write_csv(rows))
    ended = CliRunner().invoke(
        commands, ["batch", str(tmp_path / "base.yaml"), str(tmp_path / "p.csv"), "-o", str(tmp_path / "o")]
    )
    said = ended.stderr.replace(f"{tmp_path}/", "").splitlines()
    assert said[0] == "p.csv: Tern LLC and 2 others"
    assert [line.strip() for line in said].count('hint: add a column "parties.2.email" to the table') == 1
    assert sum("law: this is missing" in line for line in said) == 1
    assert '    hint: add it, as in "law: Massachusetts"; or a column "law" to the table' in said
    assert said[said.index("p.csv: Gull LLC") + 1].startswith('  p.csv:C3: parties.2.formed in: "Mane" is not a state')
    assert said[-2] == "3 deals of 3 cannot be built; nothing was written"
