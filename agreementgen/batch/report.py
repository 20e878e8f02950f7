"""What a batch says: the manifest that lists its deals, and what is said on screen while it runs.

The manifest holds no times, so that a batch that was interrupted and resumed has the same one as one that was not.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agreementgen import __version__, terminal
from agreementgen.batch.folder import FinishedDeal, StoredFile
from agreementgen.core.escaping import escape_text, to_json_text
from agreementgen.core.problems import Problem, problem_to_json
from agreementgen.sheets.table_reader import write_csv
from agreementgen.terminal import OutputLost, print_note_lines

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, Task

MANIFEST_FILES = ("manifest.csv", "manifest.jsonl")
# "waiting" stands in the manifest while a batch runs, and after one that was stopped.
ManifestStatus = Literal["built", "waiting", "failed", "wrong", "left over"]
MANIFEST_COLUMNS = (
    "deal", "source", "status", "files", "pages", "type size", "free %", "layout", "findings", "reason",
    "chart pages", "sha256", "inputs", "library", "packs", "program", "deal check",
)  # fmt: skip
# Plain lines come at most so often, in seconds: they often go to a log.
_SECONDS_BETWEEN_LINES = 10.0
_SAME_MOMENT_SECONDS = 0.2


@dataclass(frozen=True)
class ManifestLine:
    """One deal. `inputs` is a SHA-256 (hex) of what was typed; `finished` is there where documents are.

    `status`: "built"; "waiting"; "failed" (it could not be built); "wrong" (what was typed is not right);
    "left over" (it is no longer among the sources, its documents still are). Where it is not "built", documents
    are those of an earlier run.
    """

    deal: str
    source: str
    status: ManifestStatus
    inputs: str
    finished: FinishedDeal | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def files(self) -> tuple[StoredFile, ...]:
        return self.finished.files if self.finished else ()

    @property
    def reason(self) -> str:
        """Why there are no documents of this deal as it is now."""
        if self.status == "left over":
            return "its deal is no longer among the sources; its documents were left where they are"
        if self.status == "waiting":
            reason = "the batch has not come to it: run it again"
        else:
            reason = "; ".join(map(_in_one_line, self.problems))
        return f"{reason} (its documents are those of an earlier run)" if reason and self.files else reason


def manifest_to_csv(lines: Iterable[ManifestLine]) -> bytes:
    """Return the manifest as CSV that spreadsheets open rightly."""
    return write_csv([MANIFEST_COLUMNS, *(_line_to_row(line) for line in lines)])


def manifest_to_jsonl(lines: Iterable[ManifestLine]) -> bytes:
    """Return the manifest as JSON, a deal a line."""
    return "".join(line_of_json(line_to_json(line)) for line in lines).encode()


def line_to_json(line: ManifestLine) -> dict[str, object]:
    """Return a deal of the manifest as plain data and problems."""
    finished = line.finished
    return {
        "deal": line.deal,
        "source": line.source,
        "status": line.status,
        "inputs": line.inputs,
        "program": __version__,
        "library": finished.library if finished else "",
        "packs": list(finished.packs) if finished else [],
        "files": [{"name": file.path, "sha256": file.sha256, "bytes": file.size} for file in line.files],
        "pages": finished.pages if finished else 0,
        "chart_pages": finished.chart_pages if finished else 0,
        "points": finished.points if finished else 0,
        "free_percent": round(finished.free * 100, 1) if finished else 0,
        "layout": finished.layout if finished else "",
        "proven": finished.proven if finished else False,
        "pages_by": finished.pages_by if finished else "",
        "findings": finished.findings if finished else (),
        "deal_check": finished.deal_check if finished else "",
        "problems": line.problems,
        "reason": line.reason,
    }


def line_of_json(fields: Mapping[str, object]) -> str:
    """Return plain data with problems in it as a line of JSON."""
    return to_json_text(fields, default=problem_to_json) + "\n"


def _line_to_row(line: ManifestLine) -> Sequence[str]:
    pages = points = free = layout = findings = chart_pages = library = packs = ""
    if finished := line.finished:
        pages, points, free = str(finished.pages), f"{finished.points:g}", f"{finished.free * 100:.1f}"
        layout, findings = finished.layout, " | ".join(map(_in_one_line, finished.findings))
        chart_pages = str(finished.chart_pages) if finished.chart_pages else ""
        library, packs = finished.library, ", ".join(finished.packs)
    paths, digests = " ".join(file.path for file in line.files), " ".join(file.sha256 for file in line.files)
    return (
        line.deal, line.source, line.status, paths, pages, points, free, layout, findings, line.reason,
        chart_pages, digests, line.inputs, library, packs, __version__, finished.deal_check if finished else "",
    )  # fmt: skip


def _in_one_line(problem: Problem) -> str:
    return str(problem).replace("\n", " ")


# -- while a batch runs


class Pace:
    """Counts the deals of a phase: how many, how fast, how long still, how many failed."""

    def __init__(self, doing: str, total: int) -> None:
        self.doing, self.total = doing, total
        self.count = self.failed = self._first = 0
        self._began = 0.0

    def count_deal(self, failed: bool) -> None:
        self.count += 1
        self.failed += failed
        now = time.monotonic()
        if self.count == 1:
            self._began = now
        # Workers take a while to begin, and several deals are done at once: the pace counts from after the first.
        if now - self._began < _SAME_MOMENT_SECONDS:
            self._first = self.count

    @property
    def rate(self) -> float:
        """Deals a second, 0 where it cannot be said yet."""
        since = time.monotonic() - self._began
        return (self.count - self._first) / since if self.count and since > _SAME_MOMENT_SECONDS else 0.0

    def describe(self) -> tuple[str, str, str, str]:
        """Return what is known, each "" where it is not."""
        rate = self.rate
        left = (self.total - self.count) / rate if rate else 0.0
        return (
            f"{self.count:,} of {self.total:,}",
            describe_speed(rate) if rate else "",
            f"{describe_duration(left)} left" if left else "",
            f"{self.failed:,} failed" if self.failed else "",
        )


class Reporter:
    """Is told what happens, and prints plain lines on standard error, which any log, pipe or screen reader takes.

    `phase` is entered for the checking or building of `total` deals.
    """

    def __init__(self, every: float = _SECONDS_BETWEEN_LINES) -> None:
        self.seconds_between, self.last_said = every, 0.0
        self.pace = Pace("", 0)

    @contextmanager
    def phase(self, doing: str, total: int) -> Iterator[None]:
        self.pace = Pace(doing, total)
        self.last_said = time.monotonic()
        yield

    def count_deal(self, failed: bool = False) -> None:
        self.pace.count_deal(failed)
        now = time.monotonic()
        if now - self.last_said >= self.seconds_between and self.pace.count < self.pace.total:
            self.last_said = now
            self.say(f"{self.pace.doing}: " + ", ".join(filter(None, self.pace.describe())))

    def report_problems(self, deal: str, problems: Sequence[Problem], trace: str = "") -> None:
        self.say(f"failed: {deal}")
        for problem in problems:
            for line in str(problem).split("\n"):
                self.say(f"  {line}")
        if trace:
            self.say(trace.rstrip())

    def say(self, text: str) -> None:
        print_note_lines(text)

    def print_result(self, text: str) -> None:
        terminal.print_result(text)

    def emit_event(self, kind: str, **fields: object) -> None:
        """Tell programs what happened; `fields` are plain data and problems. Nobody reads events here."""


class JsonReporter(Reporter):
    """One JSON object a line on standard output, for programs; nothing else there."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = False

    @contextmanager
    def phase(self, doing: str, total: int) -> Iterator[None]:
        self.emit_event("phase", doing=doing, total=total)
        yield

    def count_deal(self, failed: bool = False) -> None:
        """Each deal has an event of its own."""

    def report_problems(self, deal: str, problems: Sequence[Problem], trace: str = "") -> None:
        if trace:
            self.say(trace.rstrip())

    def print_result(self, text: str) -> None:
        """Its events say it all."""

    def emit_event(self, kind: str, **fields: object) -> None:
        if self.lost:
            return
        try:
            terminal.print_text(line_of_json({"event": kind, **fields}))
        except OutputLost:
            # The program that wanted this batch has gone: stop in order, as for Ctrl-C.
            self.lost = True
            raise KeyboardInterrupt from None


class BarReporter(Reporter):
    """A bar on the terminal: how many, how fast, how long still, and how many failed."""

    def __init__(self) -> None:
        super().__init__()
        self.progress: Progress | None = None

    @contextmanager
    def phase(self, doing: str, total: int) -> Iterator[None]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self.pace = pace = Pace(doing, total)
        console = Console(stderr=True, highlight=False)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None if console.width < 90 else 40),
            _bar_column(lambda: pace.describe()[0]),
            _bar_column(lambda: pace.describe()[1] if pace.count else "getting ready"),
            _bar_column(lambda: pace.describe()[2]),
            _bar_column(lambda: pace.describe()[3], "red"),
        )
        with Progress(*columns, console=console, transient=True, expand=console.width < 90) as self.progress:
            self.progress.add_task(doing, total=total)
            try:
                yield
            finally:
                self.progress = None

    def count_deal(self, failed: bool = False) -> None:
        self.pace.count_deal(failed)
        if self.progress:
            self.progress.advance(self.progress.task_ids[0])

    def say(self, text: str) -> None:
        if self.progress:
            self.progress.console.print(escape_text(text), markup=False, soft_wrap=True)
        else:
            super().say(text)


def describe_speed(rate: float) -> str:
    """Return a speed in deals a second, or a minute where that is less than one."""
    return f"{rate:.1f} a second" if rate >= 1 else f"{rate * 60:.0f} a minute"


def describe_duration(seconds: float) -> str:
    """Return a length of time as h:mm:ss or m:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _bar_column(text: Callable[[], str], style: str = "") -> ProgressColumn:
    """Return a column that shows what `text` says at the moment."""
    from rich.progress import ProgressColumn
    from rich.text import Text

    class LiveColumn(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(text(), style=style, no_wrap=True)

    return LiveColumn()


def choose_reporter(as_json: bool) -> Reporter:
    """Return what suits the place where this runs."""
    if as_json:
        return JsonReporter()
    if sys.stderr.isatty():
        from rich.console import Console

        if not Console(stderr=True).is_dumb_terminal:
            return BarReporter()
    return Reporter()
