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
from agreementgen.deal.reader import node_as_data
from agreementgen.draft.traceability import printed_forms
from agreementgen.life.comparison import Path, draft_plainly, each_leaf, replace_value, value_at
from agreementgen.life.parts import list_parts
from agreementgen.life.returned import ReturnedPart, squash
from agreementgen.sources import SourcedDeal
from agreementgen.yamlfile.editing import set_answer, write_answers

# A form as short as this stands in too many words by chance.
_LEAST_FORM = 2
_MOST_FORMS, _MOST_CHANGED, _MOST_READINGS = 12, 5, 24


@dataclass(frozen=True)
class Proposal:
    """A new answer for the fact at `path`, typed at `place`; `part` is the key of the row or clause that says it."""

    path: Path
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
    found: dict[Path, Proposal] = {}
    for one in parts:
        change = one.change
        if change.state == "changed" and change.old and change.new:
            old, new = squash(change.old.text), squash(change.new.text)
            for answers in islice(_each_reading(old, new, forms), _MOST_READINGS):
                if _says(sourced, answers, change.part.key, new):
                    for path, text in answers.items():
                        place = typed[path].place if path in typed else typed[path[:-1]].place
                        proposal = Proposal(path, _old_text(sourced, path), text, place, change.part.key)
                        found.setdefault(path, proposal)
                    break
    return tuple(found.values())


def _each_form(deal: Deal, typed: Mapping[Path, object]) -> Iterator[tuple[str, Path]]:
    """Yield what typed facts look like in print, with where they were typed; an item of a list by its number."""
    for answer in deal.answers:
        path = tuple(answer.path.split("."))
        if not answer.typed or path not in typed:
            continue
        is_list = isinstance(answer.value, tuple)
        for number, forms in enumerate(_forms_of(answer, deal), 1):
            for form in forms:
                if len(form) >= _LEAST_FORM:
                    yield squash(form), (*path, str(number)) if is_list else path


def _forms_of(answer: Answer, deal: Deal) -> Iterator[tuple[str, ...]]:
    yield from printed_forms(answer, deal.language)


def _each_reading(old: str, new: str, forms: Sequence[tuple[str, Path]]) -> Iterator[dict[Path, str]]:
    """Yield what may stand in `new` in the place of facts that stand in `old`; nothing where other words changed, too.

    Two facts may look alike ("12 months"): each is tried in the place of the other.
    """
    paths: dict[str, list[Path]] = {}
    for form, path in forms:
        paths.setdefault(form.casefold(), []).append(path)
    spots: list[tuple[int, int, str]] = []
    for form in sorted(paths, key=len, reverse=True):
        for found in re.finditer(rf"(?<!\w){re.escape(form)}(?!\w)", old, re.IGNORECASE):
            if all(found.end() <= start or found.start() >= stop for start, stop, _ in spots):
                spots.append((*found.span(), form))
    if not spots or len(spots) > _MOST_FORMS:
        return
    spots.sort()
    # The fewest answers that explain the new words: what still stands there was not changed.
    for count in range(1, min(len(spots), _MOST_CHANGED) + 1):
        for opened in combinations(spots, count):
            texts = _match_with(old, new, opened)
            if texts is not None:
                changed = [(form, text) for (_, _, form), text in zip(opened, texts, strict=True)]
                yield from _each_choice(changed, paths)


def _match_with(old: str, new: str, opened: Sequence[tuple[int, int, str]]) -> tuple[str, ...] | None:
    """Return what `new` has in the place of some stretches of `old`, where all else is the same and each differs."""
    pattern, at = "", 0
    for start, end, _ in opened:
        pattern += re.escape(old[at:start]) + "(.{1,120}?)"
        at = end
    match = re.fullmatch(pattern + re.escape(old[at:]), new)
    if match is None or any(
        text == old[start:end] for text, (start, end, _) in zip(match.groups(), opened, strict=True)
    ):
        return None
    return match.groups()


def _each_choice(changed: Sequence[tuple[str, str]], paths: Mapping[str, Sequence[Path]]) -> Iterator[dict[Path, str]]:
    """Yield each way in which facts that look like these forms can have these new texts."""
    for chosen in product(*(paths[form] for form, _ in changed)):
        reading: dict[Path, str] = {}
        if all(reading.setdefault(path, text) == text for path, (_, text) in zip(chosen, changed, strict=True)):
            yield reading


def _says(sourced: SourcedDeal, answers: Mapping[Path, str], key: str, words: str) -> bool:
    """Return whether the agreement with these answers says `words` in the part `key`."""
    data = node_as_data(sourced.deal.typed)
    for path, text in answers.items():
        data = replace_value(data, path, text)
    try:
        deal = pipeline.read(write_answers(data).encode(), sourced.name, sourced.library)
        said = {
            part.key: squash(part.text)
            for short in (False, True)
            for part in list_parts(draft_plainly(sourced, deal, short))
        }
        full = {part.key: squash(part.text) for part in list_parts(draft_plainly(sourced, deal))}
    except (AgreementError, LookupError):
        return False
    return words in (said.get(key), full.get(key))


def _old_text(sourced: SourcedDeal, path: Path) -> str:
    found = value_at(node_as_data(sourced.deal.typed), path)
    return str(found) if found is not None else ""


def apply_proposals(text: str, proposals: Sequence[Proposal]) -> str:
    """Return the text of a deal file with the proposed answers; comments and all other answers stay as they are."""
    for proposal in proposals:
        text = set_answer(text, proposal.path, proposal.new)
    return text
