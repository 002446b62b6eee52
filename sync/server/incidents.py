"""What a console says befell its store: one act for each, by the house itself, so that a case opens once."""

from __future__ import annotations

import hashlib
import json

from core.devices.incidents import INCIDENTS, ReportIncident
from core.devices.model import Device
from core.kernel.values import SYSTEM, Origin, due_op_id
from sync.protocol import Incident, Incidents
from sync.server.devices import Refused
from sync.server.perform import Submission, submit
from sync.wire import decode

MOST = 100


def submissions(device: Device, body: bytes, said_sum: str) -> list[Submission]:
    """Told again after a lost answer they are the same acts. Raises Refused: 400 bad_message."""
    if hashlib.sha256(body).hexdigest() != said_sum:
        raise Refused(400, "bad_message", why="sum")
    message = decode(body, Incidents)
    if len(message.incidents) > MOST:
        raise Refused(400, "bad_message", why="many")
    return [_submission(device, one) for one in message.incidents]


def _submission(device: Device, one: Incident) -> Submission:
    if one.code not in INCIDENTS:
        raise Refused(400, "bad_message", why="code")
    try:
        detail = json.loads(one.detail or "{}")
        command = ReportIncident(
            device_id=device.id,
            what=one.code,  # type: ignore[arg-type]  # one of them
            acts=int(detail.get("acts", 0)),
            audience=str(detail.get("audience", "")),
            at=one.at,
        )
    except (ValueError, AttributeError, TypeError) as error:
        raise Refused(400, "bad_message", why="detail") from error
    op_id = due_op_id("incident", f"{device.id} {one.id.hex()}", one.at)
    return submit(command, op_id=op_id, actor=SYSTEM, origin=Origin.GATEWAY, origin_ref=device.id)
