"""Putting a part of a Word template together again, as its filled-in text says.

A Word template filled in: facts in the runs where their tags begin, parts of the agreement where a firm puts them.

What the agreement has and the template does not place is told, never dropped silently; schedules come behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from agreementgen.core.document import Clause, Document, text_of
from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.draft.drafting import Resolver
from agreementgen.language.environment import Insert, Slots, ends_sentence
from agreementgen.language.filling import Setting, render_text
from agreementgen.library.snapshot import SourceFile
from agreementgen.ooxml.package import MOST_ELEMENTS, W
from agreementgen.render import chart_docx, docx, docx_pieces
from agreementgen.render.fit import label_share
from agreementgen.render.measure import MARGIN_SIDE, PAPERS, Sizes, font_of, width_of
from agreementgen.render.template_text import FIRST, LAST, Block, Program, Step, compiled

# What holds paragraphs must end with one, or Word cannot open the file.
_HOLDERS = tuple(f"{W}{name}" for name in ("tc", "txbxContent", "hdr", "ftr"))


class Builder:
    """Puts a part together again, step by step."""

    def __init__(self, root: Any, words: Callable[[Insert], str], insert: Callable[[Block], Sequence[Any]]) -> None:
        self.top = root.makeelement(root.tag, {})
        self.stack = [self.top]
        self.words = words
        self.insert = insert
        self.stop = False

    def finished(self) -> list[Any]:
        self.close()
        return list(self.top)

    def say(self, insert: Insert) -> None:
        text = self.words(insert)
        node = self.stack[-1]
        node.text = (node.text or "") + text
        self.stop = ends_sentence(text)

    def take(self, step: Step) -> None:
        match step.kind:
            case "open":
                found = deepcopy(step.element)
                self.stack[-1].append(found)
                self.stack.append(found)
                if found.tag == f"{W}p":
                    self.stop = False
            case "close":
                self.close()
                self.stack.pop()
            case "add":
                self.stack[-1].append(self.after_stop(deepcopy(step.element)))
            case "block" if step.block:
                self.place(self.insert(step.block), step.element)

    def close(self) -> None:
        """Finish what is open, so that Word can read it whatever was left out in it."""
        node = self.stack[-1]
        if node.tag == f"{W}tbl" and node.find(f"{W}tr") is None:
            self.stack[-2].remove(node)
        elif node.tag in _HOLDERS and (not len(node) or node[-1].tag != f"{W}p"):
            node.append(node.makeelement(f"{W}p", {}))

    def after_stop(self, element: Any) -> Any:
        """Leave out a full stop behind a fact that ends with one ("... and Acme, Inc.")."""
        first = next(element.iter(f"{W}t"), None) if element.tag == f"{W}r" else None
        if first is not None:
            if self.stop and (first.text or "").startswith("."):
                first.text = first.text[1:]
            self.stop = False
        return element

    def place(self, elements: Sequence[Any], section: Any) -> None:
        top = self.stack[-1]
        if elements and elements[0].tag == f"{W}tbl" and len(top) and top[-1].tag == f"{W}tbl":
            top.append(_empty(top))  # two tables that touch become one
        for element in elements:
            top.append(element)
        if section is not None:
            if not elements or elements[-1].tag != f"{W}p":
                top.append(_empty(top))
            properties = top[-1].find(f"{W}pPr")
            if properties is None:
                properties = top[-1].makeelement(f"{W}pPr", {})
                top[-1].insert(0, properties)
            properties.append(deepcopy(section))


def _empty(like: Any) -> Any:
    return like.makeelement(f"{W}p", {})


@dataclass(frozen=True)
class Placed:
    """The Word file, and what of the agreement stands in it nowhere."""

    data: bytes
    left_out: tuple[Problem, ...]


def place(
    document: Document, template: SourceFile, sizes: Sizes, setting: Setting, resolver: Resolver, pages: int
) -> Placed:
    """Return `document` laid out by `template`; raise PackError, naming the paragraph, where it cannot be filled in."""
    word = docx.opened(template)
    ids = docx.style_ids(word, template.name, docx.styles_of(document))
    own = {"title": document.title, "subtitle": document.effective, "footer": document.footer}
    setting = replace(setting, facts={**setting.facts, **own})
    filler = _Filler(docx.Writer(word, ids, document, sizes), template, sizes, setting, resolver)
    filler.body(document)
    filler.around()
    filler.writer.footer(pages)
    filler.writer.properties(f"{document.title}: {' and '.join(box.short for box in document.parties)}")
    return Placed(docx.saved(word), tuple(filler.left_out(document)))


def apart(template: SourceFile) -> tuple[Problem, ...]:
    """Return what to know where the same agreement is made as a PDF, too."""
    message = "the Word file is laid out by this template, the PDF by the pack's HTML: the pages differ in form"
    hint = "their words are the same; how many pages Word makes was not counted"
    return (Problem(message, hint, "", Place(template.name)),)


class _Filler:
    def __init__(
        self, writer: docx.Writer, template: SourceFile, sizes: Sizes, setting: Setting, resolver: Resolver
    ) -> None:
        self.writer = writer
        self.name = template.name
        self.sizes = sizes
        self.font = font_of(template.data)
        self.setting = setting
        self.resolver = resolver
        self.blocks: list[Block] = []
        self.number = 1
        self.list: str = ""

    def body(self, document: Document) -> None:
        writer, root = self.writer, self.writer.root
        last = writer.section
        for section in root.iter(f"{W}sectPr"):
            _turn(section, writer.page)
        root.remove(last)
        program = compiled(root, "", lambda paragraph: _width(paragraph, root, last))
        text, slots = self.rendered(program)
        self.blocks = [step.block for step in _steps(program, text) if step.block]
        made = self.built(program, text, slots, root, lambda block: self.block(block, document))
        for child in list(root):
            root.remove(child)
        for child in (*made, last):
            root.append(child)
        self.behind(document)

    def around(self) -> None:
        """Fill in the headers and footers; those of a chart have its own footer already."""
        for part in self.writer.around():
            kind = "header" if "header" in str(part.partname) else "footer"
            program = compiled(part.element, kind, lambda _: 0)
            text, slots = self.rendered(program)
            made = self.built(program, text, slots, part.element, lambda _: [])
            for child in list(part.element):
                part.element.remove(child)
            for child in made:
                part.element.append(child)

    def rendered(self, program: Program) -> tuple[str, Slots]:
        for spot, message, hint in program.problems:
            raise PackError(Problem(message, hint, spot, Place(self.name)))
        try:
            return render_text(program.code, self.setting, Place(self.name, 1, 1))
        except PackError as error:
            raise PackError(
                Problem(problem.message, problem.hint or _GUARD, program.spot(problem.place.line), Place(self.name))
                for problem in error.problems
            ) from None

    def built(
        self, program: Program, text: str, slots: Slots, root: Any, insert: Callable[[Block], Sequence[Any]]
    ) -> list[Any]:
        """Return the children of `root` as `text`, what its program came out as, says."""
        sizes = [sum(_size(step.element) for step in steps) for steps in program.steps]
        if sum(sizes[ord(char) - FIRST] for char in text if FIRST <= ord(char) <= LAST) > MOST_ELEMENTS:
            message = f"the template comes to more than {MOST_ELEMENTS:,} elements of Word's"
            raise PackError(Problem(message, "repeat less with {%p for %} and {%tr for %}", "", Place(self.name)))
        builder = Builder(root, lambda found: self.resolver.word(found, Place(self.name)), insert)
        for char in text:
            code = ord(char)
            if FIRST <= code <= LAST:
                for step in program.steps[code - FIRST]:
                    builder.take(step)
                continue
            found = slots.at(char)
            if found is not None:
                builder.say(found)
        return builder.finished()

    # -- parts of the agreement

    def block(self, block: Block, document: Document) -> list[Any]:
        """Return the paragraphs and tables of a part of the agreement; none where this agreement has no such part."""
        writer = self.writer
        writer.text_width = block.width
        match block.name:
            case "parties":
                return [writer.parties(document.parties)]
            case "key_terms":
                # Labels in another font, or on a narrower text, must not break either.
                ours = round((PAPERS[document.paper][0] - 2 * MARGIN_SIDE) * 20)
                writer.label = label_share(self.sizes, width_of(self.font), ours / block.width)
                return [writer.terms(document.terms, document.terms_title)]
            case "signatures":
                return [writer.signatures(document.signatures)]
            case "clause":
                found = [clause for clause in document.clauses if clause.topic == block.topic]
            case "clauses":
                single = {other.topic for other in self.blocks if other.name == "clause"}
                found = [clause for clause in document.clauses if clause.topic not in single]
            case "schedules":
                return [element for schedule in _tables(document) for element in writer.schedule(schedule)]
            case _:
                charted = next((schedule for schedule in document.schedules if schedule.chart), None)
                if charted is None or charted.chart is None:
                    return []
                # The agreement refers to the chart by this heading.
                heading = writer.paragraph("Chart Subheading", [writer.run(charted.heading)])
                return [heading, *chart_docx.inside(writer, charted.chart)]
        return [paragraph for clause in found for paragraph in self.clause(clause)]

    def clause(self, clause: Clause) -> list[Any]:
        """Return the paragraphs of a clause under the number that it has in the agreement, wherever it is placed."""
        paragraphs = self.writer.clause(clause)
        if clause.number != self.number:
            self.list = docx.numbering_from(self.writer.word, clause.number)
        self.number = clause.number + 1
        if self.list:
            levels = {self.writer.styles[docx_pieces.CLAUSE]: "0", self.writer.styles[docx_pieces.ITEM]: "1"}
            for paragraph in paragraphs:
                named = paragraph.find(f"{W}pPr/{W}pStyle")
                level = levels.get(named.get(f"{W}val")) if named is not None else None
                if level is not None:
                    number = self.writer.element("numPr")
                    number.append(self.writer.element("ilvl", val=level))
                    number.append(self.writer.element("numId", val=self.list))
                    paragraph.find(f"{W}pPr").append(number)
        return paragraphs

    def behind(self, document: Document) -> None:
        """Add the schedules that the template does not place."""
        names = {block.name for block in self.blocks}
        tables = [] if "schedules" in names else list(_tables(document))
        charted = next((s for s in document.schedules if s.chart), None) if "raci" not in names else None
        writer = self.writer
        if tables:
            self.new_section("continuous")
            writer.text_width = _inside(writer.section)
            for schedule in tables:
                for element in writer.schedule(schedule):
                    writer.add(element)
        if charted and charted.chart:
            self.new_section("")
            chart_docx.section(writer, charted.heading, charted.chart)

    def new_section(self, kind: str) -> None:
        """End the last section as it is, and begin one with a single column."""
        writer = self.writer
        end = writer.paragraph("Section End")
        end.find(f"{W}pPr").append(deepcopy(writer.section))
        writer.add(end)
        for old in writer.section.findall(f"{W}type"):
            writer.section.remove(old)
        columns = writer.section.find(f"{W}cols")
        if columns is not None:
            for name in ("num", "equalWidth"):
                columns.attrib.pop(f"{W}{name}", None)
            for column in list(columns):
                columns.remove(column)
        if kind:
            writer.section.insert(writer.after_references(writer.section), writer.element("type", val=kind))

    def left_out(self, document: Document) -> Iterator[Problem]:
        """Yield what the agreement says and the Word file does not."""
        containers = [self.writer.root, *(part.element for part in self.writer.around())]
        text = _letters("".join(node.text or "" for root in containers for node in root.iter(f"{W}t")))
        rows = [row for pair in document.terms for row in (pair.left, pair.right) if row]
        singly = {block.topic for block in self.blocks if block.name == "clause"}
        whole = any(block.name == "clauses" for block in self.blocks)
        for what, found in (
            ("the party", [box.name for box in document.parties if _letters(box.name) not in text]),
            ("the key term", [row.label for row in rows if _letters(text_of(row.runs)) not in text]),
            (
                "the clause",
                [f"{c.number}. {c.heading}" for c in document.clauses if not whole and c.topic not in singly],
            ),
            ("the lines to sign on", [] if any(b.name == "signatures" for b in self.blocks) else ["all of them"]),
        ):
            if found:
                listed = ", ".join(found[:8]) + (f" and {len(found) - 8} more" if len(found) > 8 else "")
                plural = "s" if len(found) > 1 and what in ("the key term", "the clause") else ""
                message = f"the Word file leaves out what the PDF says: {what}{plural} {listed}"
                yield Problem(message, "place it in the template", "", Place(self.name))


_GUARD = "write {% if ... %} around it, for deals that do not have it"


def _size(element: Any) -> int:
    return sum(1 for _ in element.iter()) if element is not None else 0


def _steps(program: Program, text: str) -> Iterator[Step]:
    for char in text:
        if FIRST <= ord(char) <= LAST:
            yield from program.steps[ord(char) - FIRST]


def _tables(document: Document) -> Iterator[Any]:
    return (schedule for schedule in document.schedules if not schedule.chart)


def _letters(text: str) -> str:
    return "".join(text.split())


def _turn(section: Any, page: tuple[int, int]) -> None:
    """Give a section the paper, upright or on its side as it is."""
    size = section.find(f"{W}pgSz")
    if size is None:
        return
    wide = size.get(f"{W}orient") == "landscape"
    size.set(f"{W}w", str(page[1] if wide else page[0]))
    size.set(f"{W}h", str(page[0] if wide else page[1]))


def _inside(section: Any) -> int:
    """Return the width of the text in one column of a section, in twips."""
    size, margins, columns = (section.find(f"{W}{name}") for name in ("pgSz", "pgMar", "cols"))
    width = docx.twips(size, "w", 12240) - sum(docx.twips(margins, name) for name in ("left", "right", "gutter"))
    number = max(1, docx.twips(columns, "num", 1))
    return max(720, (width - (number - 1) * docx.twips(columns, "space", 720)) // number)


def _width(paragraph: Any, root: Any, last: Any) -> int:
    """Return the width of the text at a paragraph: that of its cell, or of a column of its section."""
    node = paragraph
    while node.getparent() is not None and node.getparent() is not root:
        node = node.getparent()
        if node.tag == f"{W}tc":
            told = node.find(f"{W}tcPr/{W}tcW")
            if told is not None and told.get(f"{W}type") == "dxa":
                # Word's usual space at both sides of a cell.
                return max(docx.twips(told, "w") - 216, 720)
    for behind in (node, *node.itersiblings()):
        section = behind.find(f"{W}pPr/{W}sectPr")
        if section is not None:
            return _inside(section)
    return _inside(last)
