"""What has become of a deal: drafted, sent, countered, signed, amended, ended, each with its day.

The user keeps it in the deal file. It prints nothing by itself, and is not carried by documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agreementgen.deal.questions import FactsView

DRAFT, SIGNED, AMENDED, ENDED = "draft", "signed", "amended", "ended"


@dataclass(frozen=True)
class Step:
    """One step; `number` counts drafts and amendments, and is 0 for the others."""

    name: str
    day: date
    number: int = 0


def list_steps(facts: FactsView) -> tuple[Step, ...]:
    """Return the steps of a deal in the order of the file, drafts and amendments numbered."""
    steps: list[Step] = []
    for entry in facts.get("status") or ():
        name = str(entry["step"])
        counted = name in (DRAFT, AMENDED)
        before = max((step.number for step in steps if step.name == name), default=0)
        number = int(entry["number"]) if entry.get("number") else before + 1
        steps.append(Step(name, entry["date"], number if counted else 0))
    return tuple(steps)


def find_last_step(facts: FactsView, name: str = "") -> Step | None:
    """Return the last step of a deal, or the last of that name; None where there is none."""
    return next((step for step in reversed(list_steps(facts)) if name in ("", step.name)), None)


def describe_step(step: Step) -> str:
    """Return "draft 2, 2027-01-04" or "signed 2027-01-20"."""
    return f"{step.name} {step.number}, {step.day}" if step.number else f"{step.name} {step.day}"


def find_day(facts: FactsView, name: str) -> date | None:
    """Return the day of the last step of a name; None where there is none."""
    step = find_last_step(facts, name)
    return step.day if step else None
