"""The reference of deal files: every question of one kind of agreement, as Markdown (docs/deal-files/)."""

from __future__ import annotations

from agreementgen.deal.forms import write_node_inline
from agreementgen.deal.questions import Question, Structure
from agreementgen.library.library import Library
from agreementgen.library.topics import Outline

_INTRODUCTION = """\
# Deal files: {title}

Generated from the questions in `clauses/`. A deal file is YAML; names stand before the colon, and what has a
default may be left out. Lengths of time always have a unit (`90 days`), percentages a sign (`10%`), amounts
may have a currency (`$5,000`, `5000 USD`; without one the deal's `currency` counts). Parties are called by
their short names. Where a value begins with a sign or holds ` #` or `: `, put it in double quotes.
"""

# What a question of type raci reads besides the parts that its topic declares.
_MATRIX_ROWS = [
    "| `roles` | for each role: a party or `outside` |  | Who works on it? With a person: "
    "`SEO lead: {party: Bay Rank, person: Lee Okafor}`. |",
    "| `tasks` | for each task: a letter (`R`, `A`, `A/R`, `C`, `I`) for each role |  | What is to be done? "
    "With more to say: `Send the report: {letters: {SEO lead: A/R}, due: 2027-01-10, phase: Every month, "
    "carries out: Reports monthly}`. |",
    "| `table` | text |  | A .csv or .xlsx file beside the deal file, instead of roles and tasks. "
    "Example: `tasks.csv`. |",
]


def describe_deal_file(library: Library, outline: Outline) -> str:
    """Return every fact of one kind of agreement as Markdown tables, topic by topic."""
    lines = [_INTRODUCTION.format(title=outline.title)]
    for topic, question in library.each_section(outline):
        if question.is_group and not question.parts:
            continue
        where = "at the top of the file" if topic.at_top else f"`{question.key}:`"
        lines += [f"## {topic.title} ({where})", "", f"{topic.about}.", ""]
        if question.help:
            lines += [question.help, ""]
        lines += ["| name | type | default | what it says |", "| --- | --- | --- | --- |"]
        if question.is_group:
            lines += _describe_questions(question.parts, "", outline, "" if topic.at_top else question.key)
        else:
            lines += [_describe_question(question, question.key, outline, question.key)]
            lines += _MATRIX_ROWS if question.structure is Structure.MATRIX else []
            lines += _describe_questions(question.inner_questions, "", outline, question.key)
        lines.append("")
    return "\n".join(lines)


def _describe_questions(questions: tuple[Question, ...], prefix: str, outline: Outline, path: str) -> list[str]:
    lines = []
    for question in questions:
        if question.fixed:
            continue
        here = f"{path}.{question.key}" if path else question.key
        lines.append(_describe_question(question, prefix + question.key, outline, here))
        lines += _describe_questions(question.inner_questions, f"{prefix}{question.key}.", outline, here)
    return lines


def _describe_question(question: Question, name: str, outline: Outline, path: str) -> str:
    default = write_node_inline(outline.defaults.get(path, question.default))
    must = "needed" if question.needed == "yes" and not default else ""
    prompt = question.prompt if question.prompt.endswith(("?", ".")) else f"{question.prompt}."
    says = [prompt, question.help, f"Example: `{question.example}`." if question.example else ""]
    if question.when:
        says.append(f"Asked when `{question.when}`.")
    if not question.printed and "not printed" not in question.help.lower():
        says.append("It is not printed.")
    usual = must or (f"`{default}`" if default else "")
    return f"| `{name}` | {_describe_type(question)} | {usual} | {' '.join(filter(None, says))} |"


def _describe_type(question: Question) -> str:
    kind = question.type.name
    if question.choices:
        kind = " / ".join(f"`{word}`" for word in question.choices)
    elif question.type.item_label:
        kind = question.type.item_label + _describe_type(question.parts[0])
    if question.words:
        kind += " or " + " / ".join(f"`{word}`" for word in question.words)
    limits = question.limits
    if limits.least and limits.most:
        kind += f", {limits.least} to {limits.most}"
    elif limits.most:
        kind += f", at most {limits.most}"
    if limits.words:
        kind += f", at most {limits.words} words"
    if limits.characters:
        kind += f", at most {limits.characters} characters"
    return kind
