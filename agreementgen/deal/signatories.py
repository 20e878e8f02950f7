"""Who signs for each party: a person for themselves, or a person for a company, with a title and the right to do so.

What is refused here would leave a page that binds nobody, or somebody else: a trade name without its owner, a company
in the place of the person who signs, a signature of which nobody knows as what it was given. Each rule holds only where
the form has the question whose answer mends it: a pack may have parties of its own.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from agreementgen.core.problems import Place, Problem, quote_text
from agreementgen.deal.answers import AnswerReader, PlacedQuestion
from agreementgen.deal.questions import Facts

# The kinds of business that are one person, who is bound with all they own and signs for themselves.
_SOLE_PROPRIETOR = "sole proprietor"
PERSONS = ("individual", _SOLE_PROPRIETOR)
# Titles to propose for the kinds of business that have none of a director's.
_TITLES = {
    "LLC": "Managing Member",
    "LP": "General Partner",
    "LLP": "Partner",
    "general partnership": "Partner",
    "corporation": "President",
    "S corporation": "President",
    "professional corporation": "President",
}
_USUAL_TITLE = "Director"
# What a page prints where the signer writes the title.
_TITLE_BY_HAND = "title: ____________"
# The kinds of business whose registered name ends with a word for their legal form.
_WITH_LEGAL_FORM = ("LLC", "corporation", "LP", "LLP", "Ltd", "PLC", "DAC", "Pty Ltd", "ULC")
# What stands between an owner and a trade name. In capitals and without signs it is a word like others (Oracle DBA
# Group) unless an owner's legal form, or a comma, stands before it.
_TRADE_NAME = re.compile(
    r"(?:^|[\s,(]+)(?:(?i:d/b/a|d\.b\.a\.?|t/a|o/a|trading as|doing business as|operating as)|dba|"
    r"(?<=[.,)] )DBA|(?<=LLC )DBA|(?<=Inc )DBA)[\s:]+(?P<trade>\S.*?)\)?$"
)
# Words that end the names of companies. Those that are also names of people (Co, Sa, Ag) are not among them.
_COMPANY_WORD = re.compile(
    r"(?:[,\s](?:L\.?L\.?C\.?|P\.?L\.?L\.?C\.?|L\.?L\.?P\.?|L\.P\.|LP|Inc\.?|Incorporated|Corp\.?|Corporation|Company|"
    r"Ltd\.?|Limited|PLC|plc|DAC|ULC|P\.C\.|GmbH|mbH|UG|KG|B\.V\.|S\.A\.|SARL|SAS|S\.r\.l\.|Pty))\.?$"
)
# Forms of address, degrees and the like, which are no part of a name.
_NO_NAMES = frozenset(
    re.findall(r"\w+", "mr mrs ms mx dr prof rev sir dame jr sr ii iii iv esq md phd dds dvm cpa pe rn jd")
)


def check_signatures(reader: AnswerReader) -> None:
    """Report what is wrong with who signs for the parties that `reader` has read."""
    placed = {question.path: question for question in reader.placed_questions}
    for number, party in enumerate(reader.facts.get("parties") or (), 1):
        if party.get("name") and party.get("entity") and party.get("signatory"):
            _PartyCheck(reader, placed, f"parties.{number}", party).check()


@dataclass(frozen=True)
class _PartyCheck:
    """Looks at one party; `path` is where it stands in the deal file."""

    reader: AnswerReader
    placed: dict[str, PlacedQuestion]
    path: str
    party: Facts

    def check(self) -> None:
        is_person = str(self.party["entity"]) in PERSONS
        if not is_person and self.can_answer("trade name"):
            self.check_company_name()
        self.check_signer("signatory", self.party["signatory"], is_person)
        if self.party.get("second_signatory"):
            self.check_signer("second signatory", self.party["second_signatory"], is_person)
        if self.party.get("guarantor"):
            self.check_guarantor(self.party["guarantor"])

    def check_guarantor(self, guarantor: Facts) -> None:
        name = str(guarantor.get("name") or "")
        if _is_company(name):
            message = f'"{quote_text(name)}" is a company, and a guarantor here is a person who signs for themselves'
            hint = "name a person; a company guarantees in a document of its own"
            self.report("guarantor.name", "signer-is-company", message, hint)

    def check_company_name(self) -> None:
        """Refuse "Finch Tech d/b/a Finch" where the first name is none that a register has."""
        name = str(self.party["name"])
        owner, trade_name = split_trade_name(name)
        has_no_owner = bool(trade_name) and (not owner or str(self.party["entity"]) in _WITH_LEGAL_FORM)
        if has_no_owner and not _is_company(owner):
            message = f'"{quote_text(name)}" is a trade name, and nothing says who owns it'
            hint = f'write the registered name with its legal form as "name", and "trade name: {trade_name}"'
            self.report("name", "trade-name-alone", message, hint)

    def check_signer(self, group: str, signer: Facts, is_person: bool) -> None:
        name, signs = str(self.party["name"]), str(signer.get("name") or "")
        if signs:
            if _is_company(signs) or (not is_person and _words_of(signs) == _words_of(name)):
                hint = "name the person who signs"
                if self.can_answer("signs through"):
                    hint += f', and on a line of the party\'s own "signs through: {signs}, its manager"'
                message = f'"{quote_text(signs)}" is a company, and a company signs by a person'
                self.report(f"{group}.name", "signer-is-company", message, hint)
            elif is_person:
                self.check_person(group, signs)
            elif not signer.get("title") and not _names_title(signs) and self.can_answer(f"{group}.title"):
                self.ask_for_title(group, signer, signs)
        if signer.get("authority_confirmed") is False:
            message = f'you say that nobody has checked whether "{quote_text(signs)}" may sign'
            hint = (
                'see what shows it (an operating agreement, a resolution, the register) and write "yes", or name '
                "somebody who may sign"
            )
            self.report(f"{group}.authority confirmed", "signer-not-confirmed", message, hint)

    def ask_for_title(self, group: str, signer: Facts, signs: str) -> None:
        """Refuse a signature of which nobody says as what it is given.

        Lists of partners have no titles: in a document of a table's row the signer writes it by hand.
        """
        path, place = f"{self.path}.{group}.title", self.place_of(f"{self.path}.{group}.title")
        title = _TITLES.get(str(self.party["entity"]), _USUAL_TITLE)
        message = f'"{quote_text(signs)}" signs for a company, '
        if place.cell:
            message += "and the table does not say as what: the page has a line for it"
            hint = f'let it be filled in by hand, or write "{quote_text(signs)}, {title}" into the cell'
            self.reader.warnings.append(Problem(message, hint, path, place, code="signer-title-open", severity="W"))
            signer["title"] = _TITLE_BY_HAND
            return
        hint = f'add it, as in "title: {title}", or write "{quote_text(signs)}, {title}" where the name stands'
        self.report(f"{group}.title", "missing", message + "so the page must say as what", hint)

    def check_person(self, group: str, signs: str) -> None:
        """Hold a party that is a person against the name of the person who signs."""
        name = str(self.party["name"])
        owner, trade_name = split_trade_name(name.replace(" DBA ", " dba "))
        if (
            self.party.get("signs_under")
            or not self.can_answer("signs under")
            or is_same_person(owner, signs.partition(",")[0])
        ):
            return
        if (trade_name or str(self.party["entity"]) == _SOLE_PROPRIETOR) and self.can_answer("trade name"):
            message = f'"{quote_text(name)}" is not the person who signs, and a trade name needs its owner'
            hint = f'write the owner as in "name: {signs}", and "trade name: {trade_name or name}"'
            self.report("name", "trade-name-alone", message, hint)
            return
        message = f'"{quote_text(signs)}" signs for "{quote_text(name)}", who is a person and signs for themselves'
        hint = (
            f'write "{name}" here; or say why somebody else may sign, as in '
            f'"signs under: attorney-in-fact under a power of attorney of May 1, 2026"; where "{name}" is a business, '
            "write its owner as the name of the party"
        )
        self.report(f"{group}.name", "signer-not-party", message, hint)

    def can_answer(self, key: str) -> bool:
        return f"{self.path}.{key}" in self.placed

    def report(self, key: str, code: str, message: str, hint: str) -> None:
        path = f"{self.path}.{key}"
        known = path in self.reader.probable_paths or any(problem.field == path for problem in self.reader.problems)
        if not known:
            self.reader.report(code, message, hint, path, self.place_of(path))

    def place_of(self, path: str) -> Place:
        question = self.placed[path]
        return question.answer_node.place if question.answer_node else question.place


def split_trade_name(name: str) -> tuple[str, str]:
    """Return owner and trade name: "Bob Finch" and "Finch Tech" of "Bob Finch d/b/a Finch Tech".

    The second is "" where there is none, the first where only the trade name is there.
    """
    match = _TRADE_NAME.search(name)
    if match is None:
        return name, ""
    return name[: match.start()].strip(), match["trade"].strip()


def _is_company(name: str) -> bool:
    return bool(_COMPANY_WORD.search(name))


def _names_title(signer: str) -> bool:
    """Return whether a title stands behind a name ("Dana Reyes, Managing Member"; not "Dana Reyes, Jr.")."""
    return bool(_names_of(signer.partition(",")[2]))


def is_same_person(name: str, other: str) -> bool:
    """Return whether two names can be those of one person: first and last names agree, an initial stands for a name.

    Names in between, forms of address and degrees do not count; the last name may stand first.
    """
    words, others = _names_of(name), _names_of(other)
    if len(words) < 2 or len(others) < 2:
        return words == others or _words_of(name) == _words_of(other)
    ends, other_ends = (words[0], words[-1]), (others[0], others[-1])
    return any(
        all(_is_initial_of(one, two) for one, two in zip(ends, pair, strict=True))
        for pair in (other_ends, other_ends[::-1])
    )


def _is_initial_of(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])


def _names_of(name: str) -> tuple[str, ...]:
    return tuple(word for word in _words_of(name) if word not in _NO_NAMES)


def _words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name without capitals, accents and signs."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return tuple(re.sub(r"[^\w\s-]", "", letters).replace("-", " ").split())
