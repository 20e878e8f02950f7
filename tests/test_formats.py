"""One table of formats: `build`, `raci` and `batch` agree, and so do their help and the docs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from batches import TEXT
from commands import run_here
from conftest import ROOT
from test_docs import table as table_of_docs

from agreementgen.batch import workers
from agreementgen.batch.items import gather_items
from agreementgen.batch.run import _deal_key as deal_key
from agreementgen.record import BuildRecord
from agreementgen.render import formats, pdf
from agreementgen.render.formats import AGREEMENT_FORMATS, ALL_FORMATS, CHART_FORMATS, library_versions

DEAL = ROOT / "samples" / "referral.yaml"


def test_the_table() -> None:
    assert ALL_FORMATS == ("docx", "pdf", "txt", "xlsx", "csv")
    assert AGREEMENT_FORMATS == ("docx", "pdf", "txt")
    assert CHART_FORMATS == ("docx", "pdf", "xlsx", "csv")
    assert [known.name for known in formats.FORMATS if formats.needs_pages([known.name])] == ["pdf"]


def test_build_writes_charts_beside_agreements_in_the_formats_that_batch_takes(tmp_path: Path) -> None:
    done = run_here("build", DEAL, "-o", tmp_path / "one", "-f", "csv,xlsx,docx")
    assert done.returncode == 0, done.stderr
    one = {path.name: path.read_bytes() for path in (tmp_path / "one").glob("referral*")}
    assert set(one) == {"referral.docx", "referral-raci.docx", "referral-raci.xlsx", "referral-raci.csv"}
    done = run_here("batch", DEAL, "-o", tmp_path / "many", "-f", "csv,xlsx,docx", "--names", "{deal}", "-j", "1")
    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_bytes() for path in (tmp_path / "many").glob("referral*")} == one


def test_a_deal_without_a_chart_has_an_agreement_only(tmp_path: Path) -> None:
    done = run_here("build", ROOT / "samples" / "minimal.yaml", "-o", tmp_path / "out", "-f", "txt,xlsx")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "out").glob("minimal*")] == ["minimal.txt"]


@pytest.mark.parametrize("name", ["build", "batch"])
def test_a_format_of_charts_alone_makes_no_agreement(name: str, tmp_path: Path) -> None:
    done = run_here(name, DEAL, "-o", tmp_path / "out", "-f", "xlsx,csv")
    assert done.returncode == 2
    assert "xlsx and csv are for RACI charts; add docx, pdf or txt for the agreement\n" in done.stderr
    assert not (tmp_path / "out").exists()


def test_build_and_batch_say_the_same_of_formats() -> None:
    helps = [run_here(name, "--help").stdout for name in ("build", "batch")]
    said = [
        " ".join(text.partition("--formats")[2].partition("\n  -")[0].partition("\n      --")[0].split())
        for text in helps
    ]
    assert said[0].endswith(
        "Any of docx, pdf, txt; with xlsx or csv, RACI charts beside agreements are written so, too. [default: docx,pdf]"
    )
    assert said[0] == said[1]


def test_the_readme_lists_the_formats() -> None:
    rows = table_of_docs((ROOT / "README.md").read_text(encoding="utf-8"), "format")
    listed = {row[0].strip("`"): (row[1] == "yes", row[2] == "yes") for row in rows}
    assert listed == {name: (name in AGREEMENT_FORMATS, name in CHART_FORMATS) for name in ALL_FORMATS}


# -- the libraries that decide the bytes

DECIDING = (
    "Jinja2", "babel", "cssselect2", "fonttools", "lxml", "markdown-it-py", "openpyxl", "pillow", "pycountry", "pydyf",
    "python-docx", "tinycss2", "tinyhtml5", "uharfbuzz", "weasyprint",
)  # fmt: skip


def test_engines_and_records_name_every_library_that_decides_bytes() -> None:
    system = {"HarfBuzz", "Pango"} if sys.platform == "linux" and pdf.is_available() else set()
    assert set(library_versions()) >= {*DECIDING, *system}
    assert all(version[0].isdigit() for version in library_versions().values())
    assert {engine.rpartition(" ")[0] for engine in workers.list_engines()} == {"agreementgen", *library_versions()}
    assert BuildRecord((), {}).libraries == library_versions()


@pytest.mark.parametrize("name", [*DECIDING, "HarfBuzz", "Pango"])
def test_a_batch_builds_again_after_an_upgrade(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (item,) = gather_items([str(DEAL)])
    before = deal_key(item, TEXT, (), "library")

    def upgraded() -> Mapping[str, str]:
        return library_versions() | {name: "999"}  # type: ignore[operator]

    monkeypatch.setattr(workers, "library_versions", upgraded)
    assert deal_key(item, TEXT, (), "library") != before
