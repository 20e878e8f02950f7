"""RACI charts agree with the agreement: those that are proposed follow the deal, others are held against it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import ROOT
from deals import REFERENCE

from agreementgen import pipeline
from agreementgen.cli.main import commands
from agreementgen.core.problems import InputError
from agreementgen.core.values import Duration
from agreementgen.deal.deal import Responsibility
from agreementgen.deal.matrix_builder import refuse_tables
from agreementgen.draft.agreed_tasks import add_length
from agreementgen.draft.chart_proposal import propose_matrix, task_name_of
from agreementgen.draft.chart_review import review_matrix
from agreementgen.library.loading import built_in_library

LIBRARY = built_in_library()
ROLES = """raci:
  roles: {Lead: Northshore, Designer: Northshore, SEO lead: Bay Rank, Bookkeeper: Bay Rank, Printer: outside}
  tasks:
"""


def deal_of(text: str) -> Any:
    return pipeline.read(text.encode(), "deal.yaml", LIBRARY, "", refuse_tables)


def bare(sample: str, *changes: tuple[str, str]) -> str:
    """Return a sample without its chart; each change replaces a text that stands there once."""
    text = REFERENCE if sample == "referral" else (ROOT / "samples" / f"{sample}.yaml").read_text(encoding="utf-8")
    text = text.partition("\nraci:")[0] + "\n"
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def proposed(sample: str, *changes: tuple[str, str]) -> dict[str, tuple[dict[str, str], str, str]]:
    """Return letters by party, phase and day of each task that is proposed, by the name of the task."""
    deal = deal_of(bare(sample, *changes))
    text = propose_matrix(deal, LIBRARY, LIBRARY.outline_of_deal(deal))
    tasks: dict[str, tuple[dict[str, str], str, str]] = {}
    entry = re.compile(
        r'^    ("?)(?P<name>[^#\n]+)\1:\n      letters: \{(?P<letters>.*)\}\n      phase: (?P<phase>.*)\n'
        r"(?:      due: (?P<due>.*)\n)?",
        re.MULTILINE,
    )
    for found in entry.finditer(text.partition("  tasks:\n")[2]):
        pairs = re.findall(r'"?([^,"]+?) lead"?: "?([ARCI/?]+)"?', found["letters"])
        tasks[found["name"]] = ({party.strip(): letter for party, letter in pairs}, found["phase"], found["due"] or "")
    return tasks


# -- proposals


@pytest.mark.parametrize(
    ("sample", "changes", "task", "letters", "phase", "due"),
    [
        # Each payer has a task, with the days of the payment terms.
        ("referral", (), "Send Bay Rank the statement of Northshore within 10 days after each month, and pay within 30 days after that",
         {"Northshore": "A/R", "Bay Rank": "I"}, "Every month", ""),
        ("referral", (), "Send Northshore the statement of Bay Rank within 10 days after each month, and pay within 30 days after that",
         {"Northshore": "I", "Bay Rank": "A/R"}, "Every month", ""),
        ("referral", (("direction: two-way", "direction: one-way\n  referrer: Northshore"),
                      ("statement: 10 days", "statement: 15 days\n  paid: quarterly")),
         "Send Northshore the statement within 15 days after each calendar quarter, and pay within 30 days after that",
         {"Northshore": "I", "Bay Rank": "A/R"}, "Every quarter", ""),
        ("referral", (("kept by: payer", "kept by: Bay Rank"),), "Keep the record of what counts: shared CRM",
         {"Northshore": "I", "Bay Rank": "A/R"}, "Money", ""),
        ("referral", (), "Approve or refuse each use of Bay Rank’s name and logo within 5 days",
         {"Northshore": "C", "Bay Rank": "A/R"}, "When needed", ""),
        ("referral", (), "Answer complaints about what Bay Rank does, and tell Northshore of a data breach within 72 hours",
         {"Northshore": "I", "Bay Rank": "A/R"}, "When needed", ""),
        ("referral", (), "Say in writing by the end of the Pilot whether Bay Rank goes on",
         {"Northshore": "I", "Bay Rank": "A/R"}, "At the end of the Pilot", "2027-03-01"),
        # Both do it, and the agreement does not say who has the last word.
        ("referral", (), "Talk about open leads weekly", {"Northshore": "R", "Bay Rank": "R"}, "Every week", ""),
        ("channel", (), "Pay each invoice within 30 days", {"Paylark": "I", "Halvorsen": "A/R"}, "Money", ""),
        ("channel", (), "Invoice each delivery", {"Paylark": "A/R", "Halvorsen": "I"}, "Money", ""),
        ("supply", (), "Inspect each delivery within 2 days and report defects within 24 hours",
         {"Three Bridges": "A/R", "Klickitat Bend": "I"}, "Orders", ""),
        ("supply", (), "Pay each invoice within 10 days",
         {"Three Bridges": "A/R", "Klickitat Bend": "I"}, "Money", ""),
        # The buyer chooses, and is asked; goals are reviewed for as long as it lasts; what is due by a day has its day.
        ("supply", (), "Replace or credit goods rightly rejected",
         {"Three Bridges": "C", "Klickitat Bend": "A/R"}, "Orders", ""),
        ("supply", (), "Hold the review meeting on the goals, monthly",
         {"Three Bridges": "R", "Klickitat Bend": "R"}, "Every month", ""),
        ("syrup-supply", (), "Send Green Ridge proof of cost every 12 months, for the change of prices",
         {"Green Ridge": "I", "Érablière": "A/R"}, "Orders", ""),
        ("referral", (("\ngoals:", "\nmilestones: [{what: the hall is booked, by: 2027-05-15, party: Bay Rank}]\ngoals:"),),
         "See that this is reached: the hall is booked", {"Northshore": "I", "Bay Rank": "A/R"}, "Milestones", "2027-05-15"),
        ("referral", (("statement: 10 days", "statement: 10 days\n  guarantee: {from: Bay Rank, to: Northshore, amount: $500}"),),
         "Pay Northshore what its share or fees lack to $500 for each month", {"Northshore": "I", "Bay Rank": "A/R"}, "Money", ""),
        ("joint-venture", (), "Form Mill Creek Row LLC in Virginia within 60 days of the Effective date",
         {"Ridgeway": "A/R", "Calder Lane": "R"}, "At the start", "2027-03-16"),
        ("joint-venture", (), "Sign the operating agreement of Mill Creek Row LLC",
         {"Ridgeway": "A/R", "Calder Lane": "R"}, "At the start", "2027-03-16"),
        ("joint-venture", (), "Keep the books and send each party a statement within 20 days after each calendar quarter",
         {"Ridgeway": "I", "Calder Lane": "A/R"}, "Every quarter", ""),
        ("joint-venture", (), "Pay the distributions within 30 days after each calendar quarter",
         {"Ridgeway": "A/R", "Calder Lane": "I"}, "Every quarter", ""),
        ("joint-venture", (), "File the tax returns of the Venture and answer the tax office",
         {"Ridgeway": "A/R", "Calder Lane": "C"}, "Every year", ""),
        ("joint-venture", (), "Wind up the Venture within 180 days: pay debts, return contributions and share the rest",
         {"Ridgeway": "A/R", "Calder Lane": "C"}, "At the end", ""),
        ("joint-venture", (), "Make Calder Lane’s contribution of $60,000: paid into the Venture’s account",
         {"Ridgeway": "I", "Calder Lane": "A/R"}, "At the start", "2027-02-15"),
    ],
)  # fmt: skip
def test_a_proposal_takes_owners_and_days_from_the_deal(
    sample: str, changes: tuple[tuple[str, str], ...], task: str, letters: dict[str, str], phase: str, due: str
) -> None:
    tasks = proposed(sample, *changes)
    assert task in tasks, list(tasks)
    assert tasks[task] == (letters, phase, due)


def test_one_way_fees_are_paid_by_the_receiver_alone() -> None:
    tasks = proposed("referral", ("direction: two-way", "direction: one-way\n  referrer: Northshore"))
    payers = [letters for name, (letters, _, _) in tasks.items() if "statement" in name]
    assert payers == [{"Northshore": "I", "Bay Rank": "A/R"}]


def test_who_shares_revenue_is_open() -> None:
    fee = "model: referral fee\n  fee: 10%"
    share = "model: revenue share\n  shared revenue: sales of the joint package\n  revenue shares: {Northshore: 50%, Bay Rank: 50%}"
    deal = bare("referral", (fee, share), ("  window: 12 months\n", ""), ("  cap per client: $5,000\n", ""))
    text = propose_matrix(deal_of(deal), LIBRARY, LIBRARY.outline_of_kind("referral"))
    assert (
        '    # The agreement names nobody for this: write R, A, A/R, C or I in place of each "?".\n'
        '    "Send the others the statement within 10 days after each month, and pay within 30 days after that":\n'
        '      letters: {Northshore lead: "?", Bay Rank lead: "?"}\n'
    ) in text
    with pytest.raises(InputError) as error:
        deal_of(deal + text)
    assert "it is open who does and who approves" in str(error.value)
    assert 'in place of each "?"' in str(error.value)


def test_reviews_that_are_not_agreed_are_not_proposed() -> None:
    tasks = proposed("referral", ("duration:\n", "reviews: no\nduration:\n"))
    assert not [name for name in tasks if "review" in name or "weekly" in name]


def test_duties_of_the_same_words_are_told_apart_by_party() -> None:
    names = list(proposed("referral", ("- Reports outcomes monthly", "- Briefs Bay Rank on the client's site")))
    assert [name for name in names if name.startswith("Brief")] == [
        "Brief Bay Rank on the client's site (Northshore)",
        "Brief Bay Rank on the client's site (Bay Rank)",
    ]


def test_of_many_parties_none_is_asked_before() -> None:
    letters = proposed("long-names")["Run Oyster Weeks (tastings)"][0]
    assert sorted(letters.values()) == ["A/R", "I", "I", "I"]


def test_a_contractual_venture_is_not_formed() -> None:
    names = list(proposed("three-party-venture"))
    assert not [name for name in names if name.startswith(("Form ", "Sign the operating", "Adopt the bylaws"))]
    assert "Draw up the budget of the Project and put it to the vote" in names


def test_a_corporation_has_bylaws() -> None:
    names = list(proposed("joint-venture", ("form: new LLC", "form: new corporation")))
    assert (
        "Adopt the bylaws and the shareholders’ agreement of Mill Creek Row LLC, issue its shares, and name its directors and officers"
        in names
    )
    assert not [name for name in names if "operating agreement" in name]
    dividends = "Have the directors declare dividends, and pay them within 30 days after each calendar quarter"
    tasks = proposed("joint-venture", ("form: new LLC", "form: new corporation"))
    assert tasks[dividends][0] == {"Ridgeway": "R", "Calder Lane": "R"}


def test_a_venture_that_runs_until_its_end_event_has_no_last_day() -> None:
    chart = """raci:
  roles: {Builder: Ridgeway, Architect: Calder Lane}
  tasks:
    Paint the last house: {Builder: A/R, Architect: I, due: 2031-05-01}
"""
    for ends_with, told in (("end event", False), ("term", True)):
        deal = deal_of(bare("joint-venture", ("venture:\n", f"venture:\n  ends with: {ends_with}\n")) + chart)
        found = review_matrix(deal, deal.matrix, LIBRARY, LIBRARY.outline_of_deal(deal))
        assert any("and the agreement ends on" in problem.message for problem in found) is told


@pytest.mark.parametrize(
    ("duty", "name"),
    [
        ("Refers clients needing SEO and introduces them within 2 days",
         "Refer clients needing SEO and introduce them within 2 days"),
        ("Gets permits, hires trades, and builds to the drawings",
         "Get permits, hire trades, and build to the drawings"),
        ("Does its part and goes on the road", "Do its part and go on the road"),
        ("Sends mail and hosts webinars", "Sends mail and hosts webinars"),
        ("Reports cost and progress monthly", "Report cost and progress monthly"),
        ("Sends invoices and statements to the buyer.", "Send invoices and statements to the buyer"),
        ("Carries the goods to the dock and has them weighed, then tells the buyer the weight of each pallet by mail",
         "Carry the goods to the dock and have them weighed, then tell the buyer the weight of each pallet by mail"),
    ],
)  # fmt: skip
def test_the_name_of_a_task_is_never_cut(duty: str, name: str) -> None:
    assert task_name_of(Responsibility("Northshore", duty)) == name


@pytest.mark.parametrize(
    ("day", "length", "end"),
    [
        (date(2026, 12, 31), Duration(2, "month"), date(2027, 2, 28)),
        (date(2026, 12, 1), Duration(90, "day"), date(2027, 3, 1)),
        (date(2026, 12, 1), Duration(36, "hour"), date(2026, 12, 3)),
        (date(2028, 2, 29), Duration(1, "year"), date(2029, 2, 28)),
        (date(2026, 12, 1), Duration(9000, "year"), date.max),
    ],
)
def test_the_day_after_a_length_of_time(day: date, length: Duration, end: date) -> None:
    assert add_length(day, length) == end


# -- charts that contradict the agreement


def findings(*tasks: str, changes: tuple[tuple[str, str], ...] = ()) -> list[str]:
    deal = deal_of(bare("referral", *changes) + ROLES + "".join(f"    {task}\n" for task in tasks))
    found = review_matrix(deal, deal.matrix, LIBRARY, LIBRARY.outline_of_deal(deal))
    return [problem.describe_with_code() for problem in found if problem.code in ("M18", "M19")]


ONE_WAY = (("direction: two-way", "direction: one-way\n  referrer: Northshore"),)
KEPT = (("kept by: payer", "kept by: Northshore"),)


@pytest.mark.parametrize(
    ("task", "changes", "says"),
    [
        ("Brief Bay Rank: {SEO lead: A/R, carries out: Briefs Bay Rank on the client's site}", (),
         'M18: deal.yaml:74:5: raci.tasks.Brief Bay Rank: "Brief Bay Rank" is done by Bay Rank, and carries out what Northshore owes'),
        ("Brief Bay Rank: {Lead: A, SEO lead: R, carries out: Briefs Bay Rank on the client's site}", (), "Northshore owes"),
        ("Pay the referral fee: {Lead: A/R}", ONE_WAY, "is with Northshore, and the agreement gives it to Bay Rank"),
        ("Pay the fees: {Bookkeeper: R, SEO lead: A}", (), "no role of Northshore has a part in"),
        ("Keep the CRM: {Bookkeeper: A/R}", KEPT, "is with Bay Rank, and the agreement gives it to Northshore"),
        ("Approve uses of Northshore's logo: {Lead: C, SEO lead: A/R}", (), "the agreement gives it to Northshore"),
        ("Approve uses of Northshore's logo: {Designer: R, SEO lead: A}", (), "the agreement gives it to Northshore"),
        ("Report a data incident: {Lead: A/R}", (), "nobody of Bay Rank is told"),
        ("Hold the review meeting: {Lead: A/R, SEO lead: R, phase: Every year}", (),
         "is yearly here, and the agreement says weekly or monthly or quarterly"),
        ("Send the quarterly statement: {Lead: A/R, SEO lead: R}", (), "is quarterly here, and the agreement says monthly"),
        ("Send the statement: {Lead: A/R, SEO lead: R, due: 2027-03-15}", (),
         "is due on March 15, 2027, and the agreement wants it by March 10, 2027 (10 days after each period)"),
        ("Send the statement within 20 days: {Lead: A/R, SEO lead: R}", (), 'says "within 20 days", and the agreement says 10 days'),
        ("Decide on the pilot: {Lead: A/R, SEO lead: R, due: 2027-04-01}", (), "wants it by March 1, 2027"),
        ("Look at the numbers of the pilot: {Lead: A/R, due: 2027-04-01}", (), "and the Pilot ends on March 1, 2027"),
        ("Train the new people: {Lead: A/R, due: 2028-02-01}", (), "and the agreement ends on December 1, 2027"),
    ],
)  # fmt: skip
def test_a_contradiction_is_found(task: str, changes: tuple[tuple[str, str], ...], says: str) -> None:
    found = findings(task, changes=changes)
    assert any(says in text for text in found), found
    assert all("hint:" in text for text in found)


@pytest.mark.parametrize(
    ("tasks", "changes"),
    [
        (["Brief Bay Rank: {Lead: A, Printer: R, carries out: Briefs Bay Rank on the client's site}"], ()),
        (["Brief Bay Rank: {Lead: R, SEO lead: A/R, carries out: Briefs Bay Rank on the client's site}"], ()),
        (["Pay the referral fee: {Bookkeeper: A/R}"], ONE_WAY),
        (["Pay the fee to Bay Rank: {Lead: A/R}", "Pay the fee to Northshore: {Bookkeeper: A/R}"], ()),
        (["Check the statement: {Lead: A/R}", "Pay the printer: {Lead: A/R}"], ONE_WAY),
        (["Approve uses of Northshore's logo: {Lead: A/R, SEO lead: C}"], ()),
        (["Send the statement: {Lead: A/R, SEO lead: R, phase: Each month, due: 2027-01-10}"], ()),
        (["Pay what is due: {Lead: A/R, SEO lead: R, due: 2027-01-25}"], ()),
        (["Hold the review meeting: {Lead: A/R, SEO lead: R, phase: Every quarter}"], ()),
        (["Hand over at the end: {Lead: A/R, due: 2028-01-15}"], ()),
    ],
)  # fmt: skip
def test_a_chart_that_agrees_is_left_alone(tasks: list[str], changes: tuple[tuple[str, str], ...]) -> None:
    assert findings(*tasks, changes=changes) == []


def test_check_tells_of_contradictions(tmp_path: Any) -> None:
    path = tmp_path / "deal.yaml"
    path.write_text(bare("referral") + ROLES + "    Pay the fees: {Bookkeeper: R, SEO lead: A}\n", encoding="utf-8")
    done = CliRunner().invoke(commands, ["check", str(path)])
    assert done.exit_code == 0
    assert "warning M18: " in done.output
    assert "the agreement gives it to Northshore, too: add a task" in done.output
