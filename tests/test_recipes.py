"""The recipes of docs/recipes.md work: each is followed in a copy of the program, with the code that stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT

Run = Callable[..., subprocess.CompletedProcess[str]]


def code_of(heading: str) -> list[str]:
    """Return the blocks of Python below a heading of the recipes."""
    return blocks_of(heading, "python")


def blocks_of(heading: str, language: str) -> list[str]:
    """Return the blocks of code in `language` below a heading of the recipes."""
    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## {heading}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    blocks = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", section, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"(?m)^{indent}", "", block) for indent, block in blocks]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with the program, its clauses and its templates."""
    for name in ("agreementgen", "clauses", "templates"):
        shutil.copytree(ROOT / name, tmp_path / "copy" / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


@pytest.fixture
def run(copy: Path, tmp_path: Path) -> Run:
    """Return a function that runs the program of the copy."""
    code = f"""
        import agreementgen
        assert agreementgen.__file__.startswith({str(copy)!r})
        from agreementgen.cli.main import main
        main()
    """

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), *map(str, words)], cwd=tmp_path, capture_output=True,
            text=True, encoding="utf-8", check=False, env={**os.environ, "PYTHONPATH": str(copy), "COLUMNS": "100"},
        )  # fmt: skip

    return run


def test_an_output_format_is_added_in_one_place(copy: Path, run: Run, tmp_path: Path) -> None:
    writer, function, row = code_of("Add an output format")
    (copy / "agreementgen" / "render" / "markdown.py").write_text(writer, encoding="utf-8")
    table = copy / "agreementgen" / "render" / "formats.py"
    text = table.read_text(encoding="utf-8")
    before, found, after = text.partition("# In the order in which documents are written and listed.\nFORMATS = (\n")
    rows, end, rest = after.partition("\n)\n")
    table.write_text(f"{before}{function}\n\n{found}{rows}\n    {row.rstrip()},{end}{rest}", encoding="utf-8")

    deal = ROOT / "samples" / "minimal.yaml"
    done = run("build", deal, "-o", tmp_path / "out", "-f", "md,txt")
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "out" / "minimal.md").read_text(encoding="utf-8")
    assert made.startswith("# Referral")
    assert "\n\n## 1. " in made
    assert sorted(path.name for path in (tmp_path / "out").glob("minimal.*")) == ["minimal.md", "minimal.txt"]
    done = run("batch", deal, "-o", tmp_path / "all", "-f", "md", "-j", "1", "--names", "{deal}")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "all" / "minimal.md").read_text(encoding="utf-8") == made
    for command in ("build", "batch"):
        assert "Any of docx, pdf, txt, md; with xlsx or csv," in run(command, "--help").stdout
    assert "choose from docx, pdf, txt, xlsx, csv, md" in run("build", deal, "-f", "odt").stderr
    assert "choose from docx, pdf, xlsx, csv\n" in run("raci", deal, "-f", "md").stderr


def test_a_type_of_question_is_added_in_one_place(copy: Path, run: Run, tmp_path: Path) -> None:
    kind, entry = code_of("Add a type of question")
    module = copy / "agreementgen" / "deal" / "question_types.py"
    before, heading, after = module.read_text(encoding="utf-8").partition("# -- several values\n")
    types, end, rest = after.partition("\n    )\n}")
    module.write_text(f"{before}{kind}\n\n{heading}{types}\n        {entry.rstrip()},{end}{rest}", encoding="utf-8")
    (question,) = blocks_of("Add a type of question", "yaml")
    topic = copy / "clauses" / "scope" / "topic.yaml"
    text = topic.read_text(encoding="utf-8").replace(
        "questions:\n", f"questions:\n{textwrap.indent(question, '  ')}", 1
    )
    row = "  - id: since\n    label: Partners since\n    says: '{{ scope.since }}'\n    when: scope.since\n"
    topic.write_text(text.replace("key terms:\n", f"key terms:\n{row}", 1), encoding="utf-8")

    sample = (ROOT / "samples" / "minimal.yaml").read_text(encoding="utf-8")
    deal = tmp_path / "deal.yaml"
    for year, problem in (
        ("2019", ""),
        ("last year", 'deal.yaml:23:10: scope.since: "last year" is not a year\n  hint: write it like "2027"'),
        ("1989", '"1989" is less than 1990\n  hint: it must be from 1990 to 2030'),
    ):
        deal.write_text(sample.replace("scope:\n", f"scope:\n  since: {year}\n"), encoding="utf-8")
        done = run("build", deal, "-o", tmp_path / "out", "-f", "txt")
        assert (done.returncode != 0) is bool(problem), done.stderr
        assert problem in done.stderr
    assert "Partners since 2019 " in " ".join((tmp_path / "out" / "deal.txt").read_text(encoding="utf-8").split())
    assert "| `since` | year, 1990 to 2030 |" in run("show", "questions", "referral").stdout
    assert "#since: 2019" in run("show", "starter", "referral").stdout
    schema = json.loads(run("schema", "referral").stdout)
    since = schema["properties"]["scope"]["properties"]["since"]
    assert since == {
        "title": "Since which year have you worked together?", "examples": ["2019"], "type": ["integer", "string"],
    }  # fmt: skip
