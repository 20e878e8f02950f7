"""How facts, answers and conditions are said in a memo."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agreementgen.core.values import Choice, Unprintable, format_value
from agreementgen.deal.deal import Answer, Deal, find_fact
from agreementgen.deal.questions import name_in_clauses, walk_questions
from agreementgen.dealcheck.needs import ANSWERED_BY
from agreementgen.language.conditions import FactNames, read_condition
from agreementgen.library.library import Library

# More answers that nobody gave are counted: their names would fill lines that nobody reads.
_MOST_MISSING_NAMED = 3


def value_in_words(value: Any, language: str) -> str:
    """Return a fact in a few words: yes and no, lists with commas, groups by their parts."""
    match value:
        case None | ():
            return ""
        case bool():
            return "yes" if value else "no"
        case Choice():
            # Of "monthly" and "month", or "none" and "the agreement goes on", the longer one says more by itself.
            return max(str(value), value.printed, key=len)
        case tuple():
            return ", ".join(filter(None, (value_in_words(item, language) for item in value)))
        case {"party": Mapping() as party, "said": said, **more}:
            words = (value_in_words(said, language), _parts_in_words(more, language))
            return f"{party['short']}: {', '.join(filter(None, words))}"
        case Mapping() if "short" not in value:
            return _parts_in_words(value, language)
    try:
        return format_value(value, language)
    except Unprintable:
        return str(value)


def _parts_in_words(parts: Mapping[Any, Any], language: str) -> str:
    said = ((str(key), value_in_words(part, language)) for key, part in parts.items())
    return ", ".join(f"{key.replace('_', ' ')} {words}" for key, words in said if words)


class PathNames:
    """Names the facts of a deal by the titles of their topics and the names of its parties."""

    def __init__(self, deal: Deal, library: Library) -> None:
        self._deal = deal
        self._topics = {topic.question.key: topic.title for topic in library.topics.values() if topic.question.key}
        form = library.form_of(library.outline_of_deal(deal))
        self._paths = {name_in_clauses(path): path for path, _ in walk_questions(form.questions)}

    def topic_of(self, path: str) -> str:
        """Return the title of the topic that a path in a deal file belongs to."""
        return self._topics.get(path.partition(".")[0], "The agreement")

    def name_inside_topic(self, path: str) -> str:
        """Return "pilot, exit notice" for "duration.pilot.exit notice", "Northshore, entity" for "parties.1.entity"."""
        topic, _, rest = path.partition(".")
        if topic not in self._topics or not rest:
            return path.replace(".", ", ")
        first, _, more = rest.partition(".")
        if topic == "parties" and first.isdigit() and 0 < int(first) <= len(self._deal.parties):
            rest = f"{self._deal.parties[int(first) - 1].short}.{more}"
        return rest.replace(".", ", ")

    def name_whole(self, path: str) -> str:
        """Return "Duration and renewal: term" for "duration.term"."""
        inside = self.name_inside_topic(path)
        topic = self._topics.get(path.partition(".")[0], "")
        return f"{topic}: {inside}" if topic and inside != path else topic or inside[:1].upper() + inside[1:]

    def explain_condition(self, source: str) -> str:
        """Return the facts of the deal that decide a condition of the clause language.

        "always" where it asks for none, "not in the deal" where all it asks for is missing or no.
        """
        facts = [
            (self.name_whole(self._look_up(names)), find_fact(".".join(names), self._deal.facts))
            for names in read_condition(source).find_decisive_facts(self._deal.facts)
        ]
        missing = [name for name, value in facts if not value]
        if facts and len(missing) == len(facts):
            return "not in the deal"
        said = [f"{name} {self._say_what_decides(value)}" for name, value in facts if value]
        if len(missing) > _MOST_MISSING_NAMED:
            said.append(f"{len(missing)} other answers not given")
        else:
            said += [f"{name} not given" for name in missing]
        return ", ".join(said) or "always"

    def _say_what_decides(self, value: object) -> str:
        # Of a text, a group or a list, that it is there decides; what it says would fill lines.
        if value and isinstance(value, (str, tuple, Mapping)) and not isinstance(value, Choice):
            return "given"
        return value_in_words(value, self._deal.language)

    def name_of_need(self, need: str) -> str:
        """Return what a rule of the deal check has to know ("today", or a fact by its name in clauses)."""
        if need == "today":
            return "Today's date"
        # What is derived is no answer that anybody could give.
        answer = ANSWERED_BY.get(need, need)
        return self.name_whole(self._look_up(tuple(answer.replace(" ", "_").split("."))))

    def _look_up(self, names: FactNames) -> str:
        """Return the path in a deal file of a fact of clauses."""
        name = ".".join(names)
        return self._paths.get(name, name.replace("_", " "))


def path_of_default(answer: Answer) -> str:
    """Return the path under which the usual answer to a question stands: entries of lists share theirs."""
    return re.sub(r"\.\d+(?=\.|$)", "", answer.path)
