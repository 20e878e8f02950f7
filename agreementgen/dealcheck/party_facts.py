"""What rules know of each party: where it is, where it is registered, what binds it, how much it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from agreementgen.core.places import code_in_address, code_of_place, country_of, name_of_region
from agreementgen.core.values import Region
from agreementgen.deal.deal import find_fact
from agreementgen.deal.questions import Facts, FactsView
from agreementgen.dealcheck.measured_facts import Settled
from agreementgen.dealcheck.rules import LawData

PERSONS = ("individual", "sole proprietor")


def code_of_region(region: object) -> str:
    """Return the ISO 3166 code of a region ("US-CA"), "" for anything else."""
    return region.code if isinstance(region, Region) else ""


# -- places


def region_in_venue(venue: str) -> str:
    return code_of_place(venue)


def is_same_region(law: str, state: str) -> bool:
    return law == state or law.split("-")[0] == state or state.split("-")[0] == law


def with_countries(codes: Iterable[str]) -> frozenset[str]:
    """Return states and provinces with their countries: who is in Ontario is in Canada."""
    known = frozenset(codes)
    return known | {country_of(code) for code in known}


def name_one(regions: frozenset[str], places: frozenset[str]) -> str:
    """Return the name of the first of `places` that is one of `regions`, "" where there is none."""
    found = sorted(regions & places)
    return _name_of(found[0]) if found else ""


@cache
def _name_of(code: str) -> str:
    return name_of_region(code)


# -- parties


def is_foreign(state: str, home: str) -> bool:
    """Return whether a company formed in `home` is a foreign one in `state`, as states of the US call it."""
    return bool(home) and state.startswith("US-") and state != home


def describe_party(number: int, party: FactsView, data: LawData, facts: FactsView) -> Facts:
    entity = str(party.get("entity") or "")
    states = frozenset(
        code
        for code in (
            *(code_of_region(region) for region in party.get("operates_in") or ()),
            code_of_region(party.get("formed_in")),
            code_in_address(str(party.get("address") or "")),
        )
        if code
    )
    places = with_countries(states)
    home = code_of_region(party.get("formed_in"))
    foreign = [region.name for region in party.get("operates_in") or () if is_foreign(region.code, home)]
    registered = [region.name for region in party.get("registered_in") or ()]
    covenant = find_fact("restrictions.non_compete", facts)
    bound = covenant.get("bound") if isinstance(covenant, Mapping) else None
    is_bound = covenant is not None and (not isinstance(bound, Mapping) or bound.get("short") == party["short"])
    duties = [entry for entry in facts.get("responsibilities") or () if entry["party"]["short"] == party["short"]]
    return {
        **party,
        "number": number,
        "is_person": entity in PERSONS,
        "states": states,
        "lies_in": Settled((name, bool(regions & places)) for name, regions in data.regions.items()),
        "named": Settled((name, name_one(regions, places)) for name, regions in data.regions.items()),
        "foreign_states": " and ".join(foreign),
        "unregistered_states": " and ".join(name for name in foreign if name not in registered) if registered else "",
        "fields": tuple(party.get("regulated_fields") or ()),
        "non_compete_binds": is_bound,
        "duties": sum(len(entry["said"]) for entry in duties),
    }
