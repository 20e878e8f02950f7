"""What a prompt asks again about before it saves: texts that are no answer, as the deal check would find them later."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from agreementgen.deal.questions import Question
from agreementgen.deal.reader import FactPath
from agreementgen.dealcheck.text_facts import is_open_text
from agreementgen.library.files import SourceFile
from agreementgen.render.lettering import REGULAR, letters_to_measure

# Names that stand above the signatures, and whatever else must be decided before anybody signs.
_NAMES = ("name", "short", "trade name")
_SMALL_WORDS = ("and", "of", "the", "for", "de", "la", "von", "van", "in", "at", "on", "&")
_FORMS = {
    "llc": "LLC",
    "llp": "LLP",
    "lp": "LP",
    "plc": "PLC",
    "pllc": "PLLC",
    "pc": "PC",
    "gmbh": "GmbH",
    "ulc": "ULC",
}


@dataclass(frozen=True)
class Doubt:
    """Why a text is probably not what is meant, and the spelling that may be; `stops`: it cannot be kept."""

    message: str
    reading: str = ""
    stops: bool = False


def find_doubt(path: FactPath, question: Question, text: str, layout: Mapping[str, SourceFile]) -> Doubt | None:
    """Return what is doubtful about a text that is an answer to `question`."""
    if question.type.fact_kind != "text" or question.key in ("pack", "system id"):
        return None
    is_of_party = path[0] == "parties"
    if is_open_text(text):
        return Doubt(f'"{text}" decides nothing, and would be printed as it is.', stops=is_of_party)
    missing = sorted({char for char in text if unicodedata.category(char) == "So" and not _can_print(char, layout)})
    if missing:
        return Doubt(f"No font of the page can print {' '.join(missing)}.", _without(text, missing), stops=True)
    if is_of_party and path[-1] in _NAMES and text == text.lower() and re.search(r"[^\W\d_]", text):
        return Doubt(
            f'"{text}" is written without a capital letter; names are printed as they are typed.', _as_name(text)
        )
    return None


def _can_print(char: str, layout: Mapping[str, SourceFile]) -> bool:
    return ord(char) in letters_to_measure(layout).faces[REGULAR].characters


def _without(text: str, characters: list[str]) -> str:
    kept = "".join(char for char in text if char not in characters and char not in "\ufe0f\u200d")
    return " ".join(kept.split())


def _as_name(text: str) -> str:
    words = [
        _FORMS.get(word.rstrip(".,"), word if word in _SMALL_WORDS and number else word[:1].upper() + word[1:])
        for number, word in enumerate(text.split())
    ]
    return " ".join(words)


# Ends of names that leave no doubt what kind of business it is.
_KINDS_BY_END = {
    "llc": "LLC",
    "llp": "LLP",
    "lp": "LP",
    "inc": "corporation",
    "incorporated": "corporation",
    "corp": "corporation",
    "corporation": "corporation",
    "plc": "PLC",
    "ulc": "ULC",
}


def find_kind_in_name(name: str) -> str:
    """Return the kind of business that a legal name ends with ("LLC"), "" where it says none."""
    words = name.replace(",", " ").split()
    return _KINDS_BY_END.get(words[-1].replace(".", "").lower(), "") if len(words) > 1 else ""
