"""What people enter in the workbook: leads, and what clients paid or were refunded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

ACCEPTED = "accepted"
NOT_NEW, IN_TALKS, OUT_OF_SCOPE = "refused: not new", "refused: in talks", "refused: out of scope"


@dataclass(frozen=True)
class Lead:
    """A client that `referrer` introduced on `day`; `answer` is "" while the receiver has said nothing."""

    number: int
    day: date
    referrer: str
    customer: str
    answer: str = ""
    answered: date | None = None
    won: date | None = None
    # Who got it; between two parties it need not be said.
    receiver: str = ""
    # Which sort of client or work it is, where each has a fee of its own.
    sort: str = ""


@dataclass(frozen=True)
class Movement:
    """What the client of `lead` paid (or was invoiced) on `day`, or got back of the movement `refund_of`.

    `deductions` are those of a payment. A refund is counted without them: it says how much of the base went back.
    """

    number: int
    kind: Literal["paid", "refunded"]
    day: date
    lead: int
    amount: Decimal
    deductions: Decimal = Decimal(0)
    refund_of: int = 0


@dataclass(frozen=True)
class Ledger:
    """All that was entered. Movements stand in the order of their days.

    `settled` has the day on which the sum of a period was paid, by the last day of the period, who pays
    it and who gets it; `causes` has in the same way why a guarantee is not owed for what is missing.
    `ended` is the day on which the agreement ended, None while it runs.
    """

    leads: tuple[Lead, ...]
    movements: tuple[Movement, ...]
    ended: date | None = None
    settled: Mapping[tuple[date, str, str], date] = field(default_factory=dict)
    causes: Mapping[tuple[date, str, str], str] = field(default_factory=dict)
