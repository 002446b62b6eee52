"""When a frame is drawn: whole, and not before it may be seen.

While a program starts, the library holds frames back; yet it draws one, throws it away and takes it for seen. The first
frame then came in two pieces, a sixtieth of a second apart, and had been drawn twice.
"""

from __future__ import annotations

from typing import Any

from textual.screen import Screen


def hold_frames_back() -> None:
    """From here on a frame that nobody may see yet is asked for again behind whatever holds it back.

    It touches the inside of a pinned library: the test of the first frame holds it to what it promises.
    """
    if getattr(Screen._compositor_refresh, "is_held_back", False):
        return
    at_once = Screen._compositor_refresh

    def refresh(screen: Screen[Any]) -> None:
        if screen.app._batch_count:
            screen.app.call_later(screen._compositor_refresh)
        else:
            at_once(screen)

    refresh.is_held_back = True  # type: ignore[attr-defined]  # read above, once a process
    Screen._compositor_refresh = refresh  # type: ignore[method-assign, assignment]  # where a screen is drawn
