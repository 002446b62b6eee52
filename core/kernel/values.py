"""Ids, instants, francs and who is acting: the small values that everything else is made of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
LAST_IN_SEQUENCE = 0xFFF  # twelve bits


class Role(StrEnum):
    """What a person may be in this hospital; a grant gives one, for a ward or everywhere, for a time."""

    PATIENT = "patient"
    COOK = "cook"
    KITCHEN_LEAD = "kitchen_lead"
    RUNNER = "runner"
    NURSE = "nurse"
    DOCTOR = "doctor"
    NUTRITIONIST = "nutritionist"
    CASHIER = "cashier"
    ADMIN = "admin"
    AUDITOR = "auditor"
    SYSTEM = "system"  # time itself, an import, a gateway: never a person


class Origin(StrEnum):
    """Where an act comes from (architecture.md §3, Origins)."""

    DEVICE = "device"
    PAGE = "page"
    DUE = "due"
    GATEWAY = "gateway"
    CLI = "cli"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as far as the rules care. `wards` is None for a grant that holds everywhere."""

    person_id: str
    roles: frozenset[Role]
    wards: frozenset[str] | None = None
    stay_id: str = ""  # a patient's page acts for this stay and no other

    def is_any(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    def covers(self, ward_id: str) -> bool:
        return self.wards is None or ward_id in self.wards


SYSTEM = Actor("system", frozenset({Role.SYSTEM}))


def uuid7(at: int, chance: bytes) -> bytes:
    """RFC 9562 version 7 from an instant (ms UTC) and ten random bytes: sorts by time, 16 bytes."""
    raw = bytearray(at.to_bytes(6, "big") + chance[:10])
    raw[6] = 0x70 | (raw[6] & 0x0F)
    raw[8] = 0x80 | (raw[8] & 0x3F)
    return bytes(raw)


def derived_id(op_id: bytes, counter: int) -> str:
    """The id of the n-th row an act makes: equal on every machine that judges it, in the act's place in time.

    Rows of one act sort as they were made: the count stands where version 7 keeps its sequence (RFC 9562, 6.2).
    """
    digest = hashlib.sha256(op_id + counter.to_bytes(4, "big")).digest()
    place = min(counter, LAST_IN_SEQUENCE).to_bytes(2, "big")
    return uuid7(int.from_bytes(op_id[:6], "big"), place + digest[:8]).hex()


def due_op_id(rule: str, row_id: str, due_at: int) -> bytes:
    """The op id of what falls due: a second process or a restart finds the same one and does nothing twice."""
    digest = hashlib.sha256(f"{rule} {row_id} {due_at}".encode()).digest()
    return uuid7(max(due_at, 0), digest[:10])


def is_op_id(text: str) -> bool:
    """Whether a form's hidden field holds the hex of a version 7 id."""
    try:
        return len(text) == 32 and UUID(hex=text).version == 7
    except ValueError:
        return False


def codes(text: str) -> tuple[str, ...]:
    """A column of codes is a sorted, space-separated word list."""
    return tuple(text.split())


def as_codes(words: list[str] | tuple[str, ...]) -> str:
    return " ".join(sorted(dict.fromkeys(words)))
