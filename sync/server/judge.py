"""One act, judged: who may, what it does, and which of the six outcomes it gets (sync.md §2.3)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from core import handlers
from core.devices.model import Device
from core.kernel.case import Case, UnreadOutcome
from core.kernel.found import held
from core.kernel.handle import Handle, Kind
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.tx import Act, RowChange, Tx
from core.kernel.values import SYSTEM, Actor, Origin
from core.people import access
from sync.protocol import (
    APPLIED,
    APPLIED_EXCEPTION,
    DUPLICATE,
    NEEDS_READING,
    PARKED,
    REJECTED,
    SUPERSEDED,
)

if TYPE_CHECKING:
    from sync.server.perform import Submission

TOLD_BY_THEIR_DOOR = (Origin.PAGE, Origin.CLI)  # the person reads the refusal in the answer itself
troubles = logging.getLogger("dusangire.perform")


@dataclass(slots=True)
class Judged:
    """What became of one act and the rows it changed."""

    outcome: str
    code: str = ""
    detail: dict[str, str | int] = field(default_factory=dict)
    changes: list[RowChange] = field(default_factory=list)


def judge(
    tx: Tx,
    at: int,
    claimed_at: int,
    submission: Submission,
    handle: Handle | None,
    command: Command | None,
    trouble: str,
) -> Judged:
    """Judges one act over the batch's overlay; its rows are kept or dropped whole. Never raises for bad input.

    trouble: "" or why it cannot be judged as it stands (undecodable, or a constraint of the store that it breaks).
    """
    act = Act(
        op_id=submission.op_id,
        kind=submission.kind,
        at=at,
        claimed_at=claimed_at,
        actor=submission.actor or SYSTEM,
        origin=submission.origin,
        origin_ref=submission.origin_ref,
        base_seq=submission.base_seq,
    )
    tx.begin(act)
    if handle is None or command is None:
        return _close(tx, act, submission, PARKED, trouble)
    try:
        return _judge_known(tx, act, submission, handle, command, trouble)
    except Exception as error:  # a bug of ours parks this act only; the ones behind it go on (invariant 19)
        troubles.exception("parked %s", submission.kind)
        tx.drop()
        tx.begin(act)
        return _close(tx, act, submission, PARKED, "server_error", error=type(error).__name__)


def _judge_known(tx: Tx, act: Act, submission: Submission, handle: Handle, command: Command, trouble: str) -> Judged:
    actor, problem = _who(tx, submission, handle)
    tx.acts_as(actor)
    if problem == access.NOT_PERMITTED or (problem and handle.kind is not Kind.FACT):
        return _refuse(tx, act, submission, handle, command, Refusal(problem, command=command.name))
    newer = _newer_version(tx, submission, handle)
    if newer is not None:
        tx.drop()
        tx.begin(act)
        return _close(tx, act, submission, SUPERSEDED, "changed_meanwhile", version=newer)
    try:
        if trouble:
            raise Refusal(trouble)
        handlers.run(tx, handle, command)
    except Refusal as refusal:
        if handle.kind is Kind.FACT:
            return _exception(tx, act, submission, actor, "unknown_row" if refusal.code == "gone" else refusal.code)
        return _refuse(tx, act, submission, handle, command, refusal)
    outside = access.outside_wards(actor, tx.layer.rows.values())
    if outside and handle.kind is not Kind.FACT:
        return _refuse(tx, act, submission, handle, command, Refusal("not_your_ward", ward=outside))
    if problem or outside:
        tx.case(problem or "not_your_ward", command=command.name)
    if tx.layer.already is not None:
        return _close(tx, act, submission, DUPLICATE, "done_already", **tx.layer.already)
    if tx.layer.cases:
        case = tx.layer.cases[0]
        return _close(tx, act, submission, APPLIED_EXCEPTION, case.code, **_arguments(case), case=case.id)
    return _close(tx, act, submission, APPLIED, "")


def _who(tx: Tx, submission: Submission, handle: Handle) -> tuple[Actor, str]:
    """The actor and what is wrong with their right to this act ("" when nothing)."""
    if submission.actor is not None:
        return submission.actor, access.actor_problem(submission.actor, handle)
    actor, problem = access.actor_at(
        tx, submission.actor_id, submission.grant_id, handle=handle, claimed_at=tx.claimed_at
    )
    return actor, problem or ("device_revoked" if _is_out_of_use(tx, submission, handle) else "")


def _is_out_of_use(tx: Tx, submission: Submission, handle: Handle) -> bool:
    """What happened on a console counts by when it happened, what is wanted there by now: whoever found one may set
    back its clock, and orders nothing with that (R50)."""
    device = held(tx, Device, submission.origin_ref)
    if device is None or device.revoked_at is None:
        return False
    return (tx.claimed_at if handle.kind is Kind.FACT else tx.at) >= device.revoked_at


def _newer_version(tx: Tx, submission: Submission, handle: Handle) -> int | None:
    if handle.edits is None or not submission.expect:
        return None
    version = tx.get(handle.edits, submission.entity).version
    return version if version != submission.expect else None


def _refuse(tx: Tx, act: Act, submission: Submission, handle: Handle, command: Command, refusal: Refusal) -> Judged:
    """An intent is refused: undone whole; what must be written all the same (an attempt, a denial) is."""
    actor = tx.actor
    tx.drop()
    tx.begin(act)
    tx.acts_as(actor)
    handlers.after_refusal(tx, command, refusal)
    return _close(tx, act, submission, REJECTED, refusal.code, **refusal.detail)


def _exception(tx: Tx, act: Act, submission: Submission, actor: Actor, code: str) -> Judged:
    """A fact that its handler could not take in: it happened all the same, and somebody has to look."""
    tx.drop()
    tx.begin(act)
    tx.acts_as(actor)
    case = tx.case(code, command=submission.kind, entity=submission.entity)
    return _close(tx, act, submission, APPLIED_EXCEPTION, code, case=case.id)


def _close(tx: Tx, act: Act, submission: Submission, outcome: str, code: str, /, **detail: str | int) -> Judged:
    """Keeps the layer; an outcome that a person must read becomes a row for the actor and the supervisor."""
    told = _text_of(detail)
    if submission.again and (row := held(tx, UnreadOutcome, act.op_id.hex())) is not None:
        read = None if outcome in NEEDS_READING else act.at
        changed = {"outcome": outcome, "code": code, "detail": told, "judged_at": act.at}
        tx.change(row, **changed, acknowledged_at=read, acknowledged_by="" if read is None else SYSTEM.person_id)
    elif outcome in NEEDS_READING and act.origin not in TOLD_BY_THEIR_DOOR:
        tx.add(
            UnreadOutcome(
                id=act.op_id.hex(),
                device_id=submission.origin_ref,
                kind=submission.kind,
                entity=submission.entity,
                outcome=outcome,
                code=code,
                detail=told,
                actor_id=submission.actor_id,
                supervisor_id=access.supervisor_of(tx, submission.actor_id),
                judged_at=act.at,
            )
        )
    _, changes = tx.keep()
    return Judged(outcome, code, detail, changes)


def _text_of(detail: dict[str, str | int]) -> str:
    return msgspec.json.encode(detail).decode() if detail else ""


def _arguments(case: Case) -> dict[str, str | int]:
    """What the case's words ask for: whoever reads the verdict may not hold the case."""
    found: dict[str, str | int] = msgspec.json.decode(case.detail) if case.detail else {}
    found.pop("case", None)
    return found
