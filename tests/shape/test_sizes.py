"""Modules, functions and lines stay small enough to be read whole."""

from __future__ import annotations

import ast
import re

from tests.shape.tree import everything

MODULE_LINES = 400
FUNCTION_LINES = 60
LINE_CHARACTERS = 120
WORD_TO_A_TOOL = re.compile(r"  # (?:noqa|type: ignore)")  # may stand beyond the end of the line: nobody reads it there


def test_every_module_has_less_than_400_lines() -> None:
    sizes = {module.where: module.text.count("\n") for module in everything()}

    assert {where: lines for where, lines in sizes.items() if lines >= MODULE_LINES} == {}


def test_every_function_has_less_than_60_lines() -> None:
    long = {
        f"{module.at(function)} {function.name}": lines
        for module in everything()
        for function in module.walk(ast.FunctionDef, ast.AsyncFunctionDef)
        if (lines := function.end_lineno - function.lineno + 1) >= FUNCTION_LINES
    }

    assert long == {}


def test_no_line_has_more_than_120_characters() -> None:
    long = [
        f"{module.where}:{number}"
        for module in everything()
        for number, line in enumerate(module.text.splitlines(), 1)
        if len(WORD_TO_A_TOOL.split(line)[0]) > LINE_CHARACTERS
    ]

    assert long == []
