"""What comes from outside reaches a terminal, a log or a file of data as text that shows what it holds.

`EVIL` holds one of each kind of character that does something: whatever prints it raw fails here.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from commands import run_here
from conftest import word_text
from hypothesis import given, settings
from hypothesis import strategies as st

from agreementgen.core.escaping import escape_line, escape_text, to_json_text
from agreementgen.core.problems import Place, Problem, problem_to_json
from agreementgen.sheets.table_reader import write_csv

SAMPLES = Path(__file__).parents[1] / "samples"
DEAL = (SAMPLES / "referral.yaml").read_text(encoding="utf-8")
# Codes of a terminal in both forms, a bell, a change of direction, half a letter, a tag, line breaks of all kinds.
EVIL = "a\x1b[2J\x1b[8m\x9b1A\x07\u202eb\u2066\udc80\U000e0041\x85\u2028\x7f\rc"
SHOWN = r"a\x1b[2J\x1b[8m\x9b1A\x07\u202eb\u2066\udc80\U000e0041\x85\u2028\x7f\rc"
FORGED = "deal.yaml: no problems; 139 facts"


def find_raw(text: str) -> str:
    """Return what of a text does something, apart from line breaks and tabs of ours."""
    bad = [char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in "\n\t"]
    return "".join(f"U+{ord(char):04X} " for char in bad)


def test_each_kind_of_character_is_shown_by_its_number() -> None:
    assert escape_line(EVIL) == SHOWN
    assert escape_line("one\ntwo\tthree") == r"one\ntwo\tthree"
    assert escape_text("one\ntwo\tthree\x0b") == "one\ntwo\tthree\\x0b"
    assert escape_line("Café 日本 👩\u200d👧 שלום ½") == "Café 日本 👩\u200d👧 שלום ½"


def test_json_gives_the_same_text_back() -> None:
    told = to_json_text({EVIL: [EVIL, "ok\n"]}, 1)
    assert find_raw(told) == ""
    told.encode()
    assert json.loads(told) == {EVIL: [EVIL, "ok\n"]}


@given(st.text(st.characters()))
def test_nothing_gets_through(text: str) -> None:
    problem = Problem(text, text, text, Place(text, 1, 1, text), code="x")
    assert str(problem).count("\n") == (1 if text else 0)
    for told in (str(problem), problem.describe_with_code(), to_json_text(problem_to_json(problem)), escape_line(text)):
        assert (
            re.sub("[\u200c\u200d\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]", "", told).count(
                "\x1b"
            )
            == 0
        )
        assert not re.search(
            "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]", told
        )


def test_lists_show_what_cells_hold() -> None:
    table = write_csv([["Name", f"x{EVIL}"], ["=1", "two\nlines"]])
    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))
    assert rows == [["Name", f"x{SHOWN}"], ["'=1", "two\nlines"]]


EVIL_YAML = json.dumps(EVIL.replace("\udc80", ""))
NAMED = {
    "pack": f"pack: {EVIL_YAML}\n" + DEAL,
    "chart": DEAL + f"\nraci: {EVIL_YAML}\n",
    "field": DEAL + f"\n{EVIL_YAML}: 1\n",
    "kind": DEAL.replace("agreement: referral", f"agreement: {EVIL_YAML}"),
    "party": DEAL.replace("Northshore Web Studio LLC", EVIL_YAML),
    "law": re.sub("(?m)^law: .*", lambda _: f"law: {EVIL_YAML}", DEAL),
    "effective": re.sub("(?m)^effective: .*", lambda _: f"effective: {EVIL_YAML}", DEAL),
    "topics": DEAL + f"\nleave out: [{EVIL_YAML}]\n",
    "raw": DEAL.replace("Northshore Web Studio LLC", "Northshore \x1b[2J\u202eLLC"),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_deal_cannot_print_a_result_of_its_own(name: str, tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(NAMED[name], encoding="utf-8")
    for command in (["check"], ["build", "-o", "out"], ["raci"], ["calendar"], ["review"], ["batch", "-j", "1"]):
        ended = run_here(*command, "deal.yaml", folder=tmp_path)
        assert ended.returncode == 2, ended.stderr
        assert find_raw(ended.stdout + ended.stderr) == ""
    assert run_here("check", "-f", "json", "deal.yaml", folder=tmp_path).returncode == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_of_a_file_cannot_print_a_result_of_its_own(tmp_path: Path) -> None:
    evil = EVIL.replace("\x85", "") + f"\n{FORGED}.yaml"
    (tmp_path / evil).write_text(DEAL, encoding="utf-8")
    for command in (
        ["check"],
        ["check", "-f", "json"],
        ["check", "-f", "sarif"],
        ["calendar", "-f", "csv,ics"],
        ["show", "figures"],
    ):
        ended = run_here(*command, evil, folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
        assert find_raw(ended.stdout + ended.stderr) == ""
        assert not re.search(f"(?m)^{re.escape(FORGED)}", ended.stdout + ended.stderr)
    told = json.loads(run_here("check", "-f", "json", evil, folder=tmp_path).stdout)
    assert told[0]["file"] == evil


def test_a_table_cannot_print_a_result_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(DEAL, encoding="utf-8")
    table = f'Partner name,"{EVIL[:-9]}"\r\n"{EVIL[:-9]}","x\n{FORGED}"\r\n'
    (tmp_path / "partners.csv").write_bytes(table.encode("utf-8", "replace"))
    for more in ([], ["--json"]):
        ended = run_here("batch", "base.yaml", "partners.csv", "-j", "1", *more, folder=tmp_path)
        assert ended.returncode == 2
        assert find_raw(ended.stdout + ended.stderr) == ""


def test_what_is_wrong_with_the_command_line_is_shown_as_text(tmp_path: Path) -> None:
    for words in (
        [EVIL],
        ["check", "-f", EVIL],
        ["show", "clause", EVIL],
        ["show", "topics", EVIL],
        ["check", "--explain", EVIL],
    ):
        ended = run_here(*words, folder=tmp_path)
        assert ended.returncode == 2
        assert find_raw(ended.stdout + ended.stderr) == ""
        assert r"\x1b[2J" in ended.stderr


# -- every message, every command

CODES = re.findall(
    r"(?m)^\| `([\w-]+)` \|", (Path(__file__).parents[1] / "docs" / "problems.md").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("severity", ["E", "W", "N"])
def test_a_problem_of_any_code_shows_what_it_holds(severity: Any) -> None:
    assert len(CODES) > 100
    for code in CODES:
        problem = Problem(EVIL, EVIL, EVIL, Place(EVIL, 3, 4, EVIL), code=code, severity=severity)
        told = (str(problem), problem.describe_with_code(), to_json_text(problem_to_json(problem)))
        assert [find_raw(text) for text in told] == ["", "", ""], code
        assert all(r"\u202eb" in text for text in told)


# What may print, or write JSON and CSV, and why it is no way round the printer.
_MAY = {
    "terminal.py": {"write"},
    "cli/main.py": {"write"},  # lets the streams replace what they cannot show
    "core/escaping.py": {"json"},
    "sheets/table_reader.py": {"csv"},
    # Fingerprints, deal files and questions in YAML's own escapes, and a journal that only the program reads.
    **{
        name: {"json"}
        for name in (
            "record.py", "examples.py", "authoring/proof.py", "authoring/rule_proof.py", "authoring/pack_folder.py",
            "authoring/branches.py", "interview/preview.py", "batch/run.py", "batch/folder.py", "batch/items.py",
            "yamlfile/editing.py",
        )
    },
}  # fmt: skip


def test_nothing_prints_past_the_printer() -> None:
    package = Path(__file__).parents[1] / "agreementgen"
    ways = {
        "write": r"(?<![\w.])print\(|click\.s?echo|sys\.std(?:out|err)\.(?:write|buffer)|std(?:out|err)\.reconfigure|os\.write\(",
        "json": r"json\.dumps?\(",
        "csv": r"csv\.(?:writer|DictWriter)\(",
    }
    found = {
        path.relative_to(package).as_posix(): used
        for path in package.rglob("*.py")
        if (used := {way for way, pattern in ways.items() if re.search(pattern, path.read_text(encoding="utf-8"))})
    }
    assert {name: used for name, used in found.items() if used - _MAY.get(name, set())} == {}


# A name that a file may have: no slash, and not longer than a disk takes.
EVIL_NAME = EVIL.replace("\x85", "") + "\nno problems"
BAD_DEAL = DEAL.replace("effective: ", f"{EVIL_YAML}: ")
EVERY = [
    ["new", EVIL, "--plain"],
    ["new", "x.yaml", "--type", EVIL],
    ["schema", EVIL],
    *(["show", what, EVIL] for what in ("types", "topics", "questions", "starter", "clauses", "clause", "rules", "packs")),
    ["audit", EVIL],
    ["audit", "folder", "--record", "DEAL"],
    *([command, "DEAL"] for command in ("raci", "calendar", "review", "workbook", "build", "check")),
    ["check", "-f", "sarif", "DEAL"],
    ["build", "DEAL", "--pack", EVIL],
    ["build", "DEAL", "--record", f"{EVIL_NAME}.json"],
    ["statement", "DEAL", "FILE.xlsx", "--period", EVIL],
    ["compare", "DEAL", "FILE.docx"],
    ["compare", "FILE.pdf", "DEAL"],
    ["recover", "FILE.docx"],
    ["recover", "FILE.pdf", "-o", EVIL],
    ["batch", "folder", "-j", "1"],
    ["batch", "DEAL", "FILE.xlsx", "-j", "1"],
    ["batch", "DEAL", "FILE.csv", "-j", "1", "--names", EVIL],
    ["batch", "--table-template", "DEAL"],
    ["pack", "new", f"{EVIL_NAME}/a/b"],
    ["pack", "check", "folder"],
    ["pack", "letterhead", "FILE.docx", "--pack", "folder"],
    ["pack", "copy", "folder", EVIL],
    ["pack", "diff", "folder"],
    [EVIL],
]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_every_command_shows_what_it_was_given(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for where in (tmp_path, folder):
        (where / f"{EVIL_NAME}.yaml").write_text(BAD_DEAL, encoding="utf-8")
        for ending in ("docx", "pdf", "xlsx", "csv"):
            (where / f"{EVIL_NAME}.{ending}").write_bytes(EVIL.encode("utf-8", "replace"))
    (folder / "pack.yaml").write_text(f"name: {EVIL_YAML}\n{EVIL_YAML}: 1\n", encoding="utf-8")
    for words in EVERY:
        line = [word.replace("DEAL", f"{EVIL_NAME}.yaml").replace("FILE", EVIL_NAME) for word in words]
        ended = run_here(*line, folder=tmp_path)
        assert find_raw(ended.stdout + ended.stderr) == "", words
        assert "Traceback" not in ended.stderr, words
        has_result = words[:2] in (["check", "-f"], ["pack", "check"], ["pack", "new"])
        assert has_result or (ended.returncode, ended.stdout) == (2, ""), (words, ended.stdout, ended.stderr)
        assert ended.stdout + ended.stderr, words


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_what_is_written_of_a_deal_shows_its_name(tmp_path: Path) -> None:
    (tmp_path / f"{EVIL_NAME}.yaml").write_text(DEAL, encoding="utf-8")
    out = tmp_path / "out"
    for words in (
        ["batch", f"{EVIL_NAME}.yaml", "-j", "1", "-f", "txt", "-o", out, "--names", "{kind}", "--json"],
        ["review", f"{EVIL_NAME}.yaml", "-f", "json,docx", "-o", out],
        ["audit", out],
    ):
        ended = run_here(*words, folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
        assert find_raw(ended.stdout + ended.stderr) == ""
    written = [path for path in out.rglob("*") if path.is_file()]
    texts = {
        path.name: path.read_bytes().decode() for path in written if path.suffix in (".csv", ".jsonl", ".json", ".txt")
    }
    assert {
        name: find_raw(text.replace("\r\n", "\n").removeprefix("\ufeff")) for name, text in texts.items()
    } == dict.fromkeys(texts, "")
    assert {"manifest.csv", "manifest.jsonl"} <= set(texts)
    assert r"\x1b[2J" in texts["manifest.csv"]
    memos = [word_text(path.read_bytes()) for path in written if path.suffix == ".docx"]
    assert [find_raw(memo) for memo in memos] == [""]


_SCALARS = [match.span(1) for match in re.finditer(r"(?m)(?<=[:\[,{-] )([^\s\[{|>#\]},][^\n\[{\]},]*)", DEAL)]
_LONG = bool(os.environ.get("AGREEMENTGEN_FUZZ"))


@settings(max_examples=2000 if _LONG else 12, deadline=None, derandomize=not _LONG)
@given(
    st.integers(0, len(_SCALARS) - 1), st.text(st.sampled_from(EVIL.replace("\udc80", "")), min_size=1), st.booleans()
)
def test_any_text_anywhere_in_a_deal_is_shown(at: int, text: str, is_raw: bool) -> None:
    begin, end = _SCALARS[at]
    data = (DEAL[:begin] + (text if is_raw else json.dumps(text)) + DEAL[end:]).encode()
    for more in ([], ["-f", "json"]):
        ended = run_here("check", "-", *more, stdin=data)
        assert find_raw(ended.stdout + ended.stderr) == ""
        assert "Traceback" not in ended.stderr
        assert ended.returncode in (0, 1, 2)


# -- streams that take nothing


def run_shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = f'{sys.executable} -c "from agreementgen.cli.main import main; main()"'
    line = f'ag() {{ {program} "$@"; }}; {line}'
    return subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
@pytest.mark.parametrize(
    ("line", "status", "says"),
    [
        ("ag show topics > /dev/full", 1, "the results cannot be printed: No space left on device"),
        ("ag show topics >&-", 1, "the results cannot be printed: it is closed"),
        ("ag --help > /dev/full", 2, "the system refused: No space left on device"),
        ("ag show questions | head -1 > kept; exit ${PIPESTATUS[0]}", 0, ""),
        ("ag check nothing.yaml 2> /dev/full", 2, ""),
        ("ag check nothing.yaml 2>&-", 2, ""),
        ("ag check - <&-", 2, "standard input: the file is empty"),
    ],
)
def test_streams_that_take_nothing(line: str, status: int, says: str, tmp_path: Path) -> None:
    ended = run_shell(line, tmp_path)
    assert ended.returncode == status, ended.stderr
    assert ended.stderr.startswith(says)
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr
