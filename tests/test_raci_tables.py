"""RACI charts as people have them: any sheet and corner, with whatever else stands around them."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from agreementgen import pipeline
from agreementgen.core.problems import InputError
from agreementgen.deal.matrix_builder import refuse_tables
from agreementgen.library.loading import built_in_library

LIBRARY = built_in_library()
DEAL = """agreement: referral
effective: 2027-03-01
law: Vermont
venue: Windham County, Vermont
parties:
  - {name: Quarry Hill Pottery LLC, short: Quarry Hill, entity: LLC, formed in: Vermont,
     address: "4 Kiln Lane, Putney, VT 05346", email: bea@quarryhill.example, contact: Max Orr,
     signatory: {name: Bea Lund, title: Owner}}
  - {name: "Tin Roof Cafe, Inc.", short: Tin Roof, entity: corporation, formed in: Vermont,
     address: "9 Depot Street, Bellows Falls, VT 05101", email: sam@tinroof.example,
     signatory: {name: Sam Day, title: President}}
scope: {purpose: Send guests to each other's shops}
responsibilities: {Quarry Hill: [Hands out vouchers], Tin Roof: [Shows the pots]}
financial: {model: referral fee, fee: 8%, tracking: {system: shared spreadsheet, kept by: payer}}
"""


def read_deal(table: str | bytes, raci: str = "raci: chart.csv", name: str = "chart.csv") -> Any:
    data = table.encode() if isinstance(table, str) else table
    there = {name: data}
    loader = lambda asked: there.get(asked) or refuse_tables(asked)  # noqa: E731
    return pipeline.read((DEAL + raci + "\n").encode(), "deal.yaml", LIBRARY, "", loader)


def shown(deal: Any) -> tuple[list[str], list[str]]:
    """Return roles as "name=party<person>" and tasks as "phase/name: letters in the order of the roles"."""
    matrix = deal.matrix
    roles = [f"{role.name}={role.party}" + (f"<{role.person}>" if role.person else "") for role in matrix.roles]
    names = [role.name for role in matrix.roles]
    tasks = [
        f"{task.phase + '/' if task.phase else ''}{task.name}: " + " ".join(task.letters.get(n, ".") for n in names)
        for task in matrix.tasks
    ]
    return roles, tasks


def remarks(deal: Any) -> list[str]:
    return [f"{w.severity} {w.code} {w.message}" for w in deal.warnings if w.code.startswith(("raci", "table"))]


def problems(table: str | bytes, raci: str = "raci: chart.csv", name: str = "chart.csv") -> list[str]:
    with pytest.raises(InputError) as caught:
        read_deal(table, raci, name)
    return [str(problem) for problem in caught.value.problems]


def book(sheets: dict[str, list[list[Any]]], merged: dict[str, tuple[str, ...]] | None = None) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)  # type: ignore[arg-type]
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for area in (merged or {}).get(title, ()):
            sheet.merge_cells(area)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


# -- whose the roles are

PARTY_NAMES = ["Quarry Hill=Quarry Hill", "Tin Roof=Tin Roof"]
ROLES = ["Potter=Quarry Hill", "Barista=Tin Roof"]
LETTERS = ["Hand out vouchers: A/R I", "Pay the share: C A/R"]
BODY = "Hand out vouchers,A/R,I\nPay the share,C,A/R\n"
BINDINGS = [
    ("Task,Quarry Hill,Tin Roof\n", "raci: chart.csv", PARTY_NAMES),
    ("Task,Quarry Hill Pottery LLC,TIN ROOF CAFE INC\n", "raci: chart.csv",
     ["Quarry Hill Pottery LLC=Quarry Hill", "TIN ROOF CAFE INC=Tin Roof"]),
    ("Task,Potter (quarry hill),Barista (Tin Roof Cafe)\n", "raci: chart.csv", ROLES),
    ("Task,Potter (Bea Lund),Barista (Sam Day)\n", "raci: chart.csv",
     ["Potter=Quarry Hill<Bea Lund>", "Barista=Tin Roof<Sam Day>"]),
    ("Task,Max Orr,Sam Day\n", "raci: chart.csv", ["Max Orr=Quarry Hill", "Sam Day=Tin Roof"]),
    ("Task,Quarry Hill - Potter,Barista @ Tin Roof\n", "raci: chart.csv", ROLES),
    (",Quarry Hill,Tin Roof\nTask,Potter,Barista\n", "raci: chart.csv", ROLES),
    ("Task,Potter,Barista\n,Bea Lund,Sam Day\n", "raci: chart.csv",
     ["Potter=Quarry Hill<Bea Lund>", "Barista=Tin Roof<Sam Day>"]),
    ("Task,Potter,Barista\nPerson,Al Im,\nParty,Quarry Hill,Tin Roof\n", "raci: chart.csv",
     ["Potter=Quarry Hill<Al Im>", "Barista=Tin Roof"]),
    ("Task,Potter,Barista\n",
     "raci: {table: chart.csv, roles: {potter: {party: Quarry Hill, person: Al Im}, Barista: Tin Roof}}",
     ["Potter=Quarry Hill<Al Im>", "Barista=Tin Roof"]),
    ("Task,Team (Kiln),Barista\n", "raci: {table: chart.csv, roles: {Team (Kiln): Quarry Hill, Barista: Tin Roof}}",
     ["Team (Kiln)=Quarry Hill", "Barista=Tin Roof"]),
    ("Responsibility,Quarry Hill,Tin Roof\n", "raci: chart.csv", PARTY_NAMES),
    (",Quarry Hill,Tin Roof\n", "raci: chart.csv", PARTY_NAMES),
]  # fmt: skip


@pytest.mark.parametrize(("head", "raci", "roles"), BINDINGS)
def test_roles_are_bound_by_what_a_chart_says_of_them(head: str, raci: str, roles: list[str]) -> None:
    deal = read_deal(head + BODY, raci)
    assert shown(deal) == (roles, LETTERS)
    assert remarks(deal) == []


def test_a_party_over_several_roles_goes_on_to_the_right() -> None:
    deal = read_deal(",Quarry Hill,,Tin Roof,\nTask,Manager,Potter,Manager,Cook\nBake,A,R,I,C\n")
    assert shown(deal) == (
        ["Manager (Quarry Hill)=Quarry Hill", "Potter=Quarry Hill", "Manager (Tin Roof)=Tin Roof", "Cook=Tin Roof"],
        ["Bake: A R I C"],
    )


def test_a_party_that_is_only_part_of_a_head_is_said() -> None:
    deal = read_deal("Task,Quarry Hill potter,Tin Roof\n" + BODY)
    assert shown(deal)[0] == ["Quarry Hill potter=Quarry Hill", "Tin Roof=Tin Roof"]
    (said,) = remarks(deal)
    assert said.endswith('by the name of a party in their heads: "Quarry Hill potter" to Quarry Hill')


def test_all_roles_without_a_party_are_one_problem_that_says_what_to_write() -> None:
    (found,) = problems("Task,Client,Agency,Printer\nDraw,A/R,I,C\n")
    assert found.startswith(
        'chart.csv:B1: raci.roles: the roles "Client", "Agency" and "Printer" are bound to no party'
    )
    assert '"raci: {table: chart.csv, roles: {Client: Quarry Hill, Agency: Tin Roof, ...}}"' in found
    given = "raci: {table: chart.csv, roles: {Client: Quarry Hill, Agency: Tin Roof, Printer: outside}}"
    assert read_deal("Task,Client,Agency,Printer\nDraw,A/R,I,C\n", given).matrix.roles[2].party == "outside"


def test_roles_of_the_deal_file_that_the_table_has_not_or_has_otherwise() -> None:
    (found,) = problems("Task,Quarry Hill,Tin Roof\n" + BODY, "raci: {table: chart.csv, roles: {Tin Rof: Tin Roof}}")
    assert 'there is no role "Tin Rof" in the table\n  hint: did you mean "Tin Roof"?' in found
    (found,) = problems(
        "Task,Quarry Hill,Tin Roof\n" + BODY, "raci: {table: chart.csv, roles: {Tin Roof: Quarry Hill}}"
    )
    assert 'the table says Tin Roof, and the deal file Quarry Hill, of the role "Tin Roof"' in found


# -- where the chart stands


def test_a_row_of_parties_below_a_head_of_tasks_that_nobody_knows() -> None:
    table = ",Who does what,,\n,,,\n,Task / Deliverable,Potter,Barista\n,Party,Quarry Hill,Tin Roof\n"
    deal = read_deal(table + "".join(f",{line}\n" for line in BODY.splitlines()))
    assert shown(deal) == (ROLES, LETTERS)


def test_a_chart_on_another_sheet_in_another_corner() -> None:
    data = book(
        {
            "Cover": [["Shop project"], ["Version", "1.2"], ["Author", "A"]],
            "Matrix": [
                [], [None, "Who does what"], [],
                [None, "Phase", "Task", "Quarry Hill", None, "Tin Roof", None, "Status"],
                [None, None, None, "Potter", "Office", "Barista", "Cook", None],
                [None, "Start", "Sign", "A", "R", "C", "I", "Open"],
                [None, None, "Open the shop", "R", "A", None, "-", "Done"],
                [None, "Run", "Log guests", "A/R", "I", "C", None, "Open"],
            ],
            "Definitions": [["Letter", "Meaning"], ["R", "Responsible"], ["A", "Accountable"]],
        },
        {"Matrix": ("D4:E4", "F4:G4", "B6:B7")},
    )  # fmt: skip
    deal = read_deal(data, "raci: chart.xlsx", "chart.xlsx")
    assert shown(deal) == (
        ["Potter=Quarry Hill", "Office=Quarry Hill", "Barista=Tin Roof", "Cook=Tin Roof"],
        ["Start/Sign: A R C I", "Start/Open the shop: R A . .", "Run/Log guests: A/R I C ."],
    )
    assert remarks(deal) == [
        "N raci-passed-over not part of the chart, and passed over: "
        'column "Status" (H); row 2; sheets "Cover", "Definitions"'
    ]


def test_of_two_sheets_with_charts_one_is_read_and_the_other_can_be_named() -> None:
    head = ["Task", "Quarry Hill", "Tin Roof"]
    data = book({"Spring": [head, ["Glaze", "A/R", "I"]], "Fall": [head, ["Bake", "I", "A/R"]]})
    deal = read_deal(data, "raci: chart.xlsx", "chart.xlsx")
    assert shown(deal)[1] == ["Glaze: A/R I"]
    assert remarks(deal) == ['W table-sheet-unread the chart on the sheet "Fall" is not read, only that on "Spring"']
    assert shown(read_deal(data, "raci: 'chart.xlsx#fall'", "chart.xlsx"))[1] == ["Bake: I A/R"]
    (found,) = problems(data, "raci: chart.xlsx#Winter", "chart.xlsx")
    assert found == 'chart.xlsx: there is no sheet "Winter" in the table\n  hint: its sheets: "Spring", "Fall"'


def test_headings_of_merged_cells() -> None:
    rows = [
        ["Our chart"],
        ["Task", "Quarry Hill", "Tin Roof"],
        ["Opening"],
        ["Sign", "A/R", "I"],
        ["End"],
        ["Pay", "I", "A/R"],
    ]
    data = book({"Chart": rows}, {"Chart": ("A1:C1", "A3:C3", "A5:C5")})
    assert shown(read_deal(data, "raci: chart.xlsx", "chart.xlsx"))[1] == ["Opening/Sign: A/R I", "End/Pay: I A/R"]


AROUND = [
    ("Task,Quarry Hill,Tin Roof,Notes,(mine),# x\n", "Bake,A/R,I,soon,R,A\n", 'columns "Notes" (D), "(mine)" (E), "# x" (F)'),
    ("ID,Task,Owner,Quarry Hill,Tin Roof,Output,RAG\n", "A1,Bake,Bea,A/R,I,Bread,A\nA2,Sell,Sam,I,A/R,Cash,R\n",
     'columns "ID" (A), "Owner" (C), "Output" (F), "RAG" (G)'),
    ("Task,Quarry Hill,Tin Roof,Spare\n", "Bake,A/R,I,\n", 'column "Spare" (D)'),
    ("Task,Quarry Hill,Tin Roof\n", "Bake,A/R,I\nNumber of A,1,0\n", "row 3"),
    ("Task,Quarry Hill,Tin Roof\n", "Bake,A/R,I\n,,\nR = does the work; A = approves,,\nMade by Bea,,\n", "rows 4 to 5"),
    ("Task,Quarry Hill,Tin Roof,,Key,\n", "Bake,A/R,I,,R,Responsible\nSell,I,A/R,,A,Accountable\n", 'column "Key" (E)'),
    ("How we work,,\n,,\nTask,Quarry Hill,Tin Roof\n", "Bake,A/R,I\n* if it rains,,\n", "rows 1, 5"),
    ("Task,Due,Quarry Hill,Tin Roof\n", "Bake,Week 2,A/R,I\nSell,ongoing,A/R,I\n", 'column "Due" (B)'),
]  # fmt: skip


@pytest.mark.parametrize(("head", "body", "passed"), AROUND)
def test_what_is_not_of_the_chart_is_passed_over_and_said_once(head: str, body: str, passed: str) -> None:
    deal = read_deal(head + body)
    assert shown(deal)[0] == PARTY_NAMES
    assert shown(deal)[1][0] == "Bake: A/R I"
    assert remarks(deal) == [f"N raci-passed-over not part of the chart, and passed over: {passed}"]


def test_heads_that_stand_again_are_no_task() -> None:
    head = "Task,Quarry Hill,Tin Roof\n"
    assert shown(read_deal(f"{head}Bake,A/R,I\n{head}Sell,I,A/R\n"))[1] == ["Bake: A/R I", "Sell: I A/R"]


def test_roles_that_are_rows_and_tasks_that_are_columns() -> None:
    deal = read_deal("Role,Bake,Sell\nQuarry Hill,A/R,C\nTin Roof,I,A/R\n")
    assert shown(deal) == (PARTY_NAMES, ["Bake: A/R I", "Sell: C A/R"])


# -- the long form

LONG = [
    ("Task,Responsible,Accountable,Consulted,Informed\nBake,Quarry Hill,Quarry Hill,,Tin Roof\n", ["Bake: A/R I"]),
    ("Step,R,A,C,I\nBake,Quarry Hill,Quarry Hill,n/a,Tin Roof\n", ["Bake: A/R I"]),
    ("Task,Responsible (R),Accountable (A),Informed (I)\nBake,Quarry Hill; Tin Roof,Quarry Hill,Tin Roof\n", ["Bake: A/R R"]),
    ("Task,Role,R,A,C,I\nBake,Quarry Hill,x,x,,\n,Tin Roof,,,,x\n", ["Bake: A/R I"]),
]  # fmt: skip


@pytest.mark.parametrize(("table", "tasks"), LONG)
def test_a_column_for_each_letter(table: str, tasks: list[str]) -> None:
    assert shown(read_deal(table)) == (PARTY_NAMES, tasks)


# -- cells

CELLS = [
    ("r", "R", ""),
    ("Responsible", "R", ""),
    ("to be informed", "I", ""),
    ("konsultiert", "C", ""),
    ("Approbateur", "A", ""),
    ("responsable", "R", ""),
    ("R (does it)", "R", 'W raci-remark-left-out only the letters are read of "R (does it)": what stands beside them is left out'),
    ("R*", "R", 'W raci-remark-left-out only the letters are read of "R*": what stands beside them is left out'),
    ("C: if over $500", "C", 'W raci-remark-left-out only the letters are read of "C: if over $500": what stands beside them is left out'),
    ("C (is consulted)", "C", ""),
    ("C/I", "C", 'W raci-mark-read "C/I" is read as C: a cell holds one letter, and only A and R go together'),
    ("n/a", ".", 'N raci-mark-read "n/a" is read as no letter'),
    ("N", ".", 'N raci-mark-read "N" is read as no letter'),
    ("–", ".", ""),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "letter", "said"), CELLS)
def test_what_may_stand_in_a_cell(cell: str, letter: str, said: str) -> None:
    other = "R" if letter == "A" else "A/R"
    deal = read_deal(f'Task,Quarry Hill,Tin Roof,Cook (Tin Roof)\nBake,"{cell}",{other},I\nSell,A/R,I,C\n')
    assert shown(deal)[1][0].split()[1] == letter
    assert remarks(deal) == ([said] if said else [])


@pytest.mark.parametrize("mark", ["x", "✓", "S", "Z", "A person", "I will"])
def test_a_mark_that_says_no_letter_is_refused_once_and_can_be_explained(mark: str) -> None:
    table = f"Task,Quarry Hill,Tin Roof\nBake,{mark},A/R\nSell,{mark},A/R\nEat,A/R,{mark}\n"
    (found,) = problems(table)
    assert found.startswith(
        f'chart.csv:B2: raci.tasks.Bake.Quarry Hill: "{mark}" (in 3 cells: B2, B3, C4) is not one of'
    )
    assert f'letters: {{"{mark}": C}}' in found
    deal = read_deal(table, f'raci: {{table: chart.csv, letters: {{"{mark}": C}}}}')
    assert shown(deal)[1] == ["Bake: C A/R", "Sell: C A/R", "Eat: A/R C"]


LEGENDS = [
    ("V = Verantwortlich; D = Durchführung; I = Information", "D/V,I", "A/R I"),
    ("E = Entscheidung, D = Durchführung, M = Mitarbeit", "E,D", "A R"),
    ("R : Responsable;A : Acteur;I : Informé", "A,R", "R A"),
    ("R = Réalisateur, A = Approbateur", "R,A", "R A"),
]


@pytest.mark.parametrize(("legend", "cells", "letters"), LEGENDS)
def test_letters_are_read_as_the_legend_of_the_chart_says(legend: str, cells: str, letters: str) -> None:
    deal = read_deal(f'Aufgabe,Quarry Hill,Tin Roof\nBacken,{cells}\n,,\n"{legend}",,\n')
    assert shown(deal)[1] == [f"Backen: {letters}"]


def test_a_letter_whose_legend_says_another_thing_is_asked_for() -> None:
    (found,) = problems('Task,Quarry Hill,Tin Roof\nBake,A/R,S\n,,\n"S = Support",,\n')
    assert 'hint: the legend calls it "Support"' in found


# -- tasks without letters

FORGOTTEN = 'W raci-no-letters no letter stands beside "Pay the fee" (row 3): left out'


def test_a_task_without_letters_is_no_heading() -> None:
    deal = read_deal("Task,Quarry Hill,Tin Roof\nBake,A/R,I\nPay the fee,,\nSell,I,A/R\n")
    assert shown(deal)[1] == ["Bake: A/R I", "Sell: I A/R"]
    assert remarks(deal) == [FORGOTTEN]


@pytest.mark.parametrize(
    ("heading", "phase"),
    [
        ("Phase 2: Running", "Phase 2: Running"),
        ("Running:", "Running"),
        ("RUNNING", "RUNNING"),
        ("Every week", "Every week"),
    ],
)
def test_a_heading_is_known_by_its_words(heading: str, phase: str) -> None:
    deal = read_deal(f"Task,Quarry Hill,Tin Roof\nBake,A/R,I\n{heading},,\nSell,I,A/R\n")
    assert shown(deal)[1] == ["Bake: A/R I", f"{phase}/Sell: I A/R"]
    assert remarks(deal) == []


def test_cells_that_say_that_something_is_open_ask_who_does_it() -> None:
    (found,) = problems("Task,Quarry Hill,Tin Roof\nBake,A/R,I\nSell,TBC,tbd\n")
    assert 'it is open who does and who approves "Sell"' in found


# -- as programs for projects export them, and as people arrange them

EXPORTS = {
    "a column for whoever is assigned": (
        "Task ID,Name,Section/Column,Assignee,Due Date,Accountable,Consulted,Informed\n"
        "81,Set the prices,Planning,Bea Lund,2027-03-02,Bea Lund,Sam Day,Max Orr\n"
        "82,Fill the shelf,Opening,Sam Day,2027-03-09,Sam Day,,\"Bea Lund, Max Orr\"\n",
        ["Planning/Set the prices: A/R I C", "Opening/Fill the shelf: I I A/R"],
    ),
    "driver, approver, contributors": (
        "Decision,Driver,Approver,Contributors,Informed\n"
        "Set the prices,Bea Lund,Sam Day,Max Orr,\nFill the shelf,Sam Day,Bea Lund,,Max Orr\n",
        ["Set the prices: A R C", "Fill the shelf: R A I"],
    ),
    "a row for each letter": (
        "Task,Role,RACI\nSet the prices,Quarry Hill,A/R\nFill the shelf,Quarry Hill,I\n"
        "Set the prices,Tin Roof,C\nFill the shelf,Tin Roof,AR\n",
        ["Set the prices: A/R C", "Fill the shelf: I A/R"],
    ),
    "addresses behind names": (
        "Name,Accountable,Consulted,Responsible,Status\n"
        'Set the prices,Bea Lund (https://pages.example/bea-1),Sam Day,"Bea Lund (https://pages.example/bea-1), Max Orr",Open\n',
        ["Set the prices: A/R R C"],
    ),
    "a table of Markdown": (
        "| Task | Quarry Hill | Tin Roof |\n|---|:---:|---|\n| Set the prices | A/R | C |\n",
        ["Set the prices: A/R C"],
    ),
    "heads that are e-mails": (
        "Task,bea@quarryhill.example,sam@tinroof.example\nSet the prices,A/R,C\n",
        ["Set the prices: A/R C"],
    ),
    "numbers before the names of phases": (
        "WBS,Task Name,Duration,Quarry Hill,Tin Roof\n1,Planning,9 days,,\n1.1,Set the prices,2 days,A/R,C\n"
        "2,Opening,,,\n2.1,Fill the shelf,1 day,I,A/R\n",
        ["Planning/Set the prices: A/R C", "Opening/Fill the shelf: I A/R"],
    ),
    "phases in heads that come again": (
        "Planning,Quarry Hill,Tin Roof\nSet the prices,A/R,C\nOpening,Quarry Hill,Tin Roof\nFill the shelf,I,A/R\n",
        ["Planning/Set the prices: A/R C", "Opening/Fill the shelf: I A/R"],
    ),
    "titles above heads that come again": (
        "Part 1,,\nTask,Quarry Hill,Tin Roof\nSet the prices,A/R,C\n,,\nPart 2,,\nTask,Quarry Hill,Tin Roof\nFill the shelf,I,A/R\n",
        ["Part 1/Set the prices: A/R C", "Part 2/Fill the shelf: I A/R"],
    ),
    "words with their letters": (
        'Task,Quarry Hill,Tin Roof\nSet the prices,"Accountable (A), Responsible (R)",Consulted (C)\n'
        'Fill the shelf,"R (Monday), A",Informed\n',
        ["Set the prices: A/R C", "Fill the shelf: A/R I"],
    ),
    "task, person and letter in words": (
        "Person,Task,Assignment\nBea Lund,Set the prices,Accountable\nSam Day,Set the prices,Responsible\n"
        "Bea Lund,Fill the shelf,Informed\nSam Day,Fill the shelf,\"Responsible, Accountable\"\n",
        ["Set the prices: A R", "Fill the shelf: I A/R"],
    ),
    "questions as heads": (
        "What,Who does it,Who approves,Who is asked,Who is told\n"
        "Set the prices,Bea Lund,Bea Lund,Sam Day,\nFill the shelf,Sam Day,Sam Day,,all\n",
        ["Set the prices: A/R C", "Fill the shelf: I A/R"],
    ),
    "last names first": (
        'Task,"Lund, Bea",S. Day\nSet the prices,A/R,C\n',
        ["Set the prices: A/R C"],
    ),
    "who wrote it above": (
        "Project:,Shelf,\nOwner:,Bea Lund,\n,,\nTask,Quarry Hill,Tin Roof\nSet the prices,A/R,C\n",
        ["Set the prices: A/R C"],
    ),
    "a legend at the right": (
        "Task,Quarry Hill,Tin Roof,,Legend\nSet the prices,A/R,C,,R = Responsible\nFill the shelf,I,A/R,,A = Accountable\n"
        ",,,,C = Consulted\n",
        ["Set the prices: A/R C", "Fill the shelf: I A/R"],
    ),
    "a legend of two columns at the right": (
        "Task,Quarry Hill,Tin Roof,,Legend,\nSet the prices,A/R,C,,R,Responsible\nFill the shelf,I,A/R,,A,Accountable\n",
        ["Set the prices: A/R C", "Fill the shelf: I A/R"],
    ),
    "remarks that sound like a legend": (
        "Task,Quarry Hill,Tin Roof,Notes\nSet the prices,A/R,C,Approves the budget\nFill the shelf,I,A/R,is informed by mail\n",
        ["Set the prices: A/R C", "Fill the shelf: I A/R"],
    ),
    "German words": (
        "Aufgabe;Quarry Hill;Tin Roof\nPreise;Verantwortlich;Rechenschaftspflichtig\n"
        'Regal;Informiert;"Rechenschaftspflichtig, verantwortlich"\n',
        ["Preise: R A", "Regal: I A/R"],
    ),
    "letters of another keyboard": (
        "Task,Quarry Hill,Tin Roof\nSet the prices,\u0410/R,\u0421\n",
        ["Set the prices: A/R C"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", EXPORTS)
def test_what_programs_export(kind: str) -> None:
    table, tasks = EXPORTS[kind]
    deal = read_deal(table)
    assert shown(deal)[1] == tasks
    assert {role.party for role in deal.matrix.roles} == {"Quarry Hill", "Tin Roof"}


UNCLEAR = {
    "two charts beside each other": (
        "Task,Quarry Hill,Tin Roof,,Task,Quarry Hill,Tin Roof\nBake,A/R,C,,Clean,A/R,I\n",
        "chart.csv:E1: a second chart stands beside the first one\n  hint: put it below the first one, or on a sheet of its own",
    ),
    "who it is written for": (
        "Client:,Tin Roof,\nSupplier:,Quarry Hill,\nTask,Potter,Barista\nBake,A/R,C\n",
        'chart.csv:B3: raci.roles: the roles "Potter" and "Barista" are bound to no party',
    ),
    "a German word alone": (
        "Aufgabe;Quarry Hill;Tin Roof\nPreise;Verantwortlich;Informiert\n",
        "hint: some charts mean R by it, and others A: write R",
    ),
    "everybody approves": (
        "Task,Responsible,Accountable,Informed\nBake,Bea Lund,all,Sam Day\n",
        'chart.csv:A2: raci.tasks.Bake: nobody approves "Bake" (no A)\n  hint: give one role the A: for example "Bea Lund: A/R"',
    ),
    "a name with a comma": (
        'Task,"Kiln, the",Tin Roof\nBake,A/R,C\n',
        "roles: {'Kiln, the': Quarry Hill}}",
    ),
    "a legend in one line": (
        "Task,Quarry Hill,Tin Roof\nBake,A/R,S\nR=Responsible S=Supportive C=Consulted,,\n",
        'the legend calls it "Supportive": write R',
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNCLEAR)
def test_what_is_unclear_says_what_to_write(kind: str) -> None:
    table, says = UNCLEAR[kind]
    assert says in problems(table)[0]


def test_a_mark_that_the_legend_explains_as_no_letter_says_what_to_write() -> None:
    table = "Task,Quarry Hill,Tin Roof\nSet the prices,A/R,S\n,,\nR = Responsible; A = Accountable; S = Support,,\n"
    (said,) = problems(table)
    assert said.endswith('as in letters: {"S": C}')
    deal = read_deal(table, "raci: {table: chart.csv, letters: {S: C}}")
    assert shown(deal)[1] == ["Set the prices: A/R C"]


def test_a_sheet_that_is_too_large_for_a_chart_is_no_chart() -> None:
    log = [["Day", "What", *(f"Value {n}" for n in range(18))]] + [[f"{n}", *["x"] * 19] for n in range(800)]
    chart = [["Task", "Quarry Hill", "Tin Roof"], ["Set the prices", "A/R", "C"]]
    deal = read_deal(book({"Log": log, "Chart": chart}), "raci: chart.xlsx", "chart.xlsx")
    assert shown(deal)[1] == ["Set the prices: A/R C"]
    (said,) = problems(book({"Log": log}), "raci: chart.xlsx", "chart.xlsx")
    assert said == (
        "chart.xlsx: the table holds more than 15,000 cells or 250,000 letters: no chart is so large\n"
        "  hint: a chart has at most 20 roles and 100 tasks; keep what is none elsewhere"
    )
