"""The first screens: what this is, which kind of agreement, and what to begin with."""

from __future__ import annotations

from pathlib import Path as FilePath

from agreementgen.deal import editing, yamlfile
from agreementgen.deal.standing import plain
from agreementgen.errors import InputError
from agreementgen.interview.prompting import Option, Prompts, Wish, rule, say
from agreementgen.library.library import Library
from agreementgen.library.snapshot import home

OPENING = (
    "This program asks what two or more businesses have agreed, and puts it into prepared wording on one page.",
    "It gives no legal advice and is no substitute for an attorney. Its wording was not reviewed by a lawyer. "
    "Have a lawyer read the agreement before anybody signs it.",
    "It takes 10 to 20 minutes. Every answer is saved at once. Ctrl-C stops at any time; the same command goes on "
    "where you were.",
    'Instead of an answer you can type "?" for help, "<" to go back, ">" to leave a question open for now, and "/" '
    "for the list of topics, a summary of your answers, and the review.",
)
_BLANK, _SMALL = "blank", "small"


def ask_kind(prompts: Prompts, library: Library) -> str:
    """Return the kind of agreement that somebody chooses."""
    rule(prompts, "What kind of agreement is it?")
    outlines = library.offered.values()
    for outline in outlines:
        say(prompts, f"{outline.title}: {outline.about}", "  ", "")
        if outline.example:
            say(prompts, f"Example: {outline.example}", "    ", "    ")
    options = [Option(outline.kind, outline.title) for outline in outlines]
    default = "referral" if "referral" in library.offered else options[0].value
    while True:
        try:
            return prompts.choose(options, default)
        except Wish:
            say(prompts, "Choose the one whose description fits best. It cannot be changed afterwards.")


def ask_start(prompts: Prompts, library: Library, kind: str) -> str:
    """Return the text of the new file: empty, with the answers of a small start, or a sample's."""
    outline = library.outline(kind)
    rule(prompts, "How do you want to begin?")
    options = [Option(_BLANK, "With the questions")]
    if outline.small:
        options.append(Option(_SMALL, f"Small: {outline.small}"))
    samples = _samples(kind, library)
    options += [Option(name, f"With a sample: {says}") for name, (says, _) in samples.items()]
    while True:
        try:
            chosen = prompts.choose(options, _BLANK)
            break
        except Wish as wish:
            if wish.kind == "back":
                raise
            say(prompts, "A sample is a complete deal between invented businesses: you change what differs.")
    if chosen in samples:
        return samples[chosen][1]
    if chosen == _SMALL:
        text = f"agreement: {kind}\n"
        for name, node in outline.small_answers.items():
            text = editing.set_answer(text, tuple(name.split(".")), plain(node))
        return text
    return ""


def free_name(kind: str) -> FilePath:
    """Return the first name in this folder that no file has."""
    names = [f"{kind}-deal.yaml", *(f"{kind}-deal-{number}.yaml" for number in range(2, 1000))]
    return FilePath(next(name for name in names if not FilePath(name).exists()))


def _samples(kind: str, library: Library) -> dict[str, tuple[str, str]]:
    """Return the samples of a kind of agreement by name: their first sentence, and their text; those of packs first."""
    texts: dict[str, str] = {}
    for pack in library.packs:
        for name, source in pack.part("samples").items():
            if "/" not in name and name.endswith(".yaml"):
                texts[f"{pack.id}/{name}"] = source.text
    for path in sorted((home() / "samples").glob("*.yaml")):
        texts[path.stem] = path.read_text(encoding="utf-8")
    found = {}
    for name, text in texts.items():
        try:
            root = yamlfile.read(text, name).root
        except InputError:
            continue  # "agreementgen pack check" says what is wrong with a pack's sample
        node = root.get("agreement")
        if isinstance(node, yamlfile.ScalarNode) and node.text == kind:
            # A sample lies in its pack; the new file names the pack from where it stands itself.
            whole = editing.drop_answer(text, ("pack",)) if root.get("pack") else text
            found[name] = (text.split("\n")[0].lstrip("# ").rstrip("."), whole)
    return found
