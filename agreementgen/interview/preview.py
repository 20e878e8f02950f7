"""The agreement before all is answered: examples stand for what is missing, so it can be read at any time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from agreementgen import pipeline
from agreementgen.core.document import Document, Table, runs_of_block, text_of_runs
from agreementgen.core.problems import AgreementError, LayoutError
from agreementgen.deal.deal import Deal
from agreementgen.deal.questions import Question, Structure
from agreementgen.deal.reader import DealStatus, FactPath
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.examples import EXAMPLE_PARTIES, example_data
from agreementgen.interview.notebook import Notebook, PendingQuestion, each_pending_question
from agreementgen.render.lettering import letters_to_measure
from agreementgen.render.measures import text_height
from agreementgen.render.page_text import measure_pages, text_at_size
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
            if fact.state in ("wrong", "idle") and editing.value_at(data, fact.path) is not None:
                data = editing.without_value(data, editing.path_to_drop(data, fact.path))
        for pending in each_pending_question(status, notebook.sections):
            path, question = _whole_of_share(pending, status)
            data = editing.with_value(data, path, example_data(question, names))
    try:
        return notebook.read_deal(_to_yaml(data).encode())
    except AgreementError:
        return None


def _whole_of_share(pending: PendingQuestion, status: DealStatus) -> tuple[FactPath, Question]:
    """Return what gets an example: the shares of all parties together, for those of each alone would not add up."""
    shares = status.find_fact(pending.path[:-1])
    if shares is None or shares.question.structure is not Structure.SHARES:
        return pending.path, pending.question
    return shares.path, shares.question


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
        document, known = self.document, notebook.library.topics[topic]
        if topic == "parties":
            names = (f"{box.name} ({box.short})" if box.introduces else box.name for box in document.parties)
            return tuple(", ".join((name, *box.lines)) for name, box in zip(names, document.parties, strict=True))
        ids = {term.id for term in known.terms} | {table.id for table in known.schedules}
        # Nobody is asked for the title and the sentence above the lines to sign, nor, unless they want to, when the
        # agreement begins.
        begins = [" · ".join(filter(None, (document.title, document.effective)))] if topic == "agreement" else []
        ends = [document.closing] if topic == "agreement" and document.closing else []
        rows = [f"{row.label}: {text_of_runs(row.runs)}" for row in document.rows if row.id in ids]
        clauses = [
            " ".join(
                [f"{clause.heading}:", *(text_of_runs(runs) for part in clause.blocks for runs in runs_of_block(part))]
            )
            for clause in document.clauses
            if clause.topic == topic
        ]
        return (*begins, *rows, *clauses, *_each_row_of_schedules(document, ids), *ends)


def _each_row_of_schedules(document: Document, ids: Collection[str]) -> Iterator[str]:
    """Yield the rows of tables behind the agreement, each cell with the head of its column."""
    for schedule in document.schedules:
        tables = [block for block in schedule.blocks if isinstance(block, Table) and schedule.id in ids]
        for head, row in ((table.head, row) for table in tables for row in table.rows):
            cells = [
                ": ".join(filter(None, map(text_of_runs, cell)))
                for cell in zip(head, row, strict=True)
                if text_of_runs(cell[1])
            ]
            yield f"{schedule.heading}: {'; '.join(cells)}"


# The agreement is asked for several times between two answers.
_last_previews: WeakKeyDictionary[Notebook, tuple[str, Preview | None]] = WeakKeyDictionary()


def preview_agreement(notebook: Notebook) -> Preview | None:
    """Return the agreement as it reads now; None where it cannot be drafted, because answers contradict each other.

    Where all is answered, its words are those that will be printed.
    """
    text, preview = _last_previews.get(notebook, ("", None))
    if text != notebook.text:
        preview = _preview_anew(notebook)
        _last_previews[notebook] = notebook.text, preview
    return preview


def _preview_anew(notebook: Notebook) -> Preview | None:
    deal = complete_with_examples(notebook)
    if deal is None:
        return None
    try:
        document = _draft_for_reading(notebook, deal)
        letters = letters_to_measure(notebook.library.layout)
    except AgreementError:
        return None
    sizes, text = text_at_size(document, _POINTS, letters)
    height = max(measure_pages(text, document, sizes))
    return Preview(document, height / text_height(document.paper, letters.style.margins))


def _draft_for_reading(notebook: Notebook, deal: Deal) -> Document:
    if not notebook.list_open_questions():
        try:
            return pipeline.fit_agreement(deal, notebook.library).document
        except LayoutError:
            pass  # what does not fit is said where the documents are written
    return draft_complete_deal(notebook, deal)


def page_share_in_words(share: float) -> str:
    """Return a share of a page as people say it."""
    return next((words for most, words in _SHARES_IN_WORDS if share < most), "more than a page")
