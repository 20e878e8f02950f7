"""The rows of the table: what is measured, against what, and what the goal is."""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from statistics import median

import rivals
from filling import filled
from measuring import Timed, Watched, in_turns, run, spend
from varied import ROOT, deal, deal_with_chart, longer_or_shorter

from agreementgen import pipeline
from agreementgen.batch.workers import collect_garbage
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library
from agreementgen.render import docx, page_engine

_PROGRAM = [sys.executable, "-c", "from agreementgen.cli.main import main; main()"]
_DEALS_THAT_COUNT = 1000


@dataclass(frozen=True)
class Row:
    """`figure` is what was measured, printed; `ratio` what the goal is about, `goal` its most (0: none)."""

    what: str
    figure: str
    ratio: float | None = None
    goal: float = 0.0
    unit: str = ""

    @property
    def verdict(self) -> str:
        if not self.goal or self.ratio is None:
            return ""
        return "met" if self.ratio <= self.goal else "missed"


class One:
    """One document at a time, everything warm, all ways in turns on the same deals."""

    def __init__(self, turns: int, library: Library) -> None:
        self.turns, self.library = turns, library
        self.files = [deal(number).encode() for number in range(turns + 1)]
        self.deals = [pipeline.read(data, f"{number}.yaml", library) for number, data in enumerate(self.files)]
        self.charts = [
            pipeline.read(deal_with_chart(number).encode(), f"{number}.yaml", library) for number in range(turns + 1)
        ]
        self.fitted = [pipeline.build(each, library, ("docx",)) for each in self.deals]
        self.template, self.contexts = rivals.template([built.files["docx"] for built in self.fitted])

    def build(self, turn: int, *formats: str) -> object:
        return pipeline.build(pipeline.read(self.files[turn], f"{turn}.yaml", self.library), self.library, formats)

    def as_in_a_worker(self, work: Callable[[], object]) -> None:
        """Do what a worker of a batch does: it clears garbage away every few deals, which counts."""
        gc.disable()
        work()
        collect_garbage()
        gc.enable()

    def chart(self, turn: int) -> object:
        return pipeline.build_chart(self.charts[turn], self.library, ("pdf",))

    @cached_property
    def timed(self) -> Timed:
        natural = [rivals.page(each.fitted.document, self.library, each.fitted.sizes, True) for each in self.fitted]
        sources = [rivals.typst_source(each.fitted.document, each.fitted.sizes) for each in self.fitted]
        compiled = rivals.typst_compiler()
        reference = self.library.layout["reference.docx"]

        def word(turn: int) -> object:
            fitted = self.fitted[turn].fitted
            return docx.write_docx(fitted.document, reference, fitted.sizes, fitted.pages)

        def laid(turn: int) -> object:
            fitted = self.fitted[turn].fitted
            return page_engine.lay_out(fitted.document, self.library.layout, fitted.sizes).write_pdf()

        work = {
            "pdf": lambda turn: self.as_in_a_worker(lambda: self.build(turn, "pdf")),
            "laid": lambda turn: self.as_in_a_worker(lambda: laid(turn)),
            "plain": lambda turn: rivals.weasyprint(natural[turn]),
            "docx": word,
            "docxtpl": lambda turn: filled(self.template, self.contexts[turn]),
            "both": lambda turn: self.as_in_a_worker(lambda: self.build(turn, "docx", "pdf")),
            "typst": lambda turn: compiled(sources[turn]),
            "chart": lambda turn: self.as_in_a_worker(lambda: self.chart(turn)),
        }
        gc.collect()
        gc.freeze()
        return in_turns(work, self.turns, clock=time.process_time)

    def rows(self) -> Iterator[Row]:
        timed = self.timed
        ms = {name: f"{timed.seconds(name) * 1000:.1f} ms" for name in timed.turns}
        yield Row("PDF, from the deal file", ms["pdf"], timed.ratio("pdf", "typst"), 1.0, "of Typst's page")
        yield Row("  the page alone: layout and PDF", ms["laid"], timed.ratio("laid", "typst"), 0, "of Typst's page")
        yield Row("  Typst, equivalent page of ready source", ms["typst"])
        yield Row(
            "  plain WeasyPrint, page as one writes it", ms["plain"], timed.ratio("pdf", "plain"), 0, "ours of it"
        )
        yield Row("DOCX, from the drafted document", ms["docx"], timed.ratio("docx", "docxtpl"), 0.15, "of docxtpl")
        yield Row("  docxtpl, from its context", ms["docxtpl"])
        yield Row("PDF and DOCX, from the deal file", ms["both"], timed.seconds("both") * 1000, 15, "ms")
        yield Row("RACI chart of 18 roles, PDF", ms["chart"], timed.seconds("chart") * 1000, 15, "ms")


def fit_row(count: int, library: Library) -> Row:
    """Return how many layouts a document of varied length took: the samples and varied reference deals."""
    texts = [longer_or_shorter(number) for number in range(count)]
    texts += [path.read_text(encoding="utf-8") for path in sorted((ROOT / "samples").glob("*.yaml"))]
    layouts = []
    for text in texts:
        read = pipeline.read(text.encode(), "deal.yaml", library)
        layouts.append(pipeline.build(replace(read, matrix=None), library, ()).fitted.layout_count)
    mean = sum(layouts) / len(layouts)
    return Row(f"Layouts a document, {len(layouts)} deals", f"{mean:.2f} (most {max(layouts)})", mean, 1.1, "layouts")


class Whole:
    """Whole programs: cold builds, and batches of `count` deals."""

    def __init__(self, count: int, library: Library, folder: Path) -> None:
        self.count, self.folder = count, folder
        self.deals, self.word = folder / "deals", folder / "word"
        for each in (self.deals, self.word):
            each.mkdir()
        files = []
        for number in range(count):
            (self.deals / f"deal{number:04d}.yaml").write_text(deal(number), encoding="utf-8")
            if number < 40:
                read = pipeline.read(deal(number).encode(), "deal.yaml", library)
                files.append(pipeline.build(read, library, ("docx",)).files["docx"])
        template, contexts = rivals.template(files)
        (self.word / "template.docx").write_bytes(template)
        # docxtpl fills in as many; of these texts, again and again.
        many = [contexts[number % len(contexts)] for number in range(count)]
        (self.word / "contexts.json").write_text(json.dumps(many), encoding="utf-8")
        self.one = folder / "one"
        self.one.mkdir()
        (self.one / "template.docx").write_bytes(template)
        (self.one / "contexts.json").write_text(json.dumps(contexts[:1]), encoding="utf-8")

    def batch(self, *more: str, deals: Path | None = None, out: str = "out") -> list[str]:
        names = ["--names", "{deal}"]
        return [*_PROGRAM, "batch", str(deals or self.deals), "-o", str(self.folder / out), *names, *more]

    def others(self, folder: Path, jobs: int, calls: bool = False) -> None:
        """Fill in with docxtpl and convert with LibreOffice: one call a process for all, or one a deal."""
        parts = rivals.fill(jobs, folder)
        profiles = [self.folder / f"profile{part}" for part in range(jobs)]
        if calls:
            for path in (path for part in parts for path in part):
                rivals.office([path], profiles[0], folder).wait()
            return
        # Without a file LibreOffice waits for ever.
        running = [rivals.office(part, profile, folder) for part, profile in zip(parts, profiles, strict=True) if part]
        for each in running:
            each.wait()

    def cold(self, turns: int) -> Row:
        build = [*_PROGRAM, "build", str(self.deals / "deal0000.yaml"), "-o", str(self.folder / "cold"), "--force"]
        ours, others = [], []
        for _ in range(turns):
            ours.append(spend(lambda: run(build)))
            others.append(spend(lambda: self.others(self.one, 1)))
        both = [sorted(each, key=lambda spent: spent.cpu)[turns // 2] for each in (ours, others)]
        ratio = median(one.cpu / two.cpu for one, two in zip(ours, others, strict=True))
        return Row(
            "One cold build of both", f"{both[0]} (others {both[1]})", ratio, 0.6, "of docxtpl + LibreOffice, CPU"
        )

    def check(self, turns: int) -> Row:
        command = [*_PROGRAM, "check", str(self.deals / "deal0000.yaml")]
        cpu = median(spend(lambda: run(command)).cpu for _ in range(turns))
        return Row("One cold check", f"{cpu:.2f} s of CPU", cpu, 0.25, "s of CPU")

    def a_deal(self, turns: int) -> Row:
        """LibreOffice started for each deal: what a script does that converts as it goes."""
        cpu = median(spend(lambda: self.others(self.one, 1, calls=True)).cpu for _ in range(turns))
        return Row("  docxtpl + LibreOffice, one call a deal", f"{cpu * 1000:.0f} ms of CPU a deal")

    def many(self) -> Iterator[Row]:
        """Yield what all deals take, the others doing the same: measured, never extrapolated."""
        ours = Watched(self.batch("-j", "2", "--fresh"))
        others = spend(lambda: self.others(self.word, 2))
        again = spend(lambda: run(self.batch("-j", "2")))
        # LibreOffice's start decides a run of few deals.
        goal = 0.25 if self.count >= _DEALS_THAT_COUNT else 0
        unit = "of docxtpl + LibreOffice, 2 profiles"
        what = f"Both of {self.count:,} deals, 2 workers"
        figure = f"{ours.clock:.1f} s (others {others.clock:.1f} s)"
        yield Row(what, figure, ours.clock / others.clock, goal, unit)
        each = [f"{spent.cpu / self.count * 1000:.0f} ms" for spent in (ours, others)]
        yield Row("  the same in CPU", f"{each[0]} a deal (others {each[1]})", ours.cpu / others.cpu, 0, unit)
        yield Row(f"  unchanged second run of {self.count:,}", f"{again.clock:.1f} s", again.clock, 3.0, "s")

    def lasting(self, least: int) -> Iterator[Row]:
        """Yield what becomes of time and memory in a run of all deals, beside a run of the first `least`."""
        few = self.folder / "few"
        few.mkdir()
        for path in sorted(self.deals.iterdir())[:least]:
            (few / path.name).write_bytes(path.read_bytes())
        first = Watched(self.batch("-j", "2", deals=few, out="out-few"))
        last = Watched(self.batch("-j", "2", out="out-all"))
        for name, short, long in (("Time", first.clock, last.clock), ("  CPU", first.cpu, last.cpu)):
            one, two = short / least, long / self.count
            figure = f"{least:,}: {one * 1000:.0f}, {self.count:,}: {two * 1000:.0f} ms a deal"
            yield Row(f"{name} a deal by number of deals", figure, two / one, 1.1 if name == "Time" else 0, "of few")
        thirds = " / ".join(f"{last.memory_in_third(number):.0f}" for number in range(3))
        what = f"Worker memory over {self.count:,} deals"
        yield Row(what, f"{thirds} MB", last.memory_in_third(2), 120, "MB in the last third")


def rows(quick: bool) -> Iterator[Row]:
    """Yield the rows as they are measured; `quick` with few deals."""
    library = built_in_library()
    yield from One(15 if quick else 60, library).rows()
    yield fit_row(40 if quick else 300, library)
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        whole = Whole(60 if quick else _DEALS_THAT_COUNT, library, Path(name))
        yield whole.check(3 if quick else 9)
        if rivals.office_is_here():
            yield whole.cold(3 if quick else 9)
            yield whole.a_deal(3 if quick else 9)
            yield from whole.many()
        else:
            yield Row("LibreOffice is not installed", "not compared")
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        yield from Whole(120 if quick else 5 * _DEALS_THAT_COUNT, library, Path(name)).lasting(
            30 if quick else _DEALS_THAT_COUNT
        )
