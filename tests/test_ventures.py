"""Joint ventures: what their agreements say of each legal form, and how the tables behind them share pages."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from conftest import SAMPLES, pdf_text, word_pdfs

from agreementgen.pipeline import BuiltAgreement
from agreementgen.render import pdf

Build = Callable[..., BuiltAgreement]
_SAMPLES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in SAMPLES}


def venture(changes: dict[str, object], of: str = "joint-venture") -> str:
    """Return a sample as a deal file without its chart, with the answers of `changes` by their paths (None for none)."""
    deal = deepcopy(_SAMPLES[of])
    deal.pop("raci", None)
    for path, answer in changes.items():
        *groups, last = path.split(".")
        where = deal
        for group in groups:
            where = where.setdefault(group, {})
        if answer is None:
            where.pop(last, None)
        else:
            where[last] = answer
    return yaml.safe_dump(deal, allow_unicode=True, sort_keys=False)


# -- the pages of schedules


def with_schedules(contributions: int) -> str:
    """Return a venture of three with four schedules, the first of them with so many lines."""
    duty = "Does what the plan of the season asks of it, in writing, each week until the {n} market day is over"
    shares = {"Granite Valley": "50%", "Blue Heron": "30%", "Old Mill": "20%"}
    given = {"party": "Old Mill", "kind": "cash", "value": "$1,000", "by": "as needed"}
    return venture(
        {
            "contributions.promised": [{**given, "what": f"payment no. {n}"} for n in range(contributions)],
            "responsibilities": {name: [duty.format(n=n) for n in range(40, 43)] for name in shares},
            "governance.reserved": [f"contract no. {n} with a party or a company of its group" for n in range(12)],
        },
        "three-party-venture",
    )


@pytest.mark.office
@pytest.mark.parametrize(("contributions", "wanted"), [(3, ["ABCD"]), (30, ["AB", "CD"]), (70, ["A", "B", "CD"])])
def test_short_schedules_share_a_page(build: Build, tmp_path: Path, contributions: int, wanted: list[str]) -> None:
    """One that does not fit below the others begins the next page, under its heading, in the PDF and in Word."""
    built = build(with_schedules(contributions), ("docx", "pdf"))
    headings = ["Contributions", "Shares", "Responsibilities", "Reserved matters"]
    letters = {letter: f"Schedule {letter}. {title}" for letter, title in zip("ABCD", headings, strict=True)}
    printed = word_pdfs({"venture": built.files["docx"]}, tmp_path)["venture"]
    for file in (built.files["pdf"], printed):
        behind = pdf_text(file, tmp_path).removesuffix("\f").split("\f")[2:]
        assert ["".join(letter for letter in letters if letters[letter] in page) for page in behind] == wanted
        assert len(behind) == built.fitted.pages - 2


def test_without_a_layout_each_schedule_has_a_page(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "is_available", lambda: False)
    fitted = build(with_schedules(3), ("txt",)).fitted
    assert fitted.pages == 6
    assert all(schedule.starts_page for schedule in fitted.document.schedules)
