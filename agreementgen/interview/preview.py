"""The agreement before all is answered: examples stand for what is missing, so it can be read at any time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agreementgen import pipeline
from agreementgen.core.document import Document, runs_of_block, text_of_runs
from agreementgen.core.problems import AgreementError
from agreementgen.deal.deal import Deal
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.examples import EXAMPLE_PARTIES, example_data
from agreementgen.interview.notebook import Notebook, each_pending_question
from agreementgen.render.lettering import letters_to_measure
from agreementgen.render.measures import text_height
from agreementgen.render.page_text import measure_pages, sizes_at, text_at
from agreementgen.yamlfile import editing

# The type in which most agreements are printed, in points.
_POINTS = 9.0
# Answering one question can make another necessary; few deals take more than three rounds.
_MAX_ROUNDS = 12
_SHARES_IN_WORDS = (
    (0.3, "about a quarter of a page"),
    (0.45, "less than half a page"),
    (0.55, "about half a page"),
    (0.7, "about two thirds of a page"),
    (0.8, "about three quarters of a page"),
    (0.93, "most of a page"),
    # Smaller type makes room for a little more.
    (1.05, "a full page"),
)


def complete_with_examples(notebook: Notebook, text: str = "") -> Deal | None:
    """Return the deal of the notebook, or of `text`, with examples for what is missing.

    Return None where answers contradict each other.
    """
    data = editing.answers_in_text(text or notebook.text)
    data["parties"] = _complete_parties(data.get("parties") or [], notebook.outline.party_limits[0])
    for _ in range(_MAX_ROUNDS):
        status = notebook.status_of(_to_yaml(data))
        if not status.problems:
            break
        names = [name for name in status.parties if name]
        for fact in status.facts:
            if fact.state in ("wrong", "idle"):
                data = editing.answers_in_text(editing.drop_answer(_to_yaml(data), fact.path))
        for pending in each_pending_question(status, notebook.sections):
            example = example_data(pending.question, names)
            data = editing.answers_in_text(editing.set_answer(_to_yaml(data), pending.path, example))
    try:
        return notebook.read_deal(_to_yaml(data).encode())
    except AgreementError:
        return None


def _complete_parties(parties: list[Any], least: int) -> list[dict[str, Any]]:
    """Return at least so many parties, with examples for the names of those that have none."""
    found = [dict(party) for party in parties if isinstance(party, dict)]
    found += [{} for _ in range(least - len(found))]
    for party, example in zip(found, EXAMPLE_PARTIES, strict=False):
        if not party.get("name"):
            party |= {key: example[key] for key in ("name", "short")}
    return found


def _to_yaml(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False)


def draft_complete_deal(notebook: Notebook, deal: Deal) -> Document:
    """Return the agreement in its usual wording and layout, without a fit to the page."""
    outline = notebook.library.outline_of_deal(deal)
    apart = pipeline.choose_layout(deal, outline) == "one-plus-one"
    selection = select_clauses(deal, notebook.library, outline, False)
    return draft_agreement(deal, notebook.library, outline, selection, False, apart)


@dataclass(frozen=True)
class Preview:
    """The agreement as it reads now, and how much of a page it takes at 9 pt: of its fuller page if it has two."""

    document: Document
    share: float

    def words_of_topic(self, notebook: Notebook, topic: str) -> tuple[str, ...]:
        """Return what the agreement says on a topic: rows of its key terms, then its clauses, in a line each."""
        if topic == "parties":
            return tuple(", ".join((box.name, *box.lines)) for box in self.document.parties)
        ids = {term.id for term in notebook.library.topics[topic].terms}
        rows = [f"{row.label}: {text_of_runs(row.runs)}" for row in self.document.rows if row.id in ids]
        clauses = [
            " ".join(
                [f"{clause.heading}:", *(text_of_runs(runs) for part in clause.blocks for runs in runs_of_block(part))]
            )
            for clause in self.document.clauses
            if clause.topic == topic
        ]
        return (*rows, *clauses)


def preview_agreement(notebook: Notebook) -> Preview | None:
    """Return the agreement as it reads now; None where it cannot be drafted, because answers contradict each other."""
    deal = complete_with_examples(notebook)
    if deal is None:
        return None
    try:
        document = draft_complete_deal(notebook, deal)
        letters = letters_to_measure(notebook.library.layout)
    except AgreementError:
        return None
    sizes = sizes_at(document, _POINTS, letters)
    height = max(measure_pages(text_at(document, letters, sizes), document, sizes))
    return Preview(document, height / text_height(document.paper))


def page_share_in_words(share: float) -> str:
    """Return a share of a page as people say it."""
    return next((words for most, words in _SHARES_IN_WORDS if share < most), "more than a page")
