"""docs/walk-through.md shows what the program shows: the screens are recorded again and compared.

    AGREEMENTGEN_RECORD=1 python -m pytest tests/test_walk_through.py

writes the file anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import ROOT
from terminal import CTRL_C, Terminal, plain

from agreementgen.render import pdf

FILE = ROOT / "docs" / "walk-through.md"

HEAD = """\
# A walk through the questionnaire

These are the screens of `agreementgen new --plain` in a high window, as a test records them; a lower one shows less at a
time. Without `--plain` choices are made with the arrow keys, and answers can be corrected where they stand; the words
are the same. What stands behind `>` was typed.
"""
# A heading, what is said about the run, its arguments, what is typed at each prompt.
Run = tuple[str, str, tuple[str, ...], tuple[str, ...]]
PARTIES = (
    "Lind Bakery LLC, Vermont", "3 Mill Lane, Burlington, VT 05401, rosa@lind.example", "Rosa Lind, Managing Member",
    "Maple Street Coffee LLC, Vermont", "18 Maple Street, Burlington, hello@maple.example", "Theo Marsh, Member",
)  # fmt: skip
TERMS = (
    "Send each other customers with coupons",
    "1,2",
    "1,4",
    "3",
    "5%",
    "a shared notebook, kept by the paying party",
    *[""] * 7,
)
RUNS: tuple[Run, ...] = (
    (
        "From nothing to the first answers",
        "Rosa has never used the program. She asks for help, mistypes a state, corrects an answer by going back, and "
        "then is called away.",
        ("deal.yaml",),
        ("1", "?", "Vermnt", "1", "Burlington", "1", "<", "Chittenden County, Vermont", *PARTIES[:1], CTRL_C),
    ),
    (
        "Going on, to the documents",
        "Later the same command goes on where she was. She ticks suggestions, keeps the usual documents written.",
        ("deal.yaml",),
        ("1", *PARTIES[1:], "1", *TERMS, "1", "1", "1"),
    ),
    (
        "Changing an answer later",
        "No fee after all: the answers that no longer apply are kept aside. The program is left without writing again.",
        ("deal.yaml",),
        ("financial", "financial.model", "none", "done", "stop"),
    ),
)


def record(folder: Path) -> str:
    """Return the document with the screens of all runs."""
    lines = [HEAD]
    for title, about, arguments, typed in RUNS:
        lines.append(f"## {title}\n\n{about}\n")
        with Terminal(folder, "new", *arguments, "--plain", rows=200) as terminal:
            for text in typed:
                terminal.prompt()
                terminal.child.send(text if text == CTRL_C else text + "\n")
            terminal.end()
            shown = plain(terminal.seen).strip("\n").replace("^C", "")
        command = " ".join(["agreementgen new", *arguments, "--plain"])
        screen = "\n".join(line.rstrip() for line in f"$ {command}\n{shown}".split("\n"))
        lines.append(f"```text\n{screen}\n```\n")
    return "\n".join(lines)


def test_the_walk_through_is_what_the_program_shows(tmp_path: Path) -> None:
    if not pdf.is_available():
        pytest.skip("Pango is not installed, and the screens shown name a PDF")
    found = record(tmp_path)
    if os.environ.get("AGREEMENTGEN_RECORD"):
        FILE.write_text(found, encoding="utf-8")
    assert found == FILE.read_text(encoding="utf-8"), "AGREEMENTGEN_RECORD=1 writes the walk through anew"
