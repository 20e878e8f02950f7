"""Facts that stand in a topic where one would look for them, and belong at the left margin.

"milestones" under "alliance", or "change of control" under "succession", can mean one thing only. They are taken for
what they mean, with a warning; everything else that stands in a wrong place is refused (deal/answers).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from agreementgen.core.problems import Problem
from agreementgen.deal.questions import Question
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode

Entry = tuple[ScalarNode, Node]


@dataclass
class _Lift:
    """What may be lifted from below, by its key, and what was."""

    liftable: frozenset[str]
    entries: list[Entry] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def lift_from(self, group: MappingNode, questions: tuple[Question, ...], path: str) -> MappingNode | None:
        """Return `group` without what was lifted out of it, None where nothing is left."""
        known = {question.key: question for question in questions}
        kept: list[Entry] = []
        for name, value in group:
            question = known.get(name.text)
            is_lifted = any(name.text == one.text for one, _ in self.entries)
            if question is None and name.text in self.liftable and not is_lifted:
                self.entries.append((name, value))
                message = f'"{name.text}" stands under "{path}", and is read as if it stood at the left margin'
                hint = "move it there, so that it is found"
                field_name = f"{path}.{name.text}"
                self.warnings.append(Problem(message, hint, field_name, name.place, code="misplaced", severity="W"))
                continue
            if question is not None and question.is_group and isinstance(value, MappingNode):
                inner = self.lift_from(value, question.parts, f"{path}.{name.text}" if path else name.text)
                if inner is None:
                    continue
                value = inner
            kept.append((name, value))
        return MappingNode(tuple(kept), group.place) if kept or not group.entries else None


def lift_misplaced(root: MappingNode, questions: tuple[Question, ...]) -> tuple[MappingNode, list[Problem]]:
    """Return a deal's answers with misplaced facts at the top, and a warning for each.

    A group of its own is not lifted: where one stands in another, lines are indented by mistake.
    """
    typed = {name.text for name, _ in root}
    lift = _Lift(frozenset(question.key for question in questions if not question.is_group) - typed)
    rest = lift.lift_from(root, questions, "")
    entries = (*(rest or MappingNode((), root.place)), *lift.entries)
    return MappingNode(entries, root.place), lift.warnings
