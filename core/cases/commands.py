"""A case has an owner until it is closed; a verdict is shown until somebody has read it."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from core.cases import errors
from core.kernel.case import Case, UnreadOutcome
from core.kernel.handle import Handle
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import Role


class TakeCase(Command):
    """I look after it."""

    case_id: RowId


def take_case(tx: Tx, cmd: TakeCase) -> None:
    case = _open_case(tx, cmd.case_id)
    if case.owner_id == tx.actor.person_id:
        return tx.already(by=case.owner_id)
    if case.owner_id and not tx.actor.is_any(*OVER_ALL):
        raise Refusal("case_taken", by=case.owner_id)
    tx.change(case, owner_id=tx.actor.person_id)


class CloseCase(Command):
    """What was done, in words."""

    case_id: RowId
    closing: ShortWords = Field(min_length=1)


def close_case(tx: Tx, cmd: CloseCase) -> None:
    """Its owner closes it, or somebody over all; nobody's case is closed by whoever looks after it now."""
    case = _open_case(tx, cmd.case_id)
    me = tx.actor.person_id
    if case.owner_id not in ("", me) and not tx.actor.is_any(*OVER_ALL):
        raise Refusal("case_taken", by=case.owner_id)
    tx.change(case, owner_id=case.owner_id or me, closed_at=tx.at, closed_by=me, closing=cmd.closing)


class AcknowledgeOutcome(Command):
    """I have read what became of the act. read: the verdict that was read, "" when an older console did not say."""

    v: ClassVar[int] = 2

    outcome_id: RowId
    read: ShortWords = ""


def acknowledge_outcome(tx: Tx, cmd: AcknowledgeOutcome) -> None:
    outcome = tx.get(UnreadOutcome, cmd.outcome_id)
    if outcome.acknowledged_at is not None:
        return tx.already(by=outcome.acknowledged_by)
    me = tx.actor.person_id
    if me not in (outcome.actor_id, outcome.supervisor_id) and not tx.actor.is_any(*OVER_ALL):
        raise Refusal("not_your_outcome")
    if cmd.read not in ("", outcome.outcome):
        return  # it was judged anew meanwhile: what was read is not what stands, and that stays to be read
    tx.change(outcome, acknowledged_at=tx.at, acknowledged_by=me)


def _open_case(tx: Tx, case_id: str) -> Case:
    case = tx.get(Case, case_id)
    if case.closed_at is not None:
        raise Refusal("case_closed", by=case.closed_by, at=case.closed_at)
    return case


OVER_ALL = (Role.ADMIN,)
RESPONSIBLE = frozenset({Role.ADMIN, Role.KITCHEN_LEAD, Role.NURSE, Role.DOCTOR, Role.NUTRITIONIST, Role.CASHIER})
STAFF = frozenset(Role) - {Role.PATIENT, Role.SYSTEM}

HANDLERS = (
    Handle(TakeCase, take_case, roles=RESPONSIBLE, reads=(lambda c, tx: ((Case, c.case_id),),)),
    Handle(CloseCase, close_case, roles=RESPONSIBLE, reads=(lambda c, tx: ((Case, c.case_id),),)),
    Handle(
        AcknowledgeOutcome,
        acknowledge_outcome,
        roles=STAFF,
        reads=(lambda c, tx: ((UnreadOutcome, c.outcome_id),),),
    ),
    *errors.HANDLERS,
)
