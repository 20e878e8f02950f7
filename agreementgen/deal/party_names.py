"""Which party a name means: its short or legal name, in any capitals, with or without its form, or a person of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agreementgen.core.problems import collapse_spaces
from agreementgen.deal.deal import OUTSIDE

_SUFFIX = re.compile(
    r"[,\s]+(?:LLC|L\.L\.C\.|Inc\.?|Incorporated|Corp\.?|Corporation|Ltd\.?|Limited|LLP|LP|PLLC|PC|P\.C\.|Co\.|"
    r"GmbH|mbH|AG|S\.?A\.?|B\.?V\.?)$",
    re.IGNORECASE,
)


def drop_legal_form(name: str) -> str:
    """Return `name` without its legal form: "Rosa's Bakery LLC" is "Rosa's Bakery"."""
    return _SUFFIX.sub("", name).strip() or name


@lru_cache(4096)
def fold_name(text: str) -> str:
    """Return a name for comparing: capitals, accents' encoding, punctuation and legal forms do not matter."""
    plain = unicodedata.normalize("NFKC", collapse_spaces(text)).casefold().replace("’", "'")
    return re.sub(r"[^\w']+", " ", drop_legal_form(plain)).strip()


@dataclass(frozen=True)
class NamedParty:
    """A party as a chart may call it: by `short`, by one of its other `names`, by one of its `people`."""

    short: str
    names: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class BoundName:
    """What a head says: the name of a role, its party and its person, "" where it says none."""

    name: str
    party: str = ""
    person: str = ""
    # What stands in brackets and is no party: perhaps a misspelt one.
    unknown: str = ""
    # The party is only part of the name, as in "Northshore manager".
    is_guess: bool = False


# Between the name of a role, its party and its person in one cell.
_SEPARATOR = re.compile(r"\s+[–—-]\s+|\s*[:,;|@/\n–—]\s*")
# Between a party's name and a person's in one cell.
_PARTY_SEPARATOR = re.compile(r"^\s*[:,;/(–—-]\s*(.*?)\)?\s*$", re.DOTALL)
_BRACKETS = re.compile(r"(.*?)\s*[(\[](.*)[)\]]\s*", re.DOTALL)


def _spell_people(people: Sequence[str]) -> tuple[str, ...]:
    """Return names of people with their other spellings: "Dana Reyes", "Reyes, Dana", "D. Reyes"."""
    words = [name.split() for name in people]
    turned = [f"{last}, {' '.join(first)}" for *first, last in words if first]
    initials = [f"{first[0][0]}. {last}" for *first, last in words if first]
    return (*people, *turned, *initials)


class PartyNames:
    """Finds parties by their names and people; a name that several have means none of them."""

    def __init__(self, parties: Sequence[NamedParty]) -> None:
        self.shorts = tuple(party.short for party in parties)
        self.by_name: dict[str, str] = {}
        self.by_person: dict[str, str] = {}
        for found, texts in (
            (self.by_name, [(party.short, (party.short, *party.names)) for party in parties]),
            (self.by_person, [(party.short, _spell_people(party.people)) for party in parties]),
        ):
            for short, names in texts:
                for name in filter(None, map(fold_name, names)):
                    found[name] = short if found.get(name, short) == short else ""

    def find_party(self, text: str) -> str:
        """Return the short name of the party that `text` names, OUTSIDE for nobody's, "" for none."""
        folded = fold_name(text)
        if collapse_spaces(text) in self.shorts:
            return collapse_spaces(text)
        return self.by_name.get(folded, "") or (OUTSIDE if folded == OUTSIDE else "")

    def find_by_person(self, text: str) -> str:
        return self.by_person.get(fold_name(text), "")

    def split_party_and_person(self, text: str) -> tuple[str, str]:
        """Return party and person of a text that names both; ("", "") where it names no party."""
        if party := self.find_party(text) or self.find_by_person(text):
            return party, "" if self.find_party(text) else collapse_spaces(text)
        plain = text.strip()
        for short in sorted(self.shorts, key=len, reverse=True):
            if plain.startswith(short):
                rest = plain[len(short) :]
                if rest.startswith("\n"):
                    return short, collapse_spaces(rest)
                if match := _PARTY_SEPARATOR.match(rest):
                    return short, collapse_spaces(match[1])
        first, *rest_lines = [line for line in plain.split("\n") if line.strip()] or [""]
        if rest_lines and (party := self.find_party(first)):
            return party, collapse_spaces(" ".join(rest_lines))
        return "", ""

    def read_head(self, text: str) -> BoundName:
        """Return role, party and person of a head, as "Account lead (Northshore: Dana Reyes)"."""
        whole = collapse_spaces(text)
        if party := self.find_party(text) or self.find_by_person(text):
            return BoundName(whole, party)
        if match := _BRACKETS.fullmatch(text):
            before, inner = collapse_spaces(match[1]), match[2]
            party, person = self.split_party_and_person(inner)
            if party and before:
                return BoundName(before, party, person)
            if party := self.find_party(before):
                return BoundName(collapse_spaces(inner), party)
            if party := self.find_by_person(before):
                return BoundName(collapse_spaces(inner), party, before)
            return BoundName(before or whole, unknown=collapse_spaces(inner))
        return self.read_lines(text) or self.read_parts(text) or self.find_party_in_words(whole) or BoundName(whole)

    def read_lines(self, text: str) -> BoundName | None:
        """Return what lines below each other say: role, then party, then person."""
        first, *rest = [line for line in text.split("\n") if line.strip()] or [""]
        party, person = self.split_party_and_person("\n".join(rest)) if rest else ("", "")
        return BoundName(collapse_spaces(first), party, person) if party else None

    def read_parts(self, text: str) -> BoundName | None:
        parts = [part for part in map(collapse_spaces, _SEPARATOR.split(text)) if part]
        for index, part in enumerate(parts):
            by_name, by_person = self.find_party(part), self.find_by_person(part)
            others = [other for number, other in enumerate(parts) if number != index]
            if others and (by_name or by_person):
                return BoundName(", ".join(others), by_name or by_person, "" if by_name else part)
        return None

    def find_party_in_words(self, whole: str) -> BoundName | None:
        """Return the party whose name begins or ends a head, as in "Northshore manager"."""
        words = f" {re.sub(r'[^a-z0-9à-ÿ]+', ' ', whole.casefold().replace(chr(39) + 's ', ' '))} "
        found = {
            short
            for name, short in self.by_name.items()
            if short and len(name) > 2 and (words.startswith(f" {name} ") or words.endswith(f" {name} "))
        }
        return BoundName(whole, found.pop(), is_guess=True) if len(found) == 1 else None
