"""The books of one order, on the server: append-only, one charge of each kind, everything else answers it.

accounts: charged (what the meal costs), cash (what was taken), on_account (what the stay owes), owed_back.
"""

from __future__ import annotations

from core.kernel.found import found
from core.kernel.tx import Tx
from core.payments.events import CashTaken, CashWaived
from core.payments.model import (
    CashDue,
    Charge,
    LedgerEntry,
    Method,
    Payment,
    PaymentState,
)

MEAL = "meal"


def open_payment(tx: Tx, *, order_id: str, stay_id: str, ward_id: str, method: str, due_francs: int) -> None:
    """What the order costs, and what the runner asks for when it is paid in cash. The meal waits for neither."""
    cash = method == Method.CASH and due_francs > 0
    state = PaymentState.PENDING if cash else PaymentState.AUTHORISED
    tx.add(
        Payment(id=order_id, stay_id=stay_id, method=method, state=state.value, due_francs=due_francs, state_at=tx.at)
    )
    if cash:
        tx.add(CashDue(id=order_id, stay_id=stay_id, ward_id=ward_id, due_francs=due_francs))


def charge(tx: Tx, *, order_id: str) -> None:
    """The meal was given: it costs once, however often that is told."""
    payment = found(tx, Payment, order_id)
    if payment is None or balance(tx, payment, "charged") > 0 or payment.due_francs == 0:
        return
    if not tx.all(Charge, of=payment):
        francs = payment.due_francs
        tx.add(Charge(id=tx.new_id(), order_id=order_id, stay_id=payment.stay_id, kind=MEAL, francs=francs, at=tx.at))
    post(tx, payment, "charged", payment.due_francs)
    settle_account(tx, payment)


def settle_account(tx: Tx, payment: Payment) -> None:
    """Keeps on_account what is charged and not paid, for an order that is on the account."""
    if payment.method != Method.ACCOUNT:
        return
    open_francs = balance(tx, payment, "charged") - payment.paid_francs
    owed = balance(tx, payment, "on_account")
    if max(open_francs, 0) != owed:
        post(tx, payment, "on_account", max(open_francs, 0) - owed)


def uncharge(tx: Tx, *, order_id: str, reason: str) -> None:
    """Answers a charge that should not be: by another posting, never by changing one."""
    payment = found(tx, Payment, order_id)
    if payment is None:
        return
    charged = balance(tx, payment, "charged")
    if charged:
        post(tx, payment, "charged", -charged, reason=reason)
    settle_account(tx, payment)


def owe_nothing(tx: Tx, *, order_id: str, reason: str) -> None:
    """The meal will not be eaten and nobody pays; what was paid goes back."""
    uncharge(tx, order_id=order_id, reason=reason)
    payment = found(tx, Payment, order_id)
    if payment is None:
        return
    _close_due(tx, order_id)
    owed_back = payment.paid_francs - balance(tx, payment, "owed_back")
    if owed_back > 0:
        post(tx, payment, "owed_back", owed_back, reason=reason)
        case = tx.case("money_owed_back", about=payment, francs=owed_back, reason=reason)
        tx.change(case, order_id=order_id)
    tx.change(payment, due_francs=0, state_at=tx.at)


def put_on_account(tx: Tx, *, order_id: str) -> None:
    payment = found(tx, Payment, order_id)
    _close_due(tx, order_id)
    if payment is None or payment.method == Method.ACCOUNT:
        return
    if payment.state == PaymentState.PAID:
        return
    changed = tx.change(payment, method=Method.ACCOUNT.value, state=PaymentState.AUTHORISED.value, state_at=tx.at)
    settle_account(tx, changed)


def book_cash(tx: Tx, event: CashTaken) -> None:
    """No cash is lost: what was taken is in the books, expected or not (invariant 8)."""
    payment = found(tx, Payment, event.order_id)
    if payment is None:
        _post(tx, order_id=event.order_id, stay_id="", account="cash", francs=event.francs)
        return
    post(tx, payment, "cash", event.francs)
    paid = payment.paid_francs + event.francs
    whole = paid >= payment.due_francs
    changed = tx.change(
        payment,
        paid_francs=paid,
        state=(PaymentState.PAID if whole else PaymentState.PENDING).value,
        state_at=tx.at,
    )
    settle_account(tx, changed)


def book_waiver(tx: Tx, event: CashWaived) -> None:
    put_on_account(tx, order_id=event.order_id)


def move_due(tx: Tx, *, order_id: str, ward_id: str) -> None:
    due = found(tx, CashDue, order_id)
    if due is not None:
        tx.change(due, ward_id=ward_id)


def lower_due(tx: Tx, *, order_id: str, due_francs: int) -> None:
    """The order costs less than it did, as long as nothing was charged or paid for it; never more."""
    payment, due = found(tx, Payment, order_id), found(tx, CashDue, order_id)
    if payment is None or payment.paid_francs or due_francs >= payment.due_francs or balance(tx, payment, "charged"):
        return
    tx.change(payment, due_francs=due_francs)
    if due is not None and due.settled_at is None:
        tx.change(due, due_francs=due_francs)


def balance(tx: Tx, payment: Payment, account: str) -> int:
    entries = tx.all(LedgerEntry, of=payment)
    return sum(entry.francs for entry in entries if entry.account == account)


def post(tx: Tx, payment: Payment, account: str, francs: int, *, reason: str = "") -> None:
    _post(tx, order_id=payment.id, stay_id=payment.stay_id, account=account, francs=francs, reason=reason)


def _post(tx: Tx, *, order_id: str, stay_id: str, account: str, francs: int, reason: str = "") -> None:
    tx.add(
        LedgerEntry(
            id=tx.new_id(),
            order_id=order_id,
            stay_id=stay_id,
            account=account,
            francs=francs,
            at=tx.at,
            claimed_at=tx.claimed_at,
            by=tx.actor.person_id,
            reason=reason,
        )
    )


def _close_due(tx: Tx, order_id: str) -> None:
    due = found(tx, CashDue, order_id)
    if due is not None and due.settled_at is None:
        tx.change(due, settled_at=tx.at)
