"""Cash at the bed. Whether it is due or not, whoever holds it in the hand says so, and it is never lost."""

from __future__ import annotations

from pydantic import Field

from core.kernel.case import Case
from core.kernel.found import found
from core.kernel.handle import FACT, Handle
from core.kernel.message import Command
from core.kernel.text import RowId
from core.kernel.tx import Tx
from core.kernel.values import Role
from core.payments.events import CashTaken, CashWaived
from core.payments.model import CashDue

MOST_FRANCS = 10_000_000


class TakeCash(Command):
    """So much cash stays with the runner, change given back already deducted."""

    order_id: RowId
    francs: int = Field(ge=1, le=MOST_FRANCS)


def take_cash(tx: Tx, cmd: TakeCash) -> None:
    """A fact. A second payment of one order is overpaid: booked, and a case for the cashier."""
    due = found(tx, CashDue, cmd.order_id)
    if due is None:
        tx.case("cash_not_due", order=cmd.order_id, francs=cmd.francs)
    elif due.settled_at is not None:
        _case(tx, due, "overpaid", francs=cmd.francs, over=cmd.francs)
    elif cmd.francs < due.due_francs:
        missing = due.due_francs - cmd.francs
        tx.change(due, due_francs=missing)
        _case(tx, due, "underpaid", francs=cmd.francs, missing=missing)
    else:
        tx.change(due, settled_at=tx.at)
        if cmd.francs > due.due_francs:
            _case(tx, due, "overpaid", francs=cmd.francs, over=cmd.francs - due.due_francs)
    tx.emit(CashTaken(order_id=cmd.order_id, francs=cmd.francs))


class PutOnAccount(Command):
    """No cash now: the tray stays with the patient, the stay owes it."""

    order_id: RowId


def put_on_account(tx: Tx, cmd: PutOnAccount) -> None:
    due = found(tx, CashDue, cmd.order_id)
    if due is None or due.settled_at is not None:
        return tx.already()
    tx.change(due, settled_at=tx.at)
    tx.emit(CashWaived(order_id=cmd.order_id))


def _case(tx: Tx, due: CashDue, code: str, **detail: int) -> Case:
    """A due row's id is its order's."""
    return tx.change(tx.case(code, about=due, **detail), order_id=due.id)


AT_THE_BED = frozenset({Role.RUNNER, Role.NURSE, Role.CASHIER})

HANDLERS = (
    Handle(TakeCash, take_cash, kind=FACT, roles=AT_THE_BED, reads=(lambda c, tx: ((CashDue, c.order_id),),)),
    Handle(
        PutOnAccount,
        put_on_account,
        kind=FACT,
        roles=AT_THE_BED,
        reads=(lambda c, tx: ((CashDue, c.order_id),),),
    ),
)
