"""The screen for shares: those of all parties are typed in one line, and shown with what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from agreementgen.core.problems import Problem
from agreementgen.core.readings import list_named_shares, list_shares, says_equal_shares, split_shares
from agreementgen.deal.questions import Question, Structure
from agreementgen.deal.reader import FactPath
from agreementgen.interview.conversation import NEEDED, NO_ANSWER, Conversation
from agreementgen.interview.prompts import Option

_SAME = "same"
_EXAMPLES: Mapping[int, str] = {2: "60/40", 3: "50/30/20", 4: "40/30/20/10"}


def ask_for_shares(conversation: Conversation, path: FactPath, question: Question) -> bool:
    """Ask for the shares of all parties in one line until they make 100%; return whether there are any."""
    notebook = conversation.notebook
    parties = list(conversation.status.context.parties)
    given = notebook.answer_at(path)
    proposed = _join(given, parties) if isinstance(given, dict) else ""
    _show_question(conversation, path, question)
    fact = conversation.status.find_fact(path)
    if fact and fact.problem and fact.state == "wrong":
        conversation.show_problem(fact.problem)
    while True:
        text = conversation.ask_with_help(path, question, lambda: conversation.prompts.ask_text(proposed, ()))
        if text in ("", NO_ANSWER) and not question.needed:
            notebook.drop_answer(path)
            return False
        found = _read_shares(conversation, path, text, parties)
        if isinstance(found, Problem):
            if found.message:
                _show_question(conversation, path, question)
                conversation.show_problem(found)
            continue
        problem = notebook.save_answer(path, found) if found != given else None
        if problem is not None:
            conversation.show_problem(problem)
            continue
        conversation.say(f"  = {_in_words(found)}; 100% in all", "    ", "")
        conversation.show_notes()
        return True


def _show_question(conversation: Conversation, path: FactPath, question: Question) -> None:
    conversation.show_heading(path)
    prompt = question.prompt
    conversation.say(prompt if prompt.endswith(("?", ".", ":")) else f"{prompt}:")
    parties = list(conversation.status.context.parties)
    example = f"Example: {_EXAMPLES[len(parties)]}. " if len(parties) in _EXAMPLES else ""
    conversation.say(f'In this order: {" / ".join(parties)}. {example}"equal" makes them equal.')
    same = _find_same(conversation, path)
    if same is not None:
        key, shares = same
        conversation.say(f'"{_SAME}" takes what stands under {key}: {_in_words(shares)}.')


def _find_same(conversation: Conversation, path: FactPath) -> tuple[str, dict[str, str]] | None:
    """Return the name and the answer of the first shares that were agreed in the same topic."""
    parties = list(conversation.status.context.parties)
    for fact in conversation.status.facts:
        is_beside = fact.path[:-1] == path[:-1] and fact.question.structure is Structure.SHARES
        given = conversation.notebook.answer_at(fact.path) if is_beside and fact.path != path else None
        if fact.state == "answered" and isinstance(given, dict) and set(given) == set(parties):
            name = path[0] if fact.question.key == "shares" else fact.question.key
            return name, {short: str(given[short]) for short in parties}
    return None


def _read_shares(conversation: Conversation, path: FactPath, text: str, parties: list[str]) -> dict[str, str] | Problem:
    """Return the shares that `text` says, or what is wrong with it; an empty Problem where all is said already."""
    plain = text.strip().lower()
    same = _find_same(conversation, path)
    if same is not None and plain.split(" ")[0] == _SAME:
        return same[1]
    shares = list_shares(text, len(parties)) or list_named_shares(text, parties)
    numbers = [share.removesuffix("%") for share in shares] or split_shares(text)
    total = sum(map(Decimal, numbers), Decimal())
    if shares and total == 100:
        found = dict(zip(parties, shares, strict=True))
        return found if not says_equal_shares(text) or 100 % len(parties) == 0 else _confirm(conversation, text, found)
    if len(numbers) == 1 and len(parties) == 2 and 0 < total < 100:
        rest = f"{(100 - total).normalize():f}%"
        return _confirm(conversation, text, dict(zip(parties, (f"{numbers[0]}%", rest), strict=True)))
    if len(numbers) == len(parties):
        counted = " + ".join(f"{number}%" for number in numbers)
        away = total - 100
        much = f"{abs(away).normalize():f}% too {'much' if away > 0 else 'little'}"
        return Problem(
            f"{counted} = {total.normalize():f}%: {much}", "the shares of all make 100%", code="shares-total"
        )
    if not plain:
        return NEEDED
    hint = f'one number for each of the {len(parties)} parties, as in "{_EXAMPLES.get(len(parties), "equal")}"'
    return Problem(f'"{text}" is not a share for each party', hint, code="unreadable")


def _confirm(conversation: Conversation, text: str, shares: dict[str, str]) -> dict[str, str] | Problem:
    """Ask whether shares that nobody typed as they are were meant."""
    conversation.say(f'"{text}": do you mean this?')
    options = [Option("yes", f"Yes: {_in_words(shares)}"), Option("no", "No: type it again")]
    is_meant = conversation.prompts.ask_choice(options, "yes") == "yes"
    return shares if is_meant else Problem("", code="unreadable")


def _join(shares: Mapping[str, object], parties: list[str]) -> str:
    """Return shares as one types them, "" where some are not there."""
    known = [str(shares.get(short) or "").removesuffix("%") for short in parties]
    return "/".join(known) if all(known) else ""


def _in_words(shares: Mapping[str, str]) -> str:
    return ", ".join(f"{short} {share}" for short, share in shares.items())
