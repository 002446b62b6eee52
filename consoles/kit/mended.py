"""Three places of the pinned library, mended once a process: what reaches the terminal (`text`), when a frame is drawn
(`timely`), and what is remembered.

A wall runs for weeks, and must not grow. The library keeps the last 1,024 (cache, colours) pairs, and with each the
drawn rows of a widget that is long gone: 150 KB for every dialog that was ever opened. The colours alone are enough.
"""

from __future__ import annotations

from functools import lru_cache

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.style import Style

from consoles.kit.text import guard_terminal
from consoles.kit.timely import hold_frames_back

KEPT = 256


@lru_cache(KEPT)
def _inner_outer(base_background: Color, background: Color) -> tuple[Style, Style]:
    return (Style(background=base_background + background), Style(background=base_background))


def _without_the_cache(_: StylesCache, base_background: Color, background: Color) -> tuple[Style, Style]:
    return _inner_outer(base_background, background)


def mend_library() -> None:
    """Harmless when it was done before."""
    guard_terminal()
    hold_frames_back()
    StylesCache.get_inner_outer = _without_the_cache  # type: ignore[assignment]  # the same, remembered by less
