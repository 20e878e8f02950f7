"""Reading the library's own YAML: typed fields, unknown keys refused, every problem with its place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TypeVar

from agreementgen.core.problems import InputError, Place, Problem, suggest_nearest
from agreementgen.deal.questions import Limits
from agreementgen.library.snapshot import SourceFile
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode, read_yaml

T = TypeVar("T")
_GROUP = 'a group of "name: value" lines'


@dataclass(frozen=True)
class PlacedText:
    """A text of a declaration (wording in the clause language, a condition, a name), and where it stands."""

    text: str
    place: Place

    def locate(self, file_text: str, line: int, column: int) -> Place:
        """Return where a line and column of the text stand in its file, which holds `file_text`.

        The letters of a YAML value stand in its file in the same order, with only spaces, line breaks, quotes and
        backslashes between them. Where that does not hold (an escape such as \\u00e9), the text's place is returned.
        """
        lines = self.text.split("\n")
        before = "".join([*lines[: line - 1], lines[line - 1][: column - 1]]) if line <= len(lines) else self.text
        letters = "".join(self.text.split())[: len("".join(before.split())) + 1]
        raw = file_text.replace("\r\n", "\n")
        index = sum(len(one) + 1 for one in raw.split("\n")[: self.place.line - 1]) + self.place.column - 1
        for letter in letters:
            while index < len(raw) and raw[index] != letter:
                index += 1
            index += 1
        if not letters or index > len(raw):
            return self.place
        index -= 1
        return Place(self.place.file, raw.count("\n", 0, index) + 1, index - raw.rfind("\n", 0, index))


def read_declarations(
    source: SourceFile, read: Callable[[Fields], T], problems: list[Problem], field: str = ""
) -> T | None:
    """Return what `read` makes of the fields of a YAML file.

    What is wrong is added to `problems`; None where the file cannot be read at all.
    """
    try:
        root = read_yaml(source.text, source.name).root
    except InputError as error:
        problems += error.problems
        return None
    return Fields(root, problems, field).read_by(read)


class Fields:
    """The fields of one group; `problems` grows, and `field` is what they name besides the place."""

    def __init__(self, node: MappingNode, problems: list[Problem], field: str = "") -> None:
        self.node = node
        self.problems = problems
        self.field = field
        self._known_keys: set[str] = set()

    def read_by(self, read: Callable[[Fields], T]) -> T:
        """Return what `read` makes of these fields; refuse every key that it did not ask for."""
        result = read(self)
        for name, _ in self.node:
            if name.text not in self._known_keys:
                hint = suggest_nearest(name.text, self._known_keys)
                self.add_problem(f'"{name.text}" is not a field here', hint, name.place, code="unknown-name")
        return result

    def add_problem(self, message: str, hint: str = "", place: Place | None = None, *, code: str) -> None:
        self.problems.append(Problem(message, hint, self.field, place or self.node.place, code=code))

    def inside(self, node: MappingNode, field: str | None = None) -> Fields:
        """Return the fields of a group in this one."""
        return Fields(node, self.problems, self.field if field is None else field)

    def find_node(self, key: str) -> Node | None:
        self._known_keys.add(key)
        return self.node.get(key)

    def place_of(self, key: str) -> Place:
        """Return where the value of `key` stands; where it is missing, the place of the whole group."""
        node = self.find_node(key)
        return node.place if node else self.node.place

    # -- one value

    def read_text(self, key: str, default: str | None = None) -> str:
        """Return the text of `key`; without a `default` it must be there."""
        node = self.find_node(key)
        if node is None:
            if default is None:
                self.add_problem(f'"{key}" is missing', code="missing")
            return default or ""
        if not isinstance(node, ScalarNode):
            self.add_problem(f'"{key}" must be a text', place=node.place, code="wrong-shape")
            return ""
        return node.text.strip()

    def read_placed_text(self, key: str, default: str | None = None) -> PlacedText:
        return PlacedText(self.read_text(key, default), self.place_of(key))

    def read_choice(self, key: str, choices: Collection[str], default: str, kind: str) -> str:
        """Return the text of `key`, whether or not it is one of `choices`, each of which is `kind` ("a type")."""
        text = self.read_text(key, default)
        if text not in choices:
            hint = suggest_nearest(text, choices)
            self.add_problem(f'"{text}" is not {kind}', hint, self.place_of(key), code="not-a-choice")
        return text

    def read_integer(self, key: str, default: int = 0) -> int:
        text = self.read_text(key, str(default))
        if not (text.isascii() and text.isdigit()) or len(text) > 9:
            self.add_problem(f'"{key}" must be a whole number', place=self.place_of(key), code="unreadable")
            return default
        return int(text)

    def read_flag(self, key: str, default: bool) -> bool:
        text = self.read_text(key, "yes" if default else "no")
        if text not in ("yes", "no"):
            self.add_problem(f'"{key}" must be yes or no', place=self.place_of(key), code="unreadable")
        return text == "yes"

    def read_limits(self) -> Limits:
        """Return the limits of an answer, from the fields beside each other that declare them."""
        return Limits(
            self.read_integer("characters"),
            self.read_integer("words"),
            self.read_text("least", ""),
            self.read_text("most", ""),
        )

    # -- several values

    def read_placed_texts(self, key: str) -> tuple[PlacedText, ...]:
        node = self.find_node(key)
        items = node.items if isinstance(node, SequenceNode) else ()
        texts = tuple(PlacedText(item.text, item.place) for item in items if isinstance(item, ScalarNode))
        if node is not None and (not isinstance(node, SequenceNode) or len(texts) != len(items)):
            self.add_problem(f'"{key}" must be a list of texts', place=node.place, code="wrong-shape")
            return ()
        return texts

    def read_texts(self, key: str) -> tuple[str, ...]:
        return tuple(item.text for item in self.read_placed_texts(key))

    def read_words(self, key: str) -> dict[str, str] | None:
        """Return a map of words to what is printed; a list stands for words printed as they are."""
        node = self.find_node(key)
        match node:
            case None:
                return None
            case SequenceNode():
                return {item.text: item.text for item in node.items if isinstance(item, ScalarNode)}
            case MappingNode():
                return {name.text: value.text for name, value in node if isinstance(value, ScalarNode)}
        self.add_problem(f'"{key}" must list words', place=node.place, code="wrong-shape")
        return None

    def places_in(self, key: str) -> dict[str, Place]:
        """Return where the items of a list, or the names of a group, stand."""
        match self.find_node(key):
            case SequenceNode(items=items):
                return {item.text: item.place for item in items if isinstance(item, ScalarNode)}
            case MappingNode() as group:
                return {name.text: name.place for name, _ in group}
        return {}

    # -- groups

    def find_group(self, key: str) -> MappingNode | None:
        node = self.find_node(key)
        if node is None or isinstance(node, MappingNode):
            return node
        self.add_problem(f'"{key}" must be {_GROUP}', place=node.place, code="wrong-shape")
        return None

    def read_nodes(self, key: str) -> dict[str, Node]:
        """Return the values of a group as they were written, by name."""
        return {name.text: value for name, value in self.find_group(key) or ()}

    def read_group(self, key: str, read: Callable[[Fields], T], field: str | None = None) -> T | None:
        """Return what `read` makes of the group `key`, None where there is none."""
        node = self.find_group(key)
        return None if node is None else self.inside(node, field).read_by(read)

    def read_groups(self, key: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
        """Return what `read` makes of each group of the list `key`."""
        node = self.find_node(key)
        items = node.items if isinstance(node, SequenceNode) else ()
        groups = [item for item in items if isinstance(item, MappingNode)]
        if node is not None and (not isinstance(node, SequenceNode) or len(groups) != len(items)):
            self.add_problem(f'"{key}" must be a list of groups', place=node.place, code="wrong-shape")
            return ()
        return tuple(self.inside(group).read_by(read) for group in groups)

    def each_named_group(self, key: str, kind: str = _GROUP) -> Iterator[tuple[ScalarNode, MappingNode]]:
        """Yield name and group of each entry of the group `key`; anything else there "must be" `kind`."""
        for name, node in self.find_group(key) or ():
            if isinstance(node, MappingNode):
                yield name, node
            else:
                self.add_problem(f'"{name.text}" must be {kind}', place=name.place, code="wrong-shape")
