"""What a console may hold: by its kind and place, and by the people who may work there. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from core.devices.model import Device, DeviceKind
from core.people.access import (
    ADMIN,
    ADMIN_ROLES,
    CLINICAL_ROLES,
    KITCHEN_ROLES,
    KITCHENS,
    WARD_ROLES,
    WARDS,
)
from core.people.model import Grant

ROLES_AT = {
    DeviceKind.KITCHEN.value: KITCHEN_ROLES,
    DeviceKind.WARD.value: WARD_ROLES,
    DeviceKind.CLINICAL.value: CLINICAL_ROLES,
    DeviceKind.ADMIN.value: ADMIN_ROLES,
}


def audiences_of(
    device: Device, *, ward_ids: Iterable[str], kitchen_ids: Iterable[str], grants: Iterable[Grant]
) -> tuple[str, ...]:
    """Sorted names. grants: those that hold now. Nothing for a revoked device."""
    if device.revoked_at is not None:
        return ()
    names = ["hospital", f"device:{device.id}"]
    if device.kind == DeviceKind.KITCHEN:
        for kitchen_id in [device.kitchen_id] if device.kitchen_id else kitchen_ids:
            names += [f"kitchen:{kitchen_id}", f"sign_in:kitchen:{kitchen_id}"]
        names.append(f"sign_in:{KITCHENS}")
    if device.kind in (DeviceKind.WARD, DeviceKind.CLINICAL):
        for ward_id in [device.ward_id] if device.ward_id else ward_ids:
            names += [f"ward:{ward_id}", f"sign_in:ward:{ward_id}"]
            if device.kind == DeviceKind.CLINICAL:
                names.append(f"care:{ward_id}")
        names.append(f"sign_in:{WARDS}")
    if device.kind == DeviceKind.ADMIN:
        names += ["admin", f"sign_in:{ADMIN}"]
    names += [f"person:{grant.person_id}" for grant in grants if _works_at(device, grant)]
    return tuple(sorted(dict.fromkeys(names)))


def _works_at(device: Device, grant: Grant) -> bool:
    """Whether this grant lets its person work at this console."""
    if grant.role not in ROLES_AT.get(device.kind, frozenset()):
        return False
    if device.kind in (DeviceKind.KITCHEN, DeviceKind.ADMIN):
        return True
    return not grant.ward_id or not device.ward_id or grant.ward_id == device.ward_id
