"""What was given on a handheld, whichever of its screens it was pressed on."""

from __future__ import annotations

from core.delivery.commands import GiveTray
from tests.ward_tui.ward import Ward


def gave(w: Ward) -> list[GiveTray]:
    """Every hand-over that was pressed on this handheld."""
    return [
        command
        for screen in w.app.screen_stack
        for command in getattr(screen, "performed", [])
        if isinstance(command, GiveTray)
    ]
