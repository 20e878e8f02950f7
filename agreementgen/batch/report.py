"""The list of a batch: one line for each deal, as a table for people and as JSON for programs.

It holds no times, so that a batch that was interrupted and resumed has the same list as one that was not.

What is said while a batch runs: a bar on a terminal, plain lines elsewhere, or events for programs.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from agreementgen import __version__
from agreementgen.batch.folder import Filed, Record
from agreementgen.core.problems import Problem
from agreementgen.sheets.table_reader import to_csv

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, Task

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


# Plain lines come at most so often, in seconds: they often go to a log.
_EVERY = 10.0
_AT_ONCE = 0.2


class Watch(Protocol):
    """Is told what happens. `phase` frames the checking or building of `total` deals."""

    def phase(self, doing: str, total: int) -> Any: ...

    def step(self, failed: bool = False) -> None: ...

    def problems(self, deal: str, problems: Sequence[Problem], trace: str = "") -> None: ...

    def say(self, text: str) -> None: ...

    def result(self, text: str) -> None: ...

    def event(self, kind: str, **about: Any) -> None: ...


class Pace:
    """Counts the deals of a phase: how many, how fast, how long still, how many failed."""

    def __init__(self, doing: str, total: int) -> None:
        self.doing, self.total = doing, total
        self.count = self.failed = self._first = 0
        self._began = 0.0

    def step(self, failed: bool) -> None:
        self.count += 1
        self.failed += failed
        now = time.monotonic()
        if self.count == 1:
            self._began = now
        # Workers take a while to begin, and several deals are done at once: the pace counts from after the first.
        if now - self._began < _AT_ONCE:
            self._first = self.count

    @property
    def rate(self) -> float:
        """Deals a second, 0 where it cannot be said yet."""
        since = time.monotonic() - self._began
        return (self.count - self._first) / since if self.count and since > _AT_ONCE else 0.0

    def words(self) -> tuple[str, str, str, str]:
        """Return what is known, each "" where it is not."""
        rate = self.rate
        left = (self.total - self.count) / rate if rate else 0.0
        return (
            f"{self.count:,} of {self.total:,}",
            speed(rate) if rate else "",
            f"{clock(left)} left" if left else "",
            f"{self.failed:,} failed" if self.failed else "",
        )


class Lines:
    """Plain lines on standard error: what a log, a pipe or a screen reader can take."""

    def __init__(self, every: float = _EVERY) -> None:
        self.every, self.last = every, 0.0
        self.pace = Pace("", 0)

    @contextmanager
    def phase(self, doing: str, total: int) -> Iterator[None]:
        self.pace = Pace(doing, total)
        self.last = time.monotonic()
        yield

    def step(self, failed: bool = False) -> None:
        self.pace.step(failed)
        now = time.monotonic()
        if now - self.last >= self.every and self.pace.count < self.pace.total:
            self.last = now
            self.say(f"{self.pace.doing}: " + ", ".join(filter(None, self.pace.words())))

    def problems(self, deal: str, problems: Sequence[Problem], trace: str = "") -> None:
        self.say(f"failed: {deal}")
        for problem in problems:
            for line in str(problem).split("\n"):
                self.say(f"  {line}")
        if trace:
            self.say(trace.rstrip())

    def say(self, text: str) -> None:
        # A terminal that was closed, a reader that went away: the batch goes on.
        with suppress(OSError):
            print(text, file=sys.stderr, flush=True)

    def result(self, text: str) -> None:
        print(text, flush=True)

    def event(self, kind: str, **about: Any) -> None:
        """Nobody reads events here."""


class Events(Lines):
    """One JSON object a line on standard output, for programs; nothing else there."""

    @contextmanager
    def phase(self, doing: str, total: int) -> Iterator[None]:
        self.event("phase", doing=doing, total=total)
        yield

    def step(self, failed: bool = False) -> None:
        """Each deal has an event of its own."""

    def problems(self, deal: str, problems: Sequence[Problem], trace: str = "") -> None:
        if trace:
            self.say(trace.rstrip())

    def result(self, text: str) -> None:
        """Its events say it all."""

    def event(self, kind: str, **about: Any) -> None:
        try:
            print(json.dumps({"event": kind, **about}, ensure_ascii=False), flush=True)
        except BrokenPipeError:
            # The program that wanted this batch has gone: stop in order, as for Ctrl-C.
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
            raise KeyboardInterrupt from None


class Bar(Lines):
    """A bar on the terminal: how many, how fast, how long still, and how many failed."""

    def __init__(self) -> None:
        super().__init__()
        self.progress: Progress | None = None
        self.task: Any = None

    @contextmanager
    def phase(self, doing: str, total: int) -> Iterator[None]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self.pace = pace = Pace(doing, total)
        console = Console(stderr=True, highlight=False)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None if console.width < 90 else 40),
            _column(lambda: pace.words()[0]),
            _column(lambda: pace.words()[1] if pace.count else "getting ready"),
            _column(lambda: pace.words()[2]),
            _column(lambda: pace.words()[3], "red"),
        )
        with Progress(*columns, console=console, transient=True, expand=console.width < 90) as self.progress:
            self.task = self.progress.add_task(doing, total=total)
            try:
                yield
            finally:
                self.progress = None

    def step(self, failed: bool = False) -> None:
        self.pace.step(failed)
        if self.progress:
            self.progress.advance(self.task)

    def say(self, text: str) -> None:
        if self.progress:
            self.progress.console.print(text, markup=False, soft_wrap=True)
        else:
            super().say(text)


def speed(rate: float) -> str:
    """Return a speed in deals a second, or a minute where that is less than one."""
    return f"{rate:.1f} a second" if rate >= 1 else f"{rate * 60:.0f} a minute"


def clock(seconds: float) -> str:
    """Return a length of time as h:mm:ss or m:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _column(text: Callable[[], str], style: str = "") -> ProgressColumn:
    """Return a column that shows what `text` says at the moment."""
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Column(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(text(), style=style, no_wrap=True)

    return Column()


def watch(as_json: bool) -> Watch:
    """Return what suits the place where this runs."""
    if as_json:
        return Events()
    if sys.stderr.isatty():
        from rich.console import Console

        if not Console(stderr=True).is_dumb_terminal:
            return Bar()
    return Lines()
