"""What a reader should know of a matrix that can be printed: uneven work, gaps, duties and tasks without each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agreementgen.deal.characters import shown
from agreementgen.deal.deal import Deal
from agreementgen.deal.matrix import Matrix, Role, duties_of
from agreementgen.errors import Place
from agreementgen.findings import Finding, Severity
from agreementgen.language.rendering import holds
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline
from agreementgen.library.tasks import TypicalTask

# The limits of the rules. Fewer tasks than MANY say nothing about a balance, and of two roles one always has more.
MOST_R, MOST_R_TASKS, MANY, LONG_CHART, WIDE, TWO = 3, 8, 6, 25, 4, 2
# How a task begins that is a thing instead of a deed: articles and the endings of nouns.
_NOT_A_VERB = re.compile(
    r"(?:the|a|an|all|each|every|any|our|their|monthly|weekly|quarterly|annual|\w{3,}(?:tion|sion|ment|ness|ity|ance|ence|"
    r"ship|ing|ings))$",
    re.IGNORECASE,
)
_VERBS = {"bring", "mention", "position", "finance", "implement", "document", "balance", "ring", "commission"}


def typical_tasks(deal: Deal, library: Library, outline: Outline) -> tuple[TypicalTask, ...]:
    """Return the tasks that an agreement such as this one needs."""
    return tuple(
        task
        for topic in outline.topics
        for task in library.topics[topic].tasks
        if holds(task.when.source, deal.facts, place=task.when.place)
    )


def findings(deal: Deal, matrix: Matrix, library: Library, outline: Outline) -> tuple[Finding, ...]:
    """Return warnings, then notes, each in the order of the chart."""
    found = [*_tasks(matrix), *_review_roles(matrix), *_parties(deal, matrix), *_review_duties(deal, matrix)]
    names = [task.name for task in matrix.tasks]
    for typical in typical_tasks(deal, library, outline):
        if not typical.done_by(names):
            message = f"no task is about {typical.subject}"
            found.append(_finding("M17", "W", message, f'add one such as "{typical.task}"', "tasks", matrix.place))
    found += _notes(matrix)
    return tuple(sorted(found, key=lambda finding: finding.severity == "N"))


def _finding(rule: str, severity: Severity, message: str, hint: str, field: str, place: Place) -> Finding:
    return Finding(rule, severity, message, hint, f"raci.{field}" if field else "raci", place)


def _tasks(matrix: Matrix) -> Iterator[Finding]:
    for task in matrix.tasks:
        name = shown(task.name)
        do, asked = task.holders("R"), task.holders("C")
        if len(do) > MOST_R:
            message = f'{len(do)} roles do "{name}" (R): where many do it, nobody does'
            yield _finding("M10", "W", message, "split the task, or make some C or I", f"tasks.{name}", task.place)
        if len(matrix.roles) >= WIDE and len(asked) * 2 > len(matrix.roles):
            message = f'{len(asked)} of {len(matrix.roles)} roles are consulted on "{name}" (C)'
            hint = "consult those whose answer can change it, and inform the others (I)"
            yield _finding("M11", "W", message, hint, f"tasks.{name}", task.place)


def _review_roles(matrix: Matrix) -> Iterator[Finding]:
    count = len(matrix.tasks)
    weighed = count >= MANY and len(matrix.roles) > TWO
    for role in matrix.roles:
        name = shown(role.name)
        held = [task for task in matrix.tasks if role.name in task.letters]
        do = sum(role.name in task.holders("R") for task in matrix.tasks)
        approve = sum(role.name in task.holders("A") for task in matrix.tasks)
        if not held:
            message = f'the role "{name}" has no letter in any task'
            yield _finding("M12", "W", message, "give it a task, or leave it out", f"roles.{name}", role.place)
        if do > MOST_R_TASKS or (weighed and do * 2 > count):
            message = f'"{name}" does {do} of {count} tasks (R)'
            yield _finding("M13", "W", message, "give some of them to other roles", f"roles.{name}", role.place)
        if weighed and approve * 2 > count:
            message = f'"{name}" approves {approve} of {count} tasks (A)'
            hint = "let those approve who answer for the part, so that work does not wait for one person"
            yield _finding("M14", "W", message, hint, f"roles.{name}", role.place)


def _parties(deal: Deal, matrix: Matrix) -> Iterator[Finding]:
    count = len(matrix.tasks)
    for party in (str(party["short"]) for party in deal.parties):
        roles = [role for role in matrix.roles if role.party == party]
        held = sum(any(_approves(role, matrix, n) for role in roles) for n in range(count))
        if not held:
            message = f'"{party}" approves nothing (no A)'
            hint = "a party without an A has no say: give it the A for what it answers for"
            place = roles[0].place if roles else matrix.place
            yield _finding("M15", "W", message, hint, "roles", place)
        elif held * 4 > count * 3 and len(deal.parties) > 1 and count >= WIDE:
            message = f'"{party}" approves {held} of {count} tasks (A), more than three quarters'
            yield _finding("M15", "W", message, "share the approvals", "roles", roles[0].place)


def _approves(role: Role, matrix: Matrix, index: int) -> bool:
    return role.name in matrix.tasks[index].holders("A")


def _review_duties(deal: Deal, matrix: Matrix) -> Iterator[Finding]:
    done = {duty for task in matrix.tasks for duty in task.duties}
    place = next((answer.place for answer in deal.answers if answer.path == "responsibilities"), matrix.place)
    for duty in duties_of(deal.facts):
        if duty not in done:
            message = f'no task carries out the responsibility of {duty.party} "{shown(duty.text, 60)}"'
            hint = f'add to its task: "carries out: {shown(duty.text, 60)}" (or, in a table, the column Responsibility)'
            yield Finding("M16", "W", message, hint, f"responsibilities.{duty.party}", place)


def _notes(matrix: Matrix) -> Iterator[Finding]:
    if len(matrix.tasks) > LONG_CHART:
        message = f"the chart has {len(matrix.tasks)} tasks; more than {LONG_CHART} are seldom kept up to date"
        yield _finding("M20", "N", message, "join small tasks", "tasks", matrix.place)
    seen: set[str] = set()
    for task in matrix.tasks:
        name = shown(task.name)
        if task.name.casefold() in seen:
            message = f'the task "{name}" stands twice'
            yield _finding("M21", "N", message, "keep one, or say how they differ", f"tasks.{name}", task.place)
        seen.add(task.name.casefold())
        first = task.name.split()[0]
        if _NOT_A_VERB.match(first) and first.casefold() not in _VERBS:
            message = f'"{name}" does not begin with a verb'
            hint = 'say what is done, as in "Send the report"'
            yield _finding("M22", "N", message, hint, f"tasks.{name}", task.place)
    if matrix.review not in ("monthly", "quarterly"):
        message = f"the chart is reviewed {matrix.review} only"
        yield _finding("M23", "N", message, "people and tasks change: review it quarterly", "review", matrix.place)
    loose = [task.name for task in matrix.tasks if not task.duties]
    if loose and any(task.duties for task in matrix.tasks):
        names = ", ".join(f'"{shown(name)}"' for name in loose[:4])
        more = f" and {len(loose) - 4} more" if len(loose) > 4 else ""
        several = "1 task carries" if len(loose) == 1 else f"{len(loose)} tasks carry"
        message = f"{several} out no responsibility of the agreement: {names}{more}"
        hint = "that is right for what every partnership needs; for duties proper, add them to the agreement"
        yield _finding("M24", "N", message, hint, "tasks", matrix.place)
