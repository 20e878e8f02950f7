"""When an agreement begins and ends, as far as its deal says so, and what is counted from these days.

A period from a day is counted without that day, as courts usually count (in the United States, Federal Rules of Civil
Procedure, rule 6(a)(1)(A)): twelve months from December 1 end with December 1. Nothing here moves to a business day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from agreementgen.core.counting import add
from agreementgen.core.values import Duration, format_duration
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.deal.lasting import count_renewals, find_last_day, has_no_fixed_end

UNSIGNED = "hangs on the last signature: give --signed"
# How many renewals are listed where no number is agreed.
RENEWALS_LISTED = 3


def hangs_on_signature(deal: Deal) -> bool:
    """Return whether the deal applies from the last signature."""
    return not isinstance(deal.facts.get("effective"), date)


@dataclass(frozen=True)
class Counted:
    """A day that was counted: None where it is not known, and then `reason` says why."""

    day: date | None
    how: str
    reason: str = ""

    def plus(self, length: Duration, language: str, times: int = 1) -> Counted:
        sign = "+" if times > 0 else "-"
        said = format_duration(replace(length, count=length.count * abs(times)), language)
        day = add(self.day, length, times) if self.day else None
        return Counted(day, f"{self.how} {sign} {said}", self.reason)


class AgreementDays:
    """The first and the last days of one agreement."""

    def __init__(self, deal: Deal, signed: date | None, ended: date | None) -> None:
        self._deal = deal
        self._signed = signed
        self._ended = ended

    def _text(self, name: str) -> str:
        value = find_fact(name, self._deal.facts)
        return "" if value is None else str(value)

    def _length(self, name: str) -> Duration | None:
        value = find_fact(name, self._deal.facts)
        return value if isinstance(value, Duration) else None

    def _say(self, length: Duration) -> str:
        return format_duration(length, self._deal.language)

    def _plus(self, counted: Counted, length: Duration, times: int = 1) -> Counted:
        return counted.plus(length, self._deal.language, times)

    @cached_property
    def _effective(self) -> Counted:
        effective = self._deal.facts.get("effective")
        if isinstance(effective, date):
            return Counted(effective, f"effective {effective}")
        if self._signed:
            return Counted(self._signed, f"last signature {self._signed}")
        return Counted(None, "last signature", UNSIGNED)

    @cached_property
    def _pilot_end(self) -> Counted | None:
        length = self._length("duration.pilot.length")
        return self._plus(self._effective, length) if length else None

    @cached_property
    def _planned_end(self) -> Counted | None:
        """The end of the pilot or term that was agreed, whatever else may end the agreement."""
        if last := find_last_day(self._deal.facts):
            return Counted(last, f"agreed: {last}")
        if has_no_fixed_end(self._deal.facts):
            event = self._text("duration.event")
            reason = f"hangs on this event: {event}" if event else "the agreement has no fixed end"
            return Counted(None, "end", reason)
        term = self._length("duration.term")
        return self._plus(self._effective, term) if term else self._pilot_end

    @cached_property
    def _listed_until(self) -> Counted | None:
        """The day up to which what comes again is listed: without a fixed end, of the first year."""
        if self._ended:
            return Counted(self._ended, f"ended {self._ended}")
        if has_no_fixed_end(self._deal.facts):
            return self._plus(self._effective, Duration(12, "month"))
        return self._planned_end

    @property
    def _is_open(self) -> bool:
        """Whether the agreement runs until an event, and the term is only a plan."""
        return self._text("venture.ends_with") == "end event"

    @cached_property
    def _end(self) -> Counted:
        """The day on which the agreement ends, if nothing ends it before and it is not renewed."""
        if self._ended:
            return Counted(self._ended, f"ended {self._ended}")
        if self._is_open:
            event = self._text("venture.end_event")
            return Counted(None, "end event", f"hangs on the end event: {event}")
        return self._planned_end or Counted(None, "end", "the agreement names no term")

    @property
    def _renews(self) -> bool:
        return self._text("duration.renewal") == "automatic"

    def _end_note(self) -> str:
        """What moves the days that are counted from the end."""
        if not self._end.day:
            return ""
        parts = []
        if self._text("duration.pilot.decision") in ("in writing", "automatic"):
            parts.append("Counted for an agreement that goes on after the pilot.")
        can_renew = self._renews or self._text("duration.renewal") == "by agreement"
        parts.append("A renewal or an earlier end moves it." if can_renew else "An earlier end moves it.")
        return " ".join(parts)

    def _end_with_renewals(self, end: Counted) -> Counted:
        if not self._renews or self._ended:
            return end
        length = self._length("duration.renewal_length") or Duration(12, "month")
        most = count_renewals(self._deal.facts)
        return self._plus(end, length, RENEWALS_LISTED if most is None else most) if most != 0 else end

    def _end_of_handover(self) -> Counted:
        """The day from which the times after the end run: names and data are needed to sell off and to run off."""
        lengths = [self._length("stock.sell_off"), self._length("stock.run_off")]
        if self._text("channel.model") == "agent":
            lengths = []
        ends = [self._plus(self._end, length) for length in lengths if length and length.count]
        return max(ends, key=lambda end: end.day or date.min, default=self._end)
