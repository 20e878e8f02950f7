"""Texts that are no answers: what the deal check finds in them is what a prompt asks again about.

Each is a fact of rules in clauses/rules.yaml and clauses/parties/rules.yaml; `judge_text` gathers those of one text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from agreementgen.core.places import is_bare_venue, whole_state_in
from agreementgen.core.readings import list_clearer, number_in_words
from agreementgen.dealcheck.patterns import WordPattern

# -- what is left open

_OPEN_ANSWERS = frozenset((
    "todo", "tbd", "tbc", "xxx", "n/a", "n.a.", "na", "none", "nil", "-", "--", "–", "—", ".", "?", "same",
    "same as above", "see above", "as above", "ditto", "insert", "insert here", "company name", "your name",
    "your company", "name", "address", "signature", "to be determined", "to be confirmed", "to be decided",
    "to be agreed", "to be announced", "not applicable", "pending", "unknown", "placeholder", "test", "our", "ours",
    "mine", "my", "me", "us", "we", "you", "them", "asap", "later", "whatever", "not sure", "don't know",
    "i don't know", "idk", "no idea", "to come", "open", "x", "xx", "we'll see", "we will see", "will see", "let's see",
    "no clue", "dunno", "i dunno", "depends", "it depends", "up to you", "you decide", "maybe", "perhaps", "probably",
    "something", "anything", "stuff", "things", "nothing", "not yet", "not decided", "not decided yet", "undecided",
    "no preference", "don't care", "doesn't matter", "whatever works", "as usual", "the usual", "usual", "same here",
    "same as them", "no answer", "i think", "i guess", "etc", "etc.", "hello", "hi", "ok", "okay", "yes please",
))  # fmt: skip
# What fingers type that only want to get on.
_MASHED = WordPattern(
    r"(?:asdf|qwer|zxcv|yxcv|jkl[;ö])[a-zö;]{0,10}|asd|sdf|qwe|jkl|zxc|fghj?|hjkl?|dfg|([^\W\d_])\1{2,}|(?:blah?\W*){1,4}|"
    r"(?:foo|foobar|lol|hm+|ha(?:ha)+|yada(?:\W*yada)*)"
)
_HEDGED = WordPattern(
    r"[\s,;-]+\(?(?:i (?:think|guess|believe|suppose)|not sure(?: yet)?|maybe|probably|or (?:something|so|whatever)|"
    r"something like that|we'll see|i don't know|idk)\)?[.!?]*$",
    re.IGNORECASE,
)
_BARE_PLACE = WordPattern(
    r"(?:(?:my|our|at|the|his|her|their) ?)*(?:home|house|place|shop|store|office|bakery|kitchen|barn|garage|farm|here|"
    r"there|online|on the web|internet|town|same (?:place|town|address|street|building)|next door|"
    r"down the (?:street|road))",
    re.IGNORECASE,
)
_SAME_PLACE = WordPattern(r"\bsame (?:place|town|city|address|street|building|as)\b|\bsee above\b", re.IGNORECASE)


def is_open_answer(text: str) -> bool:
    """Return whether a text stands where an answer should ("n/a", "we'll see", "asdf")."""
    plain = text.strip().casefold().replace("\u2019", "'").rstrip("!").strip("()\"' ")
    # "AAA" is a name.
    return plain in _OPEN_ANSWERS or (text == text.lower() and bool(_MASHED.fullmatch(plain)))


def without_hedge(text: str) -> str:
    """Return a text without "I think" or a question mark at its end, "" where it has none."""
    kept = _HEDGED.sub("", text).strip()
    return kept if kept != text.strip() and len(kept) > 1 else ""


# -- names

_EMOJI = re.compile("[\U0001f000-\U0001faff]|[\u2190-\u2bff](?=\ufe0f)")
# The answers on a party that are names, printed as they are typed.
CAPITAL_NAMES = (
    "name", "short", "trade name", "address", "signatory.name", "signatory.title", "second signatory.name",
    "second signatory.title",
)  # fmt: skip
_PLAIN_NAMES = ("name", "short", "trade name", "signatory.name", "second signatory.name")
_SMALL_FORMS = {
    "llc": "LLC", "llp": "LLP", "lp": "LP", "plc": "PLC", "pllc": "PLLC", "pc": "PC", "gmbh": "GmbH", "ulc": "ULC",
    "inc": "Inc", "corp": "Corp", "ltd": "Ltd", "co": "Co", "l.l.c": "L.L.C", "llc.": "LLC",
}  # fmt: skip
_SMALL_WORDS = ("and", "of", "the", "for", "de", "la", "von", "van", "in", "at", "on", "&")


def list_emoji(text: str) -> list[str]:
    """Return the pictures in a text that fonts for paper do not have, each once."""
    return list(dict.fromkeys(_EMOJI.findall(text)))


def lacks_capital(name: str) -> bool:
    """Return whether a name has letters, and no capital among them."""
    return name == name.lower() and any(char.isalpha() and char != char.upper() for char in name)


def with_usual_form(name: str) -> str:
    """Return "Elm Bakery LLC" of "Elm Bakery llc", "" where the name ends in no form in small letters."""
    words = name.split()
    end = words[-1] if len(words) > 1 else ""
    form = _SMALL_FORMS.get(end) or _SMALL_FORMS.get(end.removesuffix("."), "") + ("." if end.endswith(".") else "")
    return name.rstrip().removesuffix(end) + form if form.strip(".") else ""


def as_name(text: str) -> str:
    """Return a name or an address with the capital letters that it usually has."""
    words = [
        word if word in _SMALL_WORDS and number else word[:1].upper() + word[1:]
        for number, word in enumerate(text.split())
    ]
    # "Dayton, Oh 45402".
    capitals = re.sub(r"\b[A-Z][a-z](?= \d{5}\b)", lambda code: code[0].upper(), " ".join(words))
    end = words[-1].lower() if words else ""
    form = _SMALL_FORMS.get(end) or _SMALL_FORMS.get(end.removesuffix("."), "") + ("." if end.endswith(".") else "")
    return capitals[: -len(end)] + form if form.strip(".") else capitals


# What a name ends with that no person has; words that are also last names (Baker, Market, Brewer) are not among them.
_BUSINESS = WordPattern(
    r".*(?:\b(?:bakery|caf[eé]|coffee|restaurant|bistro|diner|pizzeria|kitchens?|catering|farms?|orchards?|dairy|winery|"
    r"brewery|foods?|studios?|designs?|photography|media|digital|marketing|consulting|advisors|services|solutions|"
    r"systems|software|tech|labs?|group|partners|associates|enterprises|industries|holdings|ventures|properties|realty|"
    r"shops?|stores?|boutique|salon|spa|florist|flowers|books|bookstore|bikes|motors|plumbing|landscaping|cleaning|"
    r"construction|builders|repairs?|rentals?|travel|tours|events|yarns|crafts|gallery|clinic|academy|school|agency|"
    r"company)|& co\.?|& sons)",
    re.IGNORECASE,
)


def sounds_like_business(name: str) -> bool:
    """Return whether a name ends as those of businesses do ("Hilltop Farms"), and so names no person who could sign."""
    return bool(_BUSINESS.fullmatch(name.strip()))


# An e-mail or web address, or a street with its number and a zip code, beside or instead of a name.
_CONTACT = WordPattern(
    r"^\S+@\S+$|\S+@\S+\.\w{2,}|(?:https?://|^www\.)\S+|\s\d{1,5} [A-Z][\w.]*(?: [\w.]+)*,.* \d{5}\b", re.IGNORECASE
)


# "12 Main Street", "Hauptstraße 5", "P.O. Box 3": no town follows.
_STREET_ALONE = WordPattern(
    r"\d+\S* (?:[\w.'’-]+ ){0,4}(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|boulevard|blvd|way|place|pl|"
    r"highway|hwy|square|sq|terrace|parkway|pkwy)\.?(?: (?:n|s|e|w|ne|nw|se|sw|north|south|east|west))?|"
    r"[\w.-]*(?:straße|strasse|str\.|weg|gasse|platz|allee) \d+ ?\w?|(?:p\.? ?o\.? ?)?box \d+",
    re.IGNORECASE,
)
_PART_OF_HOUSE = WordPattern(r"(?:suite|ste|unit|apt|apartment|floor|fl|room|rm|no)\.? ?\w+|#\s?\w+", re.IGNORECASE)


def is_no_address(address: str) -> bool:
    """Return whether an address lacks its street or its town, as far as its form tells: no letter would arrive."""
    parts = [part.strip() for part in address.split(",") if not _PART_OF_HOUSE.fullmatch(part.strip())]
    if len(parts) > 1:
        return False
    plain = parts[0] if parts else ""
    # Addresses in other scripts are written without spaces, the largest place first.
    if any(char.isalpha() and char > "\u024f" for char in plain):
        return False
    has_number = any(char.isdigit() for char in plain)
    return not has_number or len(plain.split()) == 1 or bool(_STREET_ALONE.fullmatch(plain))


# -- words

_MULTIPLES = ("half", "double", "twice", "triple", "all", "every", "each", "none", "no", "zero")
# Answers that say what somebody does, in more than one word.
_SENTENCES = ("scope.purpose", "responsibilities")
_NO_FIGURES = ("scope.purpose", "financial.shared revenue", "financial.tracking.system")


_FIGURE = WordPattern(
    r"[^\w\s]{0,3}\s?\d[\d.,/ -]*\s?(?:%|per ?cent|[$€£]|usd|dollars?|days?|months?|k)?", re.IGNORECASE
)


def says_little(path: str, text: str) -> bool:
    """Return whether a purpose or a duty is a single word."""
    return path.startswith(_SENTENCES) and len(text.split()) == 1


def is_hedged_figure(text: str) -> bool:
    """Return whether a text is a figure with or without a hedge: "around 10%"."""
    plain = (list_clearer(text) or [text])[0]
    return bool(_FIGURE.fullmatch(plain))


_GOAL = WordPattern(r"goals\.(?:\d+\.)?target")


def is_no_figure(target: str) -> bool:
    """Return whether a figure to reach has no number, in digits or in words."""
    words = re.findall(r"[^\W\d_]+", target.lower())
    has_words = any(number_in_words(word) is not None or word in _MULTIPLES for word in words)
    return not has_words and not any(char.isdigit() for char in target)


def without_per(unit: str) -> str:
    """Return "bag" of "per bag" or "a bag", "" for a unit that stands alone; the page says "per" itself."""
    found = re.match(r"(?:(?:price )?per|by the|in|an?|each|one|1) +(?=\w)", unit.strip(), re.IGNORECASE)
    return unit.strip()[found.end() :] if found else ""


# Where these count or name what is sold, it is work and no goods; "cleaning supplies" are goods.
_WORK_UNITS = ("hour", "hr", "day", "week", "mile", "km", "trip", "visit", "session", "shift", "job")
_WORK_NAMES = (
    "advice", "bookkeeping", "catering", "cleaning", "consulting", "haulage", "hauling", "installation", "landscaping",
    "maintenance", "repair", "repairs", "service", "services", "training", "transport", "transportation", "trucking",
)  # fmt: skip


def is_work(path: str, text: str) -> bool:
    """Return whether a unit or the name of what is sold under "goods" is that of work: "hour", "haulage of grain"."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    if not path.startswith("goods") or not words:
        return False
    if path.endswith("unit"):
        return words[-1].removesuffix("s") in _WORK_UNITS
    # "Cleaning of crates" and "weekly cleaning" name the work; "cleaning agent" does not.
    names = (words[-1], words[0] if words[1:2] and words[1] in ("of", "for", "at", "in") else "")
    return path.endswith("item") and any(word in _WORK_NAMES for word in names)


_DELIVERY_TERM = WordPattern(r"(EXW|FCA|FAS|FOB|CPT|CIP|CFR|CIF|DAP|DPU|DDP)\b(?!.{0,40}\bdestination)", re.IGNORECASE)


def delivery_term_in(text: str) -> str:
    """Return the Incoterm that a text begins with ("FCA"), "" for none, and for the American "FOB destination"."""
    found = _DELIVERY_TERM.match(text.strip())
    return found[1].upper() if found else ""


def judge_text(path: str, text: str, addresses: Iterable[str] = ()) -> dict[str, Any]:
    """Return what is wrong with a text as an answer to `path`; keys of parties stand alone ("signatory.name").

    `addresses` are those of the parties, as far as they are known.
    """
    key = re.sub(r"^parties\.(?:\d+\.)?", "", path) if path.startswith("parties") else ""
    is_bare_place = key == "address" and bool(_BARE_PLACE.fullmatch(text.strip()) or _SAME_PLACE.search(text))
    is_form_alone = key == "name" and text.strip().rstrip(".").casefold() in _SMALL_FORMS
    return {
        # No court sits at a place called "Blah", though a company may have such a name.
        "is_open_answer": is_open_answer(text.lower() if path == "venue" else text) or is_bare_place or is_form_alone,
        "hedge": without_hedge(text) if key not in ("email",) else "",
        "emoji": " ".join(list_emoji(text)),
        "lacks_capital": key in CAPITAL_NAMES and lacks_capital(text),
        "holds_address": key in _PLAIN_NAMES and bool(_CONTACT.search(text.strip())),
        "small_form": with_usual_form(text) if key == "name" else "",
        "is_no_address": key == "address" and not is_bare_place and is_no_address(text),
        "is_one_name": key in ("signatory.name", "second signatory.name") and len(text.split()) == 1,
        "signs_as_business": key in ("signatory.name", "second signatory.name")
        and sounds_like_business(text.partition(",")[0]),
        "says_little": says_little(path, text),
        "is_misplaced_figure": path in _NO_FIGURES and is_hedged_figure(text),
        "is_no_figure": bool(_GOAL.fullmatch(path)) and is_no_figure(text),
        "unit_alone": without_per(text) if path.startswith("goods") and path.endswith("unit") else "",
        "is_work": is_work(path, text),
        "delivery_term": delivery_term_in(text) if path == "orders.term" else "",
        "is_bare_venue": path == "venue" and is_bare_venue(text, addresses),
        "whole_state": whole_state_in(text) if path == "venue" else "",
    }
