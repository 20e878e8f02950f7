"""How long an agreement lasts: for a length of time, until a day, until an event, or until somebody ends it.

The answer to "duration.term" is a length of time or one of the words below. Whoever counts with it asks here, so that
an agreement without an end is nowhere taken for one that ends with its pilot.
"""

from __future__ import annotations

from datetime import date

from agreementgen.core.values import Duration
from agreementgen.deal.deal import find_fact
from agreementgen.deal.questions import FactsView

UNTIL_ENDED, UNTIL_DAY, UNTIL_EVENT = "until ended", "until a day", "until an event"
# Renewals of which no number is agreed.
UNLIMITED = "unlimited"


def find_last_day(facts: FactsView) -> date | None:
    """Return the day with which an agreement ends, where one was agreed in place of a length."""
    day = find_fact("duration.last_day", facts)
    return day if isinstance(day, date) and str(find_fact("duration.term", facts)) == UNTIL_DAY else None


def has_no_fixed_end(facts: FactsView) -> bool:
    """Return whether an agreement runs until somebody ends it, or until an event."""
    return str(find_fact("duration.term", facts)) in (UNTIL_ENDED, UNTIL_EVENT)


def find_term(facts: FactsView) -> Duration | None:
    """Return the length of the term; None where it is open, or hangs on a day or signature not known."""
    term = find_fact("duration.term", facts)
    if isinstance(term, Duration):
        return term
    last, effective = find_last_day(facts), facts.get("effective")
    if last and isinstance(effective, date) and last > effective:
        return Duration((last - effective).days, "day")
    return None


def find_whole_length(facts: FactsView) -> Duration | None:
    """Return the length of the term, or of the pilot where there is nothing after it."""
    term = find_term(facts)
    pilot = find_fact("duration.pilot.length", facts)
    if term or find_fact("duration.term", facts) is not None:
        return term
    return pilot if isinstance(pilot, Duration) else None


def count_renewals(facts: FactsView) -> int | None:
    """Return how often an agreement renews by itself at most; None where no number is agreed."""
    if str(find_fact("duration.renewal", facts)) != "automatic":
        return 0
    most = find_fact("duration.most_renewals", facts)
    return None if str(most) == UNLIMITED else int(most or 1)
