"""A first RACI chart for a deal that has none: its responsibilities, and the tasks that its facts name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agreementgen.deal.deal import (
    OPEN,
    OUTSIDE,
    Deal,
    RaciRole,
    Responsibility,
    list_responsibilities,
    name_responsibilities,
)
from agreementgen.draft.agreed_tasks import PHASES_BY_PERIOD, AgreedTask, list_agreed_tasks
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline
from agreementgen.library.typical_tasks import words_of_task
from agreementgen.yamlfile.editing import write_inline

# Where more parties than these have to be asked before, nothing is done.
MAX_PARTIES_CONSULTED = 2
_DUTIES = "Responsibilities"
# What is done again and again stands behind what comes in its course, and before what may never be needed.
_LATE_PHASES = (*PHASES_BY_PERIOD.values(), "When it is due", "At the end of the Pilot", "When needed", "At the end")


@dataclass(frozen=True)
class ProposedTask:
    """A task with a letter for each role by name; `duty` is the responsibility that it carries out, "" for none.

    `remark` is what a person has to decide, "" for nothing.
    """

    name: str
    letters: Mapping[str, str]
    phase: str
    duty: str = ""
    due: date | None = None
    remark: str = ""


def propose_matrix(deal: Deal, library: Library, outline: Outline) -> str:
    """Return roles and tasks as YAML to paste into the deal file. Roles that the deal has already are kept.

    Where the agreement names nobody, the letters are OPEN, or the A is missing: reading the chart asks for them.
    """
    roles = _propose_roles(deal)
    tasks = _propose_tasks(deal, list_agreed_tasks(deal, library, outline), roles)
    lines = ["raci:", "  roles:"]
    for role in roles:
        party = {"party": role.party, "person": role.person} if role.person else role.party
        lines.append(f"    {write_inline(role.name)}: {write_inline(party)}")
    lines.append("  tasks:")
    seen: set[str] = set()
    for task in tasks:
        name, number = task.name, 1
        while name in seen:
            number += 1
            name = f"{task.name} ({number})"
        seen.add(name)
        if task.remark:
            lines.append(f"    # {task.remark}")
        lines += [f"    {write_inline(name)}:", f"      letters: {write_inline(task.letters)}"]
        lines.append(f"      phase: {write_inline(task.phase)}")
        if task.due:
            lines.append(f"      due: {task.due.isoformat()}")
        if task.duty:
            lines.append(f"      carries out: {write_inline(task.duty)}")
    return "\n".join(lines) + "\n"


def _propose_roles(deal: Deal) -> Sequence[RaciRole]:
    """Return a role for each party, those of the deal's own chart first."""
    place = deal.answers[0].place
    kept = [role for role in deal.matrix.roles if role.party != OUTSIDE] if deal.matrix else []
    there = {role.party for role in kept}
    return kept + [
        RaciRole(f"{party.short} lead", party.short, str(party.facts.get("contact") or ""), place)
        for party in deal.parties
        if party.short not in there
    ]


def _propose_letters(
    roles: Sequence[RaciRole], doers: Sequence[str], approver: str, letter_of_others: str
) -> dict[str, str]:
    """Return the letters of the first role of each party, in the order of the roles."""
    letters: dict[str, str] = {}
    parties = list(dict.fromkeys(role.party for role in roles))
    if letter_of_others == "C" and len(parties) - len(doers) > MAX_PARTIES_CONSULTED:
        letter_of_others = "I"
    for party in parties:
        if not doers:
            letter = OPEN
        elif party in doers:
            letter = "A/R" if party == approver else "R"
        elif party == approver:
            letter = "A"
        else:
            letter = letter_of_others
        letters[next(role.name for role in roles if role.party == party)] = letter
    return letters


def _propose_tasks(deal: Deal, agreed: Sequence[AgreedTask], roles: Sequence[RaciRole]) -> list[ProposedTask]:
    """Return a task for each responsibility, then those that the facts name; one where they say the same."""
    duties = list_responsibilities(deal.facts)
    names = {duty: name_responsibilities([duty], duties)[0] for duty in duties}
    agreed = [one for one in agreed if one.name and not _is_a_duty(one, duties)]
    agreed.sort(key=lambda one: _LATE_PHASES.index(one.phase) if one.phase in _LATE_PHASES else -1)
    with_duty = {index: duty for duty in duties for index, one in enumerate(agreed) if _says_all_of(one, duty)}
    found = [
        ProposedTask(
            _name_apart(duty, duties), _propose_letters(roles, (duty.party,), duty.party, "I"), _DUTIES, names[duty]
        )
        for duty in duties
        if duty not in with_duty.values()
    ]
    for index, one in enumerate(agreed):
        letters = _propose_letters(roles, one.doers, one.approver, one.typical.letter_of_others)
        duty_name = names[with_duty[index]] if index in with_duty else ""
        found.append(ProposedTask(one.name, letters, one.phase, duty_name, one.due, _remark_on(one)))
    return found


def _name_apart(duty: Responsibility, duties: Sequence[Responsibility]) -> str:
    """Return the name of a duty's task, with its party where another party owes the same."""
    name = task_name_of(duty)
    is_shared = any(other.party != duty.party and task_name_of(other) == name for other in duties)
    return f"{name} ({duty.party})" if is_shared else name


def _says_all_of(agreed: AgreedTask, duty: Responsibility) -> bool:
    """Return whether a task says what the duty of its party says ("Keeps the books"), and perhaps more."""
    words = set(words_of_task(task_name_of(duty)))
    return agreed.doers == (duty.party,) and words <= set(words_of_task(agreed.name))


def _is_a_duty(agreed: AgreedTask, duties: Sequence[Responsibility]) -> bool:
    """Return whether the party has it among its responsibilities, and the agreement adds no day to it."""
    if agreed.within or agreed.due or len(agreed.doers) != 1:
        return False
    return any(duty.party in agreed.doers and agreed.typical.is_about(task_name_of(duty)) for duty in duties)


def _remark_on(agreed: AgreedTask) -> str:
    if not agreed.doers:
        return f'The agreement names nobody for this: write R, A, A/R, C or I in place of each "{OPEN}".'
    if not agreed.approver:
        return "The agreement does not say who approves this: make one R an A/R."
    return ""


# -- names of tasks

_ES_ENDINGS = ("sses", "shes", "ches", "xes", "zes")
_IRREGULAR = {"has": "have", "is": "be"}
# Words behind which a duty goes on with a second deed or names a second thing: "... and introduces", "... and leads".
_JOINING = ("and", "or", "then")
# Verbs that are no plurals of things as well.
_VERBS = frozenset((
    "asks", "attends", "brings", "builds", "carries", "chooses", "collects", "creates", "decides", "delivers",
    "develops", "edits", "follows", "gets", "gives", "goes", "hires", "holds", "informs", "installs", "introduces",
    "invites", "keeps", "maintains", "makes", "manages", "meets", "obtains", "owns", "pays", "prepares", "produces",
    "promotes", "provides", "publishes", "puts", "receives", "recommends", "refers", "registers", "replaces",
    "responds", "returns", "sees", "sells", "sends", "serves", "speaks", "takes", "teaches", "tells", "trains",
    "writes",
))  # fmt: skip
_THINGS = frozenset((
    "sales", "goods", "services", "materials", "business", "terms", "premises",
))  # fmt: skip
# What stands behind a verb ("answers a lead"), and what stands behind a thing ("sends leads to the other").
_BEHIND_VERBS = frozenset((
    "a", "an", "the", "its", "their", "his", "her", "it", "them", "this", "these", "those", "each", "every", "all",
    "any", "one", "two",
))  # fmt: skip
_BEHIND_THINGS = frozenset((
    "to", "of", "for", "with", "by", "in", "on", "at", "from", "as", "that", "which", "who", "within", "and", "or",
    "after", "before",
))  # fmt: skip


def task_name_of(duty: Responsibility) -> str:
    """Return a duty as a task, verb first: "Refers clients and tells them" is "Refer clients and tell them".

    Nothing is cut. Where a later word may be a deed or a thing ("hosts" in "... and hosts webinars"), all of it stays
    as it was typed.
    """
    text = duty.text.rstrip(".")
    words = text.split()
    named = [_base_form(words[0]), *words[1:]]
    for index in range(1, len(words)):
        word, before = words[index], words[index - 1]
        if (
            not (before in _JOINING or before.endswith((",", ";")))
            or word in _JOINING
            or not re.fullmatch("[a-z]+[^isu]s", word)
        ):
            continue
        following = words[index + 1] if index + 1 < len(words) else ""
        if word in _VERBS or following in _BEHIND_VERBS:
            named[index] = _base_form(word)
        elif following and following not in _BEHIND_THINGS and word not in _THINGS:
            return text
    return " ".join(named)


def _base_form(verb: str) -> str:
    """Return "Carry" for "Carries", "Pass" for "Passes", "Send" for "Sends"."""
    irregular = _IRREGULAR.get(verb.casefold())
    if irregular:
        return irregular.capitalize() if verb[:1].isupper() else irregular
    if verb.casefold() in ("does", "goes"):
        return verb[:-2]
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    if verb.endswith(_ES_ENDINGS):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") and not verb.endswith("ss") else verb
