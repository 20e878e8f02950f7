"""A first RACI matrix for a deal that has none: a task for each responsibility, and typical ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agreementgen.deal.deal import Deal
from agreementgen.deal.matrix import OUTSIDE, Duty, Role, duties_of, named
from agreementgen.draft.review import typical_tasks
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline

_WORDS = 9
# Where more parties than these two have a hand in a task, nobody has.
_INVOLVED = 2
_ES = ("sses", "shes", "ches", "xes", "zes", "goes", "does")


@dataclass(frozen=True)
class Proposed:
    """A task with a letter for each role by name."""

    name: str
    letters: Mapping[str, str]
    phase: str
    duty: str


def propose(deal: Deal, library: Library, outline: Outline) -> str:
    """Return roles and tasks as YAML to paste into the deal file. Roles that the deal has already are kept."""
    roles = _proposed_roles(deal)
    tasks = [*_own(deal, roles), *_typical(deal, library, outline, roles)]
    lines = ["raci:", "  roles:"]
    for role in roles:
        person = f", person: {_text(role.person)}" if role.person else ""
        party = f"{{party: {_text(role.party)}{person}}}" if person else _text(role.party)
        lines.append(f"    {_text(role.name)}: {party}")
    lines.append("  tasks:")
    seen: set[str] = set()
    for task in tasks:
        name, number = task.name, 1
        while name in seen:
            number += 1
            name = f"{task.name} ({number})"
        seen.add(name)
        letters = ", ".join(f"{_text(role)}: {letter}" for role, letter in task.letters.items())
        lines += [f"    {_text(name)}:", f"      letters: {{{letters}}}", f"      phase: {_text(task.phase)}"]
        if task.duty:
            lines.append(f"      carries out: {_text(task.duty)}")
    return "\n".join(lines) + "\n"


def _proposed_roles(deal: Deal) -> Sequence[Role]:
    if deal.matrix:
        return [role for role in deal.matrix.roles if role.party != OUTSIDE]
    place = deal.answers[0].place
    return [
        Role(f"{party['short']} lead", str(party["short"]), str(party.get("contact") or ""), place)
        for party in deal.parties
    ]


def _first(roles: Sequence[Role], party: str) -> str:
    return next((role.name for role in roles if role.party == party), roles[0].name)


def _letters(roles: Sequence[Role], lead: str, others: str) -> dict[str, str]:
    """Give `lead` the work and its approval, one role of two other parties `others`, the rest I."""
    party = next(role.party for role in roles if role.name == lead)
    found = {lead: "A/R"}
    for role in roles:
        if role.party != party and role.name == _first(roles, role.party):
            found[role.name] = others if len(found) <= _INVOLVED else "I"
    return {role.name: found[role.name] for role in roles if role.name in found}


def _own(deal: Deal, roles: Sequence[Role]) -> Iterator[Proposed]:
    every = duties_of(deal.facts)
    for duty in every:
        (says,) = named([duty], every)
        yield Proposed(task_name(duty), _letters(roles, _first(roles, duty.party), "I"), "Responsibilities", says)


def _typical(deal: Deal, library: Library, outline: Outline, roles: Sequence[Role]) -> Iterator[Proposed]:
    """Yield the typical tasks that no responsibility names, led by one party after the other."""
    names = [task_name(duty) for duty in duties_of(deal.facts)]
    parties = list(dict.fromkeys(role.party for role in roles))
    turn = 0
    for task in typical_tasks(deal, library, outline):
        if not task.done_by(names):
            lead = _first(roles, parties[turn % len(parties)])
            yield Proposed(task.task, _letters(roles, lead, task.others), task.phase, "")
            turn += 1


def task_name(duty: Duty) -> str:
    """Return a short name that begins with a verb: "Refers clients and ..." is "Refer clients"."""
    text = re.split(r",| and (?=\w+s\b)| within | by the ", duty.text.rstrip("."))[0]
    first, *rest = text.split()
    return " ".join([_base(first), *rest][:_WORDS])


def _base(verb: str) -> str:
    """Return "Carry" for "Carries", "Pass" for "Passes", "Send" for "Sends"."""
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    if verb.endswith(_ES):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") and not verb.endswith("ss") else verb


def _text(text: str) -> str:
    """Return `text` as YAML that is safe inside braces."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9 ’'./()-]*[A-Za-z0-9.)]|[A-Za-z]", text)
    if plain and text.lower() not in ("yes", "no", "on", "off", "true", "false", "null", "y", "n"):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
