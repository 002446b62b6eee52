"""The acts that made the demo hospital what it is, each with its instant, its person and its id."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.kernel.message import Command
from core.kernel.values import MINUTE_MS, SYSTEM, Actor, Origin, Role, derived_id, due_op_id


@dataclass(frozen=True, slots=True)
class Deed:
    """One act. `refused` names the refusal that is part of the story; every other deed is taken in.

    Staff come by name alone, so that their grants are asked as in life; patients and the import bring their own rights.
    """

    at: int
    by: Actor
    command: Command
    op_id: bytes
    origin: Origin
    refused: str = ""

    @property
    def brings_rights(self) -> bool:
        return self.origin is not Origin.GATEWAY

    def made(self, count: int) -> str:
        """The id of the n-th row this act makes."""
        return derived_id(self.op_id, count)


@dataclass(slots=True)
class Script:
    """Collects deeds in any order and tells them by age. The same `now` and `seed` make the same bytes."""

    now: int
    seed: str
    _deeds: list[Deed] = field(default_factory=list)

    def ago(self, minutes: int) -> int:
        return self.now - minutes * MINUTE_MS

    def imported(self, at: int, command: Command) -> Deed:
        """What a hospital brings along: its house, its menu, its staff."""
        return self._keep(at, SYSTEM, command, Origin.CLI)

    def by_staff(self, at: int, person_id: str, command: Command, *, refused: str = "") -> Deed:
        nobody_yet = Actor(person_id, frozenset[Role]())
        return self._keep(at, nobody_yet, command, Origin.GATEWAY, refused=refused)

    def by_patient(self, at: int, patient_id: str, stay_id: str, command: Command, *, refused: str = "") -> Deed:
        patient = Actor(patient_id, frozenset({Role.PATIENT}), stay_id=stay_id)
        return self._keep(at, patient, command, Origin.PAGE, refused=refused)

    def word(self, *about: str) -> bytes:
        """Bytes that follow from the seed: for salts, codes and ids that must not look alike."""
        return hashlib.sha256("\n".join((self.seed, *about)).encode()).digest()

    def told(self) -> Iterator[Deed]:
        """The oldest first; what happened in the same instant, as it was written down."""
        return iter(sorted(self._deeds, key=lambda deed: deed.at))

    def _keep(self, at: int, by: Actor, command: Command, origin: Origin, *, refused: str = "") -> Deed:
        op_id = due_op_id("demo", f"{self.seed} {len(self._deeds)}", at)
        deed = Deed(at=at, by=by, command=command, op_id=op_id, origin=origin, refused=refused)
        self._deeds.append(deed)
        return deed
