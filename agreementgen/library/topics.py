"""Topics: `clauses/<topic>/topic.yaml` declares the questions of one subject of agreements.

Outlines: `templates/<kind>.yaml` says what one kind of agreement is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agreementgen.core.problems import InputError, Place, Problem, suggest_nearest
from agreementgen.deal.deal import Contradiction, Figure
from agreementgen.deal.question_types import GROUP, TEXT, TYPES, ChoiceType
from agreementgen.deal.questions import Limits, Question, Structure
from agreementgen.library.clauses import (
    ScheduleText,
    SourceText,
    TermText,
    TypicalTask,
    read_rows,
    read_schedules,
    read_typical_tasks,
)
from agreementgen.library.declarations import Fields
from agreementgen.library.snapshot import SourceFile
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode, read_yaml


@dataclass(frozen=True)
class ConditionText:
    """A `when` or `needed` as it is written; `this` are the questions of the group it stands in."""

    text: SourceText
    siblings: tuple[Question, ...]


@dataclass(frozen=True)
class Topic:
    """One subject. `question` is its place in a deal file: a group, list or map under the topic's key.

    A topic that stands "at the top" (`key` is empty) has its questions as top-level keys of the deal file.
    `conditions` are all `when` and `needed` of its questions, figures and contradictions. `rows` are its rows of the
    key-terms table, `schedules` its tables behind the agreement. `box` and `signature` (of the topic "parties"
    only) are the lines of a party's box under the title and the line under its signature. `tasks` are typical ones for
    RACI charts.
    """

    id: str
    title: str
    about: str
    question: Question
    terms: tuple[TermText, ...]
    conditions: tuple[ConditionText, ...]
    schedules: tuple[ScheduleText, ...] = ()
    figures: tuple[Figure, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    box_lines: tuple[SourceText, ...] = ()
    signature_line: SourceText | None = None
    typical_tasks: tuple[TypicalTask, ...] = ()

    @property
    def at_top(self) -> bool:
        return not self.question.key


def read_topic(topic_id: str, source: SourceFile, problems: list[Problem]) -> Topic | None:
    try:
        root = read_yaml(source.text, source.name).root
    except InputError as error:
        problems += error.problems
        return None
    fields = Fields(root, problems, topic_id)
    title, about = fields.text("title"), fields.text("about", "")
    at_top = fields.flag("at top", False)
    question = _question("" if at_top else fields.text("key", topic_id), fields, problems, root.place)
    tasks = read_typical_tasks(fields)
    figures, rules = tuple(_figures(fields)), tuple(_contradictions(fields))
    conditions = (
        *_conditions(fields, question, ()),
        *(ConditionText(SourceText(figure.when, figure.place), ()) for figure in figures if figure.when),
        *(ConditionText(SourceText(rule.when, rule.place), ()) for rule in rules),
        *(ConditionText(task.when, ()) for task in tasks),
    )
    rows, schedules = read_rows(fields, "key terms"), read_schedules(fields)
    lines = fields.places_of("box")
    box = tuple(SourceText(line, lines[line]) for line in fields.texts("box"))
    signature = fields.text("signature", "")
    fields.refuse_unknown_keys()
    sign = SourceText(signature, fields.place_of("signature")) if signature else None
    return Topic(topic_id, title, about, question, rows, conditions, schedules, figures, rules, box, sign, tasks)


def _question(key: str, fields: Fields, problems: list[Problem], place: Place) -> Question:
    name = fields.text("type", "group" if fields.node.get("questions") else "text")
    if name not in TYPES:
        fields.add_problem(f'"{name}" is not a type', suggest_nearest(name, TYPES), fields.place_of("type"))
    kind = TYPES.get(name, TEXT)
    parts = fields.mapping("questions")
    of = _questions(parts, problems, fields.field) if parts else ()
    if kind.structure in (Structure.LIST, Structure.PER_PARTY):
        of = (_item(fields, problems),) if not of else (Question("", GROUP, "", place, parts=of),)
    if kind.structure not in (Structure.SCALAR, Structure.SHARES) and not of:
        fields.add_problem(f'a {kind} needs "questions" (or, for a list, "of")')
    choices = fields.words("choices")
    if isinstance(kind, ChoiceType) != bool(choices):
        fields.add_problem('a choice needs "choices", and nothing else has them')
    return Question(
        key=key,
        type=kind,
        prompt=fields.text("prompt", fields.text("title", "")),
        place=place,
        help=fields.text("help", ""),
        example=fields.text("example", ""),
        when=fields.text("when", ""),
        needed=fields.text("needed", ""),
        default=fields.raw("default"),
        choices=choices,
        words=fields.words("also"),
        limits=Limits(
            fields.whole("characters"), fields.whole("words"), fields.text("least", ""), fields.text("most", "")
        ),
        unique=fields.flag("unique", False),
        printed=fields.flag("printed", True),
        other_heads=fields.texts("heads"),
        among_path=fields.text("among", ""),
        asked=fields.flag("asked", True),
        parts=of,
    )


def _item(fields: Fields, problems: list[Problem]) -> Question:
    node = fields.raw("of")
    if not isinstance(node, MappingNode):
        fields.add_problem('a list needs "of": the question of one item')
        return Question("", TEXT, "", fields.node.place)
    inner = Fields(node, problems, fields.field)
    question = _question("", inner, problems, node.place)
    inner.refuse_unknown_keys()
    return question


def _conditions(fields: Fields, question: Question, this: tuple[Question, ...]) -> Iterator[ConditionText]:
    """Yield the conditions of a question that stands beside `this`, and of its parts."""
    for key, source in (("when", question.when), ("needed", question.needed)):
        if source and not (key == "needed" and source == "yes"):
            yield ConditionText(SourceText(source, fields.place_of(key)), this)
    parts, item = fields.mapping("questions"), fields.raw("of")
    of = (
        question.parts[0].parts
        if parts and question.structure in (Structure.LIST, Structure.PER_PARTY)
        else question.parts
    )
    for (_, node), part in zip(parts or (), of, strict=False):
        if isinstance(node, MappingNode):
            yield from _conditions(Fields(node, fields.problems, fields.field), part, of)
    if isinstance(item, MappingNode) and not parts:
        yield from _conditions(Fields(item, fields.problems, fields.field), question.parts[0], ())


def _questions(node: MappingNode, problems: list[Problem], what: str) -> tuple[Question, ...]:
    found = []
    for name, value in node:
        if not isinstance(value, MappingNode):
            problems.append(Problem(f'"{name.text}" must be a question', "", what, name.place))
            continue
        fields = Fields(value, problems, f"{what}.{name.text}")
        found.append(_question(name.text, fields, problems, name.place))
        fields.refuse_unknown_keys()
    return tuple(found)


def _figures(fields: Fields) -> Iterator[Figure]:
    """Yield what is calculated; a factor is a name or a number."""
    for name, node in fields.mapping("calculated") or ():
        if not isinstance(node, MappingNode):
            fields.add_problem(f'"{name.text}" must be a group of "name: value" lines', place=name.place)
            continue
        said = Fields(node, fields.problems, fields.field)
        factors = said.raw("multiply")
        items = factors.items if isinstance(factors, SequenceNode) else ()
        multiply = tuple(item.text for item in items if isinstance(item, ScalarNode))
        if not multiply:
            said.add_problem('a figure needs "multiply": a list of facts and numbers')
        yield Figure(
            name.text,
            said.text("label"),
            multiply,
            said.text("each", ""),
            said.text("most", ""),
            said.text("when", ""),
            said.place_of("when"),
        )
        said.refuse_unknown_keys()


def _contradictions(fields: Fields) -> Iterator[Contradiction]:
    for node in fields.mappings("contradictions"):
        said = Fields(node, fields.problems, fields.field)
        yield Contradiction(
            said.text("when"), said.text("fact"), said.text("says"), said.text("hint", ""), said.place_of("when")
        )
        said.refuse_unknown_keys()


# "auto" is one page where it fits and there are two parties.
OUTLINE_LAYOUTS = ("auto", "one-plus-one")


@dataclass(frozen=True)
class Outline:
    """One kind of agreement.

    `order` is its place among the kinds, the smallest first. `topics` gives the order of questions and clauses; `rows`
    the order of the key-terms table (rows not named stand last); `required` topics must have a clause; `needed` facts
    must be answered, their usual answers do not count; `choices` narrows those of questions; `parties` is the least
    and largest number of parties; `roles` are what they are to each other, in their order, each with a description.
    `layout` is the natural one ("auto" or "one-plus-one"). `suggestions` are entries to offer for lists, by path;
    `small` says what to agree on for a start, and `small_answers` are its answers by path. `heading` is the title as
    printed, `subtitle` stands beside it, `footer` at the foot of each page. `apart` heads the second page of the
    layout one plus one, and `agreed` stands above its signatures. `offered` is False where a law firm's pack does not
    offer this kind.
    """

    kind: str
    order: int
    title: str
    about: str
    example: str
    party_limits: tuple[int, int]
    roles: Mapping[str, str]
    layout: str
    topics: tuple[str, ...]
    required: tuple[str, ...]
    needed: tuple[str, ...]
    term_order: tuple[str, ...]
    defaults: Mapping[str, Node]
    choices: Mapping[str, tuple[str, ...]]
    suggestions: Mapping[str, tuple[Node, ...]]
    small_start: str
    small_answers: Mapping[str, Node]
    terms_title: str
    heading: SourceText
    subtitle: SourceText
    footer: SourceText
    standard_terms_title: SourceText
    agreed: SourceText
    places: Mapping[str, Mapping[str, Place]]
    offered: bool = True

    def place_of(self, key: str, name: str) -> Place:
        """Return where `name` stands in the list or group `key` of the outline's file."""
        return self.places.get(key, {}).get(name, Place(self.footer.place.file))


def read_outline(kind: str, source: SourceFile, problems: list[Problem]) -> Outline | None:
    try:
        root = read_yaml(source.text, source.name).root
    except InputError as error:
        problems += error.problems
        return None
    fields = Fields(root, problems, kind)
    party_fields = Fields(fields.mapping("parties") or root, problems, kind)
    least, most = party_fields.whole("least", 2), party_fields.whole("most", 6)
    defaults = fields.mapping("defaults")
    small = fields.mapping("small answers")
    outline = Outline(
        kind=kind,
        order=fields.whole("order", 100),
        title=fields.text("title"),
        about=fields.text("about"),
        example=fields.text("example", ""),
        party_limits=(least, most),
        roles=fields.words("roles") or {},
        layout=fields.text("layout", "auto"),
        topics=fields.texts("topics"),
        required=fields.texts("required"),
        needed=fields.texts("needed"),
        term_order=fields.texts("key terms"),
        defaults=dict(_flatten(defaults, "")) if defaults else {},
        choices=_choices(fields),
        suggestions=_suggestions(fields),
        small_start=fields.text("small", ""),
        small_answers=dict(_flatten(small, "")) if small else {},
        terms_title=fields.text("key terms title", "Key terms"),
        heading=SourceText(fields.text("heading", fields.text("title")), fields.place_of("heading")),
        subtitle=SourceText(fields.text("subtitle"), fields.place_of("subtitle")),
        footer=SourceText(fields.text("footer"), fields.place_of("footer")),
        standard_terms_title=SourceText(fields.text("standard terms title"), fields.place_of("standard terms title")),
        agreed=SourceText(fields.text("agreed"), fields.place_of("agreed")),
        places={
            key: fields.places_of(key)
            for key in ("topics", "required", "needed", "key terms", "roles", "choices", "suggestions", "small answers")
        }
        | {"defaults": {path: value.place for path, value in (_flatten(defaults, "") if defaults else ())}},
    )
    if outline.layout not in OUTLINE_LAYOUTS:
        fields.add_problem(
            f'"{outline.layout}" is not a layout',
            suggest_nearest(outline.layout, OUTLINE_LAYOUTS),
            fields.place_of("layout"),
        )
    if outline.roles and (least, most) != (len(outline.roles), len(outline.roles)):
        fields.add_problem(
            "each party has one of the roles", f"allow {len(outline.roles)} parties", fields.place_of("roles")
        )
    fields.refuse_unknown_keys()
    return outline


def _choices(fields: Fields) -> dict[str, tuple[str, ...]]:
    node = fields.mapping("choices")
    said = Fields(node, fields.problems, fields.field) if node else None
    return {path: said.texts(path) for path, _ in (_flatten(node, "") if node else ())} if said else {}


def _suggestions(fields: Fields) -> dict[str, tuple[Node, ...]]:
    found: dict[str, tuple[Node, ...]] = {}
    for name, node in fields.mapping("suggestions") or ():
        if not isinstance(node, SequenceNode):
            fields.add_problem(f'the suggestions for "{name.text}" must be a list', place=node.place)
            continue
        found[name.text] = node.items
    return found


def _flatten(node: MappingNode, path: str) -> list[tuple[str, Node]]:
    """Return {"financial.model": node, ...} of nested defaults."""
    found: list[tuple[str, Node]] = []
    for name, value in node:
        here = f"{path}.{name.text}" if path else name.text
        if isinstance(value, MappingNode) and not isinstance(value, ScalarNode):
            found += _flatten(value, here)
        else:
            found.append((here, value))
    return found
