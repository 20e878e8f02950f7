"""Outlines: `templates/<kind>.yaml` says what one kind of agreement is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agreementgen.deal.yamlfile import MappingNode, Node, ScalarNode, SequenceNode, read
from agreementgen.errors import InputError, Place, Problem, nearest
from agreementgen.library.clauses import Text
from agreementgen.library.definitions import Fields
from agreementgen.library.snapshot import SourceFile

# "auto" is one page where it fits and there are two parties.
LAYOUTS = ("auto", "one-plus-one")


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
    parties: tuple[int, int]
    roles: Mapping[str, str]
    layout: str
    topics: tuple[str, ...]
    required: tuple[str, ...]
    needed: tuple[str, ...]
    rows: tuple[str, ...]
    defaults: Mapping[str, Node]
    choices: Mapping[str, tuple[str, ...]]
    suggestions: Mapping[str, tuple[Node, ...]]
    small: str
    small_answers: Mapping[str, Node]
    terms_title: str
    heading: Text
    subtitle: Text
    footer: Text
    apart: Text
    agreed: Text
    places: Mapping[str, Mapping[str, Place]]
    offered: bool = True

    def place(self, key: str, name: str) -> Place:
        """Return where `name` stands in the list or group `key` of the outline's file."""
        return self.places.get(key, {}).get(name, Place(self.footer.place.file))


def read_outline(kind: str, source: SourceFile, problems: list[Problem]) -> Outline | None:
    try:
        root = read(source.text, source.name).root
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
        parties=(least, most),
        roles=fields.words("roles") or {},
        layout=fields.text("layout", "auto"),
        topics=fields.texts("topics"),
        required=fields.texts("required"),
        needed=fields.texts("needed"),
        rows=fields.texts("key terms"),
        defaults=dict(_flat(defaults, "")) if defaults else {},
        choices=_choices(fields),
        suggestions=_suggestions(fields),
        small=fields.text("small", ""),
        small_answers=dict(_flat(small, "")) if small else {},
        terms_title=fields.text("key terms title", "Key terms"),
        heading=Text(fields.text("heading", fields.text("title")), fields.place("heading")),
        subtitle=Text(fields.text("subtitle"), fields.place("subtitle")),
        footer=Text(fields.text("footer"), fields.place("footer")),
        apart=Text(fields.text("standard terms title"), fields.place("standard terms title")),
        agreed=Text(fields.text("agreed"), fields.place("agreed")),
        places={
            key: fields.places(key)
            for key in ("topics", "required", "needed", "key terms", "roles", "choices", "suggestions", "small answers")
        }
        | {"defaults": {path: value.place for path, value in (_flat(defaults, "") if defaults else ())}},
    )
    if outline.layout not in LAYOUTS:
        fields.problem(f'"{outline.layout}" is not a layout', nearest(outline.layout, LAYOUTS), fields.place("layout"))
    if outline.roles and (least, most) != (len(outline.roles), len(outline.roles)):
        fields.problem("each party has one of the roles", f"allow {len(outline.roles)} parties", fields.place("roles"))
    fields.finish()
    return outline


def _choices(fields: Fields) -> dict[str, tuple[str, ...]]:
    node = fields.mapping("choices")
    said = Fields(node, fields.problems, fields.what) if node else None
    return {path: said.texts(path) for path, _ in (_flat(node, "") if node else ())} if said else {}


def _suggestions(fields: Fields) -> dict[str, tuple[Node, ...]]:
    found: dict[str, tuple[Node, ...]] = {}
    for name, node in fields.mapping("suggestions") or ():
        if not isinstance(node, SequenceNode):
            fields.problem(f'the suggestions for "{name.text}" must be a list', place=node.place)
            continue
        found[name.text] = node.items
    return found


def _flat(node: MappingNode, path: str) -> list[tuple[str, Node]]:
    """Return {"financial.model": node, ...} of nested defaults."""
    found: list[tuple[str, Node]] = []
    for name, value in node:
        here = f"{path}.{name.text}" if path else name.text
        if isinstance(value, MappingNode) and not isinstance(value, ScalarNode):
            found += _flat(value, here)
        else:
            found.append((here, value))
    return found
