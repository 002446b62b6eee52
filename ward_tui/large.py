"""Figures that are read from an arm's length, made of plain characters."""

from __future__ import annotations

ROWS = 5
_FIGURES = {
    "0": ("####", "#  #", "#  #", "#  #", "####"),
    "1": ("  # ", " ## ", "  # ", "  # ", " ###"),
    "2": ("####", "   #", "####", "#   ", "####"),
    "3": ("####", "   #", " ###", "   #", "####"),
    "4": ("#  #", "#  #", "####", "   #", "   #"),
    "5": ("####", "#   ", "####", "   #", "####"),
    "6": ("####", "#   ", "####", "#  #", "####"),
    "7": ("####", "   #", "  # ", "  # ", "  # "),
    "8": ("####", "#  #", "####", "#  #", "####"),
    "9": ("####", "#  #", "####", "   #", "####"),
    ",": ("  ", "  ", "  ", " #", "# "),
    "-": ("    ", "    ", "####", "    ", "    "),
}


def large(text: str) -> tuple[str, ...]:
    """Five rows of it. What has no large figure is left out."""
    parts = [_FIGURES[sign] for sign in text if sign in _FIGURES]
    return tuple("  ".join(part[row] for part in parts) for row in range(ROWS))
