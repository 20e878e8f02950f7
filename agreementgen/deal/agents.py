"""The notice that the law of the European Union and of the United Kingdom gives a commercial agent who sells goods.

Directive 86/653/EEC, article 15, and for Great Britain the Commercial Agents (Council Directive) Regulations 1993,
regulation 15: 1 month in the first year of the contract, 2 in the second, 3 in the third and after. The parties may not
agree on less. Looked up 2026-11-28.
"""

from __future__ import annotations

from agreementgen.core.problems import Place
from agreementgen.core.values import Duration, format_value
from agreementgen.deal.answers import AnswerReader
from agreementgen.deal.questions import LAW_COUNTRY, Facts

# The member states of the European Economic Area, and the United Kingdom.
_COUNTRIES = frozenset(
    (
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT",
        "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
    )
)  # fmt: skip
# The longest that one, two and three months in a row can be, in days.
_DAYS_OF_MONTHS = (31, 62, 92)
_YEARS = ("first", "second", "third")
_DAYS = {"day": 1, "week": 7}


def check_notice_to_agent(reader: AnswerReader, start: Place) -> None:
    """Report a notice that is shorter than the law gives a sales agent; where it was not typed, at `start`."""
    facts = reader.facts
    if (facts.get("channel") or {}).get("model") != "agent" or facts.get(LAW_COUNTRY) not in _COUNTRIES:
        return
    duration = facts.get("duration") or {}
    pilot, termination = duration.get("pilot") or {}, facts.get("termination") or {}
    if pilot:
        _check_notice(reader, "duration.pilot.exit notice", pilot.get("exit_notice"), 1, start)
    if termination.get("convenience"):
        _check_notice(reader, "termination.notice", termination.get("notice"), _longest_year(duration), start)


def _longest_year(duration: Facts) -> int:
    """Return the last year of an agreement, as far as it counts here: 1, 2 or 3."""
    term = duration.get("term")
    if str(term) in ("until ended", "until an event"):
        return 3
    if not isinstance(term, Duration):
        return 1
    months = _months_of(term)
    if duration.get("renewal") == "automatic" and isinstance(duration.get("renewal_length"), Duration):
        most = duration.get("most_renewals")
        months += _months_of(duration["renewal_length"]) * (99 if str(most) == "unlimited" else int(most or 1))
    return min(3, max(1, -(-months // 12)))


def _months_of(length: Duration) -> int:
    return length.count * {"year": 12, "month": 1}.get(length.unit, 0) or -(-length.hours // 720)


def _check_notice(reader: AnswerReader, path: str, notice: object, months: int, start: Place) -> None:
    if not isinstance(notice, Duration):
        return
    is_long = (
        notice.count * _DAYS[notice.unit] >= _DAYS_OF_MONTHS[months - 1]
        if notice.unit in _DAYS
        else _months_of(notice) >= months
    )
    if is_long or any(problem.field == path for problem in reader.problems):
        return
    placed = next((found for found in reader.placed_questions if found.path == path), None)
    place = placed.answer_node.place if placed and placed.answer_node else start
    least = "1 month" if months == 1 else f"{months} months"
    given = format_value(notice, str(reader.facts.get("language") or "en-US"))
    message = (
        f"{given} is too short: by this law the notice to an agent who sells goods is at least {least} in the "
        f"{_YEARS[months - 1]} year"
    )
    hint = (
        f'write "{path.rpartition(".")[2]}: {least}"; the law gives 1 month in the first year, 2 in the second, and 3 '
        "from the third on (Directive 86/653/EEC, article 15; Commercial Agents Regulations 1993, regulation 15)"
    )
    reader.report(code="notice-too-short", message=message, hint=hint, path=path, place=place)
