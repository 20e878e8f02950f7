"""What rules on law and trade know of a deal: who pays whom, who is restrained, what a dealer or a venture lives on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

from agreementgen.core.counting import add
from agreementgen.core.places import country_of
from agreementgen.core.values import Choice, Money, Percent
from agreementgen.deal.deal import find_fact
from agreementgen.deal.lasting import find_term, find_whole_length, has_no_fixed_end
from agreementgen.deal.questions import Facts, FactsView
from agreementgen.dealcheck.measured_facts import days_of, number_of
from agreementgen.dealcheck.name_facts import form_in_name
from agreementgen.dealcheck.party_facts import code_of_region, region_in_venue
from agreementgen.dealcheck.patterns import WordPattern

UNINCORPORATED = ("individual", "sole proprietor", "LLC", "LP", "LLP", "general partnership")
# Kinds of health care with a law of their own on pay for referrals (18 USC 220).
_CARE_OF_ITS_OWN = ("laboratory", "recovery home", "addiction treatment")
# Payments of the first six months count towards a franchise (16 CFR 436.1(s), 436.8(a)(1)).
_FRANCHISE_MONTHS = 6
_ANY_SCOPE = WordPattern(r"\b(?:any|all|every)\b", re.IGNORECASE)
_WIDE_AREA = WordPattern(
    r"\b(?:world|worldwide|global(?:ly)?|nation-?wide|anywhere|everywhere|whole country|U\.?S\.?A?|United States)\b",
    re.IGNORECASE,
)
_FIXES_COMPETITION = WordPattern(
    r"\b(?:same|agreed?|agree on|common|minimum|fixed|lowest|joint) (?:\w+ ){0,2}(?:prices?|rates?|discounts?)\b"
    r"|\b(?:not|never|neither) (?:\w+ ){0,3}(?:bids?|undercuts?|underbids?|quotes?)\b|\bbefore (?:it|they) bids?\b"
    r"|\b(?:divides?|splits?|shares? out|allocates?|(?:keeps?|stays?) (?:out of|away from))\b"
    r" (?:\w+ ){0,4}(?:customers|clients|areas?|territor\w+|count(?:y|ies)|markets?)\b",
    re.IGNORECASE,
)
# Said by firms of different trades, too, this is seldom meant well; "the same discount for both lists" is.
_SPARES_THE_OTHER = WordPattern(
    r"\b(?:not|never|neither|nor)\b[^.;]{0,40}\b(?:bids? against|undercuts?|underbids?)\b"
    r"|\bcharges? (?:no |not )?less than (?:[$€£\d]|the other)"
    r"|\bnot (?:to )?(?:charge|sell|quote) (?:below|less than|under)\b"
    r"|\b(?:neither|nor|not|never)\b[^.;]{0,30}\b(?:sells?|serves?|works?|advertises?)\b[^.;]{0,20}"
    r"\bin the (?:other(?: party|['\u2019]s)?|other one['\u2019]s)['\u2019]?s? "
    r"(?:area|territory|side|part|county|city|town)\b",
    re.IGNORECASE,
)
_MARKETING_PLAN = WordPattern(
    r"\btrain(?:s|ed|ing)?\b|\badvertis\w*|\b(?:marketing|sales) (?:plan|method)s?\b|\bcertifi(?:e[ds]|cation)\b",
    re.IGNORECASE,
)
_SERVICES = WordPattern(
    r"\b(?:software|services?|subscriptions?|plans?|licen[cs]es?|editions?|apps?|hosting|cloud|saas|platform|portal"
    r"|insurance|polic(?:y|ies)|training|consulting|advice|courses?|lessons?|classes|workshops?|tickets?|tours?|bookings?"
    r"|memberships?|warrant(?:y|ies)|listings?|advertising|hosted)\b",
    re.IGNORECASE,
)
_GOODS = WordPattern(
    r"\b(?:goods|machin\w*|equipment|furniture|food|coffee|tea|wines?|beers?|spirits|tools?|parts|hardware|devices?"
    r"|appliances?|clothing|clothes|shoes|toys|books|bicycles|bikes|cars|trucks|tractors?|boats?|lamps?|chairs?|tables"
    r"|knives|cookware|mixers?|ovens?|pumps?|filters?|cosmetics|soaps?|candles?|ceramics)\b",
    re.IGNORECASE,
)
_DEALER_GOODS = WordPattern(
    r"\b(?:cars?|trucks?|motor ?cycles?|motor vehicles?|vehicles?|tractors?|farm (?:machine\w*|equipment)|trailers?"
    r"|boats?|excavators?|(?:building|construction) (?:machine\w*|equipment)|wines?|beers?|spirits|liquors?)\b",
    re.IGNORECASE,
)
_FOOD = WordPattern(
    r"\b(?:foods?|produce|greens|salads?|fruits?|vegetables?|herbs?|meat|poultry|fish|seafood|shellfish|oysters?|milk"
    r"|cheeses?|dairy|bread|coffee|tea|honey|syrup|eggs?|juices?|sauces?|beans?|nuts?|flour|grains?|beverages?|wines?"
    r"|beers?|spices?|chocolate)\b",
    re.IGNORECASE,
)
_WHO_MAY_BUY = r"(?:customers|clients|leads?|prospects|people|owners|members|guests|subscribers)"
_CALLS = WordPattern(
    r"^(?:calls|texts|phones|telephones)\b(?! (?:\w+ ){0,3}(?:meetings?|reviews?)\b| back\b"
    r"| (?:the |its |each |their |a )?(?:driver|managers?|staff|crew|office|kitchen|warehouse|supplier|buyer|vendor"
    r"|partner|other part(?:y|ies)|each other)\b)"
    r"|\bcold[- ]calls?\b|\btelemarketing\b|\brobo-?calls?\b|\bautodial\w*"
    rf"|\b(?:SMS|text messages?)\b(?=.*\b{_WHO_MAY_BUY}\b)|\b{_WHO_MAY_BUY}\b.*\b(?:SMS|text messages?)\b"
    rf"|\b(?:calls?|texts?|phones?|telephones?) (?:\w+ ){{0,2}}{_WHO_MAY_BUY}\b",
    re.IGNORECASE,
)
# Calls that a customer waits for: about a visit that was agreed, or in answer.
_AWAITED_CALLS = WordPattern(
    r"\b(?:before|after|ahead of) (?:a|an|each|every|the|its|their) "
    r"(?:visit|delivery|appointment|repair|pick-?up|installation|service|event)s?\b"
    r"|\b(?:calls?|phones?) (?:\w+ )?back\b|\b(?:answers?|takes?) (?:\w+ )?calls\b",
    re.IGNORECASE,
)
# A client whom the other party introduces has said that it wants to be called.
_CALLS_TO_LEADS = WordPattern(
    r"\b(?:calls?|phones?|telephones?) (?:\w+ ){0,2}"
    r"(?:leads?|(?:introduced|referred) (?:clients?|customers?|people))\b",
    re.IGNORECASE,
)
_MAIL = WordPattern(
    r"\be-?mails?\b|\bnewsletters?\b|\binvit(?:es?|ations?)\b|\bmailings?\b|\bmailing list\b|\bwebinars?\b"
    r"|\bsubscribers?\b|\bregistrants?\b",
    re.IGNORECASE,
)
_BARS_HIRING = WordPattern(
    r"\b(?:not|never|neither|nor)\b(?: [\w'\u2019]+){0,4}? (?:hires?|employs?|engages?)\b(?: [\w'\u2019]+){0,4}? "
    r"(?:staff|employees?|people|workers?|team|crews?|stylists?|trainers?)\b|\bno[- ]hire\b",
    re.IGNORECASE,
)
_FEDERAL_PROGRAMS = WordPattern(
    r"(?<!\bno )(?<!\bnot )(?<!\bwithout )(?<!\bexcept )(?<!\bexcluding )(?<!\bnon-)(?<!\bthan )"
    r"\b(?:Medicare|Medicaid|TRICARE|CHIP patients)\b(?! (?:patients )?(?:is |are )?(?:excluded|excepted))",
    re.IGNORECASE,
)
_CALIFORNIA = WordPattern(r"\bCalifornia\b|, CA\b")
_SALES_SHARE = WordPattern(r"\b(?:portion|share|part|percent\w*|%) of (?:\w+ ){0,3}(?:sales?|proceeds|price)\b")
_NO_OPERATING_AGREEMENT = WordPattern(
    r"\b(?:no|without|not? need\w*|instead of)(?: an?)? (?:separate )?operating agreement"
)
_HOURS = WordPattern(
    r"\b(?:hours a (?:day|week)|full[- ]time|exclusively for|works? only for|fixed hours|office hours)\b", re.IGNORECASE
)


def describe_law(facts: FactsView, parties: tuple[Facts, ...], states: frozenset[str]) -> Facts:
    """Return the derived facts `check.*` that rules of law and trade ask for; None where a fact is not given."""
    venue = region_in_venue(str(facts.get("venue") or ""))
    seat = region_in_venue(str(find_fact("disputes.seat", facts) or ""))
    duties = tuple(_each_duty(facts))
    special = " ".join(str(text) for text in facts.get("special_terms") or ()).casefold()
    talks = _sum_of_known_days(facts, "disputes.talks", "disputes.mediation")
    notice = days_of(find_fact("termination.notice", facts))
    return {
        "in_us": any(country_of(code) == "US" for code in states),
        "only_in_us": all(any(country_of(code) == "US" for code in party["states"]) for party in parties),
        "courts_outside_nc": any(place not in ("", "US", "US-NC") for place in (venue, seat)),
        "federal_programs": _may_be_paid_by_federal_programs(facts, parties, duties),
        "special_care": any(party.get("kind_of_care") in _CARE_OF_ITS_OWN for party in parties),
        "payments": tuple(_each_payment(facts, parties)),
        "field_count": _count_fields(parties),
        "bound_persons": any(party["is_person"] and party["non_compete_binds"] for party in parties),
        "bars_hiring": any(_BARS_HIRING.search(text) for text in (*duties, special)),
        "lapsing_licenses": _name_lapsing_licenses(parties, _last_day(facts)),
        "says_calls": any(_CALLS.search(text) and not _is_awaited(text, facts) for text in duties),
        "sends_mail": any(_MAIL.search(text) for text in (*duties, special, *_each_goal_of_campaigns(facts))),
        "compete": tuple(_each_answer_that_they_compete(facts)),
        "fixes_competition": any(_FIXES_COMPETITION.search(text) for text in (*duties, special)),
        "spares_the_other": any(_SPARES_THE_OTHER.search(text) for text in (*duties, special)),
        "works_by_the_hour": any(_HOURS.search(text) for text in (*duties, special)),
        "talks_days": talks,
        "talks_exceed_notice": talks is not None and notice is not None and talks > notice * 2,
        "both_share": _do_both_share(facts),
        "thin_data": _is_data_thin(facts),
        "shares_sales": bool(_SALES_SHARE.search(" ".join((*duties, special)).casefold())),
        "denies_operating_agreement": bool(_NO_OPERATING_AGREEMENT.search(special)),
        "position_against_mutual": _is_one_sided(facts, "confidentiality"),
        "liability_one_sided": _is_worded_for_one(facts, "liability"),
        "indemnity_one_sided": _is_one_sided(facts, "indemnity"),
        **_describe_non_compete(facts),
        **_describe_dealer(facts, parties, duties),
        **_describe_venture(facts),
        **_describe_goods(facts),
    }


def _is_awaited(text: str, facts: FactsView) -> bool:
    """Return whether a customer waits for the call that a duty speaks of."""
    has_leads = find_fact("leads.direction", facts) is not None
    return bool(_AWAITED_CALLS.search(text) or (has_leads and _CALLS_TO_LEADS.search(text)))


def _each_goal_of_campaigns(facts: FactsView) -> Iterator[str]:
    for campaign in find_fact("campaigns.planned", facts) or ():
        yield f"{campaign.get('name')} {campaign.get('goal')}"


def _may_be_paid_by_federal_programs(facts: FactsView, parties: tuple[Facts, ...], duties: tuple[str, ...]) -> bool:
    """Return whether a party says so; where none was asked, whether the deal names such a program."""
    answers = [party.get("federal_programs") for party in parties]
    if any(answer is not None for answer in answers):
        return any(answers)
    scope = facts.get("scope") or {}
    said = (scope.get("purpose"), scope.get("customers"), *(scope.get("included") or ()), *duties)
    return any(_FEDERAL_PROGRAMS.search(str(text)) for text in said if text)


def _each_duty(facts: FactsView) -> Iterator[str]:
    """Yield what each party does and provides, and the kinds of campaigns."""
    for name in ("responsibilities", "resources"):
        for entry in facts.get(name) or ():
            yield from (str(text) for text in entry["said"] or ())
    for campaign in find_fact("campaigns.planned", facts) or ():
        yield str(campaign.get("kind") or "")


def _sum_of_known_days(facts: FactsView, *names: str) -> Decimal | None:
    found = [days for name in names if (days := days_of(find_fact(name, facts))) is not None]
    return sum(found, Decimal(0)) if found else None


def _count_fields(parties: tuple[Facts, ...]) -> dict[str, int]:
    counted = Counter(str(field).replace(" ", "_") for party in parties for field in party["fields"])
    return {name: counted.get(name, 0) for name in ("alcohol", "legal", "mortgage_settlement", "real_estate")}


def _is_one_sided(facts: FactsView, topic: str) -> bool:
    """Return whether one topic alone is worded for one side."""
    own = find_fact(f"position_by_topic.{topic}", facts)
    return own in ("pro-first", "pro-second") and own != facts.get("position")


def _is_worded_for_one(facts: FactsView, topic: str) -> bool:
    """Return whether a topic is worded for one side, alone or with all others."""
    return (find_fact(f"position_by_topic.{topic}", facts) or facts.get("position")) in ("pro-first", "pro-second")


def _each_answer_that_they_compete(facts: FactsView) -> Iterator[Facts]:
    for name in ("exclusivity.competitors", "scope.competitors"):
        if find_fact(name, facts) in ("partly", "yes"):
            yield {"path": name}


def _last_day(facts: FactsView) -> date | None:
    start, length = facts.get("effective"), find_whole_length(facts)
    return add(start, length) if isinstance(start, date) and length is not None else None


def _name_lapsing_licenses(parties: tuple[Facts, ...], end: date | None) -> str | None:
    """Return the parties whose license for a regulated field ends before the agreement, None where one is not given.

    A deal that starts with a signature has no day to hold them against.
    """
    bound = [party for party in parties if party["fields"]]
    if any(not party.get("license") and not party.get("license_until") for party in bound):
        return None
    lapsing = (party["short"] for party in bound if end and (day := party.get("license_until")) and day < end)
    return " and ".join(str(short) for short in lapsing)


# -- who pays whom


def _each_payment(facts: FactsView, parties: tuple[Facts, ...]) -> Iterator[Facts]:
    """Yield each pair of parties of which one pays the other for referrals, or shares revenue with it."""
    model = find_fact("financial.model", facts)
    leads = find_fact("leads.direction", facts)
    if model not in ("referral fee", "commission", "revenue share"):
        return
    payee = find_fact("leads.referrer.short", facts) if leads == "one-way" else None
    if model == "commission":
        payee = find_fact("partner.short", facts)
    fees = find_fact("financial.fees", facts) or ()
    payers = {str(find_fact("paid_by.short", one)) for one in fees if one.get("paid_by")}
    pays_by_name = bool(fees) and all(one.get("paid_by") for one in fees)
    for payer, paid in permutations(parties, 2):
        if (payee and paid["short"] != payee) or (pays_by_name and payer["short"] not in payers):
            continue
        yield {
            "number": payer["number"],
            "payee_number": paid["number"],
            "for_referrals": model != "revenue share" or leads is not None,
            "payer": payer["short"],
            "payee": paid["short"],
            "payer_fields": payer["fields"],
            "payee_fields": paid["fields"],
            "payer_in": payer["lies_in"],
            "payee_in": paid["lies_in"],
            "payee_named": paid["named"],
            "payee_attests": bool(paid.get("attests")),
            "payee_is_person": paid["is_person"],
            "payee_is_unincorporated": paid.get("entity") in UNINCORPORATED
            and any(country_of(code) == "US" for code in paid["states"]),
        }


# -- restraints


def _describe_non_compete(facts: FactsView) -> Facts:
    covenant = find_fact("restrictions.non_compete", facts)
    if not isinstance(covenant, Mapping):
        return {"non_compete_ends": None, "non_compete_is_wide": False}
    # "While this agreement lasts" ends with it.
    length = Decimal() if isinstance(covenant.get("length"), Choice) else days_of(covenant.get("length"))
    term = days_of(find_whole_length(facts))
    effective = facts.get("effective")
    ends = None
    if length is not None and term is not None and isinstance(effective, date):
        last = effective + timedelta(days=int(term + length))
        ends = last.year * 10000 + last.month * 100 + last.day
    activity = str(covenant.get("activity") or "")
    wide = len(activity.split()) > 12 and bool(_ANY_SCOPE.search(activity))
    return {
        "non_compete_ends": ends,
        "non_compete_is_wide": wide or _is_whole_country(str(covenant.get("area") or "")),
    }


def _is_whole_country(area: str) -> bool:
    region = region_in_venue(area)
    return bool(_WIDE_AREA.search(area)) or ("," not in area and len(region) == 2)


# -- dealers


def _describe_dealer(facts: FactsView, parties: tuple[Facts, ...], duties: tuple[str, ...]) -> Facts:
    partner = find_fact("partner.short", facts)
    vendor = find_fact("vendor.short", facts)
    products = str(find_fact("channel.products", facts) or "")
    tiers = tuple(str(tier.get(key) or "") for tier in find_fact("tiers.levels", facts) or () for key in _TIER_TEXTS)
    ends = find_fact("termination.only_by.short", facts)
    notice = days_of(find_fact("termination.notice", facts))
    return {
        "dealer": next((party for party in parties if partner and party["short"] == partner), None),
        "partner_pays": _first_payments(facts),
        "gives_a_plan": any(_MARKETING_PLAN.search(text) for text in (*duties, *tiers)),
        "dealer_invests": bool(find_fact("minimums.minimum", facts) or find_fact("stock.held", facts))
        or find_fact("exclusivity.kind", facts) in ("one-way", "mutual"),
        "vendor_may_end": bool(vendor and find_fact("termination.convenience", facts)) and ends != partner,
        "agent_notice_is_short": notice is not None and notice < _least_agent_notice(facts),
        "sells_goods": bool(products) and _are_goods(facts, products),
        "dealer_goods": bool(_DEALER_GOODS.search(products)),
    }


_TIER_TEXTS = ("benefits", "commitments")


def _first_payments(facts: FactsView) -> Decimal | None:
    """Return what a partner pays in the first six months besides its orders, stock at wholesale prices left out."""
    paid = Decimal(0)
    for entry in find_fact("prices.partner_pays", facts) or ():
        amount = entry.get("amount")
        if not isinstance(amount, Money) or amount.currency != "USD" or entry.get("inventory"):
            continue
        paid += amount.amount * (_FRANCHISE_MONTHS if entry.get("how_often") == "monthly" else 1)
    return paid or None


def _are_goods(facts: FactsView, products: str) -> bool:
    """Return whether what a partner sells can be touched, as far as its words and its stock show."""
    if find_fact("stock.held", facts) or find_fact("channel.model", facts) == "distributor":
        return True
    if _GOODS.search(_without_names(facts, products)):
        return True
    about = (products, find_fact("scope.purpose", facts), find_fact("channel.customer_terms", facts))
    return not any(_SERVICES.search(str(text or "")) for text in about)


def _without_names(facts: FactsView, text: str) -> str:
    """Return a text without the names of parties: River Tools may well sell software."""
    names = []
    for party in facts["parties"]:
        name = str(party["name"]).strip()
        names += [name.removesuffix(form_in_name(name)[0]).rstrip(" ,"), str(party["short"])]
    return re.sub("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)), "", text)


def _least_agent_notice(facts: FactsView) -> Decimal:
    """Return the notice of European law in days: one, two, three months in the first, second, third year."""
    if has_no_fixed_end(facts):
        return Decimal("30.4") * 3
    term = days_of(find_term(facts)) or Decimal(0)
    return Decimal("30.4") * (1 if term <= 368 else 2 if term <= 733 else 3)


# -- ventures


def _describe_venture(facts: FactsView) -> Facts:
    venture = facts.get("venture") or {}
    shares = [share for part in find_fact("ownership.shares", facts) or () if (share := part.get("share"))]
    votes = find_fact("governance.votes", facts)
    given: dict[str, Decimal] = {}
    kinds: dict[str, set[str]] = {}
    for entry in find_fact("contributions.promised", facts) or ():
        short = entry["party"]["short"]
        given[short] = given.get(short, Decimal(0)) + (number_of(entry.get("value")) or Decimal(0))
        kinds.setdefault(short, set()).add(str(entry.get("kind")))
    least = min(given.values(), default=Decimal(0))
    return {
        "builds_in_california": code_of_region(venture.get("place")) == "US-CA"
        or bool(_CALIFORNIA.search(str(venture.get("project") or ""))),
        "equal_votes": bool(shares) and (votes == "one each" or len(set(shares)) == 1),
        "contribution_ratio": max(given.values()) / least if least and len(given) > 1 else None,
        "investors": tuple(_each_investor(facts, kinds, len(shares))),
    }


def _each_investor(facts: FactsView, kinds: Mapping[str, set[str]], count: int) -> Iterator[Facts]:
    """Yield the parties that give money alone, do not manage, and cannot stop a decision."""
    manager = find_fact("governance.manager", facts)
    if not isinstance(manager, Mapping) or find_fact("governance.consent", facts) == "unanimous":
        return
    for part in find_fact("ownership.shares", facts) or ():
        short, share = part["party"]["short"], part.get("share")
        by_share = find_fact("governance.votes", facts) != "one each"
        votes = share.number if by_share and isinstance(share, Percent) else Decimal(100) / max(count, 1)
        if short != manager.get("short") and kinds.get(short) == {"cash"} and votes < 50:
            yield {"short": short}


# -- goods


def _describe_goods(facts: FactsView) -> Facts:
    items = find_fact("goods.items", facts) or ()
    words = " ".join(f"{item.get('item') or ''} {item.get('specification') or ''}" for item in items)
    return {
        "goods_have_minimum": bool(items) and all(item.get("minimum") for item in items),
        "goods_have_expected": bool(items) and all(item.get("expected") or item.get("minimum") for item in items),
        "goods_have_maximum": any(item.get("maximum") for item in items),
        "is_food": bool(_FOOD.search(words)),
    }


# -- data and confidence


def _is_data_thin(facts: FactsView) -> bool:
    said = [find_fact(name, facts) for name in ("data.purpose", "data.categories")]
    return bool(find_fact("data.shared", facts)) and any(len(str(text or "").split()) < 3 for text in said)


def _do_both_share(facts: FactsView) -> bool:
    providers = [entry for entry in facts.get("resources") or () if entry["said"]]
    return (
        find_fact("leads.direction", facts) == "two-way" or bool(find_fact("data.shared", facts)) or len(providers) > 1
    )
