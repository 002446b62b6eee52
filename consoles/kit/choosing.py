"""Two people have changed the same thing: both texts side by side, and one of them is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from rich.text import Text

from consoles.kit.text import joined, padded, words, wrapped
from core.words import clock, word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.kernel.message import Command

BETWEEN = " | "
NO_TEXT = ("id", "version", "expect")


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing that the two do not say alike."""

    name: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Both:
    """An edit that lost, beside what stands now. command None: it was made on another console, and its text is there.

    version: of what stands now; writing `command` again over it keeps the first text.
    """

    outcome_id: str
    device: str
    command: Command | None
    version: int
    who: str
    at: int
    other: str
    other_at: int
    pairs: tuple[Pair, ...]
    holds_other: bool


def both_texts(db: Connection, outcome_id: str) -> Both | None:
    """In the store's thread; None when there is no such verdict here any more."""
    from core import handlers
    from core.devices.model import Device
    from core.kernel.case import UnreadOutcome
    from core.reports.needs import people_of
    from core.store.read import TxSource

    source = TxSource(db, whole=False)
    told = source.rows(UnreadOutcome, [outcome_id]).get(outcome_id)
    if told is None:
        return None
    people, handle = people_of(db), handlers.find(told.kind)
    command, made_at = _command(db, outcome_id)
    table = handle.edits if handle is not None else None
    row = source.rows(table, [told.entity]).get(told.entity) if table is not None else None
    other = str(getattr(row, "changed_by", "") or "")
    return Both(
        outcome_id=outcome_id,
        device=_name_of(source.rows(Device, [told.device_id]).get(told.device_id), told.device_id),
        command=command,
        version=row.version if row is not None else 0,
        who=people.get(told.actor_id, told.actor_id),
        at=made_at or told.judged_at,
        other=people.get(other, other),
        other_at=int(getattr(row, "changed_at", 0) or 0),
        pairs=_pairs(command, row),
        holds_other=row is not None,
    )


def _name_of(device: Any, device_id: str) -> str:
    return str(device.name) if device is not None else device_id


def _command(db: Connection, outcome_id: str) -> tuple[Command | None, int]:
    """The act as it was made on this console, and when."""
    from core import handlers
    from core.store import queue
    from sync.wire import decode_op

    rows = queue.ops_named(db, bytes.fromhex(outcome_id))
    if len(rows) != 1:
        return None, 0
    op = decode_op(bytes(rows[0].body))
    try:
        return handlers.decode(op.kind, op.v, op.args), rows[0].made_at
    except handlers.Undecodable:
        return None, rows[0].made_at


def _pairs(command: Command | None, row: Any) -> tuple[Pair, ...]:
    """What differs; where one of the two texts is not here, what the other says."""
    named = tuple(type(command).model_fields) if command is not None else tuple(getattr(row, "__dict__", {}))
    pairs = []
    for name in named:
        mine, theirs = getattr(command, name, None), getattr(row, name, None)
        known = command is None or row is None or hasattr(row, name)
        if name not in NO_TEXT and not name.endswith("_id") and known and mine != theirs:
            pairs.append(Pair(name, _said(name, mine), _said(name, theirs)))
    return tuple(pairs)


def _said(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name.endswith("_at") and isinstance(value, int):
        return clock(value)
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)


def side_by_side(both: Both, width: int, language: str) -> Sequence[Text]:
    """The lines of the box: whose is whose, then each thing that differs, left and right."""
    half = (width - len(BETWEEN)) // 2

    def said(name: str, /, **arguments: str | int) -> str:
        return word(f"sync_screen.{name}", language, **arguments)

    mine = said("choose_mine", who=both.who, time=clock(both.at))
    theirs = said("choose_theirs", who=both.other, time=clock(both.other_at) if both.other_at else "")
    lines = _beside(wrapped(mine, half), wrapped(theirs.strip(), half), half, "strong")
    if both.command is None:
        lines += [words(line, "quiet") for line in wrapped(said("choose_elsewhere", name=both.device), width)]
    if not both.holds_other:
        lines += [words(line, "quiet") for line in wrapped(said("choose_not_here"), width)]
    for pair in both.pairs:
        lines.append(words(word(f"field.{pair.name}", language), "quiet"))
        lines += _beside(wrapped(pair.mine or "--", half), wrapped(pair.theirs or "--", half), half, "")
    if not both.pairs:
        lines.append(words(said("choose_same"), "quiet"))
    return lines


def _beside(left: Sequence[str], right: Sequence[str], half: int, token: str) -> list[Text]:
    return [
        joined(words(padded(one, half), token), words(BETWEEN, "rule"), words(other, token))
        for one, other in zip_longest(left, right, fillvalue="")
    ]
