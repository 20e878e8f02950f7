"""What rules know of the names in a deal: what their last word shows, who stands on both sides, whose a brand is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from agreementgen.core.places import country_of
from agreementgen.deal.deal import find_fact
from agreementgen.deal.questions import Facts, FactsView
from agreementgen.dealcheck.party_facts import PERSONS
from agreementgen.dealcheck.patterns import WordPattern

# -- the legal form that a name shows

_INCORPORATED = frozenset({"corporation", "S corporation", "professional corporation"})
_CORPORATIONS = _INCORPORATED | {"nonprofit", "cooperative"}
_ANYWHERE = frozenset({"foreign entity", "government"})
# What ends the name of a legal form, and the answers it goes with. "Ltd." ends names of many forms in some states.
_LEGAL_FORMS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"P\.?L\.?L\.?C\.?", frozenset({"LLC", "professional corporation"})),
    (r"L\.?L\.?C\.?|L\.C\.|Limited Liability Company", frozenset({"LLC"})),
    (r"Inc\.?|Incorporated|Corp\.?|Corporation", _CORPORATIONS | {"ULC"}),
    (r"L\.?L\.?P\.?|Limited Liability Partnership", frozenset({"LLP"})),
    (r"L\.P\.|LP|Limited Partnership", frozenset({"LP"})),
    (r"P\.C\.|(?<=, )PC|P\.A\.|Professional Corporation", _INCORPORATED),
    (r"Pty\.? (?:Ltd\.?|Limited)", frozenset({"Pty Ltd"})),
    (r"Ltd\.?|Limited", _CORPORATIONS | {"Ltd", "PLC", "CLG", "LLC", "LP", "Pty Ltd", "ULC", "unlimited company"}),
    (r"P\.?L\.?C\.?", frozenset({"PLC", "LLC"})),
    (r"DAC", frozenset({"DAC"})),
    (r"ULC", frozenset({"ULC", "unlimited company"})),
    (r"[Gg]?mbH|UG|S\.A\.|SARL|SAS|B\.V\.|N\.V\.|S\.r\.l\.", frozenset()),
)  # fmt: skip
_FORM_ENDS = tuple((WordPattern(rf"[\s,](?P<word>{words})$"), fits) for words, fits in _LEGAL_FORMS)
_CAPITALS = WordPattern(r"\b(?:llc|inc\.?|corp\.?|ltd\.?|l\.l\.c\.|incorporated|corporation|limited)$", re.IGNORECASE)
# The forms whose registered name shows them, and the words of it that can stand for others, too.
_NAMED_FORMS = ("LLC", "corporation", "S corporation")
_ANY_FORM = WordPattern(r"[\s,](?:Co\.?|Company|Bank|N\.A\.|Club|Union)$", re.IGNORECASE)


def form_in_name(name: str) -> tuple[str, frozenset[str]]:
    """Return the word for a legal form that ends a name, and the kinds of business it goes with; "" for none."""
    line = name.strip()
    if found := _CAPITALS.search(line):
        line = line[: found.start()] + _usual_case(found.group())
    for pattern, fits in _FORM_ENDS:
        if match := pattern.search(line):
            return match["word"], fits
    return "", frozenset()


def _usual_case(word: str) -> str:
    return word.upper() if word.casefold() in ("llc", "l.l.c.") else word.capitalize()


# -- who signs

_UNSURE_TITLE = WordPattern(
    r"\b(?:interns?|trainee|apprentice|receptionist|volunteer|paralegal|attorney|lawyer|solicitor|consultant|freelancer|"
    r"student|temp|boss|guy|helper|"
    r"assistant(?! (?:vice|secretary|treasurer|director|general|manager|dean|administrator)))\b",
    re.IGNORECASE,
)


def describe_names(parties: tuple[Facts, ...]) -> tuple[Facts, ...]:
    """Return the parties with what their names show, and what they share with one another."""
    described = []
    for index, party in enumerate(parties):
        entity = str(party.get("entity") or "")
        word, fits = form_in_name(str(party.get("name") or ""))
        earlier = parties[:index]
        signer = _first_shared(party, earlier, _signers_of)
        mailbox = _first_shared(party, earlier, _mailboxes_of)
        address = _first_shared(party, earlier, _addresses_of)
        described.append(
            {
                **party,
                "form_word": word,
                "form_contradicts": bool(word) and entity not in (*fits, *_ANYWHERE, *PERSONS),
                "form_of_a_company": bool(word) and entity in PERSONS,
                "form_missing": not word and entity in _NAMED_FORMS and not _ANY_FORM.search(str(party["name"])),
                "shares_signer_with": signer,
                "shares_email_with": mailbox,
                "shares_address_with": address,
                "is_abroad_of": _first_in_another_country(index, parties),
                "is_other_party_again": signer is not None and signer == mailbox,
                "unsure_title": _find_unsure_title(party),
            }
        )
    return tuple(described)


def _first_shared(party: FactsView, earlier: tuple[Facts, ...], read: Any) -> str | None:
    own = read(party)
    return next((str(other["short"]) for other in earlier if own & read(other)), None)


def _first_in_another_country(index: int, parties: tuple[Facts, ...]) -> str | None:
    """Return the first party from whose countries those of a party lead out; each pair is told once."""
    countries = [frozenset(country_of(code) for code in party["states"]) for party in parties]
    own = countries[index]
    for number, (party, others) in enumerate(zip(parties, countries, strict=True)):
        if others and own - others and (number < index or others < own):
            return str(party["short"])
    return None


def _signers_of(party: FactsView) -> frozenset[str]:
    names = (find_fact(f"{group}.name", party) for group in ("signatory", "second_signatory"))
    return frozenset(" ".join(_words_of(str(name).partition(",")[0])) for name in names if name)


def _mailboxes_of(party: FactsView) -> frozenset[str]:
    return frozenset({str(party["email"]).strip().casefold()} if party.get("email") else ())


def _addresses_of(party: FactsView) -> frozenset[str]:
    return frozenset({" ".join(_words_of(str(party["address"])))} if party.get("address") else ())


def _words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def is_unsure_title(title: str) -> bool:
    """Return whether somebody with such a title often may not sign for a company."""
    return bool(_UNSURE_TITLE.search(title))


def _find_unsure_title(party: FactsView) -> str | None:
    """Return the title of a signer who often may not sign, None where there is none."""
    for group in ("signatory", "second_signatory"):
        name, title = (str(find_fact(f"{group}.{key}", party) or "") for key in ("name", "title"))
        title = title or name.partition(",")[2].strip()
        if is_unsure_title(title):
            return title
    return None


# -- brands

_COMMON_WORDS = frozenset((
    "the", "a", "an", "and", "of", "for", "its", "their", "our", "all", "both", "each", "other", "names", "name",
    "logos", "logo", "marks", "mark", "brand", "brands", "company", "trade", "parties", "party", "wordmark", "word",
    "product", "products", "services", "in", "on", "with", "colors", "slogan"
))  # fmt: skip


def each_strange_brand(facts: FactsView, parties: tuple[Facts, ...]) -> Iterator[Facts]:
    """Yield the brands that are licensed or sold under and share no word with the name of a party."""
    known = {
        word
        for party in parties
        for key in ("name", "short", "trade_name")
        for word in _words_of(str(party.get(key) or ""))
    }
    initials = {
        "".join(word[0] for word in _words_of(name))[:length]
        for party in parties
        for key in ("name", "short", "trade_name")
        if len(_words_of(name := str(party.get(key) or ""))) > 1
        for length in range(2, 6)
    }
    brands = [("brand.marks", str(mark)) for mark in find_fact("brand.marks", facts) or ()]
    if own := find_fact("channel.own_brand", facts):
        brands.append(("channel.own brand", str(own)))
    for path, brand in brands:
        words = [word for word in _words_of(brand) if word not in _COMMON_WORDS]
        is_a_name = bool(re.search(r"[A-Z]", brand)) or path == "channel.own brand"
        together = "".join(words)
        if (
            words
            and is_a_name
            and not any(word in known or word in initials or _is_in_name(word, known) for word in (*words, together))
        ):
            yield {"path": path, "brand": brand}


def _is_in_name(word: str, known: set[str]) -> bool:
    return len(word) > 3 and any(word in other or (len(other) > 3 and other in word) for other in known)
