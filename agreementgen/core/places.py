"""Countries, states and provinces: by name, by ISO 3166 code, and as people write them.

"N.Y.", "Calif.", "State of Ohio" and "Sydney, NSW, Australia" are read. What can be two places is refused with both
names, unless an address settles it: a wrong guess would print another country's law.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache, lru_cache

from agreementgen.core.kept import keep, stamp_of_package
from agreementgen.core.problems import quote_text
from agreementgen.core.values import Region, Unreadable

_MOST_CHARACTERS = 100
# Countries without one law of contract, and places in them whose law can be chosen.
_COUNTRIES_OF_SEVERAL_LAWS = {
    "US": ("the United States", ("Massachusetts", "Oregon")),
    "GB": ("the United Kingdom", ("England and Wales", "Scotland", "Northern Ireland")),
    "CA": ("Canada", ("Ontario", "British Columbia")),
    "AU": ("Australia", ("New South Wales", "Victoria")),
}
_NO_LAWS = ("United States", "United Kingdom", "Canada", "Australia")
_PARTS_OF_THE_UNITED_KINGDOM = {
    "GB-ENG": "England", "GB-SCT": "Scotland", "GB-WLS": "Wales", "GB-NIR": "Northern Ireland"
}  # fmt: skip
# One law for two of the four countries; ISO 3166-2 has it, the data package leaves it out.
_ENGLAND_AND_WALES = Region("GB-EAW", "England and Wales")

# As newspapers, lawyers and address books shorten them, without full stops and spaces.
_ABBREVIATIONS = {
    "US": {
        "AL": "ala", "AK": "alas", "AZ": "ariz", "AR": "ark", "CA": "cal calif", "CO": "colo", "CT": "conn",
        "DE": "del",
        "DC": "washingtondc districtofcolumbia", "FL": "fla", "IL": "ill", "IN": "ind", "KS": "kan kans",
        "MA": "mass", "MI": "mich", "MN": "minn", "MS": "miss", "MT": "mont", "NE": "neb nebr", "NV": "nev",
        "NM": "nmex", "ND": "ndak", "OK": "okla", "OR": "ore oreg", "PA": "penn penna", "SD": "sdak", "TN": "tenn",
        "TX": "tex", "VI": "usvi usvirginislands virginislandsus virginislands", "WA": "wash", "WV": "wva wvirginia",
        "WI": "wis wisc", "WY": "wyo", "NC": "ncarolina", "SC": "scarolina",
    },
    "CA": {
        "AB": "alta", "BC": "britcol", "MB": "man", "NB": "newbruns", "NL": "newfoundland nfld labrador", "ON": "ont",
        "PE": "pei", "QC": "que pq", "SK": "sask", "NT": "nwt", "YT": "yuk yukonterritory",
    },
    "AU": {"VIC": "vict", "QLD": "qd", "TAS": "tassie"},
}  # fmt: skip
_COUNTRIES = {
    "US": "usa america unitedstatesofamerica", "GB": "uk greatbritain britain unitedkingdom", "AE": "uae",
    "NL": "holland", "CZ": "czechrepublic", "KR": "republicofkorea korea", "RU": "russia", "TR": "turkey",
    "CI": "ivorycoast", "IE": "republicofireland", "CN": "prc", "CD": "drcongo",
}  # fmt: skip
_WORDS_BEFORE = re.compile(
    r"(?:the\s+)?(?:(?:state|commonwealth|province|territory)\s+of\s+)?(?:the\s+)?", re.IGNORECASE
)
_WORDS_BEHIND = re.compile(r"\s+(?:state|province)$", re.IGNORECASE)
_US_CODE = re.compile(r"\b([A-Z]{2})\.?,?\s+\d{5}(?:-\d{4})?\b")
_CANADIAN_CODE = re.compile(r"\b([A-Z]{2}),?\s+[A-Z]\d[A-Z]\s*\d[A-Z]\d\b")
_AUSTRALIAN_CODE = re.compile(r"\b(NSW|VIC|QLD|TAS|ACT|SA|WA|NT),?\s+\d{4}\b")


def _fold_name(name: str) -> str:
    """Return `name` without case and accents, for looking up."""
    plain = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def _squeeze(name: str) -> str:
    """Return the letters of `name` alone: "N. Y." is "ny"."""
    return "".join(char for char in _fold_name(name) if char.isalnum())


def _order_naturally(name: str) -> str:
    """Return "British Virgin Islands" for "Virgin Islands, British"; a list of islands keeps its order."""
    first, comma, rest = name.partition(", ")
    return f"{rest} {first}" if comma and " and " not in rest else name


@cache
def regions_by_name() -> dict[str, tuple[Region, ...]]:
    """Return every country, and every state or province, by folded name and ISO 3166 code.

    Where a state and a country share a name (Georgia), the name means the state of the United States and
    "Georgia (country)" the country; a territory that is both (Puerto Rico) is the territory. Letters that mean several
    places (DE, CA, NL, WA) keep all of them.
    """
    return keep("places", stamp_of_package("pycountry", "databases/iso3166-*.json"), _gather_regions)


def _gather_regions() -> dict[str, tuple[Region, ...]]:
    import pycountry

    known: dict[str, tuple[Region, ...]] = {}

    def add(word: str, region: Region, both: bool = False) -> None:
        key = _fold_name(word)
        if both and key in known and region not in known[key]:
            known[key] += (region,)
        else:
            known.setdefault(key, (region,))

    states: dict[str, Region] = {}
    for part in (part for part in pycountry.subdivisions if part.country_code == "US"):
        region = Region(part.code, _order_naturally(part.name))
        states[part.code] = region
        for word in (region.name, part.name, part.code, part.code[3:]):
            add(word, region)
    for country in pycountry.countries:
        name = getattr(country, "common_name", country.name)
        region = Region(country.alpha_2, _order_naturally(name))
        # A territory has a country's code, too; Georgia's is another one.
        same = states.get(f"US-{country.alpha_2}")
        region = same if same is not None and same.name == region.name else region
        official = getattr(country, "official_name", name)
        for word in (region.name, name, country.name, official, f"{region.name} (country)"):
            add(word, region)
        for word in (country.alpha_3, country.alpha_2):
            add(word, region, both=True)
    for word in (_ENGLAND_AND_WALES.name, _ENGLAND_AND_WALES.code):
        add(word, _ENGLAND_AND_WALES)
    for part in pycountry.subdivisions:
        region = states.get(part.code) or Region(part.code, part.name)
        if part.code in _PARTS_OF_THE_UNITED_KINGDOM:
            region = Region(part.code, _PARTS_OF_THE_UNITED_KINGDOM[part.code])
            add(region.name, region)
        elif part.country_code in ("CA", "AU", "DE", "CH", "MX"):
            add(part.name, region)
        add(part.code, region)
        if part.country_code in ("CA", "AU"):
            add(part.code[3:], region, both=True)
    for state_of, shortened in _ABBREVIATIONS.items():
        for state, words in shortened.items():
            for word in words.split():
                # "Ind" may be Indiana, and is the code of India.
                if len(word) == 3 and word in known:
                    add(word, known[_fold_name(f"{state_of}-{state}")][0], both=True)
    return known


@cache
def _regions_by_abbreviation() -> dict[str, tuple[Region, ...]]:
    """Return regions by what people write for them, squeezed."""
    codes = {region.code: region for found in regions_by_name().values() for region in found}
    found: dict[str, tuple[Region, ...]] = {}
    for country, states in _ABBREVIATIONS.items():
        for state, words in states.items():
            for word in words.split():
                found[word] = regions_by_name().get(word) or (codes[f"{country}-{state}"],)
    for country, words in _COUNTRIES.items():
        found |= dict.fromkeys(words.split(), (codes[country],))
    return found


# The places of a table's rows and of a proof's agreements are the same few again and again.
@lru_cache(maxsize=1000)
def _find_named(text: str) -> tuple[Region, ...]:
    """Return the regions that one name, code or abbreviation may mean."""
    known, short = regions_by_name(), _regions_by_abbreviation()
    for plain in (text, _WORDS_BEFORE.sub("", text, count=1), _WORDS_BEHIND.sub("", text)):
        squeezed = _squeeze(plain)
        found = known.get(_fold_name(plain)) or short.get(squeezed) or ()
        if "." in plain:
            # Full stops stand in abbreviations of states, never in the code of a country.
            found = found or known.get(squeezed) or known.get(_fold_name(plain.replace("St.", "Saint"))) or ()
            states = tuple(region for region in found if "-" in region.code)
            found = states if len(squeezed) <= 4 and states else found
        if found:
            return found
    return ()


def _find_regions(text: str) -> tuple[Region, ...]:
    """Return the regions that `text` may mean: a name, or a place with its state or country behind it."""
    if len(text) > _MOST_CHARACTERS:
        return ()
    whole = _find_named(text)
    if not whole:
        text = _split_place(text)
        whole = _find_named(text)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if whole or len(parts) < 2 or not any(char.isalpha() for char in parts[0]):
        return whole
    last = _find_named(parts[-1])
    if is_country_of_several := {region.code for region in last} & set(_COUNTRIES_OF_SEVERAL_LAWS):
        inside = tuple(
            r for r in _find_named(parts[-2]) if country_of(r.code) in is_country_of_several and "-" in r.code
        )
        if inside:
            return inside
    if {region.code for region in _find_named(parts[0])} & set(_COUNTRIES_OF_SEVERAL_LAWS) and len(parts) == 2:
        return tuple(r for r in last if country_of(r.code) in {one.code for one in _find_named(parts[0])}) or last
    return last


def _split_place(text: str) -> str:
    """Return "Delaware law", "USA - Ohio" and "Columbus OH" as the names of places alone, with commas between them."""
    plain = re.sub(r"^(?:the )?laws? of |\s+laws?$", "", text, flags=re.IGNORECASE)
    plain = re.sub(r"\s+[–-]\s+", ", ", plain)
    return re.sub(r"(?<=[^\W\d_]{3}) ([A-Z]{2})$", r", \1", plain)


def country_of(code: str) -> str:
    """Return the country of a state or province ("US" of "US-CA"), and a country itself."""
    return code.partition("-")[0]


# -- reading


def read_region(text: str, address: str = "") -> Region:
    """Read a state, province or country; a name keeps the spelling it was given.

    `address` is where the one it belongs to is: it settles letters that mean several places.
    """
    plain = text.strip()
    found = _find_regions(plain)
    if len(found) > 1 and address:
        home = code_in_address(address)
        found = tuple(r for r in found if r.code == home) or tuple(
            r for r in found if home and country_of(r.code) == country_of(home)
        ) or found  # fmt: skip
    if not found:
        near = _find_near_name(plain) if 3 < len(plain) <= _MOST_CHARACTERS else ""
        raise Unreadable(
            f'"{quote_text(text)}" is not a state, province or country we know',
            f'did you mean "{near}"?' if near else 'write its name or its ISO code, as in "Massachusetts" or "US-MA"',
            readings=[near] if near else (),
        )
    if len(found) > 1:
        names = [name_of_region(region.code) for region in found]
        message = f'"{quote_text(plain)}" can mean ' + " or ".join(region.name for region in found)
        raise Unreadable(message, f"write the whole name: {_list_quoted(names)}", readings=names)
    region = found[0]
    same_name = _fold_name(plain) == _fold_name(region.name)
    return Region(region.code, plain) if same_name and plain != plain.lower() else region


def read_law(text: str) -> Region:
    """Read a place that has one law of contract: a state, not the United States."""
    try:
        region = read_region(text)
    except Unreadable as error:
        names = [name for name in error.readings if name not in _NO_LAWS]
        if len(names) == len(error.readings):
            raise
        # "CA" can mean Canada, which has no one law to choose.
        raise Unreadable(error.message, f"write the whole name: {_list_quoted(names)}", readings=names) from None
    return _refuse_several_laws(text, region, _COUNTRIES_OF_SEVERAL_LAWS)


def read_home_of_company(text: str, address: str = "") -> Region:
    """Read where a company is formed; Canada and Australia have registers of their own beside those of their parts."""
    return _refuse_several_laws(text, read_region(text, address), ("US", "GB"))


def _refuse_several_laws(text: str, region: Region, refused: Iterable[str]) -> Region:
    if region.code in ("GB-ENG", "GB-WLS"):
        return _ENGLAND_AND_WALES
    if region.code in refused:
        name, parts = _COUNTRIES_OF_SEVERAL_LAWS[region.code]
        message = f'"{quote_text(text)}": {name} has several laws, one for each part'
        if region.code == "GB":
            raise Unreadable(message, readings=parts)
        state = "province" if region.code == "CA" else "state"
        raise Unreadable(message, f'name the {state}, as in "{parts[0]}"')
    return region


def _find_near_name(text: str) -> str:
    """Return the name that is nearly `text`, "" for none: a far one would be another place."""
    names = {_fold_name(name): name for name in region_names()}
    close = get_close_matches(_fold_name(text), names, n=1, cutoff=0.8)
    return names[close[0]] if close else ""


def _list_quoted(names: Iterable[str]) -> str:
    return " or ".join(f'"{name}"' for name in names)


# -- courts

_COURT = re.compile(r"\b(?:courts?|tribunal|chancery|gericht|[a-z]+gericht|tribunale?|cour)\b", re.IGNORECASE)
_COURTS_OF = re.compile(
    r"(?:the\s+)?(?:(?:state|federal|state\s+and\s+federal|state\s+or\s+federal|competent)\s+)?courts\s+"
    r"(?:of|in|located\s+in|sitting\s+in|at)\s+(?:the\s+(?=state|county|city|commonwealth|province)\b)?",
    re.IGNORECASE,
)
_NO_PLACE = re.compile(
    r"\b(?:our|ours|my|your|their|his|her|here|there|where\w*|any\w*|none|nowhere|no|not|local|nearest|online|home|"
    r"office|store|shop|whatever|same|both|either|we|us|decide[ds]?|agree[ds]?|later|tbd|n/a|some\w*|think|guess|maybe|"
    r"probably|perhaps|idea|sure|know|dunno|idk|depends?|see|close|near|nearby)\b",
    re.IGNORECASE,
)
_COUNTY = re.compile(r"\b(?:County|Parish|Borough)\b")
_SMALL_COUNTY = re.compile(r"(?<=\w )(?:county|parish|borough)(?=,|$)")


def read_venue(text: str) -> str:
    """Read the place of courts ("Essex County, Massachusetts", "Toronto, Ontario"), or the name of a court."""
    plain = _COURTS_OF.sub("", text.strip(), count=1) if _COURTS_OF.match(text.strip()) else text.strip()
    said = f'"{quote_text(text)}"'
    hint = 'name the county or city, as in "Essex County, Massachusetts", or a court'
    letters = sum(char.isalpha() for char in plain)
    if letters < 2 or "@" in plain or _NO_PLACE.search(plain):
        raise Unreadable(f"{said} is no place that has courts", hint)
    if re.search(r", [A-Z][a-z]$", plain):
        raise Unreadable(f"{said} is not written as the name of a place", readings=[_capitalize_words(plain)])
    if plain == plain.lower() and any(char != char.upper() for char in plain):
        raise Unreadable(f"{said} is not written as the name of a place", readings=[_capitalize_words(plain)])
    if _SMALL_COUNTY.search(plain):
        written = _SMALL_COUNTY.sub(lambda found: found[0].title(), plain)
        raise Unreadable(f"{said} is not written as the name of a place", readings=[written])
    if _COURT.fullmatch(plain) or re.fullmatch(r"(?:the\s+)?\w+\s+courts?", plain, re.IGNORECASE):
        raise Unreadable(f"{said} does not say where the court is", hint)
    region = _find_named(plain)
    if len(region) == 1 and region[0].code in _COUNTRIES_OF_SEVERAL_LAWS:
        name = _COUNTRIES_OF_SEVERAL_LAWS[region[0].code][0]
        raise Unreadable(f"{said} is no place of courts: {name} has many", hint)
    before, comma, last = plain.rpartition(",")
    found = _find_named(last) if re.fullmatch(r"\s*[A-Za-z]{2,3}\s*", last) else ()
    if _COUNTY.search(before):
        found = tuple(r for r in found if r.code.startswith("US-")) or found
    if len(found) > 1:
        spellings = [f"{before.strip()}{comma} {name_of_region(r.code)}".strip() for r in found]
        message = f'"{last.strip()}" in {said} can mean ' if comma else f"{said} can mean "
        raise Unreadable(message + " or ".join(r.name for r in found), readings=spellings)
    return plain


# What is a city as well as a state, and what is no larger than a county.
_STATES_AND_CITIES = ("US-NY", "US-DC")


def whole_state_in(venue: str) -> str:
    """Return the name of the state of the United States that a venue is as a whole, "" where it says more or else."""
    found = _find_named(re.sub(r"^(?:the )?state of ", "", venue.strip(), flags=re.IGNORECASE))
    is_state = len(found) == 1 and found[0].code.startswith("US-") and found[0].code not in _STATES_AND_CITIES
    return found[0].name if is_state and "," not in venue else ""


_KIND_OF_PLACE = re.compile(r"\b(?:county|parish|borough|city|district|municipality|region|province)\b", re.IGNORECASE)


def is_bare_venue(venue: str, addresses: Iterable[str] = ()) -> bool:
    """Return whether a venue is a name alone ("Dayton"), with no court, kind of place, state or country beside it.

    The town of an address is known: it stands behind a comma there.
    """
    if names_a_court(venue) or _KIND_OF_PLACE.search(venue):
        return False
    town = re.compile(rf",\s*{re.escape(venue.strip())}\b", re.IGNORECASE)
    if any(town.search(address) for address in addresses):
        return False
    words = [part.split() for part in venue.split(",")]
    return not any(_find_named(" ".join(part[first:])) for part in words for first in range(len(part)))


def names_a_court(venue: str) -> bool:
    """Return whether a venue is a court by its name, not the place of courts."""
    return bool(_COURT.search(venue))


def _capitalize_words(text: str) -> str:
    small = ("of", "the", "and", "in", "upon", "de", "la", "le", "am", "der", "an")
    words = [
        word if word in small and number else word[:1].upper() + word[1:] for number, word in enumerate(text.split())
    ]
    return re.sub(r", [A-Za-z]{2}$", lambda code: code[0].upper(), " ".join(words))


# -- looking up


def code_in_address(address: str) -> str:
    """Return the ISO 3166 code of the state or country in which an address lies, "" where it does not say."""
    for pattern, country in ((_US_CODE, "US"), (_CANADIAN_CODE, "CA"), (_AUSTRALIAN_CODE, "AU")):
        found = pattern.findall(address)
        if found and f"{country}-{found[-1]}" in region_codes():
            return f"{country}-{found[-1]}"
    return code_of_place(address)


def code_of_place(text: str) -> str:
    """Return the ISO 3166 code of the region that a text ends in, "" where it may be several or none."""
    *before, last = text.split(",") or [""]
    found = _find_named(last.strip()) if len(last) <= _MOST_CHARACTERS else ()
    if before and len(found) > 1 and _COUNTY.search(before[-1]):
        found = tuple(region for region in found if region.code.startswith("US-"))
    return found[0].code if len(found) == 1 else ""


@cache
def region_codes() -> frozenset[str]:
    """Return the ISO 3166 codes of all countries and their parts."""
    return frozenset(region.code for found in regions_by_name().values() for region in found)


def name_of_region(code: str) -> str:
    """Return a name that `read_region` understands as the region of an ISO 3166 code, or the code itself."""
    same = (region for found in regions_by_name().values() for region in found if region.code == code)
    names = (name for region in same for name in (region.name, f"{region.name} (country)"))
    return next(
        (name for name in names if [r.code for r in regions_by_name().get(_fold_name(name), ())] == [code]), code
    )


def name_of_law(code: str) -> str:
    """Return a name that `read_law` understands, of a place inside the region of an ISO 3166 code."""
    return _COUNTRIES_OF_SEVERAL_LAWS[code][1][0] if code in _COUNTRIES_OF_SEVERAL_LAWS else name_of_region(code)


@cache
def region_names() -> tuple[str, ...]:
    """Return the names that `read_region` understands, for completing while one types."""
    known = regions_by_name()
    found = {region.name for same in known.values() for region in same}
    return tuple(sorted(name for name in found if len(known.get(_fold_name(name), ())) == 1))
