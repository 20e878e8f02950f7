"""What owners type is understood alike in the questionnaire, in a deal file and in a table: taken, offered or refused.

A text that is taken nowhere must lead to spellings that are taken; each that is offered is then typed at all three
places. No reading is another place, or another amount, than the one that may be meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from test_conversation import PARTIES, talk
from test_hints import BASE, read_problems, read_table_problems

from agreementgen.core.problems import Problem
from agreementgen.interview.prompts import Option
from agreementgen.library.library import Library
from agreementgen.yamlfile import editing

WHOLE = BASE.replace(
    "{short: Partner}",
    '{name: Oak Mill LLC, short: Partner, entity: LLC, formed in: Ohio, address: "2 Oak Street, Dayton, OH 45402", '
    "email: bo@oak.example, signatory: {name: Bo Oak, title: Owner}}",
)
ROW = {
    "parties.2.name": "Oak Mill LLC", "parties.2.entity": "LLC", "parties.2.formed in": "Ohio",
    "parties.2.address": "2 Oak Street, Dayton, OH 45402", "parties.2.email": "bo@oak.example",
    "parties.2.signatory.name": "Bo Oak",
}  # fmt: skip
_QUOTED = re.compile(r'"([^"]+)"')


class Asked(Exception):
    """Raised where a prompt asks what is meant: the spellings that it offers."""

    def __init__(self, offered: Sequence[str]) -> None:
        super().__init__(offered)
        self.offered = tuple(offered)


def in_talk(folder: Path, library: Library, path: str, text: str) -> str | tuple[str, ...]:
    """Return "taken", the spellings that are offered, or () where the prompt refuses the text without any."""
    law = "" if path == "law" else "law: Ohio\n"
    money = "financial: {model: referral fee, tracking: {system: a list, kept by: payer}}\n"
    conversation = talk(folder, library, "referral", f"{law}{money}{PARTIES}")

    def choose(options: Sequence[Option], default: str) -> str:
        raise Asked([option.value for option in options if option.value not in ("again", text)])

    conversation.prompts.ask_choice = choose  # type: ignore[method-assign, assignment]
    place = tuple(path.split("."))
    fact = conversation.status.find_fact(place)
    assert fact is not None
    try:
        settled = conversation.settle_text(place, fact.question, text)
    except Asked as asked:
        return asked.offered
    return () if isinstance(settled, Problem) else "taken"


def in_file(library: Library, path: str, text: str) -> str | tuple[str, ...]:
    return _verdict(read_problems(editing.set_answer(WHOLE, tuple(path.split(".")), text), library), path)


def in_table(folder: Path, library: Library, path: str, text: str) -> str | tuple[str, ...]:
    (folder / "base.yaml").write_text(BASE, encoding="utf-8")
    return _verdict(read_table_problems(folder, {**ROW, path: text}, library), path)


def _verdict(problems: Sequence[Problem], path: str) -> str | tuple[str, ...]:
    of_it = [problem for problem in problems if problem.field == path]
    if not of_it:
        return "taken"
    hint = of_it[0].hint.partition(";")[0]
    return (
        ()
        if "as in" in hint or "like" in hint or "such as" in hint
        else tuple(_QUOTED.findall(hint.partition(": a ")[0]))
    )


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        # Places: never another country than the one that may be meant, and no name that is not understood.
        ("law", "Washington DC", "taken"), ("law", "D.C.", "taken"), ("law", "PR", "taken"), ("law", "State of Ohio", "taken"),
        ("law", "N.Y.", "taken"), ("law", "Mass", "taken"), ("law", "Calif.", "taken"), ("law", "England", "taken"),
        ("law", "UK", ("England and Wales", "Scotland", "Northern Ireland")),
        ("law", "NL", ("Netherlands", "Newfoundland and Labrador")), ("law", "PE", ("Peru", "Prince Edward Island")),
        ("law", "DE", ("Delaware", "Germany")), ("law", "WA", ("Washington", "Western Australia")),
        ("law", "Vermnt", ("Vermont",)), ("law", "USA", ()), ("law", "U\u015fak", ()),
        ("venue", "Akron, NL", ("Akron, Netherlands", "Akron, Newfoundland and Labrador")),
        ("venue", "Franklin county", ("Franklin County",)), ("venue", "dayton", ("Dayton",)), ("venue", "Dayton", "taken"),
        ("venue", "n/a", ()), ("venue", "United States", ()),
        # Money: three digits behind a point may be thousands or decimals.
        ("financial.fee", "1.500 EUR", ("1,500 EUR", "1.50 EUR")), ("liability.floor", "\u20ac5.000", ("\u20ac5,000", "\u20ac5")),
        ("liability.floor", "$1.2m", ("$1,200,000",)), ("liability.floor", "5000 dollars", "taken"),
        ("liability.floor", "ten thousand", ("10,000 USD",)), ("financial.fee", "10,5%", ("10.5%",)),
        ("financial.fee", "ten percent", ("10%",)), ("financial.fee", "10", ("10%", "10 USD")),
        ("financial.late charge", "18% a year", ("1.5%",)), ("financial.late charge", "10% a year", ()),
        # Time.
        ("duration.term", "a year", "taken"), ("duration.term", "18 mo", "taken"), ("duration.term", "1.5 years", ("18 months",)),
        ("termination.notice", "2 wks", "taken"), ("termination.notice", "30", ("30 days",)),
        ("effective", "1/15/27", ("2027-01-15",)), ("effective", "1/5/27", ("2027-01-05", "2027-05-01")), ("effective", "asap", ()),
    ],
)  # fmt: skip
def test_a_text_is_understood_alike(
    path: str, text: str, wanted: str | tuple[str, ...], tmp_path: Path, library: Library
) -> None:
    def everywhere(said: str) -> list[str | tuple[str, ...]]:
        return [
            in_talk(tmp_path, library, path, said),
            in_file(library, path, said),
            in_table(tmp_path, library, path, said),
        ]

    assert everywhere(text) == [wanted] * 3
    for spelled in wanted if isinstance(wanted, tuple) else ():
        assert everywhere(spelled) == ["taken"] * 3
