"""Whole conversations in plain mode: how many prompts they take, and that the file says what was answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from replays import Replies, replay

from agreementgen.interview.review import Viewer

PARTIES: Replies = (
    ("Which state's or country's law", ["Ohio; Franklin County, Ohio"]),
    ("The full legal name", ["Elm Bakery LLC, Ohio", "Oak Mill, Inc., Delaware", "Fir Farm LLC, Ohio"]),
    (
        "Its address",
        [
            "1 Elm Street, Dayton, OH 45402, ana@elm.example",
            "2 Oak Street, Dayton, OH 45402 bo@oak.example",
            "3 Fir Street, Dayton, OH 45402; cy@fir.example",
        ],
    ),
    ("Who signs", ["Ana Elm, Manager", "Bo Oak, President", "Cy Fir, Member"]),
)
VENTURE: Replies = (
    *PARTIES,
    ("Is there another party", ["2", "1"]),
    ("in one sentence", ["Run a kitchen at the market"]),
    ("In which legal form", ["contractual"]),
    ("venture called", ["Market Kitchen"]),
    ("What exactly is the project", ["Run a kitchen on Saturdays"]),
    ("Which event shows", ["Close of the market season 2028"]),
    ("What does each party put in? Elm Bakery", ["cash"]),
    ("What does each party put in? Oak Mill", ["cash"]),
    ("What does each party put in? Fir Farm", ["cash"]),
    ("What it is:", ["for the stove", "for the till", "for the tables"]),
    ("agreed to be worth", ["$5,000, 2027-03-01", "$4,000 by March 1, 2027", "$6,000 as needed"]),
    ("Is there another one", ["1"]),
    ("owns which share", ["50/30/30", "50/30/20"]),
    ("share of the profit", ["Oak Mill 25, Fir Farm 35, Elm Bakery 40"]),
    ("share of a loss", ["same"]),
    ("What does each party do", ["1", "1", "1"]),
    ("daily busi", ["1"]),
    ("keeps the books", ["2"]),
    ("sees to tax", ["2"]),
    ("talks and mediation fail", ["winding up"]),
    ("Who names the expert", ["the president of the Ohio Society of CPAs"]),
    ("Who owns what you make", ["jointly"]),
    ("the most a party owes", ["$50,000"]),
)


def test_a_venture_of_three_takes_60_prompts_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []

    def open_pdf(path: Path) -> str:
        opened.append(path)
        return "" if len(opened) == 1 else "No viewer could open it."

    end = ("Read it now?", ["2", "3", "1"])
    viewer = Viewer(open_pdf, True, True)
    held = replay(monkeypatch, tmp_path, (end, *VENTURE), "joint-venture", viewer=viewer)
    # It opened when it was written, and was asked for once more.
    assert opened == [tmp_path / "deal.pdf"] * 2
    assert "deal.pdf opens in its viewer." in held.shown
    assert "No viewer could open it." in held.shown
    assert "--- The agreement ---" in held.shown
    assert held.status == 0
    assert len(held.screens) - sum("(Enter goes on)" in screen[-20:] for screen in held.screens[-8:]) <= 60
    assert "50% + 30% + 30% = 110%: 10% too much" in held.shown
    assert "= Elm Bakery 50%, Oak Mill 30%, Fir Farm 20%; 100% in all" in held.shown
    assert '"same" takes what stands under ownership: Elm Bakery 50%, Oak Mill 30%, Fir Farm 20%.' in held.shown
    assert held.answers["law"] == "Ohio"
    assert held.answers["venue"] == "Franklin County, Ohio"
    assert held.answers["parties"] == [
        {
            "name": "Elm Bakery LLC", "entity": "LLC", "formed in": "Ohio", "address": "1 Elm Street, Dayton, OH 45402",
            "email": "ana@elm.example", "signatory": {"name": "Ana Elm, Manager"},
        },
        {
            "name": "Oak Mill, Inc.", "entity": "corporation", "formed in": "Delaware",
            "address": "2 Oak Street, Dayton, OH 45402", "email": "bo@oak.example",
            "signatory": {"name": "Bo Oak, President"},
        },
        {
            "name": "Fir Farm LLC", "entity": "LLC", "formed in": "Ohio", "address": "3 Fir Street, Dayton, OH 45402",
            "email": "cy@fir.example", "signatory": {"name": "Cy Fir, Member"},
        },
    ]  # fmt: skip
    assert held.answers["contributions"] == {
        "promised": [
            {"party": "Elm Bakery", "kind": "cash", "what": "for the stove", "value": "$5,000", "by": "2027-03-01"},
            {"party": "Oak Mill", "kind": "cash", "what": "for the till", "value": "$4,000", "by": "March 1, 2027"},
            {"party": "Fir Farm", "kind": "cash", "what": "for the tables", "value": "$6,000", "by": "as needed"},
        ]
    }
    shares = {"Elm Bakery": "50%", "Oak Mill": "30%", "Fir Farm": "20%"}
    profit = {"Elm Bakery": "40%", "Oak Mill": "25%", "Fir Farm": "35%"}
    assert held.answers["ownership"] == {"shares": shares, "profit": profit, "loss": shares}
    assert (tmp_path / "deal.pdf").is_file()
