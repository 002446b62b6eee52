"""`t` on the sync screen: a file that another console has written is handed to the server; asks which, and says what
was in it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from consoles.kit.dialogs import Choice, ChooseScreen, TellScreen, TypeScreen
from core.words import clock, day

if TYPE_CHECKING:
    from consoles.kit.screen import ConsoleScreen
    from sync.protocol import FerryAnswer

LONGEST_PATH = 200
MOST_FILES = 8  # and a ninth choice for any other


async def take_in(screen: ConsoleScreen) -> None:
    """The newest files on sticks and in this console's own data folder come first, then any other."""
    from core.settings import load
    from sync.client.carrying import BESIDE, files

    beside = load().data_folder / BESIDE
    found = await screen.console_app.store.run(files, beside)
    choices = [Choice(path.name, path, str(path.parent)) for path in found[:MOST_FILES]]
    choices.append(Choice(screen.word("sync_screen.take_in_other"), ""))
    dialog = ChooseScreen(_title(screen), choices, text=[screen.word("sync_screen.take_in_text")])
    screen.app.push_screen(dialog, partial(_chosen, screen))


def _title(screen: ConsoleScreen) -> str:
    return screen.word("sync_screen.take_in")


def _chosen(screen: ConsoleScreen, file: Any) -> None:
    if file == "":
        typed = TypeScreen(_title(screen), hint=screen.word("sync_screen.take_in_hint"), most=LONGEST_PATH)
        screen.app.push_screen(typed, lambda text: _chosen(screen, Path(text).expanduser() if text else None))
    elif file is not None:
        screen.say(screen.word("sync_screen.take_in_sending", file=file.name), "quiet")
        screen.run_worker(_pass_on(screen, file), group="carry", exclusive=True)


async def _pass_on(screen: ConsoleScreen, file: Path) -> None:
    from core.kernel.refusal import Refusal

    door = screen.console_app.store.door
    if door is None:
        return
    try:
        taken = await screen.console_app.store.run(door.pass_on, file)
    except Refusal as refusal:
        return screen.refused(refusal, None, _title(screen))
    finally:
        screen.say(screen.word("sync_screen.go_on"), "quiet")
    screen.app.push_screen(TellScreen(_title(screen), _said(screen, taken)))


def _said(screen: ConsoleScreen, taken: FerryAnswer) -> list[str]:
    written = f"{day(taken.made_at, screen.language)} {clock(taken.made_at)}"
    said = [screen.word("sync_screen.take_in_from", name=taken.name, time=written)]
    known = taken.acts - taken.fresh - taken.waiting
    if taken.fresh == 0 and taken.waiting == 0:
        said.append(screen.word("sync_screen.take_in_known", count=known))
    else:
        said.append(screen.word("sync_screen.take_in_new", fresh=taken.fresh, known=known, unread=taken.unread))
    if taken.waiting:
        said.append(screen.word("sync_screen.take_in_waiting", count=taken.waiting))
    return said
