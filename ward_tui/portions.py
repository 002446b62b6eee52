"""How much of a dish, as labels and screens write it: 1/2, 1, 1 1/2."""

from __future__ import annotations


def portion(halves: int) -> str:
    whole, half = divmod(halves, 2)
    return " ".join(part for part in (str(whole) if whole else "", "1/2" if half else "") if part)
