"""Whatever bytes are read, the answer is data or problems with a place and a hint: no traceback, and no wait.

A short run is part of every run of the tests; AGREEMENTGEN_FUZZ=1 tries a hundred times as many.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from pathlib import Path

import pytest
from hostile_tables import NEXT, PARTS, ROWS, workbook
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_saving import DONE

from agreementgen.batch.folder import Journal
from agreementgen.core.problems import AgreementError, InputError
from agreementgen.core.saving import read_digests
from agreementgen.ooxml import PackageRefused, open_package
from agreementgen.packs.word_dangers import find_dangers
from agreementgen.record import read_record
from agreementgen.sheets.table_reader import read_cells
from agreementgen.sources import read_deal_text, split_deals

_LONG = bool(os.environ.get("AGREEMENTGEN_FUZZ"))
SAMPLE = (Path(__file__).parents[1] / "samples" / "referral.yaml").read_bytes()
short = settings(
    max_examples=20_000 if _LONG else 200,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not _LONG,
)
PIECES = [
    b"\0",
    b"\xff",
    b"\x1b[2J",
    "\u202e".encode(),
    b"---\n",
    b"&a *a",
    b"!!",
    b"{",
    b"[" * 50,
    b"'",
    b'"',
    b": ",
    b"#",
    b"\n\t",
    b"9" * 400,
]


def damage(data: bytes, seed: int) -> bytes:
    """Return `data` with some places cut, doubled, swapped or filled with what does harm."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 4)):
        at, to = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        match chance.randrange(4):
            case 0:
                data = data[:at] + data[min(to, at + 40) :]
            case 1:
                data = data[:at] + chance.choice(PIECES) + data[at:]
            case 2:
                data = data[:at] + data[at : at + 200] * 3 + data[at:]
            case _:
                data = data[:at] + bytes(chance.randrange(256) for _ in range(3)) + data[at + 3 :]
    return data


def require_sound(error: AgreementError, file: str) -> None:
    for problem in error.problems:
        assert problem.message
        assert problem.code
        assert problem.place.file == file


@short
@given(st.integers())
def test_deal_files(seed: int) -> None:
    data = damage(SAMPLE, seed)
    try:
        for deal in split_deals(data, "deal.yaml"):
            read_deal_text(deal.data, "deal.yaml", deal.first_line)
    except InputError as error:
        require_sound(error, "deal.yaml")


@short
@given(st.integers(), st.sampled_from(sorted(PARTS)))
def test_workbooks(seed: int, part: str) -> None:
    rows = ROWS + NEXT
    whole = {**PARTS, "xl/worksheets/sheet1.xml": ""}
    data = workbook(rows, {part: damage(whole[part].encode(), seed)} if whole[part] else None)
    if not whole[part]:
        data = damage(data, seed)
    try:
        read_cells(data, "chart.xlsx")
    except InputError as error:
        require_sound(error, "chart.xlsx")


@short
@given(st.integers())
def test_lists(seed: int) -> None:
    data = damage(b'Task,Anna,"Ben, Inc."\r\nBuild it,A,R\r\n"Say ""no""",R,A\r\n' * 8, seed)
    try:
        read_cells(data, "chart.csv")
    except InputError as error:
        require_sound(error, "chart.csv")


@short
@given(st.integers())
def test_word_files(seed: int) -> None:
    data = damage(workbook(), seed)
    try:
        list(find_dangers(open_package(data)))
    except PackageRefused as refused:
        assert refused.message


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*DONE, "writing", "done", "removed", "agreements"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(short, max_examples=20_000 if _LONG else 50)
@given(_JSON, st.sampled_from(["", *DONE]))
def test_what_others_left_in_a_folder(value: object, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        (there / ".agreementgen").mkdir()
        line = {"done": {**DONE, name: value}} if name else value
        (there / ".agreementgen" / "journal.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
        journal = Journal(there)
        journal.list_orphans()
        (there / ".agreementgen.json").write_text(json.dumps(value), encoding="utf-8")
        for known in read_digests(there).values():
            assert all(isinstance(digest, str) for digest in known)
    with pytest.raises(InputError):
        read_record(json.dumps({"agreementgen record": 1, "agreements": value}).encode(), "record.json")
