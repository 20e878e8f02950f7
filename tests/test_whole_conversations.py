"""Whole conversations on a small screen: what must be read is visible, and the paper says what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conversations import judge_screen
from terminal import DOWN, ENTER, Terminal

from agreementgen.yamlfile import editing

# A part of what is asked, and what is typed, for each time it is asked.
Replies = Sequence[tuple[str, Sequence[str]]]
# Enter keeps a usual answer, accepts a screen of usual terms, and goes on where there is more to read.
PARTIES: Replies = (
    ("law governs", ["Ohio; Franklin County, Ohio"]),
    ("legal name", ["Elm Bakery LLC, Ohio", "Oak Mill, Inc., Ohio"]),
    (
        "Its address",
        ["1 Elm Street, Dayton, OH 45402, ana@elm.example", "2 Oak Street, Dayton, OH 45402, bo@oak.example"],
    ),
    ("Who signs", ["Ana Elm, Manager", "Bo Oak, President"]),
)
REFERRAL: Replies = (
    *PARTIES,
    ("in one sentence", ["Hand out coupons for each other"]),
    ("What does each party do", [f" {ENTER}", f"{DOWN} {ENTER}"]),
    ("Does money flow", [f"{DOWN}{DOWN}{ENTER}"]),
    ("How much is the fee", ["10%"]),
    ("The system or document", ["a shared notebook, kept by the paying party"]),
)


def converse(folder: Path, arguments: Sequence[str], replies: Replies, columns: int, rows: int) -> list[list[str]]:
    """Hold a conversation to its end; return the screens at which something was typed."""
    left = {part: list(typed) for part, typed in replies}
    screens = []
    with Terminal(folder, "new", "deal.yaml", *arguments, columns=columns, rows=rows) as terminal:
        while screen := terminal.look():
            screens.append(screen)
            assert len(screens) < 120, screen
            asked = question_on(screen)
            part = next((part for part, typed in left.items() if part in asked and typed), "")
            typed = left[part].pop(0) if part else ""
            terminal.child.send(typed if typed.endswith(ENTER) else typed + ENTER)
        assert terminal.end() == 0
    assert not any(typed for part, typed in left.items() if part not in dict(PARTIES)), left
    return screens


def question_on(screen: Sequence[str]) -> str:
    """Return what the last heading of a screen stands above, in one line."""
    begins = [at for at, row in enumerate(screen) if row.startswith("--- ")]
    return " ".join(" ".join(screen[begins[-1] if begins else 0 :]).split())


def test_what_is_asked_is_visible_on_the_smallest_screen(tmp_path: Path) -> None:
    """test_answers_on_paper looks at screens of 80 columns and 24 rows."""
    # Going back, an answer stands in its prompt again.
    back = ("in one sentence", ["<", "Hand out coupons for each other"])
    screens = converse(tmp_path, ["--type", "referral"], (("How do you want", [ENTER]), back, *REFERRAL), 60, 20)
    pauses = [screen for screen in screens if "(Enter goes on)" in screen[-1] or "(Enter goes on)" in "".join(screen)]
    assert any("Enter keeps what stands there" in row for screen in screens for row in screen)
    for screen in screens:
        judge_screen(screen, 60)
        if screen in pauses:
            continue
        # Its heading, the signs that lead out of it, and the prompt.
        asked = question_on(screen)
        assert asked.startswith("--- "), screen
        assert "(? help < back > later / menu Ctrl-C stop)" in asked, screen
        assert ">" in asked.split("Ctrl-C stop)")[1], screen
    seen = " ".join(" ".join(" ".join(screen).split()) for screen in screens)
    for part in (
        "no legal advice",
        "no substitute for an attorney",
        "Usual terms, screen 1 of",
        "Confidentiality: it says now",
    ):
        assert part in seen


def test_a_referral_with_a_fee_takes_30_prompts_at_most(tmp_path: Path) -> None:
    screens = converse(tmp_path, [], REFERRAL, 80, 24)
    # All that takes an Enter counts: questions, screens of usual terms, screens that go on, the offer of a chart.
    assert len(screens) <= 30
    answers = editing.answers_in_text((tmp_path / "deal.yaml").read_text(encoding="utf-8"))
    assert {
        key: answers[key]
        for key in ("law", "venue", "financial", "exit", "duration", "termination", "confidentiality", "liability")
    } == {
        "law": "Ohio",
        "venue": "Franklin County, Ohio",
        "financial": {
            "model": "referral fee",
            "fee": "10%",
            "late charge": "1%",
            "tracking": {"system": "a shared notebook", "kept by": "payer"},
        },
        "exit": {"tail": "90 days"},
        "duration": {"pilot": "yes", "term": "12 months"},
        "termination": {"notice": "30 days"},
        "confidentiality": {"length": "24 months"},
        "liability": {"floor": "$10,000"},
    }
    assert [party["entity"] for party in answers["parties"]] == ["LLC", "corporation"]
    assert (tmp_path / "deal.docx").is_file()
