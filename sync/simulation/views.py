"""What the people at a console see of their hospital: the rows of their own store, as screens ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from core.delivery.model import Tray
from core.diets.model import Allergy, Allowance, DietOrder, DietProfile
from core.kernel.case import Case, UnreadOutcome
from core.kernel.row import Row
from core.menu.model import Dish, Ingredient, Service
from core.orders.model import Order, OrderLine, OrderState
from core.payments.model import CashDue
from core.people.model import Grant
from core.store.read import as_rows
from core.store.tables import ROWS, TABLES
from core.wards.model import Bed, Stay, Ward
from sync.simulation.disk import VirtualStore
from sync.simulation.replica import Replica

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class View:
    """Lists are in the order of their ids."""

    store: VirtualStore

    def _all(self, row_class: type[R]) -> list[R]:
        return as_rows(row_class, self.store.look(_every(row_class)))

    def stays(self) -> list[Stay]:
        return [stay for stay in self._all(Stay) if stay.closed_at is None]

    def beds(self) -> list[Bed]:
        return self._all(Bed)

    def free_beds(self, ward_id: str) -> list[Bed]:
        taken = {stay.bed_id for stay in self.stays()}
        return [bed for bed in self.beds() if bed.ward_id == ward_id and bed.id not in taken]

    def wards(self) -> list[Ward]:
        return self._all(Ward)

    def orders(self, *states: OrderState) -> list[Order]:
        return [order for order in self._all(Order) if not states or order.state in states]

    def lines(self, order_id: str) -> list[OrderLine]:
        return [line for line in self._all(OrderLine) if line.order_id == order_id]

    def tray_id(self, order_id: str) -> str:
        trays = [tray for tray in self._all(Tray) if tray.order_id == order_id]
        return trays[-1].id if trays else ""

    def dishes(self) -> list[Dish]:
        return self._all(Dish)

    def services(self, kitchen_id: str) -> list[Service]:
        return [service for service in self._all(Service) if service.kitchen_id == kitchen_id]

    def cash_due(self) -> list[CashDue]:
        return self._all(CashDue)

    def diet_orders(self) -> list[DietOrder]:
        return self._all(DietOrder)

    def allergies(self) -> list[Allergy]:
        return [allergy for allergy in self._all(Allergy) if allergy.withdrawn_at is None]

    def allowances(self) -> list[Allowance]:
        return self._all(Allowance)

    def ingredients(self) -> list[Ingredient]:
        return self._all(Ingredient)

    def profiles(self) -> list[DietProfile]:
        return self._all(DietProfile)

    def profile(self, stay_id: str) -> DietProfile | None:
        return next((profile for profile in self._all(DietProfile) if profile.id == stay_id), None)

    def open_cases(self) -> list[Case]:
        return [case for case in self._all(Case) if case.closed_at is None]

    def unread(self) -> list[UnreadOutcome]:
        return self._all(UnreadOutcome)

    def grants(self) -> list[Grant]:
        return self._all(Grant)


def rows_held(store: VirtualStore) -> dict[tuple[str, str], Any]:
    """Every row of a console's tables."""
    held: dict[tuple[str, str], Any] = {}
    for row_class, table in TABLES.items():
        if row_class.audiences:
            for row in as_rows(row_class, store.look(_every(row_class))):
                held[(table.name, row.id)] = row
    return held


def row_held(store: VirtualStore, table: str, row_id: str) -> Any:
    """One row of a console's tables, or None."""
    row_class = ROWS[table]
    if not row_class.audiences:
        return None
    found = as_rows(row_class, store.look(_one(row_class), row_id))
    return found[0] if found else None


@lru_cache(maxsize=None)
def _one(row_class: type[Row]) -> str:
    return _every(row_class).replace("ORDER BY id", "WHERE id = ?")


@lru_cache(maxsize=None)
def _every(row_class: type[Row]) -> str:
    table = TABLES[row_class]
    columns = ", ".join(f'"{column.name}"' for column in table.c)
    return f'SELECT {columns} FROM "{table.name}" ORDER BY id'  # noqa: S608 - names are ours


@dataclass(frozen=True, slots=True)
class Elsewhere(View):
    """What somebody believes who did not look: rows of the whole hospital, held here or not."""

    replica: Replica

    def _all(self, row_class: type[R]) -> list[R]:
        rows: list[R] = list(self.replica.all(row_class.table_name))
        return rows
