"""Hypothesis strategies over the questions themselves: whole deals of every kind, as people could write them.

A deal is drawn question by question, each after those that its conditions look at. Conditions are evaluated here, by
plain Jinja on what was drawn, and not by the program: where the two disagree, a deal is refused and a test fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import jinja2
import yaml
from generated_values import PLAIN, SYMBOLS, Percentage, Setting, Span, Spelled, days, hours_of, scalar, texts
from hypothesis import strategies as st

from agreementgen.deal.questions import Question, Structure, name_in_clauses, walk_questions
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

Draw = Callable[[st.SearchStrategy[Any]], Any]
_JINJA = jinja2.Environment(undefined=jinja2.ChainableUndefined)
_JINJA.tests |= {
    "percentage": lambda value: (
        any(isinstance(fact, Percentage) for entry in value for fact in entry.values())
        if isinstance(value, (list, tuple))
        else isinstance(value, Percentage)
    ),
    "positive": lambda value: bool(value and value > 0),
}
_SHORT = 30


@dataclass(frozen=True)
class Leaf:
    """A fact that the documents have to show in one of `forms`; `path` as messages name it."""

    path: str
    forms: tuple[str, ...]


@dataclass(frozen=True)
class Drawn:
    """A deal: the text of its file, and what must stand in its documents. `charted` are facts of its RACI chart."""

    kind: str
    text: str
    leaves: tuple[Leaf, ...]
    charted: tuple[Leaf, ...]

    def __repr__(self) -> str:
        return self.text


@dataclass(eq=False)
class _Node:
    """A question in its place. `path` is as in messages; `silent`: nothing is typed for it, `usual` then replaces its default."""

    question: Question
    path: str
    into: dict[str, Any]
    typed: dict[str, Any]
    group: str
    silent: bool = False
    usual: Node | None = None
    done: bool = False


@dataclass
class _Deal:
    """Draws one deal. `level` is how many tenths of what may be left out is answered."""

    draw: Draw
    library: Library
    kind: str
    level: int
    setting: Setting
    left_out: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)
    nodes: dict[str, _Node] = field(default_factory=dict)
    leaves: list[Leaf] = field(default_factory=list)
    charted: list[Leaf] = field(default_factory=list)

    def make(self) -> None:
        outline = self.library.outline_of_kind(self.kind, self.left_out)
        self.form = self.library.form_of(outline)
        # Facts of other kinds, and of topics that are left out, are nothing to conditions.
        self.facts |= dict.fromkeys(question.name for question in self.library.list_top_questions())
        # A group without words of its own is there before any of its parts is decided.
        self.facts |= {question.name: {"": None} for question in self.form.questions if _always(question)}
        self.add(self.form.questions, "", "", self.facts, self.typed)
        # Answers may name the parties, so these come first.
        for name in ("parties", *(question.name for question in self.form.questions)):
            self.settle(name)
        self.shorten_goals()
        self.give_agents_their_law()
        order = [question.key for question in self.form.questions]
        reverse = self.chance(2)
        self.typed = {key: self.typed[key] for key in sorted(self.typed, key=order.index, reverse=reverse)}

    def shorten_goals(self) -> None:
        """Let no goal have a period that the agreement lacks, or that its pilot is too short for."""
        pilot = (self.facts.get("duration") or {}).get("pilot") or {}
        fitting = ("week", "month") if pilot.get("decision") == "automatic" else ("week", "month", "quarter", "year")
        for typed, goal in zip(self.typed.get("goals", ()), self.facts.get("goals") or (), strict=True):
            if goal["period"] not in fitting:
                typed["period"] = goal["period"] = "month"

    def give_agents_their_law(self) -> None:
        """Let no agent sell goods under a law of Europe: it sets their notices, by how long they have been there."""
        if (self.facts.get("channel") or {}).get("model") == "agent":
            self.typed["law"] = self.facts["law"] = "Oregon"
            self.leaves = [leaf for leaf in self.leaves if leaf.path != "law"] + [Leaf("law", ("Oregon",))]

    # -- questions in their places

    def add(
        self, questions: tuple[Question, ...], name: str, path: str, into: dict[str, Any], typed: dict[str, Any],
        usual: Node | None = None, silent: bool = False,
    ) -> list[str]:  # fmt: skip
        names = []
        for question in questions:
            here = ".".join(filter(None, (name, question.name)))
            default = usual.get(question.key) if isinstance(usual, MappingNode) else None
            at = ".".join(filter(None, (path, question.key)))
            self.nodes[here] = _Node(question, at, into, typed, name, silent, default)
            names.append(here)
        return names

    def chance(self, tenths: int) -> bool:
        return bool(self.draw(st.integers(0, 9)) >= 10 - tenths)

    def settle(self, name: str) -> None:
        """Decide the question `name` after those its conditions, and the contradictions about it, look at."""
        node = self.nodes.get(name)
        if node is None or node.done:
            return
        node.done = True
        question = node.question
        rules = [rule.when for rule in self.form.contradictions if rule.severity == "E" and rule.fact_path == node.path]
        inner = [
            text
            for _, part in walk_questions(question.parts)
            for text in (part.when, part.needed, *_among(part), *_usual_under(part))
        ]
        if question.type.name in ("group", "raci"):
            inner = []  # each part settles its own
        for text in (question.when, question.needed, *_among(question), *rules, *inner, *_usual_under(question)):
            for other in _references(text):
                start = f"{node.group}." if other.startswith("this.") else ""
                whole = start + other.removeprefix("this.")
                if whole in self.nodes and _always(self.nodes[whole].question):
                    continue
                for end in [match.start() for match in re.finditer(r"\.|$", whole)]:
                    if whole[:end] != name:
                        self.settle(whole[:end])
        # A list that nobody answered is empty, as the reader has it.
        node.into[question.name] = () if question.structure in (Structure.LIST, Structure.GROUPS) else None
        if self.holds(question.when or "true", node.into):
            self.answer(name, node, rules)

    def holds(self, condition: str, this: dict[str, Any]) -> bool:
        if condition in ("yes", "true"):
            return True
        return bool(_JINJA.compile_expression(condition)(**self.facts, this=this)) if condition else False

    def answer(self, name: str, node: _Node, rules: list[str]) -> None:
        question = node.question
        default = node.usual or self.form.defaults.get(node.path, question.default)
        for other in reversed(question.other_defaults):
            default = other.node if self.holds(other.when, node.into) else default
        if question.default_when and not self.holds(question.default_when, node.into):
            default = None
        must = default is None and self.holds(question.needed, node.into)
        special = self.special(node)
        if special is not None:
            found = special
        elif _always(question) and default is None:
            # A group without words of its own is always there, and asks for its parts.
            typed: dict[str, Any] = {}
            self.group(question.parts, name, node, typed, None, node.silent)
            if typed:
                node.typed[question.key] = typed
            return
        elif node.silent or not (must or self.chance(self.level) or self.breaks(rules, node, default, name)):
            self.leave(name, node, default)
            return
        else:
            found = self.value(name, node, rules)
        if found is not None:
            node.into[question.name] = found.fact
            node.typed[question.key] = found.typed

    def breaks(self, rules: list[str], node: _Node, default: Node | None, name: str) -> bool:
        """Return whether what is usual would contradict other answers."""
        if rules:
            self.leave(name, node, default)
        return any(self.holds(rule, node.into) for rule in rules)

    def leave(self, name: str, node: _Node, default: Node | None) -> None:
        """Take the default, if there is one, as the fact."""
        question = node.question
        if question.type.name == "group" and default is not None:
            if not (isinstance(default, ScalarNode) and default.text == "no"):
                self.group(question.parts, name, node, {}, default, True)
        elif default is not None:
            node.into[question.name] = _fact(question, default)

    def group(
        self,
        questions: tuple[Question, ...],
        name: str,
        node: _Node,
        typed: dict[str, Any],
        usual: Node | None,
        silent: bool,
    ) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        node.into[node.question.name] = facts
        for part in self.add(questions, name, node.path, facts, typed, usual, silent):
            self.settle(part)
        return facts

    # -- answers

    def special(self, node: _Node) -> Spelled | None:
        """Return the answers that were decided before all others, or that depend on the parties."""
        match node.path.split("."):
            case ["agreement"]:
                return Spelled(self.kind, self.kind)
            case ["currency"] if self.setting.currency != "USD":
                return Spelled(self.setting.currency, self.setting.currency)
            case ["language"] if self.setting.language != "en-US":
                return Spelled(self.setting.language, self.setting.language)
            case ["leave out"] if self.left_out:
                return Spelled(list(self.left_out), list(self.left_out))
        return None

    def value(self, name: str, node: _Node, rules: list[str]) -> Spelled | None:
        question, path = node.question, node.path
        if path in ("currency", "language", "leave out"):
            return None
        if question.key == "parties" and path == "parties":
            return self.parties(name, node)
        match question.type.name:
            case "group":
                return self.switch(name, node)
            case "list":
                return self.texts(question, path)
            case "list of groups":
                return self.items(name, node)
            case "per party":
                return self.per_party(name, node)
            case "shares":
                return self.shares(question, path)
            case "raci":
                return self.raci(name, node)
        return self.one(question, path, node.into, rules)

    def one(self, question: Question, path: str, into: dict[str, Any], rules: list[str]) -> Spelled:
        """Draw one value, or one of the words that may stand for it; never what contradicts other answers."""
        if question.among_path:
            *groups, part = question.among_path.split(".")
            there: Any = self.facts
            for group in groups:
                there = there[name_in_clauses(group)]
            names = [item[name_in_clauses(part)] for item in there]
            found = self.draw(st.sampled_from(names).map(lambda text: Spelled(text, text)))
        else:
            strategy = scalar(question, self.setting)
            words = sorted(word for word in question.words or {} if question.type.name != "group")
            if words:
                strategy = st.one_of(strategy, st.sampled_from(words).map(lambda word: Spelled(word, word)))

            def allowed(found: Spelled) -> bool:
                into[question.name] = found.fact
                return not any(self.holds(rule, into) for rule in rules)

            found = self.draw(strategy.filter(allowed) if rules else strategy)
        if question.printed and found.printed:
            self.leaves.append(Leaf(path, found.printed))
        return found

    def switch(self, name: str, node: _Node) -> Spelled | None:
        """A group with words of its own: yes, no, or its parts."""
        question = node.question
        words = question.words or {}
        if "no" in words and self.chance(2):
            return Spelled("no", None)
        typed: dict[str, Any] = {}
        needs = any(part.needed for part in question.parts if part.default is None)
        if "yes" in words and not needs and self.chance(3):
            return Spelled("yes", self.group(question.parts, name, node, {}, None, True))
        facts = self.group(question.parts, name, node, typed, None, False)
        if not typed:
            return Spelled("yes", facts) if "yes" in words else None
        return Spelled(typed, facts)

    def count(self, question: Question, usual: int) -> int:
        """Draw how many entries a list has: a few, and now and then more than a page holds."""
        least = max(1, int(question.limits.least or 1))
        more = usual if self.draw(st.integers(0, 24)) else 25
        most = min(int(question.limits.most or 100), least + more)
        return int(self.draw(st.integers(least, most)))

    def texts(self, question: Question, path: str) -> Spelled:
        (of,) = question.parts
        count = self.count(question, 3)
        if of.type.name == "choice":
            count = min(count, len(of.choices or {}))
        found: list[Spelled] = []
        for _ in range(count):
            one = self.one(replace(of, printed=question.printed), path, {}, [])
            if str(one.fact).casefold() not in (str(other.fact).casefold() for other in found):
                found.append(one)
        typed = [one.typed for one in found]
        alone = len(typed) == 1 and self.chance(5)
        return Spelled(typed[0] if alone else typed, [one.fact for one in found])

    def items(self, name: str, node: _Node) -> Spelled:
        question = node.question
        facts: list[dict[str, Any]] = []
        typed: list[dict[str, Any]] = []
        node.into[question.name] = facts
        for number in range(1, self.count(question, 4) + 1):
            before = len(self.leaves)
            into, said = self.entry(question.parts, f"{name}.{number}", f"{node.path}.{number}")
            double = any(
                part.unique and str(into[part.name]).casefold() in (str(other[part.name]).casefold() for other in facts)
                for part in question.parts
                if into[part.name] is not None
            )
            is_back = node.path == "status" and not _may_follow(into, facts, str(node.into.get("effective")))
            if said and not double and not is_back:
                facts.append(into)
                typed.append(said)
            else:
                del self.leaves[before:]
        return Spelled(typed, facts)

    def entry(self, questions: tuple[Question, ...], name: str, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
        into: dict[str, Any] = {}
        said: dict[str, Any] = {}
        for part in self.add(questions, name, path, into, said):
            self.settle(part)
        return into, said

    def per_party(self, name: str, node: _Node) -> Spelled:
        question = node.question
        (of,) = question.parts
        typed: dict[str, Any] = {}
        facts: list[Any] = []
        for number, short in enumerate(self.setting.parties):
            if not question.needed and number and self.chance(2):
                continue
            path = f"{node.path}.{short}"
            if of.type.name == "group":
                into, said = self.entry(of.parts, f"{name}.{number}", path)
                if not said:
                    continue
                typed[short] = said
            else:
                found = self.texts(of, path) if of.type.name == "list" else self.one(of, path, {}, [])
                typed[short], into = found.typed, found.fact
            facts.append({"party": short, "said": into})
        return Spelled(typed, facts)

    def shares(self, question: Question, path: str) -> Spelled:
        parties = self.setting.parties
        if len(parties) == 3 and self.chance(3):
            cuts = [3334, 3333, 3333]
        else:
            step = self.draw(st.sampled_from((1000, 500, 100, 25)))
            inner = self.draw(
                st.lists(st.integers(1, 10_000 // step - 1), min_size=len(parties) - 1, max_size=len(parties) - 1)
            )
            edges = [0, *sorted(cut * step for cut in inner), 10_000]
            cuts = [high - low for low, high in pairwise(edges)]
        figures = [f"{cut / 100:g}" for cut in cuts]
        for short, figure in zip(parties, figures, strict=True):
            if question.printed and figure != "0":
                self.leaves.append(Leaf(f"{path}.{short}", (f"{figure}%",)))
        return Spelled({short: f"{figure}%" for short, figure in zip(parties, figures, strict=True)}, figures)

    # -- parties

    def parties(self, name: str, node: _Node) -> Spelled:
        least, most = self.form.party_limits
        count = least if least == most or self.chance(7) else self.draw(st.integers(least, most))
        roles = self.draw(st.permutations(self.form.roles)) if self.form.roles and self.chance(4) else ()
        taken: set[str] = set()
        facts, typed = [], []
        for number in range(1, count + 1):
            names = self.names(taken)
            into, said = self.entry(
                tuple(part for part in node.question.parts if part.key not in ("name", "short", "role")),
                f"{name}.{number}",
                f"parties.{number}",
            )
            self.leaves += [Leaf(f"parties.{number}.{key}", (text,)) for key, text in names.items()]
            self.sign(into, said, f"parties.{number}")
            role = {"role": roles[number - 1]} if number <= len(roles) else {}
            typed.append(names | role | said)
            facts.append(into)
        shorts = tuple(party.get("short") or _derived(party["name"]) for party in typed)
        self.setting = replace(self.setting, parties=shorts)
        return Spelled(typed, facts)

    def sign(self, into: dict[str, Any], said: dict[str, Any], path: str) -> None:
        """Let those sign who may: for a company with a title, for a person by an authority, and nobody unconfirmed."""
        for key in ("signatory", "second signatory"):
            signer = said.get(key)
            if not isinstance(signer, dict):
                continue
            if str(signer.get("name", "")).endswith(("Inc.", "Co.", "LLC")):
                # A drawn text may end like a company's name, and a company signs by a person.
                self.leaves = [leaf for leaf in self.leaves if leaf.path != f"{path}.{key}.name"]
                self.leaves.append(Leaf(f"{path}.{key}.name", ("Rosa Lind",)))
                signer["name"] = "Rosa Lind"
            if "authority confirmed" in signer:
                signer["authority confirmed"] = "yes"
            if into["entity"] not in ("individual", "sole proprietor") and "title" not in signer:
                signer["title"] = "Member"
                self.leaves.append(Leaf(f"{path}.{key}.title", ("Member",)))
        guarantor = said.get("guarantor")
        if isinstance(guarantor, dict):
            # A person guarantees, and a drawn text may end like a company's name.
            guarantor["name"] = "Rosa Lind"
            self.leaves = [leaf for leaf in self.leaves if leaf.path != f"{path}.guarantor.name"]
            self.leaves.append(Leaf(f"{path}.guarantor.name", ("Rosa Lind",)))
        if into["entity"] in ("individual", "sole proprietor") and "signs under" not in said:
            said["signs under"] = "under a power of attorney"
            self.leaves.append(Leaf(f"{path}.signs under", ("under a power of attorney",)))

    def names(self, taken: set[str]) -> dict[str, str]:
        """Draw a legal name and, where it is long or taken or by chance, a short one."""
        ends = ("", " LLC", ", Inc.", " GmbH", " Co.", " L.L.C.", " & Sons Ltd", " S.A.")
        while True:
            # A name is a sign of the party everywhere: it begins with a letter of its own.
            first = self.draw(st.sampled_from(PLAIN)).capitalize()
            core = " ".join((first, self.draw(texts(characters=60, most=4)))).rstrip(".,;:!?")
            name = core + self.draw(st.sampled_from(ends))
            found = {"name": name}
            if len(_derived(name)) > _SHORT or self.chance(4):
                found["short"] = self.draw(st.one_of(st.just(core[:_SHORT].strip()), texts(characters=_SHORT, most=2)))
            short = found.get("short") or _derived(name)
            if not {name.casefold(), "s:" + short.casefold()} & taken and short.lower() not in (
                "payer",
                "each",
                "yes",
                "no",
            ):
                taken |= {name.casefold(), "s:" + short.casefold()}
                return found

    # -- the chart

    def raci(self, name: str, node: _Node) -> Spelled:
        question, parties = node.question, self.setting.parties
        into: dict[str, Any] = {}
        node.into[question.name] = into
        said: dict[str, Any] = {}
        for part in self.add(question.parts, name, node.path, into, said):
            self.settle(part)
        self.leaves = [leaf for leaf in self.leaves if not leaf.path.startswith("raci.")]
        own = st.tuples(texts(characters=40, most=3), st.sampled_from(("lead", "owner", "Desk")))
        # Now and then a chart that needs turned heads and more than a page.
        count, most = self.draw(st.integers(1, 5)), 6
        if not self.draw(st.integers(0, 9)):
            count, most = self.draw(st.integers(6, 14)), 40
        names = self.draw(st.lists(own.map(" ".join), min_size=count, max_size=count, unique_by=str.casefold))
        roles: dict[str, Any] = {}
        ours: list[str] = []
        for role in names:
            inside = not ours or self.chance(8)
            party = self.draw(st.sampled_from(parties)) if inside else "outside"
            ours += [role] if inside else []
            roles[role] = party
            self.show(f"raci.roles.{role}", role)
            if self.chance(3):
                person = self.draw(texts(characters=40, most=3))
                roles[role] = {"party": party, "person": person}
                self.show(f"raci.roles.{role}", person)
        tasks: dict[str, Any] = {}
        titles = st.lists(texts(characters=160), min_size=most // 3, max_size=most, unique_by=str.casefold)
        phases = self.draw(st.lists(texts(characters=40, most=4), max_size=2))
        for title in self.draw(titles):
            letters = {self.draw(st.sampled_from(ours)): "A/R"}
            for role in names:
                if role not in letters and self.chance(5):
                    letters[role] = self.draw(st.sampled_from(("R", "C", "I", "i", "-")))
            task: dict[str, Any] = {"letters": letters} if self.chance(5) else dict(letters)
            if self.chance(3):
                day = self.draw(days(self.setting, narrow=True))
                task["due"] = day.typed
                self.show(f"raci.tasks.{title}", *day.printed)
            if phases and self.chance(7):
                task["phase"] = self.draw(st.sampled_from(phases))
                self.show(f"raci.tasks.{title}", task["phase"])
            if self.typed.get("responsibilities") and self.chance(3):
                short, duties = self.draw(st.sampled_from(sorted(self.typed["responsibilities"].items(), key=str)))
                task["carries out"] = f"{short}: {duties if isinstance(duties, str) else duties[0]}"
            self.show(f"raci.tasks.{title}", title)
            tasks[title] = task
        return Spelled(said | {"roles": roles, "tasks": tasks}, into)

    def show(self, path: str, *forms: str) -> None:
        self.charted.append(Leaf(path, forms))


_SUFFIX = re.compile(r"(,? (Inc\.?|LLC|Ltd|S\.A\.|L\.L\.C\.|Co\.?|GmbH))$", re.IGNORECASE)


def _may_follow(step: dict[str, Any], before: list[dict[str, Any]], effective: str) -> bool:
    """Return whether a step may stand behind others: in the order of days, drafts before signatures, an end last."""
    steps = [one["step"] for one in before]
    if "ended" in steps or (before and step["date"] < before[-1]["date"]):
        return False
    if step["step"] == "ended" and not effective <= step["date"]:
        return False
    return ("signed" in steps) == (step["step"] in ("amended", "ended")) or step["step"] == "signed"


def _derived(name: str) -> str:
    return _SUFFIX.sub("", name)


def _always(question: Question) -> bool:
    return question.type.name == "group" and not question.words and question.default is None


def _references(condition: str) -> list[str]:
    bare = re.sub(r"'[^']*'", " ", condition)
    return re.findall(r"[a-z_]\w*(?:\.\w+)*", bare)


def _usual_under(question: Question) -> tuple[str, ...]:
    return tuple(other.when for other in question.other_defaults)


def _among(question: Question) -> tuple[str, ...]:
    return (".".join(name_in_clauses(part) for part in question.among_path.split(".")),) if question.among_path else ()


def _fact(question: Question, default: Node) -> Any:
    """Return a default as conditions see it."""
    if isinstance(default, SequenceNode):
        return [node.text for node in default.items if isinstance(node, ScalarNode)]
    assert isinstance(default, ScalarNode), question.key
    if default.text in (question.words or ()):
        return default.text
    match question.type.name:
        case "yes/no":
            return default.text == "yes"
        case "percent":
            return Percentage(default.text.rstrip("%"))
        case "integer":
            return Percentage(default.text)
        case "duration":
            return Span(hours_of(default.text))
    return default.text


# -- the file


class _Plain(
    yaml.emitter.Emitter, yaml.serializer.Serializer, yaml.representer.SafeRepresenter, yaml.resolver.BaseResolver
):
    """Writes texts as people do: numbers, dates and words like yes stand without quotes."""

    def __init__(self, stream: Any, **options: Any) -> None:
        style = {key: options.get(key) for key in ("width", "allow_unicode", "indent")}
        yaml.emitter.Emitter.__init__(self, stream, **style)
        yaml.serializer.Serializer.__init__(self)
        yaml.representer.SafeRepresenter.__init__(
            self, default_style=None, default_flow_style=options["default_flow_style"], sort_keys=False
        )
        yaml.resolver.BaseResolver.__init__(self)

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_str(self, data: str) -> Any:
        # Without quotes these words are no answer at all.
        style = '"' if data.casefold() in ("null", "~") else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)


_Plain.add_representer(str, _Plain.represent_str)


@st.composite
def files(draw: st.DrawFn, typed: dict[str, Any]) -> str:
    """Return the answers as YAML in one of its styles, or as JSON; some with what editors add to a file."""
    if not draw(st.integers(0, 7)):
        return json.dumps(typed, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from((None, 2))))
    text = yaml.dump(
        typed,
        Dumper=_Plain,
        default_flow_style=draw(st.sampled_from((False, None, True))),
        width=draw(st.sampled_from((40, 80, 100_000))),
        allow_unicode=bool(draw(st.integers(0, 4))),
        indent=draw(st.sampled_from((2, 4))),
    )
    start = draw(st.sampled_from(("", "", "", "---\n", '# A deal: "drawn"\n\n', "\ufeff")))
    end = draw(st.sampled_from(("", "", "", "...\n", "\n\n# the end", "   \n")))
    return f"{start}{text}{end}".replace("\n", draw(st.sampled_from(("\n", "\n", "\r\n"))))


@st.composite
def deals(draw: st.DrawFn, kind: str, plain: bool = False) -> Drawn:
    """Return deals of one kind, from the smallest to full ones, most of which fit their pages; see Setting for `plain`."""
    library = built_in_library()
    currency = "USD" if draw(st.integers(0, 2)) else draw(st.sampled_from(sorted(SYMBOLS)))
    language = draw(st.sampled_from(("en-US", "en-US", "en-GB")))
    optional = sorted(library.optional_topics(library.outline_of_kind(kind)).values())
    left_out = draw(st.lists(st.sampled_from(optional), unique=True, max_size=8)) if draw(st.booleans()) else []
    level = draw(st.sampled_from((0, 1, 1, 2, 2, 3, 5)))
    deal = _Deal(draw, library, kind, level, Setting(currency, language, plain=plain), tuple(left_out))
    deal.make()
    return Drawn(kind, draw(files(deal.typed)), tuple(deal.leaves), tuple(deal.charted))
