"""How many years of school a text takes to read.

The Flesch-Kincaid grade level: 0.39 x words in a sentence + 11.8 x syllables in a word - 15.59 (J. P. Kincaid and
others, "Derivation of New Readability Formulas", Naval Technical Training Command, 1975). Syllables are counted where
Pyphen would hyphenate. Headings of one or two words are no sentences.
"""

from __future__ import annotations

import re
from functools import cache

# Contracts that people read are written for grade 9 to 11.
MOST = 13.0


def grade(text: str, language: str = "en_US") -> float:
    """Return the school grade of an English text (5 is easy, 18 a statute); 0 for one without words."""
    sentences = [found for found in map(_words, re.split(r"(?<=[.!?])\s+", text)) if len(found) > 2]
    words = _words(text)
    if not words:
        return 0.0
    syllables = sum(_syllables(word, language) for word in words)
    return 0.39 * len(words) / (len(sentences) or 1) + 11.8 * syllables / len(words) - 15.59


def _words(text: str) -> list[str]:
    return [word for word in (re.sub(r"[^\w\s]", "", part).lower() for part in text.split()) if word]


@cache
def _syllables(word: str, language: str) -> int:
    from pyphen import Pyphen

    # Pyphen keeps its dictionaries.
    return len(Pyphen(lang=language).positions(word)) + 1
