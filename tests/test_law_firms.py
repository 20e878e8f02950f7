"""docs/law-firms.md, followed from its first line to its last: every command, every file, everything it says is printed."""

from __future__ import annotations

import io
import re
import shlex
from datetime import date, timedelta
from pathlib import Path

import docx
import pytest
from commands import run_here
from conftest import ROOT, pages, word_pdfs
from docx.shared import Inches
from letterheads import logo

TEXT = (ROOT / "docs" / "law-firms.md").read_text(encoding="utf-8")
FENCES = re.findall(r"^```(\w+)([^\n]*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_every_fence_is_known() -> None:
    for language, info, content in FENCES:
        assert language in ("sh", "text", "yaml", "markdown"), language
        assert bool(info) == (language in ("yaml", "markdown"))
        if language == "sh":
            assert all(line.startswith("agreementgen ") for line in content.splitlines())


def edited(path: Path, line: str) -> None:
    """Replace the line of a file that begins with the same word."""
    word = line.split(":")[0]
    lines = path.read_text(encoding="utf-8").splitlines()
    (index,) = (number for number, other in enumerate(lines) if other.split(":")[0] == word)
    lines[index] = line.rstrip("\n")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.slow
def test_the_page_can_be_followed(tmp_path: Path) -> None:
    # The firm's letterhead: a file of another program, with a logo and no style of ours.
    letter = docx.Document()
    letter.sections[0].header.paragraphs[0].add_run("Acme Law, 1 Court Square").add_picture(
        io.BytesIO(logo()), width=Inches(1)
    )
    letter.sections[0].left_margin = letter.sections[0].right_margin = Inches(0.8)
    letter.save(str(tmp_path / "our-letter.docx"))
    printed, run = "", 0
    status, waiting = 0, ""

    def settle() -> None:
        assert status == (1 if "error P" in printed else 0), f"{waiting}\n{printed}"

    for language, info, content in FENCES:
        if language == "sh":
            for line in content.splitlines():
                settle()
                done = run_here(*shlex.split(line)[1:], folder=tmp_path)
                printed, status, waiting = done.stdout + done.stderr, done.returncode, line
                run += 1
        elif language == "text" and "url(" not in content:
            assert content in printed, f"{waiting} printed:\n{printed}"
        elif info.startswith(" file="):
            path = tmp_path / info.removeprefix(" file=")
            assert path.is_file()
            # Reviews grow old: the page's was always last week.
            path.write_text(content.replace("2026-11-20", str(date.today() - timedelta(days=7))), encoding="utf-8")
        elif info.startswith(" edit="):
            edited(tmp_path / info.removeprefix(" edit="), content)
    settle()
    assert run == 15
    assert (tmp_path / "out" / "sample.pdf").is_file()
    written = docx.Document(str(tmp_path / "out" / "sample.docx"))
    assert written.sections[0].header.paragraphs[0].text == "Acme Law, 1 Court Square"
    assert any("/media/" in str(part.partname) for part in written.part.package.iter_parts())
    assert (
        pages(word_pdfs({"sample": (tmp_path / "out" / "sample.docx").read_bytes()}, tmp_path)["sample"], tmp_path) == 1
    )


def test_the_errors_it_shows_are_mended_later() -> None:
    """Only the check behind the slip fails."""
    assert len(re.findall(r"^error P", TEXT, re.MULTILINE)) == 1
