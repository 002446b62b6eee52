"""The books of words: one folder a language, TOML files in it, each read when one of its words is first wanted.

A file's sections are headed `[section]` or `[section.part]`; several files may fill one section, and of each file only
the parts of a section that is wanted are read: all names of keys are one section, and stand in half of the files.
Nothing is read at import: a console paints its first frame before most of its words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "fr", "rw")
DEFAULT = "en"
_HEADING = re.compile(r"^\[([A-Za-z0-9_]+)[^\]\n]*\]", re.MULTILINE)
_NONE: Mapping[str, Any] = {}


@lru_cache(maxsize=16_384)  # a page asks for the same words for every dish
def template(key: str, language: str) -> str | None:
    """The words under a dotted key in this language, else in English, else None."""
    return own(key, language) or (own(key, DEFAULT) if language != DEFAULT else None)


def own(key: str, language: str) -> str | None:
    """The words under a dotted key in this very language, or None."""
    found: Any = entry(key, language)
    return found if isinstance(found, str) else None


def entry(key: str, language: str) -> Any:
    """Whatever stands under a dotted key: words, a table of words, or None."""
    name, *parts = key.split(".")
    found: Any = section(name, language)
    for part in parts:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


@cache
def section(name: str, language: str) -> Mapping[str, Any]:
    """One section of one language, put together from every file that has a part of it. Unknown: empty."""
    if language not in LANGUAGES:
        return section(name, DEFAULT)
    together: dict[str, Any] = {}
    for file_name, names in _headings(language):
        if name in names:
            _merge(together, _alone(language, file_name, name))
    return together


def _alone(language: str, file_name: str, name: str) -> Mapping[str, Any]:
    """What one file says under one section, without reading the rest of it."""
    import tomllib  # not before the first frame

    text = _texts(language)[file_name]
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    parts = [text[heading.start() : end] for heading, end in zip(headings, ends, strict=True) if heading[1] == name]
    found: Mapping[str, Any] = tomllib.loads("".join(parts)).get(name, _NONE)
    return found


@cache
def parsed(language: str, file_name: str) -> Mapping[str, Any]:
    """One file, whole: for whoever looks through all words."""
    import tomllib

    return tomllib.loads(_texts(language)[file_name])


@cache
def _headings(language: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, frozenset(_HEADING.findall(text))) for name, text in _texts(language).items())


@cache
def _texts(language: str) -> Mapping[str, str]:
    folder = Path(__file__).with_name(language)
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.toml"))}


def file_names(language: str) -> tuple[str, ...]:
    """The files of one language, sorted."""
    return tuple(_texts(language))


def source(language: str, file_name: str) -> str:
    """The text of one file, with its remarks."""
    return _texts(language)[file_name]


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping):
            table = into.setdefault(key, {})
            if isinstance(table, dict):
                _merge(table, value)
        else:
            into.setdefault(key, value)
