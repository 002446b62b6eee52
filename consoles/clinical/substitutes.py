"""One key to a safe meal: the nearest allowed dish in the place of one that a held meal cannot have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from consoles.clinical.screen import ClinicalScreen
from consoles.kit.keybar import key
from consoles.kit.text import joined, words, wrapped
from core.kernel.refusal import Refusal
from core.words import word

if TYPE_CHECKING:
    from rich.text import Text
    from sqlalchemy import Connection

    from core.care.patients import Waiting
    from core.kernel.message import Command

MOST_ASKED = 60  # meals for which a dish is looked for, the most urgent first
SUBSTITUTE = "orders.substitute_dish"


@dataclass(frozen=True, slots=True)
class Swap:
    """One dish of a held meal. to: what would take its place, "" when nothing may; command: what puts it there."""

    dish: str
    to: str
    command: Command | None


Swaps = Mapping[str, tuple[Swap, ...]]  # by order; none: no other dish would help


class SubstitutesScreen(ClinicalScreen):
    """A list of held meals, with `s`. `swaps` is what was asked last."""

    BINDINGS: ClassVar[list[BindingType]] = [key("s", "substitute", "clinical.substitute")]

    def __init__(self) -> None:
        super().__init__()
        self.swaps: Swaps = {}

    def chosen_meal(self) -> Waiting | None:
        """The held meal that the cursor is on; else it is said why there is none."""
        raise NotImplementedError

    def ask_swaps(self, db: Connection, meals: Iterable[Waiting]) -> Swaps:
        """In the store's thread: what the key would do for each, judged by the newest rules here."""
        from core.kernel.refusal import Unknown
        from core.menu.queries import all_dishes
        from core.orders.held import in_the_way

        found: dict[str, tuple[Swap, ...]] = {}
        names = {dish.id: dish.name(self.language) for dish in all_dishes(db)}
        with self.looking(db) as tx:
            for one in list(meals)[:MOST_ASKED]:
                try:
                    lines = in_the_way(tx, db, one.order_id, language=self.language)
                except (Refusal, Unknown):
                    continue  # this console does not hold enough of it
                found[one.order_id] = tuple(
                    Swap(
                        names.get(line.dish_id, line.dish_id),
                        line.substitutes[0].name if line.substitutes else "",
                        line.command(one.order_id),
                    )
                    for line in lines
                )
        return found

    async def action_substitute(self) -> None:
        """Every dish that is in the way; a meal of which one has no substitute is left as it is."""
        meal = self.chosen_meal()
        if meal is None:
            return
        if not self.clinical.may(SUBSTITUTE):
            act = self.word(f"command.{SUBSTITUTE}")
            return self.refused(Refusal("not_your_role", command=SUBSTITUTE), None, act)
        swaps = self.swaps.get(meal.order_id, ())
        if not swaps:
            why = self.word(f"why.{meal.reason}")
            return self.say(self.word("clinical.no_dish_helps", why=why), "soon")
        if any(swap.command is None for swap in swaps):
            return self.say(self.word("clinical.substitute_none"), "soon")
        act = f"{self.word('key.clinical.substitute').upper()} {meal.number}  {meal.bed or meal.ward_id}"
        for swap in swaps:
            if swap.command is not None:
                said = f"{act}  {swap.dish} -> {swap.to}"
                await self.perform(swap.command, act=act, said=said, signed=True)


def swap_lines(swaps: Iterable[Swap], width: int, language: str) -> tuple[Text, ...]:
    """`   s  Isombe -> Ibishyimbo` under a held meal."""
    told: list[Text] = []
    for swap in swaps:
        to = swap.to or word("clinical.substitute_none", language)
        mark, token = ("s", "live") if swap.to else ("-", "quiet")
        for place, line in enumerate(wrapped(f"{swap.dish} -> {to}", max(1, width - 7))):
            told.append(joined(words(f"   {mark if place == 0 else ' '}  ", "strong"), words(line, token)))
    return tuple(told)
