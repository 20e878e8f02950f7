"""Plain text: the same words as the page, for reading aloud, mailing and comparing."""

from __future__ import annotations

import textwrap

from agreementgen.core.document import Block, Chart, Document, ItemList, Paragraph, Table, text_of
from agreementgen.language.layouts import letter

WIDTH = 78


def write(document: Document) -> str:
    """Return the agreement as text of at most 78 columns, ending with a line break."""
    lines = [document.title, "=" * len(document.title), document.effective, ""]
    for box in document.parties:
        lines += [f"{box.name} ({box.short})" if box.introduces else box.name]
        lines += [line for text in box.lines for line in _wrapped(text, "  ")] + [""]
    rows = [row for pair in document.terms for row in (pair.left, pair.right) if row is not None]
    label = min(24, max((len(row.label) for row in rows), default=0))
    lines += [document.terms_title, "-" * len(document.terms_title)]
    for row in rows:
        # A label longer than the column stands on a line of its own.
        first = row.label.ljust(label) + "  " if len(row.label) <= label else " " * (label + 2)
        if len(row.label) > label:
            lines.append(row.label)
        lines += _wrapped(text_of(row.runs), " " * (label + 2), first)
    lines.append("")
    if document.apart:
        lines += [*_wrapped(document.agreed, ""), "", *_signatures(document)]
        lines += [document.apart, "-" * len(document.apart)]
    for clause in document.clauses:
        head = f"{clause.number}. {clause.heading}."
        for block in clause.blocks:
            lines += _block(block, head)
            head = ""
        lines.append("")
    if not document.apart:
        lines += _signatures(document)
    for schedule in document.schedules:
        lines += [schedule.heading, "-" * len(schedule.heading)]
        for block in schedule.blocks:
            lines += _block(block, "")
        lines.append("")
    lines += _wrapped(document.footer, "")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _signatures(document: Document) -> list[str]:
    lines = []
    for signature in document.signatures:
        lines += [signature.party, "", "_" * 40 + "   " + "_" * 20]
        lines += [signature.signatory.ljust(41) + "  " + signature.date_label, ""]
    return lines


def _block(block: Block, head: str) -> list[str]:
    match block:
        case Paragraph(runs):
            return _wrapped(f"{head} {text_of(runs)}".strip(), "")
        case ItemList(items, numbered):
            marks = [letter(index) if numbered else "-" for index in range(1, len(items) + 1)]
            lines = [head] if head else []
            for mark, item in zip(marks, items, strict=True):
                lines += _wrapped(text_of(item), "    ", f"{mark} ".ljust(4))
            return lines
        case Table(table_head, rows):
            lines = [head] if head else []
            lines += _wrapped(" | ".join(text_of(cell) for cell in table_head), "  ", "")
            for row in rows:
                lines += _wrapped(" | ".join(text_of(cell) for cell in row), "  ", "")
            return lines
        case Chart():
            return _chart(block)


def _chart(chart: Chart) -> list[str]:
    """Return a task and below it each role with its letter: columns would not fit a line."""
    lines = _wrapped("; ".join(f"{letter} {says}" for letter, says in chart.legend), "")
    for party, _, _ in chart.spans:
        held = [role for role in chart.roles if role.party == party]
        names = (f"{role.name} ({role.person})" if role.person else role.name for role in held)
        lines += _wrapped(f"{party}: {', '.join(names)}", "  ", "")
    for phase in chart.phases:
        lines += ["", phase.title] if phase.title else [""]
        for task in phase.tasks:
            due = f" ({task.due})" if task.due else ""
            lines += _wrapped(f"{task.name}{due}", "    ", f"{task.number}. ".ljust(4))
            pairs = zip(task.letters, chart.roles, strict=True)
            lines += _wrapped(", ".join(f"{letter} {role.name}" for letter, role in pairs if letter), "    ")
    if chart.duties:
        lines += ["", chart.duties_title]
        lines += [line for d in chart.duties for line in _wrapped(f"{d.party}: {d.text} ({d.numbers})", "  ", "")]
    return [*lines, "", *_wrapped(chart.footer, "")]


def _wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
