"""What a bedside screen may offer now: whether tray and person belong together, and what stands in the way. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.delivery.model import HandOver
    from core.delivery.queries import Stop
    from core.diets.verdict import Patient, Verdict
    from ward_tui.judging import Instant

ON_THE_WAY = ("out", "ready")
GIVEN_STATES = ("delivered", "handed_to_nurse", "completed")
ENOUGH = 2  # identifiers that were typed (R57)


class Form(StrEnum):
    """The gravest that holds, from the top: whatever stands below cannot be pressed past it."""

    UNKNOWN = "unknown"  # this console does not hold that tray
    GIVEN = "given"  # somebody has given it already
    BLOCKED = "blocked"  # DO NOT GIVE: no key gives the tray
    OLD_LABEL = "old_label"  # the label was replaced by a newer one
    NO_MATCH = "no_match"  # the tray is for somebody else
    ASK = "ask"  # cannot be decided here: a nurse answers with PIN and reason
    ROUND = "round"  # rules beyond their limit, no flag: one nurse opens the whole round on that ward
    SCAN = "scan"  # tray or person are still to be scanned
    MATCH = "match"


GRAVE = (Form.BLOCKED, Form.ASK)


@dataclass(frozen=True, slots=True)
class BedsideSeen:
    """One tray at a bed, as this console knows it. dishes: names with halves of a portion."""

    stop: Stop | None
    verdict: Verdict
    now: Instant
    patient: Patient | None
    dishes: tuple[tuple[str, int], ...] = ()
    first: HandOver | None = None
    names: Mapping[str, str] | None = None
    identifiers: str = ""

    def name_of(self, person_id: str) -> str:
        return (self.names or {}).get(person_id, "")


@dataclass(frozen=True, slots=True)
class Scans:
    """What was scanned or typed at this bed so far. version: of the label, 0 when its number was typed."""

    tray_id: str = ""
    version: int = 0
    wristband: str = ""
    typed: tuple[str, ...] = ()
    typed_why: str = ""


@dataclass(frozen=True, slots=True)
class Allowed:
    """A nurse has answered for what could not be decided: for these reasons and no newer ones (R16)."""

    nurse_id: str
    nurse: str
    why: str
    codes: frozenset[str]


def form_of(seen: BedsideSeen, scans: Scans, allowed: Allowed | None, *, round_open: bool) -> Form:
    stop = seen.stop
    if stop is None:
        return Form.UNKNOWN
    order = stop.order
    if order.state in GIVEN_STATES:
        return Form.GIVEN
    if order.stop or order.state not in ON_THE_WAY or seen.verdict.kind == "block":
        return Form.BLOCKED
    if is_old_label(seen, scans):
        return Form.OLD_LABEL
    if not is_person(seen, scans, so_far=True):
        return Form.NO_MATCH
    if seen.verdict.kind == "hold" and (allowed is None or allowed.codes != codes_of(seen.verdict)):
        return Form.ASK
    if "rules_unconfirmed" in codes_of(seen.verdict) and not round_open:
        return Form.ROUND
    if not scans.tray_id or not is_person(seen, scans):
        return Form.SCAN
    return Form.MATCH


def codes_of(verdict: Verdict) -> frozenset[str]:
    return frozenset(reason.code for reason in verdict.reasons)


def is_old_label(seen: BedsideSeen, scans: Scans) -> bool:
    """Only the newest label of the tray that counts is valid (R49)."""
    tray = seen.stop.tray if seen.stop is not None else None
    if not scans.tray_id or tray is None:
        return False
    return scans.tray_id != tray.id or tray.label_void or bool(scans.version and scans.version != tray.label_version)


def is_person(seen: BedsideSeen, scans: Scans, *, so_far: bool = False) -> bool:
    """Whether what was scanned or typed is this tray's person; so far: nothing yet is no contradiction."""
    stay_id = seen.stop.stay.id if seen.stop is not None else ""
    if scans.wristband:
        return scans.wristband == stay_id
    if scans.typed:
        from core.wards.identity import matching

        return len(matching(identifiers=seen.identifiers, typed=scans.typed)) >= ENOUGH
    return so_far


def is_airborne(seen: BedsideSeen) -> bool:
    """Food staff never enter: the tray goes to the nurse."""
    return seen.patient is not None and "airborne" in seen.patient.standing.isolation
