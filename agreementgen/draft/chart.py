"""The RACI chart of a deal as it is printed, drafted from its matrix."""

from __future__ import annotations

from collections.abc import Iterable
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
from agreementgen.core.typography import curl_quotes
from agreementgen.core.words import ENGLISH, PrintedWords
from agreementgen.deal.deal import (
    OUTSIDE,
    Deal,
    Matrix,
    RaciRole,
    list_responsibilities,
)

_COUNTED_LETTERS = ("R", "A", "C", "I")


def draft_chart_document(
    deal: Deal, matrix: Matrix, kind: str, workload: bool = False, words: PrintedWords = ENGLISH
) -> ChartDocument:
    """Return the chart as a document of its own; `kind` is the title of the agreement it belongs to."""
    effective = deal.facts.get("effective")
    of = f"{kind}, {values.format_day(effective, deal.language)}" if isinstance(effective, date) else kind
    drafted_by = deal.facts.get("drafted_by")
    return ChartDocument(
        title=words.chart,
        of=of,
        language=deal.language,
        paper=str(deal.facts["paper"]),
        chart=draft_chart(deal, matrix, workload, words),
        author=drafted_by["name"] if drafted_by else "",
        dated=day_of_chart(deal, matrix),
        words=words,
    )


def draft_chart(deal: Deal, matrix: Matrix, workload: bool = False, words: PrintedWords = ENGLISH) -> Chart:
    """Return the chart of `matrix`, which is sorted for printing; its tasks are numbered."""
    roles = matrix.roles
    phases: dict[str, list[ChartTask]] = {}
    for number, task in enumerate(matrix.tasks, 1):
        letters = tuple(task.letters.get(role.name, "") for role in roles)
        due = values.format_short_day(task.due, deal.language) if task.due else ""
        phases.setdefault(task.phase, []).append(ChartTask(number, curl_quotes(task.name), letters, due))
    return Chart(
        roles=tuple(_draft_role(deal, role) for role in roles),
        phases=tuple(ChartPhase(curl_quotes(title), tuple(tasks)) for title, tasks in phases.items()),
        legend=words.legend,
        heads=(words.chart_number, words.chart_task, words.chart_due if any(task.due for task in matrix.tasks) else ""),
        duties_title=words.chart_duties,
        duties=tuple(_draft_duties(deal, matrix)),
        footer=_draft_footer(deal, matrix, words),
        workload_title=words.chart_workload if workload else "",
        workload=_draft_workload(matrix, words) if workload else None,
    )


def day_of_chart(deal: Deal, matrix: Matrix) -> date | None:
    """Return the day of the chart: its own, or else the effective date where that is a day."""
    effective = deal.facts.get("effective")
    return matrix.chart_date or (effective if isinstance(effective, date) else None)


def _draft_role(deal: Deal, role: RaciRole) -> ChartRole:
    name, party, person = map(curl_quotes, (role.name, role.printed_party, role.person))
    return ChartRole(name, party, person, _color_of(deal, role))


def _color_of(deal: Deal, role: RaciRole) -> int:
    names = [party.short for party in deal.parties]
    return -1 if role.party == OUTSIDE else names.index(role.party)


def _draft_duties(deal: Deal, matrix: Matrix) -> Iterable[ChartDuty]:
    for duty in list_responsibilities(deal.facts):
        numbers = [str(number) for number, task in enumerate(matrix.tasks, 1) if duty in task.responsibilities]
        if numbers:
            yield ChartDuty(curl_quotes(duty.party), curl_quotes(duty.text), ", ".join(numbers))


def _draft_footer(deal: Deal, matrix: Matrix, words: PrintedWords) -> str:
    # Without the names of the parties, which stand in the heads: six long ones would not fit a footer.
    review = getattr(matrix.review, "printed", f"reviewed {matrix.review}")
    day = day_of_chart(deal, matrix)
    parts = (
        words.chart_footer.format(version=matrix.version),
        values.format_day(day, deal.language) if day else "",
        str(review),
    )
    return " · ".join(filter(None, parts))


def _draft_workload(matrix: Matrix, words: PrintedWords) -> Table:
    """Return how many R, A, C, I each role and each party has; "A/R" counts as both."""
    head = (words.chart_role, words.chart_party, *_COUNTED_LETTERS)
    rows = [(role.name, role.printed_party, *_count_letters(matrix, {role.name})) for role in matrix.roles]
    for party in dict.fromkeys(role.printed_party for role in matrix.roles):
        names = {role.name for role in matrix.roles if role.printed_party == party}
        rows.append((words.chart_all_roles, party, *_count_letters(matrix, names)))
    return Table(
        tuple((Run(text, bold=True),) for text in head),
        tuple(tuple((Run(curl_quotes(text)),) for text in row) for row in rows),
        (34, 34, 8, 8, 8, 8),
    )


def _count_letters(matrix: Matrix, roles: set[str]) -> tuple[str, ...]:
    """Return how many R, A, C and I these roles have together."""
    counts = (sum(len(roles & set(task.roles_with(letter))) for task in matrix.tasks) for letter in _COUNTED_LETTERS)
    return tuple(str(count) for count in counts)
