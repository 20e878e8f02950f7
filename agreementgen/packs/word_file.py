"""Whether a firm's reference.docx has what the Word writer needs: styles, lists, the page, header and footer.

A firm's Word file, looked through before it is used: what may not be in it, and what is missing from it.

Word templates: a .docx in which a firm places facts and parts of the agreement; read and checked before use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element

from agreementgen.core.problems import PackError, Place, Problem, suggest_nearest
from agreementgen.language.analysis import Analysis, analyze_text
from agreementgen.language.environment import ORDINALS
from agreementgen.language.shapes import Shape, group_shape
from agreementgen.ooxml import contents
from agreementgen.ooxml.contents import Danger, find_dangers, name_of_main_part
from agreementgen.ooxml.package import Package, PackageRefused, W, open_package
from agreementgen.render import docx_writer
from agreementgen.render.template_text import TemplateProgram, compile_template

# Below this the key terms have no room for their four columns (points; letter paper with 2-inch margins has 324).
LEAST_WIDTH, LEAST_HEIGHT = 320.0, 430.0
# The narrowest and the lowest of our papers, in points: the file must serve both.
_NARROWEST_PAPER, _LOWEST_PAPER = 595.3, 792.0
_KINDS_IN_WORDS = {"paragraph": "paragraph style", "character": "character style", "table": "table style"}
_COPY_LIST = "copy the style and its list from the reference.docx of the built-in library"


@dataclass(frozen=True)
class ReferenceFile:
    """The parts of the file that say how documents look."""

    package: Package
    main: str
    body: Element
    styles: Mapping[str, Element]
    numbering: Element | None
    headers_and_footers: Mapping[str, Element]
    """Headers and footers by the name of their part."""


def read_reference(package: Package) -> ReferenceFile:
    """Return the parts that matter; raise Refused where the text or the styles are missing."""
    main = name_of_main_part(package)
    targets: dict[str, list[str]] = {}
    for relation in package.relations_of(main):
        targets.setdefault(relation.kind.rsplit("/", 1)[-1], []).append(relation.target)
    if not targets.get("styles"):
        raise PackageRefused("the file has no styles", "start from the reference.docx of the built-in library")
    body = package.read_part(main).find(f"{W}body")
    if body is None:
        raise PackageRefused("the file is damaged: its text is missing", "save it again in Word")
    found: dict[str, Element] = {}
    for style in package.read_part(targets["styles"][0]).iter(f"{W}style"):
        name = style.find(f"{W}name")
        if name is not None:
            # Word spells its own style "footer", other programs "Footer".
            word = name.get(f"{W}val", "")
            found.setdefault(docx_writer.FOOTER_STYLE if word == "Footer" else word, style)
    numbering = targets.get("numbering")
    around = {part: package.read_part(part) for kind in ("header", "footer") for part in targets.get(kind, ())}
    return ReferenceFile(package, main, body, found, package.read_part(numbering[0]) if numbering else None, around)


def find_shortcomings(reference: ReferenceFile, template: bool = False) -> Iterator[Danger]:
    """Yield what is missing or changed so that documents could not be written with the file.

    A `template` has a page of its own, and says itself where everything stands.
    """
    missing = False
    for name, kind in docx_writer.STYLE_KINDS.items():
        style = reference.styles.get(name)
        if style is None:
            missing = True
            yield (
                f'the style "{name}" is missing',
                _suggest_renaming(reference, name) or f"add a {_KINDS_IN_WORDS[kind]} of that name",
            )
        elif style.get(f"{W}type") != kind:
            there = _KINDS_IN_WORDS.get(style.get(f"{W}type", ""), "list style")
            hint = f"delete it, and add a {_KINDS_IN_WORDS[kind]} of that name"
            yield f'the style "{name}" is a {there}, and must be a {_KINDS_IN_WORDS[kind]}', hint
    if not missing:
        yield from _check_lists(reference)
    page = list(_check_page(reference))
    if template:
        yield from (told for told in page if told == _PAGE_MISSING)
        return
    yield from page
    for part, root in reference.headers_and_footers.items():
        said = re.sub(r"\{\{\s*footer\s*\}\}", "", "".join(node.text or "" for node in root.iter(f"{W}t")))
        if "{{" in said or "{%" in said:
            hint = "for others, lay the whole document out in Word: make it a template, agreement.docx"
            where = "header" if "header" in part else "footer"
            yield f"the {where} has a tag, and reference.docx knows {{{{ footer }}}} only", hint


def _suggest_renaming(reference: ReferenceFile, name: str) -> str:
    """Return a hint where the file has a style with nearly the same name."""
    near = re.fullmatch(
        r'did you mean "(.+)"\?', suggest_nearest(name, set(reference.styles) - set(docx_writer.STYLE_KINDS))
    )
    return f'rename "{near[1]}" to "{name}"' if near else ""


def list_remarks(reference: ReferenceFile, template: bool = False) -> Iterator[Danger]:
    """Yield what a firm should know of its file, though documents can be written with it."""
    printed = [
        contents.name_of_field(code)
        for root in reference.headers_and_footers.values()
        for code in contents.each_field_code(root)
    ]
    for word, says in (("PAGE", "the number of the page"), ("NUMPAGES", "the number of pages")):
        if word not in printed:
            yield f"neither header nor footer has the field {word}: {says} is not printed", "insert it in the footer"
    text = "".join(node.text or "" for root in reference.headers_and_footers.values() for node in root.iter(f"{W}t"))
    if not template and "{{footer}}" not in text.replace(" ", ""):
        hint = "write {{ footer }} in the footer where it belongs"
        yield "neither header nor footer has {{ footer }}: the agreement's own footer is not printed", hint


# -- lists


def _check_lists(reference: ReferenceFile) -> Iterator[Danger]:
    if reference.numbering is None:
        yield "the list that numbers the clauses is missing", _COPY_LIST
        return
    levels = {}
    for name in (docx_writer.CLAUSE_STYLE, docx_writer.ITEM_STYLE, docx_writer.BULLET_STYLE):
        number = _list_number_of(reference, name)
        if number is None:
            yield f'the style "{name}" belongs to no list', _COPY_LIST
            continue
        found = _levels_of_list(reference, reference.numbering, number)
        if not found:
            list_ = "bullets" if name == docx_writer.BULLET_STYLE else "clauses"
            yield f"the list of the {list_} is missing: its styles point to none", _COPY_LIST
            continue
        linked = [
            level for level in found.values() if _value_of_child(level, "pStyle") == _style_id_of(reference, name)
        ]
        if not linked:
            hint = f"LibreOffice loses the link when it saves: {_COPY_LIST}"
            yield f'the list of the style "{name}" is broken: no level of it is linked to the style', hint
        else:
            levels[name] = (number, linked[0])
    if docx_writer.CLAUSE_STYLE in levels:
        number, level = levels[docx_writer.CLAUSE_STYLE]
        if (
            level.get(f"{W}ilvl") != "0"
            or _value_of_child(level, "numFmt") != "decimal"
            or "%1" not in _value_of_child(level, "lvlText")
        ):
            hint = "set it to 1, 2, 3 in Word: Define New Multilevel List"
            yield 'the clauses are not numbered 1, 2, 3, and the wording refers to them as "section 2"', hint
        elif _value_of_child(level, "start") not in ("", "1"):
            yield "the numbers of the clauses do not start at 1", "set it in Word: Define New Multilevel List"
        if docx_writer.ITEM_STYLE in levels:
            other, item = levels[docx_writer.ITEM_STYLE]
            if other != number or item.get(f"{W}ilvl") != "1":
                message = (
                    f'the list of the clauses is broken: its second level is not linked to "{docx_writer.ITEM_STYLE}"'
                )
                yield message, "letters would not start anew in each clause; " + _COPY_LIST
            elif _value_of_child(item, "numFmt") in ("none", "bullet"):
                yield (
                    f'the second level of the list of the clauses ("{docx_writer.ITEM_STYLE}") has no letters',
                    _COPY_LIST,
                )


def _style_id_of(reference: ReferenceFile, name: str) -> str:
    return reference.styles[name].get(f"{W}styleId", "")


def _list_number_of(reference: ReferenceFile, name: str) -> str | None:
    """Return the number of the list a style belongs to, its own or that of a style it is based on."""
    by_id = {style.get(f"{W}styleId"): style for style in reference.styles.values()}
    style, seen = reference.styles.get(name), set[int]()
    while style is not None and id(style) not in seen:
        seen.add(id(style))
        number = style.find(f"{W}pPr/{W}numPr/{W}numId")
        if number is not None:
            return number.get(f"{W}val") if number.get(f"{W}val") != "0" else None
        based = style.find(f"{W}basedOn")
        style = by_id.get(based.get(f"{W}val")) if based is not None else None
    return None


def _levels_of_list(reference: ReferenceFile, numbering: Element, number: str, turns: int = 3) -> dict[str, Element]:
    """Return the levels of a list by their depth ("0" is the first), those that it overrides on top."""
    concrete = next((num for num in numbering.iter(f"{W}num") if num.get(f"{W}numId") == number), None)
    if concrete is None:
        return {}
    abstract = next(
        (
            one
            for one in numbering.iter(f"{W}abstractNum")
            if one.get(f"{W}abstractNumId") == _value_of_child(concrete, "abstractNumId")
        ),
        None,
    )
    if abstract is None:
        return {}
    found = {level.get(f"{W}ilvl", ""): level for level in abstract.findall(f"{W}lvl")}
    link = _value_of_child(abstract, "numStyleLink")
    if link and not found and turns:
        style = next((one for one in reference.styles.values() if one.get(f"{W}styleId") == link), None)
        other = style.find(f"{W}pPr/{W}numPr/{W}numId") if style is not None else None
        if other is not None:
            found = _levels_of_list(reference, numbering, other.get(f"{W}val", ""), turns - 1)
    for override in concrete.findall(f"{W}lvlOverride"):
        level = override.find(f"{W}lvl")
        if level is not None:
            found[override.get(f"{W}ilvl", "")] = level
    return found


def _value_of_child(node: Element, name: str) -> str:
    found = node.find(f"{W}{name}")
    return found.get(f"{W}val", "") if found is not None else ""


# -- the page

_PAGE_MISSING = (
    "the file says nothing of its page: size or margins are missing",
    "set the margins in Word and save again",
)


def _check_page(reference: ReferenceFile) -> Iterator[Danger]:
    sections = list(reference.body.iter(f"{W}sectPr"))
    last = reference.body.find(f"{W}sectPr")
    if last is None or last.find(f"{W}pgSz") is None or last.find(f"{W}pgMar") is None:
        yield _PAGE_MISSING
        return
    if len(sections) > 1:
        hint = "delete the section breaks in Word"
        yield f"the file has {len(sections)} sections, and documents can follow only one", hint
    size = last.find(f"{W}pgSz")
    if size is not None and (size.get(f"{W}orient") == "landscape" or _read_twips(size, "w") > _read_twips(size, "h")):
        yield "the page lies on its side", "set it upright in Word: Layout > Orientation > Portrait"
    columns = last.find(f"{W}cols")
    if columns is not None and (_read_twips(columns, "num") > 1 or len(columns) > 1):
        hint = "in Word: Layout > Columns > One (the program sets the clauses in two columns itself)"
        yield "the column layout was changed: the page has more than one column", hint
    margins = last.find(f"{W}pgMar")
    if margins is None:
        return
    side = sum(_read_twips(margins, name) for name in ("left", "right", "gutter")) / 20
    if _NARROWEST_PAPER - side < LEAST_WIDTH:
        inches = (_NARROWEST_PAPER - LEAST_WIDTH) / 72
        yield (
            f"the margins leave no room for the text: left and right are {side / 72:.1f} in",
            (f"together they may take {inches:.1f} in"),
        )
    high = sum(abs(_read_twips(margins, name)) for name in ("top", "bottom")) / 20
    if _LOWEST_PAPER - high < LEAST_HEIGHT:
        inches = (_LOWEST_PAPER - LEAST_HEIGHT) / 72
        yield (
            f"the margins leave no room for the text: top and bottom are {high / 72:.1f} in",
            (f"together they may take {inches:.1f} in"),
        )


def _read_twips(node: Element, name: str) -> int:
    """Return a length of an attribute in twips (1/20 pt); 0 where it is no whole number."""
    text = node.get(f"{W}{name}", "")
    try:
        return int(float(text)) if len(text) < 12 else 10**6
    except ValueError:
        return 0


@dataclass(frozen=True)
class WordFileReport:
    """What there is to say about a Word file: `problems` forbid its use, `warnings` do not."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()


def check_reference(data: bytes, name: str) -> WordFileReport:
    """Return what is wrong with a reference.docx, one line each, without Word or LibreOffice.

    Nothing outside `data` is read, and nothing in it is trusted. A file with dangers in it is not looked at further.
    """
    try:
        package = open_package(data)
        found = problems_in(find_dangers(package), name)
        if found:
            return WordFileReport(found)
        reference = read_reference(package)
        return WordFileReport(
            problems_in(find_shortcomings(reference), name), problems_in(list_remarks(reference), name)
        )
    except PackageRefused as error:
        return WordFileReport((Problem(error.message, error.hint, "", Place(name)),))


def problems_in(found: Iterable[Danger], name: str) -> tuple[Problem, ...]:
    """Return problems, each told once: one macro has a part, a type and a relation."""
    return tuple(Problem(message, hint, "", Place(name)) for message, hint in dict.fromkeys(found))


REFERENCE_FILE, TEMPLATE_FILE = "reference.docx", "agreement.docx"
# What a template may print besides facts.
DOCUMENT_FACTS = ("title", "subtitle", "footer")


@dataclass(frozen=True)
class TemplateNames:
    """What a template may name: facts, topics with clauses, rows of the key terms, schedules, kinds of agreement."""

    facts: Shape
    topics: Set[str]
    rows: Set[str]
    schedules: Set[str]
    kinds: Set[str]


def template_shape_of(facts: Shape) -> Shape:
    """Return the facts of clauses with those that only templates know: the title, and `parties.first`."""
    fields = dict(facts.fields) | dict.fromkeys(DOCUMENT_FACTS, Shape("text"))
    parties = fields.get("parties")
    if parties is not None and parties.item is not None:
        fields["parties"] = replace(parties, fields=dict.fromkeys(ORDINALS, parties.item))
    return group_shape(fields)


def check_template(data: bytes, name: str, names: TemplateNames) -> WordFileReport:
    """Return what is wrong with a template, each problem with its paragraph; one with dangers is not read on."""
    try:
        package = open_package(data)
        found = problems_in(find_dangers(package), name)
        if found:
            return WordFileReport(found)
        reference = read_reference(package)
        problems = list(problems_in(find_shortcomings(reference, template=True), name))
        programs = [_read_program(reference.body, "")]
        programs += [_read_program(root, _part_in_words(part)) for part, root in reference.headers_and_footers.items()]
        uses = Analysis()
        for program in programs:
            problems += _check_program(program, name, names, uses)
        warnings = [
            *problems_in(list_remarks(reference, template=True), name),
            *problems_in(_find_absent_blocks(programs, uses), name),
        ]
        return WordFileReport(tuple(problems), tuple(warnings))
    except PackageRefused as error:
        return WordFileReport((Problem(error.message, error.hint, "", Place(name)),))


def check_file_name(name: str, names: TemplateNames) -> Problem | None:
    """Return a problem for a Word file in `templates/layout` that would never be used."""
    known = {REFERENCE_FILE, TEMPLATE_FILE, *(f"{kind}.docx" for kind in names.kinds)}
    if name.rsplit("/", 1)[-1] in known and name.endswith(".docx"):
        return None
    hint = (
        suggest_nearest(name.rsplit("/", 1)[-1], known)
        or "known here: reference.docx, agreement.docx, and a kind: referral.docx"
    )
    return Problem("this Word file is never used", hint, "", Place(name))


def _part_in_words(name: str) -> str:
    return "header" if "header" in name else "footer"


def _read_program(root: Any, part: str) -> TemplateProgram:
    program = compile_template(root, part, lambda _: 0)
    texts = [node for node in root.iter(f"{W}t") if node.text]
    if any(0xE000 <= ord(char) <= 0xF8FF or ord(char) >= 0xF0000 for node in texts for char in node.text or ""):
        program.problems.append(
            (part or "the text", "it has a letter that only one font knows", "take it from another")
        )
    return program


def _check_program(program: TemplateProgram, name: str, names: TemplateNames, uses: Analysis) -> Iterator[Problem]:
    """Yield the problems of a part; what it uses is added to `uses`."""
    for spot, message, hint in program.problems:
        yield Problem(message, hint, spot, Place(name))
    for block in program.blocks:
        if program.part:
            message = f"{{{{p {block.name} }}}} belongs in the text, not in a {program.part}"
            yield Problem(message, "", block.spot, Place(name))
        if block.topic and block.topic not in names.topics:
            message = f'"{block.topic}" is not a topic with clauses'
            yield Problem(message, suggest_nearest(block.topic, names.topics), block.spot, Place(name))
    if program.problems:
        return
    try:
        found = analyze_text(program.code_to_check, Place(name, 1, 1), names.facts)
    except PackError as error:
        for problem in error.problems:
            hint = "" if "docs/clauses.md" in problem.hint else problem.hint
            message = problem.message.replace(" in clauses", " in templates")
            yield Problem(message, hint, program.spot_of_line(problem.place.line), Place(name))
        return
    uses.facts |= found.facts
    for used, known, what in (
        (found.topics, names.topics, "topic with clauses"),
        (found.rows, names.rows, "key-term row"),
        (found.schedules, names.schedules, "schedule"),
    ):
        for word in sorted(used - known):
            lines = program.code_to_check.split("\n")
            line = next((at for at, text in enumerate(lines, 1) if f"'{word}'" in text or f'"{word}"' in text), 1)
            yield Problem(
                f'"{word}" is not a {what}', suggest_nearest(word, known), program.spot_of_line(line), Place(name)
            )


def _find_absent_blocks(programs: list[TemplateProgram], uses: Analysis) -> Iterator[Danger]:
    """Yield what a template never places."""
    placed = {block.name for program in programs for block in program.blocks}
    named = any(fact.startswith(("parties.", "first.", "second.")) or fact == "parties" for fact in uses.facts)
    for block, words in (
        ("clauses", "the clauses"),
        ("key_terms", "the key terms"),
        ("signatures", "the lines to sign on"),
        ("parties", "the parties"),
    ):
        singly = block == "clauses" and "clause" in placed
        if singly:
            topics = sorted({block.topic for program in programs for block in program.blocks if block.topic})
            yield f"the template places single clauses only ({', '.join(topics)})", "add {{p clauses }} for the others"
        elif block not in placed and not (block == "parties" and named):
            yield f"the template never places {words}", f"write {{{{p {block} }}}} in a paragraph of its own"
