"""Consoles as the server knows them, for tests of what pages say about them."""

from __future__ import annotations

from core.devices import keys
from core.devices.commands import EnrolDevice, MakeCode
from core.kernel.values import derived_id
from core.store import log
from sync import chain
from tests import given
from tests.sync.server.portal import Portal

INCARNATION = "ab" * 16


def kitchen_screen(portal: Portal, *, heard_at: int) -> str:
    """An enrolled kitchen screen that was heard at an instant; the name of its chain."""
    code_id = keys.code_hash("7KQ2-M4XD")
    portal.do(MakeCode(code_id=code_id, kind="kitchen", title="kitchen 1", kitchen_id="main"), given.ADMIN)
    public_key = keys.public_key(bytes(32)).hex()
    outcome = portal.do(EnrolDevice(code_id=code_id, public_key=public_key, incarnation=INCARNATION))
    device_id = derived_id(outcome.op_id, 1)
    with portal.store.writing() as connection:
        log.open_incarnation(
            connection, incarnation_id=INCARNATION, device_id=device_id, at=heard_at, start=chain.start(INCARNATION)
        )
    return INCARNATION
