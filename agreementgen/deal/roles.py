"""Roles: what the parties are to each other (vendor and partner); each is held by one party."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agreementgen.deal.entries import Facts
from agreementgen.deal.values import Choice
from agreementgen.deal.yamlfile import MappingNode, Node, SequenceNode

if TYPE_CHECKING:
    from agreementgen.deal.reading import Reader


class Roles:
    """Gives every party its role: the one it says, and to the others, in order, those that are left."""

    def __init__(self, reader: Reader, node: Node | None) -> None:
        self.reader = reader
        self.nodes = node.items if isinstance(node, SequenceNode) else ()

    def assigned(self) -> Facts:
        """Return how many parties there are, the first two, and who holds each role; report a role held twice."""
        parties = tuple(self.reader.facts["parties"])
        held: dict[str, Any] = {}
        for number, party in enumerate(parties, 1):
            role = party.setdefault("role", None)
            if role is None:
                continue
            if role in held:
                hint = "give each party its own: " + ", ".join(self.reader.form.roles)
                path = f"parties.{number}.role"
                self.reader.problem(f'"{role}" is the role of an earlier party already', hint, path, self.place(number))
            held.setdefault(role, party)
        left = iter([role for role in self.reader.form.roles if role not in held])
        for party in parties:
            if party["role"] is None and (role := next(left, None)) is not None:
                party["role"] = Choice(role)
                held[role] = party
        first, second, *_ = (*parties, None, None)
        return {"two": len(parties) == 2, "first": first, "second": second, **held}

    def place(self, number: int) -> Any:
        node = self.nodes[number - 1]
        role = node.get("role") if isinstance(node, MappingNode) else None
        return role.place if role else node.place
