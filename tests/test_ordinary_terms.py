"""Terms that real partnerships agree on: open ends, long times, exceptions, promises, and who signs.

What a deal does not ask for costs it nothing: `SIZES` holds each sample to its questions, rows and clauses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, pdf_text, word_text

from agreementgen import pipeline
from agreementgen.authoring.rule_proof import lay_answer_over
from agreementgen.core.document import Document, text_of_document
from agreementgen.core.problems import InputError
from agreementgen.dates.key_dates import KeyDate, list_key_dates
from agreementgen.deal.deal import Deal
from agreementgen.deal.reader import node_as_data
from agreementgen.dealcheck.judging import check_deal
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.examples import make_example_deal
from agreementgen.interview.notebook import Notebook
from agreementgen.ledger.workbook import list_what_is_left_out, read_book_terms
from agreementgen.library.loading import built_in_library
from agreementgen.sources import table_loader
from agreementgen.yamlfile.nodes import read_yaml

LIBRARY = built_in_library()
# Questions that had to be answered, rows of the key terms, and clauses of each sample on 2026-11-28.
SIZES = {
    "alliance": (31, 20, 15), "channel": (44, 23, 21), "cloud-referral": (32, 22, 15), "co-marketing": (34, 19, 16),
    "coffee-supply": (33, 24, 20), "joint-venture": (57, 38, 25), "long-names": (54, 21, 17), "minimal": (20, 6, 6),
    "partner-program": (43, 23, 21), "referral": (30, 22, 16), "supply": (35, 25, 22), "syrup-supply": (32, 22, 21),
    "three-party-venture": (72, 35, 24),
}  # fmt: skip
OPEN = {"duration": {"pilot": "no", "term": "until ended"}}


@cache
def _sample(name: str) -> str:
    return json.dumps(
        node_as_data(read_yaml((ROOT / "samples" / f"{name}.yaml").read_text(encoding="utf-8"), name).root)
    )


def text_of_deal(over: Mapping[str, Any], name: str = "referral") -> str:
    """Return a sample with answers laid over it by their paths, and without a chart."""
    answers = json.loads(_sample(name))
    answers.pop("raci", None)
    for path, value in over.items():
        lay_answer_over(answers, path, value)
    return json.dumps(answers)


def deal_of(over: Mapping[str, Any], name: str = "referral") -> Deal:
    return pipeline.read(text_of_deal(over, name).encode(), "deal.yaml", LIBRARY)


def draft(deal: Deal) -> Document:
    outline = LIBRARY.outline_of_deal(deal)
    return draft_agreement(deal, LIBRARY, outline, select_clauses(deal, LIBRARY, outline))


def words_of(over: Mapping[str, Any], name: str = "referral") -> str:
    return " ".join(text_of_document(draft(deal_of(over, name))).split())


def problems_of(over: Mapping[str, Any], name: str = "referral") -> list[str]:
    with pytest.raises(InputError) as refused:
        deal_of(over, name)
    return [str(problem) for problem in refused.value.problems]


def findings_of(over: Mapping[str, Any], family: str) -> list[tuple[str, str]]:
    found = check_deal(deal_of(over), LIBRARY).findings
    return [(one.rule.id, one.problem.field) for one in found if one.rule.id.startswith(family)]


# -- what nobody asked for


@pytest.mark.parametrize("name", SIZES)
def test_a_sample_has_no_more_questions_rows_and_clauses_than_before(name: str) -> None:
    path = ROOT / "samples" / f"{name}.yaml"
    deal = pipeline.read(path.read_bytes(), str(path), LIBRARY, beside=table_loader(str(path)))
    must = [one for one in deal.answers if one.typed and one.question.needed and one.question.default is None]
    document = draft(deal)
    assert (len(must), len(document.rows), len(document.clauses)) == SIZES[name]


# -- time


@pytest.mark.parametrize(
    ("duration", "row"),
    [
        ({"pilot": "no", "term": "until ended"}, "Term From the Effective date until a party ends it; no fixed end"),
        ({"pilot": {"length": "60 days"}, "term": "until ended"},
         "Term From the Effective date, Pilot included, until a party ends it; no fixed end"),
        ({"pilot": "no", "term": "until a day", "last day": "2028-05-31"},
         "Term Until the end of May 31, 2028; renewable in writing"),
        ({"pilot": "no", "term": "until an event", "event": "The ferry season of 2027 closes."},
         "Term From the Effective date until this happens: The ferry season of 2027 closes"),
        ({"pilot": "no", "term": "1 year", "renewal": "automatic", "most renewals": "unlimited"},
         "renewed automatically for 12 months at a time, as often as no party stops it"),
        ({"pilot": "no", "term": "15 years", "renewal": "automatic", "renewal length": "3 years",
          "non-renewal notice": "12 months"},
         "15 years from the Effective date; renewed automatically for 3 years at a time, at most 2 renewals"),
    ],
)  # fmt: skip
def test_how_long_it_lasts_is_said_as_agreed(duration: Mapping[str, Any], row: str) -> None:
    assert row in words_of({"duration": duration})


def test_a_venture_may_run_until_a_day_or_its_end_event() -> None:
    over = {"duration": {"term": "until a day", "last day": "2029-03-31"}, "venture.ends with": "term"}
    assert "Until the end of March 31, 2029, or until the End event if that is sooner" in words_of(
        over, "joint-venture"
    )
    over["venture.ends with"] = "end event"
    assert "Until the End event, planned by March 31, 2029" in words_of(over, "joint-venture")


def test_a_venture_without_a_term_runs_until_its_parties_end_it_together() -> None:
    over: dict[str, Any] = {"duration": {"pilot": "no", "term": "until ended"}}
    together = (
        "Term From the Effective date until the parties end it in writing, or until the End event if that is sooner"
    )
    assert together in words_of(over, "joint-venture")
    over["termination"] = {"convenience": "yes"}
    assert "until a party ends it, or until the End event if that is sooner" in words_of(over, "joint-venture")


@pytest.mark.parametrize(
    ("over", "said"),
    [
        (OPEN | {"termination.convenience": "no"}, "until a party ends it, but no party may end it"),
        ({"duration": OPEN["duration"] | {"renewal": "automatic"}}, "without a fixed end there is nothing to renew"),
        ({"duration": {"pilot": "no", "term": "until a day"}}, "duration.last day: this is missing"),
        ({"duration": {"term": "40 years"}}, '"40 years" is more than 30 years'),
        (
            OPEN | {"goals": [{"name": "New clients", "target": "9", "period": "term"}]},
            "the agreement has no fixed end",
        ),
    ],
)
def test_what_no_agreement_can_mean_is_refused(over: Mapping[str, Any], said: str) -> None:
    assert any(said in problem for problem in problems_of(over))


def dates_of(over: Mapping[str, Any]) -> dict[str, KeyDate]:
    return {one.id: one for one in list_key_dates(deal_of(over))}


def test_an_agreement_without_an_end_has_no_day_of_its_end() -> None:
    dates = dates_of(OPEN)
    assert (dates["term-end"].day, dates["term-end"].reason) == (None, "the agreement has no fixed end")
    assert dates["tail-end"].day is None
    assert str(dates["review-work"].days[-1]) == "2027-11-30"
    assert dates["review-work"].note == "Listed for the first year; it goes on until the agreement ends."
    event = {"duration": {"pilot": "no", "term": "until an event", "event": "the fair closes"}}
    assert dates_of(event)["term-end"].reason == "hangs on this event: the fair closes"


def test_a_last_day_and_renewals_without_number_are_in_the_calendar() -> None:
    dates = dates_of({"duration": {"pilot": "no", "term": "until a day", "last day": "2028-05-31"}})
    assert (str(dates["term-end"].day), dates["term-end"].how) == ("2028-05-31", "agreed: 2028-05-31")
    dates = dates_of({"duration": {"pilot": "no", "renewal": "automatic", "most renewals": "unlimited"}})
    assert [str(dates[f"renewal-notice{end}"].day) for end in ("", "-1", "-2")] == [
        "2027-11-01", "2028-11-01", "2029-11-01",
    ]  # fmt: skip
    assert "It renews on and on" in dates["renewal-notice-2"].note
    assert "term-end-3" not in dates


@pytest.mark.parametrize(
    ("over", "rule", "field"),
    [
        ({"duration.term": "84 months"}, "U02", "duration.term"),
        ({"duration.term": "20 years"}, "U01", "duration.term"),
        ({"termination.notice": "12 months", "duration.term": "36 months"}, "U02", "termination.notice"),
        ({"exit.tail": "1 year"}, "U02", "exit.tail"),
        ({"exit.tail": "10 days"}, "U02", "exit.tail"),
        ({"restrictions.staff": {"length": "36 months"}}, "U01", "restrictions.staff.length"),
    ],
)
def test_what_is_unusual_is_remarked_on_and_not_refused(over: Mapping[str, Any], rule: str, field: str) -> None:
    assert (rule, field) in findings_of(over, "U")


def test_what_is_usual_is_not_remarked_on() -> None:
    assert findings_of({"duration.term": "5 years", "exit.tail": "180 days"}, "U") == []


# -- duties, exceptions, promises


def test_each_stands_for_every_party_beside_what_one_says() -> None:
    said = {"each": ["Names one contact"], "Northshore": ["Refers clients"], "Bay Rank": ["Reports monthly"]}
    words = words_of({"responsibilities": said})
    assert "Northshore Names one contact. Refers clients." in words
    assert "Bay Rank Names one contact. Reports monthly." in words
    assert "Bay Rank Names one contact." in words_of({"responsibilities": {"each": "Names one contact"}})
    (problem,) = problems_of({"responsibilities": {"each": ["Names one contact"], "Bay Rnk": ["Reports monthly"]}})
    assert '"Bay Rnk" is not the short name of a party' in problem


def test_milestones_have_their_days_in_row_calendar_and_check() -> None:
    steps = [
        {"what": "the hall is booked", "by": "2027-05-15", "party": "Bay Rank"},
        {"what": "The map is printed.", "by": "2027-06-01"},
    ]
    assert "Milestones The hall is booked by May 15, 2027 (Bay Rank); The map is printed by June 1, 2027" in words_of(
        {"milestones": steps}
    )
    found = [one for one in list_key_dates(deal_of({"milestones": steps})) if one.id.startswith("milestone")]
    assert [(str(one.day), one.what) for one in found] == [
        ("2027-05-15", "Milestone is due: the hall is booked (Bay Rank)"),
        ("2027-06-01", "Milestone is due: The map is printed."),
    ]
    late = [{"what": "the hall is booked", "by": "2031-05-15"}]
    assert findings_of({"milestones": late}, "S06") == [("S06", "milestones.1.by")]


def test_exceptions_stand_in_the_row_and_the_clause_names_them() -> None:
    over = {
        "exclusivity": {"kind": "mutual", "scope": "web design", "territory": "Salem", "length": "9 months",
                        "exceptions": ["Gull Kennels", "the print shop"]},
        "restrictions.non-compete": {"activity": "web design", "area": "Salem", "length": "6 months",
                                     "exceptions": ["Gull Kennels"]},
    }  # fmt: skip
    words = words_of(over)
    assert "up to 9 months from the Effective date; except Gull Kennels and the print shop" in words
    assert "stated under Exclusivity, with the exceptions stated there, neither party will refer" in words
    assert "Salem; except Gull Kennels; until 6 months after the end" in words
    assert "in the area stated there, with the exceptions stated there." in words


_TWO_GOODS = [
    {"item": "Greens", "unit": "lb", "price": "$3", "minimum": "100", "maximum": "160"},
    {"item": "Eggs", "unit": "dozen", "price": "$5", "minimum": "40"},
]
_RIVAL = {"activity": "building houses", "area": "Fairfax", "length": "6 months"}
_GUARANTEE = [
    {"party": "Ridgeway", "kind": "guarantee", "what": "of the bank's loan", "value": "$5,000", "by": "as needed"},
    {"party": "Calder Lane", "kind": "cash", "what": "paid in", "value": "$5,000", "by": "as needed"},
]
_FOR_RECEIVER = {
    "leads": {"direction": "one-way", "referrer": "Bay Rank", "protection": "90 days", "submitted": "by email"},
    "restrictions": {"staff": {"length": "6 months"}, "customers": {"which": "introduced", "length": "6 months"}},
    "position by topic": {"restrictions": "pro-first"},
}


@pytest.mark.parametrize(
    ("name", "over", "has", "lacks"),
    [
        ("supply", {"goods.items": _TWO_GOODS}, "at least 100 lb a week; orders bind up to 160 lb a week", "at most 160"),
        ("supply", {}, "at most 1,600 lb a week", "orders bind up to"),
        (
            "supply",
            {"goods": {"commitment": "each order", "period": "week", "items": [
                {**_TWO_GOODS[0], "minimum": None}, {**_TWO_GOODS[1], "minimum": None}]}, "forecast.firm": None},
            "at most 160 lb a week",
            "orders bind up to",
        ),
        ("supply", {"wording": "short"}, "Goods Klickitat Bend fails to deliver, or that are rightly rejected, count toward", "not delivered"),
        ("supply", {"wording": "short", "goods.take-or-pay": "80%"}, "at the last price of that week, and no more; goods Klickitat Bend fails", ""),
        ("supply", {"wording": "short"}, "and take them back at its cost", "take rejected goods"),
        ("supply", {}, "The reasonable cost of a recall, with the price of the goods, falls on the party whose", ""),
        ("supply", {"wording": "short", "recall.cost": "supplier"}, "will bear its reasonable cost, with the price of the goods.", ""),
        ("syrup-supply", {"wording": "short"}, "falls from 30 days after their time, even if the proof is late", ""),
        ("joint-venture", {"restrictions.non-compete": _RIVAL}, "neither party will carry on, outside this agreement, the activity stated", ""),
        ("joint-venture", {"restrictions.non-compete": _RIVAL, "wording": "short"}, "neither party will do, outside this agreement, what", ""),
        ("three-party-venture", {"restrictions.non-compete": _RIVAL}, "binds the seller for its times, counted from closing. Until closing", ""),
        ("three-party-venture", {}, "survive. Until closing", "binds the seller"),
        ("joint-venture", {"distributions.frequency": "at the end"}, "Only when the Venture is wound up, but for tax advances", ""),
        ("joint-venture", {"distributions": {"frequency": "at the end", "tax": "no"}}, "Only when the Venture is wound up", "tax advances"),
        ("joint-venture", {"contributions.promised": _GUARANTEE}, "f the bank’s loan; only what is paid on it is repaid $5,000", "aid in; only what"),
        ("joint-venture", {}, "If one of the Buyout events happens to a party or it gives cause to end at once, the other", ""),
        ("joint-venture", {}, "Venture money is kept in its own account", "only what is paid on it"),
        ("joint-venture", {"governance.bank account": "no"}, "Venture money is kept apart in the books", ""),
        ("three-party-venture", {"deadlock.finally": "buyout"}, "A sole offer counts only if it pays each of the others at least the Buyout price.", ""),
        ("joint-venture", {"books.basis": "yearly accounts"}, "Profit and loss, on the basis of the Venture’s yearly accounts, follow", ""),
    ],
)  # fmt: skip
def test_what_a_reader_for_one_side_asked_for_is_said(name: str, over: Mapping[str, Any], has: str, lacks: str) -> None:
    deal = deal_of(over, name)
    outline = LIBRARY.outline_of_deal(deal)
    selection = select_clauses(deal, LIBRARY, outline, short="wording" in over)
    said = " ".join(text_of_document(draft_agreement(deal, LIBRARY, outline, selection)).split())
    assert has in said
    assert not lacks or lacks not in said


@pytest.mark.parametrize(
    ("law", "officer"), [("Ontario", "President named by"), ("England and Wales", "Managing director named by")]
)
def test_a_company_abroad_has_its_own_head(law: str, officer: str) -> None:
    over = {"law": law, "venue": "Toronto" if law == "Ontario" else "London"}
    over |= {
        "venture.form": "new corporation",
        "venture.place": law,
        "joint ip": {"owner": "venture", "use": "business"},
    }
    assert officer in words_of(over, "joint-venture")


def test_who_brings_the_clients_is_not_kept_from_them() -> None:
    said = words_of(_FOR_RECEIVER)
    assert "Non-solicitation Staff met in the project, until 6 months after the end; binds Bay Rank only" in said
    said = words_of({**_FOR_RECEIVER, "position by topic": {"restrictions": "balanced"}})
    assert "Non-solicitation Introduced clients and staff met in the project" in said


@pytest.mark.parametrize("length", ["agreement", "until ended", "the term", "as long as the agreement lasts"])
def test_exclusivity_may_last_as_long_as_the_agreement(length: str) -> None:
    over = {"kind": "one-way", "bound party": "Bay Rank", "scope": "audits", "territory": "Ohio", "length": length}
    assert "Exclusivity Bay Rank: audits; Ohio; as long as this agreement lasts" in words_of({"exclusivity": over})


@pytest.mark.parametrize(
    ("path", "typed", "hint"),
    [
        ("financial.window", "11 years", "it must be from 1 month to 10 years"),
        ("financial.fee", "the greater of $500 and 5%", '"fee: 5%" with "minimum: $500"'),
        ("exit.tail", "none", 'leave the topic out: "leave out: [exit]"'),
        ("liability.cap", "$50,000", '"cap: fixed" with "amount: $50,000"'),
        ("financial.paid", "twice a year", "is counted by the quarter here"),
        ("confidentiality.length", "forever", 'the longest is "20 years"'),
    ],
)
def test_what_is_beyond_the_questions_is_told_with_what_is_nearest(path: str, typed: str, hint: str) -> None:
    assert any(f"{path}: " in problem and hint in problem for problem in problems_of({path: typed}))


def test_a_non_compete_may_bind_only_while_the_agreement_lasts() -> None:
    for length in ("agreement", "during the term", "0 days"):
        covenant = {"activity": "grooming dogs", "area": "Salem", "length": length}
        words = words_of({"restrictions.non-compete": covenant})
        assert "Non-compete Each party: grooming dogs; Salem; while this agreement lasts" in words


@pytest.mark.parametrize("window", ["unlimited", "lifetime", "as long as the client buys"])
def test_a_fee_may_run_as_long_as_the_client_pays(window: str) -> None:
    for position in ("balanced", "pro-first", "pro-second", "fallback"):
        words = words_of({"financial.window": window, "position": position})
        assert "per client, for as long as the client pays" in words
    assert findings_of({"financial.window": window}, "S11") == [("S11", "financial.window")]
    assert "fees-end" not in dates_of({"financial.window": window})


def test_money_may_be_paid_once_a_year() -> None:
    assert "Statement within 10 days after each calendar year; due 30 days later" in words_of(
        {"financial.paid": "once a year"}
    )
    statement = dates_of({"effective": "2027-03-15", "financial.paid": "yearly"})["statement"]
    assert str(statement.days[0]) == "2028-01-10"


def test_a_higher_late_charge_is_unusual_and_not_refused() -> None:
    assert "2% a month if late, within legal limits" in words_of({"financial.late charge": "2%"})
    assert findings_of({"financial.late charge": "2%"}, "U0") == [("U02", "financial.late charge")]
    assert problems_of({"financial.late charge": "4%"}) != []


@pytest.mark.parametrize("name", ["referral", "co-marketing", "channel", "joint-venture", "supply", "alliance"])
def test_help_after_the_end_can_be_agreed_in_every_kind(name: str) -> None:
    words = words_of({"exit.help": {"length": "45 days", "paid": "free"}}, name)
    assert "Help after the end For 45 days, free of charge" in words
    assert "each party will help to move the work over as stated under Help after the end" in words


def test_records_are_checked_where_one_counts_what_another_is_paid_on() -> None:
    assert "may have an independent accountant check them" not in words_of({}, "supply")
    words = words_of({"financial.audit": {"notice": "15 days"}}, "supply")
    assert (
        "Once a year, on 15 days’ notice, the other may have an independent accountant check them, 24 months back"
        in words
    )


def test_an_understanding_binds_nobody_beyond_secrecy_and_costs() -> None:
    words = words_of({"alliance.binding": "none"}, "alliance")
    assert (
        "This is an understanding, not a contract; Joint activities and People, too, say only what is intended. Only"
        in words
    )
    assert "and this sentence bind: each party bears its own costs, and no claim arises from anything else." in words


def test_others_may_enforce_under_english_law_what_they_are_promised() -> None:
    over = {"law": "England and Wales", "venue": "London", "promises.third parties": ["the tenants"]}
    words = words_of(over)
    assert "The tenants may enforce what this agreement promises them" in words
    assert "16. Further promises. The tenants" in words
    assert "Nobody but the parties and those named in section 16 may enforce this agreement." in words


# -- who signs


def test_two_sign_for_a_party_and_a_guarantor_for_himself(
    build: Callable[..., pipeline.BuiltAgreement], tmp_path: Path
) -> None:
    two = [{"name": "Dana Reyes", "title": "Member"}, {"name": "Sam Ortiz", "title": "Treasurer"}]
    over = {"parties.1.signatory": two, "parties.2.guarantor": {"name": "Lee Okafor", "most": "$25,000"}}
    built = build(text_of_deal(over), ("docx", "pdf", "txt"))
    texts = (pdf_text(built.files["pdf"], tmp_path), word_text(built.files["docx"]), built.files["txt"].decode())
    for text in texts:
        line = " ".join(text.split())
        assert "By Dana Reyes, Member" in line
        assert "By Sam Ortiz, Treasurer" in line
        assert "Lee Okafor, personally: guarantees what Bay Rank owes under this agreement, up to $25,000" in line


def test_who_cannot_sign_as_guarantor_or_third_is_refused() -> None:
    (problem,) = problems_of({"parties.2.guarantor": {"name": "Okafor Holdings LLC"}})
    assert "a guarantor here is a person who signs for themselves" in problem
    three = [{"name": f"Dana {last}", "title": "Member"} for last in ("Reyes", "Ortiz", "Hale")]
    (problem,) = problems_of({"parties.1.signatory": three})
    assert "parties.1.signatory: a list stands here" in problem


def test_a_topic_of_another_kind_is_named_with_what_is_nearest() -> None:
    answers = json.loads(text_of_deal({}))
    answers["quality"] = {"inspection": "5 days"}
    with pytest.raises(InputError) as refused:
        pipeline.read(json.dumps(answers).encode(), "deal.yaml", LIBRARY)
    (problem,) = refused.value.problems
    assert problem.message == '"quality" is not asked in a referral agreement, only in: supply'
    assert "promises" in problem.hint


# Questions that the questionnaire asks one after the other until a sample is complete: those of 2026-11-28, and the title
# of each person who signs for a company, without which a company may not be bound.
PROMPTS = {
    "alliance": 24, "channel": 20, "co-marketing": 28, "joint-venture": 39, "long-names": 44, "referral": 23, "supply": 24,
    "three-party-venture": 45,
}  # fmt: skip
# Answered before: each has a usual answer, and the sample another, on which it depends what is asked.
UNUSUAL = {"three-party-venture": ("buyout",)}


def value_at(answers: Any, path: tuple[str, ...]) -> Any:
    """Return what stands at a path of a deal file; entries of lists count from 1."""
    for key in path:
        answers = answers[int(key) - 1] if isinstance(answers, list) else answers.get(key)
    return answers


def next_path(notebook: Notebook, parties: int) -> tuple[str, ...] | None:
    """Return what is asked next. A third party is entered when the first two are complete."""
    pending = next(notebook.each_pending_question(), None)
    entered = len(notebook.answer_at(("parties",)) or ())
    if entered < parties and (pending is None or pending.path[0] != "parties"):
        return ("parties", str(entered + 1), "name")
    return pending.path if pending else None


@pytest.mark.parametrize("name", PROMPTS)
def test_who_answers_as_a_sample_does_is_asked_no_more_than_before(name: str, tmp_path: Path) -> None:
    answers = json.loads(_sample(name))
    notebook = Notebook.create(tmp_path / "deal.yaml", LIBRARY, answers["agreement"])
    for topic in UNUSUAL.get(name, ()):
        for key, value in answers[topic].items():
            assert notebook.save_answer((topic, key), value) is None
    asked: list[tuple[str, ...]] = []
    while path := next_path(notebook, len(answers["parties"])):
        assert path not in asked
        asked.append(path)
        assert notebook.save_answer(path, value_at(answers, path)) is None
        if path[0] == "parties" and path[2:] == ("name",):
            notebook.save_answer((*path[:2], "short"), value_at(answers, (*path[:2], "short")))
    assert len(asked) == PROMPTS[name]


# -- what is paid besides, by the hour, in part before, and by whom something is kept

NO_TAIL = {"exit": {"data returned": "30 days"}}
BY_THE_HOUR = {
    "model": "fixed fee",
    "payer": "Northshore",
    "amount": "$150",
    "each": "hour",
    "for": "advice on its sites",
}


@pytest.mark.parametrize(
    ("name", "over", "said"),
    [
        ("referral", {**NO_TAIL, "financial": {**BY_THE_HOUR, "most a month": "$3,000", "yearly change": "up 3%"}},
         ["Rate Northshore pays Bay Rank $150 an hour for advice on its sites; at most $3,000 a calendar month; "
          "changes on each anniversary of the Effective date: up 3%",
          "What is done at the Rate is invoiced after each calendar month, with a record of the days",
          "time beyond the most for a month only if agreed in writing before"]),
        ("alliance", {"financial": {**BY_THE_HOUR, "payer": "Clay School", "amount": "$900", "each": "day"}},
         ["$900 a day for advice on its sites", "A part of a day counts in proportion"]),
        ("alliance", {"alliance.hours a month": "none", "alliance.binding": "all"},
         ["Each will take part in the Joint activities."]),
        ("channel", {"promises.other payments": [
            {"from": "Paylark", "to": "Halvorsen", "amount": "3%", "counted": "year", "for": "orders above $500,000"}]},
         ["For each calendar year Paylark will also pay Halvorsen 3% of orders above $500,000, with a statement, "
          "within 30 days after its end."]),
        ("supply", {"promises.other payments": [
            {"from": "Klickitat Bend", "to": "Three Bridges", "amount": "3%", "for": "the first order"}]},
         ["Klickitat Bend will also pay Three Bridges 3% of the first order, with a statement, within 10 days after it is "
          "earned."]),
        ("referral", {"promises.other payments": [
            {"from": "Bay Rank", "to": "Northshore", "amount": "$2,000", "for": "the hundredth client"},
            {"from": "Bay Rank", "to": "Northshore", "amount": "$800", "counted": "month", "for": "visits"}]},
         ["Bay Rank will also pay Northshore $2,000 for the hundredth client, within 30 days of the invoice.",
          "Bay Rank will also pay Northshore $800 for each calendar month for visits, within 30 days of the invoice."]),
        ("channel", {"prices.other percentages": [{"for": "spare parts", "percentage": "10%"}],
                     "minimums.minimum.rise": "10%", "financial.with the order": "30%",
                     "financial.early payment": {"discount": "2%", "within": "10 days"}},
         ["less 25% (15% on renewals); less 10% for spare parts;", "replaces the usual one under Prices, not the others there",
          "10% more in each 12 months than in those before",
          "30% with the order, the rest due 30 days after the invoice; 2% off the rest if paid within 10 days",
          "What was paid with an order is repaid at once as far as it is not delivered."]),
        ("supply", {"financial.with the order": "all"}, ["Payment Due with the order; 1% a month if late"]),
        ("co-marketing", {"captured leads": None, "financial": {**BY_THE_HOUR, "payer": "Carver & Boyd", "each": "month",
                          "early payment": {"discount": "2%", "within": "10 days"}}},
         ["Due 30 days after the first day of each calendar month; 2% off if paid within 10 days of it"]),
        ("joint-venture", {"contributions.more": "$50,000", "contributions.late": "smaller share"},
         ["fall by the missing percentage of all it promised and owes of what was called up, in favor of the other"]),
        ("joint-venture", {"governance.manager": "jointly", "governance.pay": None},
         ["within the approved budget, which they draw up yearly, first within 30 days of the Effective date."]),
        ("alliance", {"alliance.hours a month": "none", "alliance.binding": "none"},
         ["not a contract; the row Joint activities, too, says only what is intended"]),
        ("supply", {"orders.least": "one pallet of 40 boxes", "liability.insurance": "product liability of $1,000,000",
                    "liability.insured by": "Klickitat Bend"},
         ["before delivery; no less than one pallet of 40 boxes at a time",
          "Insurance Product liability of $1,000,000, kept by Klickitat Bend", "Klickitat Bend will carry the Insurance"]),
        ("joint-venture", {"transfer.tag along": "yes", "transfer.drag along": "75%", "contributions.more": "$50,000"},
         ["the same terms for the same part of its share", "Holders of at least 75% by Ownership who sell all of theirs",
          "Up to $50,000 more in all may be called up as a Reserved matter, in proportion to Ownership",
          "within the approved budget, which it proposes yearly, first within 30 days of the Effective date. The other",
          "Otherwise, and without a budget, Votes, Reserved matters and Spending limit govern."]),
        ("referral", {**NO_TAIL, "financial": {"model": "fixed fee", "payer": "Northshore", "amount": "$4,000", "for": "a booking page",
                                    "parts": [{"part": "50%", "when": "2027-05-01"}, {"part": "50%", "when": "on delivery"}]}},
         ["50% (May 1, 2027); 50% (on delivery)"]),
    ],
)  # fmt: skip
def test_what_contracts_agree_on_besides_is_printed(name: str, over: Mapping[str, Any], said: list[str]) -> None:
    text = words_of(over, name)
    assert [one for one in said if one not in text] == []


def test_a_fee_for_each_lead_needs_no_sale() -> None:
    money = {
        "model": "referral fee",
        "fee": "$35",
        "trigger": "acceptance",
        "tracking": {"system": "list", "kept by": "payer"},
    }
    over = {**NO_TAIL, "financial": money}
    text = words_of(over)
    assert "Referral fee $35 per accepted lead" in text
    assert "For each accepted Qualified lead, whether it buys or not, and nothing else, the receiver will pay" in text
    assert "once, when the lead is accepted." in text
    assert "protected" not in text
    assert "refund" not in text
    with pytest.raises(InputError, match="a fee for each accepted lead"):
        read_book_terms(deal_of(over), None)
    assert "for periods in which a lead was accepted, and confirms" in words_of({**over, "position": "fallback"})
    (problem,) = problems_of({**over, "financial": {**money, "fee": "10%", "base": "gross invoiced"}})
    assert "only a fee in money for a lead can be earned when the lead is accepted" in problem


def test_hourly_and_monthly_are_understood_as_a_fixed_fee() -> None:
    money = {"model": "hourly rate", "payer": "Northshore", "amount": "$150", "for": "advice"}
    assert "$150 an hour for advice" in words_of({**NO_TAIL, "financial": money})
    money |= {"model": "monthly retainer"}
    assert "$150 each calendar month for advice" in words_of({**NO_TAIL, "financial": money})


def test_what_is_paid_besides_needs_money_that_flows() -> None:
    besides = {"promises.other payments": [{"from": "Bay Rank", "to": "Northshore", "amount": "$500", "for": "visits"}]}
    (problem,) = problems_of({**NO_TAIL, "financial": {"model": "none"}, **besides})
    assert '"model" says that no money flows: say the payment there, as in "model: fixed fee"' in problem
    (problem,) = problems_of({**NO_TAIL, "financial": {**BY_THE_HOUR, "model": "sponsorship"}})
    assert "a sponsor does not pay by the hour or the day" in problem
    early = {"early payment": {"discount": "2%", "within": "30 days"}}
    (problem,) = problems_of({**NO_TAIL, "financial": {**BY_THE_HOUR, **early}})
    assert "this is no earlier than the day on which all is due, 30 days" in problem


def test_among_three_parties_work_by_the_hour_names_who_works() -> None:
    hours = {"financial.model": "fixed fee", "financial.each": "hour"}
    assert make_example_deal(LIBRARY, "alliance", hours, 2) is not None
    assert make_example_deal(LIBRARY, "alliance", hours, 3) is None
    deal = make_example_deal(LIBRARY, "alliance", {**hours, "financial.payee": "Cedar"}, 3)
    assert deal is not None
    assert " pays Cedar $" in " ".join(text_of_document(draft(deal)).split())


def test_the_workbook_says_what_it_does_not_count() -> None:
    besides = [{"from": "Klickitat Bend", "to": "Three Bridges", "amount": "5%", "for": "orders"}]
    deal = deal_of({"promises.other payments": besides, "financial.with the order": "30%"}, "supply")
    assert {"what is paid besides is not in it", "what is paid with the order is shown as due with the rest"} <= set(
        list_what_is_left_out(deal, {})
    )
    venture = deal_of({"contributions.more": "$50,000"}, "joint-venture")
    assert [one for one in list_what_is_left_out(venture, {}) if one.startswith("what is called up later")]
    with pytest.raises(InputError, match="work paid by the hour"):
        read_book_terms(deal_of({**NO_TAIL, "financial": BY_THE_HOUR}), None)


def test_work_by_the_hour_and_what_is_paid_with_the_order_are_due_as_the_row_says() -> None:
    by_the_hour = list_key_dates(deal_of({**NO_TAIL, "financial": BY_THE_HOUR}))
    assert [one.reason for one in by_the_hour if one.id == "payment"] == ["30 days after each invoice"]
    ahead = list_key_dates(deal_of({"financial.with the order": "all"}, "supply"))
    assert [one.reason for one in ahead if one.id == "payment"] == ["with each order"]
