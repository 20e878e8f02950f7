"""Letters to an agreement: notices, renewals, plans. Each counts its days and shows how, or why it cannot be sent.

A notice that is e-mailed counts on the next business day, as the agreements say; business days are taken to be Monday
to Friday. What a letter says stands in `templates/instruments`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from agreementgen.core import values
from agreementgen.core.counting import add, send_day_before
from agreementgen.core.document import Document
from agreementgen.core.problems import InputError, Place, Problem, find_forbidden_character, suggest_nearest
from agreementgen.core.values import Duration
from agreementgen.dates.key_dates import KeyDate, list_key_dates
from agreementgen.deal.deal import Party, find_fact
from agreementgen.deal.lasting import count_renewals, has_no_fixed_end
from agreementgen.deal.standing import ENDED, find_day
from agreementgen.draft.selection import Selection
from agreementgen.life.instruments import InstrumentDraft, find_instrument
from agreementgen.memo.sections import CheckList, Memo, MemoBlock, MemoSection, SignatureLines, make_table, say
from agreementgen.sources import SourcedDeal

# What each letter counts after the end, in the order of a list to tick; each is one of the deal's dates.
_AFTER_THE_END = (
    "tail-end", "fees-end", "brand-stop", "data-returned", "help-end", "sell-off-end", "run-off-end", "reuse-end",
    "staff-end", "customers-end", "non-compete-end", "confidentiality-end", "wound-up",
)  # fmt: skip

_DUTIES = ("brand-stop", "data-returned", "help-end", "sell-off-end", "wound-up")


@dataclass(frozen=True)
class LetterRequest:
    """What is asked for: `dated` is the day it is sent, `sender` the short name of who sends it, "" for all parties.

    `broken_by` is who has broken the agreement, "" for the one other party; `about` are words of the sender, `length`
    that of a renewal, `ended` the day on which the agreement ended; `signed` the day of its last signature, where it
    applies from that.
    """

    kind: str
    dated: date
    sender: str = ""
    about: str = ""
    length: Duration | None = None
    ended: date | None = None
    signed: date | None = None
    broken_by: str = ""


@dataclass(frozen=True)
class CountedDay:
    """A line of the arithmetic that a letter shows; `is_duty` is whether something must be done by that day."""

    what: str
    day: date
    how: str
    is_duty: bool = False


@dataclass(frozen=True)
class Letter:
    """A letter as a memo, which the writers of memos print; `counted` are the days in it, `remarks` for the sender."""

    memo: Memo
    counted: tuple[CountedDay, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class _CountedDay:
    """What a letter's days come to. `by_all` is whether all parties sign it."""

    facts: Mapping[str, object]
    days: tuple[CountedDay, ...]
    by_all: bool = False
    remarks: tuple[str, ...] = ()


def list_letters(sourced: SourcedDeal) -> dict[str, str]:
    """Return the letters there are, each with what it is for."""
    return {id: text.about for id, text in sourced.library.instruments.items() if id in _KINDS}


def unknown_letter(kind: str, known: Collection[str]) -> InputError:
    """Return what is said of a letter that is none of `known`."""
    hint = suggest_nearest(kind, known) or f"there are: {', '.join(known)}"
    return InputError(Problem(f'there is no letter "{kind}"', hint, code="unknown-name"))


def write_letter(sourced: SourcedDeal, selection: Selection, document: Document, request: LetterRequest) -> Letter:
    """Return a letter to the agreement `document`; raise InputError where the deal does not allow it, or it is late."""
    known = list_letters(sourced)
    if request.kind not in known:
        raise unknown_letter(request.kind, known)
    _refuse_what_is_not_used(sourced, request)
    counter = _LetterDays(sourced, selection, document, request)
    counted = _KINDS[request.kind](counter)
    sender = None if counted.by_all else counter.sender()
    return _LetterDraft(sourced, selection, document, request, counted, sender).write()


class _LetterDays:
    """Decides whether a deal allows a letter, and counts its days."""

    def __init__(self, sourced: SourcedDeal, selection: Selection, document: Document, request: LetterRequest) -> None:
        self._sourced, self._selection, self._document, self._request = sourced, selection, document, request
        self._deal = sourced.deal
        self._dates = {one.id: one for one in list_key_dates(sourced.deal, request.signed)}

    # -- who, when

    def sender(self) -> Party:
        names = [party.short for party in self._deal.parties]
        if not self._request.sender:
            raise self._refuse("missing", "who sends it is missing", f"add --from, one of: {', '.join(names)}")
        return self._find_party(self._request.sender, names)

    def _breaker(self) -> Party:
        """Return the party that has broken the agreement."""
        sender = self.sender()
        others = [party for party in self._deal.parties if party.short != sender.short]
        names = [party.short for party in others]
        if self._request.broken_by:
            found = self._find_party(self._request.broken_by, names)
            if found.short == sender.short:
                message = f"{sender.short} sends the notice, and so cannot be who broke the agreement"
                raise self._refuse("contradiction", message, f"--by is one of: {', '.join(names)}")
            return found
        if len(others) > 1:
            raise self._refuse("missing", "who broke it is missing", f"add --by, one of: {', '.join(names)}")
        return others[0]

    def _find_party(self, named: str, names: Sequence[str]) -> Party:
        for party in self._deal.parties:
            if party.short.casefold() == named.casefold() or party.name.casefold() == named.casefold():
                return party
        hint = suggest_nearest(named, names) or f"it is one of: {', '.join(names)}"
        raise self._refuse("unknown-name", f'"{named}" is no party of this agreement', hint)

    @property
    def _dated(self) -> date:
        return self._request.dated

    def _received(self) -> CountedDay:
        """Return the day on which a notice that is e-mailed on the day of the letter counts."""
        day = self._dated + timedelta(days=1)
        while day.weekday() > 4:
            day += timedelta(days=1)
        return CountedDay("This notice counts", day, f"next business day after {self._dated}, when it is e-mailed")

    def _end_of_notice(self, received: CountedDay, notice: Duration) -> CountedDay:
        return CountedDay("The agreement ends", add(received.day, notice), f"{received.day} + {self._say(notice)}")

    def _say(self, length: Duration) -> str:
        return values.format_duration(length, self._deal.language)

    def _possessive(self, length: Duration) -> str:
        return values.possessive_of(self._say(length))

    def _day(self, day: date) -> str:
        return values.format_day(day, self._deal.language)

    def _fact(self, name: str) -> object:
        return find_fact(name, self._deal.facts)

    def _length(self, name: str) -> Duration | None:
        value = self._fact(name)
        return value if isinstance(value, Duration) else None

    def _known_day(self, id: str) -> CountedDay:
        """Return one of the deal's dates; raise InputError where it hangs on something."""
        one: KeyDate = self._dates[id]
        if one.day is None:
            raise self._refuse("missing", f"the day cannot be counted: it {one.reason}", "give --signed, or --ended")
        return CountedDay(one.what, one.day, one.how)

    # -- refusals

    def _section(self, topic: str) -> str:
        """Return "section 5 (Duration and renewal)", "the key terms" where the agreement has no such section."""
        clause = next((clause for clause in self._document.clauses if clause.topic == topic), None)
        if clause is None:
            return "the key terms"
        return f"{self._document.words.section.format(number=clause.number)} ({clause.heading})"

    def _refuse(self, code: str, message: str, hint: str) -> InputError:
        return InputError(Problem(message, hint, place=Place(self._sourced.name), code=code))

    def _forbid(self, topic: str, message: str, hint: str) -> InputError:
        return self._refuse("letter-not-allowed", f"{self._section(topic)}: {message}", hint)

    def _too_late(self, topic: str, message: str, hint: str) -> InputError:
        return self._refuse("letter-too-late", f"{self._section(topic)}: {message}", hint)

    def _require_begun(self) -> None:
        start = self._known_day("effective")
        if self._dated < start.day:
            message = f"the agreement takes effect only on {self._day(start.day)}"
            raise self._refuse("letter-not-allowed", message, "look at --dated")

    def _require_running(self) -> None:
        """Refuse a letter to an agreement that has not begun, or has ended for certain."""
        self._require_begun()
        ended = find_day(self._deal.facts, ENDED)
        if ended and self._dated > ended:
            message = f"the agreement ended on {self._day(ended)}, as its status says"
            raise self._refuse("letter-too-late", message, "for what is left to do, see the letter: wrap-up")
        ends = [self._dates[id].day for id in self._dates if id.startswith("term-end")] or [self._pilot_end()]
        last = max((day for day in ends if day), default=None)
        goes_on = str(self._fact("duration.renewal")) == "automatic" and count_renewals(self._deal.facts) is None
        if last and self._dated > last and not goes_on and not self._has_open_end():
            message = f"the agreement ended with {self._day(last)}"
            hint = "for what is left to do: agreementgen letter DEAL.yaml wrap-up"
            if str(self._fact("duration.renewal")) == "by agreement":
                hint += "; if it was renewed, write the new end into the deal file: duration.term"
            raise self._too_late("duration", message, hint)

    def _has_open_end(self) -> bool:
        """Return whether the agreement runs until it is ended, or until an event, whatever term was planned."""
        return has_no_fixed_end(self._deal.facts) or "end-event" in self._dates

    def _pilot_end(self) -> date | None:
        return self._dates["pilot-end"].day if "pilot-end" in self._dates else None

    # -- pilot

    def confirm_pilot(self) -> _CountedDay:
        self._require_begun()
        if "pilot-end" not in self._dates:
            raise self._forbid("duration", "there is no pilot to confirm", "nothing has to be confirmed")
        decision = str(self._fact("duration.pilot.decision"))
        if decision == "automatic":
            message = "after the pilot the agreement goes on by itself if the goals are met"
            raise self._forbid("duration", message, "nothing has to be confirmed; keep the results of the pilot")
        if decision == "expires":
            message = "the agreement ends with its pilot"
            raise self._forbid("duration", message, "write an amendment that gives it a term: agreementgen amend")
        end = self._known_day("pilot-end")
        pilot = CountedDay("The pilot ends", end.day, end.how)
        if self._dated > end.day:
            message = f"the pilot ended on {self._day(end.day)}, and the agreement with it"
            raise self._too_late("duration", message, "sign a new agreement, from a day of its own")
        days = [pilot]
        facts: dict[str, object] = {"day": end.day}
        term = self._dates.get("term-end")
        if term and term.day:
            days.append(CountedDay("The term ends", term.day, term.how))
            facts["ends"] = term.day
        return _CountedDay(facts, tuple(days), by_all=True)

    def end_pilot(self) -> _CountedDay:
        self._require_running()
        notice = self._length("duration.pilot.exit_notice")
        if "pilot-end" not in self._dates or notice is None:
            raise self._forbid("duration", "there is no pilot", "see the letter: ending")
        pilot = self._known_day("pilot-end")
        received = self._received()
        ends = self._end_of_notice(received, notice)
        if ends.day > pilot.day:
            last = add(pilot.day, notice, -1)
            message = (
                f"too late to end it within the pilot: the last day for {self._possessive(notice)} notice was "
                f"{self._day(last)}, sent by {self._day(send_day_before(last))}"
            )
            raise self._too_late("termination", message, self._hint_after_pilot())
        limit = CountedDay("The pilot ends", pilot.day, pilot.how)
        return _CountedDay({"length": notice, "ends": ends.day}, (received, ends, limit))

    def _hint_after_pilot(self) -> str:
        if str(self._fact("duration.pilot.decision")) == "in writing":
            return "without a confirmation by all parties the agreement ends with the pilot by itself"
        return "see the letter: ending"

    # -- the end of the term

    def renew(self) -> _CountedDay:
        self._require_begun()
        renewal = str(self._fact("duration.renewal"))
        if renewal == "automatic":
            message = "the agreement renews by itself"
            raise self._forbid("duration", message, "nothing is to be signed; to stop it, see the letter: no-renewal")
        if "term-end" not in self._dates or has_no_fixed_end(self._deal.facts):
            message = "the agreement has no term that could be renewed"
            raise self._forbid("duration", message, "write an amendment: agreementgen amend")
        if renewal == "none":
            message = "the agreement is not renewed"
            raise self._forbid("duration", message, "write an amendment that changes this: agreementgen amend")
        length = self._request.length
        if length is None:
            raise self._refuse("missing", "for how long it is renewed is missing", 'add --for, as in --for "12 months"')
        end = self._known_day("term-end")
        if self._dated > end.day:
            message = f"the term ended on {self._day(end.day)}, and the agreement with it"
            raise self._too_late("duration", message, "sign a new agreement")
        term = CountedDay("The term ends", end.day, end.how)
        renewed = CountedDay("The renewed term ends", add(end.day, length), f"{end.day} + {self._say(length)}")
        facts = {"day": end.day, "length": length, "ends": renewed.day}
        remark = "once it is signed, write the new end into the deal file (duration.term): all else is counted from it"
        return _CountedDay(facts, (term, renewed), by_all=True, remarks=(remark,))

    def stop_renewal(self) -> _CountedDay:
        self._require_begun()
        notice = self._length("duration.non_renewal_notice")
        if str(self._fact("duration.renewal")) != "automatic" or notice is None:
            message = "the agreement does not renew by itself"
            raise self._forbid("duration", message, "without a renewal it ends with its term; nothing has to be sent")
        received = self._received()
        first = self._known_day("term-end")
        length = self._length("duration.renewal_length") or Duration(12, "month")
        most = count_renewals(self._deal.facts)
        number = 0
        # Periods that are over; the agreement has renewed.
        while add(first.day, length, number) < self._dated and number != most:
            number += 1
        ends = add(first.day, length, number)
        how = f"{first.how}, renewed {number} times for {self._say(length)}" if number else first.how
        ending = CountedDay("The agreement ends", ends, how)
        if number == most:
            message = f"the agreement does not renew again: it ends with {self._day(ends)}"
            raise self._forbid("duration", message, "nothing has to be sent")
        last = add(ends, notice, -1)
        if received.day > last:
            message = (
                f"too late: {self._possessive(notice)} notice had to count by {self._day(last)}, sent by "
                f"{self._day(send_day_before(last))}, and this one counts on {self._day(received.day)}; the agreement "
                f"renews on {self._day(ends)}"
            )
            raise self._too_late("duration", message, "see the letter: ending; or agree on an end with the other side")
        deadline = CountedDay("Last day for this notice", last, f"{ends} - {self._say(notice)}")
        return _CountedDay({"length": notice, "ends": ends}, (received, deadline, ending))

    # -- ending without a reason

    def end_on_notice(self) -> _CountedDay:
        self._require_running()
        notice = self._length("termination.notice")
        topics = self._selection.topics
        if "termination" not in topics or not self._fact("termination.convenience") or notice is None:
            message = "no party may end it without a reason"
            raise self._forbid("termination", message, "for a breach, see the letter: breach")
        pilot = self._pilot_end()
        if str(self._fact("duration.pilot.decision")) == "expires":
            message = "the agreement is a pilot, which has a notice of its own"
            raise self._forbid("termination", message, "see the letter: end-pilot")
        if pilot and self._dated <= pilot:
            message = f"the pilot runs until {self._day(pilot)}, and has a notice of its own"
            raise self._forbid("termination", message, "see the letter: end-pilot")
        notice = self._notice_of_sender(notice)
        received = self._received()
        ends = self._end_of_notice(received, notice)
        remarks = []
        term = self._dates.get("term-end")
        renews = str(self._fact("duration.renewal")) == "automatic"
        if term and term.day and not renews and self._dated <= term.day < ends.day:
            message = f"the term ends on {self._day(term.day)}, before this notice does on {self._day(ends.day)}"
            raise self._forbid("termination", message, "nothing has to be sent: the agreement ends with its term")
        if str(self._fact("channel.model")) == "agent" and self._deal.facts.get("law_country") not in ("", "US", None):
            remarks.append("the law may give an agent a longer notice, which then counts: ask a lawyer")
        return _CountedDay({"length": notice, "ends": ends.day}, (received, ends), remarks=tuple(remarks))

    def _notice_of_sender(self, notice: Duration) -> Duration:
        """Return the notice that the sender has to give; raise InputError where it may not end the agreement so."""
        sender, parties = self.sender(), self._deal.parties
        only_by = self._fact("termination.only_by")
        if isinstance(only_by, Mapping):
            if only_by["short"] != sender.short:
                message = f"only {only_by['short']} may end it without a reason"
                raise self._forbid("termination", message, "for a breach, see the letter: breach")
            return notice
        position = self._selection.positions.get("termination", "")
        if position not in ("pro-first", "pro-second") or sender.short == parties[position == "pro-second"].short:
            return notice
        if self._pilot_end():
            message = f"{sender.short} may end it without a reason only in the pilot, which is over"
            raise self._forbid("termination", message, "for a breach, see the letter: breach")
        return replace(notice, count=notice.count * 2)

    # -- breach and goals

    def warn_of_breach(self) -> _CountedDay:
        self._require_running()
        cure = self._length("termination.cure")
        if "termination" not in self._selection.topics or cure is None:
            raise self._forbid("termination", "the agreement gives no time to cure a breach", "ask a lawyer")
        self._require_words("what was broken: the section, what happened, and when")
        received = self._received()
        until = CountedDay("Last day to put it right", add(received.day, cure), f"{received.day} + {self._say(cure)}")
        broken_by = next(one for one in self._deal.facts["parties"] if one["short"] == self._breaker().short)
        facts = {"length": cure, "ends": until.day, "about": self._request.about, "broken_by": broken_by}
        return _CountedDay(facts, (received, until))

    def plan_improvement(self) -> _CountedDay:
        self._require_running()
        plan = self._length("termination.missed_goals.plan")
        goals = self._deal.facts.get("goals") or self._fact("leads.a_month")
        if "termination" not in self._selection.topics or plan is None or not self._fact("reviews.goals") or not goals:
            message = "the agreement says of no goals what happens when they are missed"
            raise self._forbid("termination", message, "agree on it in an amendment: agreementgen amend")
        self._require_words("which goal was missed, and what each party does about it")
        until = CountedDay("The plan ends", add(self._dated, plan), f"{self._dated} + {self._say(plan)}")
        return _CountedDay({"length": plan, "ends": until.day, "about": self._request.about}, (until,), by_all=True)

    def _require_words(self, what: str) -> None:
        if not self._request.about.strip():
            raise self._refuse("missing", f"--about is missing: {what}", 'add it in quotes: --about "..."')

    # -- after the end

    def wrap_up(self) -> _CountedDay:
        self._require_begun()
        if "exit" not in self._selection.topics:
            raise self._forbid("exit", "the agreement does not say what is done after its end", "ask a lawyer")
        ended = self._request.ended or find_day(self._deal.facts, ENDED)
        how = "as given" if self._request.ended else "status of the deal"
        if ended is None:
            term = self._dates.get("term-end") or self._dates.get("pilot-end")
            if term is None or term.day is None:
                raise self._refuse("missing", "the day on which the agreement ended is missing", "add --ended DATE")
            ended, how = term.day, term.how
        if ended < self._known_day("effective").day:
            message = f"the agreement cannot have ended on {self._day(ended)}, before it takes effect"
            raise self._refuse("contradiction", message, "look at --ended, and at the day on which it takes effect")
        if ended > self._dated:
            message = f"the agreement ends only on {self._day(ended)}"
            raise self._refuse("letter-not-allowed", message, "if it ended before, say when: --ended DATE")
        dates = {one.id: one for one in list_key_dates(self._deal, self._request.signed, ended)}
        end = CountedDay("The agreement ended", ended, how)
        later = [dates[id] for id in _AFTER_THE_END if id in dates]
        days = [
            CountedDay(one.what.removesuffix(" (if not renewed)"), one.day, one.how, one.id in _DUTIES)
            for one in later
            if one.day
        ]
        return _CountedDay({"ends": ended}, (end, *sorted(days, key=lambda one: one.day)), by_all=True)


_KINDS: Mapping[str, Callable[[_LetterDays], _CountedDay]] = {
    "confirm-pilot": _LetterDays.confirm_pilot,
    "end-pilot": _LetterDays.end_pilot,
    "renewal": _LetterDays.renew,
    "no-renewal": _LetterDays.stop_renewal,
    "ending": _LetterDays.end_on_notice,
    "breach": _LetterDays.warn_of_breach,
    "improvement-plan": _LetterDays.plan_improvement,
    "wrap-up": _LetterDays.wrap_up,
}


# What is asked for besides the day, by letter: the option, and the field of the request.
_OPTIONS = {"--from": "sender", "--by": "broken_by", "--about": "about", "--for": "length", "--ended": "ended"}
_TAKES: Mapping[str, tuple[str, ...]] = {
    "end-pilot": ("--from",),
    "renewal": ("--for",),
    "no-renewal": ("--from",),
    "ending": ("--from",),
    "breach": ("--from", "--by", "--about"),
    "improvement-plan": ("--about",),
    "wrap-up": ("--ended",),
}


def _refuse_what_is_not_used(sourced: SourcedDeal, request: LetterRequest) -> None:
    """Raise InputError for what a letter has no place for, and for words that cannot be printed."""
    place, problems = Place(sourced.name), []
    for option, name in _OPTIONS.items():
        if getattr(request, name) and option not in _TAKES.get(request.kind, ()):
            who = "all parties sign it" if option == "--from" else "it has no place for that"
            message = f'the letter "{request.kind}" takes no {option}: {who}'
            problems.append(Problem(message, f"leave {option} out", place=place, code="not-applicable"))
    if bad := find_forbidden_character(request.about):
        message = f"--about holds {bad[1]}"
        problems.append(Problem(message, "delete it and type the word again", place=place, code="forbidden-character"))
    if problems:
        raise InputError(problems)


class _LetterDraft:
    """Puts a letter together: who to whom, what it says, how its days were counted, who signs."""

    def __init__(
        self,
        sourced: SourcedDeal,
        selection: Selection,
        document: Document,
        request: LetterRequest,
        counted: _CountedDay,
        sender: Party | None,
    ) -> None:
        self._deal, self._document, self._request, self._counted = sourced.deal, document, request, counted
        self._sender = sender
        self._text = find_instrument(request.kind, sourced.library)
        parties = self._deal.facts["parties"]
        facts = {
            "dated": request.dated,
            "sender": next((one for one in parties if sender and one["short"] == sender.short), None),
            "recipients": tuple(one for one in parties if not sender or one["short"] != sender.short),
            **counted.facts,
        }
        self._draft = InstrumentDraft(self._text, self._deal, selection, document, facts)

    def write(self) -> Letter:
        language = self._document.language
        title = self._draft.title()
        names = " and ".join(box.short for box in self._document.parties)
        memo = Memo(
            title=title,
            of=values.format_day(self._request.dated, language),
            sections=tuple(self._each_section()),
            footer=f"{title} · {self._document.title} · {names}",
            language=language,
            paper=self._document.paper,
            dated=self._request.dated,
        )
        return Letter(memo, self._counted.days, self._counted.remarks)

    def _each_section(self) -> Iterator[MemoSection]:
        yield MemoSection("parties", "From and to" if self._sender else "Between", (self._make_address_table(),))
        for section in self._text.sections:
            drafted = self._draft.draft(section.id)
            if drafted:
                blocks: tuple[MemoBlock, ...] = drafted.paragraphs
                if section.id == "handover":
                    blocks += tuple(self._each_thing_to_do())
                yield MemoSection(section.id, drafted.heading, blocks)
        yield MemoSection("counted", "How the days are counted", (self._make_days_table(),))
        yield MemoSection("sign-off", "Signed", tuple(self._each_signature()))

    def _make_address_table(self) -> MemoBlock:
        rows = []
        for box in self._document.parties:
            who = ""
            if self._sender:
                who = "From" if box.short == self._sender.short else "To"
            rows.append((who or box.short, ", ".join((box.name, *(line.replace(" · ", ", ") for line in box.lines)))))
        rows.sort(key=lambda row: row[0] != "From")
        return make_table((), tuple(rows), (16, 84))

    def _make_days_table(self) -> MemoBlock:
        language = self._document.language
        rows = tuple((one.what, values.format_day(one.day, language), one.how) for one in self._counted.days)
        return make_table(("What", "Day", "How"), rows, (34, 24, 42))

    def _each_thing_to_do(self) -> Iterator[MemoBlock]:
        things = ["Final statement sent", "All that is owed is paid"] if self._has_money() else []
        things += [f"Handed over: {item}" for item in find_fact("exit.handover", self._deal.facts) or ()]
        language = self._document.language
        things += [f"{one.what}: {values.format_day(one.day, language)}" for one in self._counted.days if one.is_duty]
        for box in self._document.parties:
            yield say("", f"{box.short}:")
            yield CheckList(tuple(things))

    def _has_money(self) -> bool:
        return str(find_fact("financial.model", self._deal.facts) or "none") not in ("none", "reciprocal referrals")

    def _each_signature(self) -> Iterator[MemoBlock]:
        for box, signatures in zip(self._document.parties, self._signatures_by_party(), strict=True):
            if self._sender and box.short != self._sender.short:
                continue
            for signatory in signatures:
                yield say("", box.name)
                yield SignatureLines((signatory, self._document.words.date), room=True)

    def _signatures_by_party(self) -> Sequence[Sequence[str]]:
        found: list[list[str]] = [[] for _ in self._document.parties]
        at = 0
        names = [box.name for box in self._document.parties]
        for signature in self._document.signatures:
            name = signature.party.split("\n")[0]
            at = names.index(name) if name in names else at
            found[at].append(signature.signatory)
        return found
