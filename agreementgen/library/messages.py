"""What the questionnaire says, in another language: the `messages.po` of a pack, which translators edit.

A message is a text as the program writes it, with names in braces for what is filled in. The program speaks English;
what it has said in full is found among the messages, and said again in the pack's words. So no other module knows that
there are translations, and what has none stays English.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.library.files import SourceFile

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

MESSAGES_FILE = "messages.po"
# Longer texts are somebody's own words, and no messages of ours.
_LONGEST_TEXT = 4_000
_MOST_MESSAGES = 5_000
_HOLE = re.compile(r"\{(\w+)\}")
# With so few letters and no sign of its own a message says too little: another text may begin or go on like it.
_FEW_LETTERS = 12
_SIGN = re.compile(r'[:"(?>.]')
# What is filled into a message may be one itself, and hold another.
_MOST_DEPTH = 3
# Of messages that are little but holes, nearly every one fits any text, and each again what stands in
# their holes. Messages of the program need four at most.
_MOST_MATCHES = 50


def holes_of(message: str) -> list[str]:
    """Return the names of what is filled in, in their order."""
    return _HOLE.findall(message)


@dataclass(frozen=True)
class _Pattern:
    """A message with holes: the pieces around them, and how it is said."""

    pieces: tuple[str, ...]
    holes: tuple[str, ...]
    says: str

    @property
    def says_little(self) -> bool:
        words = "".join(self.pieces)
        return sum(char.isalpha() for char in words) < _FEW_LETTERS and not _SIGN.search(words)

    def match(self, text: str) -> dict[str, str] | None:
        """Return what stands in the holes of a text; None where it is another message. Takes one look at the text."""
        if not text.startswith(self.pieces[0]):
            return None
        position = len(self.pieces[0])
        found = {}
        for hole, piece in zip(self.holes, self.pieces[1:], strict=True):
            is_last = hole == self.holes[-1]
            end = len(text) - len(piece) if is_last else text.find(piece, position)
            if end < position or not text.startswith(piece, end):
                return None
            found[hole] = text[position:end]
            position = end + len(piece)
        if self.says_little and any(" " in value for value in found.values()):
            return None
        return found


class _TooManyMatches(Exception):
    pass


@dataclass(frozen=True)
class Messages:
    """Messages by the English text; the empty one translates nothing."""

    whole: Mapping[str, str] = field(default_factory=dict)
    patterns: tuple[_Pattern, ...] = ()

    def translate(self, text: str) -> str:
        """Return what the program says in English in the pack's words, or as it is; as it is, too, where more than
        50 messages fit the text and what stands in their holes.
        """
        try:
            return self._translate(text, 0, count(1))
        except _TooManyMatches:
            return text

    def _translate(self, text: str, depth: int, matches: Iterator[int]) -> str:
        if (not self.whole and not self.patterns) or len(text) > _LONGEST_TEXT:
            return text
        if text in self.whole:
            return self.whole[text]
        said = text
        for pattern in self.patterns:
            filled = pattern.match(text)
            if filled is None:
                continue
            if next(matches) > _MOST_MATCHES:
                raise _TooManyMatches
            spoken = {
                hole: self._translate(value, depth + 1, matches) if depth < _MOST_DEPTH else value
                for hole, value in filled.items()
            }
            if said == text or spoken != filled:
                said = _fill_holes(pattern.says, spoken)
            if spoken != filled:
                # What is filled in was understood, too: of two messages that fit, it is this one.
                return said
        return said


def _fill_holes(message: str, filled: Mapping[str, str]) -> str:
    pieces = _HOLE.split(message)
    return "".join(filled[piece] if index % 2 else piece for index, piece in enumerate(pieces))


NO_MESSAGES = Messages()


def read_messages(source: SourceFile) -> Messages:
    """Return the messages of a file; raise PackError with all that is wrong with it.

    What is empty or marked as uncertain ("fuzzy") is not said: it stays English.
    """
    whole: dict[str, str] = {}
    # Messages that differ in nothing but the names of their holes fit the same texts: the first is said.
    patterns: dict[tuple[object, ...], _Pattern] = {}
    problems: list[Problem] = []
    for message, says, line in each_translation(source):
        if says and sorted(set(holes_of(message))) != sorted(set(holes_of(says))):
            names = ", ".join(f"{{{hole}}}" for hole in dict.fromkeys(holes_of(message))) or "nothing in braces"
            said = f'the translation of "{message[:60]}" must have {names}'
            hint = "leave the words in braces as they are"
            problems.append(Problem(said, hint, place=Place(source.name, line, 1), code="unreadable"))
        elif says and holes_of(message):
            pieces, holes = tuple(_HOLE.split(message)[::2]), tuple(holes_of(message))
            patterns.setdefault((pieces, tuple(map(holes.index, holes))), _Pattern(pieces, holes, says))
        elif says:
            whole[message] = says
    if problems:
        raise PackError(problems)
    # Of two that fit, the one that says more.
    ranked = sorted(patterns.values(), key=lambda one: (-sum(map(len, one.pieces)), one.pieces))
    return Messages(whole, tuple(ranked))


def each_translation(source: SourceFile) -> Iterator[tuple[str, str, int]]:
    """Yield each message of a file, what it is in the other language ("" for none) and its line.

    Raise PackError for a file that is no catalog of messages.
    """
    for entry in read_catalog(source):
        if isinstance(entry.id, str) and entry.id:
            yield entry.id, "" if entry.fuzzy else str(entry.string or ""), entry.lineno or 1


def read_catalog(source: SourceFile) -> Catalog:
    """Return a catalog of messages; raise PackError for a file that is none, or has too many."""
    from babel.messages.pofile import PoFileError, read_po

    try:
        catalog = read_po(io.BytesIO(source.data), abort_invalid=True, charset="utf-8")
    except (PoFileError, UnicodeDecodeError, ValueError, LookupError, TypeError, AttributeError) as error:
        line = getattr(error, "lineno", None)
        message = f"this is not a file of messages that can be read ({str(error)[:80]})"
        hint = 'save it as UTF-8 with a program for .po files; "agreementgen pack copy DIR messages" makes one'
        place = Place(source.name, line + 1 if isinstance(line, int) else 0, 1 if isinstance(line, int) else 0)
        raise PackError(Problem(message, hint, place=place, code="unreadable")) from None
    if len(catalog) > _MOST_MESSAGES:
        message = f"a file of messages has at most {_MOST_MESSAGES:,}"
        raise PackError(Problem(message, "", place=Place(source.name), code="file-too-large"))
    return catalog
