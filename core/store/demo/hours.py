"""When the demo hospital eats: the meal of this hour lies around the present minute, the others keep their distance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.kernel.values import DAY_MS, MINUTE_MS
from core.menu.commands import SetService
from core.store.demo import pages
from core.store.demo.script import Script

MINUTES_A_DAY = 24 * 60
PLANNER = "kitchen_lead_1"
PLANNED_MINUTES_AGO = 50 * 60  # before the first of the three days begins


@dataclass(frozen=True, slots=True)
class Hours:
    """One service, in instants."""

    day: str
    meal: str
    opens_at: int
    cut_off_at: int
    dispatch_at: int
    ends_at: int

    @property
    def service_id(self) -> str:
        return f"{self.day}-{self.meal}"

    def overlaps(self, other: Hours) -> bool:
        return self.opens_at < other.ends_at and other.opens_at < self.ends_at

    def shifted(self, by: int) -> Hours:
        return replace(
            self,
            opens_at=self.opens_at + by,
            cut_off_at=self.cut_off_at + by,
            dispatch_at=self.dispatch_at + by,
            ends_at=self.ends_at + by,
        )


def plan(script: Script) -> Hours:
    """Yesterday, today and tomorrow; the meal that is in full swing."""
    swing = in_full_swing(script.now)
    kitchen_id = pages.hospital()["kitchen"][0]["code"]
    for hours in around(script.now):
        planned = SetService(
            service_id=hours.service_id,
            kitchen_id=kitchen_id,
            day=hours.day,
            meal=hours.meal,  # type: ignore[arg-type]  # one of the four, as the file says
            opens_at=hours.opens_at,
            cut_off_at=hours.cut_off_at,
            dispatch_at=hours.dispatch_at,
            ends_at=hours.ends_at,
        )
        script.by_staff(script.ago(PLANNED_MINUTES_AGO), PLANNER, planned)
    return swing


def around(now: int) -> list[Hours]:
    """Every service of three days, by its opening."""
    swing = in_full_swing(now)
    found = [swing]
    for days in (-1, 0, 1):
        for service in pages.hospital()["service"]:
            usual = _usual(now, service, days=days)
            if usual.service_id != swing.service_id:
                found.append(_out_of_the_way(usual, swing))
    return sorted(found, key=lambda hours: (hours.opens_at, hours.service_id))


def in_full_swing(now: int) -> Hours:
    """The meal whose usual hour is nearest, laid around the present minute."""
    minute = (now - midnight(now)) // MINUTE_MS
    fit = [service for service in pages.hospital()["service"] if service["demo"]]
    nearest = min(fit, key=lambda service: _apart(service["dispatch_minute"], minute))
    laid = pages.hospital()["demo_service"]
    return Hours(
        day=day_text(now),
        meal=nearest["code"],
        opens_at=now + laid["opens_minutes"] * MINUTE_MS,
        cut_off_at=now + laid["cut_off_minutes"] * MINUTE_MS,
        dispatch_at=now + laid["dispatch_minutes"] * MINUTE_MS,
        ends_at=now + laid["ends_minutes"] * MINUTE_MS,
    )


def midnight(at: int) -> int:
    """The beginning of the hospital day (R27: not the day of UTC)."""
    ahead = pages.hospital()["hospital"]["minutes_before_utc"] * MINUTE_MS
    return int((at + ahead) // DAY_MS * DAY_MS - ahead)


def day_text(at: int) -> str:
    ahead = pages.hospital()["hospital"]["minutes_before_utc"] * MINUTE_MS
    return datetime.fromtimestamp((at + ahead) // 1_000, UTC).date().isoformat()


def _usual(now: int, service: pages.Page, *, days: int) -> Hours:
    begins = midnight(now) + days * DAY_MS  # no summer time in this hospital
    return Hours(
        day=day_text(begins),
        meal=service["code"],
        opens_at=begins + service["opens_minute"] * MINUTE_MS,
        cut_off_at=begins + service["cut_off_minute"] * MINUTE_MS,
        dispatch_at=begins + service["dispatch_minute"] * MINUTE_MS,
        ends_at=begins + service["ends_minute"] * MINUTE_MS,
    )


def _out_of_the_way(usual: Hours, swing: Hours) -> Hours:
    """A patient who looks now sees the meal in full swing, and no other one half over."""
    if not usual.overlaps(swing):
        return usual
    if usual.dispatch_at < swing.dispatch_at:
        return usual.shifted(swing.opens_at - usual.ends_at)
    return usual.shifted(swing.ends_at - usual.opens_at)


def _apart(one: int, other: int) -> int:
    """Minutes between two times of day, the short way round."""
    apart = abs(one - other) % MINUTES_A_DAY
    return min(apart, MINUTES_A_DAY - apart)
