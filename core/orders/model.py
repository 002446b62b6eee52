"""An order, its lines, and every move it has made; the table of allowed moves is the whole life of a meal."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from sqlmodel import Index, text

from core.kernel.row import NOBODY, Audience, Row
from core.wards.model import OF_THE_STAY


class OrderState(StrEnum):
    """Fulfilment (domain.md §1.16). Payment is another machine."""

    PAYMENT_PENDING = "payment_pending"
    PAYMENT_FAILED = "payment_failed"
    CONFIRMED = "confirmed"
    HELD = "held"
    COOKING = "cooking"
    KITCHEN_ISSUE = "kitchen_issue"
    READY = "ready"
    OUT = "out"
    DELIVERED = "delivered"
    HANDED_TO_NURSE = "handed_to_nurse"
    UNDELIVERABLE = "undeliverable"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


_S = OrderState
ALLOWED_MOVES: MappingProxyType[str, tuple[OrderState, ...]] = MappingProxyType(
    {
        "": (_S.PAYMENT_PENDING, _S.CONFIRMED, _S.HELD),
        _S.PAYMENT_PENDING: (_S.CONFIRMED, _S.PAYMENT_FAILED, _S.CANCELLED),
        _S.PAYMENT_FAILED: (_S.PAYMENT_PENDING, _S.CANCELLED),
        _S.CONFIRMED: (_S.COOKING, _S.HELD, _S.CANCELLED),
        _S.HELD: (_S.CONFIRMED, _S.CANCELLED),
        _S.COOKING: (_S.READY, _S.KITCHEN_ISSUE, _S.CANCELLED, _S.CONFIRMED),
        _S.KITCHEN_ISSUE: (_S.COOKING, _S.CANCELLED),
        _S.READY: (_S.OUT, _S.KITCHEN_ISSUE, _S.COOKING),
        _S.OUT: (_S.DELIVERED, _S.HANDED_TO_NURSE, _S.UNDELIVERABLE, _S.READY),
        _S.DELIVERED: (_S.COMPLETED, _S.OUT),
        _S.HANDED_TO_NURSE: (_S.COMPLETED, _S.OUT),
        _S.UNDELIVERABLE: (_S.COMPLETED, _S.KITCHEN_ISSUE),
        _S.COMPLETED: (),
        _S.CANCELLED: (),
    }
)
OPEN = (_S.PAYMENT_PENDING, _S.PAYMENT_FAILED, _S.CONFIRMED, _S.HELD, _S.COOKING, _S.KITCHEN_ISSUE, _S.READY, _S.OUT)
FORWARD = (_S.CONFIRMED, _S.COOKING, _S.READY, _S.OUT, _S.DELIVERED)  # one actor's missing steps are implied


class Order(Row):
    """One meal for one person. It has no price and no payer: those have other readers."""

    audiences: ClassVar = (*OF_THE_STAY, Audience("patient", "stay_id"))
    owners: ClassVar = {"stay_id": "stay"}
    retired_by: ClassVar = "archived_at"
    housekeeping: ClassVar = "leaves the devices a day after it is completed or cancelled"

    number: str  # L-0412
    service_id: str
    stay_id: str
    ward_id: str
    kitchen_id: str
    state: str
    state_at: int  # since when in this state
    placed_at: int
    placed_by: str
    promised_at: int
    wish: str = ""  # word for word, never parsed to allow (R58)
    late: bool = False
    default: bool = False  # nobody has ordered it: it came by itself at the cut-off
    guest: bool = False  # somebody who visits the patient eats it: a tray of its own, never the patient's (R17)
    stop: str = ""  # overlay: the reason code of a safety stop
    stop_at: int | None = None
    stop_seen_by: str = ""
    change_seen_version: int = 0  # the version of the patient's rules that the kitchen has read on its card
    change_seen_by: str = ""
    held_for: str = ""  # reason code while HELD
    problem: str = ""  # overlay: owner and notes live in its case
    reason: str = ""  # why cancelled or undeliverable
    checked: str = ""  # the last verdict
    checked_at: int | None = None
    swapped_at: int | None = None  # since when another dish is on it than was ordered
    overridden: str = ""  # reason codes that somebody has allowed all the same (R16): on its label
    archived_at: int | None = None

    def may_move_to(self, state: OrderState) -> bool:
        return state in ALLOWED_MOVES.get(self.state, ())

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class OrderTable(Order, table=True):
    __tablename__ = "order"
    __table_args__ = (
        Index("order_number", "service_id", "number", unique=True),
        Index("order_state", "state"),
    )


class OrderLine(Row):
    """One dish of an order, in halves of a portion (1 = half, 2 = one)."""

    audiences: ClassVar = (*OF_THE_STAY, Audience("patient", "stay_id"))
    owners: ClassVar = {"order_id": "order"}
    server_owners: ClassVar = {"dish_id": "dish"}
    listed_while_empty: ClassVar = "archived_at"
    retired_by: ClassVar = "archived_at"
    housekeeping: ClassVar = "leaves the devices with its order"

    order_id: str
    stay_id: str
    ward_id: str
    kitchen_id: str
    dish_id: str
    halves: int = 2
    instead_of: str = ""  # the dish that was ordered, where another has taken its place
    ticked_at: int | None = None
    ticked_by: str = ""
    archived_at: int | None = None


class OrderLineTable(OrderLine, table=True):
    __tablename__ = "order_line"
    __table_args__ = (
        Index(
            "order_line_of_dish",
            "dish_id",
            "id",
            sqlite_where=text("archived_at IS NULL"),
            postgresql_where=text("archived_at IS NULL"),
        ),
    )


class DishSweep(Row):
    """That every open order of a dish was judged by the dish's facts, up to a version; its id is the dish's."""

    audiences: ClassVar = NOBODY
    housekeeping: ClassVar = "kept: one small row a dish"

    facts_version: int
    swept_at: int


class DishSweepTable(DishSweep, table=True):
    __tablename__ = "dish_sweep"


class OrderMove(Row):
    """One step of an order, as evidence: who, when by the centre, when by the actor's own clock."""

    audiences: ClassVar = (*OF_THE_STAY, Audience("patient", "stay_id"))
    owners: ClassVar = {"order_id": "order"}
    retired_by: ClassVar = "archived_at"
    housekeeping: ClassVar = "kept for good on the server"

    order_id: str
    stay_id: str
    ward_id: str
    kitchen_id: str
    from_state: str
    to_state: str
    at: int
    claimed_at: int
    by: str
    implied: bool = False
    reason: str = ""
    archived_at: int | None = None


class OrderMoveTable(OrderMove, table=True):
    __tablename__ = "order_move"


class FollowingNumbers(Row):
    """How many orders of a service came without a number of their own; its id is the service's."""

    audiences: ClassVar = NOBODY
    housekeeping: ClassVar = "kept: one small row a service"

    count: int


class FollowingNumbersTable(FollowingNumbers, table=True):
    __tablename__ = "following_numbers"
