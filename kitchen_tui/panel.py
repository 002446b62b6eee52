"""What stands beside the board on a wide wall: the trolleys, all-day counts by dish and kind, what has run out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.strip import Strip

from consoles.kit.lines import Lines
from consoles.kit.text import cut, joined, padded, sides, words, wrapped
from core.words import clock, flag_words, word

if TYPE_CHECKING:
    from core.diets.flags import Flag
    from core.orders.counts import DishCount, Trolley
    from core.orders.kitchen import KitchenBoard

CELLS = 31


class Panel(Lines):
    """Drawn with the bar between it and the board."""

    DEFAULT_CSS = f"Panel {{ width: {CELLS + 2}; height: 1fr; }}"

    def render_line(self, y: int) -> Strip:
        line = self._lines[y] if y < len(self._lines) else Text()
        return self.look.strip(joined(words("| ", "rule"), line), self.size.width)


def panel_lines(
    board: KitchenBoard,
    trolleys: Sequence[Trolley],
    dishes: Sequence[DishCount],
    *,
    now: int,
    rows: int,
    language: str,
) -> list[Text]:
    """As much as there is room for: trolleys first, then dishes, then stock, then the cut-off."""
    lines = [words(word("kitchen.trolleys", language), "strong")]
    lines += [line for trolley in trolleys for line in trolley_lines(trolley, language)]
    if not trolleys:
        lines.append(words(word("kitchen.no_trolley", language), "quiet"))
    meal = word(f"meal.{board.service.meal}", language) if board.service is not None else ""
    head = joined(words(f"{word('kitchen.all_day', language)}   ", "strong"), words(meal, "quiet"))
    lines += [Text(), sides(head, _figures(word("kitchen.left", language), word("kitchen.done", language)), CELLS)]
    lines += [line for dish in dishes for line in dish_lines(dish, language)]
    if board.out_of_stock:
        lines += [Text(), words(word("kitchen.out_now", language), "strong")]
        lines += [words(cut(name, CELLS), "soon") for name in board.out_of_stock]
    if board.service is not None and board.service.cut_off_at > now:
        lines += [Text(), words(word("kitchen.cut_off", language, time=clock(board.service.cut_off_at)), "quiet")]
    return lines[:rows]


def trolley_lines(trolley: Trolley, language: str) -> list[Text]:
    """`A   4 of 10 delivered`, and where its runner was last seen."""
    name = padded(trolley.ward_id, 6)
    if not trolley.left:
        said = word("kitchen.leaves", language, time=clock(trolley.leaves_at), done=trolley.ready, all=trolley.all)
        return [words(cut(f"{name} {said}", CELLS))]
    said = word("kitchen.delivered", language, done=trolley.delivered, all=trolley.all)
    lines = [words(cut(f"{name} {said}", CELLS))]
    if trolley.near_bed and trolley.near_at:
        near = word("kitchen.near", language, who=trolley.runner, bed=trolley.near_bed, time=clock(trolley.near_at))
        lines += [words(f"    {line}", "quiet") for line in wrapped(near, CELLS - 4)]
    return lines


def dish_lines(dish: DishCount, language: str) -> list[Text]:
    """One dish, and under it its kinds: a low-salt tray cannot hide in a sum."""
    lines = [sides(words(cut(dish.name, 20)), _figures(str(dish.left), str(dish.done)), CELLS)]
    if len(dish.kinds) > 1 or any(kind.flags for kind in dish.kinds):
        for kind in dish.kinds:
            name = words(f"  {cut(kind_name(kind.flags, language), 19)}", "quiet")
            lines.append(sides(name, _figures(str(kind.left), str(kind.done)), CELLS))
    return lines


def kind_name(flags: Sequence[Flag], language: str) -> str:
    """`LOW SALT`, `TEXTURE 4 PUREED`; `plain` for what everybody may have."""
    names = [flag_words(flag.code, flag.arguments, language)[4:] for flag in flags]
    return " + ".join(names) or word("kitchen.plain", language)


def _figures(left: str, done: str) -> Text:
    return words(f"{left:>4} {done:>5}")
