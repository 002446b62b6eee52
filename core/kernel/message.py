"""Commands and events: what a person wants, and what has happened.

A command's name is the wire tag, the permission, the audit entry and the words key: `orders.start_cooking`.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Command(BaseModel):
    """An imperative. Frozen and strict; carries no secret, no bytes, no clock."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: ClassVar[str] = ""
    v: ClassVar[int] = 1
    about: ClassVar[str] = ""  # the field that holds the id of the row this is mainly about

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        concept = cls.__module__.split(".")[1] if cls.__module__.startswith("core.") else "test"
        cls.name = f"{concept}.{_snake(cls.__name__)}"
        if not cls.about:
            cls.about = next((field for field in cls.model_fields if field.endswith("_id")), "")

    @property
    def entity(self) -> str:
        return str(getattr(self, self.about)) if self.about else ""


class Part(BaseModel):
    """A part of a command that comes several times, like a line of an order. As frozen and strict as the whole."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Event(BaseModel):
    """Something that has happened, inside the transaction that made it happen."""

    model_config = ConfigDict(frozen=True, extra="forbid")
