"""What rules know of every text that was typed: open places, marks of signing services, other rates and times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from agreementgen.core.problems import quote_text
from agreementgen.core.values import Choice, Duration, Percent
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.deal.questions import Facts, FactsView
from agreementgen.dealcheck.measured_facts import DAYS_IN, WORD_NUMBERS, days_of, is_same_length, read_count
from agreementgen.dealcheck.no_answers import judge_text
from agreementgen.dealcheck.patterns import WordPattern
from agreementgen.dealcheck.restatements import find_restatement

_MOST_QUOTED = 90

# -- places that were left open

# Without one of these signs a text holds none of the next two.
_SIGNS = WordPattern(r"[\[<_?…{}\\/]|lorem", re.IGNORECASE)
_PLACEHOLDER = WordPattern(
    r"\[(?:[^\W\d_][^\[\]]*|[\s.…•●*_-]*)\]|<[^\W\d_][^<>@/:=]*>|_{3,}|\?{2,}|…{2,}|\blorem ipsum\b", re.IGNORECASE
)
# What editors write into square brackets on purpose.
_EDITORS_NOTE = WordPattern(r"\[(?:sic|emphasis added)\]", re.IGNORECASE)
# A remark behind the word it explains: "a list of visitors [count and age group]".
_REMARK = WordPattern(r"(?P<before>[^\W\d_]+) \[(?P<held>[^\[\]]*(?:,| and | or | to )[^\[\]]*)\](?=[\s.;,]|$)")
_BEFORE_BLANK = WordPattern(
    r"(?:a|an|the|its|their|our|by|within|of|to|at|on|in|for|from|with|than|is|are|be|least|most|and|or|per|every|each|"
    r"about|until|before|after)$",
    re.IGNORECASE,
)
_BLANK_WORD = WordPattern(
    r"\b(?:insert|enter|fill|your|our|name|amount|number|date|figure|percentage|address|state|specify|choose|select|x|tb[dc])"
    r"\b",
    re.IGNORECASE,
)
_OPEN_WORD = WordPattern(r"\b(?:TODO|[Tt][Bb][DdCc]|T\.B\.D\.|XX[X/]+X*)(?!\w)|\b20XX\b")
# What stands in forms and examples where a name belongs.
_NAME_OF_NOBODY = WordPattern(
    r"(?:(?:your|our|my|the) (?:company|business|firm|organi[sz]ation|full|legal|own)(?: name)?|"
    r"(?:company|business|firm|organi[sz]ation|entity|party) (?:[A-D1-4]|name|one|two)|(?:first|second|other) party|"
    r"(?:xyz|abc|abcd|foo|foobar)(?: (?:company|corporation|business|firm|enterprises))?|"
    r"(?:john|jane) (?:q\. )?(?:doe|public)|first ?name last ?name|first last)"
    r"(?:,? (?:llc|l\.l\.c\.|inc\.?|corp\.?|co\.?|ltd\.?|gmbh))?",
    re.IGNORECASE,
)
_SIGNING_MARK = WordPattern(
    r"\{\{|\}\}|\[\[|\]\]|\{%|%\}|\\[a-z]{1,3}\d\\|(?<![\w.])/[a-z]{2}\d/|\bsig_es_|\[(?:sig|signature|initials?|date|text)[:|]",
    re.IGNORECASE,
)

# -- values in the wrong line

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NUMBER = r"\d[\d.,' ]*"
_DATE = WordPattern(
    rf"\d{{4}}-\d\d?-\d\d?|\d\d?[./-]\d\d?[./-]\d{{2,4}}|(?:{_MONTHS})[a-z]*\.? \d\d?(?:st|nd|rd|th)?,? \d{{4}}|"
    rf"\d\d?(?:st|nd|rd|th)? (?:{_MONTHS})[a-z]*\.?,? \d{{4}}",
    re.IGNORECASE,
)
_AMOUNT = WordPattern(
    rf"(?:[A-Z]{{3}}|(?:US|CA|A)?[$€£¥]) ?{_NUMBER}(?:k|m| million)?|"
    rf"{_NUMBER}(?: ?[$€£¥]| (?:[A-Z]{{3}}|dollars?|euros?))"
)
_SHARE = WordPattern(rf"{_NUMBER}(?:%| ?percent)", re.IGNORECASE)
_TIME = WordPattern(r"\d+[ -](?:hours?|days?|weeks?|months?|years?)", re.IGNORECASE)
_DIGITS = WordPattern(r"[\W\d_]*\d[\W\d_]*")
_TELEPHONE_DIGITS = 7
_NAMES = ("name", "short", "address", "email", "signatory.name", "second signatory.name")
_NO_FIGURES = ("name", "short", "contact", "signatory.name", "second signatory.name")
_PARTY_PATH = WordPattern(r"^parties\.\d+\.")

# -- what duties promise besides the answers

_PROFIT = WordPattern(
    r"(?<!non-)(?<!not-for-)(?<!for-)\b"
    r"(?:profits?(?![ -](?:and[ -]loss\b|centers?))|net income|net earnings|earnings)\b",
    re.IGNORECASE,
)
_SHARING = WordPattern(
    r"%|\b(?:percent|shares?|split|half|third|quarter of|equally|pays?|paid|portion|part|divides?|gives?|gets?|"
    r"receives?|distributes?|"
    r"of (?:its|the|their|all|our|each)? ?(?:net |joint |own )*(?:profits?|earnings|net income))\b",
    re.IGNORECASE,
)
# "Talks about profit", "a client asks about cash and profit".
_NO_SHARING = r"(?:(?!\b(?:pays?|paid|shares?|splits?|gives?|gets?|receives?|half|third|tenth|part of)\b)[^%\d]){0,40}?"
_TALK_OF = WordPattern(
    r"\b(?:asks?|talks?|speaks?|advises?|advice|questions?|discussions?|tells?|teach\w*|reports?|writes?|views?|class(?:es)?|"
    rf"training|explains?|learns?|workshops?)\b{_NO_SHARING}\babout\b{_NO_SHARING}$",
    re.IGNORECASE,
)
_EXCLUSIVE = WordPattern(
    r"(?<!non-)(?<!non)(?<!not )(?<!no )\b(?:exclusively (?:to|with|from|through|by)|exclusivity|"
    r"exclusive basis|(?:is|are|be) exclusive(?! of)|exclusively(?=[.]?$)|"
    r"(?:exclusive|sole) (?:[\w-]+ ){0,2}(?:agents?|agency|suppliers?|distributors?|dealers?|resellers?|partners?|firm|"
    r"providers?|sellers?|source|buyers?|rights?|representatives?|vendors?|territory|relationship|arrangement)\b(?!['\u2019])|"
    r"(?:to|with) (?:no one|nobody) else|no other (?:partner|supplier|vendor|reseller|agency|agent|firm|party))\b",
    re.IGNORECASE,
)
_ONLY_FOR = WordPattern(r"\b(?:only (?:to|with|from|through|for)|nobody but|no one but) ")
_NO_COMPETING = WordPattern(
    r"\bnon-?compete\b|\b(?:not|never) (?:to )?compete\b(?! (?:in|on) prices?\b"
    r"| in (?:[\w'\u2019]+ ){0,3}(?:raffles?|contests?|races?|tournaments?|matches|games?|leagues?|awards?)\b)"
    r"|\bno compet(?:ing|ition)\b",
    re.IGNORECASE,
)
_PARTNERS = WordPattern(r"\b(?:partnership|partners(?! with (?!liab|unlimited)))\b", re.IGNORECASE)
_ALL_FOR_ONE = WordPattern(r"\bjoint(?:ly)? and several(?:ly)?\b|\b(?:general|equal) partners\b", re.IGNORECASE)
_ANSWERING = WordPattern(
    r"\b(?:liable for|liability for|on behalf of|answers? for|debts? of|binds? the)\b", re.IGNORECASE
)

# -- other rates, times and rhythms

_LENGTH = WordPattern(
    rf"\b(\d{{1,3}}|{'|'.join(WORD_NUMBERS)})[ -](?:business |working |calendar )?(day|week|month|year)s?\b",
    re.IGNORECASE,
)
_RATE = WordPattern(r"(?<![\d.])(\d{1,3}(?:\.\d+)?) ?(?:%|percent\b)", re.IGNORECASE)
_PAY = WordPattern(
    r"\b(?:pays?|paid|payable|payments?|settles?|reimburses?|"
    r"(?:fees?|invoices?|commissions?) (?:is|are|become|falls?) due|"
    r"(?:sends?|issues?|delivers?|provides?) (?:[\w']+ ){0,4}statements?|statements? (?:is|are) (?:sent|issued))\b",
    re.IGNORECASE,
)
# What a party pays to others than the parties: its speakers, its growers, a deposit for the hall.
_OUTSIDE_PAY = WordPattern(
    r"\b(?:pays?|paid|reimburses?|settles?) (?:for )?"
    r"(?:(?:its|their|the|all|each|any|own|out|back|unused|small|invoices of|bills of) )*"
    r"(?:\w+ )?(?:speakers?|growers?|farmers?|staff|crews?|employees?|drivers?|workers?|(?:sub)?contractors?|"
    r"freelancers?|"
    r"artists?|musicians?|players|testers?|makers|trainers?|teachers?|caterers?|landlords?|rents?|wages|"
    r"salar(?:y|ies)|taxes|insurance|premiums?|(?:security )?deposits?|customs|duty|electricity|utilit(?:y|ies)|"
    r"claims|complaints|disputes)\b|"
    # "The printer's invoice", "pays for posters": a third party is paid.
    r"\b(?!(?:buyer|supplier|vendor|partner|party|other)['\u2019])(?-i:[a-z])[\w-]+['\u2019]s? (?:own )?"
    r"(?:invoices?|bills?)\b|"
    r"\bpays? for (?:\w+ ){0,2}(?:printing|posters|flyers|leaflets|advertis\w+|food|drinks|materials?|travel|fuel|"
    r"postage|repairs|permits?|equipment|tools|cleaning|parking|photograph\w*)\b|"
    r"\b(?:invoices|bills) of (?!the other|each other|(?:the )?(?:buyer|supplier|vendor|partner|part(?:y|ies))\b|"
    r"(?-i:[A-Z]))",
    re.IGNORECASE,
)
_VENTURE_PAY = WordPattern(r"\b(?:distribut\w+|profits?|shares?|statements?|preferred return)\b", re.IGNORECASE)
_TAX_RATE = WordPattern(
    r"\d[\d.]* ?% (?:of )?(?:VAT|GST|HST|(?:sales )?tax)\b|\b(?:VAT|GST|HST|tax) (?:at|of) \d[\d.]* ?%", re.IGNORECASE
)
_AND_PAYS = WordPattern(r",? and (?=pays?\b)", re.IGNORECASE)
_CHARGED = WordPattern(
    r"\bcharges? (?:its |the |their |all |each )*(?:customers?|clients?|guests?|members?)\b", re.IGNORECASE
)
_FEE = WordPattern(
    r"\b(?:fees?|commissions?|(?:revenue|profit|its|the|a) shares?(?! of)|"
    r"shares? of (?:[\w'%-]+ ){0,6}(?:revenues?|sales?|prices?|payments?|proceeds|income|receipts|turnover|takings|"
    r"fees?|commissions?|profits?|orders?|invoices?|bills?|money|amounts?|everything|what|value)|"
    r"\d ?%? of (?:the )?revenue)\b",
    re.IGNORECASE,
)
_DISCOUNT = WordPattern(r"\bdiscounts?\b", re.IGNORECASE)
_TO_CUSTOMERS = WordPattern(r"\b(?:customers?|clients?|guests?|members?|subscribers?|buyers?)\b", re.IGNORECASE)
# A special term that changes a figure for one case, and says so.
_FOR_A_CASE = WordPattern(
    r"\b(?:for|on) (?:clients?|customers?|leads?|deals?|orders?|members?) "
    r"(?:won|introduced|signed|registered|accepted|placed|named|known|from)\b|"
    r"\b(?:until|during|instead of|except for|in place of)\b",
    re.IGNORECASE,
)
_SENTENCE_END = WordPattern(r"[.;](?=\s|$)")
# Reports of what is paid for; those of incidents, or to a board of its own, have a rhythm of their own.
_PAY_REPORT = WordPattern(
    r"\b(?:statements?|pays?|paid|settles?|(?:weekly|monthly|quarterly|yearly) reports?|"
    r"reports? (?:to (?:each other|the other party) )?(?:weekly|monthly|quarterly|yearly|annually|each|every)|"
    r"reports? (?:[\w'-]+ ){0,3}(?:outcomes?|results?|revenues?|sales|figures|numbers|amounts|earnings|fees?|"
    r"commissions?|leads|referrals|clients|customers|orders?|turnover|payments|takings))\b",
    re.IGNORECASE,
)
# "Pays for travel", "the yearly fee of the CRM", "two shows a year" tell no rhythm of paying.
_OTHER_RHYTHM = WordPattern(
    r"\bpa(?:ys?|id) for\b|"
    r"\b(?:weekly|monthly|quarterly|yearly|annual) (?:fees?|dues|subscriptions?|premiums?|rents?) (?:of|for) "
    r"(?!.*\b(?:referr\w+|clients?|leads?|customers?|sales)\b)|"
    r"\b(?:\d+|two|three|four|five|six|ten|twelve) (?!times\b)[\w-]+ (?:[\w-]+ )?an? (?:week|month|quarter|year)\b",
    re.IGNORECASE,
)
_RHYTHMS = {
    "weekly": WordPattern(r"\bweekly\b|\b(?:each|every|a) week\b", re.IGNORECASE),
    "monthly": WordPattern(r"\bmonthly\b|\b(?:each|every|a) month\b", re.IGNORECASE),
    "quarterly": WordPattern(r"\bquarterly\b|\b(?:each|every|a) quarter\b", re.IGNORECASE),
    "yearly": WordPattern(r"\b(?:yearly|annually)\b|\b(?:each|every|a) year\b", re.IGNORECASE),
}
_TIMES = (
    "financial.due", "financial.statement", "financial.window", "financial.clawback", "financial.audit.notice",
    "financial.audit.looking_back", "exit.tail", "termination.notice", "termination.cure", "prices.change_notice",
    "stock.run_off", "distributions.within", "books.within",
)  # fmt: skip
_RATE_GROUPS = (
    "financial.tiers", "financial.revenue_shares", "financial.shared_costs", "tiers.levels", "prices", "financial",
    "ownership.profit", "ownership.shares", "supply_prices", "goods", "stock", "campaigns", "financial.audit",
)  # fmt: skip


@dataclass(frozen=True)
class _Agreed:
    """What the answers say, which the texts are held against."""

    lengths: tuple[Decimal, ...]
    rates: frozenset[Decimal]
    shorts: tuple[str, ...]
    addresses: tuple[str, ...]
    has_prices: bool
    shares_profit: bool
    paid: str
    facts: FactsView


def each_text(deal: Deal) -> Iterator[Facts]:
    """Yield every text that was typed and holds something a rule may mind, with what it holds."""
    agreed = _read_agreed(deal.facts)
    for path, text in _each_typed(deal):
        held = _find_in_text(path, text, agreed)
        if any(held.values()):
            yield {"path": path, "text": text, "excerpt": quote_text(text, _MOST_QUOTED), **_NOTHING, **held}


def _each_typed(deal: Deal) -> Iterator[tuple[str, str]]:
    for answer in deal.answers:
        if answer.typed and not answer.question.type.names_party:
            yield from _texts_of(answer.path, answer.value)
    for role in deal.matrix.roles if deal.matrix else ():
        yield from (("raci.roles", text) for text in (role.name, role.person))
    for task in deal.matrix.tasks if deal.matrix else ():
        yield from (("raci.tasks", text) for text in (task.name, task.phase))


def each_other_rhythm(deal: Deal) -> Iterator[Facts]:
    """Yield the tasks whose phase names another rhythm than a responsibility that they carry out."""
    for task in deal.matrix.tasks if deal.matrix else ():
        rhythm = _rhythm_of(task.phase)
        for duty in task.responsibilities if rhythm else ():
            other = _rhythm_of(duty.text)
            if other and other != rhythm:
                yield {"path": "raci.tasks", "task": task.name, "phase": task.phase, "duty": duty.text}


def _read_agreed(facts: FactsView) -> _Agreed:
    lengths = tuple(length for name in _TIMES if (length := days_of(find_fact(name, facts))) is not None)
    statement, due = (days_of(find_fact(name, facts)) for name in ("financial.statement", "financial.due"))
    if statement and due:
        lengths += (statement + due,)
    model = str(find_fact("financial.model", facts) or "")
    return _Agreed(
        lengths=lengths,
        rates=frozenset(rate for name in _RATE_GROUPS for rate in _each_rate(find_fact(name, facts))),
        shorts=tuple(str(party["short"]).casefold() for party in facts["parties"]),
        addresses=tuple(str(party.get("address") or "") for party in facts["parties"]),
        has_prices=bool(find_fact("prices.discount", facts) or find_fact("tiers.levels", facts)),
        shares_profit=model == "profit and loss",
        paid=str(find_fact("financial.paid", facts) or ""),
        facts=facts,
    )


def _each_rate(value: object) -> Iterator[Decimal]:
    if isinstance(value, Percent):
        yield value.number
    elif isinstance(value, tuple):
        for item in value:
            yield from _each_rate(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key != "party" and isinstance(item, (Percent, tuple)):
                yield from _each_rate(item)


def _find_in_text(path: str, text: str, agreed: _Agreed) -> Facts:
    party_key = _PARTY_PATH.sub("", path) if path.startswith("parties.") else ""
    judged = judge_text(path, text, agreed.addresses)
    held: Facts = {**judged, **_find_open_places(text), **_find_figure(party_key or path, text, agreed)}
    is_open_answer = held.pop("is_open_answer")
    held["is_open"] = held["is_open"] or (is_open_answer and not held["has_placeholder"])
    if party_key in _NO_FIGURES and party_key != "short":
        held["is_name_of_nobody"] = bool(_NAME_OF_NOBODY.fullmatch(text.strip()))
    if path.startswith(("responsibilities", "resources", "special terms")) or path == "financial.shared revenue":
        held |= _find_in_duty(path, text, agreed)
    if any(held.values()):
        is_name = party_key in _NAMES or path == "venue"
        held["is_name"] = is_name
        held["must_be_closed"] = is_name or path in ("scope.purpose", "exclusivity.scope") or path.endswith(".target")
    return held


def _find_open_places(text: str) -> dict[str, bool]:
    has_signs = bool(_SIGNS.search(text))
    has_placeholder = has_signs and bool(_PLACEHOLDER.search(_REMARK.sub(_drop_remark, _EDITORS_NOTE.sub("", text))))
    return {
        "has_placeholder": has_placeholder,
        "is_open": not has_placeholder and bool(_OPEN_WORD.search(text)),
        "has_signing_mark": has_signs and bool(_SIGNING_MARK.search(text)),
    }


def holds_open_place(text: str) -> bool:
    """Return whether a text holds a blank to fill in, or "TBD"."""
    return any(_find_open_places(text)[key] for key in ("has_placeholder", "is_open"))


def _drop_remark(found: re.Match[str]) -> str:
    is_blank = _BEFORE_BLANK.match(found["before"]) or _BLANK_WORD.search(found["held"])
    return found.group() if is_blank else found["before"]


def _find_figure(key: str, text: str, agreed: _Agreed) -> Facts:
    """Return whether a name is a date, an amount, a percentage or a length, and whether it is digits only."""
    line = text.strip()
    if not (key in _NO_FIGURES or key == "venue") or not any(char.isdigit() for char in line):
        return {"is_figure": False, "is_number": False}
    digits = bool(_DIGITS.fullmatch(line))
    is_telephone = key == "contact" and sum(char.isdigit() for char in line) >= _TELEPHONE_DIGITS
    is_figure = any(pattern.fullmatch(line) for pattern in (_DATE, _AMOUNT, _SHARE, _TIME))
    is_in_a_name = any(line in str(party["name"]) and line != party["name"] for party in agreed.facts["parties"])
    return {
        "is_figure": is_figure or (digits and not is_telephone and not (key == "short" and is_in_a_name)),
        "is_number": digits and is_telephone and not is_figure,
    }


_FOUND = (
    "emoji", "lacks_capital", "hedge", "small_form", "is_no_address", "is_one_name", "signs_as_business", "says_little",
    "unit_alone", "is_work", "delivery_term", "is_no_figure", "is_misplaced_figure", "whole_state", "is_bare_venue",
    "is_name", "is_name_of_nobody", "holds_address", "must_be_closed", "has_placeholder", "is_open", "has_signing_mark",
    "is_figure", "is_number",
    "says_profit", "says_exclusive", "says_no_competing", "says_partners_liable", "says_other_time",
    "says_other_rate", "other_rhythm", "restates",
)  # fmt: skip
_NOTHING: Facts = dict.fromkeys(_FOUND, False)


def _find_in_duty(path: str, text: str, agreed: _Agreed) -> Facts:
    sentences = tuple(part for part in _SENTENCE_END.split(text) if part.strip())
    is_special = path.startswith("special terms")
    restated = find_restatement(sentences, agreed.facts) if is_special else None
    is_revenue = path == "financial.shared revenue"
    general = tuple(one for one in sentences if not (is_special and _FOR_A_CASE.search(one)))
    return {
        "says_profit": not agreed.shares_profit and any(_says_profit(one, is_revenue) for one in sentences),
        "says_exclusive": bool(_EXCLUSIVE.search(text)) or _is_only_for_a_party(text, agreed.shorts),
        "says_no_competing": bool(_NO_COMPETING.search(text)),
        "says_partners_liable": not agreed.shares_profit
        and bool(_ALL_FOR_ONE.search(text) or (_PARTNERS.search(text) and _ANSWERING.search(text))),
        "says_other_time": restated is None
        and any(_says_other_time(part, agreed) for one in general for part in _AND_PAYS.split(one)),
        "says_other_rate": restated is None and any(_says_other_rate(one, agreed) for one in general),
        "other_rhythm": _find_other_rhythm(sentences, agreed.paid),
        "restates": restated,
    }


def _says_profit(sentence: str, is_revenue: bool) -> bool:
    told = (
        found for found in _PROFIT.finditer(sentence) if is_revenue or not _TALK_OF.search(sentence[: found.start()])
    )
    return any(told) and (is_revenue or bool(_SHARING.search(sentence)))


def _is_only_for_a_party(text: str, shorts: tuple[str, ...]) -> bool:
    """Return whether a text says "only to Northshore", "only with each other"."""
    plain = text.casefold()
    if any(f"{short} exclusively" in plain for short in shorts):
        return True
    for found in _ONLY_FOR.finditer(plain):
        rest = plain[found.end() :]
        whom = next((name for name in ("the other party", "each other", *shorts) if rest.startswith(name)), None)
        if whom and not rest[len(whom) :].startswith(("'", "\u2019")):
            return True
    return False


def _says_other_time(sentence: str, agreed: _Agreed) -> bool:
    if not agreed.lengths or not _PAY.search(sentence) or _OUTSIDE_PAY.search(sentence):
        return False
    if agreed.shares_profit and not _VENTURE_PAY.search(sentence):
        return False
    lengths = [read_count(number) * DAYS_IN[unit.casefold()] for number, unit in _LENGTH.findall(sentence)]
    return bool(lengths) and not any(is_same_length(one, known) for one in lengths for known in agreed.lengths)


def _says_other_rate(sentence: str, agreed: _Agreed) -> bool:
    rates = [Decimal(number) for number in _RATE.findall(_TAX_RATE.sub("", sentence))]
    if not rates or any(rate in agreed.rates for rate in rates):
        return False
    if _FEE.search(sentence):
        return not _CHARGED.search(sentence)
    return agreed.has_prices and bool(_DISCOUNT.search(sentence)) and not _TO_CUSTOMERS.search(sentence)


def _find_other_rhythm(sentences: tuple[str, ...], paid: str) -> str | None:
    """Return the rhythm of a duty to report or to pay that is not the one in which money is paid, None for none."""
    for sentence in sentences if paid in _RHYTHMS else ():
        rhythm = _rhythm_of(sentence)
        if rhythm and rhythm != paid and _PAY_REPORT.search(sentence) and not _OTHER_RHYTHM.search(sentence):
            return rhythm
    return None


def _rhythm_of(text: str) -> str:
    found = [name for name, pattern in _RHYTHMS.items() if pattern.search(text)]
    return found[0] if len(found) == 1 else ""


def _texts_of(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, (Choice, Duration)):
        return
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, tuple):
        for item in value:
            said = item.get("said") if isinstance(item, Mapping) else item
            for text in said if isinstance(said, tuple) else (said,):
                if isinstance(text, str) and not isinstance(text, Choice):
                    yield path, text
