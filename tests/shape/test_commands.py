"""Every command says who may give it and of which class it is, has words in three languages, and a test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from core import words
from core.handlers import HANDLES
from core.kernel.handle import Handle, Kind, Where
from core.kernel.values import Role
from tests.shape.tree import modules

EVERY = pytest.mark.parametrize("handle", HANDLES.values(), ids=list(HANDLES))


@EVERY
def test_a_command_names_the_roles_that_may_give_it(handle: Handle) -> None:
    assert handle.roles
    assert set(handle.roles) <= set(Role)


@EVERY
def test_a_command_is_a_fact_an_intent_or_an_edit_and_runs_somewhere(handle: Handle) -> None:
    assert isinstance(handle.kind, Kind)
    assert isinstance(handle.where, Where)


@EVERY
def test_an_edit_names_the_row_whose_version_it_is_judged_by(handle: Handle) -> None:
    assert (handle.edits is not None) == (handle.kind is Kind.EDIT)


@EVERY
@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_command_has_words_of_its_own(handle: Handle, language: str) -> None:
    assert words.has(f"command.{handle.command.name}", language)


@EVERY
def test_numbers_and_texts_of_a_command_have_bounds(handle: Handle) -> None:
    """What a command may hold, every database of ours can."""
    schema = handle.command.model_json_schema()
    unbounded = [place for place, part in _parts("", schema, schema.get("$defs", {})) if not _is_bounded(part)]
    assert unbounded == []


def _is_bounded(part: dict[str, Any]) -> bool:
    if part.get("type") in ("integer", "number"):
        ends = ({"maximum", "exclusiveMaximum"}, {"minimum", "exclusiveMinimum"})
        return all(part.keys() & end for end in ends)
    return part.get("type") != "string" or bool(part.keys() & {"pattern", "enum", "const", "maxLength"})


def _parts(place: str, part: dict[str, Any], known: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of a command's schema, under its place."""
    if "$ref" in part:
        part = known[part["$ref"].rpartition("/")[2]]
    yield place, part
    inside = [*part.get("anyOf", ()), *part.get("oneOf", ()), *part.get("prefixItems", ())]
    inside += [part[name] for name in ("items", "additionalProperties") if isinstance(part.get(name), dict)]
    for one in inside:
        yield from _parts(place, one, known)
    for name, one in part.get("properties", {}).items():
        yield from _parts(f"{place}.{name}", one, known)


@EVERY
def test_a_command_is_in_a_test(handle: Handle) -> None:
    assert handle.command.__name__ in _names_in_tests()


@cache
def _names_in_tests() -> frozenset[str]:
    tests = (module.text for module in modules("tests") if not module.name.startswith("tests.shape"))
    return frozenset(name for text in tests for name in re.findall(r"[A-Z]\w+", text))
