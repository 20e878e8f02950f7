"""Key dates as a calendar that any program imports (iCalendar, RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from agreementgen.dates.key_dates import KeyDate

if TYPE_CHECKING:
    from icalendar import Event

# An alarm rings in the morning, not at midnight when the day begins.
_ALARM_HOUR = 9
_NO_DAY = date(1980, 1, 1)


def write_calendar(dates: Sequence[KeyDate], name: str, stamped: date | None, sequence: int) -> bytes:
    """Return a calendar of the dates whose day is known: the same bytes for the same dates.

    `stamped` stands as the moment of writing in each event, because there is no clock here; `sequence` is the version
    of the deal, by which calendars tell what replaces what. Its days are whole days, without a time zone.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//agreementgen//key dates//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", name)
    moment = datetime.combine(stamped or _NO_DAY, time(0), UTC)
    for one in dates:
        for event in _each_event(one):
            event.add("dtstamp", moment)
            event.add("sequence", sequence)
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def _each_event(one: KeyDate) -> Iterator[Event]:
    """Yield one event, with a rule where it comes again; or one for each day where no rule tells them."""
    if one.repetition and not one.repetition.rule:
        user, _, host = one.uid.partition("@")
        for number, day in enumerate(one.repetition.days, 1):
            yield _make_event(one, day, f"{user}-{number}@{host}")
    elif one.day:
        event = _make_event(one, one.day, one.uid)
        if one.repetition:
            from icalendar import vRecur

            event.add("rrule", vRecur.from_ical(one.repetition.rule))
        yield event


def _make_event(one: KeyDate, day: date, uid: str) -> Event:
    from icalendar import Alarm, Event

    event = Event()
    event.add("uid", uid)
    event.add("summary", one.title)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("description", "\n".join(part for part in (one.note, f"Counted: {one.how}") if part))
    event.add("transp", "TRANSPARENT")
    for days in one.alarms:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", one.title)
        alarm.add("trigger", timedelta(hours=_ALARM_HOUR) - timedelta(days=days))
        event.add_component(alarm)
    return event
