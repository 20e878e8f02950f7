"""Deals of joint ventures for the tests of their workbooks and statements, with their terms as literals."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from accounts import sample

_BOOKS = "books:\n"
_STEPS = (
    "[{until: Ridgeway has its $100, shares: {Ridgeway: 90%, Calder Lane: 10%}}, "
    "{until: both have $200, shares: {Ridgeway: 33.3%, Calder Lane: 66.7%}}]"
)
_WORK = 'kind: labor, what: design and permit drawings, value: "$40,000", by: 2027-06-30}'
_BACKED = 'kind: guarantee, what: for the bank loan of the Venture, value: "$40,000", by: 2027-03-30}'


@dataclass(frozen=True)
class VentureCase:
    """A deal, and what the second calculation knows of it. Shares and rates are in percent.

    `months` is how long a period of the books is, `payout_months` one of payments to the parties, 0 where there are
    only those at the end.
    """

    text: str
    profit: tuple[Fraction, ...]
    loss: tuple[Fraction, ...]
    reserve: Fraction = Fraction(10)
    first_back: bool = False
    preferred: Fraction = Fraction(0)
    steps: tuple[tuple[Fraction, ...], ...] = ()
    sign: str = "$"
    digits: int = 2
    months: int = 3
    payout_months: int = 3
    within: int = 30
    interest: Fraction = Fraction(8)
    has_loans: bool = True
    losses_stay: bool = False
    votes: tuple[Fraction, ...] = field(default=())
    consent: Fraction = Fraction(1)
    limit: int = 10000


def percents(*shares: str | int) -> tuple[Fraction, ...]:
    return tuple(Fraction(share) for share in shares)


def mill(facts: str, *changes: tuple[str, str]) -> str:
    return sample("joint-venture", (_BOOKS, f"distributions:\n  {facts}\n\n{_BOOKS}"), *changes)


def _stand_of_six() -> str:
    """Return the market stand with six parties, as a corporation in Japan's currency."""
    more = "".join(
        f"  - name: {name} Growers, Inc.\n    short: {name}\n    entity: corporation\n    formed in: Vermont\n"
        f"    address: {at} Mill Street, Windsor, VT 05089\n    email: {name.lower()}@growers.example\n"
        f"    signatory: {{name: {name} Park, title: President}}\n    contact: {name} Park\n"
        for at, name in enumerate(("Aspen", "Birch", "Cedar"), 4)
    )
    given = "".join(
        f'    - {{party: {name}, kind: cash, what: for the season, value: "$5,000", by: 2027-04-30}}\n'
        for name in ("Aspen", "Birch", "Cedar")
    )
    text = sample(
        "three-party-venture",
        ("\nscope:\n", f"{more}\nscope:\n"),
        ("  late: smaller share\n", f"{given}  late: loan\n  interest: 6%\n"),
        ("  form: contractual\n", "  form: new corporation\n  place: Vermont\n"),
        ("shares: {Granite Valley: 50%, Blue Heron: 30%, Old Mill: 20%}",
         "shares: {Granite Valley: 40%, Blue Heron: 20%, Old Mill: 10%, Aspen: 10%, Birch: 10%, Cedar: 10%}"),
        ("profit: {Granite Valley: 45%, Blue Heron: 30%, Old Mill: 25%}",
         "profit: {Granite Valley: 33.3%, Blue Heron: 16.7%, Old Mill: 12.5%, Aspen: 12.5%, Birch: 12.5%, Cedar: 12.5%}"),
        ("loss: {Granite Valley: 50%, Blue Heron: 30%, Old Mill: 20%}",
         "loss: {Granite Valley: 40%, Blue Heron: 20%, Old Mill: 10%, Aspen: 10%, Birch: 10%, Cedar: 10%}"),
        ("  votes: one each\n", "  votes: one each\n  consent: two thirds\n  spending limit: $10,000\n"),
        ("books:\n", "distributions:\n  frequency: yearly\n  within: 45 days\n  contributions back: first\n"
                     "  preferred return: 5%\n\nbooks:\n"),
        ("effective:", "currency: JPY\neffective:"),
        ("  Old Mill:\n    - Runs", "".join(f"  {name}:\n    - Helps on market days\n" for name in ("Aspen", "Birch", "Cedar"))
         + "  Old Mill:\n    - Runs"),
    )  # fmt: skip
    return text.replace("$", "¥")


CASES: dict[str, VentureCase] = {
    "as it stands": VentureCase(sample("joint-venture"), percents(60, 40), percents(60, 40), votes=percents(60, 40)),
    "contributions first, return, steps": VentureCase(
        mill(f"contributions back: first\n  preferred return: 8%\n  reserve: 12.5%\n  steps: {_STEPS}"),
        percents(60, 40), percents(60, 40), Fraction("12.5"), True, Fraction(8),
        (percents(90, 10), percents("33.3", "66.7")), votes=percents(60, 40)),
    # What is guaranteed is not put in, so nothing of it comes back or earns a return.
    "with a guarantee": VentureCase(
        mill("contributions back: first\n  preferred return: 8%", (_WORK, _BACKED)),
        percents(60, 40), percents(60, 40), Fraction(10), True, Fraction(8), votes=percents(60, 40)),
    "return only, no reserve, euros": VentureCase(
        mill("preferred return: 7%\n  reserve: 0%", ("effective:", "currency: EUR\neffective:")).replace("$", "€"),
        percents(60, 40), percents(60, 40), Fraction(0), False, Fraction(7), sign="€", votes=percents(60, 40)),
    "three, each month": VentureCase(
        sample("three-party-venture",
               (_BOOKS, f"distributions:\n  frequency: monthly\n  contributions back: first\n\n{_BOOKS}"),
               ("  keeper: Blue Heron\n", "  keeper: Blue Heron\n  statements: monthly\n"),
               ("  manager: Old Mill\n", "  manager: Old Mill\n  consent: three quarters\n  spending limit: $10,000\n"),
               ("  votes: one each\n", "  votes: by ownership\n"),
               ("Granite Valley: 45%, Blue Heron: 30%, Old Mill: 25%",
                "Granite Valley: 33.3%, Blue Heron: 33.3%, Old Mill: 33.4%")),
        percents("33.3", "33.3", "33.4"), percents(50, 30, 20), Fraction(10), True, months=1, payout_months=1,
        interest=Fraction(0), has_loans=False, votes=percents(50, 30, 20), consent=Fraction(3, 4)),
    "only at the end": VentureCase(
        sample("joint-venture", (_BOOKS, f"distributions:\n  frequency: at the end\n\n{_BOOKS}"),
               ("  late: loan\n", "  late: loan\n  interest: 0%\n")),
        percents(60, 40), percents(60, 40), Fraction(0), payout_months=0, interest=Fraction(0), votes=percents(60, 40)),
    "six, a corporation, yen": VentureCase(
        _stand_of_six(), percents("33.3", "16.7", "12.5", "12.5", "12.5", "12.5"), percents(40, 20, 10, 10, 10, 10),
        Fraction(10), True, Fraction(5), sign="¥", digits=0, payout_months=12, within=45, interest=Fraction(6),
        losses_stay=True, votes=percents(1, 1, 1, 1, 1, 1), consent=Fraction(2, 3)),
}  # fmt: skip
