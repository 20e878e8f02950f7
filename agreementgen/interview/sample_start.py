"""A sample as the beginning of somebody's own deal: its terms stay, its people and places do not.

The parties are called "First Party" and so on until their own names are typed; whatever names a person, an address or
a place of the sample is left out, and asked anew where it must be answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

PLACEHOLDERS = tuple(f"{word} Party" for word in ("First", "Second", "Third", "Fourth", "Fifth", "Sixth"))
# Answers about who and where: asked anew, whatever they say.
_LEFT_OUT = ("parties", "law", "venue", "raci", "effective")
_LEFT_OUT_INSIDE = {"venture": ("name", "project", "place"), "brand": ("names",)}
_KEPT_OF_PARTY = ("role",)
_PLACE_WORDS = re.compile(r"[^\W\d_][\w’'.-]+(?: [^\W\d_][\w’'.-]+)*")
# Words of names and addresses that are no names by themselves.
_COMMON = frozenset((
    "street", "avenue", "road", "lane", "suite", "county", "city", "inc", "llc", "corp", "company", "the", "and", "of",
    "owner", "president", "manager", "member", "director", "managing", "chief", "executive", "officer", "usa",
))  # fmt: skip


def begin_from_sample(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers of a sample that somebody else may keep."""
    parties = [party for party in answers.get("parties") or () if isinstance(party, dict)]
    shorts = {_short_of(party): name for party, name in zip(parties, PLACEHOLDERS, strict=False)}
    names = _names_in(parties, answers) - set(shorts)
    kept = {
        key: {inner: item for inner, item in value.items() if inner not in _LEFT_OUT_INSIDE.get(key, ())}
        if isinstance(value, dict)
        else value
        for key, value in answers.items()
        if key not in _LEFT_OUT
    }
    found = _without_names(kept, names, shorts)
    people = [
        {key: party[key] for key in _KEPT_OF_PARTY if key in party} | {"short": shorts[_short_of(party)]}
        for party in parties
    ]
    return {
        "agreement": answers["agreement"],
        "parties": people,
        **{k: v for k, v in found.items() if k != "agreement"},
    }


def replace_names(value: object, names: Mapping[str, str]) -> Any:
    """Return an answer in which names of parties, wherever they stand, are replaced by others."""
    if isinstance(value, dict):
        return {replace_names(key, names): replace_names(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [replace_names(item, names) for item in value]
    if not isinstance(value, str):
        return value
    if not names:
        return value
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{known})(?!\w)", lambda match: names[match[0]], value)


def _short_of(party: Mapping[str, object]) -> str:
    return str(party.get("short") or party.get("name") or "")


def _names_in(parties: Iterable[Mapping[str, object]], answers: Mapping[str, object]) -> set[str]:
    """Return what names the sample's people and places: names, and the parts of addresses that are names."""
    found: set[str] = set()
    for party in parties:
        for text in _each_text({key: value for key, value in party.items() if key not in ("entity", "role", "short")}):
            found.add(text)
            found |= {part.strip() for part in re.split(r"[,;]", text)}
            found |= set(_PLACE_WORDS.findall(text))
            found |= {word.strip(".") for word in text.replace(",", " ").split() if word[:1].isupper()}
    for key in ("law", "venue"):
        found |= {part.strip() for part in str(answers.get(key) or "").split(",")}
    return {name for name in found if len(name) > 3 and name.lower() not in _COMMON and not name.isdigit()}


def _each_text(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _each_text(item)
    elif isinstance(value, list):
        for item in value:
            yield from _each_text(item)


def _without_names(value: object, names: set[str], shorts: Mapping[str, str]) -> Any:
    """Return an answer with the parties' placeholders, None where a text in it names people or places of the sample."""
    if isinstance(value, dict):
        items = {replace_names(k, shorts): _without_names(item, names, shorts) for k, item in value.items()}
        return {key: item for key, item in items.items() if item is not None and key not in names} or None
    if isinstance(value, list):
        kept = [_without_names(item, names, shorts) for item in value]
        return [item for item in kept if item is not None] or None
    text = replace_names(value, shorts)
    rest = replace_names(text, dict.fromkeys(PLACEHOLDERS, ""))
    has_name = isinstance(rest, str) and any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", rest) for name in names)
    return None if has_name else text
