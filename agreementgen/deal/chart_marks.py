"""What stands in the cells of a RACI chart: letters, words for them, marks for nothing; and what its legend says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from agreementgen.core.problems import collapse_spaces, quote_text
from agreementgen.core.values import Unreadable
from agreementgen.deal.deal import OPEN

_RACI = "RACI"
_WORDS_OF_NOTHING_MARKS = (
    "n/a,na,n.a.,n.a,n,no,none,nil,--,---,not involved,not applicable,no role,k.a.,k. a.,entfällt,keine,nein,"
    "sans objet,s.o.,s/o,no aplica,ninguno,.,·,/"
)
NOTHING_MARKS = frozenset(_WORDS_OF_NOTHING_MARKS.split(","))
# Marks for nothing that no message need mention.
_SILENT_NOTHING = frozenset(("", "-", "–", "—"))
_WORDS_OF_OPEN_MARKS = (
    "?,??,???,tbc,tbd,t.b.c.,t.b.d.,tba,to be confirmed,to be decided,to be determined,to be defined,open,offen,"
    "à définir,à confirmer,por definir,por confirmar"
)
_OPEN_MARKS = frozenset(_WORDS_OF_OPEN_MARKS.split(","))
# Beginnings of words by what they mean, in English, German, French and Spanish.
_MEANINGS = {
    "R": "responsib responsab does doer doing perform execut realis réalis réalisateur exécut ejecut encargad realiz "
    "durchführ ausführ umsetz zuständig bearbeit erledig",
    "A": "accountab approv autorit authori approb aprob aprueb valide valida redevable rechenschaft genehmig "
    "entscheid gesamtverantwort ergebnisverantwort freigabe freigeb",
    "C": "consult konsult berat beräter befrag anhör angehört asked",
    "I": "inform info informier told notified",
}  # fmt: skip
_WORDS = tuple((stem, letter) for letter, stems in _MEANINGS.items() for stem in stems.split())
# "Verantwortlich" stands for R in some charts and for A in others.
_EITHER = re.compile(r"verantwort|owner", re.IGNORECASE)
# What a legend may call A besides: whoever only helps or acts approves nothing.
_DOES_INSTEAD = re.compile(r"\bact(?:eur|or|s|ing)\b|\bagi[rt]\b", re.IGNORECASE)
_NO_LETTER = re.compile(
    r"assist|support|unterstütz|mitwirk|mitarbeit|soutien|appui|apoyo|review|contribut|verif|sign|quality|helps?\b",
    re.IGNORECASE,
)
_WORDS_OF_FILLERS = (
    "to,be,is,are,the,a,an,and,or,of,for,it,who,does,do,work,zu,wird,werden,der,die,das,ist,être,à,ser,y,e,they,must,"
    "should,may,person,role,team,one"
)
_FILLERS = frozenset(_WORDS_OF_FILLERS.split(","))
# Letters of other alphabets that look like ours, as keyboards for these alphabets write them.
_LOOKALIKES = str.maketrans("\u0410\u0421\u0406\u0430\u0441\u0456\u0391\u0399", "ACIaciAI")
# Dividers outside of brackets.
_BETWEEN_PARTS = re.compile(r"\s*[,;/&+\n]\s*(?![^(\[]*[)\]])")
_DIVIDERS = re.compile(r"\s*(?:[,;/+&|\\\n]|\band\b|\bund\b|\bet\b|\by\b)\s*|\s+", re.IGNORECASE)
_BRACKETS = re.compile(r"(.*?)\s*[(\[{](.+)[)\]}]\s*(.*)")
_FOOTNOTE = re.compile(r"(.*?[^\W\d_])\s?([*†‡§#°¹²³⁰-⁹]+|[0-9])")
_BEHIND = re.compile(r"([^\W\d_](?:\s*[,/&+]?\s*[^\W\d_])?)\s*(?::|\s[–—-]|[–—])\s*(.+)")
# "R = does the work", "R: Responsible", "V - verantwortlich", "(R) Responsible".
_LEGEND = re.compile(
    r"(?:^|[\s,;|/•·(])\(?([^\W\d_]{1,2})\)?\s*(?:=|:|–|—|->|→|\s-|\)\s)\s*"
    # The next entry may follow without a comma.
    r"([^,;|=\n]+?)(?=[,;|=\n]|$|\s+\(?[^\W\d_]{1,2}\)?\s*[=:])"
)


@dataclass(frozen=True)
class Mark:
    """What a cell says. `letters` are one of LETTERS, OPEN, or "" for nothing.

    `remark` stands beside the letters and is not printed; `told_as` is how the mark was written where its reading is
    worth a message ("n/a", "C/I", a letter of the chart's own legend).
    """

    letters: str
    remark: str = ""
    told_as: str = ""
    # Some of its letters have no place in a chart: "C/I".
    is_cut: bool = False


class MarkReader:
    """Reads the marks of one chart, which may have its own: `meanings` are what they mean, by mark in lower case.

    `unclear` are those of which its legend says what is none of the letters.
    """

    def __init__(self, meanings: Mapping[str, str] | None = None, unclear: Collection[str] = ()) -> None:
        self.meanings, self.unclear = dict(meanings or {}), frozenset(unclear)
        self._known: dict[str, Mark | None] = {}

    def read(self, text: str) -> Mark | None:
        """Return what a cell says, None where that is not certain."""
        # The same few texts stand in most cells.
        if text not in self._known:
            self._known[text] = self._read(text)
        return self._known[text]

    def _read(self, text: str) -> Mark | None:
        line = collapse_spaces(text).strip(" '\"`")
        key = line.casefold()
        if key in self.meanings:
            letters = self.meanings[key]
            return Mark(letters, told_as=line) if letters or key not in _SILENT_NOTHING else Mark("")
        if key in self.unclear:
            return None
        if key in _SILENT_NOTHING:
            return Mark("")
        if key in NOTHING_MARKS:
            return Mark("", told_as=line)
        if key in _OPEN_MARKS:
            return Mark(OPEN)
        if len(line) > 200:
            return None
        if (latin := line.translate(_LOOKALIKES)) != line and (mark := self.read_letters(latin)):
            return replace(mark, told_as=line)
        return self.read_letters(line) or self.read_parts(line) or self.read_with_remark(line)

    def read_parts(self, line: str) -> Mark | None:
        """Return the letters of a line of which each part says one, as "Accountable (A), Responsible (R)"."""
        parts = _BETWEEN_PARTS.split(line)
        marks = [mark for part in parts if (mark := self.read_letters(part) or self.read_with_remark(part))]
        if len(parts) < 2 or len(marks) < len(parts):
            return None
        letters = {letter for mark in marks for letter in mark.letters.split("/")}
        is_own = any(mark.told_as for mark in marks)
        return _join_letters(letters, line, is_own, ", ".join(mark.remark for mark in marks if mark.remark))

    def read_letters(self, line: str) -> Mark | None:
        """Return the letters of a line that holds nothing else, as "A/R", "R, A", "RA", "Accountable"."""
        found: set[str] = set()
        is_own = False
        if phrase := self.read_phrase(line):
            return Mark(phrase)
        for part in filter(None, _DIVIDERS.split(line)):
            letters = self.read_part(part.strip(". "))
            if not letters:
                return None
            is_own = is_own or part.casefold() in self.meanings
            found.update(letters)
        if not found:
            return None
        return _join_letters(found, line, is_own)

    def read_part(self, part: str) -> str:
        """Return the letters of one word, "" where it is none."""
        own = self.meanings.get(part.casefold())
        if own is not None or part.casefold() in self.unclear:
            return (own or "").replace("/", "").replace(OPEN, "")
        upper = part.upper()
        if upper and len(set(upper)) == len(upper) and set(upper) <= set(_RACI):
            return "" if any(letter.casefold() in self.meanings for letter in upper) else upper
        return self.read_phrase(part)

    def read_phrase(self, line: str) -> str:
        """Return the letter that words mean when nothing else is said ("to be informed"), "" where none."""
        words = [word for word in re.findall(r"[^\W\d_]+", line.casefold()) if word not in _FILLERS]
        letters = {_letter_of_word(word) for word in words if len(word) > 1}
        return next(iter(letters)) if len(letters) == 1 and all(len(word) > 1 for word in words) else ""

    def read_with_remark(self, line: str) -> Mark | None:
        """Return the letters of a line that says more, as "R (draft)", "A*", "C: if secret"."""
        signs = "".join(re.findall(r"[*†‡§¹²³⁰-⁹]", line))
        if signs and (base := self.read_letters(re.sub(r"[*†‡§¹²³⁰-⁹]+", "", line).strip())):
            return replace(base, remark=signs)
        if match := _BRACKETS.fullmatch(line):
            before, inner, behind = match[1].strip(), match[2], match[3].strip()
            outer = f"{before} {behind}".strip()
            base = self.read_letters(outer) if outer else None
            if base is None:
                whole = None if outer else self.read_letters(inner)
                return replace(whole, remark="in brackets") if whole else None
            within = self.read_letters(inner)
            if within and (inner.isupper() or within.letters in base.letters.split("/")):
                both = self.read_letters(f"{outer} {inner}")
                return both if within.letters not in base.letters.split("/") else base
            return replace(base, remark=inner)
        for pattern in (_FOOTNOTE, _BEHIND):
            if match := pattern.fullmatch(line):
                base = self.read_letters(match[1])
                if base:
                    is_same = self.read_phrase(match[2]) in base.letters.split("/")
                    return base if is_same else replace(base, remark=match[2])
        return None


def _join_letters(found: Collection[str], line: str, is_own: bool, remark: str = "") -> Mark:
    """Return what several letters in one cell say; of those that do not go together, the weightier counts."""
    kept = "A/R" if {"A", "R"} <= set(found) else next(letter for letter in "ARCI" if letter in found)
    dropped = set(found) - set(kept.split("/"))
    return Mark(kept, remark, told_as=line if dropped or is_own else "", is_cut=bool(dropped))


def _letter_of_word(word: str) -> str:
    """Return the letter that a word means, "" for none. Consultants and executives are people, and hold any letter."""
    if re.match(r"consultants?$|executives?$", word):
        return ""
    return next((letter for stem, letter in _WORDS if word.startswith(stem)), "")


def read_letters(text: str) -> str:
    """Return one of LETTERS, OPEN, or "" for a cell that says nothing; raise Unreadable."""
    mark = MarkReader().read(text)
    if mark is None:
        raise Unreadable(f'"{quote_text(text)}" is not one of the letters R, A, C, I', explain_marks(text))
    return mark.letters


LETTERS_HINT = "write R (does the work), A (approves it), A/R for both, C (is consulted) or I (is informed)"


def explain_marks(mark: str) -> str:
    """Return what to do about a mark that is none of the letters."""
    if _EITHER.search(mark):
        return f"some charts mean R by it, and others A: {LETTERS_HINT}"
    if re.fullmatch(r"[xX✓✔✗✘×☑☒●•■★]|yes|ja|oui|sí", mark.strip()):
        return f"it marks who is involved, and not how: {LETTERS_HINT}"
    return LETTERS_HINT


# -- legends


@dataclass(frozen=True)
class LegendEntry:
    mark: str
    words: str


def find_legend_entries(text: str) -> list[LegendEntry]:
    """Return the entries of a legend in a text, as "R = does the work, A = approves"; [] where it is none."""
    found = [LegendEntry(match[1], match[2].strip()) for match in _LEGEND.finditer(text)]
    return [entry for entry in found if means_something(entry.words)]


def means_something(words: str) -> bool:
    """Return whether `words` may explain a letter."""
    return bool(_meaning_of(words) or _EITHER.search(words) or _NO_LETTER.search(words) or _DOES_INSTEAD.search(words))


def _meaning_of(words: str) -> str:
    """Return the letter that the first telling word of an explanation means."""
    for word in re.findall(r"[^\W\d_]+", words.casefold()):
        if letter := _letter_of_word(word):
            return letter
    return ""


def read_verantwortlich(texts: Iterable[str]) -> dict[str, str]:
    """Return what "verantwortlich" means in a chart: R where another of its words says A, else nothing certain."""
    words = {word for text in texts for word in re.findall(r"[^\W\d_]+", text.casefold()) if len(word) > 3}
    has_other = any(_letter_of_word(word) == "A" and not _EITHER.search(word) for word in words)
    return {"verantwortlich": "R"} if has_other else {}


def read_legend(entries: Iterable[LegendEntry]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the meanings of a chart's own marks, and those that are no letter with their words, both by mark.

    R, A, C and I that mean the usual are no marks of their own.
    """
    meanings: dict[str, str] = {}
    unclear: dict[str, str] = {}
    either: list[str] = []
    for entry in entries:
        mark, letter = entry.mark.casefold(), _meaning_of(entry.words)
        if mark in meanings or mark in unclear or mark in either:
            continue
        if _EITHER.search(entry.words) and letter in ("", "R"):
            either.append(mark)
        elif letter:
            meanings[mark] = letter
        elif _DOES_INSTEAD.search(entry.words):
            meanings[mark] = "R"
        elif mark.upper() not in _RACI or (mark == "a" and _NO_LETTER.search(entry.words)):
            unclear[mark] = entry.words
    for mark in either:
        if mark.upper() in ("R", "A"):
            meanings[mark] = mark.upper()
            continue
        others = set(meanings.values())
        meanings[mark] = "A" if "R" in others else "R" if "A" in others else "A/R"
    _swap_responsible(meanings)
    return {mark: letters for mark, letters in meanings.items() if mark.upper() != letters}, unclear


def _swap_responsible(meanings: dict[str, str]) -> None:
    """Let R be the one who answers where the legend has A for the one who acts, as French charts do."""
    if meanings.get("a") == "R" and meanings.get("r") == "R":
        meanings["r"] = "A"
