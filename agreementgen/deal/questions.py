"""Questions as data: what may be asked, of which type, within which limits.

A question's `key` is its name in a deal file ("cap per client"); clauses call it `cap_per_client`. What the types are
stands in deal/question_types.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from enum import Enum
from functools import cached_property, lru_cache
from typing import Any, ClassVar

from agreementgen.core.local_reading import LocalReader
from agreementgen.core.problems import Place, find_nearest, suggest_nearest
from agreementgen.deal.phrases import Phrase
from agreementgen.language.shapes import Shape
from agreementgen.yamlfile.nodes import Node, ScalarNode, SequenceNode

# The facts of a deal, or of a group in it, by the names that clauses use: plain values, tuples and dictionaries.
Facts = dict[str, Any]
# The same to those who only read it: what is supposed or measured may stand in its place.
FactsView = Mapping[str, Any]
# A JSON Schema or a part of one.
Schema = dict[str, Any]
# The question that chooses the position of clauses topic by topic; its parts depend on the library.
POSITION_BY_TOPIC = "position by topic"
# Whether the agreement has schedules: a fact that drafting adds to those of the deal.
SCHEDULES = "schedules"
# Whether the clauses stand on a page of their own (one plus one): the same.
APART = "apart"
# The country and the region whose law governs, as ISO 3166 codes ("CA", "CA-QC"): facts of every deal.
LAW_COUNTRY, LAW_REGION = "law_country", "law_region"
# The parties that are people: the same.
INDIVIDUALS = "individuals"


class Structure(Enum):
    """How an answer stands in a deal file."""

    SCALAR = "one value"
    LIST = "a list of values"
    GROUP = 'a group of "name: value" lines'
    GROUPS = "a list of groups"
    PER_PARTY = "a line or group for each party"
    SHARES = "a percentage for each party"
    MATRIX = "a RACI matrix"


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
class AnswerContext:
    """What an answer may refer to: the deal's currency and its parties by short name.

    `address` is that of the party whose answer it is, where it is known: it says which place "WA" means. `today` is
    known where somebody answers, never where a file is read: the readings of "Jan 15" depend on it, no answer does.
    """

    currency: str
    parties: Mapping[str, Facts]
    address: str = ""
    today: date | None = None


@dataclass(frozen=True)
class QuestionType:
    """A type of question: how its answers stand in a deal file, how they are read, described and asked for.

    `name` is what topics call it, `fact_kind` what the analysis of clauses takes its facts for. `is_measured` is True
    where answers have a size that `least` and `most` can limit, `is_chosen` where a prompt offers the answers,
    `names_party` where an answer cannot be read before the parties are known. `empty_value` is in the facts where a
    question is not answered. `item_label` stands before the type of a list's items in the reference of deal files
    ("list of "), `sheet_format` is the number format of its column in a spreadsheet. `schema_types` and `pattern` (a
    regular expression) describe scalars in JSON Schema. `zero` and `amount` are answers that try the branches of
    clauses on nothing and on something.
    """

    name: ClassVar[str]
    structure: ClassVar[Structure] = Structure.SCALAR
    fact_kind: ClassVar[str] = "text"
    is_measured: ClassVar[bool] = False
    is_chosen: ClassVar[bool] = False
    names_party: ClassVar[bool] = False
    item_label: ClassVar[str] = ""
    empty_value: ClassVar[tuple[()] | None] = None
    sheet_format: ClassVar[str] = "@"
    schema_types: ClassVar[tuple[str, ...]] = ("string",)
    pattern: ClassVar[str] = ""
    zero: ClassVar[str] = ""
    amount: ClassVar[str] = ""

    def __str__(self) -> str:
        return self.name

    # -- scalars

    def read(self, text: str, question: Question, context: AnswerContext) -> Any:
        """Return the value of `text`, whose spaces are single, without a look at the question's limits."""
        raise NotImplementedError(f"an answer of type {self.name} is not one text")

    def size_of(self, value: Any) -> Decimal | int | None:
        """Return what `least` and `most` are held against, None where `value` has no size."""
        return None

    def json_schema(self, question: Question) -> Schema:
        """Return the JSON Schema of a scalar answer, without the question's `words`."""
        kinds = self.schema_types
        schema: Schema = {"type": list(kinds) if len(kinds) > 1 else kinds[0]}
        return schema | ({"pattern": self.pattern} if self.pattern else {})

    def list_options(self, question: Question, context: AnswerContext) -> tuple[tuple[str, str], ...]:
        """Return the answers to choose from, each with what a prompt shows for it."""
        choices = question.choices or {}
        return tuple((word, says if word in says else f"{word}: {says}") for word, says in choices.items())

    def completions(self, question: Question) -> Sequence[str]:
        """Return what a prompt completes while one types."""
        return sorted(question.words or ())

    # -- all types

    def inner_questions(self, question: Question) -> tuple[Question, ...]:
        """Return the questions that stand under this one in a deal file."""
        return ()

    def fact_shape(self, question: Question, party: Shape) -> Shape:
        """Return the form of the fact, for analysing clauses; `party` is the form of a party."""
        return Shape(self.fact_kind, question.known_words)

    def example(self, question: Question) -> str:
        """Return an answer as one writes it in one line of YAML."""
        default = question.default.text if isinstance(question.default, ScalarNode) else ""
        return question.example or default or next(iter(question.choices or ()), "") or question.limits.least

    def explain_missing(self, question: Question, parties: Sequence[str]) -> str:
        """Return how to add an answer; `parties` are short names."""
        example = self.example(question)
        return f'add it, as in "{question.key}: {example}"' if example else "add it"

    def explain_wrong_node(self, node: Node, question: Question, parties: Sequence[str]) -> tuple[str, str]:
        """Return what is wrong with `node`, which has another structure, and what to write; `parties` as above."""
        what = "a list" if isinstance(node, SequenceNode) else "a group"
        example = f", as in {question.example}" if question.example else ""
        return f"one value belongs here, not {what}", f"write it in one line{example}"


@dataclass(frozen=True)
class Remedy:
    """What to write in place of an answer that cannot stand, under the condition `when` ("" for always)."""

    says: str
    when: str = ""


@dataclass(frozen=True)
class PartsInWords:
    """How entries of a list may be typed as a text, "half on signing, the rest on delivery".

    `amount` and `event` are the keys that take what is due, and when; `under` is the question beside the list whose
    answer people give in such words, too.
    """

    amount: str
    event: str
    under: str


@dataclass(frozen=True)
class Companion:
    """The question beside another that a questionnaire asks together with it: its key, what is asked, an example."""

    key: str
    prompt: str
    example: str


@dataclass(frozen=True)
class OtherDefault:
    """The usual answer under a condition, in place of the one that a question has otherwise."""

    when: str
    node: Node


@dataclass(frozen=True)
class Question:
    """One fact: what is asked, how it is read, when it matters.

    `when`: the condition under which it is asked at all. `needed`: the condition under which it must be
    answered ("" never, "yes" always). `default`: the answer where none is given, as YAML,
    and only under the condition `default_when`; the first of `other_defaults` whose condition holds goes before it.
    `other_than` is the path of a party, in a group or in each entry of a list ("campaigns.planned.run by"): of two
    parties the other one is the usual answer. `choices` and `words` map a word to what is printed for it; `words` are
    those a question takes besides its type
    ("no" for a group). `parts` are the questions of a group, of a list's groups, or the one of a list's items; of a
    RACI matrix those besides its roles and tasks.
    `usual_least` and `usual_most` are within the limits: more is taken, and the deal check remarks on it.
    `printed` is False for facts that no document shows (they are for checks). `other_heads` are other names of its
    column in a table of deals. `by_party` names the list beside it, and the party in its entries, that takes an answer
    for each party ("fees.paid by"). `phrases` are words that people write for an answer, `remedies` what to write
    instead of one that cannot be read or does not apply. `among_path` is the path of the answers it must be one of:
    "tiers.levels.name".
    `help` says why it is asked, `goes_wrong` what happens where nothing, or the wrong thing, is agreed. `asks_usual`: a
    questionnaire asks it although there is a usual answer, because it costs much where it is wrong.
    `counts_by` is the time that a percentage is for ("month"): one by the year is read as that where it is the same.
    `reminder` is the path of an answer that must be known to give this one; it is shown with the prompt.
    `companion` is asked at the same prompt, where one line can answer both. `in_words` is for a list of the parts of a
    sum, which may be typed as a text.
    `asked` is False for what a deal file may say and no questionnaire asks; `fixed` where a law firm's pack has settled
    the answer. `removed_choices` are choices that a pack took away: clauses that were written for them still know them.
    `reader` reads answers in the language of a pack.
    """

    key: str
    type: QuestionType
    prompt: str
    place: Place
    help: str = ""
    goes_wrong: str = ""
    example: str = ""
    when: str = ""
    needed: str = ""
    default: Node | None = None
    default_when: str = ""
    other_defaults: tuple[OtherDefault, ...] = ()
    other_than: str = ""
    choices: Mapping[str, str] | None = None
    words: Mapping[str, str] | None = None
    limits: Limits = Limits()
    usual_least: str = ""
    usual_most: str = ""
    unique: bool = False
    printed: bool = True
    other_heads: tuple[str, ...] = ()
    among_path: str = ""
    by_party: str = ""
    phrases: tuple[Phrase, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    asks_usual: bool = False
    counts_by: str = ""
    reminder: str = ""
    companion: Companion | None = None
    in_words: PartsInWords | None = None
    asked: bool = True
    fixed: bool = False
    removed_choices: tuple[str, ...] = ()
    parts: tuple[Question, ...] = ()
    reader: LocalReader | None = None

    @cached_property
    def name(self) -> str:
        """The name in clauses."""
        return name_in_clauses(self.key)

    @cached_property
    def own_values(self) -> dict[tuple[str, str], Any]:
        """What was read of texts of the library itself, by text and currency: each deal reads the same defaults."""
        return {}

    @cached_property
    def structure(self) -> Structure:
        return self.type.structure

    @property
    def usual_range(self) -> tuple[str, str]:
        """The least and most that are usual, texts of the question's type; "" where nothing is said."""
        return self.usual_least or self.limits.least, self.usual_most or self.limits.most

    def describe_range(self) -> str:
        """Return a sentence on how large an answer is or may be, "" where there is nothing to say."""
        least, most = self.usual_range
        first = "Usually from" if self.usual_least or self.usual_most else "From"
        return f"{first} {least} to {most}." if least and most else ""

    @property
    def is_scalar(self) -> bool:
        return self.structure is Structure.SCALAR

    @property
    def is_plain_scalar(self) -> bool:
        """Whether the answer is one value that can be read before the parties are known."""
        return self.is_scalar and not self.type.names_party

    @cached_property
    def is_group(self) -> bool:
        """Whether it is one group (not a list of them)."""
        return self.structure is Structure.GROUP

    @property
    def item(self) -> Question:
        """The question of one entry of a list of values, otherwise the question itself."""
        return self.parts[0] if self.structure is Structure.LIST else self

    @cached_property
    def empty_value(self) -> tuple[()] | None:
        return self.type.empty_value

    @property
    def inner_questions(self) -> tuple[Question, ...]:
        return self.type.inner_questions(self)

    @property
    def known_words(self) -> frozenset[str]:
        """All words that an answer may be, those that a pack took away included."""
        return frozenset([*(self.choices or {}), *(self.words or {}), *self.removed_choices])

    def find_part(self, key: str) -> Question | None:
        return next((question for question in self.parts if question.key == key), None)

    def fact_shape(self, party: Shape) -> Shape:
        return self.type.fact_shape(self, party)

    def replace_inner(self, inner: Sequence[Question]) -> Question:
        """Return the question with others for its `inner_questions`."""
        if self.structure is Structure.PER_PARTY:
            return replace(self, parts=(replace(self.parts[0], parts=tuple(inner)),))
        return replace(self, parts=tuple(inner))


# The paths of a library's questions, and of some deals.
@lru_cache(maxsize=10_000)
def name_in_clauses(key: str) -> str:
    return key.replace(" ", "_").replace("-", "_")


def walk_questions(questions: tuple[Question, ...], path: str = "") -> Iterator[tuple[str, Question]]:
    """Yield every question with its path in a deal file, groups before their parts."""
    for question in questions:
        here = f"{path}.{question.key}" if path else question.key
        yield here, question
        yield from walk_questions(question.inner_questions, here)


def suggest_choice(word: str, options: Iterable[str]) -> str:
    """Return a hint that names the nearest of `options`, or all of them; "" where there are none."""
    known = list(options)
    if not known:
        return ""
    begun = [option for option in known if len(word) > 2 and option.lower().startswith(word.lower().rstrip("."))]
    near = begun[0] if len(begun) == 1 else find_nearest(word[:200], known)
    return f'did you mean "{near}"?' if near else "choose one of: " + ", ".join(known)


# What people call a document that belongs to the agreement. Only a pack has the text of one.
_ANNEX_NAMES = ("annex", "annexes", "appendix", "appendices", "attachment", "attachments", "exhibit", "exhibits",
                "schedule", "schedules")  # fmt: skip
_ANNEX_HINT = (
    'name it under "special terms", as in "special terms: [The attached house rules are part of this agreement]", '
    "and sign it with the agreement; a law firm's pack can print it (docs/clauses.md)"
)


def explain_unknown_name(
    name: str, here: tuple[Question, ...], everywhere: tuple[Question, ...], path: str, kind: str
) -> tuple[str, set[str]]:
    """Return a hint on a name that no question `here` has, and the paths of the facts it probably means.

    `path` is where it stands; `everywhere` are all questions of this `kind` of agreement.
    """
    if not path and name.casefold() in _ANNEX_NAMES:
        return _ANNEX_HINT, set()
    before = f"{path}." if path else ""
    keys = [question.key for question in here]
    folded = " ".join(name.lower().replace("_", " ").split())
    same = next((key for key in keys if key.lower() == folded), "")
    if same:
        return f'write it as "{same}"', {before + same}
    near = find_nearest(name[:200], keys)
    # A guess that is merely possible would mislead, and hide that something else is missing.
    if near and SequenceMatcher(None, name.lower(), near.lower()).ratio() > (0.7 if len(name) > 4 else 0.6):
        return f'did you mean "{near}"?' + _explain_look_alike(name), {before + near}
    elsewhere = [found for found, question in walk_questions(everywhere) if question.key.lower() == folded]
    if elsewhere:
        groups = dict.fromkeys(found.rpartition(".")[0] for found in elsewhere)
        places = (f'under "{group}"' if group else "at the left margin" for group in groups)
        return "it belongs " + " or ".join(places), set(elsewhere)
    known = "" if near else suggest_nearest(name[:200], keys)
    return known or f'"agreementgen show questions {kind}" lists what may stand here', set()


def _explain_look_alike(name: str) -> str:
    """Name the letters of another alphabet: the name may look right and be wrong."""
    strange = [char for char in name if not char.isascii()]
    return f' (it holds "{strange[0]}", U+{ord(strange[0]):04X}, of another alphabet)' if strange else ""
