"""What lawyers write of kinds of agreements: an outline (`templates/<kind>.yaml`) puts topics together to one kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from agreementgen.core.problems import Place, Problem
from agreementgen.library.files import Fields, PlacedText, SourceFile, read_declarations
from agreementgen.yamlfile.nodes import MappingNode, Node, SequenceNode

# "auto" is one page where it fits and there are two parties.
OUTLINE_LAYOUTS = ("auto", "one-plus-one")
# The lists and groups whose names have places of their own in problems.
_PLACED = ("topics", "required", "needed", "key terms", "roles", "choices", "suggestions", "small answers")


@dataclass(frozen=True)
class Outline:
    """One kind of agreement.

    `order` is its place among the kinds, the smallest first. `topics` gives the order of questions and clauses,
    `term_groups` that of the key terms (rows not named stand last), in groups with a rule between them;
    `required` topics must have a clause; `needed` facts must be answered, their usual answers do not count; `choices`
    narrows those of questions, `examples` replaces theirs; `party_limits` are the least and largest number of
    parties; `roles` are what they are to each other, in their order, each with a description. `layout` is the natural
    one ("auto" or "one-plus-one"). `suggestions` are entries to offer for lists, by path; `small_start` says what to
    agree on for a start, and `small_answers` are its answers by path. `heading` is the title as printed, `subtitle`
    stands beside it, `footer` at the foot of each page. `standard_terms_title` heads the second page of the layout
    one plus one, and `agreed` stands above its signatures; `agreed_on_one_page` stands above those of the other layout,
    "" for nothing. `offered` is False where a law firm's pack does not offer
    this kind.
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
    term_groups: tuple[tuple[str, ...], ...]
    defaults: Mapping[str, Node]
    choices: Mapping[str, tuple[str, ...]]
    examples: Mapping[str, str]
    suggestions: Mapping[str, tuple[Node, ...]]
    small_start: str
    small_answers: Mapping[str, Node]
    terms_title: str
    heading: PlacedText
    subtitle: PlacedText
    footer: PlacedText
    standard_terms_title: PlacedText
    agreed: PlacedText
    agreed_on_one_page: PlacedText
    places: Mapping[str, Mapping[str, Place]]
    offered: bool = True

    @property
    def texts(self) -> tuple[PlacedText, ...]:
        """What is printed around parties, key terms and clauses."""
        around = (self.heading, self.subtitle, self.footer, self.standard_terms_title)
        return (*around, self.agreed, self.agreed_on_one_page)

    @property
    def term_order(self) -> tuple[str, ...]:
        """The rows of the key terms, in order."""
        return tuple(term for group in self.term_groups for term in group)

    def group_of_term(self, term_id: str) -> int:
        """Return the number of the group of a row; the last for one that is not named."""
        return next(
            (number for number, group in enumerate(self.term_groups) if term_id in group), len(self.term_groups) - 1
        )

    def place_of(self, key: str, name: str) -> Place:
        """Return where `name` stands in the list or group `key` of the outline's file."""
        return self.places.get(key, {}).get(name, Place(self.footer.place.file))


def read_outline(kind: str, source: SourceFile, problems: list[Problem]) -> Outline | None:
    """Return the outline of a file; None, with `problems`, where it cannot be read at all."""
    return read_declarations(source, partial(_read_outline, kind), problems, kind)


def _read_outline(kind: str, fields: Fields) -> Outline:
    party_fields = fields.inside(fields.find_group("parties") or fields.node)
    least, most = party_fields.read_integer("least", 2), party_fields.read_integer("most", 6)
    defaults = _read_answers(fields, "defaults")
    outline = Outline(
        kind=kind,
        order=fields.read_integer("order", 100),
        title=fields.read_text("title"),
        about=fields.read_text("about"),
        example=fields.read_text("example", ""),
        party_limits=(least, most),
        roles=fields.read_words("roles") or {},
        layout=fields.read_choice("layout", OUTLINE_LAYOUTS, "auto", "a layout"),
        topics=fields.read_texts("topics"),
        required=fields.read_texts("required"),
        needed=fields.read_texts("needed"),
        term_groups=fields.read_text_groups("key terms"),
        defaults=defaults,
        choices=_read_choices(fields),
        examples=fields.read_words("examples") or {},
        suggestions=dict(_each_suggestion(fields)),
        small_start=fields.read_text("small", ""),
        small_answers=_read_answers(fields, "small answers"),
        terms_title=fields.read_text("key terms title", "Key terms"),
        heading=fields.read_placed_text("heading", fields.read_text("title")),
        subtitle=fields.read_placed_text("subtitle"),
        footer=fields.read_placed_text("footer"),
        standard_terms_title=fields.read_placed_text("standard terms title"),
        agreed=fields.read_placed_text("agreed"),
        agreed_on_one_page=fields.read_placed_text("agreed on one page", ""),
        places={
            **{key: fields.places_in(key) for key in _PLACED},
            "defaults": {path: node.place for path, node in defaults.items()},
        },
    )
    if outline.roles and (least, most) != (len(outline.roles), len(outline.roles)):
        message, hint = "each party has one of the roles", f"allow {len(outline.roles)} parties"
        fields.add_problem(message, hint, fields.place_of("roles"), code="contradiction")
    return outline


def _read_choices(fields: Fields) -> dict[str, tuple[str, ...]]:
    node = fields.find_group("choices")
    return {path: fields.inside(node).read_texts(path) for path in _flatten(node)} if node else {}


def _each_suggestion(fields: Fields) -> Iterator[tuple[str, tuple[Node, ...]]]:
    for name, node in fields.find_group("suggestions") or ():
        if isinstance(node, SequenceNode):
            yield name.text, node.items
        else:
            message = f'the suggestions for "{name.text}" must be a list'
            fields.add_problem(message, place=node.place, code="wrong-shape")


def _read_answers(fields: Fields, key: str) -> dict[str, Node]:
    """Return {"financial.model": node, ...} of answers nested in groups."""
    node = fields.find_group(key)
    return _flatten(node) if node else {}


def _flatten(group: MappingNode, above: str = "") -> dict[str, Node]:
    answers: dict[str, Node] = {}
    for name, node in group:
        path = f"{above}.{name.text}" if above else name.text
        answers |= _flatten(node, path) if isinstance(node, MappingNode) else {path: node}
    return answers
