"""A deal's matrix as the chart that is printed: roles under their parties, tasks by phase, legend, duties, workload."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from agreementgen.deal import formats
from agreementgen.deal.deal import Deal
from agreementgen.deal.matrix import OUTSIDE, Matrix, Role, duties_of
from agreementgen.document import (
    Chart,
    ChartDocument,
    ChartDuty,
    ChartPhase,
    ChartRole,
    ChartTask,
    Run,
    Runs,
    Table,
)

TITLE = "Who does what"
_LEGEND = (
    ("R", "does the work"),
    ("A", "approves the outcome"),
    ("A/R", "does both"),
    ("C", "is consulted before"),
    ("I", "is informed after"),
)
_COUNTED = ("R", "A", "C", "I")


def chart_document(deal: Deal, matrix: Matrix, kind: str, workload: bool = False) -> ChartDocument:
    """Return the chart as a document of its own; `kind` is the title of the agreement it belongs to."""
    effective = deal.facts.get("effective")
    of = f"{kind}, {formats.day(effective, deal.language)}" if isinstance(effective, date) else kind
    drafted_by = deal.facts.get("drafted_by")
    return ChartDocument(
        title=TITLE,
        of=of,
        language=deal.language,
        paper=str(deal.facts["paper"]),
        chart=chart(deal, matrix, workload),
        author=drafted_by["name"] if drafted_by else "",
        dated=day_of(deal, matrix),
    )


def chart(deal: Deal, matrix: Matrix, workload: bool = False) -> Chart:
    """Return the chart of `matrix`, which is in order (deal.matrix.ordered); its tasks are numbered."""
    roles = matrix.roles
    phases: dict[str, list[ChartTask]] = {}
    for number, task in enumerate(matrix.tasks, 1):
        letters = tuple(task.letters.get(role.name, "") for role in roles)
        due = formats.short_day(task.due, deal.language) if task.due else ""
        phases.setdefault(task.phase, []).append(ChartTask(number, task.name, letters, due))
    return Chart(
        roles=tuple(ChartRole(role.name, role.of, role.person, _color(deal, role)) for role in roles),
        phases=tuple(ChartPhase(title, tuple(tasks)) for title, tasks in phases.items()),
        legend=_LEGEND,
        heads=("No.", "Task", "Due" if any(task.due for task in matrix.tasks) else ""),
        duties_title="Responsibilities in the agreement, and the tasks that carry them out",
        duties=tuple(_chart_duties(deal, matrix)),
        footer=_footer(deal, matrix),
        workload_title="Workload: how many tasks" if workload else "",
        workload=_workload(deal, matrix, roles) if workload else None,
    )


def day_of(deal: Deal, matrix: Matrix) -> date | None:
    """Return the day of the chart: its own, or else the effective date where that is a day."""
    effective = deal.facts.get("effective")
    return matrix.dated or (effective if isinstance(effective, date) else None)


def _color(deal: Deal, role: Role) -> int:
    names = [str(party["short"]) for party in deal.parties]
    return -1 if role.party == OUTSIDE else names.index(role.party)


def _chart_duties(deal: Deal, matrix: Matrix) -> Iterable[ChartDuty]:
    for duty in duties_of(deal.facts):
        found = [number for number, task in enumerate(matrix.tasks, 1) if duty in task.duties]
        if found:
            yield ChartDuty(duty.party, duty.text, ", ".join(str(number) for number in found))


def _footer(deal: Deal, matrix: Matrix) -> str:
    # Without the names of the parties, which stand in the heads: six long ones would not fit a footer.
    review = getattr(matrix.review, "says", f"reviewed {matrix.review}")
    parts = [f"RACI chart, version {matrix.version}"]
    day = day_of(deal, matrix)
    if day:
        parts.append(formats.day(day, deal.language))
    return " · ".join([*parts, str(review)])


def _workload(deal: Deal, matrix: Matrix, roles: Sequence[Role]) -> Table:
    """Return how many R, A, C, I each role and each party has; "A/R" counts as both."""
    head = ("Role", "Party", *_COUNTED)
    rows = [_counted(matrix, (role.name, role.of), {role.name}) for role in roles]
    for party in dict.fromkeys(role.of for role in roles):
        held = {role.name for role in roles if role.of == party}
        rows.append(_counted(matrix, ("All roles", party), held))
    return Table(
        tuple(_bold(text) for text in head),
        tuple(tuple(_plain(text) for text in row) for row in rows),
        (34, 34, 8, 8, 8, 8),
    )


def _counted(matrix: Matrix, names: tuple[str, str], held: set[str]) -> tuple[str, ...]:
    """Return a row of counts: for a party, roles are added up."""
    counts = (sum(len(held & set(task.holders(letter))) for task in matrix.tasks) for letter in _COUNTED)
    return (*names, *(str(count) for count in counts))


def _plain(text: str) -> Runs:
    return (Run(text),)


def _bold(text: str) -> Runs:
    return (Run(text, bold=True),)
