"""Questions as data: what may be asked, of which type, within which limits.

A question's `key` is its name in a deal file ("cap per client"); clauses call it `cap_per_client`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agreementgen.deal.yamlfile import Node
from agreementgen.errors import Place
from agreementgen.language.shape import Shape, group, list_of

SCALARS = (
    "text", "choice", "yes/no", "integer", "number", "percent", "money", "percent or money", "duration", "date",
    "region", "currency", "email", "party",
)  # fmt: skip
COMPOSITES = ("list", "group", "list of groups", "per party", "shares", "raci")
TYPES = (*SCALARS, *COMPOSITES)
# The question that chooses the position of clauses topic by topic; its parts depend on the library.
BY_TOPIC = "position by topic"
# Whether the agreement has schedules: a fact that drafting adds to those of the deal.
SCHEDULES = "schedules"


@dataclass(frozen=True)
class Limits:
    """Limits of a value: characters and words of a text, items of a list, size of a number or length of time.

    `least` and `most` are texts of the question's own type ("30 days", "0%", "2").
    """

    characters: int = 0
    words: int = 0
    least: str = ""
    most: str = ""


@dataclass(frozen=True)
class Question:
    """One fact: what is asked, how it is read, when it matters.

    `when`: the condition under which it is asked at all. `needed`: the condition under which it must be
    answered ("" never, "yes" always). `default`: the answer where none is given, as YAML. `choices` and
    `words` map a word to what is printed for it; `words` are those a question takes besides its type
    ("no" for a group). `of` are the questions of a group, of a list's groups, or the one of a list's items; of a
    RACI matrix those besides its roles and tasks.
    `printed` is False for facts that no document shows (they are for checks). `heads` are other names of its column
    in a table of deals. `among` is the path of the answers it must be one of: "tiers.levels.name". `asked` is False
    for what a deal file may say and no questionnaire asks; `fixed` where a law firm's pack has settled the answer.
    `gone` are choices that a pack took away: clauses that were written for them still know them.
    """

    key: str
    type: str
    prompt: str
    place: Place
    help: str = ""
    example: str = ""
    when: str = ""
    needed: str = ""
    default: Node | None = None
    choices: Mapping[str, str] | None = None
    words: Mapping[str, str] | None = None
    limits: Limits = Limits()
    unique: bool = False
    printed: bool = True
    heads: tuple[str, ...] = ()
    among: str = ""
    asked: bool = True
    fixed: bool = False
    gone: tuple[str, ...] = ()
    of: tuple[Question, ...] = ()

    @property
    def name(self) -> str:
        """The name in clauses."""
        return name_of(self.key)

    @property
    def nothing(self) -> tuple[()] | None:
        """What stands in the facts where it is not answered."""
        return () if self.type in ("list", "list of groups", "per party", "shares") else None

    def part(self, key: str) -> Question | None:
        return next((question for question in self.of if question.key == key), None)

    def shape(self, party: Shape) -> Shape:
        """Return the form of the fact, for analysing clauses; `party` is the form of a party."""
        words = frozenset([*(self.choices or {}), *(self.words or {}), *self.gone])
        match self.type:
            case "group" | "raci":
                return group({part.name: part.shape(party) for part in self.of})
            case "list of groups":
                return list_of(group({part.name: part.shape(party) for part in self.of}))
            case "list":
                return list_of(self.of[0].shape(party))
            case "per party":
                return list_of(group({"party": party, "said": self.of[0].shape(party)}))
            case "shares":
                return list_of(group({"party": party, "share": Shape("percent")}))
            case "party":
                return Shape("party", words, fields=party.fields)
        return Shape(self.type, words)


def name_of(key: str) -> str:
    return key.replace(" ", "_").replace("-", "_")


def walk(questions: tuple[Question, ...], path: str = "") -> Iterator[tuple[str, Question]]:
    """Yield every question with its path in a deal file, groups before their parts."""
    for question in questions:
        here = f"{path}.{question.key}" if path else question.key
        yield here, question
        if question.type in ("group", "list of groups", "raci"):
            yield from walk(question.of, here)
        elif question.type == "per party" and question.of[0].type == "group":
            yield from walk(question.of[0].of, here)
