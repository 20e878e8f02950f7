"""Answers that the words of an edited Word file can be read as. Proposed only where it is proven.

The old words of a row or clause hold the printed forms of facts. Where the new words are the same but for these, what
stands in their place is tried as the answer; it is proposed where the agreement of that answer says the new words, to
the letter. Everything else is left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product

from agreementgen import pipeline
from agreementgen.core.problems import AgreementError, Place
from agreementgen.deal.deal import Answer, Deal
from agreementgen.deal.questions import Structure
from agreementgen.deal.reader import FactPath, node_as_data
from agreementgen.draft.traceability import forms_of_value
from agreementgen.life.comparison import draft_plainly, each_leaf, replace_value
from agreementgen.life.parts import list_parts
from agreementgen.life.returned import ReturnedPart, squash
from agreementgen.sources import SourcedDeal
from agreementgen.yamlfile.editing import set_answer, value_at, write_answers

# A form as short as this stands in too many words by chance.
_LEAST_FORM = 2
_QUOTES = {ord("\u2018"): "'", ord("\u2019"): "'", ord("\u201c"): '"', ord("\u201d"): '"'}
_MOST_FORMS, _MOST_CHANGED, _MOST_READINGS = 12, 5, 24
# Letters of a new answer; and looks at the new words of one part: a tenth of a second, where people's edits take some
# hundred. What would take more is left to a person.
_LONGEST_ANSWER, _MOST_LOOKS = 120, 200_000


@dataclass(frozen=True)
class Proposal:
    """A new answer for the fact at `path`, typed at `place`; `part` is the key of the row or clause that says it.

    Nobody has typed the old one where `place` has no line: it is the usual one.
    """

    path: FactPath
    old: str
    new: str
    place: Place
    part: str

    @property
    def name(self) -> str:
        return ".".join(self.path)


def propose_answers(sourced: SourcedDeal, parts: Sequence[ReturnedPart]) -> tuple[Proposal, ...]:
    """Return the answers that changed rows and clauses can be read as, each once."""
    typed = dict(each_leaf(sourced.deal.typed))
    forms = [*_each_form(sourced.deal, typed)]
    usual = {path: form for form, path in reversed(forms) if path not in typed}
    found: dict[FactPath, Proposal] = {}
    for one in parts:
        change = one.change
        if change.state == "changed" and change.old and change.new:
            old, new = _plain(change.old.text), _plain(change.new.text)
            for answers in islice(_each_reading(old, new, forms), _MOST_READINGS):
                if _says(sourced, answers, change.part.key, new):
                    for path, text in answers.items():
                        node = typed.get(path) or typed.get(path[:-1])
                        place = node.place if node else Place(sourced.name)
                        before = _old_text(sourced, path) or usual.get(path, "")
                        proposal = Proposal(path, before, text, place, change.part.key)
                        found.setdefault(path, proposal)
                    break
    return tuple(found.values())


def _each_form(deal: Deal, typed: Mapping[FactPath, object]) -> Iterator[tuple[str, FactPath]]:
    """Yield what typed facts look like in print, with where they were typed; an item of a list by its number."""
    # What was typed is tried first where two facts look alike.
    for answer in sorted(deal.answers, key=lambda one: not one.typed):
        for path, value in _each_value(answer, typed):
            for number, forms in enumerate(forms_of_value(value, deal.language), 1):
                for form in map(_in_plain_quotes, forms):
                    # "30 days'" holds "30 days", which can be read.
                    if (len(form) >= _LEAST_FORM or form.isdecimal()) and not form.endswith(("'", "'s")):
                        yield squash(form), (*path, str(number)) if isinstance(value, tuple) else path


def _each_value(answer: Answer, typed: Mapping[FactPath, object]) -> Iterator[tuple[FactPath, object]]:
    """Yield the values of an answer with where they were typed: what is said for each party by itself."""
    path = tuple(answer.path.split("."))
    if not answer.typed:
        is_one = answer.question.structure is Structure.SCALAR and not isinstance(answer.value, tuple)
        if is_one and answer.question.printed and not any(name.isdecimal() for name in path):
            yield path, answer.value
        return
    if answer.question.structure in (Structure.PER_PARTY, Structure.SHARES):
        for entry in answer.value:
            names = {str(entry["party"][key]).casefold() for key in ("short", "name")}
            inside = (found for found in typed if found[:-1] == path and found[-1].casefold() in names)
            for found in inside:
                yield found, entry.get("said", entry.get("share"))
    elif path in typed and answer.question.structure not in (Structure.GROUP, Structure.GROUPS):
        yield path, answer.value


def _each_reading(old: str, new: str, forms: Sequence[tuple[str, FactPath]]) -> Iterator[dict[FactPath, str]]:
    """Yield what may stand in `new` in the place of facts that stand in `old`; nothing where other words changed, too.

    Two facts may look alike ("12 months"): each is tried in the place of the other.
    """
    paths: dict[str, list[FactPath]] = {}
    for form, path in forms:
        paths.setdefault(form.casefold(), []).append(path)
    spots: list[tuple[int, int, str]] = []
    for form in sorted(paths, key=len, reverse=True):
        for found in re.finditer(rf"(?<!\w){re.escape(form)}(?!\w)", old, re.IGNORECASE):
            if all(found.end() <= start or found.start() >= stop for start, stop, _ in spots):
                spots.append((*found.span(), form))
    if not spots or len(spots) > _MOST_FORMS or len(new) > len(old) + _MOST_CHANGED * _LONGEST_ANSWER:
        return
    spots.sort()
    # The fewest answers that explain the new words: what still stands there was not changed.
    looks = iter(range(_MOST_LOOKS))
    for count in range(1, min(len(spots), _MOST_CHANGED) + 1):
        for opened in combinations(spots, count):
            texts = _match_with(old, new, opened, looks)
            if texts is not None:
                changed = [(form, text) for (_, _, form), text in zip(opened, texts, strict=True)]
                yield from _each_choice(changed, paths)


def _match_with(
    old: str, new: str, opened: Sequence[tuple[int, int, str]], looks: Iterator[int]
) -> tuple[str, ...] | None:
    """Return what `new` has in the place of some stretches of `old`, where all else is the same and each differs.

    Of several ways to divide it, the one with the shortest first ones. None, too, when there are no more `looks`.
    """
    starts, ends = [start for start, _, _ in opened], [end for _, end, _ in opened]
    first, last = old[: starts[0]], old[ends[-1] :]
    behind = len(new) - len(last)
    if not new.startswith(first) or not new.endswith(last) or behind < len(first) + len(opened):
        return None
    pieces = [old[end:start] for end, start in zip(ends, starts[1:], strict=False)]
    texts = _divide(new, len(first), behind, pieces, looks, set())
    if texts is None or any(text == old[start:end] for text, (start, end, _) in zip(texts, opened, strict=True)):
        return None
    return texts


def _divide(
    text: str, start: int, end: int, pieces: Sequence[str], looks: Iterator[int], dead: set[tuple[int, int]]
) -> tuple[str, ...] | None:
    """Return what stands between `pieces` from `start` to `end`, each of 1 to 120 letters; None where it cannot be.

    `dead` are places where it was tried: without them, the time doubles with each comma.
    """
    if not pieces:
        return (text[start:end],) if 0 < end - start <= _LONGEST_ANSWER else None
    piece, *others = pieces
    at = start + 1
    while (len(pieces), start) not in dead and next(looks, None) is not None:
        at = text.find(piece, at, min(start + _LONGEST_ANSWER + len(piece), end))
        if at < 0:
            break
        rest = _divide(text, at + len(piece), end, others, looks, dead)
        if rest is not None:
            return (text[start:at], *rest)
        at += 1
    dead.add((len(pieces), start))
    return None


def _each_choice(
    changed: Sequence[tuple[str, str]], paths: Mapping[str, Sequence[FactPath]]
) -> Iterator[dict[FactPath, str]]:
    """Yield each way in which facts that look like these forms can have these new texts."""
    for chosen in product(*(paths[form] for form, _ in changed)):
        reading: dict[FactPath, str] = {}
        if all(reading.setdefault(path, text) == text for path, (_, text) in zip(chosen, changed, strict=True)):
            yield reading


def _says(sourced: SourcedDeal, answers: Mapping[FactPath, str], key: str, words: str) -> bool:
    """Return whether the agreement with these answers says `words` in the part `key`."""
    data = node_as_data(sourced.deal.typed)
    for path, text in answers.items():
        data = replace_value(data, path, text)
    try:
        deal = pipeline.read(write_answers(data).encode(), sourced.name, sourced.library)
        drafts = (draft_plainly(sourced, deal, short) for short in (False, True))
        said = [{part.key: _plain(part.text) for part in list_parts(draft)} for draft in drafts]
    except (AgreementError, LookupError):
        return False
    return any(parts.get(key) == words for parts in said)


def _plain(text: str) -> str:
    """Return a text as it is compared: people and programs type other quotes than are printed."""
    return squash(_in_plain_quotes(text))


def _in_plain_quotes(text: str) -> str:
    return text.translate(_QUOTES)


def _old_text(sourced: SourcedDeal, path: FactPath) -> str:
    found = value_at(node_as_data(sourced.deal.typed), path)
    return str(found) if found is not None else ""


def apply_proposals(text: str, proposals: Sequence[Proposal]) -> str:
    """Return the text of a deal file with the proposed answers; comments and all other answers stay as they are."""
    for proposal in proposals:
        text = set_answer(text, proposal.path, proposal.new)
    return text
