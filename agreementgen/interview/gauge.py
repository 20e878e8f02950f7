"""How full the page is, and how it reads, before all is answered: examples stand for what is missing."""

from __future__ import annotations

import json
from typing import Any

from agreementgen import pipeline
from agreementgen.deal import editing
from agreementgen.deal.deal import Deal
from agreementgen.document import Document
from agreementgen.draft.drafting import draft
from agreementgen.draft.selection import select
from agreementgen.errors import AgreementError
from agreementgen.interview.conversation import tasks
from agreementgen.interview.notebook import Notebook
from agreementgen.trial import PARTIES, example
from agreementgen.write import estimate
from agreementgen.write.letters import widths
from agreementgen.write.sizes import text_height

# The type in which most agreements are printed, in points.
_POINTS = 9.0
_ROUNDS = 12
_MARKS = (
    (0.3, "about a quarter of a page"),
    (0.45, "less than half a page"),
    (0.55, "about half a page"),
    (0.7, "about two thirds of a page"),
    (0.8, "about three quarters of a page"),
    (0.93, "most of a page"),
    # Smaller type makes room for a little more.
    (1.05, "a full page"),
)


def filled(notebook: Notebook) -> Deal | None:
    """Return the deal with examples for what is missing; None where answers contradict each other."""
    data = editing.data(notebook.text)
    parties = [dict(party) for party in data.get("parties") or () if isinstance(party, dict)]
    for index in range(max(len(parties), notebook.outline.parties[0])):
        sample = {"name": PARTIES[index]["name"], "short": PARTIES[index]["short"]}
        if index >= len(parties):
            parties.append(sample)
        elif not parties[index].get("name"):
            parties[index] |= sample
    data["parties"] = parties
    for _ in range(_ROUNDS):
        text = json.dumps(data, ensure_ascii=False)
        standing = notebook.look(text)
        if not standing.problems:
            break
        names = [name for name in standing.parties if name]
        for fact in standing.facts:
            if fact.state in ("wrong", "idle"):
                data = editing.data(editing.drop_answer(json.dumps(data, ensure_ascii=False), fact.path))
        for task in tasks(standing, notebook.sections):
            data = _put(data, task.path, example(task.question, names))
    try:
        return pipeline.read(
            json.dumps(data, ensure_ascii=False).encode(), str(notebook.path), notebook.library, "", notebook.beside
        )
    except AgreementError:
        return None


def _put(data: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    return editing.data(editing.set_answer(json.dumps(data, ensure_ascii=False), path, value))


def drafted(notebook: Notebook, deal: Deal) -> Document:
    """Return the agreement as one page says it, in its usual wording."""
    outline = notebook.library.outline_of(deal)
    apart = pipeline.natural_layout(deal, outline) == "one-plus-one"
    selection = select(deal, notebook.library, outline, False)
    return draft(deal, notebook.library, outline, selection, False, apart)


def used(notebook: Notebook) -> float | None:
    """Return the share of a page that the agreement takes at 9 pt (of its fuller page, if it has two), 0 to 1."""
    deal = filled(notebook)
    if deal is None:
        return None
    try:
        document = drafted(notebook, deal)
        letters = widths(notebook.library.layout)
    except AgreementError:
        return None
    return estimate.height(document, estimate.sizes_at(document, _POINTS, letters), letters) / text_height(
        document.paper
    )


def in_words(share: float) -> str:
    """Return a share of a page as people say it."""
    return next((said for most, said in _MARKS if share < most), "more than a page")
