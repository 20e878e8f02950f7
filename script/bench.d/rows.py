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

import rivals
from filling import filled
from measuring import Memory, Timed, in_turns, run
from varied import ROOT, deal, longer_or_shorter

from agreementgen import pipeline
from agreementgen.batch.workers import DEALS_PER_COLLECTION
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library
from agreementgen.render import docx, pdf

_PROGRAM = [sys.executable, "-c", "from agreementgen.cli.main import main; main()"]


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
        self.fitted = [pipeline.build(each, library, ("docx",)) for each in self.deals]
        self.template, self.contexts = rivals.template([built.files["docx"] for built in self.fitted])

    def build(self, turn: int, *formats: str) -> object:
        return pipeline.build(pipeline.read(self.files[turn], f"{turn}.yaml", self.library), self.library, formats)

    def as_in_a_worker(self, turn: int, work: Callable[[], object]) -> None:
        """Do what a worker of a batch does: it clears garbage away every ten deals, which counts."""
        gc.disable()
        work()
        if turn % DEALS_PER_COLLECTION == 0:
            gc.collect()
        gc.enable()

    def pages(self, natural: bool) -> list[str]:
        return [rivals.page(each.fitted.document, self.library, each.fitted.sizes, natural) for each in self.fitted]

    @cached_property
    def timed(self) -> Timed:
        natural, same = self.pages(True), self.pages(False)
        sources = [rivals.typst_source(each.fitted.document, each.fitted.sizes) for each in self.fitted]
        compiled = rivals.typst_compiler()
        reference = self.library.layout["reference.docx"]

        def word(turn: int) -> object:
            fitted = self.fitted[turn].fitted
            return docx.write_docx(fitted.document, reference, fitted.sizes, fitted.pages)

        def laid(turn: int) -> object:
            fitted = self.fitted[turn].fitted
            return pdf.write_pdf(pdf.lay_out(fitted.document, self.library.layout, fitted.sizes))

        work = {
            "pdf": lambda turn: self.as_in_a_worker(turn, lambda: self.build(turn, "pdf")),
            "laid": lambda turn: self.as_in_a_worker(turn, lambda: laid(turn)),
            "plain": lambda turn: rivals.weasyprint(natural[turn]),
            "same": lambda turn: rivals.weasyprint(same[turn]),
            "tagged": lambda turn: rivals.weasyprint(natural[turn], pdf_variant="pdf/ua-1", pdf_tags=True),
            "docx": word,
            "docxtpl": lambda turn: filled(self.template, self.contexts[turn]),
            "both": lambda turn: self.as_in_a_worker(turn, lambda: self.build(turn, "docx", "pdf")),
            "typst": lambda turn: compiled(sources[turn]),
        }
        gc.collect()
        gc.freeze()
        return in_turns(work, self.turns, clock=time.process_time)

    def rows(self) -> Iterator[Row]:
        timed = self.timed
        ms = {name: f"{timed.seconds(name) * 1000:.1f} ms" for name in timed.turns}
        yield Row("PDF, from the deal file", ms["pdf"], timed.ratio("pdf", "plain"), 0.6, "of plain WeasyPrint")
        yield Row("  without reading and drafting", ms["laid"], timed.ratio("laid", "plain"), 0, "of plain WeasyPrint")
        yield Row("  plain WeasyPrint, tagged as ours is", ms["tagged"], timed.ratio("pdf", "tagged"), 0, "ours of it")
        yield Row("  plain WeasyPrint, page as one writes it", ms["plain"])
        yield Row("  plain WeasyPrint, our HTML and CSS", ms["same"], timed.ratio("pdf", "same"), 0, "ours of it")
        yield Row("  Typst, equivalent page", ms["typst"], timed.ratio("pdf", "typst"), 0, "ours of it")
        yield Row("DOCX, from the drafted document", ms["docx"], timed.ratio("docx", "docxtpl"), 1, "of docxtpl")
        yield Row("  docxtpl, from its context", ms["docxtpl"])
        yield Row("PDF and DOCX, from the deal file", ms["both"])


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

    def __init__(self, count: int, goal_count: int, library: Library, folder: Path) -> None:
        self.count, self.goal_count, self.folder = count, goal_count, folder
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
        timed = in_turns({"ours": lambda _: run(build), "others": lambda _: self.others(self.one, 1)}, turns)
        figure = f"{timed.seconds('ours'):.2f} s (others {timed.seconds('others'):.2f} s)"
        return Row("One cold build of both", figure, timed.ratio("ours", "others"), 0.5, "of docxtpl + LibreOffice")

    def a_deal(self, turns: int) -> Row:
        """LibreOffice started for each deal: what a script does that converts as it goes."""
        timed = in_turns({"others": lambda _: self.others(self.one, 1, calls=True)}, turns)
        return Row("  docxtpl + LibreOffice, one call a deal", f"{timed.seconds('others') * 1000:.0f} ms a deal")

    def many(self) -> Iterator[Row]:
        """Yield the time for `goal_count` deals: measured, or the line through a third of the deals and all of them."""
        some = max(1, self.count // 3) if self.count < self.goal_count else 0
        ours, others = [], []
        for count in (some, self.count) if some else (self.count,):
            deals, word = self.part(count)
            ours.append(run(self.batch("-j", "2", "--fresh", deals=deals, out=f"out{count}")))
            others.append(in_turns({"others": lambda _, word=word: self.others(word, 2)}, 1, 0).seconds("others"))
        again = run(self.batch("-j", "2", out=f"out{self.count}"))
        total = [seconds[-1] for seconds in (ours, others)]
        note = ""
        if some:
            more = (self.goal_count - self.count) / (self.count - some)
            total = [last + (last - first) * more for first, last in (ours, others)]
            note = f", from {some} and {self.count}"
        figure = f"{total[0]:.0f} s (others {total[1]:.0f} s{note})"
        what = f"Both of {self.goal_count:,} deals, 2 workers"
        yield Row(what, figure, total[0] / total[1], 0.5, "of docxtpl + LibreOffice, 2 profiles")
        yield Row(f"  unchanged second run of {self.count:,}", f"{again:.1f} s", again, 3.0, "s")

    def part(self, count: int) -> tuple[Path, Path]:
        """Return folders of the first `count` deals: deal files, and template with contexts."""
        if count == self.count:
            return self.deals, self.word
        deals, word = self.folder / f"deals{count}", self.folder / f"word{count}"
        for each in (deals, word):
            each.mkdir()
        for path in sorted(self.deals.iterdir())[:count]:
            (deals / path.name).write_bytes(path.read_bytes())
        (word / "template.docx").write_bytes((self.word / "template.docx").read_bytes())
        contexts = json.loads((self.word / "contexts.json").read_text(encoding="utf-8"))[:count]
        (word / "contexts.json").write_text(json.dumps(contexts), encoding="utf-8")
        return deals, word

    def memory(self) -> Row:
        seen = Memory(self.batch("-j", "2", "--fresh", out="memory"))
        thirds = " / ".join(f"{seen.third(number):.0f}" for number in range(3))
        return Row(
            f"Worker memory over {self.count:,} deals", f"{thirds} MB", seen.third(2), 200, "MB in the last third"
        )

    def linear(self, counts: tuple[int, ...]) -> Row:
        """Return the time a deal of the largest batch over that of the smallest."""
        each = {}
        for count in counts:
            deals = self.folder / f"linear{count}"
            deals.mkdir()
            for number in range(count):
                (deals / f"deal{number:04d}.yaml").write_text(deal(number), encoding="utf-8")
            each[count] = run(self.batch("-j", "2", deals=deals, out=f"linear-out{count}")) / count
        figure = ", ".join(f"{count:,}: {seconds * 1000:.0f}" for count, seconds in each.items()) + " ms a deal"
        return Row(
            "Time a deal by number of deals", figure, each[counts[-1]] / each[counts[0]], 1.15, "last over first"
        )


def rows(quick: bool) -> Iterator[Row]:
    """Yield the rows as they are measured; `quick` with few deals."""
    library = built_in_library()
    yield from One(15 if quick else 60, library).rows()
    yield fit_row(40 if quick else 300, library)
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        whole = Whole(60 if quick else 1000, 1000, library, Path(name))
        if rivals.office_is_here():
            yield whole.cold(3 if quick else 9)
            yield whole.a_deal(3 if quick else 9)
            yield from whole.many()
        else:
            yield Row("LibreOffice is not installed", "not compared")
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        whole = Whole(100 if quick else 2000, 2000, library, Path(name))
        yield whole.memory()
        yield whole.linear((30, 120) if quick else (100, 500, 1000, 5000))
