"""How wording must look whatever is chosen: signs, spaces, capitals, plain words, and the number of parties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agreementgen.document import Clause, ItemList, Runs, block_runs, text_of
from agreementgen.library.clauses import ClauseText

_ARCHAIC = re.compile(
    r"\b(here(by|in|of|to|under|after|with|unto|inafter|tofore)|there(of|in|to|under|after|for|with|upon|from)|"
    r"where(as|of|in|by|upon|fore)|witnesseth|aforesaid|aforementioned|said|same is|such party|pursuant|forthwith|"
    r"notwithstanding|hence|thence|shall|inter alia|mutatis|prior to|in the event (that|of)|null and void)\b",
    re.IGNORECASE,
)
_QUOTE = "a straight quote"
_FAULTS = {
    "two spaces": r"  ",
    "a space at an end": r"^ | $",
    "a space before a sign": r" [,.;:)!?]",
    "a space behind a bracket": r"\( ",
    "two signs": r"[,;:.][,;:]|(?<!\.)\.\.(?!\.)|,\.|;\.",
    "no space behind a sign": r"[a-z][,;][A-Za-z]|[a-z]{2}\.[A-Z]",
    _QUOTE: r"['\"]",
    "an empty bracket": r"\(\)",
    "a leftover of the language": r"[{}%]\}|\{[{%]",
    "an orphan and": r"\b(and|or)[,.;:]|[,;:(] (and|or) (and|or)\b|^(and|or)\b",
}
# What can be said of two parties only.
_OF_TWO = re.compile(
    r"\b([Tt]he other (party|side)|[Tt]he other’s|[Ee]ither party|[Nn]either|[Bb]oth parties|[Bb]oth (may|will)|"
    r"[Tt]he other (may|will|of)|for both|to the other[,.; ])"
)


@dataclass(frozen=True)
class Fault:
    """A slip in a printed text: what it is, the words found, and those around them.

    `english`: whether it is one in English only.
    """

    what: str
    found: str
    around: str
    english: bool = False

    def __str__(self) -> str:
        return f"{self.what}: {self.around}" if self.around else self.what


TWO_ONLY = "said of two parties only"


def faults(text: str, parties: int) -> Iterator[Fault]:
    """Yield what is wrong with one printed text of an agreement of so many parties."""
    for name, pattern in _FAULTS.items():
        if match := re.search(pattern, text):
            yield Fault(name, match[0], _around(text, match))
    if parties > 2 and (match := _OF_TWO.search(text)):
        what = f'"{match[0]}" is {TWO_ONLY}, and there may be {parties}'
        yield Fault(what, match[0], _around(text, match), english=True)
    yield from archaic(text)


def archaic(text: str) -> Iterator[Fault]:
    for match in _ARCHAIC.finditer(text):
        yield Fault(f'archaic "{match[0]}"', match[0], _around(text, match), english=True)


def row_faults(label: str, runs: Runs, parties: int) -> Iterator[Fault]:
    """Yield what is wrong with a row of the key terms. What a user typed stands there, with its own quotes."""
    text = text_of(runs)
    yield from (fault for fault in (*faults(text, parties), *faults(label, parties)) if fault.what != _QUOTE)
    if text[:1].islower():
        yield Fault("a small first letter", "", text)


def clause_faults(clause: Clause, parties: int) -> Iterator[Fault]:
    """Yield what is wrong with one wording of a clause."""
    for block in clause.blocks:
        for runs in block_runs(block):
            text = text_of(runs)
            if not text.strip():
                yield Fault("an empty paragraph", "", "")
            yield from faults(text, parties)
            if not isinstance(block, ItemList) and not re.search(r"[.!?:]$", text):
                yield Fault("no stop at the end", "", text)
            for sentence in re.split(r"(?<=[.!?]) ", text):
                if sentence[:1].islower():
                    yield Fault("a small first letter", "", sentence)


def text_of_clause(clause: Clause) -> str:
    """Return the printed text of a clause in one line, without its title."""
    return " ".join(text_of(runs) for block in clause.blocks for runs in block_runs(block))


def over_budget(clause: Clause, source: ClauseText) -> str:
    """Return by how much a wording is longer than its clause's budget, "" where it is not."""
    count = len(text_of_clause(clause).split())
    return f"{count} words, {source.words} allowed" if source.words and count > source.words else ""


def own_words(source: str) -> str:
    """Return a text without its tags."""
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", " ", source, flags=re.DOTALL)


def _around(text: str, match: re.Match[str]) -> str:
    """Return the words around what was found."""
    start, end = max(0, match.start() - 40), match.end() + 40
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
