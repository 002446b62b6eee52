"""The three books say the same: the same keys, the same arguments, and each in its own language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from core.words import LANGUAGES, books
from core.words.telling import arguments_of

OTHERS = tuple(language for language in LANGUAGES if language != "en")
BEHIND = ("_day", "_of", "_some", "_title")
# marks, names and words that every language here uses as they are; each was looked at
SAME_IN_KINYARWANDA = re.compile(
    r"""
    ^(language\.\w+            # a language is named in itself
    |page\.title|demo\.pin     # Dusangire, PIN
    |texture\.\d.*|fluid\.\d.* # numbers first
    |figure\..*|due\.left      # 12m, T-38
    |flag\.component           # only its argument
    |.*\.(wifi|tmux)           # Wi-Fi
    |kitchen\.wish|kitchen\.stops
    |ward\.step_ok|clinical\.seen_at)$
    """,
    re.VERBOSE,
)
REVIEWED = frozenset({"allergen.soya", "allergen_some.soya", "thing.pin_verifier"})


def leaves(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a book by its dotted key. Lists (the calendar) are one text each."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", " ".join(value) if isinstance(value, list) else value


def book(language: str) -> dict[str, str]:
    return {key: text for name in books.file_names(language) for key, text in leaves(books.parsed(language, name))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_section_that_is_read_alone_says_what_the_whole_files_say(language: str) -> None:
    """Only its own parts of a file are read when a section is wanted: none is cut in the middle of a text."""
    names = {key.partition(".")[0] for key in book(language)}
    told = {f"{name}.{key}": text for name in names for key, text in leaves(books.section(name, language))}
    assert told == book(language)


@pytest.mark.parametrize("language", OTHERS)
def test_no_word_is_missing(language: str) -> None:
    assert sorted(set(book("en")) - set(book(language))) == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_word_is_left_over(language: str) -> None:
    assert sorted(set(book(language)) - set(book("en"))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_stands_in_two_files(language: str) -> None:
    files: dict[str, list[str]] = defaultdict(list)
    for name in books.file_names(language):
        for key, _ in leaves(books.parsed(language, name)):
            files[key].append(name)
    assert {key: names for key, names in files.items() if len(names) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_stands_under_a_heading(language: str) -> None:
    """Only headed sections are found: a file is read when one of its headings is asked for."""
    missed = {
        key
        for name in books.file_names(language)
        for key, text in leaves(books.parsed(language, name))
        if not isinstance(books.entry(key, language), list) and books.entry(key, language) != text
    }
    assert missed == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_ends_in_a_space(language: str) -> None:
    untidy = {key for key, text in book(language).items() if text != text.strip() and key != "figure.thousands"}
    assert untidy | {key for key, text in book(language).items() if not text} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_holds_a_character_that_nobody_sees(language: str) -> None:
    plain = {key: text for key, text in book(language).items() if key != "figure.thousands"}
    assert {key for key, text in plain.items() if not text.isprintable()} == set()


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_takes_the_same_arguments(language: str) -> None:
    english, other = book("en"), book(language)
    differing = {  # a singular may name its one
        key: (sorted(_arguments(english[key])), sorted(_arguments(other[key])))
        for key in english
        if key in other and not key.endswith("_one") and _arguments(english[key]) != _arguments(other[key])
    }
    assert differing == {}


def test_kinyarwanda_is_no_copy_of_english() -> None:
    english, other = book("en"), book("rw")
    copied = {key for key, text in other.items() if english.get(key) == text and not _may_be_same(key, text)}
    assert copied == set()


def test_french_sentences_are_no_copies_of_english() -> None:
    """Short words may be alike (menu, service); whole sentences are not."""
    english, other = book("en"), book("fr")
    sentences = {
        key: text for key, text in other.items() if len(re.findall(r"[A-Za-z]{2,}", _without_arguments(text))) > 2
    }
    assert {key for key, text in sentences.items() if english.get(key) == text} == set()


def test_french_keeps_its_space_before_double_marks() -> None:
    """`Pas pour vous : contient` and not `vous:`."""
    close = re.compile(r"[A-Za-zÀ-ÿ})»][?!;]|[A-Za-zÀ-ÿ})»]:(?!//|\S)")
    assert {key for key, text in book("fr").items() if close.search(text)} == set()


@pytest.mark.parametrize("name", books.file_names("rw"))
def test_every_kinyarwanda_file_says_that_it_is_a_draft(name: str) -> None:
    head = "".join(books.source("rw", name).splitlines(keepends=True)[:3])
    assert "native reviewer" in head


def _arguments(text: str) -> set[str]:
    return {next((name.removesuffix(end) for end in BEHIND if name.endswith(end)), name) for name in arguments_of(text)}


def _may_be_same(key: str, text: str) -> bool:
    if SAME_IN_KINYARWANDA.match(key) or key in REVIEWED:
        return True
    return not re.search(r"[A-Za-z]{2}", _without_arguments(text))  # only marks and arguments


def _without_arguments(text: str) -> str:
    return re.sub(r"\{\w+\}", "", text)
