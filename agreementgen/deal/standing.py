"""What has become of a deal: drafted, sent, countered, signed, amended, ended, each with its day.

The user keeps it in the deal file. It prints nothing by itself, and is not carried by documents.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from agreementgen.deal.answers import AnswerReader
from agreementgen.deal.questions import FactsView

DRAFT, SIGNED, AMENDED, ENDED = "draft", "signed", "amended", "ended"


@dataclass(frozen=True)
class Step:
    """One step; `number` counts drafts and amendments, and is 0 for the others."""

    name: str
    day: date
    number: int = 0


def check_order_of_steps(reader: AnswerReader) -> None:
    """Report each step that cannot be where it stands: before one of an earlier day, or of what comes first.

    A step whose name or day cannot be read is reported as such, and not judged here.
    """
    placed = {question.path: question for question in reader.placed_questions}

    def report(path: str, message: str, hint: str) -> None:
        if question := placed.get(path):
            place = question.answer_node.place if question.answer_node else question.place
            reader.report("contradiction", message, hint, path, place)

    entries = [(str(entry.get("step") or ""), entry.get("date")) for entry in reader.facts.get("status") or ()]
    all_known = all(name for name, _ in entries)
    effective = reader.facts.get("effective")
    before: tuple[str, date] | None = None
    seen: set[str] = set()
    for number, (name, day) in enumerate(entries, 1):
        if not name:
            continue
        if message := _find_what_comes_first(name, seen, all_known):
            report(f"status.{number}.step", message, "put the steps in the order in which they happened")
        seen.add(name)
        if not isinstance(day, date):
            continue
        if before and day < before[1]:
            message = f'"{name}" on {day} stands behind "{before[0]}" on {before[1]}'
            hint = "correct the day, or put the steps in the order in which they happened"
            report(f"status.{number}.date", message, hint)
        elif name == ENDED and isinstance(effective, date) and day < effective:
            message = f"the agreement ended on {day}, and takes effect only on {effective}"
            report(f"status.{number}.date", message, "correct one of the two days")
        before = (name, max(day, before[1]) if before else day)


def _find_what_comes_first(name: str, seen: Collection[str], all_known: bool) -> str:
    """Return why the step `name` cannot follow those `seen`, "" where it can; `all_known`: whether all can be read."""
    if ENDED in seen:
        return f'"{name}" stands behind "{ENDED}": nothing comes after the end'
    if name in (AMENDED, ENDED) and SIGNED not in seen and all_known:
        return f'"{name}" without "{SIGNED}" before it: only what was signed can be {name}'
    if name in (DRAFT, "sent", "countered") and SIGNED in seen:
        return f'"{name}" stands behind "{SIGNED}"; a change of what was signed is "{AMENDED}"'
    return ""


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
