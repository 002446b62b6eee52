"""What a piece of the log means for patients' pages, as Server-Sent Events: tables to look at again, and no row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from core.store.tables import decode_row
from sync.server.perform import RULES_TABLES

OUT_OF_CONTACT_MS = 12_000  # open streams are noted every 5 s, polling consoles ask every 5 s


def is_silent(heard_at: int, now: int) -> bool:
    """Whether a kitchen's screens have been out of contact long enough to say so."""
    return now - heard_at > OUT_OF_CONTACT_MS


def for_pages(rows: Iterable[Any]) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """Tables of the menu that changed, for every page; and for each stay its tables and the states of its orders."""
    common: dict[str, None] = {}
    by_stay: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row.table_name in RULES_TABLES:
            common[row.table_name] = None
            continue
        for name in dict.fromkeys([*row.after.split(), *row.before.split()]):
            if name.startswith("patient:"):
                told = by_stay.setdefault(name.removeprefix("patient:"), {"tables": [], "orders": {}})
                if row.table_name not in told["tables"]:
                    told["tables"].append(row.table_name)
                if row.table_name == "order" and row.body:
                    order: Any = decode_row("order", bytes(row.body))
                    told["orders"][row.row_id] = order.state
    return list(common), by_stay


def events(until: int, common: list[str], by_stay: dict[str, dict[str, Any]], stay_id: str) -> bytes:
    """Only the last event carries the number: cut between the two, both are told again."""
    own = by_stay.get(stay_id)
    if own and common:
        return sse(0, own) + sse(until, {"tables": common})
    return sse(until, own or {"tables": common})


def closed_stays(rows: Iterable[Any]) -> list[str]:
    """Stays that ended in this piece of the log: their pages are signed out."""
    closed = []
    for row in rows:
        if row.table_name != "stay" or not row.body:
            continue
        stay: Any = decode_row("stay", bytes(row.body))
        if stay.closed_at is not None:
            closed.append(row.row_id)
    return closed


def sse(seq: int, data: dict[str, Any]) -> bytes:
    number = f"id: {seq}\n" if seq else ""
    return f"{number}event: changed\ndata: {msgspec.json.encode(data).decode()}\n\n".encode()
