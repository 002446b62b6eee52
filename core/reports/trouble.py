"""Every kind of trouble that is open: since when, how often, and the things themselves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from core.reports.needs import DEVICE_SILENT, HELD, STOP, Need, needs_a_person

NO_TROUBLE = (STOP, HELD, DEVICE_SILENT)  # they have their own way to an end


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind, by its code. needs: the oldest first."""

    code: str
    is_case: bool
    outcome: str
    first_at: int
    last_at: int
    needs: tuple[Need, ...]

    @property
    def key(self) -> str:
        return f"{'case' if self.is_case else 'outcome'}:{self.code}"

    @property
    def count(self) -> int:
        return len(self.needs)


def troubles(db: Connection) -> tuple[Trouble, ...]:
    """Cases and verdicts that nobody has read, by their codes; what goes on longest comes first."""
    kinds: dict[tuple[bool, str], list[Need]] = {}
    for need in needs_a_person(db):
        if need.kind not in NO_TROUBLE:
            kinds.setdefault((not need.outcome, need.code), []).append(need)
    found = [_trouble(code, sorted(needs, key=_since), is_case) for (is_case, code), needs in kinds.items()]
    return tuple(sorted(found, key=_first))


def _trouble(code: str, needs: list[Need], is_case: bool) -> Trouble:
    return Trouble(code, is_case, needs[0].outcome, needs[0].since, needs[-1].since, tuple(needs))


def _since(need: Need) -> tuple[int, str]:
    return (need.since, need.id)


def _first(trouble: Trouble) -> tuple[int, str]:
    return (trouble.first_at, trouble.code)
