"""Countries, states and provinces by name and ISO 3166 code."""

from __future__ import annotations

import unicodedata
from functools import cache

from agreementgen.deal.characters import shown
from agreementgen.deal.values import Region, Unreadable
from agreementgen.errors import nearest


def _fold(name: str) -> str:
    """Return `name` without case and accents, for looking up."""
    plain = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


@cache
def regions() -> dict[str, tuple[Region, ...]]:
    """Return every country, and every state or province, by folded name and ISO 3166 code.

    Where a state and a country share a name (Georgia), the name means the state of the United States and
    "Georgia (country)" the country. Two letters that mean both a state and a country (DE, CA) keep both.
    """
    import pycountry

    known: dict[str, tuple[Region, ...]] = {}

    def add(word: str, region: Region, both: bool = False) -> None:
        key = _fold(word)
        if both and key in known and region not in known[key]:
            known[key] += (region,)
        else:
            known.setdefault(key, (region,))

    for part in (part for part in pycountry.subdivisions if part.country_code == "US"):
        region = Region(part.code, part.name)
        for word in (part.name, part.code, part.code[3:]):
            add(word, region)
    for country in pycountry.countries:
        name = getattr(country, "common_name", country.name)
        region = Region(country.alpha_2, name)
        for word in (name, country.name, getattr(country, "official_name", name), f"{name} (country)", country.alpha_3):
            add(word, region)
        add(country.alpha_2, region, both=True)
    # One law for two of the four countries; ISO 3166-2 has it, the data package leaves it out.
    england_and_wales = Region("GB-EAW", "England and Wales")
    for word in (england_and_wales.name, england_and_wales.code):
        add(word, england_and_wales)
    for part in pycountry.subdivisions:
        region = Region(part.code, part.name)
        add(part.code, region)
        if part.country_code in ("CA", "AU", "GB", "DE", "CH", "MX"):
            add(part.name, region)
    return known


def read_region(text: str) -> Region:
    """Read the name or ISO 3166 code of a state, province or country; a name keeps the spelling it was given."""
    plain = text.strip()
    found = regions().get(_fold(plain), ()) if len(plain) <= 100 else ()
    if not found:
        names = [region.name for known in regions().values() for region in known]
        raise Unreadable(
            f'"{shown(text)}" is not a state, province or country we know',
            nearest(plain[:100], names) or 'write its name or its ISO code, as in "Massachusetts" or "US-MA"',
        )
    if len(found) > 1:
        raise Unreadable(f'"{plain}" can mean ' + " or ".join(region.name for region in found), "write the whole name")
    region = found[0]
    same_name = _fold(plain) == _fold(region.name)
    return Region(region.code, plain) if same_name and plain != plain.lower() else region


@cache
def known_codes() -> frozenset[str]:
    """Return the ISO 3166 codes of all countries and their parts."""
    return frozenset(region.code for found in regions().values() for region in found)


def name_of_code(code: str) -> str:
    """Return a name that `read_region` understands as the region of an ISO 3166 code, or the code itself."""
    same = (region for found in regions().values() for region in found if region.code == code)
    names = (name for region in same for name in (region.name, f"{region.name} (country)"))
    return next((name for name in names if [r.code for r in regions().get(_fold(name), ())] == [code]), code)


@cache
def region_names() -> tuple[str, ...]:
    """Return the names that `read_region` understands, for completing while one types."""
    known = regions()
    found = {region.name for same in known.values() for region in same}
    return tuple(sorted(name for name in found if len(known.get(_fold(name), ())) == 1))
