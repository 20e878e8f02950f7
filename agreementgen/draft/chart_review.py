"""Review of a RACI chart that can be printed: what may be wrong with it, and where it contradicts the agreement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from agreementgen.core.problems import Place, Problem, Severity, quote_text
from agreementgen.core.values import Duration, format_day, format_duration, format_enumeration
from agreementgen.deal.deal import OUTSIDE, Deal, Matrix, Task, find_fact, list_responsibilities
from agreementgen.deal.lasting import count_renewals, find_term
from agreementgen.draft.agreed_tasks import AgreedTask, add_length, last_day_allowed, list_agreed_tasks
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline

MAX_DOERS = 3  # roles that do one task
MAX_TASKS_DONE = 8  # by one role
MAX_TASKS = 25
# Fewer tasks say nothing about a balance, and of two roles one always has more.
MIN_TASKS_TO_BALANCE, MIN_ROLES_TO_BALANCE = 6, 3
# From so many roles on, most of them need not be consulted; from so many tasks on, one party need not approve most.
MIN_ROLES_TO_CONSULT, MIN_TASKS_TO_SHARE = 4, 4
# How a task begins that is a thing instead of a deed: articles and the endings of nouns.
_NOT_A_VERB = re.compile(
    r"(?:the|a|an|all|each|every|any|our|their|monthly|weekly|quarterly|annual|\w{3,}(?:tion|sion|ment|ness|ity|ance|ence|"
    r"ship|ing|ings))$",
    re.IGNORECASE,
)
_VERBS = {"bring", "mention", "position", "finance", "implement", "document", "balance", "ring", "commission"}


def review_matrix(deal: Deal, matrix: Matrix, library: Library, outline: Outline) -> tuple[Problem, ...]:
    """Return warnings, then notes."""
    agreed = list_agreed_tasks(deal, library, outline)
    problems = [
        *_review_tasks(matrix, agreed),
        *_review_roles(matrix),
        *_review_parties(deal, matrix),
        *_review_duties(deal, matrix),
        *_review_subjects(matrix, agreed),
        *_review_agreed_tasks(deal, matrix, agreed),
        *_review_duration(deal, matrix),
    ]
    return (*problems, *_list_notes(matrix))


def _problem(code: str, severity: Severity, message: str, hint: str, field: str, place: Place) -> Problem:
    """Return a problem of the matrix; `field` is its path below "raci"."""
    return Problem(message, hint, f"raci.{field}", place, code=code, severity=severity)


def _review_tasks(matrix: Matrix, agreed: Sequence[AgreedTask]) -> Iterator[Problem]:
    by_all = [one for one in agreed if len(one.doers) > MAX_DOERS]
    for task in matrix.tasks:
        name = quote_text(task.name)
        doers, consulted = task.roles_with("R"), task.roles_with("C")
        if len(doers) > MAX_DOERS and not any(one.describes(task.name) for one in by_all):
            message = f'{len(doers)} roles do "{name}" (R): where many do it, nobody does'
            yield _problem("M10", "W", message, "split the task, or make some C or I", f"tasks.{name}", task.place)
        if len(matrix.roles) >= MIN_ROLES_TO_CONSULT and len(consulted) * 2 > len(matrix.roles):
            message = f'{len(consulted)} of {len(matrix.roles)} roles are consulted on "{name}" (C)'
            hint = "consult those whose answer can change it, and inform the others (I)"
            yield _problem("M11", "W", message, hint, f"tasks.{name}", task.place)


def _review_roles(matrix: Matrix) -> Iterator[Problem]:
    count = len(matrix.tasks)
    can_balance = count >= MIN_TASKS_TO_BALANCE and len(matrix.roles) >= MIN_ROLES_TO_BALANCE
    for role in matrix.roles:
        name = quote_text(role.name)
        done = sum(role.name in task.roles_with("R") for task in matrix.tasks)
        approved = sum(role.name in task.roles_with("A") for task in matrix.tasks)
        if not any(role.name in task.letters for task in matrix.tasks):
            message = f'the role "{name}" has no letter in any task'
            yield _problem("M12", "W", message, "give it a task, or leave it out", f"roles.{name}", role.place)
        if done > MAX_TASKS_DONE or (can_balance and done * 2 > count):
            message = f'"{name}" does {done} of {count} tasks (R)'
            yield _problem("M13", "W", message, "give some of them to other roles", f"roles.{name}", role.place)
        if can_balance and approved * 2 > count:
            message = f'"{name}" approves {approved} of {count} tasks (A)'
            hint = "let those approve who answer for the part, so that work does not wait for one person"
            yield _problem("M14", "W", message, hint, f"roles.{name}", role.place)


def _review_parties(deal: Deal, matrix: Matrix) -> Iterator[Problem]:
    count = len(matrix.tasks)
    for party in (party.short for party in deal.parties):
        roles = [role for role in matrix.roles if role.party == party]
        approved = sum(any(role.name in task.roles_with("A") for role in roles) for task in matrix.tasks)
        if not approved:
            message = f'"{party}" approves nothing (no A)'
            hint = "a party without an A has no say: give it the A for what it answers for"
            place = roles[0].place if roles else matrix.place
            yield _problem("M15", "W", message, hint, "roles", place)
        elif approved * 4 > count * 3 and len(deal.parties) > 1 and count >= MIN_TASKS_TO_SHARE:
            message = f'"{party}" approves {approved} of {count} tasks (A), more than three quarters'
            yield _problem("M15", "W", message, "share the approvals", "roles", roles[0].place)


def _review_duties(deal: Deal, matrix: Matrix) -> Iterator[Problem]:
    for task in matrix.tasks:
        doing, approving = _parties_with(matrix, task, "R"), _parties_with(matrix, task, "A")
        for duty in task.responsibilities:
            others = _listed(deal, doing or approving)
            if duty.party in doing or (duty.party in approving and not doing) or not others:
                continue
            name, text = quote_text(task.name), quote_text(duty.text, 60)
            message = f'"{name}" is done by {others}, and carries out what {duty.party} owes: "{text}"'
            hint = f"give the R to a role of {duty.party}, or give that responsibility to {others} in the agreement"
            yield _problem("M18", "W", message, hint, f"tasks.{name}", task.place)
    done = {duty for task in matrix.tasks for duty in task.responsibilities}
    place = next((answer.place for answer in deal.answers if answer.path == "responsibilities"), matrix.place)
    for duty in list_responsibilities(deal.facts):
        if duty not in done:
            text = quote_text(duty.text, 60)
            message = f'no task carries out the responsibility of {duty.party} "{text}"'
            hint = f'add to its task: "carries out: {text}" (or, in a table, the column Responsibility)'
            yield Problem(message, hint, f"responsibilities.{duty.party}", place, code="M16", severity="W")


def _review_subjects(matrix: Matrix, agreed: Sequence[AgreedTask]) -> Iterator[Problem]:
    names = [task.name for task in matrix.tasks]
    by_subject: dict[str, list[AgreedTask]] = {}
    for one in agreed:
        if one.typical.subject:
            by_subject.setdefault(one.typical.subject, []).append(one)
    for subject, those in by_subject.items():
        if not any(one.typical.has_subject(names) for one in those):
            message = f"no task is about {subject}"
            name = next((one.name for one in those if one.name), "")
            hint = f'add one such as "{name}"' if name else "add one"
            yield _problem("M17", "W", message, hint, "tasks", matrix.place)


# -- what contradicts the agreement


def _review_agreed_tasks(deal: Deal, matrix: Matrix, agreed: Sequence[AgreedTask]) -> Iterator[Problem]:
    found: dict[int, list[AgreedTask]] = {}
    for one in agreed:
        if one.typical.deeds:
            found.setdefault(id(one.typical), []).append(one)
    for those in found.values():
        tasks = [task for task in matrix.tasks if any(one.describes(task.name) for one in those)]
        for task in tasks:
            yield from _review_doers(deal, matrix, task, those)
            yield from _review_informed(deal, matrix, task, those)
            yield from _review_days(deal, task, those)
        if tasks:
            yield from _review_missing_doers(deal, matrix, tasks, those)
    for task in matrix.tasks:
        yield from _review_lengths(deal, task, [one for one in agreed if one.describes(task.name)])


def _parties_with(matrix: Matrix, task: Task, letters: str) -> set[str]:
    """Return the parties whose roles hold one of the letters in a task."""
    roles = {role for letter in letters for role in task.roles_with(letter)}
    return {matrix.role_named(role).party for role in roles} - {OUTSIDE}


def _review_doers(deal: Deal, matrix: Matrix, task: Task, agreed: Sequence[AgreedTask]) -> Iterator[Problem]:
    owners = {doer for one in agreed for doer in one.doers}
    if not owners or any(not one.doers for one in agreed):
        return
    if agreed[0].typical.names_doer:
        named = {party.short for party in deal.parties if _names_party(task.name, party.short)}
        owners = owners & named if named else owners
        if not owners:
            return
    doing = _parties_with(matrix, task, "R") or _parties_with(matrix, task, "A")
    if any(duty.party in doing for duty in task.responsibilities):
        return  # The agreement gives it to that party in words of its own.
    wrong = doing if doing and doing.isdisjoint(owners) else set()
    if agreed[0].typical.names_doer and not wrong:
        approving = _parties_with(matrix, task, "A")
        wrong = approving - owners
    if wrong:
        name = quote_text(task.name)
        whose, other = _listed(deal, owners), _listed(deal, wrong)
        message = f'"{name}" is with {other}, and the agreement gives it to {whose}'
        hint = f"give the A/R to a role of {whose}, or change the agreement"
        yield _problem("M18", "W", message, hint, f"tasks.{name}", task.place)


def _names_party(name: str, short: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(short)}(?!\w)", name, re.IGNORECASE) is not None


def _listed(deal: Deal, parties: set[str]) -> str:
    return format_enumeration([party.short for party in deal.parties if party.short in parties], deal.language)


def _review_missing_doers(
    deal: Deal, matrix: Matrix, tasks: Sequence[Task], agreed: Sequence[AgreedTask]
) -> Iterator[Problem]:
    """Yield the parties that have such a task in the agreement, each one of its own, and none in the chart."""
    # To be asked before one's name and logo are used is to approve of it.
    letters = "RAC" if agreed[0].typical.names_doer else "RA"
    doing = {party for task in tasks for party in _parties_with(matrix, task, letters)}
    missing = [one for one in agreed if len(one.doers) == 1 and not doing.intersection(one.doers)]
    if missing and len(missing) < len(agreed) and not agreed[0].typical.informs_others:
        parties = _listed(deal, {party for one in missing for party in one.doers})
        message = f'no role of {parties} has a part in "{quote_text(tasks[0].name)}" or a task like it'
        example = f' such as "{missing[0].name}"' if missing[0].name else ""
        hint = f"the agreement gives it to {parties}, too: add a task{example}"
        yield _problem("M18", "W", message, hint, "tasks", tasks[0].place)


def _review_informed(deal: Deal, matrix: Matrix, task: Task, agreed: Sequence[AgreedTask]) -> Iterator[Problem]:
    if not agreed[0].typical.informs_others:
        return
    untold = {party.short for party in deal.parties} - _parties_with(matrix, task, "RACI")
    if untold:
        name = quote_text(task.name)
        message = f'nobody of {_listed(deal, untold)} is told in "{name}", and the agreement wants each party told'
        yield _problem("M18", "W", message, "give one of their roles an I", f"tasks.{name}", task.place)


_PERIODS = (
    ("every two weeks", r"(?:every|each) (?:two|2|other|second) weeks?|biweekly|fortnightly"),
    ("weekly", r"(?:every|each|per|a) week|weekly"),
    ("monthly", r"(?:every|each|per|a) (?:calendar )?month|monthly"),
    ("quarterly", r"(?:every|each|per|a) (?:calendar )?quarter|quarterly"),
    ("half-yearly", r"(?:every|each) (?:half|six months|6 months)|half-yearly|semi-?annually|twice a year"),
    ("yearly", r"(?:every|each|per|once a) (?:calendar )?year|yearly|annual(?:ly)?"),
)


def _find_periods(text: str) -> list[str]:
    return [period for period, pattern in _PERIODS if re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE)]


def _review_days(deal: Deal, task: Task, agreed: Sequence[AgreedTask]) -> Iterator[Problem]:
    name, first = quote_text(task.name), agreed[0]
    path = f"tasks.{name}"
    periods = [period for period in _find_periods(f"{task.phase} {task.name}") if period not in first.periods]
    if first.periods and periods and not set(_find_periods(f"{task.phase} {task.name}")) & set(first.periods):
        message = f'"{name}" is {periods[0]} here, and the agreement says {" or ".join(first.periods)}'
        yield _problem("M19", "W", message, "change the phase of the task, or the agreement", path, task.place)
    if not task.due:
        return
    days = [day for one in agreed if (day := one.due or last_day_allowed(task.due, one))]
    if days and task.due > max(days):
        due, last = (format_day(day, deal.language) for day in (task.due, max(days)))
        message = f'"{name}" is due on {due}, and the agreement wants it by {last}'
        if first.within:
            lengths = ", then ".join(format_duration(length, deal.language) for length in first.within)
            message += f" ({lengths} after each period)"
        hint = "set an earlier day, or leave it out: the phase says how often"
        yield _problem("M19", "W", message, hint, f"{path}.due", task.place)


_LENGTH = re.compile(
    r"\b(?:within|in) (\d{1,3}) (?:business |working |calendar )?(hour|day|week|month)s?\b", re.IGNORECASE
)


def _review_lengths(deal: Deal, task: Task, agreed: Sequence[AgreedTask]) -> Iterator[Problem]:
    """Yield the lengths of time in a name that are none of the agreement's, and longer than the shortest of them."""
    allowed = [length for one in agreed for length in one.within]
    for match in _LENGTH.finditer(task.name) if allowed else ():
        length = Duration(int(match[1]), match[2].lower())
        if length.hours not in {one.hours for one in allowed} and length.hours > min(one.hours for one in allowed):
            name = quote_text(task.name)
            says = format_enumeration(
                list(dict.fromkeys(format_duration(one, deal.language) for one in allowed)), deal.language
            )
            message = f'"{name}" says "{match[0]}", and the agreement says {says}'
            yield _problem("M19", "W", message, "write the agreed time, or none", f"tasks.{name}", task.place)


_AFTERWARDS = re.compile(
    r"\b(?:end|ends|exit|after|hand|handover|return|wind|statement|pay|settle|tax)\b", re.IGNORECASE
)


def _review_duration(deal: Deal, matrix: Matrix) -> Iterator[Problem]:
    """Yield the days that lie outside the term, and those of the pilot that lie behind it."""
    start = deal.facts.get("effective")
    if not isinstance(start, date):
        return
    pilot, term = find_fact("duration.pilot.length", deal.facts), find_term(deal.facts)
    ends_with_pilot = str(find_fact("duration.pilot.decision", deal.facts)) == "expires"
    pilot_end = add_length(start, pilot) if isinstance(pilot, Duration) else None
    end = pilot_end if ends_with_pilot else add_length(start, term) if isinstance(term, Duration) else None
    if find_fact("venture.ends_with", deal.facts) == "end event":
        end = None  # The term is a plan.
    renewal = find_fact("duration.renewal_length", deal.facts)
    times = count_renewals(deal.facts)
    if times is None:
        end = None
    elif end and isinstance(renewal, Duration):
        for _ in range(times):
            end = add_length(end, renewal)
    for task in matrix.tasks:
        if not task.due:
            continue
        words = f"{task.phase} {task.name}"
        limit, what = (
            (pilot_end, "the Pilot") if re.search(r"\bpilot\b", words, re.IGNORECASE) else (end, "the agreement")
        )
        if limit and task.due > limit and (what == "the Pilot" or not _AFTERWARDS.search(words)):
            name = quote_text(task.name)
            due, last = (format_day(day, deal.language) for day in (task.due, limit))
            message = f'"{name}" is due on {due}, and {what} ends on {last}'
            hint = "set an earlier day, or leave it out"
            yield _problem("M19", "W", message, hint, f"tasks.{name}.due", task.place)


def _list_notes(matrix: Matrix) -> Iterator[Problem]:
    if len(matrix.tasks) > MAX_TASKS:
        message = f"the chart has {len(matrix.tasks)} tasks; more than {MAX_TASKS} are seldom kept up to date"
        yield _problem("M20", "N", message, "join small tasks", "tasks", matrix.place)
    seen: set[str] = set()
    for task in matrix.tasks:
        name = quote_text(task.name)
        if task.name.casefold() in seen:
            message = f'the task "{name}" stands twice'
            yield _problem("M21", "N", message, "keep one, or say how they differ", f"tasks.{name}", task.place)
        seen.add(task.name.casefold())
        first = task.name.split()[0]
        if _NOT_A_VERB.match(first) and first.casefold() not in _VERBS:
            message = f'"{name}" does not begin with a verb'
            hint = 'say what is done, as in "Send the report"'
            yield _problem("M22", "N", message, hint, f"tasks.{name}", task.place)
    if matrix.review not in ("monthly", "quarterly"):
        message = f"the chart is reviewed {matrix.review} only"
        yield _problem("M23", "N", message, "people and tasks change: review it quarterly", "review", matrix.place)
    loose = [task.name for task in matrix.tasks if not task.responsibilities]
    if loose and any(task.responsibilities for task in matrix.tasks):
        names = ", ".join(f'"{quote_text(name)}"' for name in loose[:4])
        more = f" and {len(loose) - 4} more" if len(loose) > 4 else ""
        several = "1 task carries" if len(loose) == 1 else f"{len(loose)} tasks carry"
        message = f"{several} out no responsibility of the agreement: {names}{more}"
        hint = "that is right for what every partnership needs; for duties proper, add them to the agreement"
        yield _problem("M24", "N", message, hint, "tasks", matrix.place)
