"""A sentence that an answer makes: what differs between the agreement with this answer and with another one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from agreementgen.core.document import Document, runs_of_block, text_of_runs
from agreementgen.core.problems import AgreementError
from agreementgen.deal.questions import Question, Structure
from agreementgen.deal.reader import FactPath, node_as_data
from agreementgen.examples import example_data
from agreementgen.interview.notebook import Notebook, section_of
from agreementgen.interview.preview import complete_with_examples, draft_complete_deal
from agreementgen.yamlfile import editing

_ANOTHER_TEXT = "something else"


def find_example_sentence(notebook: Notebook, path: FactPath, question: Question) -> str:
    """Return the shortest sentence that the agreement has because of the answer at `path`; "" where none is found.

    The answer is the one that is there, or the usual one, or an example. Sentences on its own topic go before others.
    """
    answer = _answer_now(notebook, path, question)
    said = _draft_sentences(notebook, path, answer)
    topic = section_of(notebook.sections, path).id
    for other in _each_other_answer(notebook, question, answer):
        without = {sentence for _, sentence in _draft_sentences(notebook, path, other)}
        different = [(where != topic, len(sentence), sentence) for where, sentence in said if sentence not in without]
        if without and different:
            return min(different)[2]
    return ""


def _answer_now(notebook: Notebook, path: FactPath, question: Question) -> Any:
    given = notebook.answer_at(path)
    if given is not None:
        return given
    name = ".".join(part for part in path if not part.isdigit() and part not in notebook.status.parties)
    default = notebook.form.usual_answer(name, question, notebook.status.fact_values)
    if default is not None:
        return node_as_data(default)
    return example_data(question, [short for short in notebook.status.parties if short])


def _each_other_answer(notebook: Notebook, question: Question, answer: Any) -> Iterator[Any]:
    """Yield answers that differ from `answer`; some of them may not be allowed."""
    if question.structure is Structure.SHARES and isinstance(answer, dict):
        most = 101 - len(answer)
        yield {short: f"{1 if number else most}%" for number, short in enumerate(answer)}
    if isinstance(answer, list):
        yield [*answer[:-1], _ANOTHER_TEXT] if all(isinstance(item, str) for item in answer) else None
        yield None
    options = question.type.list_options(question, notebook.status.context) if question.type.is_chosen else ()
    yield from (word for word, _ in options if word != answer)
    yield from ("no" if answer != "no" else "yes",) if question.words and "no" in question.words else ()
    if isinstance(answer, str):
        for step in (1, -1):
            yield _change_number(answer, step)
        yield _ANOTHER_TEXT
    yield None


def _change_number(text: str, step: int) -> str:
    return re.sub(r"\d+", lambda found: str(int(found[0]) + step), text, count=1)


def _draft_sentences(notebook: Notebook, path: FactPath, answer: Any) -> list[tuple[str, str]]:
    """Return the topics and sentences of the agreement with an answer, or without one; none if it cannot be drafted."""
    text = notebook.text
    text = editing.drop_answer(text, path) if answer is None else editing.set_answer(text, path, answer)
    try:
        deal = complete_with_examples(notebook, text)
        return _list_sentences(notebook, draft_complete_deal(notebook, deal)) if deal else []
    except AgreementError:
        return []


def _list_sentences(notebook: Notebook, document: Document) -> list[tuple[str, str]]:
    topic_of_row = {term.id: topic.id for topic in notebook.library.topics.values() for term in topic.terms}
    found = [(topic_of_row[row.id], f"{row.label}: {text_of_runs(row.runs)}") for row in document.rows]
    for clause in document.clauses:
        texts = [text_of_runs(runs) for block in clause.blocks for runs in runs_of_block(block)]
        found += [(clause.topic, sentence) for text in texts for sentence in re.split(r"(?<=[.;]) ", text) if sentence]
    return found
