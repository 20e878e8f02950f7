"""Holds a whole conversation inside the test's process: plain prompts in a window of any size, each reply by its question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from agreementgen.interview import prompts, session
from agreementgen.yamlfile import editing

# A part of what is asked, and what is typed, for each time it is asked; what is not named gets an Enter.
Replies = Sequence[tuple[str, Sequence[str]]]
# More prompts than any conversation of the tests takes.
_MOST = 120


@dataclass
class Replayed:
    """What was shown at each prompt, the answers in the deal file, what stood on the screen at the end."""

    screens: list[str]
    answers: dict[str, object]
    end: str
    status: int

    @property
    def shown(self) -> str:
        """All that was shown, in one line."""
        return " ".join(" ".join((*self.screens, self.end)).split())


def replay(
    patch: pytest.MonkeyPatch,
    folder: Path,
    replies: Replies,
    kind: str | None = None,
    columns: int = 80,
    rows: int = 24,
) -> Replayed:
    """Hold the conversation of `agreementgen new --plain deal.yaml`; a reply that is None presses Ctrl-C."""
    left = {part: list(typed) for part, typed in replies}
    said: list[str] = []
    screens: list[str] = []

    def answer(prompt: str) -> str:
        screens.append("".join(said) + prompt)
        said.clear()
        assert len(screens) < _MOST, screens[-3:]
        if "(Enter goes on)" in prompt or "(Enter shows more" in prompt:
            return ""
        asked = " ".join(screens[-1][max(0, screens[-1].rfind("\n--- ")) :].split())
        part = next((part for part, typed in left.items() if part in asked and typed), "")
        if not part:
            assert "Enter: " in prompt or "(Enter keeps" in asked or "Enter: as ticked" in prompt, (
                f"no reply to: {asked}"
            )
            return ""
        typed = left[part].pop(0)
        if typed == "^C":
            raise KeyboardInterrupt
        return typed

    patch.setenv("COLUMNS", str(columns))
    patch.setenv("LINES", str(rows))
    patch.setattr("builtins.input", answer)
    patch.setattr(prompts, "print_text", said.append)
    patch.setattr(session, "refuse_without_terminal", lambda name: None)
    path = folder / "deal.yaml"
    status = session.run_questionnaire(str(path), kind, True, None)
    assert not any(left.values()), {part: typed for part, typed in left.items() if typed}
    return Replayed(screens, editing.answers_in_text(path.read_text(encoding="utf-8")), "".join(said), status)
