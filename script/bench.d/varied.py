"""The reference deal, another one each time: the same rows and clauses, other parties, dates, amounts and lengths."""

from __future__ import annotations

import random
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "samples" / "referral.yaml"

_FIRST = (
    "Northshore",
    "Hillcrest",
    "Redwood",
    "Lakeview",
    "Stonebridge",
    "Juniper",
    "Westgate",
    "Clearwater",
    "Fairmont",
)
_TRADE = ("Web Studio", "Design", "Print & Web", "Creative Works", "Media", "Online Services", "Software Partners")
_STREETS = ("Main", "Weybosset", "Old Post Office", "Elm", "Second", "Harbor View")
_NOT_INCLUDED = ("joint proposals", "resale", "white-label work", "paid advertising", "hosting", "translation")


def deal(number: int) -> str:
    """Return the text of deal file `number`: one page, without a chart, always the same for a number."""
    draw = random.Random(number)
    text = REFERENCE.read_text(encoding="utf-8")
    text = text[: text.index("\nraci:")]
    name = f"{draw.choice(_FIRST)} {number}"
    changes = {
        "Northshore Web Studio LLC": f"{name} {draw.choice(_TRADE)} LLC",
        "short: Northshore": f"short: {name}",
        "  Northshore:": f"  {name}:",
        "2026-12-01": f"2027-{draw.randint(1, 9):02d}-{draw.randint(1, 28):02d}",
        "fee: 10%": f"fee: {draw.randint(3, 30)}%",
        "$5,000": f"${draw.randint(1, 90)},{draw.randint(0, 999):03d}",
        "220 Weybosset Street": f"{draw.randint(1, 999)} {draw.choice(_STREETS)} Street",
        "[joint proposals, resale, white-label work]": f"[{', '.join(draw.sample(_NOT_INCLUDED, 3))}]",
        "window: 12 months": f"window: {draw.randint(6, 24)} months",
    }
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def deal_with_chart(number: int) -> str:
    """Return a deal with a chart of its own of 18 roles and 12 tasks."""
    parties = re.findall(r"(?m)^    short: (.+)$", deal(number))
    roles = [f"Coordinator {at} of deal {number}" for at in range(18)]
    lines = [f"    {role}: {parties[at % len(parties)]}" for at, role in enumerate(roles)]
    tasks = []
    for at in range(12):
        letters = {role: "I" if (at + place) % 3 else "C" for place, role in enumerate(roles)}
        letters[roles[at]] = "A/R"
        told = ", ".join(f"{role}: {letter}" for role, letter in letters.items())
        tasks.append(f"    Report number {at} of deal {number}: {{{told}}}")
    return "\n".join([deal(number), "raci:", "  roles:", *lines, "  tasks:", *tasks, ""])


def longer_or_shorter(number: int) -> str:
    """Return a deal that also differs in length, for counting how often a document is laid out."""
    draw = random.Random(-number)
    text = deal(number)
    for _ in range(draw.choice((0, 0, 1, 1, 2, 3, 6))):
        text = text.replace(
            "    - Reports outcomes monthly\n",
            "    - Reports outcomes monthly\n"
            f"    - Keeps list {draw.randint(1, 9**9)} of leads current and shares it with the other on request\n",
        )
    if draw.random() < 0.4:
        text = text[: text.index("\ngoals:")]
    if draw.random() < 0.3:
        text += "\nwording: short\n"
    if draw.random() < 0.3:
        text = text.replace("agreement: referral\n", "agreement: referral\npaper: a4\n")
    return text
