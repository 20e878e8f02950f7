"""Word templates: a .docx in which a firm places facts and parts of the agreement; read and checked before use."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from typing import Any

from agreementgen.errors import PackError, Place, Problem, nearest
from agreementgen.language.environment import ORDINALS
from agreementgen.language.shape import Shape, group
from agreementgen.language.syntax import Analysis, analyse
from agreementgen.word.contents import Said, dangers
from agreementgen.word.fitness import reference_of, remarks, shortcomings
from agreementgen.word.linting import Linted, said
from agreementgen.word.package import Refused, W, opened
from agreementgen.word.program import Program, compiled

REFERENCE, AGREEMENT = "reference.docx", "agreement.docx"
# What a template may print besides facts.
OF_DOCUMENT = ("title", "subtitle", "footer")


@dataclass(frozen=True)
class Names:
    """What a template may name: facts, topics with clauses, rows of the key terms, schedules, kinds of agreement."""

    facts: Shape
    topics: Set[str]
    rows: Set[str]
    schedules: Set[str]
    kinds: Set[str]


def shape_of(facts: Shape) -> Shape:
    """Return the facts of clauses with those that only templates know: the title, and `parties.first`."""
    fields = dict(facts.fields) | dict.fromkeys(OF_DOCUMENT, Shape("text"))
    parties = fields.get("parties")
    if parties is not None and parties.of is not None:
        fields["parties"] = replace(parties, fields=dict.fromkeys(ORDINALS, parties.of))
    return group(fields)


def lint_template(data: bytes, name: str, names: Names) -> Linted:
    """Return what is wrong with a template, each problem with its paragraph; one with dangers is not read on."""
    try:
        package = opened(data)
        found = said(dangers(package), name)
        if found:
            return Linted(found)
        reference = reference_of(package)
        problems = list(said(shortcomings(reference, template=True), name))
        programs = [_program(reference.body, "")]
        programs += [_program(root, _part(part)) for part, root in reference.around.items()]
        uses = Analysis()
        for program in programs:
            problems += _checked(program, name, names, uses)
        warnings = [*said(remarks(reference, template=True), name), *said(_absent(programs, uses), name)]
        return Linted(tuple(problems), tuple(warnings))
    except Refused as error:
        return Linted((Problem(error.message, error.hint, "", Place(name)),))


def misnamed(name: str, names: Names) -> Problem | None:
    """Return a problem for a Word file in `templates/layout` that would never be used."""
    known = {REFERENCE, AGREEMENT, *(f"{kind}.docx" for kind in names.kinds)}
    if name.rsplit("/", 1)[-1] in known and name.endswith(".docx"):
        return None
    hint = (
        nearest(name.rsplit("/", 1)[-1], known)
        or "known here: reference.docx, agreement.docx, and a kind: referral.docx"
    )
    return Problem("this Word file is never used", hint, "", Place(name))


def _part(name: str) -> str:
    return "header" if "header" in name else "footer"


def _program(root: Any, part: str) -> Program:
    program = compiled(root, part, lambda _: 0)
    texts = [node for node in root.iter(f"{W}t") if node.text]
    if any(0xE000 <= ord(char) <= 0xF8FF or ord(char) >= 0xF0000 for node in texts for char in node.text or ""):
        program.problems.append(
            (part or "the text", "it has a letter that only one font knows", "take it from another")
        )
    return program


def _checked(program: Program, name: str, names: Names, uses: Analysis) -> Iterator[Problem]:
    """Yield the problems of a part; what it uses is added to `uses`."""
    for spot, message, hint in program.problems:
        yield Problem(message, hint, spot, Place(name))
    for block in program.blocks:
        if program.part:
            message = f"{{{{p {block.name} }}}} belongs in the text, not in a {program.part}"
            yield Problem(message, "", block.spot, Place(name))
        if block.topic and block.topic not in names.topics:
            message = f'"{block.topic}" is not a topic with clauses'
            yield Problem(message, nearest(block.topic, names.topics), block.spot, Place(name))
    if program.problems:
        return
    try:
        found = analyse(program.checked, Place(name, 1, 1), names.facts)
    except PackError as error:
        for problem in error.problems:
            hint = "" if "docs/clauses.md" in problem.hint else problem.hint
            message = problem.message.replace(" in clauses", " in templates")
            yield Problem(message, hint, program.spot(problem.place.line), Place(name))
        return
    uses.facts |= found.facts
    for used, known, what in (
        (found.topics, names.topics, "topic with clauses"),
        (found.rows, names.rows, "key-term row"),
        (found.schedules, names.schedules, "schedule"),
    ):
        for word in sorted(used - known):
            lines = program.checked.split("\n")
            line = next((at for at, text in enumerate(lines, 1) if f"'{word}'" in text or f'"{word}"' in text), 1)
            yield Problem(f'"{word}" is not a {what}', nearest(word, known), program.spot(line), Place(name))


def _absent(programs: list[Program], uses: Analysis) -> Iterator[Said]:
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
