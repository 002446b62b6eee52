"""Secrets are asked for without being shown, or read from stdin, a line each: never an option, and never printed."""

from __future__ import annotations

import sys

import typer

from core.kernel.refusal import Refusal


def secret(question: str) -> str:
    """At a terminal asked twice and not shown; otherwise the next line of stdin. Raises Refusal("secret_missing")."""
    if sys.stdin.isatty():
        return str(typer.prompt(question, hide_input=True, confirmation_prompt=True, err=True))
    return _line(question)


def once(question: str) -> str:
    """The same for something that exists already: asked once, not shown."""
    if sys.stdin.isatty():
        return str(typer.prompt(question, hide_input=True, err=True))
    return _line(question)


def text(question: str, *, otherwise: str = "") -> str:
    """An answer that is no secret: what is left out as an option is asked for, if there is somebody to ask."""
    if not sys.stdin.isatty():
        if otherwise:
            return otherwise
        raise Refusal("answer_missing", question=question)
    return str(typer.prompt(question, default=otherwise or None, err=True))


def _line(question: str) -> str:
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Refusal("secret_missing", question=question)
    return line
