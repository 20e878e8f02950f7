"""The questionnaire in another language: a pack's messages.po, the conversation it makes, and what is wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import packs
import pytest
from commands import run_here
from conftest import ROOT
from terminal import Terminal

from agreementgen.authoring.message_list import list_messages
from agreementgen.core.problems import PackError
from agreementgen.interview.prompts import Option, _find_choice
from agreementgen.library.files import SourceFile
from agreementgen.library.messages import read_messages

PACKS = ROOT / "samples" / "packs"


@dataclass(frozen=True)
class Talk:
    """A conversation: words of the visible question, and what is typed (the first that fits), up to `ends_with`."""

    pack: str
    kind: str
    answers: tuple[tuple[str, str], ...]
    ends_with: str
    says: tuple[str, ...]
    typed: str


# What a German types is German.
GERMAN = Talk(
    "lindenhof-de",
    "empfehlung",
    (
        ("Wie wollen Sie beginnen?", "1"),
        ("Das Recht welchen Landes", "Deutschland"),
        ("Die Gerichte welcher Stadt", "Hamburg"),
        ("Gibt es noch eine Partei?", "nein"),
        ("Der volle rechtliche Name", "Nordlicht Webstudio GmbH"),
        ("Was für ein Unternehmen", ""),
        ("Hier ist nichts üblich", "13"),
        ("Die Rechtsform", "GmbH"),
        ("In welchem Land", "Deutschland"),
        ("Anschrift", "Hafenstraße 1, 20457 Hamburg"),
        ("E-Mail", "anna@nordlicht.example"),
    ),
    "Wer unterschreibt",
    (
        "(? Hilfe < zurück > später / Menü Strg-C Ende)",
        "Ihre Antworten werden in deal.yaml gespeichert.",
        "Beispiel: Deutschland",
        "(noch 5 Themen)",
        "Mit üblichen Bedingungen für den Rest füllt der Vertrag",
    ),
    "law: Deutschland",
)
SPANISH = Talk(
    "vereda-es",
    "referidos",
    (
        ("¿Cómo quiere empezar?", "1"),
        ("¿Cuándo empieza el acuerdo?", "1 de marzo de 2027"),
        ("¿La ley de qué estado", "Florida"),
        ("¿Los tribunales de qué condado", "Miami-Dade County, Florida"),
        ("¿Hay otra parte?", "no"),
        ("El nombre legal completo", "Jacaranda Web Studio LLC"),
        ("¿Qué clase de empresa", "1"),
        ("¿En qué estado o país se constituyó?", "Florida"),
        ("Su dirección", "14 Harbor Street, Miami, FL 33101"),
        ("El correo electrónico", "ana@jacaranda.example"),
    ),
    "El nombre de quien firma",
    (
        "(? ayuda < atrás > después / menú Ctrl-C terminar)",
        "Sus respuestas se guardan en deal.yaml.",
        "Ejemplo: ",
        "(quedan 5 temas)",
        "Con las condiciones habituales para el resto, el acuerdo ocupa",
    ),
    "law: Florida",
)


def po(*entries: str) -> SourceFile:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return SourceFile("messages.po", (head + "\n\n".join(entries) + "\n").encode())


def test_what_is_said_in_full_is_found_among_the_messages() -> None:
    messages = read_messages(
        po(
            'msgid "Done"\nmsgstr "Fertig"',
            'msgid "Usual: {value}."\nmsgstr "Üblich: {value}."',
            'msgid "{one} of {two} are left"\nmsgstr "von {two} sind {one} übrig"',
            'msgid "a full page"\nmsgstr "eine volle Seite"',
            'msgid "number {part}"\nmsgstr "Nummer {part}"',
            '#, fuzzy\nmsgid "Menu"\nmsgstr "Karte"',
            'msgid "Help"\nmsgstr ""',
        )
    )
    said = {
        "Done": "Fertig",
        "Usual: 30 days.": "Üblich: 30 days.",
        "Usual: a full page.": "Üblich: eine volle Seite.",
        "3 of 7 are left": "von 7 sind 3 übrig",
        "number 2": "Nummer 2",
        # Other people's words that begin like a message.
        "number of leads a month": "number of leads a month",
        # Uncertain, not translated, and of nobody.
        "Menu": "Menu",
        "Help": "Help",
        "Done at last": "Done at last",
    }
    assert {text: messages.translate(text) for text in said} == said


def test_messages_that_fit_everything_end_in_english() -> None:
    """Each fits any text with ": ", and so again what stands in its holes: of many, all ways to say it take minutes."""
    anything = [f'msgid "{{a}}: {{b}}{"." * n}"\nmsgstr "{{a}}: {{b}}{"." * n}"' for n in range(12)]
    messages = read_messages(po('msgid "Start, {value}"\nmsgstr "Los, {value}"', *anything))
    assert messages.translate("Start, word") == "Los, word"
    text = "Start, " + ": ".join(["word"] * 20) + "." * 40
    assert messages.translate(text) == text


def test_of_messages_that_differ_in_the_names_of_holes_the_first_is_said() -> None:
    entries = [f'msgid "{{a{n}}}: {{b}}"\nmsgstr "{n}: {{a{n}}} - {{b}}"' for n in range(300)]
    messages = read_messages(po('msgid "Done"\nmsgstr "Fertig"', *entries))
    assert messages.translate("Here: Done") == "0: Here - Fertig"
    assert messages.translate("Here: there") == "0: Here - there"


def test_what_is_filled_in_must_stay(tmp_path: Path) -> None:
    with pytest.raises(PackError) as refused:
        read_messages(po('msgid "Usual: {value}."\nmsgstr "Üblich"', 'msgid "Done"\nmsgstr "Fertig {now}"'))
    assert [(problem.message, problem.place.line) for problem in refused.value.problems] == [
        ('the translation of "Usual: {value}." must have {value}', 5),
        ('the translation of "Done" must have nothing in braces', 8),
    ]


def test_what_is_no_catalog_is_told_with_its_line() -> None:
    with pytest.raises(PackError) as refused:
        read_messages(SourceFile("messages.po", b'msgid "Done"\nmsgstr "Fertig"\nnonsense here\n'))
    (problem,) = refused.value.problems
    assert problem.message.startswith("this is not a file of messages that can be read")
    assert problem.place.line == 3


def test_messages_are_those_of_the_program() -> None:
    texts = [found.text for found in list_messages()]
    for text in (
        "Done",
        "({left} topics left)",
        "Is there another party? So far: {there}.",
        '"{quote_text}" is not a length of time',
        "(? help   < back   > later   / menu   Ctrl-C stop)",
    ):
        assert text in texts
    assert len(texts) == len(set(texts)) > 300


def test_a_file_of_messages_is_made_and_keeps_what_is_translated(tmp_path: Path) -> None:
    pack = packs.write(tmp_path / "acme-fr", {}, "language: fr\n")
    assert run_here("pack", "copy", str(pack), "messages", folder=tmp_path).returncode == 0
    made = pack / "messages.po"
    text = made.read_text(encoding="utf-8")
    assert '"Language: fr\\n"' in text
    assert 'msgid "Done"\nmsgstr ""' in text
    made.write_text(text.replace('msgid "Done"\nmsgstr ""', 'msgid "Done"\nmsgstr "Terminé"'), encoding="utf-8")
    assert run_here("pack", "copy", str(pack), "messages", folder=tmp_path).returncode == 0
    assert 'msgid "Done"\nmsgstr "Terminé"' in made.read_text(encoding="utf-8")


def test_a_file_of_messages_that_cannot_be_read_is_told_and_stays(tmp_path: Path) -> None:
    pack = packs.write(tmp_path / "acme-fr", {}, "language: fr\n")
    made = pack / "messages.po"
    for bad in ('msgid "Done"\nmsgstr "Terminé"\n'.encode("latin-1"), b'msgid "Done"\nmsgstr "Fini"\nnonsense\n'):
        made.write_bytes(bad)
        done = run_here("pack", "copy", str(pack), "messages", folder=tmp_path)
        assert done.returncode == 2
        assert "messages.po" in done.stderr
        assert "this is not a file of messages that can be read" in done.stderr
        assert "Traceback" not in done.stderr
        assert made.read_bytes() == bad


@pytest.mark.parametrize(
    ("pack", "said", "spoken"),
    [
        ("lindenhof-de", "No, these 3 are all", "Nein, diese 3 sind alle"),
        ("lindenhof-de", "See what must be mended (2 problems)", "Ansehen, was zu berichtigen ist (2 Fehler)"),
        ("lindenhof-de", "The agreement takes 1 page at 9.5 pt.", "Länge des Vertrags: 1 Seite, Schriftgröße 9.5 pt."),
        ("lindenhof-de", "Nothing is usual here: type a number from 1 to 4.",
         "Hier ist nichts üblich: Geben Sie eine Nummer von 1 bis 4 ein."),
        ("vereda-es", "1 problem must be mended before documents can be written.",
         "Hay que corregir antes de escribir los documentos: 1 error."),
        ("vereda-es", "The agreement takes 2 pages at 9 pt.", "Extensión del acuerdo: 2 páginas, letra de 9 pt."),
        ("vereda-es", "No, that is all", "No, eso es todo"),
        ("vereda-es", 'Its kind, as the name says: LLC. Change it under "Parties" if it is another.',
         "Su clase, como dice el nombre: LLC. Cámbiela en las partes, si es otra."),
        ("lindenhof-de", "4 notes", "4 Hinweise"),
        ("lindenhof-de", "Read the agreement from the first word to the last, both of you. What nobody typed is in it, too, "
         "as usual terms.", "Lesen Sie den Vertrag vom ersten bis zum letzten Wort, alle beide. Was niemand eingegeben hat, "
         "steht auch darin, als übliche Bedingung."),
    ],
)  # fmt: skip
def test_what_is_counted_stands_in_the_plurals_of_the_language(pack: str, said: str, spoken: str) -> None:
    data = (PACKS / pack / "messages.po").read_bytes()
    assert read_messages(SourceFile("messages.po", data)).translate(said) == spoken


def test_a_word_of_a_pack_is_no_pattern() -> None:
    messages = read_messages(po('msgid "yes"\nmsgstr "ja (gern"', 'msgid "no"\nmsgstr "n.*"'))
    options = [Option("a", "ja (gern: Vermont"), Option("b", "next time")]
    assert _find_choice("yes", options, messages) == "a"
    assert _find_choice("no", options, messages) == ""


@pytest.mark.parametrize("talk", [GERMAN, SPANISH], ids=["de", "es"])
def test_people_are_asked_in_their_language_and_answer_in_it(talk: Talk, tmp_path: Path) -> None:
    seen: list[str] = []
    with Terminal(
        tmp_path, "new", "deal.yaml", "--plain", "--type", talk.kind, "--pack", str(PACKS / talk.pack), rows=60
    ) as terminal:
        while screen := terminal.look():
            text = " ".join(" ".join(screen).split())
            seen.append(text)
            assert len(seen) < 20, text
            if talk.ends_with in text:
                break
            terminal.screen.reset()
            answer = next((typed for words, typed in talk.answers if words in text), None)
            assert answer is not None, text
            terminal.type(answer)
    whole = " ".join(seen)
    for words in talk.says:
        assert words in whole
    for words in ("Example", "Usual", "topics left", "goes on", "party 1", "saved in"):
        assert words not in whole
    assert talk.typed in (tmp_path / "deal.yaml").read_text(encoding="utf-8")
