"""A command made from what somebody has typed, or nothing when it does not say what it must."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from core.kernel.message import Command

C = TypeVar("C", bound="Command")


def checked(command: type[C], **arguments: Any) -> C | None:
    """The command, None when a text holds what no command may hold."""
    from pydantic import ValidationError

    try:
        return command(**arguments)
    except ValidationError:
        return None
