"""The demo hospital as it is written down in the TOML files beside this module."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

Page = dict[str, Any]
HERE = Path(__file__).parent


@cache
def _read(name: str) -> Page:
    return tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))


def hospital() -> Page:
    return _read("hospital")


def ingredients() -> list[Page]:
    return list(_read("ingredients")["ingredient"])


def recipes() -> list[Page]:
    """The recipes that only other recipes use, each after the ones it holds."""
    return list(_read("dishes")["recipe"])


def dishes() -> list[Page]:
    return list(_read("dishes")["dish"])


def staff() -> list[Page]:
    return list(_read("staff")["staff"])


def patients() -> list[Page]:
    return list(_read("patients")["patient"])


def inpatients() -> list[Page]:
    return [patient for patient in patients() if "discharged_minutes_ago" not in patient]


def orders() -> list[Page]:
    return list(_read("patients")["order"])


def troubles(kind: str) -> list[Page]:
    """What people tried in vain, and what has run out: attempt, refused, out_of_stock."""
    return list(_read("patients")[kind])
