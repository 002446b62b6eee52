"""Rows are values: frozen, validated, the same on server and console. Tables beside them are schema only.

A value class (`Order`) declares who may see its rows and on what they hang; its table class (`OrderTable`) adds keys,
indexes and constraints for the server. Nobody instantiates a table class.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import ConfigDict
from sqlmodel import Field, SQLModel


@dataclass(frozen=True, slots=True)
class Audience:
    """One reader of a row: `kind` alone (hospital, admin) or `kind:` and the value of one of the row's own columns."""

    kind: str
    column: str = ""

    def of(self, row: Mapping[str, Any]) -> str:
        """The audience's name for this row, "" when the column is empty."""
        if not self.column:
            return self.kind
        value = row[self.column]
        return f"{self.kind}:{value}" if value else ""


HOSPITAL = Audience("hospital")
ADMIN = Audience("admin")
NOBODY: tuple[Audience, ...] = ()  # never leaves the server


class Row(SQLModel):
    """Base of every row that people's acts write. `version` counts its changes, from 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")  # type: ignore[assignment]  # SQLModel's own config type

    id: str = Field(primary_key=True)
    version: int = 1

    audiences: ClassVar[tuple[Audience, ...]]
    # column -> table of the row it hangs on, for tx.all. Whoever holds the owner holds the whole list, so the owner's
    # audiences are among this row's (a shape test holds them to it).
    owners: ClassVar[Mapping[str, str]] = {}
    # the same for lists that no console could hold whole: only the server's reactions ask for them, newest first
    server_owners: ClassVar[Mapping[str, str]] = {}
    listed_while_empty: ClassVar[str] = ""  # column that, once filled, takes the row off its owners' lists
    retired_by: ClassVar[str] = ""  # column that, once filled, takes the row off every device
    housekeeping: ClassVar[str] = "kept"  # what becomes of old rows, in words
    table_name: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__()
        if not kwargs.get("table"):
            cls.table_name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def seen_by(cls, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The audiences of a row with these columns: a pure function of its own columns (sync.md §2.6), sorted."""
        if cls.retired_by and values[cls.retired_by]:
            return ()
        names: dict[str, None] = {}
        for audience in cls.audiences:
            name = audience.of(values)
            if name:
                names[name] = None
        return tuple(sorted(names)) if len(names) > 1 else tuple(names)

    @classmethod
    def trusted(cls, values: dict[str, Any]) -> Self:
        """A row from our own store: no validation, the dictionary is taken over."""
        row: Self = _new(cls)  # what SQLModel would prepare is set below
        _set(row, "__dict__", values)
        _set(row, "__pydantic_fields_set__", _NONE_SET)
        _set(row, "__pydantic_extra__", None)
        _set(row, "__pydantic_private__", None)
        return row

    def altered(self, changes: dict[str, Any]) -> Self:
        """This row with these columns changed and its version one higher. Raises KeyError for an unknown column."""
        values = dict(self.__dict__)
        for column in changes:
            values[column]  # raises KeyError for an unknown column
        values.update(changes)
        values["version"] = self.version + 1
        return type(self).trusted(values)


_NONE_SET: set[str] = set()
_new = object.__new__
_set = object.__setattr__
