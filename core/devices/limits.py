"""How long a console may go without its server: one table for leases, for signing in and for grants (sync.md §2.6)."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from core.devices.model import DeviceKind

# kind -> the policy that says how many minutes
OFFLINE = MappingProxyType(
    {
        DeviceKind.KITCHEN.value: "offline_wall_minutes",
        DeviceKind.WARD.value: "offline_personal_minutes",
        DeviceKind.CLINICAL.value: "offline_personal_minutes",
        DeviceKind.ADMIN.value: "offline_personal_minutes",
    }
)
SHORTEST = "offline_personal_minutes"  # for a kind that a newer server knows and this program does not


def policy_of(kind: str) -> str:
    """The name of the policy that limits a console of this kind."""
    return OFFLINE.get(kind, SHORTEST)


def left_over(audiences: Iterable[str], device_id: str) -> tuple[str, ...]:
    """What a console keeps when its lease has ended: the house and itself. No patient, no PIN, nobody's verdicts."""
    return tuple(name for name in audiences if name in ("hospital", f"device:{device_id}"))
