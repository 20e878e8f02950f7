"""What a prompt asks again about before it saves: texts that are no answer, as the deal check would find them later."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agreementgen.core.values import Region
from agreementgen.deal.questions import Question
from agreementgen.deal.reader import FactPath
from agreementgen.dealcheck.name_facts import is_unsure_title
from agreementgen.dealcheck.no_answers import as_name, judge_text
from agreementgen.dealcheck.text_facts import holds_open_place
from agreementgen.library.files import SourceFile
from agreementgen.render.lettering import REGULAR, letters_to_measure

# Words that people type to get out of a prompt, and the sign that does what they want.
_WISHES = {
    "help": "?", "explain": "?", "what": "?", "why": "?", "huh": "?", "back": "<", "go back": "<", "undo": "<",
    "skip": ">", "next": ">", "pass": ">", "menu": "/", "quit": "Ctrl-C", "exit": "Ctrl-C", "stop": "Ctrl-C",
}  # fmt: skip
_WHAT_SIGNS_DO = {
    "?": "? shows help", "<": "< goes back", ">": "> leaves this open for now", "/": "/ shows the topics",
    "Ctrl-C": "Ctrl-C stops; everything is saved",
}  # fmt: skip


def find_wish(text: str) -> str:
    """Return how to do what a text asks for that is no answer ("help": "? shows help"), "" for any other text."""
    return _WHAT_SIGNS_DO.get(_WISHES.get(text.strip().lower().rstrip("?!."), ""), "")


# What the whole agreement is for cannot be left open.
_PURPOSE = ("scope", "purpose")
_TITLE = re.compile(
    r"(?:(?:managing|general|vice|co|chief|executive|operating|financial|deputy|assistant|sales|store|shop|acting|senior)"
    r"[\s-]+)*(?:owner|president|manager|member|director|partner|officer|chair(?:man|woman|person)?|secretary|treasurer|"
    r"ceo|cfo|coo|cto|principal|founder|co-?founder|trustee|boss)",
    re.IGNORECASE,
)


_NAME_AND_TITLE = re.compile(r"(?P<name>[^,:]+?)\s*(?:\s[-–—]\s|[(/|]|\sas\s)\s*(?P<title>[^,:()]+?)\)?")
_TITLE_AND_NAME = re.compile(r"(?P<title>[^,:]+):\s*(?P<name>[^,:]+)")


@dataclass(frozen=True)
class Doubt:
    """Why a text is probably not what is meant, and the spelling that may be; `stops`: it cannot be kept."""

    message: str
    reading: str = ""
    stops: bool = False


# Countries in which a place of courts is named with its state.
_WITH_STATES = ("US", "CA", "AU")


def find_doubt(
    path: FactPath,
    question: Question,
    text: str,
    layout: Mapping[str, SourceFile],
    law: Region | None = None,
    addresses: Iterable[str] = (),
) -> Doubt | None:
    """Return what is doubtful about a text that is an answer to `question`; `law` is None where it is not known yet.

    `addresses` are those of the parties, as far as they are known.
    """
    if question.type.fact_kind != "text" or question.key in ("pack", "system id"):
        return None
    is_of_party = path[0] == "parties"
    if wish := find_wish(text):
        return Doubt(f'"{text}" would be printed as it is. {wish}.')
    held = judge_text(".".join(path), text, addresses)
    if held["is_open_answer"] or holds_open_place(text):
        return Doubt(f'"{text}" decides nothing, and would be printed as it is.', stops=is_of_party or path == _PURPOSE)
    missing = held["emoji"].split()
    missing += sorted({char for char in text if unicodedata.category(char) == "So" and not _can_print(char, layout)})
    missing = list(dict.fromkeys(missing))
    if missing:
        return Doubt(f"No font of the page can print {' '.join(missing)}.", _without(text, missing), stops=True)
    if held["holds_address"]:
        return Doubt(f'"{text}" is or holds an address, and here belongs a name.', stops=True)
    if held["is_misplaced_figure"]:
        return Doubt(f'"{text}" is a figure where words belong.', stops=True)
    if held["hedge"]:
        return Doubt(f'"{text}" ends with a doubt, and would be printed so.', held["hedge"])
    if held["unit_alone"]:
        return Doubt(f'The page says "per" itself: "per {text}" would be printed.', held["unit_alone"])
    if held["is_work"]:
        return Doubt(f'"{text}" is work. A supply agreement is about goods; work fits another kind, with a fixed fee.')
    if held["whole_state"]:
        return Doubt(f"{held['whole_state']} has many courts: a county or city in it is usual.")
    if held["is_bare_venue"] and law and law.code[:2] in _WITH_STATES:
        return Doubt(f'"{text}" names no county, no court and no state.', f"{text}, {law.name}")
    if held["is_no_address"]:
        return Doubt(f'"{text}" is no whole address: a street with a number and a town belong in it.')
    signs_as = "" if not is_of_party else text if path[-1] == "title" else text.partition(",")[2]
    if path[-2:-1] and path[-2].endswith("signatory") and is_unsure_title(signs_as):
        return Doubt(f'"{signs_as.strip()}" seldom may bind a company: an owner, officer or manager signs for it.')
    if held["is_no_figure"]:
        return Doubt(f'"{text}" is no figure: nobody could count whether it is reached.')
    if held["lacks_capital"]:
        message = f'"{text}" is written without a capital letter; it is printed as it is typed.'
        return Doubt(message, as_name(text))
    if held["small_form"]:
        message = f'"{text.split()[-1]}" is written in small letters; names are printed as they are typed.'
        return Doubt(message, held["small_form"])
    if held["signs_as_business"]:
        return Doubt(f'"{text}" reads like the name of a business, and a person signs.')
    if is_of_party and path[-1] == "name" and path[-2].endswith("signatory"):
        return _doubt_signer(text) or (
            Doubt(f'"{text}" is one name; the page shows who signs by first and last name.')
            if held["is_one_name"]
            else None
        )
    if held["says_little"]:
        return Doubt(f'"{text}" is one word; say in a few words what is done.')
    return None


def _doubt_signer(text: str) -> Doubt | None:
    """Return what is doubtful about who signs: a title alone, or one that does not stand behind a comma."""
    if _TITLE.fullmatch(text):
        return Doubt(f'"{text}" is a title, and no name.', stops=True)
    match = _NAME_AND_TITLE.fullmatch(text) or _TITLE_AND_NAME.fullmatch(text)
    if match is None or not _TITLE.search(match["title"]):
        return None
    return Doubt("A title stands behind the name and a comma.", f"{match['name']}, {match['title']}")


def _can_print(char: str, layout: Mapping[str, SourceFile]) -> bool:
    return ord(char) in letters_to_measure(layout).faces[REGULAR].characters


def _without(text: str, characters: list[str]) -> str:
    kept = "".join(char for char in text if char not in characters and char not in "\ufe0f\u200d")
    return " ".join(kept.split())


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
