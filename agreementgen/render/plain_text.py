"""Plain text: the same words as the page, for reading aloud, mailing and comparing."""

from __future__ import annotations

import textwrap

from agreementgen.core.document import Block, Chart, Document, ItemList, Paragraph, Table, text_of_runs

LINE_WIDTH = 78


def write_text(document: Document) -> str:
    """Return the agreement as text of at most 78 columns, ending with a line break."""
    lines = [document.title, "=" * len(document.title), document.effective, ""]
    for box in document.parties:
        lines += [f"{box.name} ({box.short})" if box.introduces else box.name]
        lines += [line for text in box.lines for line in _wrap(text, "  ")] + [""]
    label = min(24, max((len(row.label) for row in document.rows), default=0))
    lines += [document.terms_title, "-" * len(document.terms_title)]
    for row in document.rows:
        # A label longer than the column stands on a line of its own.
        first = row.label.ljust(label) + "  " if len(row.label) <= label else " " * (label + 2)
        if len(row.label) > label:
            lines.append(row.label)
        lines += _wrap(text_of_runs(row.runs), " " * (label + 2), first)
    lines.append("")
    if document.apart:
        lines += [*_wrap(document.agreed, ""), "", *_signature_lines(document)]
        lines += _schedule_lines(document, "signatures")
        lines += [document.apart, "-" * len(document.apart)]
    for clause in document.clauses:
        head = f"{clause.number}. {clause.heading}."
        for block in clause.blocks:
            lines += _block_lines(block, head)
            head = ""
        lines.append("")
    if document.apart:
        lines += _schedule_lines(document, "clauses")
    else:
        lines += [*_wrap(document.closing, ""), ""] if document.closing else []
        lines += _signature_lines(document) + _schedule_lines(document, "signatures")
    lines += _schedule_lines(document, "")
    lines += _wrap(document.footer, "")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _schedule_lines(document: Document, below: str) -> list[str]:
    lines = []
    for schedule in document.schedules:
        if schedule.below == below:
            lines += [schedule.heading, "-" * len(schedule.heading)]
            for block in schedule.blocks:
                lines += _block_lines(block, "")
            lines.append("")
    return lines


def _signature_lines(document: Document) -> list[str]:
    lines = []
    for signature in document.signatures:
        if document.signs_in_blocks:
            lines += [signature.party, "", "_" * 40, *filter(None, [signature.by])]
            lines += [f"{signature.name_label}  {signature.name}", "", "_" * 20, signature.date_label, ""]
            continue
        lines += [signature.party, "", "_" * 40 + "   " + "_" * 20]
        lines += [signature.signatory.ljust(41) + "  " + signature.date_label, ""]
    return lines


def _block_lines(block: Block, head: str) -> list[str]:
    match block:
        case Paragraph(runs):
            return _wrap(f"{head} {text_of_runs(runs)}".strip(), "")
        case ItemList(items):
            lines = [head] if head else []
            for mark, item, depth in zip(block.marks, items, block.depths, strict=True):
                # Points are hyphens here: not every terminal has others.
                said = f"{mark if mark.startswith('(') else '-'} ".ljust(4)
                lines += _wrap(text_of_runs(item), "    " * (depth + 1), "    " * depth + said)
            return lines
        case Table(table_head, rows):
            lines = [head] if head else []
            lines += _wrap(" | ".join(text_of_runs(cell) for cell in table_head), "  ", "")
            for row in rows:
                lines += _wrap(" | ".join(text_of_runs(cell) for cell in row), "  ", "")
            return lines
        case Chart():
            return _chart_lines(block)


def _chart_lines(chart: Chart) -> list[str]:
    """Return a task and below it each role with its letter: columns would not fit a line."""
    lines = _wrap("; ".join(f"{letter} {says}" for letter, says in chart.legend), "")
    for party, _, _ in chart.spans:
        held = [role for role in chart.roles if role.party == party]
        names = (f"{role.name} ({role.person})" if role.person else role.name for role in held)
        lines += _wrap(f"{party}: {', '.join(names)}", "  ", "")
    for phase in chart.phases:
        lines += ["", phase.title] if phase.title else [""]
        for task in phase.tasks:
            due = f" ({task.due})" if task.due else ""
            lines += _wrap(f"{task.name}{due}", "    ", f"{task.number}. ".ljust(4))
            pairs = zip(task.letters, chart.roles, strict=True)
            lines += _wrap(", ".join(f"{letter} {role.name}" for letter, role in pairs if letter), "    ")
    if chart.duties:
        lines += ["", chart.duties_title]
        lines += [line for d in chart.duties for line in _wrap(f"{d.party}: {d.text} ({d.numbers})", "  ", "")]
    return [*lines, "", *_wrap(chart.footer, "")]


def _wrap(text: str, indent: str, first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        LINE_WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
