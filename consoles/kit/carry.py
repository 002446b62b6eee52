"""`c` on the sync screen: what waits is written into a file for another machine; asks where, and says what it did."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from consoles.kit.dialogs import Choice, ChooseScreen, TellScreen, TypeScreen

if TYPE_CHECKING:
    from consoles.kit.screen import ConsoleScreen
    from sync.client.carrying import Laid

LONGEST_PATH = 200


async def carry(screen: ConsoleScreen, waiting: int) -> None:
    """Sticks that are in the machine come first, then this console's own data folder, then any other."""
    from core.settings import load
    from sync.client.carrying import BESIDE, sticks

    found = await screen.console_app.store.run(sticks)
    choices = [Choice(screen.word("sync_screen.carry_stick", name=stick.name), stick, str(stick)) for stick in found]
    beside = load().data_folder / BESIDE
    choices.append(Choice(screen.word("sync_screen.carry_data"), beside, str(beside)))
    choices.append(Choice(screen.word("sync_screen.carry_other"), ""))
    text = [screen.word("sync_screen.carry_text", count=waiting)]
    dialog = ChooseScreen(screen.word("sync_screen.carry"), choices, text=text)
    screen.app.push_screen(dialog, partial(_chosen, screen))


def _chosen(screen: ConsoleScreen, place: Any) -> None:
    if place == "":
        hint = screen.word("sync_screen.carry_hint")
        typed = TypeScreen(screen.word("sync_screen.carry"), hint=hint, most=LONGEST_PATH)
        screen.app.push_screen(typed, lambda text: _chosen(screen, Path(text).expanduser() if text else None))
    elif place is not None:
        screen.run_worker(_lay(screen, place), group="carry", exclusive=True)


async def _lay(screen: ConsoleScreen, folder: Path) -> None:
    from core.kernel.refusal import Refusal

    door = screen.console_app.store.door
    if door is None:
        return
    try:
        laid: Laid = await screen.console_app.store.run(door.carry, folder)
    except Refusal as refusal:
        return screen.refused(refusal, None, screen.word("sync_screen.carry"))
    said = screen.word("sync_screen.carry_said", count=laid.acts, file=str(laid.path), name=laid.path.name)
    screen.app.push_screen(TellScreen(screen.word("sync_screen.carry"), [said]))
