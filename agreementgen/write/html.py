"""The Document as HTML, by the layout of the library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from agreementgen.document import ChartDocument, Document
from agreementgen.language.layouts import render_layout
from agreementgen.library.snapshot import SourceFile
from agreementgen.write.sizes import PAPERS, SIGNATURES_GAP, Sizes


def to_html(document: Document, layout: Mapping[str, SourceFile]) -> str:
    """Return the whole page; sizes and paper come with `sheet`."""
    names = " and ".join(box.short for box in document.parties)
    return render_layout(layouts(layout), "agreement.html", document=_plain(document), names=names)


def chart_html(document: ChartDocument, layout: Mapping[str, SourceFile]) -> str:
    """Return the page of a chart that stands alone."""
    return render_layout(layouts(layout), "raci.html", document=_plain(document))


def layouts(layout: Mapping[str, SourceFile]) -> dict[str, tuple[str, str]]:
    """Return the HTML files of a layout by name, each with the name it is told by and its text."""
    return {name: (source.name, source.text) for name, source in layout.items() if name.endswith(".html")}


def chart_sheet(document: ChartDocument) -> str:
    at = document.chart.arrangement
    return _page_rule("@page", document.paper, bool(at and at.landscape)) + ":root { --body: 9pt; --line: 10.35pt }"


def _page_rule(name: str, paper: str, landscape: bool) -> str:
    width, height = PAPERS[paper]
    if landscape:
        width, height = height, width
    return f"{name} {{ size: {width}pt {height}pt }}\n"


def sheet(document: Document, sizes: Sizes, columns: float = 0.0) -> str:
    """Return the style sheet with what the fit has chosen; it stands behind the layout's own.

    `columns` is the height of the two columns of clauses in points, where it is known; balancing them takes several
    layouts.
    """
    charts = [schedule.chart for schedule in document.schedules if schedule.chart]
    pages = _page_rule("@page", document.paper, False)
    for chart in charts:
        pages += _page_rule("@page chart", document.paper, bool(chart.arrangement and chart.arrangement.landscape))
    chosen = (
        f"--body: {sizes.body}pt; --line: {sizes.line}pt; --label: {sizes.label:.0%}; "
        f"--gap: {sizes.gap}pt; --signing: {sizes.signing}pt; "
    )
    if columns:
        # A paragraph at the foot of a column needs room for the space below it; the signatures take it back. (A margin
        # of the columns would do the same, and have WeasyPrint lay them out twice.)
        below = sizes.gap + 0.01
        above = SIGNATURES_GAP if document.apart else SIGNATURES_GAP - below
        chosen += f"--columns: {columns + below:.4f}pt; --columns-fill: auto; --signatures: {above:.4f}pt"
    else:
        chosen += f"--columns: auto; --columns-fill: balance; --signatures: {SIGNATURES_GAP}pt"
    return f"{pages}:root {{ {chosen} }}"


def _plain(value: Any) -> Any:
    """Return dataclasses as dictionaries (with their name as "kind"): a layout sees no objects of ours."""
    if is_dataclass(value) and not isinstance(value, type):
        plain = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        for name, member in vars(type(value)).items():
            if isinstance(member, property):
                plain[name] = _plain(getattr(value, name))
        return plain | {"kind": type(value).__name__}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
