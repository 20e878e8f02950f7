"""The days on which something has to be done or ends: what the clauses say, counted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from agreementgen.core.counting import (
    Repetition,
    add,
    list_calendar_periods,
    repeat,
    repeat_days,
    send_day_before,
)
from agreementgen.core.values import Duration, possessive_of
from agreementgen.dates.agreement_days import RENEWALS_LISTED, AgreementDays, Counted
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.deal.lasting import count_renewals, has_no_fixed_end
from agreementgen.deal.standing import ENDED, SIGNED, find_day

# Days before a day that costs money, if it passes: to decide, to send, and the last call.
NOTICE_ALARMS = (30, 14, 7, 1)
DECISION_ALARMS = (30, 14, 7, 1)
PAYMENT_ALARMS = (7, 1)
STATEMENT_ALARMS = (3,)
TERM_ALARMS = (30, 7)
TASK_ALARMS = (7,)
# As the clause on minimums has it.
_TO_ACT_ON_A_MISS = Duration(60, "day")


@dataclass(frozen=True)
class KeyDate:
    """One day of a deal, or one that comes again.

    `id` names what it is ("term-end"), `uid` the same for calendars: it does not change with the day. `what` is in
    plain words, `how` the arithmetic. Where `day` is None, `reason` says what it hangs on. `alarms` are days before.
    `note` is what else a reader must know. `is_routine`: a talk or forecast that comes round, not a deadline.
    """

    id: str
    what: str
    parties: str
    uid: str
    day: date | None
    how: str
    reason: str = ""
    repetition: Repetition | None = None
    alarms: tuple[int, ...] = ()
    note: str = ""
    is_routine: bool = False

    @property
    def title(self) -> str:
        return f"{self.what}: {self.parties}"

    @property
    def days(self) -> tuple[date, ...]:
        """All its days in order, none where it is not known."""
        if self.repetition:
            return self.repetition.days
        return (self.day,) if self.day else ()

    def next_from(self, today: date) -> date | None:
        """Return its first day that is not before `today`, None where there is none."""
        return next((day for day in self.days if day >= today), None)


def list_key_dates(deal: Deal, signed: date | None = None, ended: date | None = None) -> tuple[KeyDate, ...]:
    """Return the dates of a deal by day, those whose day is not known last.

    `signed` is the day of the last signature, for a deal that applies from it; `ended` the day of its real end. Where
    they are not given, those of the deal's status count.
    """
    signed = signed or find_day(deal.facts, SIGNED)
    ended = ended or find_day(deal.facts, ENDED)
    found = tuple(_Counter(deal, signed, ended).each())
    return tuple(sorted(found, key=lambda one: (one.day is None, one.day or date.max)))


class _Counter(AgreementDays):
    """Lists the days of one deal."""

    def each(self) -> Iterator[KeyDate]:
        for one in self._each_while_it_runs():
            # What was to come after the real end of the agreement does not come; its beginning is what all else needs.
            if (
                not self._ended
                or one.id == "effective"
                or (one.day and one.day <= self._ended and not one.id.startswith("term-end"))
            ):
                yield one
        if self._ended:
            yield self._key("term-end", "Agreement ended", self._end)
        yield from self._each_after_end()

    def _each_while_it_runs(self) -> Iterator[KeyDate]:
        yield self._key("effective", "Agreement takes effect", self._effective)
        yield from self._each_of_duration()
        yield from self._each_of_reviews()
        yield from self._each_of_money()
        yield from self._each_of_venture()
        yield from self._each_from_start()
        yield from self._each_campaign()
        yield from self._each_milestone()
        yield from self._each_task()

    def _key(
        self,
        id: str,
        what: str,
        counted: Counted,
        alarms: tuple[int, ...] = (),
        note: str = "",
        repetition: Repetition | None = None,
        is_routine: bool = False,
    ) -> KeyDate:
        digest = hashlib.sha256(f"{self._identity}\n\n{id}".encode()).hexdigest()[:32]
        uid = f"{digest}@agreementgen"
        names = " / ".join(party.short for party in self._deal.parties)
        return KeyDate(
            id, what, names, uid, counted.day, counted.how, "" if counted.day else counted.reason,
            repetition, alarms, note, is_routine,
        )  # fmt: skip

    @cached_property
    def _identity(self) -> str:
        """What tells this deal from others, and stays when its days and figures change.

        Two deals of the same parties and kind differ in their purpose, or in the reference that the owner gives them.
        The name of the file is no part of it: a file is renamed, and its dates must not come twice.
        """
        told_by = self._text("reference") or self._text("scope.purpose")
        parties = (party.short for party in self._deal.parties)
        return "\n".join((self._deal.kind, *parties, " ".join(told_by.casefold().split())))

    # -- pilot, term, renewal

    def _each_of_duration(self) -> Iterator[KeyDate]:
        pilot = self._pilot_end
        if pilot:
            notice = self._length("duration.pilot.exit_notice")
            if notice:
                said = possessive_of(self._say(notice))
                what = f"Last day to give {said} notice that ends it within the pilot"
                yield self._key(
                    "pilot-exit", what, self._plus(pilot, notice, -1), (7, 1), self._note_on_notice(pilot, notice)
                )
            match self._text("duration.pilot.decision"):
                case "in writing":
                    what = "Pilot ends: last day for each party to confirm the term in writing"
                    note = "Without it the agreement ends with the pilot."
                case "automatic":
                    what = "Pilot ends: the agreement goes on only if the goals are met"
                    note = "If they are not met on average in the pilot, the agreement ends with it."
                case _:
                    what = "Pilot ends, and the agreement with it, unless you agree otherwise in writing"
                    note = ""
            yield self._key("pilot-end", what, pilot, DECISION_ALARMS, note)
        planned = self._planned_end
        if planned is None or not self._text("duration.term"):
            return
        if has_no_fixed_end(self._deal.facts):
            yield self._key("term-end", "Agreement ends", planned)
            return
        if self._renews:
            yield from self._each_renewal(planned)
            return
        if self._is_open:
            what = "Planned end of the project; the agreement runs on until the end event"
            yield self._key("term-end", what, planned, TERM_ALARMS)
            yield self._key("end-event", "Agreement ends", self._end)
        else:
            is_renewable = self._text("duration.renewal") == "by agreement"
            what = "Term ends, unless you renew it in writing" if is_renewable else "Term ends"
            sooner = "The end event ends it if that is sooner." if self._text("venture.ends_with") == "term" else ""
            yield self._key("term-end", what, planned, TERM_ALARMS, sooner)

    def _each_renewal(self, end: Counted) -> Iterator[KeyDate]:
        """Yield the end of each period, and the last day to give notice before it where another would follow."""
        length = self._length("duration.renewal_length") or Duration(12, "month")
        notice = self._length("duration.non_renewal_notice")
        most = count_renewals(self._deal.facts)
        for number in range(RENEWALS_LISTED if most is None else most + 1):
            ends = self._plus(end, length, number) if number else end
            suffix = f"-{number}" if number else ""
            if number == most:
                yield self._key(f"term-end{suffix}", "Last renewal ends, and the agreement with it", ends, TERM_ALARMS)
                return
            if notice:
                what = "Last day to give notice against renewal" + (f" {number + 1}" if most != 1 else "")
                note = f"Without it the agreement renews for {self._say(length)} on {ends.day}. " if ends.day else ""
                if most is None and number == RENEWALS_LISTED - 1:
                    note += "It renews on and on; later days are not listed. "
                last = self._plus(ends, notice, -1)
                yield self._key(
                    f"renewal-notice{suffix}", what, last, NOTICE_ALARMS, note + self._note_on_notice(ends, notice)
                )
            which = "Term" if not number else f"Renewal {number}"
            yield self._key(f"term-end{suffix}", f"{which} ends, or renews for {self._say(length)}", ends)

    def _note_on_what_goes_on(self) -> str:
        if has_no_fixed_end(self._deal.facts):
            return "Listed for the first year; it goes on until the agreement ends."
        return "Until the planned end; it goes on if the agreement does." if self._is_open or self._renews else ""

    def _note_on_notice(self, before: Counted, notice: Duration) -> str:
        if not before.day:
            return ""
        send = send_day_before(add(before.day, notice, -1))
        return (
            f"An e-mailed notice counts on the next business day: send it by {send}, earlier before holidays. "
            "A day earlier still is safe, whichever way the first day is counted."
        )

    # -- what comes again

    def _repeated(
        self, id: str, what: str, start: Counted, every: str, words: str, from_number: int = 1, count: int = 0
    ) -> KeyDate | None:
        """Return a routine day until the (planned) end; None where none comes before it."""
        end = self._listed_until
        if not start.day or not end or not end.day:
            return self._key(id, what, Counted(None, words, start.reason or self._end.reason), is_routine=True)
        repetition = repeat(start.day, every, end.day, from_number, count)
        if not repetition:
            return None
        note = self._note_on_what_goes_on()
        counted = Counted(repetition.days[0], f"{words}, until {repetition.days[-1]}")
        return self._key(id, what, counted, repetition=repetition, note=note, is_routine=True)

    def _each_of_reviews(self) -> Iterator[KeyDate]:
        if not find_fact("reviews.goals", self._deal.facts):
            return
        start = self._effective
        work = self._text("reviews.work")
        subject = "leads" if find_fact("leads.direction", self._deal.facts) else "work in hand"
        goals = self._deal.facts.get("goals") or find_fact("leads.a_month", self._deal.facts)
        result = "goals" if goals else "results"
        found: list[KeyDate | None] = []
        if work and work != "none":
            found.append(
                self._repeated("review-work", f"Talk about {subject}", start, work, f"{start.how}, then {work}")
            )
        first = self._length("reviews.at_first")
        if not first:
            words = f"{start.how}, then quarterly"
            found.append(self._repeated("review-goals", f"Review of {result}", start, "quarterly", words))
        else:
            turn = self._plus(start, first)
            words = f"{start.how}, then monthly for {self._say(first)}"
            monthly = self._repeated("review-goals", f"Monthly review of {result}", start, "monthly", words)
            if monthly and monthly.repetition and turn.day:
                kept = sum(day <= turn.day for day in monthly.repetition.days)
                monthly = self._repeated(
                    "review-goals", f"Monthly review of {result}", start, "monthly", words, 1, kept
                )
            found.append(monthly)
            words = f"{turn.how}, then quarterly"
            found.append(
                self._repeated("review-goals-later", f"Quarterly review of {result}", turn, "quarterly", words)
            )
        updated = self._text("forecast.updated")
        if updated:
            words = f"{start.how}, then {updated}"
            found.append(self._repeated("forecast", "Forecast is sent to the supplier", start, updated, words, 0))
        yield from (one for one in found if one)

    def _each_period(
        self,
        id: str,
        what: str,
        every: str,
        name: str,
        lengths: tuple[Duration, ...],
        alarms: tuple[int, ...],
        note: str,
    ) -> Iterator[KeyDate]:
        """Yield what is due some time after each calendar period, up to that of the (planned) end."""
        start, end = self._effective.day, self._listed_until.day if self._listed_until else None
        after = " + ".join(self._say(length) for length in lengths)
        how = f"last day of each {name} + {after}"
        if not start or not end:
            yield self._key(id, what, Counted(None, how, self._effective.reason or self._end.reason), alarms, note)
            return
        # A period that only begins on the day of the end has nothing to report.
        closings = list_calendar_periods(start, max(start, end - timedelta(days=1)), every)
        days = tuple(_add_all(closing, lengths) for closing in closings)
        if (
            len({day.day for day in days}) == 1
            and all(day.day < 29 for day in days)
            and every in ("monthly", "quarterly")
        ):
            months = "FREQ=MONTHLY" if every == "monthly" else "FREQ=MONTHLY;INTERVAL=3"
            repetition = repeat_days(days, "every month" if every == "monthly" else "every three months", months)
        elif every == "weekly" and all((later - day).days == 7 for day, later in pairwise(days)):
            repetition = repeat_days(days, "every week", "FREQ=WEEKLY")
        else:
            repetition = repeat_days(days, f"for each {name}")
        how = f"{how}; first {closings[0]} + {after}"
        yield self._key(id, what, Counted(days[0], how), alarms, note, repetition)

    def _each_of_money(self) -> Iterator[KeyDate]:
        model, due, statement = (
            self._text("financial.model"),
            self._length("financial.due"),
            self._length("financial.statement"),
        )
        if statement and due:
            every = self._paid_every()
            name = {"monthly": "month", "quarterly": "calendar quarter", "yearly": "calendar year"}[every]
            tail = " It goes on after the end for as long as anything is earned."
            yield from self._each_period(
                "statement", f"Statement for the {name} is due", every, name, (statement,), STATEMENT_ALARMS,
                "Sent even if nothing is due." + tail,
            )  # fmt: skip
            yield from self._each_period(
                "payment", f"Payment for the {name} is due", every, name, (statement, due), PAYMENT_ALARMS,
                "Counted from the last day for the statement; an earlier statement makes it due earlier." + tail,
            )  # fmt: skip
        elif due and self._text("financial.paid") == "weekly":
            yield from self._each_period(
                "payment", "Payment for the week is due", "weekly", "week", (due,), PAYMENT_ALARMS,
                "With a statement, even if nothing is due. It goes on after the end for as long as anything is earned.",
            )  # fmt: skip
        elif due and self._text("financial.paid"):
            event = "each event" if self._text("financial.paid") == "each event" else "each payment of a customer"
            reason = f"{self._say(due)} after {event}"
            yield self._key("payment", "Payment is due", Counted(None, reason, reason), PAYMENT_ALARMS)
        elif due and find_fact("financial.with_the_order", self._deal.facts) == "all":
            yield self._key("payment", "Payment is due", Counted(None, "with each order", "with each order"))
        elif due:
            event = self._name_what_payment_follows(model)
            reason = f"{self._say(due)} after {event}"
            yield self._key("payment", "Payment is due", Counted(None, reason, reason), PAYMENT_ALARMS)

    def _name_what_payment_follows(self, model: str) -> str:
        again = self._text("financial.each")
        if again == "event":
            return "each event"
        if again and again not in ("once", "hour", "day"):
            which = "first" if find_fact("financial.in_advance", self._deal.facts) else "last"
            return f"the {which} day of each {again}"
        has_invoices = model in ("resale discount", "supply price", "fixed fee", "sponsorship")
        return "each invoice" if has_invoices else "receipts are sent"

    def _paid_every(self) -> str:
        paid = self._text("financial.paid")
        return paid if paid in ("quarterly", "yearly") else "monthly"

    # -- ventures

    def _each_of_venture(self) -> Iterator[KeyDate]:
        facts = self._deal.facts
        formed = self._length("venture.formed_within")
        if formed:
            what = f"{self._text('venture.name')} must be formed"
            yield self._key("formed", what, self._plus(self._effective, formed), (30, 7))
        for number, entry in enumerate(find_fact("contributions.promised", facts) or (), 1):
            what = f"Contribution of {entry['party']['short']} is due: {entry['what']}, {self._print(entry['value'])}"
            by = entry["by"]
            if isinstance(by, date):
                counted = Counted(by, f"agreed: {by}")
            elif by == "effective date":
                counted = self._effective
            else:
                counted = Counted(None, "as the project needs it", "is due when the project needs it")
            yield self._key(f"contribution-{number}", what, counted, NOTICE_ALARMS[1:])
        statements, within = self._text("books.statements"), self._length("books.within")
        names = {"monthly": "month", "quarterly": "calendar quarter", "yearly": "calendar year"}
        note = "It goes on until the venture is wound up."
        if statements and within:
            keeper = facts["books"]["keeper"]["short"]
            name = names[statements]
            what = f"Statement of the venture for the {name} is due from {keeper}"
            yield from self._each_period("books", what, statements, name, (within,), STATEMENT_ALARMS, note)
        frequency, paid = self._text("distributions.frequency"), self._length("distributions.within")
        if frequency in names and paid:
            what = "Dividend" if self._text("venture.form") == "new corporation" else "Distribution"
            name = names[frequency]
            yield from self._each_period(
                "distribution", f"{what} for the {name} is due", frequency, name, (paid,), PAYMENT_ALARMS, note
            )

    def _print(self, value: object) -> str:
        from agreementgen.core.values import format_value

        return format_value(value, self._deal.language)

    # -- counted from the start

    def _each_from_start(self) -> Iterator[KeyDate]:
        within = self._length("alliance.definitive_agreement.within")
        if within:
            what = "Full agreement is aimed at by this day"
            yield self._key("definitive", what, self._plus(self._effective, within), (30, 7))
        exclusive = self._length("exclusivity.length")
        if exclusive and self._text("exclusivity.kind") not in ("", "none"):
            until = self._plus(self._effective, exclusive)
            if until.day and self._end.day and self._end.day < until.day and not self._renews:
                until = Counted(self._end.day, f"{self._end.how}, before {until.how}")
            note = "Ends with the agreement at the latest."
            if self._text("exclusivity.condition"):
                note += f" Condition: {self._text('exclusivity.condition')}."
            yield self._key("exclusivity-end", "Exclusivity ends", until, (30,), note)
        lock_up = self._length("transfer.lock_up")
        if lock_up and lock_up.count:
            yield self._key(
                "lock-up-end", "Shares may be transferred from now on", self._plus(self._effective, lock_up)
            )
        yield from self._each_minimum()
        yield from self._each_price_review()
        yield from self._each_tier_review()

    def _each_minimum(self) -> Iterator[KeyDate]:
        ramp = self._length("minimums.minimum.ramp")
        if not ramp:
            return
        start = self._plus(self._effective, ramp) if ramp.count else self._effective
        if ramp.count:
            yield self._key("minimum-start", "Yearly minimum begins to count", start)
        end = self._listed_until
        year = Duration(12, "month")
        last = self._end_with_renewals(end) if end else None
        for number in range(1, 7):
            closes = self._plus(start, year, number)
            if number > 1 and (not closes.day or not last or not last.day):
                return
            if closes.day and last and last.day and closes.day > last.day:
                return  # no minimum for a year that the end cuts short
            is_later = bool(closes.day and end and end.day and closes.day > end.day)
            if_renewed = " (if renewed)" if is_later else ""
            yield self._key(
                f"minimum-{number}", f"Year {number} of the yearly minimum ends{if_renewed}", closes, (60, 30)
            )
            yield from self._each_answer_to_a_miss(number, closes, if_renewed)

    def _each_answer_to_a_miss(self, number: int, closes: Counted, if_renewed: str) -> Iterator[KeyDate]:
        """Yield the day that the usual wording gives; the wordings for one side count otherwise."""
        position = self._text("position_by_topic.minimums") or self._text("position")
        remedy = self._text("minimums.minimum.remedy")
        if position not in ("", "balanced"):
            return
        if remedy == "plan":
            plan = self._length("minimums.minimum.plan")
            what, length = "Plan to be agreed if the minimum of year {} was missed", plan
        else:
            what, length = "Last day to act on a missed minimum of year {}", _TO_ACT_ON_A_MISS
        if length:
            what = what.format(number) + if_renewed
            last_of_year = self._plus(closes, Duration(1, "day"), -1)
            yield self._key(f"minimum-{number}-missed", what, self._plus(last_of_year, length), (30, 7))

    def _each_price_review(self) -> Iterator[KeyDate]:
        review, end = self._length("supply_prices.review"), self._listed_until
        if not review or not end:
            return
        if not self._effective.day or not end.day:
            yield self._key("price-review", "Price review", self._plus(self._effective, review), (14,))
            return
        days: list[date] = []
        while (day := add(self._effective.day, review, len(days) + 1)) < end.day:
            days.append(day)
        if days:
            said = self._say(review)
            counted = Counted(days[0], f"{self._effective.how} + {said}, and each {said}")
            note = "A change applies to orders placed 30 days or more after the figures are sent."
            yield self._key(
                "price-review", "Price review", counted, (14,), note, repeat_days(tuple(days), f"each {said}")
            )

    def _each_tier_review(self) -> Iterator[KeyDate]:
        reviewed = self._text("tiers.reviewed")
        names = {"quarterly": "calendar quarter", "half-yearly": "half calendar year", "yearly": "calendar year"}
        start, end = self._effective, self._listed_until
        if reviewed not in names:
            return
        name = names[reviewed]
        what, how = f"{name.capitalize()} ends: the tier is counted", f"last day of each {name}"
        if not start.day or not end or not end.day:
            yield self._key("tier-review", what, Counted(None, how, start.reason or self._end.reason))
            return
        days = tuple(day for day in list_calendar_periods(start.day, end.day, reviewed) if day <= end.day)
        if days:
            note = "A move takes effect 30 days after the vendor tells the result."
            yield self._key("tier-review", what, Counted(days[0], how), (), note, repeat_days(days, f"each {name}"))

    # -- counted from the end

    def _each_after_end(self) -> Iterator[KeyDate]:
        note = self._end_note()
        if_ended = " (if not renewed)" if self._renews else ""

        def after(
            id: str, what: str, length: Duration | None, alarms: tuple[int, ...] = (), end: Counted = self._end
        ) -> Iterator[KeyDate]:
            if length and length.count:
                yield self._key(id, what + if_ended, self._plus(end, length), alarms, note)

        yield from self._each_tail(after)
        handed_over = self._end_of_handover()
        what = "Use of the other names and logos must have stopped"
        yield from after("brand-stop", what, self._length("exit.brand_stops"), (7, 1), handed_over)
        yield from after("help-end", "Help after the end ends", self._length("exit.help.length"))
        what = "Data must be returned or deleted"
        yield from after("data-returned", what, self._length("exit.data_returned"), (7, 1), handed_over)
        if self._text("confidentiality.kind") not in ("", "none"):
            what = "Confidentiality ends"
            if find_fact("confidentiality.trade_secrets", self._deal.facts):
                what += ", except for trade secrets"
            yield from after("confidentiality-end", what, self._length("confidentiality.length"))
        yield from after("staff-end", "Staff may be recruited again", self._length("restrictions.staff.length"))
        what = "Protected customers may be approached again"
        yield from after("customers-end", what, self._length("restrictions.customers.length"))
        yield from after("non-compete-end", "Non-compete ends", self._length("restrictions.non_compete.length"))
        yield from after("sell-off-end", "Stock must be sold off", self._length("stock.sell_off"), (30, 7))
        yield from after(
            "run-off-end", "Run-off for the partner’s customers ends", self._length("stock.run_off"), (30, 7)
        )
        yield from after(
            "reuse-end", "Campaign content may no longer be used", self._length("campaigns.reuse"), (30, 7)
        )
        yield from after("wound-up", "Venture must be wound up", self._length("winding_up.within"), (30, 7))

    def _each_tail(self, after: Callable[..., Iterator[KeyDate]]) -> Iterator[KeyDate]:
        tail = self._length("exit.tail")
        if not tail:
            return
        what = "Shares stop being earned"
        if self._text("financial.model") == "referral fee":
            who = "Leads accepted" if find_fact("leads.direction", self._deal.facts) else "Clients referred"
            what = f"{who} before the end must have bought by this day to count"
        yield from after("tail-end", what, tail, (14, 1))
        window = self._length("financial.window")
        if window and find_fact("financial.base", self._deal.facts):
            last = self._plus(self._plus(self._end, tail), window)
            what = "Fees can be earned until this day at the latest"
            yield self._key(
                "fees-end", what + (" (if not renewed)" if self._renews else ""), last, (), self._end_note()
            )

    # -- typed days

    def _each_campaign(self) -> Iterator[KeyDate]:
        for campaign in find_fact("campaigns.planned", self._deal.facts) or ():
            name = str(campaign["name"])
            digest = _name_digest(name)
            if start := campaign.get("start"):
                what = f"Campaign starts: {name}"
                yield self._key(f"campaign-start-{digest}", what, Counted(start, f"agreed: {start}"), TASK_ALARMS)
            if end := campaign.get("end"):
                yield self._key(f"campaign-end-{digest}", f"Campaign ends: {name}", Counted(end, f"agreed: {end}"))

    def _each_milestone(self) -> Iterator[KeyDate]:
        for step in self._deal.facts.get("milestones") or ():
            party, what = step.get("party"), str(step["what"])
            who = "" if not isinstance(party, dict) else f" ({party['short']})"
            counted = Counted(step["by"], f"agreed: {step['by']}")
            yield self._key(f"milestone-{_name_digest(what)}", f"Milestone is due: {what}{who}", counted, TASK_ALARMS)

    def _each_task(self) -> Iterator[KeyDate]:
        matrix = self._deal.matrix
        for task in matrix.tasks if matrix else ():
            if task.due:
                does, approves = ", ".join(task.roles_with("R")), ", ".join(task.roles_with("A"))
                note = f"Done by {does}; approved by {approves}." + (f" {task.phase}." if task.phase else "")
                counted = Counted(task.due, f"agreed: {task.due}")
                yield self._key(f"task-{_name_digest(task.name)}", f"Task due: {task.name}", counted, TASK_ALARMS, note)


def _add_all(day: date, lengths: tuple[Duration, ...]) -> date:
    for length in lengths:
        day = add(day, length)
    return day


def _name_digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]
