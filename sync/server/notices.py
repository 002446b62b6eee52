"""Errors of consoles and of this server on their way into the hospital's list: an act each, told twice counted once."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError

from core.cases.errors import MOST_KINDS, NoteTrouble
from core.kernel.values import SYSTEM, Origin, due_op_id
from core.store.notices import Seen
from sync.protocol import Notices
from sync.server.perform import Submission, submit
from sync.wire import WireError

HIGHEST = 1_000_000_000


def from_console(device_id: str, told: Notices) -> list[Submission]:
    """A console counts through: the same telling is the same act. Raises WireError for what is no notice."""
    acts = []
    for one in told.notices[: MOST_KINDS + 1]:
        total = max(1, min(one.count, HIGHEST))
        about = f"{device_id} {one.code} {one.where} {total}"
        try:
            command = NoteTrouble(
                device_id=device_id,
                code=one.code,
                where=one.where,
                first_at=one.first_at,
                last_at=one.last_at,
                total=total,
            )
        except ValidationError as error:
            raise WireError("bad_message", kind="Notice") from error
        acts.append(_act(command, about, one.first_at))
    return acts


def of_this_server(process: str, seen: Iterable[Seen]) -> list[Submission]:
    """What this process has gathered since it told the last time. process: a name that no other one has."""
    acts = []
    for one in seen:
        command = NoteTrouble(
            code=one.code, where=one.where, first_at=one.first_at, last_at=one.last_at, more=min(one.count, 1_000_000)
        )
        acts.append(_act(command, f"{process} {one.code} {one.where} {one.last_at}", one.first_at))
    return acts


def _act(command: NoteTrouble, about: str, at: int) -> Submission:
    op_id = due_op_id("notice", about, at)
    return submit(command, op_id=op_id, actor=SYSTEM, origin=Origin.GATEWAY, origin_ref="notice")
