"""The way of a tray: taken out, handed over, or not; and what has already been eaten."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from core.delivery.events import TrayGiven, TrayNotGiven
from core.delivery.model import DeliveryIssue, HandOver, Tray, TrayState
from core.delivery.trays import assemble, tray_of
from core.diets.model import DietProfile
from core.diets.rules import refuse
from core.diets.verdict import VerdictKind
from core.kernel.found import found
from core.kernel.handle import FACT, SERVER, Handle
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS, Role
from core.orders.attempts import attempt_at
from core.orders.events import RemakeWanted
from core.orders.model import Order, OrderState
from core.orders.moves import advance, move, stop
from core.orders.rules import (
    READS_MEAL,
    judge_order_again,
    note_if_unsafe,
    refuse_if_stopped,
    refuse_if_unsafe,
    verdict_on,
)
from core.wards.identity import ENOUGH, WRISTBAND, matching

GIVEN = (OrderState.DELIVERED, OrderState.HANDED_TO_NURSE, OrderState.COMPLETED)
Hashed = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}:[0-9a-f]{32}$")]


# -- out of the kitchen ---------------------------------------------------------------------------------------------


class TakeOut(Command):
    """A runner loads this tray."""

    order_id: RowId
    tray_id: RowId | Literal[""] = ""


def may_take_out(tx: Tx, cmd: TakeOut) -> None:
    order = tx.get(Order, cmd.order_id)
    refuse_if_stopped(order)
    if order.state != OrderState.READY:
        raise Refusal("not_ready", number=order.number, state=order.state)
    _refuse_void(tx, order, cmd.tray_id)
    refuse_if_unsafe(tx, order)


def take_out(tx: Tx, cmd: TakeOut) -> None:
    """A fact. Whoever was first is the runner; a tray nobody waits for is called back."""
    order = tx.get(Order, cmd.order_id)
    if order.state in (OrderState.OUT, *GIVEN):
        tray = tray_of(tx, order)
        return tx.already(by=tray.runner_id if tray else "")
    out = advance(tx, order, OrderState.OUT)
    if out is None:
        return _carried_out_of_turn(tx, order)
    _load(tx, out)
    note_if_unsafe(tx, out, "taken_out_against_rules")


def _load(tx: Tx, order: Order) -> None:
    tray = tray_of(tx, order) or assemble(tx, order)
    tx.change(tray, state=TrayState.OUT.value, out_at=tx.at, runner_id=tx.actor.person_id)


def _carried_out_of_turn(tx: Tx, order: Order) -> None:
    cancelled = order.state == OrderState.CANCELLED
    code = "taken_out_after_cancel" if cancelled else "taken_out_of_turn"
    tx.case(code, about=order, number=order.number, state=order.state)
    stop(tx, order, "cancelled" if cancelled else order.held_for or order.state)


def _refuse_void(tx: Tx, order: Order, tray_id: str) -> Tray:
    tray = tray_of(tx, order)
    if tray is None or (tray_id and tray.id != tray_id):
        raise Refusal("unknown_tray", number=order.number)
    if tray.label_void:
        raise Refusal("label_void", number=order.number, version=tray.label_version)
    return tray


# -- at the bed -----------------------------------------------------------------------------------------------------


class GiveTray(Command):
    """A tray reaches its patient, or the nurse who takes it for the patient.

    wristband: the stay that was scanned. typed: hashes of what was typed instead (`core.wards.identity.hashed`).
    nurse_id, why: the nurse who allowed a tray that could not be decided here.
    """

    order_id: RowId
    tray_id: RowId | Literal[""] = ""
    wristband: RowId | Literal[""] = ""
    typed: Annotated[tuple[Hashed, ...], Field(max_length=4)] = ()
    typed_why: ShortWords = ""
    to_nurse: RowId | Literal[""] = ""
    proof: Literal["", "signature", "x_and_pin"] = ""
    nurse_id: RowId | Literal[""] = ""
    why: ShortWords = ""


def may_give(tx: Tx, cmd: GiveTray) -> None:
    """The tray, then the person, then the newest rules: in this sequence, and no way around (R57)."""
    order = tx.get(Order, cmd.order_id)
    if order.state in GIVEN:
        raise Refusal("given_already", number=order.number, at=order.state_at)
    if order.state == OrderState.CANCELLED:
        raise Refusal("order_cancelled", number=order.number, at=order.state_at, reason=order.reason)
    refuse_if_stopped(order)
    if order.state not in (OrderState.OUT, OrderState.READY):
        raise Refusal("not_ready", number=order.number, state=order.state)
    if not cmd.tray_id:
        raise Refusal("tray_not_scanned", number=order.number)
    _refuse_void(tx, order, cmd.tray_id)
    if len(_identifiers(tx, order, cmd)) < ENOUGH:
        raise Refusal("wrong_person", number=order.number)
    ruling = verdict_on(tx, order, at=tx.at).safety
    if not (cmd.nurse_id and ruling.kind is VerdictKind.HOLD):
        refuse(ruling)


def give_tray(tx: Tx, cmd: GiveTray) -> None:
    """A fact: it lies before the patient. Whatever does not fit is kept, with a case."""
    order = tx.get(Order, cmd.order_id)
    kinds = _identifiers(tx, order, cmd)
    _keep_hand_over(tx, order, cmd, kinds)
    if order.state in GIVEN:
        first = _first_hand_over(tx, order)
        return tx.already(by=first.by if first else "", at=first.at if first else order.state_at)
    state = OrderState.HANDED_TO_NURSE if cmd.to_nurse else OrderState.DELIVERED
    given = advance(tx, order, state)
    if given is None:
        code = "delivered_after_cancel" if order.state == OrderState.CANCELLED else "given_out_of_turn"
        tx.case(code, about=order, number=order.number, state=order.state)
        return
    _mark_tray_given(tx, given)
    if len(kinds) < ENOUGH:
        tx.case("given_without_identifiers", about=order, number=order.number)
    nurse_allowed = cmd.nurse_id and verdict_on(tx, given, at=tx.at).safety.kind is VerdictKind.HOLD
    unsafe = not nurse_allowed and note_if_unsafe(tx, given, "given_against_rules", at=tx.at)
    tx.emit(TrayGiven(order_id=order.id, charged=not unsafe))


def _identifiers(tx: Tx, order: Order, cmd: GiveTray) -> tuple[str, ...]:
    """What matched. A wristband carries name and number: it counts as two."""
    if cmd.wristband:
        return (WRISTBAND, WRISTBAND) if cmd.wristband == order.stay_id else ()
    profile = found(tx, DietProfile, order.stay_id)
    return matching(identifiers=profile.identifiers, typed=cmd.typed) if profile else ()


def _keep_hand_over(tx: Tx, order: Order, cmd: GiveTray, kinds: tuple[str, ...]) -> None:
    tx.add(
        HandOver(
            id=tx.new_id(),
            order_id=order.id,
            tray_id=cmd.tray_id,
            stay_id=order.stay_id,
            ward_id=order.ward_id,
            kitchen_id=order.kitchen_id,
            at=tx.at,
            claimed_at=tx.claimed_at,
            by=tx.actor.person_id,
            to_nurse=cmd.to_nurse,
            identifiers=" ".join(dict.fromkeys(kinds)),
            typed=bool(cmd.typed),
            proof=cmd.proof,
            second=order.state in GIVEN,
            allowed_by=cmd.nurse_id,
            note=cmd.why or cmd.typed_why,
        )
    )


def _first_hand_over(tx: Tx, order: Order) -> HandOver | None:
    return next((one for one in tx.all(HandOver, of=order) if not one.second), None)


def _mark_tray_given(tx: Tx, order: Order) -> None:
    tray = tray_of(tx, order) or assemble(tx, order)
    state = TrayState.AT_WARD if order.state == OrderState.HANDED_TO_NURSE else TrayState.GIVEN
    tx.change(tray, state=state.value)


class ReportEaten(Command):
    """It has happened: the meal is eaten, with or without leave."""

    order_id: RowId
    note: ShortWords = ""


def report_eaten(tx: Tx, cmd: ReportEaten) -> None:
    """Never blames and never fails: the nurse is to know. What was eaten against the rules costs nothing."""
    order = tx.get(Order, cmd.order_id)
    _keep_hand_over(tx, order, GiveTray(order_id=cmd.order_id, why=cmd.note), ())
    if order.state in GIVEN:
        return tx.already(at=order.state_at)
    given = advance(tx, order, OrderState.DELIVERED)
    unsafe = verdict_on(tx, given or order, at=tx.at).safety.forbids
    tx.case(
        "eaten_against_rules" if unsafe or order.stop else "eaten_before_hand_over",
        about=order,
        number=order.number,
        note=cmd.note,
    )
    if given is not None:
        _mark_tray_given(tx, given)
        tx.emit(TrayGiven(order_id=order.id, charged=not unsafe and not order.stop))


# -- not given ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Consequence:
    """One row of R24. waits: the patient may still come; remake: the kitchen makes it again."""

    charged: bool = False
    waits: bool = False
    remake: bool = False


CONSEQUENCES: MappingProxyType[str, Consequence] = MappingProxyType(
    {
        "asleep": Consequence(charged=True, waits=True),
        "off_ward": Consequence(charged=True, waits=True),
        "procedure": Consequence(charged=False, waits=True),
        "refused": Consequence(charged=True),
        "nil_by_mouth": Consequence(),
        "diet_changed": Consequence(),
        "discharged": Consequence(),
        "wrong_tray": Consequence(remake=True),
        "spilled": Consequence(remake=True),
        "kitchen_error": Consequence(remake=True),
    }
)
IssueCode = Literal[
    "asleep",
    "off_ward",
    "procedure",
    "refused",
    "nil_by_mouth",
    "diet_changed",
    "discharged",
    "wrong_tray",
    "spilled",
    "kitchen_error",
]


class ReportIssue(Command):
    """A tray was not given; the code decides about money and the tray (R24)."""

    order_id: RowId
    tray_id: RowId | Literal[""] = ""
    code: IssueCode
    note: ShortWords = ""


def report_issue(tx: Tx, cmd: ReportIssue) -> None:
    """A fact. A tray that waits and a meal that is made again are judged by the rules of now: one that is not for the
    patient any more is stopped before somebody goes on with it (R14, R15)."""
    order = tx.get(Order, cmd.order_id)
    _keep_issue(tx, order, cmd)
    if order.state == OrderState.UNDELIVERABLE:
        return tx.already(at=order.state_at)
    follows = CONSEQUENCES[cmd.code]
    if order.state != OrderState.OUT:
        carried = advance(tx, order, OrderState.OUT)
        if carried is None:
            tx.case("issue_out_of_turn", about=order, number=order.number, code=cmd.code, state=order.state)
            return
        order = carried
        _load(tx, order)
    if follows.waits and not _too_old(tx, order):
        return judge_order_again(tx, order)
    _end_delivery(tx, order, reason=cmd.code, follows=follows)


def _end_delivery(tx: Tx, order: Order, *, reason: str, follows: Consequence) -> None:
    tray = tray_of(tx, order)
    if tray is not None:
        tx.change(tray, state=TrayState.DISCARDED.value, label_void=True)
    ended = move(tx, order, OrderState.UNDELIVERABLE, reason=reason)
    ended = tx.change(ended, reason=reason)
    if follows.remake:
        again = move(tx, ended, OrderState.KITCHEN_ISSUE, reason=reason)
        tx.emit(RemakeWanted(order_id=order.id))
        judge_order_again(tx, again)
    else:
        tx.emit(TrayNotGiven(order_id=order.id, charged=follows.charged))


def _too_old(tx: Tx, order: Order) -> bool:
    tray = tray_of(tx, order)
    life = tx.policy("tray_life_minutes") * MINUTE_MS
    return tray is not None and tx.at >= tray.assembled_at + life


def _keep_issue(tx: Tx, order: Order, cmd: ReportIssue) -> None:
    tx.add(
        DeliveryIssue(
            id=tx.new_id(),
            order_id=order.id,
            tray_id=cmd.tray_id,
            stay_id=order.stay_id,
            ward_id=order.ward_id,
            kitchen_id=order.kitchen_id,
            code=cmd.code,
            note=cmd.note,
            at=tx.at,
            claimed_at=tx.claimed_at,
            by=tx.actor.person_id,
        )
    )


class EndWaiting(Command):
    """Two hours after assembly a tray that waited for its patient is no meal any more: by time itself."""

    order_id: RowId


def end_waiting(tx: Tx, cmd: EndWaiting) -> None:
    order = tx.get(Order, cmd.order_id)
    if order.state != OrderState.OUT or not _too_old(tx, order):
        raise Refusal("not_waiting", number=order.number)
    issues = [issue for issue in tx.all(DeliveryIssue, of=order) if CONSEQUENCES[issue.code].waits]
    if not issues:
        raise Refusal("not_waiting", number=order.number)
    _end_delivery(tx, order, reason=issues[-1].code, follows=CONSEQUENCES[issues[-1].code])


class CollectTray(Command):
    """An empty or untouched tray goes back."""

    order_id: RowId


def collect_tray(tx: Tx, cmd: CollectTray) -> None:
    order = tx.get(Order, cmd.order_id)
    tray = tray_of(tx, order)
    if tray is None or tray.state == TrayState.COLLECTED:
        return tx.already()
    tx.change(tray, state=TrayState.COLLECTED.value)
    if order.state in (OrderState.DELIVERED, OrderState.HANDED_TO_NURSE):
        move(tx, order, OrderState.COMPLETED)


CARRIERS = frozenset({Role.RUNNER, Role.NURSE})

HANDLERS = (
    Handle(
        TakeOut,
        take_out,
        before=may_take_out,
        kind=FACT,
        roles=CARRIERS | {Role.KITCHEN_LEAD},
        reads=READS_MEAL,
        attempt=attempt_at("take_out"),
    ),
    Handle(
        GiveTray,
        give_tray,
        before=may_give,
        kind=FACT,
        roles=CARRIERS,
        reads=READS_MEAL,
        attempt=attempt_at("give"),
    ),
    Handle(ReportIssue, report_issue, kind=FACT, roles=CARRIERS, reads=READS_MEAL),
    Handle(ReportEaten, report_eaten, kind=FACT, roles=CARRIERS | {Role.DOCTOR}, reads=READS_MEAL),
    Handle(CollectTray, collect_tray, kind=FACT, roles=CARRIERS, reads=READS_MEAL),
    Handle(EndWaiting, end_waiting, where=SERVER, roles={Role.SYSTEM}, reads=READS_MEAL),
)
