"""What is said while a batch runs: a bar on a terminal, plain lines elsewhere, or events for programs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from agreementgen.errors import Problem

if TYPE_CHECKING:
    from rich.progress import Progress, Task

# Plain lines come at most so often, in seconds: they often go to a log.
_EVERY = 10.0


class Watch(Protocol):
    """Is told what happens. `phase` frames the checking or building of `total` deals."""

    def phase(self, doing: str, total: int) -> Any: ...

    def step(self, failed: bool = False) -> None: ...

    def problems(self, deal: str, problems: Sequence[Problem], trace: str = "") -> None: ...

    def say(self, text: str) -> None: ...

    def result(self, text: str) -> None: ...

    def event(self, kind: str, **about: Any) -> None: ...


class Lines:
    """Plain lines on standard error: what a log, a pipe or a screen reader can take."""

    def __init__(self, every: float = _EVERY) -> None:
        self.every = every
        self.doing, self.total, self.count, self.failed = "", 0, 0, 0
        self.started = self.last = 0.0

    @contextmanager
    def phase(self, doing: str, total: int) -> Iterator[None]:
        self.doing, self.total, self.count, self.failed = doing, total, 0, 0
        self.started = self.last = time.monotonic()
        yield

    def step(self, failed: bool = False) -> None:
        self.count += 1
        self.failed += failed
        now = time.monotonic()
        if now - self.last >= self.every and self.count < self.total:
            self.last = now
            rate = self.count / (now - self.started)
            line = f"{self.doing}: {self.count:,} of {self.total:,}, {pace(rate)}"
            line += f", {clock((self.total - self.count) / rate)} left"
            self.say(line + (f", {self.failed:,} failed" if self.failed else ""))

    def problems(self, deal: str, problems: Sequence[Problem], trace: str = "") -> None:
        self.say(f"failed: {deal}")
        for problem in problems:
            for line in str(problem).split("\n"):
                self.say(f"  {line}")
        if trace:
            self.say(trace.rstrip())

    def say(self, text: str) -> None:
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
        print(json.dumps({"event": kind, **about}, ensure_ascii=False), flush=True)


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

        self.failed = 0
        console = Console(stderr=True, highlight=False)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None if console.width < 90 else 40),
            _column(counted),
            _column(lambda task: pace(task.speed) if task.speed else ""),
            _column(remaining),
            _column(lambda task: f"{self.failed:,} failed" if self.failed else "", "red"),
        )
        with Progress(*columns, console=console, transient=True, expand=console.width < 90) as self.progress:
            self.task = self.progress.add_task(doing, total=total)
            try:
                yield
            finally:
                self.progress = None

    def step(self, failed: bool = False) -> None:
        self.failed += failed
        if self.progress:
            self.progress.advance(self.task)

    def say(self, text: str) -> None:
        if self.progress:
            self.progress.console.print(text, markup=False, soft_wrap=True)
        else:
            super().say(text)


def counted(task: Task) -> str:
    total = int(task.total or 0)
    return f"{int(task.completed):,} of {total:,}"


def remaining(task: Task) -> str:
    return f"{clock(task.time_remaining)} left" if task.time_remaining else ""


def pace(rate: float) -> str:
    """Return a speed in deals a second, or a minute where that is less than one."""
    return f"{rate:.1f} a second" if rate >= 1 else f"{rate * 60:.0f} a minute"


def clock(seconds: float) -> str:
    """Return a length of time as h:mm:ss or m:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _column(text: Any, style: str = "") -> Any:
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Column(ProgressColumn):
        """Shows what `text` says of a task."""

        def render(self, task: Task) -> Text:
            return Text(text(task), style=style, no_wrap=True)

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
