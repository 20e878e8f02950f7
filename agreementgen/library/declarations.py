"""Where a word of a YAML text stands in its file: folded lines, quotes and indents lie between the two.

Reading the library's own YAML: typed fields, unknown keys refused, every problem with its place.
"""

from __future__ import annotations

from agreementgen.core.problems import Place, Problem, suggest_nearest
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode


def locate_in_file(file: str, start: Place, text: str, line: int, column: int) -> Place:
    """Return the place, in the text of a whole `file`, of a line and column of `text`, which is written at `start`.

    The letters of a YAML value stand in its file in the same order, with only spaces, line breaks, quotes and
    backslashes between them. Where that does not hold (an escape such as \\u00e9), the value's start is returned.
    """
    lines = text.split("\n")
    before = "".join([*lines[: line - 1], lines[line - 1][: column - 1]]) if line <= len(lines) else text
    count = len("".join(before.split()))
    letters = "".join(text.split())[: count + 1]
    raw = file.replace("\r\n", "\n")
    index = _offset_of(raw, start.line, start.column)
    for letter in letters:
        while index < len(raw) and raw[index] != letter:
            index += 1
        index += 1
    if not letters or index > len(raw):
        return start
    index -= 1
    return Place(start.file, raw.count("\n", 0, index) + 1, index - raw.rfind("\n", 0, index))


def _offset_of(raw: str, line: int, column: int) -> int:
    index = 0
    for _ in range(line - 1):
        index = raw.find("\n", index) + 1
    return index + column - 1


class Fields:
    """The fields of one mapping; `problems` is shared by all readers of a library and grows."""

    def __init__(self, node: MappingNode, problems: list[Problem], what: str) -> None:
        self.node = node
        self.problems = problems
        self.field = what
        self.known_keys: set[str] = set()

    def add_problem(self, message: str, hint: str = "", place: Place | None = None) -> None:
        self.problems.append(Problem(message, hint, self.field, place or self.node.place))

    def raw(self, key: str) -> Node | None:
        self.known_keys.add(key)
        return self.node.get(key)

    def place_of(self, key: str) -> Place:
        node = self.raw(key)
        return node.place if node else self.node.place

    def text(self, key: str, default: str | None = None) -> str:
        """Return the text of `key`; without a `default` it must be there."""
        node = self.raw(key)
        if node is None:
            if default is None:
                self.add_problem(f'"{key}" is missing')
            return default or ""
        if not isinstance(node, ScalarNode):
            self.add_problem(f'"{key}" must be a text', place=node.place)
            return ""
        return node.text.strip()

    def whole(self, key: str, default: int = 0) -> int:
        text = self.text(key, str(default))
        if not (text.isascii() and text.isdigit()) or len(text) > 9:
            self.add_problem(f'"{key}" must be a whole number', place=self.place_of(key))
            return default
        return int(text)

    def flag(self, key: str, default: bool) -> bool:
        text = self.text(key, "yes" if default else "no")
        if text not in ("yes", "no"):
            self.add_problem(f'"{key}" must be yes or no', place=self.place_of(key))
        return text == "yes"

    def texts(self, key: str) -> tuple[str, ...]:
        node = self.raw(key)
        if node is None:
            return ()
        if isinstance(node, SequenceNode) and all(isinstance(item, ScalarNode) for item in node.items):
            return tuple(item.text for item in node.items if isinstance(item, ScalarNode))
        self.add_problem(f'"{key}" must be a list of texts', place=node.place)
        return ()

    def places_of(self, key: str) -> dict[str, Place]:
        """Return where the items of a list, or the names of a group, stand."""
        node = self.raw(key)
        items = (
            node.items
            if isinstance(node, SequenceNode)
            else [name for name, _ in node]
            if isinstance(node, MappingNode)
            else ()
        )
        return {item.text: item.place for item in items if isinstance(item, ScalarNode)}

    def mapping(self, key: str) -> MappingNode | None:
        node = self.raw(key)
        if node is None or isinstance(node, MappingNode):
            return node
        self.add_problem(f'"{key}" must be a group of "name: value" lines', place=node.place)
        return None

    def words(self, key: str) -> dict[str, str] | None:
        """Return a map of words to what is printed; a list stands for words printed as they are."""
        node = self.raw(key)
        if node is None:
            return None
        if isinstance(node, SequenceNode):
            return {item.text: item.text for item in node.items if isinstance(item, ScalarNode)}
        if isinstance(node, MappingNode):
            return {name.text: value.text for name, value in node if isinstance(value, ScalarNode)}
        self.add_problem(f'"{key}" must list words', place=node.place)
        return None

    def mappings(self, key: str) -> tuple[MappingNode, ...]:
        node = self.raw(key)
        if node is None:
            return ()
        if isinstance(node, SequenceNode) and all(isinstance(item, MappingNode) for item in node.items):
            return tuple(item for item in node.items if isinstance(item, MappingNode))
        self.add_problem(f'"{key}" must be a list of groups', place=node.place)
        return ()

    def refuse_unknown_keys(self) -> None:
        """Refuse every key that nobody asked for."""
        for name, _ in self.node:
            if name.text not in self.known_keys:
                self.add_problem(
                    f'"{name.text}" is not a field here', suggest_nearest(name.text, self.known_keys), name.place
                )
