"""What is readable and makes no sense: whole deals, charts, lists of partners, packs, records and lists of documents.

`tests/test_fuzz.py` damages bytes; here values stand where others belong, and cells anywhere. A short run is part of every
run of the tests; AGREEMENTGEN_FUZZ=1 tries a hundred times as many.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from batches import TEXT, batch, deals
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_fuzz import damage
from test_raci_tables import DEAL

from agreementgen import pipeline
from agreementgen.authoring.pack_folder import create_pack
from agreementgen.batch.audit import audit_folder
from agreementgen.batch.items import gather_items
from agreementgen.core.problems import AgreementError, InputError, LayoutError, PackError
from agreementgen.dealcheck.judging import check_deal
from agreementgen.draft.chart_review import review_matrix
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library
from agreementgen.packs.layering import open_library
from agreementgen.record import read_record
from agreementgen.sheets.table_reader import write_csv

_LONG = bool(os.environ.get("AGREEMENTGEN_FUZZ"))
LIBRARY = built_in_library()


def trying(examples: int) -> settings:
    return settings(
        max_examples=100 * examples if _LONG else examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=not _LONG,
    )


# -- whole deals

SAMPLES = [path.read_text(encoding="utf-8").splitlines() for path in sorted((ROOT / "samples").glob("*.yaml"))]
NONSENSE = [
    "", "''", "none", "yes", "no", "0", "-1", "1e9", "99999999999999999999", "0.00001%", "100%", "101%", "$0", "$1", "$1e6",
    "0 days", "1 day", "999 years", "1 month", "2026-02-30", "0001-01-01", "9999-12-31", "1/2/3", "Delaware", "NY, NY",
    "[]", "{}", "[a, b]", "[[a]]", "{a: b}", "{name: x}", "'{{ x }}'", "'{% for a in b %}'", "'**'", "'<b>&amp;'", "'a|b'",
    "'\\'", '"\\u202e"', '"\\n"', "'\u00df \u0130 \ufb01'", "'" + "W" * 300 + "'", "'" + "a b " * 300 + "'", "first", "both", "each",
    "all parties", "the other", "12:30", "'+1 (555) 0100'", "\u66f8\u985e", "'#'", "'@'", "until ended", "unlimited", "'=1+1'",
]  # fmt: skip


def confuse(lines: list[str], chance: random.Random) -> str:
    """Return a deal file some of whose values are others, or stand elsewhere, or are gone."""
    lines = list(lines)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(lines))
        key, colon, value = lines[at].partition(": ")
        match chance.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(chance.randrange(len(lines)), lines[at])
            case 2:
                other = chance.choice(chance.choice(SAMPLES)).partition(": ")[2]
                lines[at] = f"{key}{colon}{other or value}"
            case _:
                lines[at] = f"{key}{colon or ': '}{chance.choice(NONSENSE)}"
    return "\n".join(lines) + "\n"


def use(text: str, library: Library) -> None:
    """Let a deal go the whole way to its words, as far as it goes."""
    try:
        deal = pipeline.read(text.encode(), "deal.yaml", library)
    except InputError as error:
        for problem in error.problems:
            assert problem.message
            assert problem.place.file.startswith(("deal.yaml", "standard input")), problem
            assert problem.place.line or problem.field, problem
        return
    report = check_deal(deal, library)
    assert all(finding.problem.message for finding in report.findings)
    outline = library.outline_of_deal(deal)
    if deal.matrix is not None:
        assert all(found.code for found in review_matrix(deal, deal.matrix, library, outline))
    try:
        document = draft_agreement(deal, library, outline, select_clauses(deal, library, outline))
    except (InputError, PackError, LayoutError) as error:
        assert all(problem.message for problem in error.problems)
        return
    assert document.title


@trying(60)
@given(st.integers(), st.integers(0, len(SAMPLES) - 1))
def test_deals_that_say_something_else(seed: int, sample: int) -> None:
    use(confuse(SAMPLES[sample], random.Random(seed)), LIBRARY)


# -- tables

WORDS = [
    "", "", "", "R", "A", "C", "I", "A/R", "x", "-", "n/a", "Task", "Owner", "Quarry Hill", "Tin Roof", "Bea Lund", "Potter (Quarry Hill)",
    "Responsible", "Accountable", "Consulted", "Informed", "Notes", "Status", "Due", "2027-04-01", "12", "3.5", "50%", "=SUM(A1)",
    "Phase 1", "Glaze the mugs", "Legend", "R = Responsible", "\x1b[2J", "\u202eA", "A" * 500, "a\nb", "R\u00a0", "\u0420", "R; A; C; I", "V",
]  # fmt: skip
HEADS = [
    "Partner name", "Partner address", "Partner email", "Street", "City", "State", "Zip", "Company", "Contact Name", "Fee", "Term",
    "Partner entity", "Partner formed in", "Signer", "Notes", "#", "File name", "", "Party 2", "pack", "raci", "agreement", "Owner ID", "x",
]  # fmt: skip
VALUES = [
    "", "Ace Tools LLC", "LLC", "Inc.", "TX", "Texas", "75001", "1234", "1 Main St", "1 Main St, Dallas, TX 75001", "a@b.example", "8%",
    "$5", "5", "2027-01-01", "yes", "none", "../../x", "Ann Lee, President", "&amp;", "\x1b]0;x\x07", "W" * 400, "-", "n/a", "Dallas",
]  # fmt: skip


def grid(chance: random.Random, words: list[str], rows: int, columns: int) -> list[list[str]]:
    return [[chance.choice(words) for _ in range(chance.randint(1, columns))] for _ in range(chance.randint(1, rows))]


@trying(150)
@given(st.integers())
def test_charts_with_anything_anywhere(seed: int) -> None:
    table = write_csv(grid(random.Random(seed), WORDS, 12, 8))
    try:
        pipeline.read((DEAL + "raci: chart.csv\n").encode(), "deal.yaml", LIBRARY, "", lambda _: table)
    except InputError as error:
        assert len(error.problems) <= 120
        for problem in error.problems:
            assert problem.message
            assert "\x1b" not in str(problem)
            assert problem.place.file


@trying(25)
@given(st.integers())
def test_lists_of_partners_with_anything_anywhere(seed: int) -> None:
    chance = random.Random(seed)
    table = write_csv([*grid(chance, HEADS, 1, 12), *grid(chance, VALUES, 6, 12)])
    base = (ROOT / "samples" / "partner-program" / "base.yaml").read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        (there / "base.yaml").write_bytes(base)
        (there / "list.csv").write_bytes(table)
        try:
            for item in gather_items([str(there / "base.yaml"), str(there / "list.csv")]):
                answers = item.read_answers()
                pipeline.read_answers(answers, item.source, LIBRARY)
        except InputError as error:
            for problem in error.problems:
                assert problem.message
                assert "\x1b" not in str(problem)
                assert problem.place.file


# -- packs


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs") / "acme-law"
    create_pack(folder, "Acme Law LLP")
    return folder


def each_text(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.suffix in (".yaml", ".md", ".css", ".html"))


@trying(12)
@given(seed=st.integers())
def test_packs_that_say_something_else(pack: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = chance.choice(list(each_text(pack)))
    whole = path.read_bytes()
    try:
        if chance.random() < 0.5 and path.suffix == ".yaml":
            path.write_text(confuse(whole.decode().splitlines(), chance), encoding="utf-8")
        else:
            path.write_bytes(damage(whole, seed))
        try:
            library = open_library((pack,))
        except PackError as error:
            assert all(problem.message and problem.place.file for problem in error.problems)
            return
        use("\n".join(SAMPLES[0]) + "\n", library)
    finally:
        path.write_bytes(whole)


# -- what was written down

RECORD = {
    "agreementgen record": 1,
    "agreements": [
        {
            "deal": "a.yaml", "sha256": "0", "tables": {}, "kind": "referral", "library": "l", "packs": [],
            "clauses": {"mutual": {"version": 1, "sha256": "0", "file": "f"}}, "files": {}, "questions": {}, "usual": {},
            "words": "0", "documents": {"a.docx": "0"},
        }
    ],
    "options": {}, "program": "1", "libraries": {},
}  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@trying(80)
@given(st.sampled_from([*RECORD, *RECORD["agreements"][0]]), _JSON)  # type: ignore[index]
def test_records_that_say_something_else(name: str, value: object) -> None:
    record = json.loads(json.dumps(RECORD))
    (record if name in RECORD else record["agreements"][0])[name] = value
    try:
        assert read_record(json.dumps(record).encode(), "record.json").to_json()
    except InputError as error:
        assert error.problems[0].code == "record-unreadable"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audited")
    batch(deals(folder / "deals", 1), folder / "out", TEXT)
    return folder / "out"


@trying(60)
@given(
    seed=st.integers(),
    name=st.sampled_from(["manifest.jsonl", ".agreementgen/journal.jsonl", ".agreementgen.json"]),
    alone=st.booleans(),
)
def test_lists_of_documents_that_are_damaged(out: Path, seed: int, name: str, alone: bool) -> None:
    """What was damaged is found or refused; a document that was not is never called changed by a list that was."""
    with tempfile.TemporaryDirectory() as folder:
        there = shutil.copytree(out, Path(folder) / "out")
        path = there / name
        before = path.read_bytes() if path.exists() else b'{"a.txt": ["' + b"0" * 64 + b'"]}'
        path.write_bytes(damage(before, seed))
        if alone and name == "manifest.jsonl":
            shutil.rmtree(there / ".agreementgen")
        try:
            audit = audit_folder(there)
        except AgreementError as error:
            assert error.problems[0].hint
            return
        if name == "manifest.jsonl" and not alone and path.read_bytes() != before:
            assert "manifest.jsonl" in {Path(found.place.file).name for found in audit.findings}
