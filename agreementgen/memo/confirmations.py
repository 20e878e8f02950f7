"""What no program can know of a deal, as things for a person to confirm: derived from the deal's own answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from agreementgen.core.values import Region
from agreementgen.deal.deal import Deal, Party, find_fact
from agreementgen.deal.signatories import PERSONS
from agreementgen.dealcheck.judging import DealReport
from agreementgen.memo.wording import value_in_words


def list_confirmations(deal: Deal, report: DealReport, needs: Iterable[str]) -> Iterator[str]:
    """Yield what somebody has to confirm; `needs` are facts that rules had to know and nobody gave, in words."""
    for party in deal.parties:
        yield from _each_of_party(party)
    yield from _each_of_law(deal)
    yield from _each_of_terms(deal)
    for finding in report.findings:
        if finding.override:
            yield f"The override of {finding.rule.id} by {finding.override.reviewer} still stands"
    for need in dict.fromkeys(needs):
        yield f"Not given: {need[:1].lower()}{need[1:]}"


def _each_of_party(party: Party) -> Iterator[str]:
    facts, short = party.facts, party.short
    for key in ("signatory", "second_signatory"):
        signer = facts.get(key)
        if isinstance(signer, Mapping) and signer.get("authority_confirmed") is not True:
            yield f"Authority: {signer['name']} may sign for {short}"
    if str(facts.get("entity")) in PERSONS:
        yield f"Identity: {party.name} is of age and signs in person"
    else:
        number = facts.get("registration_number")
        told = f", no. {number}" if number else ""
        place = facts.get("formed_in")
        where = f" in {place.name}" if isinstance(place, Region) else ""
        yield f"Registered{where}: {party.name}{told}"
    fields = facts.get("regulated_fields") or ()
    for field in fields:
        yield f"Licenses: {short} holds those for {field}, and its rules allow this deal"
    if not fields:
        yield f"Licenses: {short} needs none (no regulated field is named)"
    if not facts.get("operates_in"):
        yield f"Where {short} operates (not given): registered and taxed there"


def _each_of_law(deal: Deal) -> Iterator[str]:
    facts = deal.facts
    law = facts.get("law")
    if isinstance(law, Region):
        yield f"The law of {law.name} is the parties’ own choice"
    if facts.get("venue"):
        yield f"The courts of {facts['venue']} suit each party"
    if not isinstance(facts.get("effective"), date):
        yield "The day of the last signature, on which the agreement begins"


# Facts that call for a look at something outside the deal, and at what; {value} is the fact.
_LOOKS = (
    ("liability.insurance", "Insurance: certificates are seen for {value}"),
    ("liability.cap", "Limit of liability: understood by each party, and bearable"),
    ("leads.a_month", "Figures for leads: the parties’ own estimates, not promises"),
    ("restrictions.non_compete", "Non-compete: allowed where the bound party works, and no wider than needed"),
    ("restrictions.customers", "Protected customers: can be listed when the agreement ends"),
    ("restrictions.staff", "No recruiting of staff: allowed where the staff work"),
    ("data.shared", "Personal data: shared as the parties’ privacy notices say"),
    ("data.consent_source", "Consent to calls and texts is recorded: {value}"),
    ("brand.licence", "Names and logos: each party owns those it lets others use"),
    ("exclusivity.scope", "Exclusivity for {value}: breaks no other agreement of the parties"),
    ("goals", "Goals: can be measured from what the parties record"),
    ("goods", "Goods: may be made, shipped and sold where the agreement says"),
    ("venture.name", "Name of the venture: {value} is free"),
    ("venture.budget", "Budget of {value}: its sources are there"),
    ("contributions.promised", "Contributions: valued as all agree, and free of others’ rights"),
    ("special_terms", "Special terms: mean what the parties want, and contradict no clause"),
)


def _each_of_terms(deal: Deal) -> Iterator[str]:
    for name, says in _LOOKS:
        value = find_fact(name, deal.facts)
        if value in (None, (), False) or str(value) in ("no", "none"):
            continue
        yield says.replace("{value}", value_in_words(value, deal.language))
