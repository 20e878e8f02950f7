"""What is wrong with a matrix whatever the agreement says: one A for each task, somebody who does it."""

from __future__ import annotations

from collections.abc import Iterator

from agreementgen.deal.characters import shown
from agreementgen.deal.matrix import OUTSIDE, Matrix, Task
from agreementgen.findings import Finding


def errors(matrix: Matrix) -> tuple[Finding, ...]:
    """Return the findings of severity E: exactly one A, held by a party, and at least one R for each task."""
    return tuple(finding for task in matrix.tasks for finding in _task(matrix, task))


def _task(matrix: Matrix, task: Task) -> Iterator[Finding]:
    path, name = f"raci.tasks.{shown(task.name)}", shown(task.name)
    if "" in task.places:
        return  # a cell that cannot be read is reported; what it was meant to say is not known
    approve, do = task.holders("A"), task.holders("R")
    if not approve:
        does = f'for example "{do[0]}: A/R"' if len(do) == 1 else "the role that answers for the result"
        yield Finding("M01", "E", f'nobody approves "{name}" (no A)', f"give one role the A: {does}", path, task.place)
    for role in approve[1:]:
        yield Finding(
            "M02",
            "E",
            f'"{shown(role)}" has an A for "{name}", and "{shown(approve[0])}" has it already',
            "leave the A with the one that has the last word, and make the other C or R",
            path,
            task.places.get(role, task.place),
        )
    if not do:
        hint = f'give a role the R, or make the A of "{shown(approve[0])}" an A/R' if approve else "give a role the R"
        yield Finding("M03", "E", f'nobody does "{name}" (no R)', hint, path, task.place)
    for role in approve:
        if matrix.role(role).party == OUTSIDE:
            yield Finding(
                "M04",
                "E",
                f'"{shown(role)}" approves "{name}" and belongs to none of the parties',
                "give the A to a role of a party: only parties answer for what the agreement says",
                path,
                task.places.get(role, task.place),
            )
