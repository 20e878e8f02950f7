"""Agreements in the shapes that people publish on one page, said whole without special terms.

What the parties of each agreed on stands at the head of its deal file, in tests/one_page, and was written before it. Here
stand the words that the agreement prints for it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT, pdf_text

from agreementgen import pipeline
from agreementgen.draft.chart_proposal import propose_matrix
from agreementgen.library.loading import built_in_library

LIBRARY = built_in_library()
FOLDER = ROOT / "tests" / "one_page"
# What each prints for what was agreed, in the order of its head. Only the venture has a page for its clauses.
AGREED = {
    "market-stall": (
        "Sell candles at stall 14 (10 by 10 feet) of the Saturday market",
        "Saturday market (weekly market), run by Wharf Market, May 1, 2027 to October 30, 2027",
        "Wharf Market 8%, Tallow & Wick 92% of net collected revenue from sales at the stall",
        "Guarantee Tallow & Wick pays Wharf Market at least $35 for each event",
        "Statement and payment on the last day of each event",
        "Sets up by 7:30 a.m. and stays open until 1 p.m.",
        "For staying away without two days’ notice Tallow & Wick owes $25 for each case",
        "Tallow & Wick will leave a deposit of $100 with Wharf Market on signing",
        "returns the rest within 14 days after the end",
        "Not included Goods that Tallow & Wick does not make; subletting the stall",
        "Provides the tent, power and a place to park one van. Advertises the market each week.",
        "Wharf Market: stalls that sell candles; the Saturday market",
        "Wharf Market will grant it to nobody but the other party",
        "14 days’ notice; 15 days to cure",
        "General liability of $1,000,000 a claim",
    ),
    "designer-and-host": (
        "Cirrus Rack pays 20% of net collected revenue per client; Fennick pays $150 per client; percentages for 12 months",
        "A fee in money is earned once, when the client first pays.",
        "Due 7 days after each payment of a client, with a statement of it; less than $25 is carried over",
        "Tells each client it introduces about the fee.",
        "Offers Cirrus Rack first for each new site, unless the client wants another host.",
        "Answers tickets of Fennick within 4 hours on business days",
        "Fennick to Cirrus Rack: the Fennick site templates, for demonstrations to prospects",
        "until a party ends it; no fixed end",
        "Ending 30 days’ notice",
        "for the whole period from the first, even after the end",
    ),
    "insurance-and-accountant": (
        "Referral fee None; referrals are free",
        "Not included Payment for clients; advice outside the license of a party",
        "Two tax evenings a year, budget $1,200 (Delphine Marsh 50%, Oakes Tally 50%)",
        "Answers a client who was sent to it within 2 business days. Tells the other what came of it, if the client agrees.",
        "Mutual; until 5 years after the end",
        "renewed automatically for 12 months at a time, as often as no party stops it",
        "unless a party gives 60 days’ notice before a period ends",
        "Staff met in the project, until 12 months after the end",
    ),
    "gym-and-physiotherapist": (
        "in its treatment room, Tuesdays and Thursdays from 3 to 7 p.m.",
        "Ravi Anand pays Ironbark $320 each calendar month for use of the treatment room at the agreed hours",
        "Due on the first day of each calendar month",
        "for a time in which what it names is not given, it is owed in proportion",
        "Payment for patients; personal training by Ravi Anand",
        "Gives members 10% off their first visit. Holds one free talk on injuries each quarter.",
        "Keeps health records to himself, as the law requires.",
        "First 2 months; goes on if each party confirms",
        "60 days’ notice (7 days’ in the Pilot)",
        "Ironbark will grant it to nobody but the other party, and will not use it itself.",
        "condition: no payment is late by more than 14 days",
        "if somebody else comes to own more than half of its votes or business",
    ),
    "farm-shop": (
        "Eggs (large, brown, free range): $3.25 per dozen; at least 40 dozen a week; orders bind up to 80 dozen a week",
        "Salad greens (mixed, washed, cut the day before): $0.4375 per oz; at least 240 oz a week; about 320 oz a week",
        "By text message, at least 2 days before delivery",
        "Delivered to the back door of the shop at Ostrander Farm’s cost; Tuesdays and Fridays before 8 a.m.",
        "12 hours from arrival; defects reported within 12 hours of being found",
        "Ostrander Farm will credit their price",
        "Due 14 days after the invoice",
        "Names the farm on the shelf.",
        "Ostrander Farm will charge no more for eggs than it charges any comparable customer",
        "Until the end of October 31, 2027",
        "Ostrander Farm will first offer berries of the season of 2028 to the other party",
    ),
    "event-sponsor": (
        "Prairie Fields pays River Runners $7,500 for the name on the start arch, the logo on 600 shirts, a booth of 10 by 20 "
        "feet and ten free places: 50% (on signing); 50% (on August 20, 2027)",
        "River Runners will grant it to nobody but the other party",
        "sponsorship by banks and credit unions; the run",
        "each answers within 3 days",
        "If it is called off, if something stated is not given, or if this agreement ends before, what was paid for that is "
        "repaid within 20 days, unless Prairie Fields accepts something else in its place or caused this by breach.",
        "will first offer the sponsorship of the run of 2028 to the other party, which may accept within 30 days",
        "The shirts are ordered by August 15, 2027 (River Runners)",
        "Neither party will speak ill of the other",
        "Data of runners; a say in course, date or prices of the run",
    ),
    "finders-fee": (
        "5% from $0, 3% from $250,000, each step for its own part, of net collected revenue per client",
        "at least $1,000 per client",
        "Due 10 days after each payment of a client",
        "Talks about prices; signing for Press Exchange; spare parts",
        "no client of the receiver for 12 months; protected for 12 months from acceptance",
        "6 months from the Effective date",
        "Leads stay protected for at most 12 months",
        "Tells Yolanda Pruitt of each offer to a buyer she introduced within 5 days.",
        "Bears her own costs.",
        "tells the client a fee may be paid",
        "Exclusivity None",
    ),
    "software-reseller": (
        "less 30% (20% on renewals)",
        "Due 45 days after the invoice",
        "Territory Arizona and Nevada",
        "10 new customers in each 12 months, counted from 6 months after the Effective date",
        "Larkspur may, within 60 days after the year, give 60 days’ notice to end this agreement",
        "By the form on the partner site; accepted if not refused within 5 days; protected for 120 days",
        "takes over what Mesa Verde cannot solve, answering within 8 hours",
        "Larkspur to Mesa Verde: Larkspur Clinic for demonstrations, for showing it to clinics, Arizona and Nevada, while this "
        "agreement runs",
        "affiliates of the user included",
        "For 90 days after delivery Larkspur will repair, replace or redo free of charge any of the software that is not as agreed",
        "Once a year, on 15 days’ notice, the other may have an independent accountant check them",
        "renewed automatically for 12 months at a time, as often as no party stops it",
        "For 12 months after the end, Larkspur serves customers won or registered before it",
    ),
    "pottery-co-op": (
        "Gas, repair and inspection in a year, budget $4,800 (Clay Barn 60%, Slipway 40%)",
        "Balance due 15 days after receipts are sent",
        "6 hours a month from each party",
        "Firing on Mondays and Wednesdays (Clay Barn) and on Fridays (Slipway)",
        "Cleans kiln and room after each firing. Repairs or pays for what it breaks.",
        "General liability of $500,000 a claim",
        "This whole agreement binds the parties.",
        "Before Clay Barn accepts anybody else’s offer for the gas kiln while this agreement runs, the other party must be told its terms",
        "no fixed end",
        "90 days’ notice",
        "Help after the end For 60 days, at cost",
        "Handover Ware and molds of the other potter",
    ),
    "festival": (
        "High Mesa 20%, Red Chile 80% of net collected revenue from food sold at the food court",
        "Red Chile pays High Mesa at least $3,000 for the whole term",
        "Statement and payment on the last day of each event",
        "High Mesa: sale of food; the festival grounds; up to 5 months from the Effective date; except cakes that members of "
        "the festival sell",
        "High Mesa will grant it to nobody but the other party, and will not use it itself.",
        "Holds the food license and keeps it at the till.",
        "General liability of $2,000,000 a claim",
        "Provides power, water and 400 square feet of ground. Puts up and pays for the fence.",
        "For opening late Red Chile owes $150 for each hour, at most $900 in all",
        "The plan of the grounds is sent by May 15, 2027 (High Mesa); the health permit is shown by June 30, 2027 (Red Chile)",
    ),
    "school-and-museum": (
        "This is an understanding, not a contract",
        "Only sections 7 and 12 and this sentence bind: each party bears its own costs",
        "Until the end of June 15, 2028; no renewal",
        "Receives six classes free of charge. Lends two teaching kits for four weeks each.",
        "Brings one adult for every ten children and pays for the bus. Gets the consent of parents before photos are taken.",
        "Teachers are trained at the museum by August 24, 2027 (Shoreline Museum); the dates of the visits are set by "
        "September 10, 2027; the report is ready by June 1, 2028 (Quill Hill)",
        "By Martha Ellery, Head of School",
        "By Dev Patel, Treasurer",
    ),
    "builder-and-architect": (
        "by contract alone, without a new entity",
        "Stone Creek | Cash | Paid into the Venture’s account | $180,000 | May 1, 2027",
        "Cole | Labor | Drawings and permit papers | $45,000 | July 15, 2027",
        "first to return contributions in proportion to what is not yet returned, then for the Preferred return, then by the "
        "Steps of payment, then by Profit shares",
        "8% a year on contributions made",
        "Until $60,000 of profit was paid out in this step: Stone Creek 70%, Cole 30%",
        "Profit shares Stone Creek 55%, Cole 45%",
        "Manager Stone Creek",
        "$5,000 outside the budget",
        "Until the End event, planned within 20 months",
        "Belongs to Cole; the other may use it free in its own business too, also after the end",
        "Each party: building or designing houses for sale; within one mile of the lots; until 6 months after the end",
        "named by the Tennessee Society of Certified Public Accountants",
        "30 days to cure after notice",
        "statement within 20 days after each calendar quarter",
    ),
}  # fmt: skip


@cache
def built(name: str) -> pipeline.BuiltAgreement:
    path = FOLDER / f"{name}.yaml"
    return pipeline.build(pipeline.read(path.read_bytes(), str(path), LIBRARY), LIBRARY, ("txt",))


def text_of(name: str) -> str:
    return " ".join(built(name).files["txt"].decode().split())


def test_each_shape_is_there() -> None:
    assert sorted(AGREED) == sorted(path.stem for path in FOLDER.glob("*.yaml"))
    assert len(AGREED) == 12


@pytest.mark.parametrize("name", AGREED)
def test_all_that_was_agreed_is_said_on_its_page(name: str) -> None:
    text = text_of(name)
    assert [words for words in AGREED[name] if words not in text] == []
    pages = built(name).fitted.pages
    assert pages == (2 if name == "builder-and-architect" else 1)


@pytest.mark.parametrize("name", AGREED)
def test_no_special_term_is_needed(name: str) -> None:
    assert not built(name).deal.facts.get("special_terms")
    assert "special terms" not in (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").casefold()


def test_a_stall_is_read_back_from_its_page(tmp_path: Path) -> None:
    deal = built("market-stall").deal
    text = " ".join(pdf_text(pipeline.build(deal, LIBRARY, ("pdf",)).files["pdf"], tmp_path).split())
    assert "Tallow & Wick pays Wharf Market at least $35 for each event" in text
    assert "a deposit of $100 with Wharf Market on signing" in text
    assert text.count("Page 1 of 1") == 1


@pytest.mark.parametrize(
    ("name", "tasks"),
    [
        (
            "designer-and-host",
            ("Pay Fennick within 7 days after each payment of a client, with a statement of Cirrus Rack",),
        ),
        ("finders-fee", ("Pay Yolanda Pruitt within 10 days after each payment of a client, with a statement",)),
        ("festival", ("Pay each its share on the day of each event, with a statement",)),
        ("gym-and-physiotherapist", ("Pay $320 on the first day of each calendar month",)),
        (
            "event-sponsor",
            ("Invoice each part when what is stated for it has happened", "Pay each invoice within 20 days"),
        ),
    ],
)
def test_a_proposed_chart_says_who_pays_when(name: str, tasks: tuple[str, ...]) -> None:
    deal = built(name).deal
    chart = propose_matrix(deal, LIBRARY, LIBRARY.outline_of_deal(deal))
    assert [task for task in tasks if task not in chart] == []
