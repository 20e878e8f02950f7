"""RACI charts: read, checked, printed the same in all formats, read back without loss."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from click.testing import CliRunner
from conftest import ROOT, letters, need, pages, pdf_text, run, word_pdfs, word_text
from deals import REFERENCE, reference
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreementgen import pipeline
from agreementgen.cli.main import commands
from agreementgen.core.document import each_chart_text
from agreementgen.core.problems import InputError, PackError, Place
from agreementgen.core.values import Unreadable, format_short_day
from agreementgen.deal.chart_marks import read_letters
from agreementgen.deal.deal import (
    LETTERS,
    Matrix,
    RaciRole,
    Task,
    check_matrix,
    list_responsibilities,
    matrix_as_rows,
    sort_for_printing,
)
from agreementgen.deal.matrix_builder import refuse_tables
from agreementgen.draft.chart import draft_chart_document
from agreementgen.draft.chart_proposal import propose_matrix
from agreementgen.draft.chart_review import review_matrix
from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library
from agreementgen.pipeline import BuiltChart
from agreementgen.render import chart_layout, docx_writer
from agreementgen.render import docx_chart as writer
from agreementgen.render.chart_layout import arrange_chart_document
from agreementgen.render.formats import CHART_FORMATS
from agreementgen.sheets.table_reader import write_csv

LIBRARY = built_in_library()
BARE = REFERENCE.partition("\nraci:")[0] + "\n"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def deal_of(text: str, **beside: bytes) -> Any:
    """Return a deal; `beside` are tables by name, with _ for the dot."""
    there = {name.replace("_", "."): data for name, data in beside.items()}
    return pipeline.read(text.encode(), "deal.yaml", LIBRARY, "", lambda name: there.get(name) or refuse_tables(name))


def with_raci(raci: str, **beside: bytes) -> Any:
    return deal_of(BARE + raci, **beside)


def problems(raci: str, **beside: bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        with_raci(raci, **beside)
    return [str(problem) for problem in caught.value.problems]


SMALL = """raci:
  roles: {Account lead: Northshore, SEO lead: {party: Bay Rank, person: Lee Okafor}}
  tasks:
    Log each lead: {Account lead: A/R, SEO lead: I}
    Send monthly statement:
      letters: {SEO lead: A/R}
      due: 2027-01-10
      phase: Every month
      carries out: Reports outcomes monthly
"""

# -- reading


def test_a_matrix_as_a_person_writes_it() -> None:
    matrix = with_raci(SMALL).matrix
    assert [(role.name, role.party, role.person) for role in matrix.roles] == [
        ("Account lead", "Northshore", ""), ("SEO lead", "Bay Rank", "Lee Okafor"),
    ]  # fmt: skip
    log, send = matrix.tasks
    assert log.letters == {"Account lead": "A/R", "SEO lead": "I"}
    assert (send.due, send.phase, send.letters) == (date(2027, 1, 10), "Every month", {"SEO lead": "A/R"})
    assert [(duty.party, duty.text) for duty in send.responsibilities] == [("Bay Rank", "Reports outcomes monthly")]
    assert log.letter_places["SEO lead"].line == BARE.count("\n") + 4
    assert (matrix.attach, matrix.version, matrix.review) == (False, "1", "quarterly")


@pytest.mark.parametrize(
    ("text", "letter"),
    [("r", "R"), (" A / R ", "A/R"), ("RA", "A/R"), ("a,r", "A/R"), ("A+R", "A/R"), ("", ""), ("-", ""), ("–", "")],
)
def test_spellings_of_letters(text: str, letter: str) -> None:
    assert read_letters(text) == letter


@given(st.text(max_size=4))
def test_a_cell_is_one_of_the_letters_or_refused(text: str) -> None:
    try:
        assert read_letters(text) in (*LETTERS, "?", "")
    except Unreadable as error:
        assert error.hint


WRONG = [
    ("Account lead: A/R", "Account lead: X", "Account lead: ", ': "X" is not one of the letters R, A, C, I'),
    ("Account lead: A/R,", "Acount lead: A/R,", "Acount", '"Acount lead" is not one of the roles\n  hint: did you mean "Account lead"?'),
    ("Account lead: Northshore", "Account lead: Northshor", "Northshor,", '"Northshor" is not the short name of a party\n  hint: did you mean "Northshore"?'),
    ("Account lead: Northshore", 'Account lead: ""', '"",', 'the role "Account lead" is bound to no party'),
    ("Account lead: A/R", "Account lead: R", "    Log each", 'nobody approves "Log each lead" (no A)'),
    ("Account lead: A/R", "Account lead: A", "    Log each", 'nobody does "Log each lead" (no R)'),
    ("SEO lead: I", "SEO lead: A", "A}", '"SEO lead" has an A for "Log each lead", and "Account lead" has it already'),
    ("SEO lead: A/R", "SEO lead: A/R, Account lead: A", "Account lead: A}", 'for "Send monthly statement", and'),
    ("2027-01-10", "01/10/2027", "01/10", "can mean two days"),
    ("Reports outcomes monthly", "Reports outcome monthly", "Reports outcome monthly", "is not a responsibility of the agreement"),
    ("person: Lee", "persn: Lee", "persn", 'did you mean "person"?'),
    ("Account lead: Northshore", "Due: Northshore", "Due:", '"Due" means something else in a matrix'),
    ("  tasks:", "  task:", "task:", '"task" is not a fact we know here'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "says"), WRONG)
def test_a_mistake_is_told_with_its_place(old: str, new: str, at: str, says: str) -> None:
    changed = SMALL.replace(old, new, 1)
    assert changed != SMALL
    found = problems(changed)
    assert any(says in problem for problem in found), found
    problem = next(problem for problem in found if says in problem)
    line = int(problem.split(":")[1])
    assert at.strip() in (BARE + changed).split("\n")[line - 1]
    assert "hint:" in problem


def test_all_mistakes_are_told_at_once() -> None:
    changed = SMALL.replace("Account lead: A/R", "Account lead: X").replace("due: 2027-01-10", "due: soon")
    found = problems(changed + "    Pay: {Account lead: R}\n    Rest: {Account lead: A}\n")
    assert len(found) == 4


def test_an_a_outside_the_parties_is_an_error_and_other_letters_are_not() -> None:
    outside = SMALL.replace("Account lead: Northshore", "Account lead: Northshore, Printer: outside")
    assert with_raci(outside.replace("SEO lead: I}", "Printer: R}")).matrix.roles[2].party == "outside"
    (found,) = problems(outside.replace("Account lead: A/R, SEO lead: I", "Account lead: R, Printer: A"))
    assert "nobody" not in found
    assert '"Printer" approves "Log each lead" and belongs to none of the parties' in found


def test_what_a_chart_says_of_itself_and_what_was_passed_over() -> None:
    matrix = with_raci(f"{SMALL}  date: 2026-12-05\n  version: 3\n  review: yearly\n").matrix
    assert (matrix.chart_date, matrix.version, matrix.review) == (date(2026, 12, 5), "3", "yearly")
    table = b"Task;Northshore;Bay Rank;Notes\nLog;A/R;I;x\nSend;I;A/R;y\n"
    warnings = [str(one) for one in with_raci("raci: tasks.csv\n", tasks_csv=table).warnings]
    assert [one.split("\n")[0] for one in warnings if "tasks.csv" in one] == [
        'tasks.csv:A1: raci.table: not part of the chart, and passed over: column "Notes" (D)'
    ]
    assert not [one for one in with_raci(SMALL).warnings if one.field.startswith("raci")]


def test_an_unknown_party_of_a_role_is_the_only_problem_of_its_chart() -> None:
    (found,) = problems(SMALL.replace("Account lead: Northshore", "Account lead: Northshor"))
    assert found.split("\n")[0].endswith('raci.roles.Account lead: "Northshor" is not the short name of a party')
    (found,) = problems("raci: [x]\n")
    assert "raci: a list stands here instead of a group" in found


def test_no_matrix_is_no_matrix() -> None:
    assert deal_of(BARE).matrix is None
    assert deal_of(BARE).facts["raci"] is None
    assert "this is missing" in problems("raci: {attach: yes}\n")[0]
    assert "is not a table beside the deal file" in problems("raci: yes\n")[0]


# -- tables

TABLE = """Task;Account lead (Northshore: Dana Reyes);SEO lead (Bay Rank);Due
Every month;;;
Log each lead;A/R;I;
Send monthly statement;C;RA;2027-01-10
"""


def test_a_table_as_spreadsheets_have_it() -> None:
    matrix = with_raci("raci: tasks.csv\n", tasks_csv=TABLE.encode()).matrix
    assert [(role.name, role.party, role.person) for role in matrix.roles] == [
        ("Account lead", "Northshore", "Dana Reyes"), ("SEO lead", "Bay Rank", ""),
    ]  # fmt: skip
    assert [(task.name, task.phase, task.letters["SEO lead"]) for task in matrix.tasks] == [
        ("Log each lead", "Every month", "I"), ("Send monthly statement", "Every month", "A/R"),
    ]  # fmt: skip
    assert str(matrix.tasks[1].place) == "tasks.csv:A4"


def test_a_table_with_parties_in_a_second_row_and_a_title() -> None:
    table = b'Our RACI,,\n,,\nActivity,Account lead,SEO lead\n,Northshore,"Bay Rank\nLee Okafor"\nLog,A/R,I\n'
    matrix = with_raci("raci: {table: tasks.csv, version: 3}\n", tasks_csv=table).matrix
    assert [(role.party, role.person) for role in matrix.roles] == [("Northshore", ""), ("Bay Rank", "Lee Okafor")]
    assert matrix.version == "3"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Log each lead;A/R;I", "Log each lead;A/R;Z", 'tasks.csv:C3: raci.tasks.Log each lead.SEO lead: "Z" is not'),
        ("Log each lead;A/R;I", "Log each lead;R;I", 'tasks.csv:A3: raci.tasks.Log each lead: nobody approves'),
        ("Log each lead;A/R;I", "Log each lead;A/R;A", 'tasks.csv:C3: raci.tasks.Log each lead: "SEO lead" has an A'),
        ("(Bay Rank)", "(Bay Bank)", 'tasks.csv:C1: raci.roles.SEO lead: "Bay Bank" is not the short name'),
        (" (Bay Rank)", "", 'tasks.csv:C1: raci.roles.SEO lead: the role "SEO lead" is bound to no party'),
        ("Log each lead;", ";", "tasks.csv:A3: raci.tasks: this row names no task"),
        ("2027-01-10", "soon", 'tasks.csv:D4: raci.tasks.Send monthly statement.due: "soon" is not'),
    ],
)  # fmt: skip
def test_a_mistake_in_a_table_is_told_with_its_cell(old: str, new: str, says: str) -> None:
    found = problems("raci: tasks.csv\n", tasks_csv=TABLE.replace(old, new).encode())
    assert any(problem.startswith(says) for problem in found), found


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("tasks_xlsx", b"no zip", "this is not an Excel file that can be read"),
        ("tasks_csv", "Aufgabe;Müller".encode("latin-1"), "the file is not stored as UTF-8"),
        ("tasks_csv", b"PK\x03\x04", "this is an Excel file, not a CSV file"),
        ("tasks_csv", b"one\n", "there is no RACI chart in this table"),
        ("tasks_csv", b"x" * 6_000_000, "the file is too large"),
    ],
)
def test_a_table_that_is_none(name: str, data: bytes, says: str) -> None:
    (found,) = problems(f"raci: {name.replace('_', '.')}\n", **{name: data})
    assert says in found


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(BARE + "raci: task.csv\n", encoding="utf-8")
    (tmp_path / "tasks.csv").write_text(TABLE, encoding="utf-8")
    done = CliRunner().invoke(commands, ["check", str(tmp_path / "deal.yaml")])
    assert isinstance(done.exception, InputError)
    (problem,) = done.exception.problems
    assert str(problem).endswith('there is no table "task.csv" beside the deal file\n  hint: did you mean "tasks.csv"?')
    (tmp_path / "deal.yaml").write_text(BARE + "raci: tasks.csv\n", encoding="utf-8")
    assert CliRunner().invoke(commands, ["check", str(tmp_path / "deal.yaml")]).exit_code == 0


@pytest.mark.parametrize("name", ["../tasks.csv", "/etc/tasks.csv", "C:\\tasks.csv", "tasks.txt"])
def test_only_tables_beside_the_deal_file_are_read(name: str) -> None:
    (found,) = problems(f"raci: '{name}'\n")
    assert "is not a table beside the deal file" in found


SAMPLES = ["referral", "joint-venture", "long-names"]


@pytest.fixture(scope="module")
def charts() -> dict[str, BuiltChart]:
    made = {}
    for name in SAMPLES:
        deal = deal_of((ROOT / "samples" / f"{name}.yaml").read_text(encoding="utf-8"))
        made[name] = pipeline.build_chart(deal, LIBRARY, CHART_FORMATS, workload=name == "referral")
    return made


# -- generated matrices

NAMES = st.text("abcdefghijklmnopqrstuvwxyzÄéß株&<>'\"=+-@;,#:()", min_size=1, max_size=14).map(
    lambda text: " ".join(f"x{text}".split())
)
RISKY = st.sampled_from(["=1+1", "+x", "-x", "@x", "'=x", "''y", "x\u00a0y", "a;b", 'say "x"', "1", "2027-01-10"])
CELLS = st.sampled_from(["", *LETTERS])
NOWHERE = Place()


@st.composite
def matrices(draw: Any, right: bool = True) -> Matrix:
    """Return a matrix for the reference deal; with `right`, exactly one A and at least one R in each task."""
    deal = deal_of(BARE)
    every = list_responsibilities(deal.facts)
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique_by=str.casefold))
    roles = tuple(
        RaciRole(f"{name} lead", draw(st.sampled_from(["Northshore", "Bay Rank"])), draw(st.just("") | NAMES), NOWHERE)
        for name in names
    )
    tasks = []
    for name in draw(st.lists(NAMES | RISKY, min_size=1, max_size=6, unique=True)):
        row = {role.name: draw(CELLS) for role in roles}
        if right:
            row = {name: letter if letter in ("C", "I", "R") else "" for name, letter in row.items()}
            lead = draw(st.sampled_from(sorted(row)))
            does = any(letter == "R" for name, letter in row.items() if name != lead)
            row[lead] = draw(st.sampled_from(["A", "A/R"])) if does else "A/R"
        said = {name: letter for name, letter in row.items() if letter}
        due = draw(st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)))
        phase = draw(st.sampled_from(["", "Start", "=Every month"]))
        duties = tuple(duty for duty in every if draw(st.booleans()))
        tasks.append(Task(name, said, {}, due, phase, duties, NOWHERE))
    return sort_for_printing(Matrix(roles, tuple(tasks), NOWHERE))


def plain(matrix: Matrix) -> Any:
    """Return what a matrix says, without places."""
    roles = [(role.name, role.party, role.person) for role in matrix.roles]
    tasks = [(task.name, dict(task.letters), task.due, task.phase, task.responsibilities) for task in matrix.tasks]
    return roles, tasks


@given(matrices(right=False))
def test_exactly_one_a_and_at_least_one_r(matrix: Matrix) -> None:
    found = {finding.code for finding in check_matrix(matrix)}
    rows = [list(task.letters.values()) for task in matrix.tasks]
    approve = [sum("A" in letter for letter in row) for row in rows]
    do = [sum("R" in letter for letter in row) for row in rows]
    assert ("M01" in found) == any(count == 0 for count in approve)
    assert ("M02" in found) == any(count > 1 for count in approve)
    assert ("M03" in found) == any(count == 0 for count in do)
    assert bool(found) == (not all(count == 1 for count in approve) or not all(do))


@given(matrices())
def test_right_matrices_are_accepted(matrix: Matrix) -> None:
    assert not check_matrix(matrix)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(matrices())
def test_round_trip_by_csv_and_xlsx(matrix: Matrix) -> None:
    deal = deal_of(BARE)
    rows = matrix_as_rows(matrix, list_responsibilities(deal.facts))
    back = with_raci("raci: tasks.csv\n", tasks_csv=chart_layout.write_chart_csv(rows)).matrix
    assert plain(back) == plain(matrix)
    document = draft_chart_document(deal, matrix, "Referral Agreement")
    book = chart_layout.write_chart_xlsx(document, rows)
    assert plain(with_raci("raci: tasks.xlsx\n", tasks_xlsx=book).matrix) == plain(matrix)
    assert book == chart_layout.write_chart_xlsx(document, rows)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(matrices())
def test_every_letter_is_printed_where_it_belongs(matrix: Matrix) -> None:
    deal = deal_of(BARE)
    document = arrange_chart_document(draft_chart_document(deal, matrix, "Referral Agreement"), LIBRARY.layout)
    word = docx.Document(io.BytesIO(writer.write_chart_docx(document, LIBRARY.layout["reference.docx"])))
    assert straight_keys(grid_of(word)) == straight_keys(expected(matrix))
    book = chart_layout.write_chart_xlsx(document, matrix_as_rows(matrix, list_responsibilities(deal.facts)))
    sheet = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
    found = {}
    for row in sheet.iter_rows(min_row=4, values_only=True):
        for name, letter in zip([cell.value for cell in sheet[1]][3:-2], row[3:-2], strict=True):
            found[row[2], name] = letter or ""
    assert found == expected(matrix)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_letter_stands_in_its_row_and_column_of_the_pdf(
    charts: dict[str, BuiltChart], tmp_path: Path, name: str
) -> None:
    """Poppler says where each word stands: in the row of its task's number, between the edges of its role's column."""
    chart = charts[name].document.chart
    path = tmp_path / "chart.pdf"
    path.write_bytes(charts[name].files["pdf"])
    need("pdftotext")
    at = chart.arrangement
    assert at
    left = 43.2 + at.number + at.task + at.due
    edges = [left + sum(at.roles[:index]) for index in range(len(at.roles) + 1)]
    found: dict[int, list[str]] = {}
    for page in run("pdftotext", "-bbox", path, "-").split("<page ")[1:]:
        spots = [
            (float(x), float(y), float(end), text)
            for x, y, end, text in re.findall(
                r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="[\d.]+">([^<]+)<', page
            )
        ]
        numbers = {y: int(text) for x, y, end, text in spots if end < 43.2 + at.number and text.isdigit()}
        for x, y, end, text in spots:
            number = next((n for row, n in numbers.items() if abs(row - y) < 1), 0)
            column = next((n for n in range(len(at.roles)) if edges[n] <= (x + end) / 2 < edges[n + 1]), -1)
            if number and column >= 0 and text in LETTERS:
                found.setdefault(number, [""] * len(at.roles))[column] = text
    assert found == {task.number: list(task.letters) for task in chart.tasks if any(task.letters)}


def expected(matrix: Matrix) -> dict[tuple[str, str], str]:
    return {(task.name, role.name): task.letters.get(role.name, "") for task in matrix.tasks for role in matrix.roles}


def grid_of(word: Any) -> dict[tuple[str, str], str]:
    """Return letters by task and role of the table in a Word file, found by python-docx."""
    rows = word.tables[0].rows
    heads = [cell.paragraphs[0].text for cell in rows[1].cells]
    start = 3 if heads[2] == "Due" else 2
    found = {}
    for row in rows[2:]:
        cells = [cell.text for cell in row.cells]
        if len(set(cells)) == 1 and not cells[0].isdigit():
            continue  # a phase: one cell over the whole width
        found |= {(cells[1], name): letter for name, letter in zip(heads[start:], cells[start:], strict=True)}
    return found


# -- documents


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_have_the_size_they_should(charts: dict[str, BuiltChart], name: str) -> None:
    chart = charts[name].document.chart
    assert (len(chart.tasks), len(chart.roles)) == {
        "referral": (12, 4),
        "joint-venture": (20, 6),
        "long-names": (34, 9),
    }[name]
    assert not [finding for finding in charts[name].problems if finding.severity != "N"]


def bag(text: str) -> str:
    """Return all signs of `text` in order of the alphabet: the same words, in whatever order they were read."""
    return "".join(sorted(letters(text)))


def straight(text: str) -> str:
    """Return `text` as it is typed: pages curl its quotes, and files to read back keep them."""
    for curled, typed in ("‘'", "’'", '“"', '”"'):
        text = text.replace(curled, typed)
    return text


def straight_keys(grid: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    return {(straight(task), straight(role)): letter for (task, role), letter in grid.items()}


def once(text: str, chart: BuiltChart) -> str:
    """Return a page's text without footers and the heads that later pages repeat."""
    return re.sub(r"Page\d+of\d+", "", letters(text).replace(letters(chart.document.chart.footer), ""))


@pytest.mark.parametrize("name", SAMPLES)
def test_word_and_pdf_have_the_same_words(charts: dict[str, BuiltChart], tmp_path: Path, name: str) -> None:
    chart = charts[name]
    said = [chart.document.title, chart.document.of, *each_chart_text(chart.document.chart)]
    from_word = word_text(chart.files["docx"])
    assert bag(from_word) == bag("".join(said))
    from_pdf = once(pdf_text(chart.files["pdf"], tmp_path), chart)
    heads = [text for text in (*chart.document.chart.heads, *(s[0] for s in chart.document.chart.spans)) if text]
    heads += [text for role in chart.document.chart.roles for text in (role.name, role.person)]
    assert bag(from_pdf) == bag("".join(said) + "".join(heads) * (chart.pages - 1))


@pytest.mark.parametrize("name", SAMPLES)
def test_workbook_and_csv_have_the_same_words(charts: dict[str, BuiltChart], name: str) -> None:
    chart = charts[name]
    book = openpyxl.load_workbook(io.BytesIO(chart.files["xlsx"]))
    sheet = [["" if value is None else value for value in row] for row in book.worksheets[0].values]
    table = list(csv.reader(io.StringIO(chart.files["csv"].decode("utf-8-sig"))))
    assert [[_as_csv(value) for value in row] for row in sheet] == table
    printed = chart.document.chart
    assert [straight(text) for text in table[0][3:-2]] == [straight(role.name) for role in printed.roles]
    assert [straight(text) for text in table[1][3:-2]] == [straight(role.party) for role in printed.roles]
    assert [straight(text) for text in table[2][3:-2]] == [straight(role.person) for role in printed.roles]
    for row, (phase, task) in zip(table[3:], [(p.title, t) for p in printed.phases for t in p.tasks], strict=True):
        due = format_short_day(date.fromisoformat(row[-2]), "en-US") if row[-2] else ""
        assert (int(row[0]), straight(row[1]), straight(row[2]), tuple(row[3:-2]), due) == (
            task.number, straight(phase), straight(task.name), task.letters, task.due,
        )  # fmt: skip
    legend = " ".join(str(value) for row in book["Legend"].values for value in row if value is not None)
    for text in (chart.document.title, chart.document.of, printed.footer, *(says for _, says in printed.legend)):
        assert text in legend
    for duty in printed.duties:
        assert f"{duty.party} {duty.text} {duty.numbers}" in legend
    assert ("Workload" in book.sheetnames) == (printed.workload is not None)


def _as_csv(value: Any) -> str:
    return value.date().isoformat() if hasattr(value, "date") else str(value)


@pytest.mark.office
def test_word_breaks_pages_like_the_pdf(charts: dict[str, BuiltChart], tmp_path: Path) -> None:
    printed = word_pdfs({name: chart.files["docx"] for name, chart in charts.items()}, tmp_path)
    for name, chart in charts.items():
        assert pages(printed[name], tmp_path) == pages(chart.files["pdf"], tmp_path) == chart.pages
        assert bag(once(pdf_text(printed[name], tmp_path), chart)) == bag(
            once(pdf_text(chart.files["pdf"], tmp_path), chart)
        )


@pytest.mark.parametrize("name", SAMPLES)
def test_the_word_table_is_a_real_one(charts: dict[str, BuiltChart], tmp_path: Path, name: str) -> None:
    word = docx.Document(io.BytesIO(charts[name].files["docx"]))
    rows = word.tables[0]._tbl.tr_lst
    assert [bool(row.find(f"{W}trPr/{W}tblHeader") is not None) for row in rows[:3]] == [True, True, False]
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
    assert word.tables[0].style.name == "Chart Table"
    for properties in word.element.body.iter(f"{W}pPr"):
        assert [child.tag for child in properties] == [f"{W}pStyle"]
    for properties in word.element.body.iter(f"{W}rPr"):
        assert [child.tag for child in properties] == [f"{W}rStyle"]
    size = word.sections[0]
    assert (size.page_width > size.page_height) == (name == "long-names")


def test_the_workbook_can_be_worked_in(charts: dict[str, BuiltChart]) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(charts["referral"].files["xlsx"])).worksheets[0]
    assert sheet.freeze_panes == "D4"
    (allowed,) = sheet.data_validations.dataValidation
    assert allowed.formula1 == '"R,A,A/R,C,I"'
    assert str(allowed.sqref) == "D4:G35"
    rules = {rule.formula[0] for found in sheet.conditional_formatting for rule in found.rules}
    assert rules == {'"A"', '"A/R"', '"R"', '"C"'}
    assert sheet.print_title_rows == "$1:$3"


def test_texts_are_never_formulas() -> None:
    raci = SMALL.replace("Log each lead:", '"=HYPERLINK(1)":')
    chart = pipeline.build_chart(with_raci(raci), LIBRARY, ("xlsx", "csv"))
    sheet = zipfile.ZipFile(io.BytesIO(chart.files["xlsx"])).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert b"'=HYPERLINK" in chart.files["csv"]
    assert write_csv([["'=x", "it's"]]).decode("utf-8-sig") == "''=x,it's\r\n"


def test_the_same_bytes_each_time(charts: dict[str, BuiltChart]) -> None:
    deal = deal_of((ROOT / "samples" / "long-names.yaml").read_text(encoding="utf-8"))
    assert pipeline.build_chart(deal, LIBRARY, CHART_FORMATS).files == charts["long-names"].files


@pytest.mark.parametrize("style", docx_writer.CHART_STYLES)
def test_a_style_that_is_missing_in_the_word_file(style: str) -> None:
    from test_layouts import without_style

    deal = with_raci(SMALL)
    document = arrange_chart_document(draft_chart_document(deal, deal.matrix, "Referral Agreement"), LIBRARY.layout)
    file = LIBRARY.layout["reference.docx"]
    with pytest.raises(PackError, match=f'the style "{style}" is missing'):
        writer.write_chart_docx(document, SourceFile(file.name, without_style(file.data, style)))


# -- beside the agreement, or a schedule of it


def test_a_chart_stands_beside_the_agreement_and_changes_nothing_in_it(tmp_path: Path) -> None:
    with_chart = pipeline.build(deal_of(REFERENCE), LIBRARY)
    without = pipeline.build(deal_of(BARE), LIBRARY)
    assert with_chart.files == without.files
    assert with_chart.chart
    assert set(with_chart.chart.files) == {"docx", "pdf"}
    (tmp_path / "deal.yaml").write_text(REFERENCE, encoding="utf-8")
    done = CliRunner().invoke(commands, ["build", str(tmp_path / "deal.yaml"), "-o", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    made = sorted(path.name for path in (tmp_path / "out").glob("deal*"))
    assert made == ["deal-raci.docx", "deal-raci.pdf", "deal.docx", "deal.pdf"]


@pytest.mark.office
def test_a_chart_becomes_a_schedule_where_that_is_asked_for(tmp_path: Path) -> None:
    need("pdftotext")
    long = (ROOT / "samples" / "long-names.yaml").read_text(encoding="utf-8")
    apart = REFERENCE + "\nlayout: one-plus-one\n"
    texts = {"one": REFERENCE, "apart": apart, "four": long}
    built = {
        name: pipeline.build(
            deal_of(text.replace("\nraci:\n", "\nraci:\n  attach: yes\n")), LIBRARY, ("docx", "pdf", "txt")
        )
        for name, text in texts.items()
    }
    printed = word_pdfs({name: done.files["docx"] for name, done in built.items()}, tmp_path)
    for name, done in built.items():
        assert done.chart is None
        schedule = done.fitted.document.schedules[-1]
        assert schedule.chart
        text = pdf_text(done.files["pdf"], tmp_path)
        assert f"Who does what\nSee Schedule {schedule.letter}" in text or f"See Schedule {schedule.letter}" in text
        assert schedule.heading in text
        # The only schedule of the first deal is the chart: what is signed must name it.
        agreed = done.fitted.document.agreed
        assert not agreed or agreed.endswith(("and its Schedules.", "and the Schedules."))
        assert schedule.chart.footer in text
        assert pages(printed[name], tmp_path) == done.fitted.pages == pages(done.files["pdf"], tmp_path)
        assert bag(pdf_text(printed[name], tmp_path)) == bag(text)
        said = " ".join(done.files["txt"].decode().split())
        assert all(task.name in said for task in schedule.chart.tasks)


# -- findings


def rules(raci: str) -> dict[str, str]:
    deal = with_raci(raci)
    found = review_matrix(deal, deal.matrix, LIBRARY, LIBRARY.outline_of_kind(deal.kind))
    return {finding.code: finding.describe_with_code() for finding in reversed(found)}


ROLES = """raci:
  roles: {Account lead: Northshore, Web designer: Northshore, SEO lead: Bay Rank, Bookkeeper: Bay Rank, Editor: Bay Rank}
  tasks:
"""


@pytest.mark.parametrize(
    ("tasks", "rule", "says"),
    [
        (["Do it: {Account lead: A/R, Web designer: R, SEO lead: R, Bookkeeper: R}"], "M10", "4 roles do"),
        (["Do it: {Account lead: A/R, Web designer: C, SEO lead: C, Bookkeeper: C}"], "M11", "3 of 5 roles are consulted"),
        (["Do it: {Account lead: A/R}"], "M12", '"Web designer" has no letter'),
        ([f"Do {n}: {{Account lead: A, SEO lead: R}}" for n in range(6)], "M13", '"SEO lead" does 6 of 6'),
        ([f"Do {n}: {{Account lead: A, SEO lead: R}}" for n in range(6)], "M14", '"Account lead" approves 6 of 6'),
        (["Do it: {Account lead: A/R}"], "M15", '"Bay Rank" approves nothing'),
        ([f"Do {n}: {{{who}: A/R}}" for n, who in enumerate(["Account lead"] * 4 + ["SEO lead"])], "M15", "4 of 5 tasks"),
        (["Do it: {Account lead: A/R}"], "M16", 'responsibility of Northshore "Refers clients needing SEO'),
        (["Do it: {Account lead: A/R}"], "M17", "no task is about logging leads"),
        ([f"Do {n}: {{Account lead: A/R}}" for n in range(26)], "M20", "26 tasks"),
        (["Log lead: {Account lead: A/R}", "log lead: {SEO lead: A/R}"], "M21", '"log lead" stands twice'),
        (["Monthly report: {Account lead: A/R}"], "M22", '"Monthly report" does not begin with a verb'),
        (["Coordination: {Account lead: A/R}"], "M22", '"Coordination" does not begin'),
        (["Do it: {Account lead: A/R}\n  review: yearly"], "M23", "reviewed yearly only"),
        (["Do it: {Account lead: A/R}", "Say: {SEO lead: A/R, carries out: Reports outcomes monthly}"], "M24", "1 task carries out no"),
    ],
)  # fmt: skip
def test_findings(tasks: list[str], rule: str, says: str) -> None:
    found = rules(ROLES + "".join(f"    {task}\n" for task in tasks))
    assert rule in found, found
    assert says in found[rule]
    assert re.match(r"(warning|note) M\d\d: deal\.yaml:\d+:\d+: ", found[rule])
    assert "hint:" in found[rule]


def test_no_hint_proposes_a_task_without_a_name() -> None:
    deal = with_raci(ROLES + "    Do it: {Account lead: A/R}\n")
    found = review_matrix(deal, deal.matrix, LIBRARY, LIBRARY.outline_of_kind(deal.kind))
    incidents = [one.hint for one in found if "data incidents" in one.message]
    assert incidents == ["add one"]


def test_three_quarters_of_the_approvals_are_not_too_many() -> None:
    for mine, all_tasks, told in ((3, 4, False), (4, 4, True), (4, 5, True), (6, 8, False), (7, 8, True)):
        who = ["Account lead"] * mine + ["SEO lead"] * (all_tasks - mine)
        found = rules(ROLES + "".join(f"    Do {n}: {{{name}: A/R}}\n" for n, name in enumerate(who)))
        assert (f"approves {mine} of {all_tasks} tasks (A), more than three quarters" in found.get("M15", "")) is told


def test_every_rule_is_explained() -> None:
    told = set(re.findall(r"\| (M\d\d) \|", (ROOT / "docs" / "raci.md").read_text(encoding="utf-8")))
    source = "".join(
        (ROOT / "agreementgen" / name).read_text(encoding="utf-8") for name in ("deal/deal.py", "draft/chart_review.py")
    )
    assert told == set(re.findall(r'"(M\d\d)"', source))


# -- a first draft


def filled_in(proposal: str) -> str:
    """Return a proposal as somebody completes it: the first role gets what is open."""
    decided = re.sub(r"(# The agreement does not say .*\n.*\n +letters: \{[^:]+: )R", r"\1A/R", proposal)
    return re.sub(r"(\{[^:]+: )\"\?\"", r"\1A/R", decided).replace('"?"', "I")


@pytest.mark.parametrize("path", sorted((ROOT / "samples").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_proposal_can_be_pasted_and_asks_for_what_is_open(library: Library, path: Path) -> None:
    bare = path.read_text(encoding="utf-8").partition("\nraci:")[0] + "\n"
    deal = deal_of(bare)
    text = propose_matrix(deal, library, library.outline_of_deal(deal))
    open_tasks = text.count("    # The agreement")
    if open_tasks:
        with pytest.raises(InputError) as error:
            deal_of(bare + text)
        assert len(error.value.problems) == open_tasks
        assert {problem.code for problem in error.value.problems} <= {"M01", "M05"}
    made = deal_of(bare + filled_in(text))
    found = review_matrix(made, made.matrix, library, library.outline_of_deal(made))
    # A party that does many things by the agreement does them in the chart, too.
    assert {problem.code for problem in found if problem.severity == "W"} <= {"M13", "M14"}
    assert {duty for task in made.matrix.tasks for duty in task.responsibilities} == set(
        list_responsibilities(made.facts)
    )


def test_a_proposal_keeps_roles_that_are_there() -> None:
    text = propose_matrix(with_raci(SMALL), LIBRARY, LIBRARY.outline_of_kind("referral"))
    assert "Account lead: Northshore\n" in text
    assert "SEO lead: {party: Bay Rank, person: Lee Okafor}" in text
    assert with_raci(filled_in(text)).matrix


# -- the command


def test_the_command_says_what_it_made(tmp_path: Path) -> None:
    args = ["raci", str(ROOT / "samples" / "referral.yaml"), "-o", str(tmp_path), "-f", "docx,pdf,xlsx,csv"]
    done = CliRunner().invoke(commands, args)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in tmp_path.glob("referral*")) == [
        "referral-raci.csv", "referral-raci.docx", "referral-raci.pdf", "referral-raci.xlsx",
    ]  # fmt: skip
    assert "referral.yaml: 12 tasks, 4 roles; 1 page, portrait at 10 pt" in done.output


def test_a_deal_without_a_matrix_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(BARE, encoding="utf-8")
    done = CliRunner().invoke(commands, ["raci", str(tmp_path / "deal.yaml"), "-o", str(tmp_path / "out")])
    assert isinstance(done.exception, InputError)
    assert "the deal has no RACI matrix" in str(done.exception)
    drafted = CliRunner().invoke(commands, ["raci", "--draft", str(tmp_path / "deal.yaml")])
    assert drafted.output.startswith("raci:\n  roles:\n    Northshore lead: {party: Northshore, person: Dana Reyes}\n")
    assert not (tmp_path / "out").exists()


def test_a_british_chart_has_british_days() -> None:
    text = reference(("agreement: referral", "agreement: referral\nlanguage: en-GB\npaper: a4\ncurrency: GBP"),
                     ("$10,000", "£10,000"), ("$5,000", "£5,000"), ("$20,000", "£20,000"))  # fmt: skip
    chart = pipeline.build_chart(deal_of(text), LIBRARY, ("docx",))
    assert "10 Jan 2027" in word_text(chart.files["docx"])
