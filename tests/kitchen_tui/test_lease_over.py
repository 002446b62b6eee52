"""Three days without its server: the wall holds nobody's meals any more, says so in words, and lets nobody in."""

from __future__ import annotations

import pytest

from consoles.kit.testing import StillClock, glass, pressed, settled
from core.kernel.tx import Tx
from core.store.open import Store
from sync.client import leases
from tests.kitchen_tui import lunch
from tests.kitchen_tui.conftest import Wall

SAYS = {
    "en": ("NO DATA", "72 h and gave its patients back", "Work on paper"),
    "fr": ("VIDE", "72 h sans serveur", "sur papier"),
    "rw": ("NTA MAKURU", "arenga 72", "ku mpapuro"),
}


@pytest.mark.parametrize("language", sorted(SAYS))
async def test_the_wall_says_that_it_gave_its_meals_back(
    wall: Wall, tx: Tx, clock: StillClock, stores: list[Store], language: str
) -> None:
    lunch.swing(tx)
    app = wall(language=language)
    clock.pass_(minutes=72 * 60)
    assert leases.keep(stores[-1], clock.now())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        seen = " ".join(" ".join(glass(app)).split())
    assert [words for words in SAYS[language] if words not in seen] == []
    assert "L-0398" not in seen


async def test_until_then_it_shows_its_meals(wall: Wall, tx: Tx, clock: StillClock, stores: list[Store]) -> None:
    lunch.swing(tx)
    app = wall()
    clock.pass_(minutes=72 * 60 - 1)
    assert not leases.keep(stores[-1], clock.now())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "L-0398" in "\n".join(glass(app))


@pytest.mark.parametrize(
    ("hours", "says"), [(1, "Nobody signs in for the first time"), (72, "more than 72 h and gave its patients back")]
)
async def test_who_finds_nobody_to_choose_reads_why(
    wall: Wall, tx: Tx, clock: StillClock, stores: list[Store], hours: int, says: str
) -> None:
    app = wall()
    clock.pass_(minutes=hours * 60)
    leases.keep(stores[-1], clock.now())
    async with app.run_test(size=(120, 36)) as pilot:
        await settled(pilot)
        await pressed(pilot, "f10")
        await settled(pilot)
        seen = "\n".join(glass(app))
    told = " ".join(seen.replace("|", " ").split())
    assert ("Who is acting?" in told, says in told, "1 cook" in told) == (True, True, False)
