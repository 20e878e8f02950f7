"""The RACI chart of a deal: drafted from its matrix, its matrix reviewed, and a first matrix proposed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agreementgen.core import values
from agreementgen.core.document import (
    Chart,
    ChartDocument,
    ChartDuty,
    ChartPhase,
    ChartRole,
    ChartTask,
    Run,
    Table,
)
from agreementgen.core.problems import Place, Problem, Severity, quote_text
from agreementgen.deal.deal import (
    OUTSIDE,
    Deal,
    Matrix,
    RaciRole,
    Responsibility,
    list_responsibilities,
    name_responsibilities,
)
from agreementgen.language.conditions import read_condition
from agreementgen.library.library import Library
from agreementgen.library.topics import Outline, TypicalTask
from agreementgen.yamlfile.editing import write_inline

# -- the chart as it is printed

CHART_TITLE = "Who does what"
_LEGEND = (
    ("R", "does the work"),
    ("A", "approves the outcome"),
    ("A/R", "does both"),
    ("C", "is consulted before"),
    ("I", "is informed after"),
)
_COUNTED_LETTERS = ("R", "A", "C", "I")


def draft_chart_document(deal: Deal, matrix: Matrix, kind: str, workload: bool = False) -> ChartDocument:
    """Return the chart as a document of its own; `kind` is the title of the agreement it belongs to."""
    effective = deal.facts.get("effective")
    of = f"{kind}, {values.format_day(effective, deal.language)}" if isinstance(effective, date) else kind
    drafted_by = deal.facts.get("drafted_by")
    return ChartDocument(
        title=CHART_TITLE,
        of=of,
        language=deal.language,
        paper=str(deal.facts["paper"]),
        chart=draft_chart(deal, matrix, workload),
        author=drafted_by["name"] if drafted_by else "",
        dated=day_of_chart(deal, matrix),
    )


def draft_chart(deal: Deal, matrix: Matrix, workload: bool = False) -> Chart:
    """Return the chart of `matrix`, which is sorted for printing; its tasks are numbered."""
    roles = matrix.roles
    phases: dict[str, list[ChartTask]] = {}
    for number, task in enumerate(matrix.tasks, 1):
        letters = tuple(task.letters.get(role.name, "") for role in roles)
        due = values.format_short_day(task.due, deal.language) if task.due else ""
        phases.setdefault(task.phase, []).append(ChartTask(number, task.name, letters, due))
    return Chart(
        roles=tuple(ChartRole(role.name, role.printed_party, role.person, _color_of(deal, role)) for role in roles),
        phases=tuple(ChartPhase(title, tuple(tasks)) for title, tasks in phases.items()),
        legend=_LEGEND,
        heads=("No.", "Task", "Due" if any(task.due for task in matrix.tasks) else ""),
        duties_title="Responsibilities in the agreement, and the tasks that carry them out",
        duties=tuple(_draft_duties(deal, matrix)),
        footer=_draft_footer(deal, matrix),
        workload_title="Workload: how many tasks" if workload else "",
        workload=_draft_workload(matrix) if workload else None,
    )


def day_of_chart(deal: Deal, matrix: Matrix) -> date | None:
    """Return the day of the chart: its own, or else the effective date where that is a day."""
    effective = deal.facts.get("effective")
    return matrix.chart_date or (effective if isinstance(effective, date) else None)


def _color_of(deal: Deal, role: RaciRole) -> int:
    names = [party.short for party in deal.parties]
    return -1 if role.party == OUTSIDE else names.index(role.party)


def _draft_duties(deal: Deal, matrix: Matrix) -> Iterable[ChartDuty]:
    for duty in list_responsibilities(deal.facts):
        numbers = [str(number) for number, task in enumerate(matrix.tasks, 1) if duty in task.responsibilities]
        if numbers:
            yield ChartDuty(duty.party, duty.text, ", ".join(numbers))


def _draft_footer(deal: Deal, matrix: Matrix) -> str:
    # Without the names of the parties, which stand in the heads: six long ones would not fit a footer.
    review = getattr(matrix.review, "printed", f"reviewed {matrix.review}")
    day = day_of_chart(deal, matrix)
    parts = (f"RACI chart, version {matrix.version}", values.format_day(day, deal.language) if day else "", str(review))
    return " · ".join(filter(None, parts))


def _draft_workload(matrix: Matrix) -> Table:
    """Return how many R, A, C, I each role and each party has; "A/R" counts as both."""
    head = ("Role", "Party", *_COUNTED_LETTERS)
    rows = [(role.name, role.printed_party, *_count_letters(matrix, {role.name})) for role in matrix.roles]
    for party in dict.fromkeys(role.printed_party for role in matrix.roles):
        names = {role.name for role in matrix.roles if role.printed_party == party}
        rows.append(("All roles", party, *_count_letters(matrix, names)))
    return Table(
        tuple((Run(text, bold=True),) for text in head),
        tuple(tuple((Run(text),) for text in row) for row in rows),
        (34, 34, 8, 8, 8, 8),
    )


def _count_letters(matrix: Matrix, roles: set[str]) -> tuple[str, ...]:
    """Return how many R, A, C and I these roles have together."""
    counts = (sum(len(roles & set(task.roles_with(letter))) for task in matrix.tasks) for letter in _COUNTED_LETTERS)
    return tuple(str(count) for count in counts)


# -- review: what may be wrong with a matrix that can be printed

MAX_DOERS = 3  # roles that do one task
MAX_TASKS_DONE = 8  # by one role
MAX_TASKS = 25
# Fewer tasks say nothing about a balance, and of two roles one always has more.
MIN_TASKS_TO_BALANCE, MIN_ROLES_TO_BALANCE = 6, 3
# From so many roles on, most of them need not be consulted; from so many tasks on, one party need not approve most.
MIN_ROLES_TO_CONSULT, MIN_TASKS_TO_SHARE = 4, 4
# How a task begins that is a thing instead of a deed: articles and the endings of nouns.
_NOT_A_VERB = re.compile(
    r"(?:the|a|an|all|each|every|any|our|their|monthly|weekly|quarterly|annual|\w{3,}(?:tion|sion|ment|ness|ity|ance|ence|"
    r"ship|ing|ings))$",
    re.IGNORECASE,
)
_VERBS = {"bring", "mention", "position", "finance", "implement", "document", "balance", "ring", "commission"}


def list_typical_tasks(deal: Deal, library: Library, outline: Outline) -> tuple[TypicalTask, ...]:
    """Return the tasks that an agreement such as this one needs."""
    return tuple(
        task
        for topic in outline.topics
        for task in library.topics[topic].typical_tasks
        if read_condition(task.when.text).holds(deal.facts, task.when.place)
    )


def review_matrix(deal: Deal, matrix: Matrix, library: Library, outline: Outline) -> tuple[Problem, ...]:
    """Return warnings, then notes, each in the order of the chart."""
    problems = [
        *_review_tasks(matrix),
        *_review_roles(matrix),
        *_review_parties(deal, matrix),
        *_review_duties(deal, matrix),
    ]
    names = [task.name for task in matrix.tasks]
    for typical in list_typical_tasks(deal, library, outline):
        if not typical.matches_any(names):
            message = f"no task is about {typical.subject}"
            problems.append(_problem("M17", "W", message, f'add one such as "{typical.name}"', "tasks", matrix.place))
    return (*problems, *_list_notes(matrix))


def _problem(code: str, severity: Severity, message: str, hint: str, field: str, place: Place) -> Problem:
    """Return a problem of the matrix; `field` is its path below "raci"."""
    return Problem(message, hint, f"raci.{field}", place, code=code, severity=severity)


def _review_tasks(matrix: Matrix) -> Iterator[Problem]:
    for task in matrix.tasks:
        name = quote_text(task.name)
        doers, consulted = task.roles_with("R"), task.roles_with("C")
        if len(doers) > MAX_DOERS:
            message = f'{len(doers)} roles do "{name}" (R): where many do it, nobody does'
            yield _problem("M10", "W", message, "split the task, or make some C or I", f"tasks.{name}", task.place)
        if len(matrix.roles) >= MIN_ROLES_TO_CONSULT and len(consulted) * 2 > len(matrix.roles):
            message = f'{len(consulted)} of {len(matrix.roles)} roles are consulted on "{name}" (C)'
            hint = "consult those whose answer can change it, and inform the others (I)"
            yield _problem("M11", "W", message, hint, f"tasks.{name}", task.place)


def _review_roles(matrix: Matrix) -> Iterator[Problem]:
    count = len(matrix.tasks)
    can_balance = count >= MIN_TASKS_TO_BALANCE and len(matrix.roles) >= MIN_ROLES_TO_BALANCE
    for role in matrix.roles:
        name = quote_text(role.name)
        done = sum(role.name in task.roles_with("R") for task in matrix.tasks)
        approved = sum(role.name in task.roles_with("A") for task in matrix.tasks)
        if not any(role.name in task.letters for task in matrix.tasks):
            message = f'the role "{name}" has no letter in any task'
            yield _problem("M12", "W", message, "give it a task, or leave it out", f"roles.{name}", role.place)
        if done > MAX_TASKS_DONE or (can_balance and done * 2 > count):
            message = f'"{name}" does {done} of {count} tasks (R)'
            yield _problem("M13", "W", message, "give some of them to other roles", f"roles.{name}", role.place)
        if can_balance and approved * 2 > count:
            message = f'"{name}" approves {approved} of {count} tasks (A)'
            hint = "let those approve who answer for the part, so that work does not wait for one person"
            yield _problem("M14", "W", message, hint, f"roles.{name}", role.place)


def _review_parties(deal: Deal, matrix: Matrix) -> Iterator[Problem]:
    count = len(matrix.tasks)
    for party in (party.short for party in deal.parties):
        roles = [role for role in matrix.roles if role.party == party]
        approved = sum(any(role.name in task.roles_with("A") for role in roles) for task in matrix.tasks)
        if not approved:
            message = f'"{party}" approves nothing (no A)'
            hint = "a party without an A has no say: give it the A for what it answers for"
            place = roles[0].place if roles else matrix.place
            yield _problem("M15", "W", message, hint, "roles", place)
        elif approved * 4 > count * 3 and len(deal.parties) > 1 and count >= MIN_TASKS_TO_SHARE:
            message = f'"{party}" approves {approved} of {count} tasks (A), more than three quarters'
            yield _problem("M15", "W", message, "share the approvals", "roles", roles[0].place)


def _review_duties(deal: Deal, matrix: Matrix) -> Iterator[Problem]:
    done = {duty for task in matrix.tasks for duty in task.responsibilities}
    place = next((answer.place for answer in deal.answers if answer.path == "responsibilities"), matrix.place)
    for duty in list_responsibilities(deal.facts):
        if duty not in done:
            text = quote_text(duty.text, 60)
            message = f'no task carries out the responsibility of {duty.party} "{text}"'
            hint = f'add to its task: "carries out: {text}" (or, in a table, the column Responsibility)'
            yield Problem(message, hint, f"responsibilities.{duty.party}", place, code="M16", severity="W")


def _list_notes(matrix: Matrix) -> Iterator[Problem]:
    if len(matrix.tasks) > MAX_TASKS:
        message = f"the chart has {len(matrix.tasks)} tasks; more than {MAX_TASKS} are seldom kept up to date"
        yield _problem("M20", "N", message, "join small tasks", "tasks", matrix.place)
    seen: set[str] = set()
    for task in matrix.tasks:
        name = quote_text(task.name)
        if task.name.casefold() in seen:
            message = f'the task "{name}" stands twice'
            yield _problem("M21", "N", message, "keep one, or say how they differ", f"tasks.{name}", task.place)
        seen.add(task.name.casefold())
        first = task.name.split()[0]
        if _NOT_A_VERB.match(first) and first.casefold() not in _VERBS:
            message = f'"{name}" does not begin with a verb'
            hint = 'say what is done, as in "Send the report"'
            yield _problem("M22", "N", message, hint, f"tasks.{name}", task.place)
    if matrix.review not in ("monthly", "quarterly"):
        message = f"the chart is reviewed {matrix.review} only"
        yield _problem("M23", "N", message, "people and tasks change: review it quarterly", "review", matrix.place)
    loose = [task.name for task in matrix.tasks if not task.responsibilities]
    if loose and any(task.responsibilities for task in matrix.tasks):
        names = ", ".join(f'"{quote_text(name)}"' for name in loose[:4])
        more = f" and {len(loose) - 4} more" if len(loose) > 4 else ""
        several = "1 task carries" if len(loose) == 1 else f"{len(loose)} tasks carry"
        message = f"{several} out no responsibility of the agreement: {names}{more}"
        hint = "that is right for what every partnership needs; for duties proper, add them to the agreement"
        yield _problem("M24", "N", message, hint, "tasks", matrix.place)


# -- proposal: a first matrix for a deal that has none, of a task for each responsibility and of typical ones

MAX_NAME_WORDS = 9
# Where more parties than these two have a hand in a task, nobody has.
MAX_PARTIES_INVOLVED = 2
_ES_ENDINGS = ("sses", "shes", "ches", "xes", "zes", "goes", "does")


@dataclass(frozen=True)
class ProposedTask:
    """A task with a letter for each role by name; `duty` is the responsibility that it carries out, "" for none."""

    name: str
    letters: Mapping[str, str]
    phase: str
    duty: str


def propose_matrix(deal: Deal, library: Library, outline: Outline) -> str:
    """Return roles and tasks as YAML to paste into the deal file. Roles that the deal has already are kept."""
    roles = _propose_roles(deal)
    tasks = [*_propose_duty_tasks(deal, roles), *_propose_typical_tasks(deal, library, outline, roles)]
    lines = ["raci:", "  roles:"]
    for role in roles:
        party = {"party": role.party, "person": role.person} if role.person else role.party
        lines.append(f"    {write_inline(role.name)}: {write_inline(party)}")
    lines.append("  tasks:")
    seen: set[str] = set()
    for task in tasks:
        name, number = task.name, 1
        while name in seen:
            number += 1
            name = f"{task.name} ({number})"
        seen.add(name)
        lines += [
            f"    {write_inline(name)}:",
            f"      letters: {write_inline(task.letters)}",
            f"      phase: {write_inline(task.phase)}",
        ]
        if task.duty:
            lines.append(f"      carries out: {write_inline(task.duty)}")
    return "\n".join(lines) + "\n"


def _propose_roles(deal: Deal) -> Sequence[RaciRole]:
    if deal.matrix:
        return [role for role in deal.matrix.roles if role.party != OUTSIDE]
    place = deal.answers[0].place
    return [
        RaciRole(f"{party.short} lead", party.short, str(party.facts.get("contact") or ""), place)
        for party in deal.parties
    ]


def _first_role_of(roles: Sequence[RaciRole], party: str) -> str:
    return next((role.name for role in roles if role.party == party), roles[0].name)


def _propose_letters(roles: Sequence[RaciRole], lead: str, others: str) -> dict[str, str]:
    """Give `lead` the work and its approval, one role of two other parties `others`, the rest I."""
    party = next(role.party for role in roles if role.name == lead)
    letters = {lead: "A/R"}
    for role in roles:
        if role.party != party and role.name == _first_role_of(roles, role.party):
            letters[role.name] = others if len(letters) <= MAX_PARTIES_INVOLVED else "I"
    return {role.name: letters[role.name] for role in roles if role.name in letters}


def _propose_duty_tasks(deal: Deal, roles: Sequence[RaciRole]) -> Iterator[ProposedTask]:
    duties = list_responsibilities(deal.facts)
    for duty in duties:
        letters = _propose_letters(roles, _first_role_of(roles, duty.party), "I")
        (name,) = name_responsibilities([duty], duties)
        yield ProposedTask(task_name_of(duty), letters, "Responsibilities", name)


def _propose_typical_tasks(
    deal: Deal, library: Library, outline: Outline, roles: Sequence[RaciRole]
) -> Iterator[ProposedTask]:
    """Yield the typical tasks that no responsibility names, led by one party after the other."""
    names = [task_name_of(duty) for duty in list_responsibilities(deal.facts)]
    parties = list(dict.fromkeys(role.party for role in roles))
    turn = 0
    for task in list_typical_tasks(deal, library, outline):
        if not task.matches_any(names):
            lead = _first_role_of(roles, parties[turn % len(parties)])
            yield ProposedTask(task.name, _propose_letters(roles, lead, task.letter_of_others), task.phase, "")
            turn += 1


def task_name_of(duty: Responsibility) -> str:
    """Return a short name that begins with a verb: "Refers clients and ..." is "Refer clients"."""
    text = re.split(r",| and (?=\w+s\b)| within | by the ", duty.text.rstrip("."))[0]
    first, *rest = text.split()
    return " ".join([_base_form(first), *rest][:MAX_NAME_WORDS])


def _base_form(verb: str) -> str:
    """Return "Carry" for "Carries", "Pass" for "Passes", "Send" for "Sends"."""
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    if verb.endswith(_ES_ENDINGS):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") and not verb.endswith("ss") else verb
