"""Counts the work that a text of a pack may cause: in steps, which are the same on every machine.

A step is a round of a loop, a fact that is printed, a hundred letters, a word inside a tag that is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LETTERS_PER_STEP = 100


class BudgetExceeded(Exception):
    """More steps were asked for than there are; `most` says how many there were."""

    def __init__(self, most: int) -> None:
        self.limit = most
        super().__init__(f"this takes more than {most:,} steps")


class _Budget:
    def __init__(self, most: int) -> None:
        self.limit = most
        self.left = most


_budgets: ContextVar[tuple[_Budget, ...]] = ContextVar("budgets", default=())


@contextmanager
def limit_steps(most: int) -> Iterator[None]:
    """Allow `most` steps inside the block, and no more than are left outside it."""
    token = _budgets.set((*_budgets.get(), _Budget(most)))
    try:
        yield
    finally:
        _budgets.reset(token)


def spend_steps(steps: int) -> None:
    """Take `steps` away; raise Overworked where they are more than are left."""
    for budget in _budgets.get():
        budget.left -= steps
        if budget.left < 0:
            raise BudgetExceeded(budget.limit)


def steps_for_text(text: str) -> int:
    """Return what printing `text` costs, in steps."""
    return 1 + len(text) // LETTERS_PER_STEP
