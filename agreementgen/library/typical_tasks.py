"""Typical tasks (`clauses/raci/topic.yaml`): what answers say of who does what, for RACI charts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agreementgen.core.problems import Place
from agreementgen.library.files import Fields, PlacedText

# Who does a typical task, besides a role of the parties ("vendor") and the path of a fact ("books.keeper").
EACH, TOGETHER, NOBODY, NOT = "each", "together", "nobody", "not "
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)


@dataclass(frozen=True)
class TypicalTask:
    """What an agreement says of a task where `when` holds: a chart is proposed from it, and held against it.

    `name` and `phase` are what a proposed chart prints; without a phase it is how often the task is done. `each` names
    a list of the deal that makes one task an entry.

    `by` comes out as who does it: EACH (a task for each party), TOGETHER (one task of all), NOBODY (the agreement names
    none), a role of the parties, a fact that is a party or names a person, or NOT and one of them: a task for each of
    the others. `approved_by` has the last word where several do it, "" where the agreement does not say.
    `letter_of_others` is that of the parties that do not do it; where `informs_others` they must have one.

    A task of a chart is about it if it holds words that begin like those of one of `deeds`, such as "pay fee|share": a
    verb, first or behind "and", and one of the others. `names_doer`: a party that its name names is the one that does
    it. `periods` are how often it is done, `within` the lengths of time, one after the other, that it may take from the
    end of a period, and `due` a day, or the length of time from the effective date to it: facts.

    A chart without a task for its `subject` (words of messages, "" for none) is warned of; a task is for it if one of
    its words begins like one of `keywords` ("complain"), or if it has all words of one that has several ("hand over").
    """

    name: PlacedText
    phase: PlacedText
    each: str
    by: PlacedText
    approved_by: str
    letter_of_others: str
    informs_others: bool
    deeds: tuple[str, ...]
    names_doer: bool
    periods: tuple[str, ...]
    within: tuple[str, ...]
    due: str
    subject: str
    keywords: tuple[str, ...]
    when: PlacedText
    place: Place

    @property
    def owners(self) -> tuple[str, ...]:
        """What `by` may come out as."""
        return tuple(filter(None, (" ".join(owner.split()) for owner in _TAG.split(self.by.text))))

    @property
    def facts(self) -> tuple[str, ...]:
        """The paths of the facts that are looked up, other than in texts and conditions."""
        owners = (*(owner.removeprefix(NOT) for owner in self.owners), self.approved_by)
        paths = (*owners, *(period for period in self.periods if "." in period), *self.within, self.due)
        return tuple(path for path in paths if path not in ("", EACH, TOGETHER, NOBODY))

    def is_about(self, name: str) -> bool:
        """Return whether a task of this name is the deed that the agreement speaks of."""
        words = words_of_task(name)
        verbs = [word for before, word in zip(("and", *words), words, strict=False) if before in ("and", "or", "then")]
        for deed in self.deeds:
            verb, *others = (tuple(part.split("|")) for part in deed.split())
            if any(_is_form_of(word, verb) for word in verbs) and all(
                any(word.startswith(other) and word not in verbs for word in words) for other in others
            ):
                return True
        return False

    def has_subject(self, names: Sequence[str]) -> bool:
        """Return whether a task of one of these names is about the same subject."""
        return any(_matches(name.casefold().split(), keyword) for name in names for keyword in self.keywords)


@lru_cache(maxsize=2_000)
def words_of_task(name: str) -> tuple[str, ...]:
    """Return the words of a task's name for comparing: without capitals, signs around them, and 's."""
    words = (re.sub(r"['’]s?$", "", word.strip('"“”().,;:!?')) for word in name.casefold().split())
    return tuple(filter(None, words))


def _is_form_of(word: str, verbs: Sequence[str]) -> bool:
    """Return whether a word is one of the verbs: "pay" or "pays", not "payment"."""
    return any(word in (verb, f"{verb}s", f"{verb}es", f"{verb[:-1]}ies") for verb in verbs)


def _matches(words: Sequence[str], keyword: str) -> bool:
    parts = keyword.split()
    return set(parts) <= set(words) if len(parts) > 1 else any(word.startswith(keyword) for word in words)


def read_typical_task(fields: Fields) -> TypicalTask:
    letter = fields.read_text("others", "I")
    if letter not in ("C", "I", "R"):
        fields.add_problem(f'"{letter}" is not R, C or I', place=fields.place_of("others"), code="not-a-choice")
    return TypicalTask(
        name=fields.read_placed_text("task", ""),
        phase=fields.read_placed_text("phase", ""),
        each=fields.read_text("each", ""),
        by=fields.read_placed_text("by"),
        approved_by=fields.read_text("approved by", ""),
        letter_of_others=letter,
        informs_others=fields.read_flag("informs others", False),
        deeds=fields.read_texts("deeds"),
        names_doer=fields.read_flag("names doer", False),
        periods=fields.read_texts("periods"),
        within=fields.read_texts("within"),
        due=fields.read_text("due", ""),
        subject=fields.read_text("subject", ""),
        keywords=fields.read_texts("words"),
        when=fields.read_placed_text("when", ""),
        place=fields.place_of("by"),
    )
