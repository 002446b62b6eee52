"""Where the cards of a board lie: pages of slots in reading order, and nothing moves while somebody works on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns and bands of one page."""

    columns: int
    bands: int


@dataclass(frozen=True, slots=True)
class Spot:
    """A card's place: it fills `slots` bands of one column, from `band` down."""

    page: int
    column: int
    band: int
    slots: int

    def covers(self) -> Iterator[tuple[int, int, int]]:
        for band in range(self.band, self.band + self.slots):
            yield (self.page, self.column, band)


class Slots:
    """Keys on pages. `tidy` lays everything out anew; `keep` changes as little as can be."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._spots: dict[str, Spot] = {}
        self._listed: dict[int, list[tuple[str, Spot]]] = {}  # by page, until something moves

    @property
    def pages(self) -> int:
        return 1 + max((spot.page for spot in self._spots.values()), default=0)

    def spot(self, key: str) -> Spot | None:
        return self._spots.get(key)

    def on_page(self, page: int) -> list[tuple[str, Spot]]:
        """In reading order: the first has number 1."""
        if page not in self._listed:
            here = [(key, spot) for key, spot in self._spots.items() if spot.page == page]
            self._listed[page] = sorted(here, key=_reading_order)
        return self._listed[page]

    def tidy(self, needs: Mapping[str, int], grid: Grid | None = None) -> None:
        """Everything in this sequence. needs: key -> slots."""
        self.grid = grid or self.grid
        self._spots = {}
        self._listed.clear()
        self._append(needs.items())

    def keep(self, needs: Mapping[str, int]) -> bool:
        """Cards stay where they are, new ones join at the end, and one that grows takes the slot below it.

        What lay there goes to the end. What has gone keeps its place, empty. False: it cannot be done, so tidy.
        """
        self._listed.clear()
        evicted: list[str] = []
        for key, need in needs.items():
            spot = self._spots.get(key)
            if spot is None or min(need, self.grid.bands) <= spot.slots:
                continue
            grown = Spot(spot.page, spot.column, spot.band, min(need, self.grid.bands))
            if grown.band + grown.slots > self.grid.bands:
                return False
            covered = set(grown.covers())
            evicted += [other for other, at in self._spots.items() if other != key and covered & set(at.covers())]
            self._spots[key] = grown
            for other in evicted:
                self._spots.pop(other, None)
        waiting = dict.fromkeys([*(key for key in needs if key not in self._spots), *evicted])
        self._append((key, needs[key]) for key in waiting if key in needs)
        return True

    def _append(self, needs: Iterable[tuple[str, int]]) -> None:
        taken = {slot for spot in self._spots.values() for slot in spot.covers()}
        page, place = self._end()
        for key, need in needs:
            slots = max(1, min(need, self.grid.bands))
            page, place, spot = self._next(taken, page, place, slots)
            self._spots[key] = spot
            taken.update(spot.covers())

    def _end(self) -> tuple[int, int]:
        """The page and the reading place behind the last card."""
        last = max(self._spots.values(), key=lambda spot: (spot.page, spot.band, spot.column), default=None)
        if last is None:
            return (0, 0)
        return (last.page, last.band * self.grid.columns + last.column + 1)

    def _next(self, taken: set[tuple[int, int, int]], page: int, place: int, slots: int) -> tuple[int, int, Spot]:
        """The next free slot; a card too high for what is left of the page begins the next one."""
        while True:
            band, column = divmod(place, self.grid.columns)
            if band + slots > self.grid.bands:
                page, place = page + 1, 0
                continue
            spot = Spot(page, column, band, slots)
            place += 1
            if not taken & set(spot.covers()):
                return page, place, spot


def _reading_order(placed: tuple[str, Spot]) -> tuple[int, int]:
    return (placed[1].band, placed[1].column)


def grid_for(width: int, height: int, *, tile: Sequence[int] = (26, 6), most: int = 3) -> Grid:
    """As many tiles as there is room for, at most three by three."""
    columns = max(1, min(most, (width + 1) // (tile[0] + 1)))
    return Grid(columns, max(1, min(most, height // tile[1])))
