"""Joint ventures: what their agreements say of each legal form, and how the tables behind them share pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from conftest import SAMPLES, pdf_text, word_pdfs

from agreementgen import pipeline
from agreementgen.core.problems import InputError
from agreementgen.library.library import Library
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render import page_engine

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
    monkeypatch.setattr(page_engine, "is_ours", lambda *_: False)
    monkeypatch.setattr(page_engine, "can_lay_out", lambda *_: False)
    fitted = build(with_schedules(3), ("txt",)).fitted
    assert fitted.pages == 6
    assert all(schedule.starts_page for schedule in fitted.document.schedules)


# -- what an agreement says


def text_of(build: Build, changes: dict[str, object], of: str = "joint-venture") -> str:
    """Return the agreement of a changed sample as text on one line."""
    built = build(venture(changes, of), ("txt",))
    assert not [problem for problem in built.warnings if problem.code == "not-printed"]
    return " ".join(built.files["txt"].decode().split())


CORPORATION: dict[str, object] = {"venture.form": "new corporation", "venture.name": "Harvest Table, Inc."}
OF_A_FORM = {
    "contractual": ("joint venturers",),
    "new LLC": ("operating agreement", "members", "Distributions", "Manager"),
    "new corporation": ("bylaws", "shareholders", "Directors", "Officers", "Dividends", "classes of shares"),
}


@pytest.mark.parametrize("late", ["loan", "smaller share", "breach"])
@pytest.mark.parametrize("form", OF_A_FORM)
@pytest.mark.parametrize("of", ["joint-venture", "three-party-venture"])
def test_each_legal_form_has_its_own_words(build: Build, of: str, form: str, late: str) -> None:
    changes = {"venture.form": form, "venture.place": None if form == "contractual" else "Vermont"}
    changes |= {
        "joint ip.owner": "jointly",
        "joint ip.use": None,
        "contributions.late": late,
        "buyout.months": "0 months",
    }
    changes |= {"succession": None, "deadlock.finally": "winding up"}
    said = text_of(build, changes, of).replace("Managing Member", "").replace("Amir Haddad, Member", "")
    assert [words for words in OF_A_FORM[form] if words not in said] == []
    if form == "new corporation":
        assert not re.findall(r"\b(members?|managers?|operating agreement|distributions?)\b", said, re.IGNORECASE)
    else:
        assert not re.findall(r"\b(shareholders?|bylaws|directors?|officers?|dividends?)\b", said, re.IGNORECASE)
    if form == "contractual":
        assert not re.findall(r"\b(members?|operating agreement|dissolved)\b", said, re.IGNORECASE)


def test_the_directors_of_a_corporation_of_three(build: Build) -> None:
    named = {"Granite Valley": "2", "Blue Heron": "1", "Old Mill": "1"}
    more = {"venture.place": "Vermont", "joint ip.owner": "venture", "governance.manager": "jointly"}
    reserved = {"governance.votes": "by ownership", "governance.consent": "two thirds"}
    said = text_of(build, {**CORPORATION, **more, **reserved, "governance.directors": named}, "three-party-venture")
    assert "Granite Valley names 2, Blue Heron names 1, Old Mill names 1 Officers" in said
    assert "One for each Director; more than half decides; on Reserved matters by Ownership" in said
    assert "Officers Named by the Directors" in said
    said = text_of(build, {**CORPORATION, **more, "governance.manager": "Old Mill"}, "three-party-venture")
    assert "Directors One named by each party, who casts its Votes" in said
    assert "for each Director" not in said
    assert "Officers President named by Old Mill, unpaid; the others named by the Directors" in said


PERSON = {
    "name": "Lena Kay", "short": "Kay", "entity": "individual", "address": "1 Main Street, Boise, ID 83702",
    "email": "kay@kay.example", "signatory": {"name": "Lena Kay"},
}  # fmt: skip


def test_the_death_of_a_party_who_is_a_person_lets_the_others_buy(build: Build) -> None:
    first, _, third = _SAMPLES["three-party-venture"]["parties"]
    said = text_of(build, {}, "three-party-venture")
    assert "estate" not in said
    people = [first, {**PERSON, "short": "Blue Heron"}, third]
    said = text_of(build, {"parties": people, "buyout.events": ["insolvency"]}, "three-party-venture")
    assert (
        "Insolvency; death or lasting incapacity of Blue Heron (an estate or guardian takes that place); notice within 60 days"
        in said
    )
    owner = {**PERSON, "name": "June Parrish", "short": "Old Mill", "entity": "sole proprietor"}
    owner["signatory"] = {"name": "June Parrish"}
    said = text_of(build, {"parties": [first, people[1], owner]}, "three-party-venture")
    assert "death or lasting incapacity of Blue Heron or Old Mill (an estate or guardian takes that place)" in said


def test_the_term_does_not_end_a_venture_before_its_end_event_unless_said(build: Build) -> None:
    said = text_of(build, {"duration.term": "36 months"})
    assert "Term Until the End event, planned within 36 months of the Effective date Ending" in said
    said = text_of(build, {"duration": {"term": "36 months", "renewal": "automatic"}})
    assert "Term 36 months from the Effective date, and in any case until the End event; renewed automatically" in said
    said = text_of(build, {"venture.ends with": "term", "duration": {"term": "36 months", "renewal": "none"}})
    assert "Term 36 months from the Effective date, or until the End event if that is sooner; no renewal" in said


def test_money_comes_back_first_with_a_rate_then_in_steps_then_by_the_split(build: Build) -> None:
    steps = [
        {"until": "Ridgeway has received $100,000 in profit", "shares": {"Ridgeway": "80%", "Calder Lane": "20%"}},
        {"until": "each party has had its money twice", "shares": {"Ridgeway": "50%", "Calder Lane": "50%"}},
    ]
    money = {"contributions back": "first", "preferred return": "8%", "steps": steps}
    said = text_of(build, {"distributions": money, "books.capital accounts": "yes", "books.basis": "US GAAP"})
    assert "Preferred return 8% a year on contributions made, from the day each is made until it is returned" in said
    assert "cumulative, not compounded" in said
    assert (
        "The rest goes to the parties, first to return contributions in proportion to what is not yet returned, then for the "
        "Preferred return, then by the Steps of payment, then by Profit shares."
    ) in said
    assert "Ridgeway has received $100,000 in profit | Ridgeway 80%, Calder Lane 20%" in said
    assert "Capital accounts; the Preferred return; the rest by the Steps of payment, then by Profit shares" in said
    assert "Profit and loss, on the basis of US GAAP, follow Profit shares and Loss shares" in said
    one = text_of(build, {"distributions": {"steps": steps[:1]}})
    assert "Until Ridgeway has received $100,000 in profit: Ridgeway 80%, Calder Lane 20%" in one
    assert "The rest goes to the parties, first by the Steps of payment, then by Profit shares." in one
    late = text_of(
        build, {"distributions": {"frequency": "at the end", "preferred return": "10%", "compounded": "yes"}}
    )
    assert "compounded yearly" in late
    assert (
        "unreturned contributions at agreed value, less losses; the Preferred return; the rest by Profit shares" in late
    )


def test_the_shares_of_a_step_add_up(library: Library) -> None:
    step = {"until": "all have had their money twice", "shares": {"Ridgeway": "80%", "Calder Lane": "30%"}}
    with pytest.raises(InputError) as caught:
        pipeline.read(venture({"distributions.steps": [step]}).encode(), "deal.yaml", library)
    assert "110%" in str(caught.value)


@pytest.mark.parametrize(
    ("consent", "row", "head"),
    [
        ("unanimous", "All parties must agree to:", "the consent of all parties"),
        ("two thirds", "Two thirds of all votes are needed for:", "two thirds of all votes"),
        ("three quarters", "Three quarters of all votes are needed for:", "three quarters of all votes"),
    ],
)
def test_what_reserved_matters_need(build: Build, consent: str, row: str, head: str) -> None:
    assert f"Reserved matters {row} the budget" in text_of(build, {"governance.consent": consent})
    many = [f"contract no. {n} with any director, manager or employee of a party" for n in range(12)]
    duty = "Does what the plan of the season asks of it, in writing, each week until the last market day is over"
    changes = {"governance.consent": consent, "governance.reserved": many}
    changes["responsibilities"] = {
        name: [duty, f"{duty} or later"] for name in ("Granite Valley", "Blue Heron", "Old Mill")
    }
    built = build(venture({**changes, "contributions.promised": with_many()}, "three-party-venture"), ("txt",))
    assert f"Each of these decisions needs {head}" in " ".join(built.files["txt"].decode().split())


def with_many() -> list[dict[str, str]]:
    given = {"party": "Old Mill", "kind": "cash", "value": "$1,000", "by": "as needed"}
    return [{**given, "what": f"payment no. {n}"} for n in range(30)]


@pytest.mark.parametrize("wording", ["full", "short"])
@pytest.mark.parametrize("of", ["joint-venture", "three-party-venture"])
def test_an_event_beyond_control_ends_no_venture(build: Build, of: str, wording: str) -> None:
    said = text_of(build, {"wording": wording, "deadlock.finally": "winding up"}, of)
    assert "excuse non-performance, not payment; after 60 days, the parties decide how the Project goes on." in said
    assert "party may end this agreement." not in said
