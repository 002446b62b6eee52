"""What is served to whoever has ordered nothing: for each meal of a kitchen a short list, of which the first suits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from core.kernel.handle import EDIT, SERVER, Handle
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.text import Code, RowId
from core.kernel.tx import Tx
from core.kernel.values import Role
from core.menu.model import DefaultMeal, Dish
from core.menu.substances import existing
from core.wards.model import Kitchen

MOST_DISHES = 6


class SetDefaultMeal(Command):
    """One default as it is from now on. rank: the lower is tried first; a diet for which none suits is looked at."""

    default_id: Code
    kitchen_id: RowId
    meal: Literal["breakfast", "lunch", "dinner", "snack"]
    rank: int = Field(ge=1, le=100)
    dish_ids: Annotated[tuple[Code, ...], Field(min_length=1, max_length=MOST_DISHES)]
    withdrawn: bool = False


def set_default_meal(tx: Tx, cmd: SetDefaultMeal) -> None:
    if existing(tx, Kitchen, cmd.kitchen_id) is None:
        raise Refusal("unknown_kitchen", code=cmd.kitchen_id)
    for dish_id in cmd.dish_ids:
        dish = existing(tx, Dish, dish_id)
        if dish is None or not dish.sold:
            raise Refusal("unknown_recipe", code=dish_id)
    columns: dict[str, Any] = {
        "kitchen_id": cmd.kitchen_id,
        "meal": cmd.meal,
        "rank": cmd.rank,
        "dishes": " ".join(cmd.dish_ids),
        "withdrawn_at": tx.at if cmd.withdrawn else None,
    }
    before = existing(tx, DefaultMeal, cmd.default_id)
    if before is None:
        tx.add(DefaultMeal(id=cmd.default_id, **columns))
    else:
        tx.change(before, **columns)


EDITORS = frozenset({Role.ADMIN, Role.KITCHEN_LEAD, Role.NUTRITIONIST, Role.SYSTEM})

HANDLERS = (Handle(SetDefaultMeal, set_default_meal, kind=EDIT, where=SERVER, roles=EDITORS, edits=DefaultMeal),)
