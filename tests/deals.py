"""Deals for tests: the reference deal with lines changed, so that each test shows only what it is about."""

from __future__ import annotations

from pathlib import Path

REFERENCE = (Path(__file__).resolve().parent.parent / "samples" / "referral.yaml").read_text(encoding="utf-8")


def reference(*changes: tuple[str, str], more: str = "") -> str:
    """Return the reference deal with each `old` replaced by `new` (each must be there) and `more` lines added."""
    text = REFERENCE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return f"{text}\n{more}"


# Together these two use every topic; all at once would not fit one page.
RICH = reference(
    ("  excluded: [joint", "  included: [audits, landing pages]\n  customers: small businesses\n  excluded: [joint"),
    ("goals:\n", "goals:\n  - {name: Reviews, target: 4 of 5, baseline: 3 of 5, source: survey, owner: Bay Rank}\n"),
    ("kept by: payer", "kept by: Northshore"),
    ("  tail: 90 days", "  tail: 90 days\n  handover: [the list of open leads, drafts, passwords of shared accounts]"),
    ("contact: Dana Reyes", "contact: Dana Reyes, 978 555 0140, and in her absence Sam Ortiz"),
    ("\nleads:", "\nresources:\n  Northshore: [a landing page]\n  Bay Rank: [a training day]\n\nleads:"),
    ("agreement: referral", "agreement: referral\ndrafted by: Northshore"),
    more="""
exclusivity: {kind: one-way, bound party: Bay Rank, scope: web design, territory: Essex County, length: 6 months}
brand: {marks: [the Northshore word mark], uses: [websites], guidelines: northshore.example/brand}
special terms: [Each party keeps the clients it meets at the spring fair of its own trade to itself]
liability: {insurance: "general liability of $1,000,000 a claim"}
""",
)
GUARDED = reference(
    more="""
data: {shared: yes, categories: names and statistics, purpose: to prepare offers, email sender: Northshore}
crisis: {plan: {spokesperson: Dana Reyes}}
succession: {plan: {key people: {Northshore: Dana Reyes, Bay Rank: Lee Okafor}}}
liability: {insurance: "general liability of $1,000,000"}
disputes: {finally: arbitration, seat: Boston, rules: the commercial rules of the provider}
"""
)
