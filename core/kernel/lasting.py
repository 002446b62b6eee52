"""Commands about what holds from one instant until another."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from core.kernel.message import Command
from core.kernel.text import Instant


class Lasting(Command):
    """From None: from now; until None: until something ends it. Instants in ms UTC."""

    from_at: Instant | None = None
    until_at: Instant | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.from_at is not None and self.until_at is not None and self.until_at <= self.from_at:
            raise ValueError("it must end after it starts")
        return self
