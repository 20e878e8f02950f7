"""A Word template filled in: facts in the runs where their tags begin, parts of the agreement where a firm puts them.

What the agreement has and the template does not place is told, never dropped silently; schedules come behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

from agreementgen.core.document import Clause, Document, text_of_runs
from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.draft.drafting import Resolver
from agreementgen.language.environment import Insert, Slots
from agreementgen.language.filling import FillContext, fill_text
from agreementgen.language.filters import ends_sentence
from agreementgen.library.files import SourceFile
from agreementgen.ooxml import MAX_ELEMENTS, W
from agreementgen.render import docx, docx_chart
from agreementgen.render.docx_writer import CLAUSE_STYLE, ITEM_STYLE, XmlElement, stretch_to_text, to_twips, twips_of
from agreementgen.render.measures import OUR_MARGINS, Sizes, text_width, width_factor_of
from agreementgen.render.signing import Kind
from agreementgen.render.template_text import (
    FIRST_SIGN,
    LAST_SIGN,
    BuildStep,
    InsertedPart,
    TemplateProgram,
    compile_template,
    has_tags,
)
from agreementgen.render.word_lists import list_of_style, start_list_at
from agreementgen.render.word_page import label_share_in_font, read_body_font

# What holds paragraphs must end with one, or Word cannot open the file.
_HOLDERS = tuple(f"{W}{name}" for name in ("tc", "txbxContent", "hdr", "ftr", "footnote", "endnote"))


class PartBuilder:
    """Puts a part together again, step by step."""

    def __init__(
        self, root: XmlElement, words: Callable[[Insert], str], insert: Callable[[InsertedPart], Sequence[XmlElement]]
    ) -> None:
        self.top = root.makeelement(root.tag, {})
        self.stack = [self.top]
        self.words = words
        self.insert = insert
        self.stop = False

    def finish(self) -> list[XmlElement]:
        self.close_element()
        return list(self.top)

    def fill_in(self, insert: Insert) -> None:
        text = self.words(insert)
        node = self.stack[-1]
        node.text = (node.text or "") + text
        self.stop = ends_sentence(text)

    def take_step(self, step: BuildStep) -> None:
        match step.kind:
            case "open":
                found = deepcopy(step.element)
                self.stack[-1].append(found)
                self.stack.append(found)
                if found.tag == f"{W}p":
                    self.stop = False
            case "close":
                self.close_element()
                self.stack.pop()
            case "add":
                self.stack[-1].append(self.drop_second_stop(deepcopy(step.element)))
            case "block" if step.block:
                self.insert_elements(self.insert(step.block), step.element)

    def close_element(self) -> None:
        """Finish what is open, so that Word can read it whatever was left out in it."""
        node = self.stack[-1]
        if node.tag == f"{W}tbl" and node.find(f"{W}tr") is None:
            self.stack[-2].remove(node)
        elif node.tag in _HOLDERS and (not len(node) or node[-1].tag != f"{W}p"):
            node.append(node.makeelement(f"{W}p", {}))

    def drop_second_stop(self, element: XmlElement) -> XmlElement:
        """Leave out a full stop behind a fact that ends with one ("... and Acme, Inc.")."""
        first = next(element.iter(f"{W}t"), None) if element.tag == f"{W}r" else None
        if first is not None:
            if self.stop and (first.text or "").startswith("."):
                first.text = first.text[1:]
            self.stop = False
        return element

    def insert_elements(self, elements: Sequence[XmlElement], section: XmlElement) -> None:
        top = self.stack[-1]
        if elements and elements[0].tag == f"{W}tbl" and len(top) and top[-1].tag == f"{W}tbl":
            top.append(_empty_paragraph(top))  # two tables that touch become one
        for element in elements:
            top.append(element)
        if section is not None:
            if not elements or elements[-1].tag != f"{W}p":
                top.append(_empty_paragraph(top))
            properties = top[-1].find(f"{W}pPr")
            if properties is None:
                properties = top[-1].makeelement(f"{W}pPr", {})
                top[-1].insert(0, properties)
            properties.append(deepcopy(section))


def _keep_tabs_inside(container: XmlElement, width: int) -> None:
    """Move right tabs that stand beyond a text `width` wide to its edge: what is set at them would vanish."""
    for tab in container.iter(f"{W}tab"):
        if tab.get(f"{W}val") in ("right", "end") and twips_of(tab, "pos") > width:
            tab.set(f"{W}pos", str(width))


def _empty_paragraph(like: XmlElement) -> XmlElement:
    return like.makeelement(f"{W}p", {})


@dataclass(frozen=True)
class FilledTemplate:
    """The Word file, and what of the agreement stands in it nowhere."""

    data: bytes
    left_out: tuple[Problem, ...]


def fill_template(
    document: Document, template: SourceFile, sizes: Sizes, setting: FillContext, resolver: Resolver, pages: int,
    carried: str = "", marks: Sequence[Mapping[Kind, str]] = (),
) -> FilledTemplate:  # fmt: skip
    """Return `document` laid out by `template`; raise PackError, naming the paragraph, where it cannot be filled in.

    `carried` is the text of the deal that the file carries; "" for none. `marks` are those of a signing service.
    """
    own = {"title": document.title, "subtitle": document.effective, "footer": document.footer}
    setting = replace(setting, facts={**setting.facts, **own})
    writer = docx.open_agreement_writer(document, template, sizes.label_share)
    writer.marks = marks
    filler = _TemplateFiller(writer, template, sizes, setting, resolver)
    filler.fill_body(document)
    filler.fill_headers_and_footers()
    filler.fill_notes()
    data = writer.finish(docx.title_of_file(document), pages, carried)
    return FilledTemplate(data, tuple(filler.each_left_out(document)))


def template_problems(template: SourceFile) -> tuple[Problem, ...]:
    """Return what to know where the same agreement is made as a PDF, too."""
    message = "the Word file is laid out by this template, the PDF by the pack's HTML: the pages differ in form"
    hint = "their words are the same; how many pages Word makes was not counted"
    return (Problem(message, hint, "", Place(template.name), code="word-and-pdf", severity="W"),)


class _TemplateFiller:
    def __init__(
        self, writer: docx.AgreementWriter, template: SourceFile, sizes: Sizes, setting: FillContext, resolver: Resolver
    ) -> None:
        self.writer = writer
        self.name = template.name
        self.sizes = sizes
        self.font = read_body_font(template.data)
        self.setting = setting
        self.resolver = resolver
        self.blocks: list[InsertedPart] = []
        self.number = 1
        self.list_id = ""

    def fill_body(self, document: Document) -> None:
        writer, root = self.writer, self.writer.root
        last = writer.section
        for part in (root, *(part.element for part in writer.headers_and_footers())):
            stretch_to_text(part, writer.drawn_width, writer.text_width)
            _keep_tabs_inside(part, writer.text_width)
        _keep_tabs_inside(writer.word.styles.element, writer.text_width)
        for section in root.iter(f"{W}sectPr"):
            _set_paper(section, writer.paper_size)
        root.remove(last)
        program = compile_template(root, "", lambda paragraph: _text_width_at(paragraph, root, last))
        text, slots = self.render_program(program)
        self.blocks = [step.block for step in _each_step(program, text) if step.block]
        made = self.build_part(program, text, slots, root, lambda block: self.make_part(block, document))
        for child in list(root):
            root.remove(child)
        for child in (*made, last):
            root.append(child)
        self.add_unplaced_schedules(document)

    def fill_headers_and_footers(self) -> None:
        """Fill in the headers and footers; those of a chart have its own footer already."""
        for part in self.writer.headers_and_footers():
            self.fill_around(part.element, "header" if "header" in str(part.partname) else "footer")

    def fill_notes(self) -> None:
        """Fill in the notes at the foot and at the end, and take out those that nothing in the text refers to."""
        from docx.opc.oxml import serialize_part_xml
        from docx.oxml.parser import parse_xml

        for relation in self.writer.word.part.rels.values():
            kind = relation.reltype.rsplit("/", 1)[-1].removesuffix("s")
            if kind not in ("footnote", "endnote"):
                continue
            root = parse_xml(relation.target_part.blob)
            if has_tags(root):
                self.fill_around(root, kind)
            used = {node.get(f"{W}id") for node in self.writer.root.iter(f"{W}{kind}Reference")}
            for note in root.findall(f"{W}{kind}"):
                # Word keeps the lines that part notes from the text as notes of a type of their own.
                if note.get(f"{W}type", "normal") == "normal" and note.get(f"{W}id") not in used:
                    root.remove(note)
            relation.target_part._blob = serialize_part_xml(root)

    def fill_around(self, root: XmlElement, name: str) -> None:
        """Fill in a part that stands beside the text; problems call it `name`."""
        program = compile_template(root, name, lambda _: 0)
        text, slots = self.render_program(program)
        made = self.build_part(program, text, slots, root, lambda _: [])
        for child in list(root):
            root.remove(child)
        for child in made:
            root.append(child)

    def render_program(self, program: TemplateProgram) -> tuple[str, Slots]:
        for spot, message, hint in program.problems:
            raise PackError(Problem(message, hint, spot, Place(self.name), code="word-tag"))
        try:
            return fill_text(program.code, self.setting, Place(self.name, 1, 1))
        except PackError as error:
            raise PackError(
                replace(
                    problem,
                    hint=problem.hint or _GUARD_HINT,
                    field=program.spot_of_line(problem.place.line),
                    place=Place(self.name),
                )
                for problem in error.problems
            ) from None

    def build_part(
        self,
        program: TemplateProgram,
        text: str,
        slots: Slots,
        root: XmlElement,
        insert: Callable[[InsertedPart], Sequence[XmlElement]],
    ) -> list[XmlElement]:
        """Return the children of `root` as `text`, what its program came out as, says."""
        sizes = [sum(_count_elements(step.element) for step in steps) for steps in program.steps]
        if sum(sizes[ord(char) - FIRST_SIGN] for char in text if FIRST_SIGN <= ord(char) <= LAST_SIGN) > MAX_ELEMENTS:
            message = f"the template comes to more than {MAX_ELEMENTS:,} elements of Word's"
            hint = "repeat less with {%p for %} and {%tr for %}"
            raise PackError(Problem(message, hint, "", Place(self.name), code="word-too-large"))
        builder = PartBuilder(root, lambda found: self.resolver.resolve(found, Place(self.name)), insert)
        for char in text:
            code = ord(char)
            if FIRST_SIGN <= code <= LAST_SIGN:
                for step in program.steps[code - FIRST_SIGN]:
                    builder.take_step(step)
                continue
            found = slots.insert_at(char)
            if found is not None:
                builder.fill_in(found)
        return builder.finish()

    # -- parts of the agreement

    def make_part(self, block: InsertedPart, document: Document) -> list[XmlElement]:
        """Return the paragraphs and tables of a part of the agreement; none where this agreement has no such part."""
        writer = self.writer
        writer.text_width = block.width
        match block.name:
            case "parties":
                return [writer.make_parties_table(document.parties)]
            case "key_terms":
                # Labels in another font, or on a narrower text, must not break either.
                ours = to_twips(text_width(document.paper, OUR_MARGINS))
                writer.label_share = label_share_in_font(self.sizes, width_factor_of(self.font), ours / block.width)
                return [writer.make_terms_table(document.terms, document.terms_title)]
            case "signatures":
                return [writer.make_signature_table(document.signatures)]
            case "clause":
                found = [clause for clause in document.clauses if clause.topic == block.topic]
            case "clauses":
                single = {other.topic for other in self.blocks if other.name == "clause"}
                found = [clause for clause in document.clauses if clause.topic not in single]
            case "schedules":
                return [
                    element for schedule in _each_table_schedule(document) for element in writer.make_schedule(schedule)
                ]
            case _:
                charted = next((schedule for schedule in document.schedules if schedule.chart), None)
                if charted is None or charted.chart is None:
                    return []
                # The agreement refers to the chart by this heading.
                heading = writer.make_paragraph("Chart Subheading", charted.heading)
                return [heading, *docx_chart.list_chart_elements(writer, charted.chart)]
        return [paragraph for clause in found for paragraph in self.make_numbered_clause(clause)]

    def make_numbered_clause(self, clause: Clause) -> list[XmlElement]:
        """Return the paragraphs of a clause under the number that it has in the agreement, wherever it is placed."""
        paragraphs = self.writer.make_clause(clause)
        if clause.number != self.number:
            self.list_id = start_list_at(self.writer.word, clause.number)
        self.number = clause.number + 1
        if self.list_id:
            ids, make_element = self.writer.style_ids, self.writer.make_element
            levels = {ids[CLAUSE_STYLE]: "0", ids[ITEM_STYLE]: "1"}
            for paragraph in paragraphs:
                named = paragraph.find(f"{W}pPr/{W}pStyle")
                level = levels.get(named.get(f"{W}val")) if named is not None else None
                own = paragraph.find(f"{W}pPr/{W}numPr/{W}numId")
                if own is not None and own.get(f"{W}val") == list_of_style(self.writer.word, ITEM_STYLE):
                    own.set(f"{W}val", self.list_id)
                elif level is not None and own is None:
                    number = make_element("ilvl", val=level), make_element("numId", val=self.list_id)
                    paragraph.find(f"{W}pPr").append(make_element("numPr", *number))
        return paragraphs

    def add_unplaced_schedules(self, document: Document) -> None:
        """Add the schedules that the template does not place."""
        names = {block.name for block in self.blocks}
        tables = [] if "schedules" in names else list(_each_table_schedule(document))
        charted = next((s for s in document.schedules if s.chart), None) if "raci" not in names else None
        writer = self.writer
        if tables:
            self.begin_section("continuous")
            writer.text_width = _column_width(writer.section)
            for schedule in tables:
                writer.add(*writer.make_schedule(schedule))
        if charted and charted.chart:
            self.begin_section("")
            docx_chart.write_chart_section(writer, charted.heading, charted.chart)

    def begin_section(self, kind: str) -> None:
        """End the last section as it is, and begin one with a single column."""
        writer = self.writer
        end = writer.make_paragraph("Section End")
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
            writer.start_section(writer.section, kind)

    def each_left_out(self, document: Document) -> Iterator[Problem]:
        """Yield what the agreement says and the Word file does not."""
        containers = [self.writer.root, *(part.element for part in self.writer.headers_and_footers())]
        text = _without_spaces("".join(node.text or "" for root in containers for node in root.iter(f"{W}t")))
        singly = {block.topic for block in self.blocks if block.name == "clause"}
        whole = any(block.name == "clauses" for block in self.blocks)
        for what, found in (
            ("the party", [box.name for box in document.parties if _without_spaces(box.name) not in text]),
            (
                "the key term",
                [row.label for row in document.rows if _without_spaces(text_of_runs(row.runs)) not in text],
            ),
            (
                "the clause",
                [f"{c.number}. {c.heading}" for c in document.clauses if not whole and c.topic not in singly],
            ),
            (
                "the sentence",
                # On one page a template's own words stand above the lines to sign.
                [f'"{document.agreed}"'] if document.apart and _without_spaces(document.agreed) not in text else [],
            ),
            ("the lines to sign on", [] if any(b.name == "signatures" for b in self.blocks) else ["all of them"]),
        ):
            if found:
                listed = ", ".join(found[:8]) + (f" and {len(found) - 8} more" if len(found) > 8 else "")
                plural = "s" if len(found) > 1 and what in ("the key term", "the clause") else ""
                message = f"the Word file leaves out what the PDF says: {what}{plural} {listed}"
                hint = "place it in the template"
                yield Problem(message, hint, "", Place(self.name), code="word-not-printed", severity="W")


_GUARD_HINT = "write {% if ... %} around it, for deals that do not have it"


def _count_elements(element: XmlElement) -> int:
    return sum(1 for _ in element.iter()) if element is not None else 0


def _each_step(program: TemplateProgram, text: str) -> Iterator[BuildStep]:
    for char in text:
        if FIRST_SIGN <= ord(char) <= LAST_SIGN:
            yield from program.steps[ord(char) - FIRST_SIGN]


def _each_table_schedule(document: Document) -> Iterator[XmlElement]:
    return (schedule for schedule in document.schedules if not schedule.chart)


def _without_spaces(text: str) -> str:
    return "".join(text.split())


def _set_paper(section: XmlElement, page: tuple[int, int]) -> None:
    """Give a section the paper, upright or on its side as it is."""
    size = section.find(f"{W}pgSz")
    if size is None:
        return
    wide = size.get(f"{W}orient") == "landscape"
    size.set(f"{W}w", str(page[1] if wide else page[0]))
    size.set(f"{W}h", str(page[0] if wide else page[1]))


def _column_width(section: XmlElement) -> int:
    """Return the width of the text in one column of a section, in twips."""
    size, margins, columns = (section.find(f"{W}{name}") for name in ("pgSz", "pgMar", "cols"))
    width = twips_of(size, "w", 12240) - sum(twips_of(margins, name) for name in ("left", "right", "gutter"))
    number = max(1, twips_of(columns, "num", 1))
    return max(720, (width - (number - 1) * twips_of(columns, "space", 720)) // number)


def _text_width_at(paragraph: XmlElement, root: XmlElement, last: XmlElement) -> int:
    """Return the width of the text at a paragraph: that of its cell, or of a column of its section."""
    node = paragraph
    while node.getparent() is not None and node.getparent() is not root:
        node = node.getparent()
        if node.tag == f"{W}tc":
            told = node.find(f"{W}tcPr/{W}tcW")
            if told is not None and told.get(f"{W}type") == "dxa":
                # Word's usual space at both sides of a cell.
                return max(twips_of(told, "w") - 216, 720)
    for behind in (node, *node.itersiblings()):
        section = behind.find(f"{W}pPr/{W}sectPr")
        if section is not None:
            return _column_width(section)
    return _column_width(last)
