"""The labels of the public data set CUAD v1 (CC BY 4.0), held against the questions: docs/coverage.md has the table.

CUAD marks terms in public contracts. 216 of them are partnerships of the six kinds; `TOLD` says of each label how often
it occurs in them by kind, and how often a deal file could say it on 2026-11-28. `SAID_BY` names the questions that say it
now, `PRINTED` the words that a deal with these answers prints in each kind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from conftest import ROOT

from agreementgen import pipeline
from agreementgen.authoring.rule_proof import lay_answer_over
from agreementgen.core.document import text_of_document
from agreementgen.deal.reader import node_as_data
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.library.loading import built_in_library
from agreementgen.yamlfile.nodes import read_yaml

LIBRARY = built_in_library()
KINDS = ("referral", "co-marketing", "channel", "joint-venture", "supply", "alliance")
# In each kind: said on 2026-11-28 / how many there are. Names and dates of the contract itself are not counted.
TOLD = {
    "Governing Law": "8/9 44/48 50/51 9/9 15/17 52/52",
    "Expiration Date": "5/9 36/45 35/43 6/8 14/16 39/48",
    "Anti-Assignment": "5/5 43/43 39/39 8/8 15/15 48/48",
    "Cap On Liability": "7/7 38/38 38/38 1/1 13/13 30/30",
    "Audit Rights": "7/7 32/32 0/24 7/7 0/12 0/23",
    "License Grant": "0/5 5/33 2/34 0/2 0/5 1/23",
    "Exclusivity": "4/4 24/24 33/33 0/3 7/7 23/23",
    "Minimum Commitment": "0/3 0/19 30/30 4/4 12/12 0/16",
    "Post-Termination Services": "3/3 0/21 29/29 3/3 0/6 0/22",
    "Revenue/Profit Sharing": "4/4 32/32 0/21 4/4 0/1 0/21",
    "Renewal Term": "0/4 5/21 10/30 1/2 2/7 8/18",
    "Termination For Convenience": "3/5 6/12 15/26 0/1 2/7 15/27",
    "Insurance": "2/2 16/16 21/21 4/4 13/13 17/17",
    "Non-Compete": "4/4 22/22 16/16 4/4 1/1 16/16",
    "Non-Transferable License": "0/3 0/22 0/19 0/0 0/3 0/11",
    "Change Of Control": "0/1 0/24 0/10 2/2 0/5 0/11",
    "Uncapped Liability": "2/2 21/21 12/12 0/0 7/7 11/11",
    "Notice Period To Terminate Renewal": "2/3 9/12 11/17 0/1 3/6 10/12",
    "Covenant Not To Sue": "0/2 0/16 0/17 0/0 0/1 0/8",
    "Warranty Duration": "0/1 0/3 0/22 0/0 11/11 0/6",
    "IP Ownership Assignment": "0/1 0/15 0/4 3/3 0/3 0/15",
    "Competitive Restriction Exception": "0/2 0/18 0/6 0/1 0/2 0/11",
    "ROFR/ROFO/ROFN": "0/3 0/10 0/6 3/3 0/2 0/16",
    "Volume Restriction": "0/2 0/14 0/7 0/0 5/5 0/4",
    "No-Solicit Of Employees": "1/1 4/4 4/4 0/0 1/1 15/15",
    "Joint IP Ownership": "2/2 11/11 1/1 1/1 1/1 7/7",
    "Liquidated Damages": "0/1 0/6 0/4 0/0 0/2 0/7",
    "Irrevocable Or Perpetual License": "0/0 0/2 0/3 0/0 0/3 0/12",
    "Affiliate License-Licensee": "0/1 0/7 0/3 0/0 0/2 0/6",
    "Most Favored Nation": "0/0 0/4 0/4 0/1 0/1 0/8",
    "Non-Disparagement": "0/2 0/2 0/5 0/0 0/0 0/7",
    "No-Solicit Of Customers": "3/3 3/3 5/5 0/0 0/0 5/5",
    "Third Party Beneficiary": "0/0 0/1 0/3 0/1 0/0 0/6",
    "Affiliate License-Licensor": "0/0 0/2 0/1 0/0 0/0 0/5",
    "Price Restrictions": "0/0 0/1 0/2 0/0 1/1 0/0",
    "Unlimited/All-You-Can-Eat-License": "0/0 0/1 0/2 0/0 0/0 0/1",
    "Source Code Escrow": "0/0 0/0 0/2 0/0 0/0 0/1",
}
# Labels of which every kind of agreement says each occurrence now, by these questions.
SAID_BY = {
    "Expiration Date": "duration.term, duration.last day, duration.event",
    "Anti-Assignment": "general.assignment",
    "Cap On Liability": "liability.cap, liability.amount",
    "Audit Rights": "financial.audit",
    "Minimum Commitment": "promises.minimums",
    "Post-Termination Services": "exit.help",
    "Renewal Term": "duration.renewal, duration.renewal length, duration.most renewals",
    "Termination For Convenience": "termination.convenience, termination.only by",
    "Insurance": "liability.insurance",
    "Non-Compete": "restrictions.non-compete",
    "Change Of Control": "change of control",
    "Uncapped Liability": "liability.cap",
    "Notice Period To Terminate Renewal": "duration.non-renewal notice",
    "Covenant Not To Sue": "promises.no contest, promises.no suit",
    "Warranty Duration": "promises.warranty",
    "Competitive Restriction Exception": "exclusivity.exceptions, restrictions.non-compete.exceptions",
    "ROFR/ROFO/ROFN": "promises.first chance",
    "Volume Restriction": "promises.volume cap",
    "No-Solicit Of Employees": "restrictions.staff",
    "Liquidated Damages": "promises.agreed damages",
    "Most Favored Nation": "promises.best price",
    "Non-Disparagement": "promises.no disparagement",
    "No-Solicit Of Customers": "restrictions.customers",
    "Third Party Beneficiary": "promises.third parties",
    "License Grant": "licences.what, licences.for",
    "Non-Transferable License": "licences.transferable",
    "Irrevocable Or Perpetual License": "licences.term, licences.revocable",
    "Affiliate License-Licensee": "licences.affiliates",
    "Affiliate License-Licensor": "licences.affiliates of owner",
    "Unlimited/All-You-Can-Eat-License": "licences.unlimited",
    "Source Code Escrow": "licences.escrow",
    "IP Ownership Assignment": "assigned rights.what, assigned rights.when",
    "Revenue/Profit Sharing": "financial.revenue shares, ownership.profit",
}
# Labels of the contract itself, which every deal has.
ALWAYS = {
    "Document Name": "agreement",
    "Parties": "parties",
    "Agreement Date": "the signatures",
    "Effective Date": "effective",
}
# Of the rest, what says a part of them, or why nothing does.
PARTLY = {
    "Governing Law": "`law`; two laws for one contract are not possible",
    "Exclusivity": "`exclusivity`; a joint venture has `restrictions.non-compete`",
    "Joint IP Ownership": "`brand.joint work`, `joint ip`",
    "Price Restrictions": "`supply prices`, `prices.highest resale price`; a least resale price is not offered",
}
# The answers of one deal, laid over the sample of each kind; FIRST and SECOND are its parties.
_ANSWERS = """
duration: {pilot: "no", term: until a day, last day: "2029-06-30", renewal: automatic, renewal length: 12 months,
  non-renewal notice: 6 months, most renewals: unlimited}
termination.convenience: "yes"
termination.only by: SECOND
exit.help: {length: 90 days}
change of control: terminate
general.assignment: consent
liability: {cap: fixed, amount: "$40,000", insurance: "general liability of $1,000,000 a claim"}
restrictions:
  staff: {length: 9 months}
  customers: {length: 9 months}
  non-compete: {bound: SECOND, activity: dog grooming, area: Salem, length: 6 months, exceptions: [Gull Kennels]}
promises:
  minimums: [{party: SECOND, what: 20 introductions, period: quarter, missed: shortfall}]
  volume cap: 500 licenses a year
  best price: {party: FIRST, goods: spare parts}
  first chance: {party: FIRST, kind: first refusal, what: new shops in Salem, within: 20 days}
  warranty: {party: FIRST, what: its kiosks, length: 18 months}
  agreed damages: [{party: FIRST, breach: late delivery, amount: "$200", counted: day, most: "$2,000"}]
  no disparagement: "yes"
  no contest: each
  no suit: the fair of May 2026
  third parties: [the tenants of the hall]
licences:
  - {from: FIRST, to: SECOND, what: the booking software, for: its own halls, term: perpetual, revocable: "no", affiliates: "yes",
     affiliates of owner: "yes", unlimited: "yes", escrow: a deposit agent}
assigned rights: [{from: SECOND, to: FIRST, what: the signs made for the hall, when: payment}]
exclusivity: {kind: one-way, bound party: SECOND, scope: kiosks at fairs, territory: Salem, length: 6 months}
brand.joint work: jointly
"""
_SHARES = {
    "model": "revenue share",
    "shared revenue": "tickets of the fair",
    "revenue shares": {"FIRST": "30%", "SECOND": "70%"},
    "tracking": {"system": "till", "kept by": "FIRST"},
    "audit": {"notice": "21 days", "looking back": "30 months"},
}
_MORE: Mapping[str, Mapping[str, Any]] = {
    "referral": {"financial": _SHARES},
    "co-marketing": {"financial": _SHARES},
    "channel": {"financial": _SHARES},
    "alliance": {"financial": _SHARES},
    "supply": {
        "financial.audit": _SHARES["audit"],
        "supply prices": {"kind": "index", "index": "the producer price index", "band": "5%"},
    },
    "joint-venture": {
        "change of control": "consult", "general.assignment": None, "exclusivity": None, "brand.joint work": None,
        "joint ip": {"owner": "jointly"},
    },
}  # fmt: skip
# The words that such a deal prints for a label.
PRINTED = {
    "Expiration Date": "June 30, 2029",
    "Anti-Assignment": "and transfer need a writing",
    "Cap On Liability": "$40,000",
    "Audit Rights": "21 days’ notice",
    "Minimum Commitment": "owes at least 20 introductions each quarter",
    "Post-Termination Services": "For 90 days, at the helper’s usual rates",
    "Renewal Term": "for 12 months at a time, as often as no party stops it",
    "Termination For Convenience": "SECOND may end this agreement on notice",
    "Insurance": "eneral liability of $1,000,000 a claim",
    "Non-Compete": "SECOND: dog grooming",
    "Change Of Control": "comes to own more than half of its votes or business",
    "Uncapped Liability": "gross negligence",
    "Notice Period To Terminate Renewal": "gives 6 months’ notice before a period ends",
    "Covenant Not To Sue": "will contest",
    "Warranty Duration": "For 18 months after delivery FIRST will repair",
    "Competitive Restriction Exception": "except Gull Kennels",
    "ROFR/ROFO/ROFN": "must be told its terms. It may accept the same terms within 20 days",
    "Volume Restriction": "more than 500 licenses a year",
    "No-Solicit Of Employees": "9 months after the end",
    "Liquidated Damages": "owes $200 for each day, at most $2,000 in all",
    "Most Favored Nation": "FIRST will charge no more for spare parts than it charges any comparable customer",
    "Non-Disparagement": "will speak ill of",
    "No-Solicit Of Customers": "9 months after the end",
    "Third Party Beneficiary": "The tenants of the hall may enforce",
    "License Grant": "FIRST to SECOND: the booking software, for its own halls, worldwide",
    "Non-Transferable License": "non-exclusive, not transferable, no sublicenses",
    "Irrevocable Or Perpetual License": "without end; non-exclusive, not transferable, no sublicenses, irrevocable",
    "Affiliate License-Licensee": "affiliates of the user included",
    "Affiliate License-Licensor": "what affiliates of the owner own included",
    "Unlimited/All-You-Can-Eat-License": "copies and users without limit",
    "Source Code Escrow": "source code with a deposit agent",
    "IP Ownership Assignment": "SECOND to FIRST: the signs made for the hall, on payment in full",
    "Revenue/Profit Sharing": "FIRST 30%, SECOND 70%",
    "Governing Law": "Law and courts Law of ",
    "Exclusivity": "Exclusivity SECOND: kiosks at fairs; Salem",
    "Joint IP Ownership": "belongs to the parties jointly, each free to use it",
    "Price Restrictions": "Price changes",
}
# What a joint venture prints for what it says in its own way.
PRINTED_BY_VENTURES = {
    "Audit Rights": "records open on 5 days’ notice",
    "Anti-Assignment": "No party may transfer or pledge its share",
    "Change Of Control": "change of control",
    "Revenue/Profit Sharing": "Profit shares FIRST",
    "Joint IP Ownership": "Joint work Belongs to the parties by Ownership",
}


def count(label: str, kind: str) -> tuple[int, int]:
    """Return how many terms of a label a question said before, and how many there are, in one kind."""
    said, total = TOLD[label].split()[KINDS.index(kind)].split("/")
    return int(said), int(total)


def is_said(label: str, kind: str) -> bool:
    """Return whether every term of the label is said now by a question of the kind.

    Joint ventures say four of them in their own way: by books, transfer, buyout and shares of profit.
    """
    of_ventures = ("Audit Rights", "Anti-Assignment", "Change Of Control", "Revenue/Profit Sharing")
    if kind == "joint-venture" and label in of_ventures:
        return False
    return label in SAID_BY and not (kind == "supply" and label == "Revenue/Profit Sharing")


@cache
def deal_of_kind(kind: str) -> tuple[str, str, str]:
    """Return the words of the agreement of one kind with all these answers, and the short names of two parties."""
    text = (ROOT / "samples" / f"{kind}.yaml").read_text(encoding="utf-8")
    answers = node_as_data(read_yaml(text, kind).root)
    first, second = _names(answers)
    over = node_as_data(read_yaml(_ANSWERS, "answers").root) | _MORE[kind]
    told = json.loads(json.dumps(over).replace("FIRST", first).replace("SECOND", second))
    answers.pop("position", None)
    answers.pop("raci", None)
    for path, value in told.items():
        if value is not None:
            lay_answer_over(answers, path, value)
    deal = pipeline.read(json.dumps(answers).encode(), f"{kind}.yaml", LIBRARY)
    outline = LIBRARY.outline_of_kind(kind)
    document = draft_agreement(deal, LIBRARY, outline, select_clauses(deal, LIBRARY, outline))
    return " ".join(text_of_document(document).split()), first, second


def _names(answers: Mapping[str, Any]) -> tuple[str, str]:
    first, second, *_ = (party.get("short") or party["name"] for party in answers["parties"])
    return first, second


def labels_table() -> str:
    """Return the part of docs/coverage.md that holds the labels against the questions."""
    lines = [
        "## Labels of public contracts", "",
        "CUAD v1 (CC BY 4.0) labels terms of public contracts; 216 of them are partnerships of these kinds, with 2,130",
        "labelled terms. For each kind: the terms that a question says, of how many there are. A test prints what is said with a",
        "deal of the kind; single contracts go further in detail, which is then a special term.", "",
        f"| label | {' | '.join(KINDS)} | said by |", "| --- |" + " --- |" * (len(KINDS) + 1),
    ]  # fmt: skip
    for label, path in ALWAYS.items():
        lines.append(f"| {label} |{' always |' * len(KINDS)} {path if ' ' in path else f'`{path}`'} |")
    said_in_all = total_in_all = 0
    for label in TOLD:
        cells = []
        for kind in KINDS:
            said, total = count(label, kind)
            said = total if is_said(label, kind) else said
            said_in_all, total_in_all = said_in_all + said, total_in_all + total
            cells.append(f"{said} of {total}" if total else "-")
        names = ", ".join(f"`{path}`" for path in SAID_BY.get(label, "").split(", ") if path)
        lines.append(f"| {label} | {' | '.join(cells)} | {names or PARTLY[label]} |")
    share = round(100 * said_in_all / total_in_all)
    lines += ["", f"Together {said_in_all:,} of {total_in_all:,} terms are said by a question: {share} %.", ""]
    return "\n".join(lines)
