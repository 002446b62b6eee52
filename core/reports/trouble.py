"""Every kind of trouble that is open: since when, how often, and the things themselves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from core.reports.needs import DEVICE_SILENT, ERROR, HELD, STOP, Need, needs_a_person

NO_TROUBLE = (STOP, HELD, DEVICE_SILENT)  # they have their own way to an end


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind, by its code; of an error, at one source. needs: the oldest first."""

    code: str
    is_case: bool
    outcome: str
    first_at: int
    last_at: int
    needs: tuple[Need, ...]

    @property
    def key(self) -> str:
        if self.is_error:
            return f"error:{self.needs[0].id}"
        return f"{'case' if self.is_case else 'outcome'}:{self.code}"

    @property
    def is_error(self) -> bool:
        return self.needs[0].kind == ERROR

    @property
    def count(self) -> int:
        return sum(need.count for need in self.needs)


def troubles(db: Connection) -> tuple[Trouble, ...]:
    """Cases and verdicts that nobody has read, by their codes, and errors one by one; the longest first."""
    kinds: dict[tuple[str, str, str], list[Need]] = {}
    for need in needs_a_person(db):
        if need.kind not in NO_TROUBLE:
            kind = "error" if need.kind == ERROR else "outcome" if need.outcome else "case"
            kinds.setdefault((kind, need.code, need.id if kind == "error" else ""), []).append(need)
    found = [_trouble(code, sorted(needs, key=_since), kind) for (kind, code, _), needs in kinds.items()]
    return tuple(sorted(found, key=_first))


def _trouble(code: str, needs: list[Need], kind: str) -> Trouble:
    last = max(need.last or need.since for need in needs)
    return Trouble(code, kind == "case", needs[0].outcome, needs[0].since, last, tuple(needs))


def _since(need: Need) -> tuple[int, str]:
    return (need.since, need.id)


def _first(trouble: Trouble) -> tuple[int, str]:
    return (trouble.first_at, trouble.code)
