"""The list of a batch: one line for each deal, as a table for people and as JSON for programs.

It holds no times, so that a batch that was interrupted and resumed has the same list as one that was not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agreementgen import __version__
from agreementgen.batch.journal import Filed, Record
from agreementgen.errors import Problem
from agreementgen.sheets.csvfile import to_csv

# "waiting" stands in the list while a batch runs, and after one that was stopped.
Status = Literal["built", "waiting", "failed", "wrong", "left over"]


@dataclass(frozen=True)
class Line:
    """One deal. `inputs` is a SHA-256 (hex) of what was typed; `record` is there where documents are.

    `status`: "built"; "waiting"; "failed" (it could not be built); "wrong" (what was typed is not right);
    "left over" (it is no longer among the sources, its documents still are). Where it is not "built", documents
    are those of an earlier run.
    """

    deal: str
    source: str
    status: Status
    inputs: str
    record: Record | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def files(self) -> tuple[Filed, ...]:
        return self.record.files if self.record else ()

    @property
    def reason(self) -> str:
        """Why there are no documents of this deal as it is now."""
        said = "; ".join(str(problem).replace("\n", " ") for problem in self.problems)
        if self.status == "left over":
            return "its deal is no longer among the sources; its documents were left where they are"
        if self.status == "waiting":
            said = "the batch has not come to it: run it again"
        if said and self.files:
            return f"{said} (its documents are those of an earlier run)"
        return said


COLUMNS = (
    "deal", "source", "status", "files", "pages", "type size", "free %", "layout", "findings", "reason",
    "chart pages", "sha256", "inputs", "library", "packs", "program",
)  # fmt: skip


def to_table(lines: Iterable[Line]) -> bytes:
    """Return the list as CSV that spreadsheets open rightly."""
    return to_csv([COLUMNS, *(_row(line) for line in lines)])


def to_jsonl(lines: Iterable[Line]) -> bytes:
    """Return the list as JSON, a deal a line."""
    return b"".join((json.dumps(entry(line), ensure_ascii=False) + "\n").encode() for line in lines)


def entry(line: Line) -> dict[str, Any]:
    """Return a deal of the list as plain data."""
    record = line.record
    about = {
        "deal": line.deal,
        "source": line.source,
        "status": line.status,
        "inputs": line.inputs,
        "program": __version__,
        "library": record.library if record else "",
        "packs": list(record.packs) if record else [],
        "files": [{"name": f.path, "sha256": f.sha256, "bytes": f.size} for f in line.files],
        "pages": record.pages if record else 0,
        "chart_pages": record.chart_pages if record else 0,
        "points": record.points if record else 0,
        "free_percent": round(record.free * 100, 1) if record else 0,
        "layout": record.layout if record else "",
        "proven": record.proven if record else False,
        "findings": [told(problem) for problem in record.findings] if record else [],
        "problems": [told(problem) for problem in line.problems],
        "reason": line.reason,
    }
    return about


def told(problem: Problem) -> dict[str, Any]:
    """Return a problem as plain data."""
    place = problem.place
    return {
        "message": problem.message,
        "hint": problem.hint,
        "field": problem.field,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "cell": place.cell,
    }


def _row(line: Line) -> Sequence[str]:
    record = line.record
    figures = ("", "", "", "", "", "", "", "")
    if record:
        figures = (
            str(record.pages), f"{record.points:g}", f"{record.free * 100:.1f}", record.layout,
            " | ".join(str(problem).replace("\n", " ") for problem in record.findings),
            str(record.chart_pages) if record.chart_pages else "", record.library, ", ".join(record.packs),
        )  # fmt: skip
    pages, points, free, layout, findings, charts, library, packs = figures
    names, digests = (" ".join(getattr(f, name) for f in line.files) for name in ("path", "sha256"))
    return (
        line.deal, line.source, line.status, names, pages, points, free, layout, findings, line.reason,
        charts, digests, line.inputs, library, packs, __version__,
    )  # fmt: skip
