"""Turns what was typed into an act, or says in words which of it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from core.kernel.message import Command

C = TypeVar("C", bound="Command")
MOST_SHOWN = 40


def checked(command: type[C], **columns: Any) -> C:
    """Raises Refusal("bad_value") with the first value that is wrong."""
    from pydantic import ValidationError

    from core.kernel.refusal import Refusal

    try:
        return command(**columns)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or command.name
        raise Refusal("bad_value", name=name, value=str(first["input"])[:MOST_SHOWN]) from error
