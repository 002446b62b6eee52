"""The only writer, on server, console, in tests and in the simulator: an overlay in memory over one open transaction.

A batch of acts is judged over one `Tx`. Each act works in its own layer: kept whole or dropped whole. What the batch
changed is written at its end by `core.store.write`, in one statement a table. No handler sees a connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any, Protocol, TypeVar

import msgspec

from core.kernel.case import Case
from core.kernel.handle import Need
from core.kernel.message import Event
from core.kernel.policy import DEFAULTS, Policy
from core.kernel.refusal import Refusal, Unknown
from core.kernel.row import Row
from core.kernel.values import Actor, Origin, derived_id

R = TypeVar("R", bound=Row)
Key = tuple[type[Row], str]
Touch = tuple[str, str]  # (table, id), or (table@owner_column, owner id) for a list


class Source(Protocol):
    """Where rows come from: one open transaction of a store."""

    whole: bool  # True on the server: what is not here does not exist

    def rows(self, table: type[R], ids: Sequence[str]) -> dict[str, R]: ...

    def owned(self, table: type[R], column: str, owner_ids: Sequence[str]) -> dict[str, list[R]]: ...

    def newest(self, table: type[R], column: str, owner_id: str, most: int) -> list[R]: ...


@dataclass(frozen=True, slots=True)
class Act:
    """Who does what, from where, and when. `at` is the server's instant at judging (a console's estimate of it)."""

    op_id: bytes
    kind: str
    at: int
    claimed_at: int
    actor: Actor
    origin: Origin
    origin_ref: str = ""  # the device's id, the session's, the rule's
    base_seq: int = 0


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row before and after one act. `before` is None for a new row."""

    table: type[Row]
    before: Row | None
    after: Row


@dataclass(slots=True)
class Layer:
    """What one act has done so far."""

    act: Act
    actor: Actor
    rows: dict[Key, Row] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    already: dict[str, str | int] | None = None
    read: dict[Touch, None] = field(default_factory=dict)
    missing: dict[Touch, None] = field(default_factory=dict)
    counter: int = 0


class Tx:
    """See the module. `rules_age` is how old this machine's knowledge of diets and recipes is, in ms (0 on the server).

    may_hold: a console's audiences. What an act takes out of them is gone for the acts behind it, as from its store.
    """

    def __init__(self, source: Source, *, rules_age: int = 0, may_hold: frozenset[str] | None = None) -> None:
        self.source = source
        self._may_hold = may_hold
        self._hidden: dict[Key, None] = {}
        self.rules_age = rules_age
        self._base: dict[Key, Row | None] = {}
        self._kept: dict[Key, Row] = {}
        self._lists: dict[tuple[type[Row], str, str], tuple[str, ...]] = {}
        self._hangs: dict[tuple[type[Row], str, str], dict[str, None]] = {}
        self._layer: Layer | None = None

    # -- the act ----------------------------------------------------------------------------------------------------

    @property
    def layer(self) -> Layer:
        assert self._layer is not None, "no act has begun"
        return self._layer

    @property
    def at(self) -> int:
        return self.layer.act.at

    @property
    def claimed_at(self) -> int:
        return self.layer.act.claimed_at

    @property
    def actor(self) -> Actor:
        return self.layer.actor

    @property
    def origin(self) -> Origin:
        return self.layer.act.origin

    @property
    def base_seq(self) -> int:
        """The number the actor's machine had seen when the act was made."""
        return self.layer.act.base_seq

    @property
    def events(self) -> list[Event]:
        return self.layer.events

    def policy(self, name: str) -> int:
        """The hospital's policy of that name, or its documented default."""
        row = self._find(Policy, name)
        return row.value if row is not None else DEFAULTS[name]

    def new_id(self) -> str:
        """The next id of this act: equal on both ends, in uuid7's time order."""
        self.layer.counter += 1
        return derived_id(self.layer.act.op_id, self.layer.counter)

    # -- reading ----------------------------------------------------------------------------------------------------

    def get(self, table: type[R], row_id: str) -> R:
        """The row. Raises Refusal("gone") where everything is held, Unknown on a console that does not hold it."""
        row = self._find(table, row_id)
        if row is not None:
            return row
        if self.source.whole:
            raise Refusal("gone", what=table.table_name)
        if self._layer is not None:
            self._layer.missing[(table.table_name, row_id)] = None
        raise Unknown(table.table_name, row_id)

    def all(self, table: type[R], *, of: Row, by: str = "") -> list[R]:
        """Every row of `table` that hangs on `of`, sorted by id: complete, as whoever holds the owner holds its lists.

        `by` names the column where a table hangs twice on one kind of row. Raises KeyError when it does not hang there.
        """
        column = _hangs_by(table, type(of), by)
        if self._layer is not None:
            self._layer.read[(f"{table.table_name}@{column}", of.id)] = None
        ids: Iterable[str] = self._listed(table, column, of.id)
        added = self._hangs.get((table, column, of.id))
        if added:
            ids = {**dict.fromkeys(ids), **added}
        rows = [
            row
            for row in (self._find(table, row_id) for row_id in ids)
            if row is not None and getattr(row, column) == of.id and _is_listed(row)
        ]
        rows.sort(key=_by_id)
        return rows

    def newest(self, table: type[R], *, of: Row, most: int) -> list[R]:
        """On the server: the newest rows that hang on `of` by a list no console holds, at most so many of the store's.

        What this batch has added is among them. Raises Unknown on a console.
        """
        owner = type(of).table_name
        column = next(name for name, table_name in table.server_owners.items() if table_name == owner)
        if not self.source.whole:
            raise Unknown(f"{table.table_name}@{column}", of.id)
        for row in self.source.newest(table, column, of.id, most):
            self._base.setdefault((table, row.id), row)
            self._hangs.setdefault((table, column, of.id), {})[row.id] = None
        rows = [self._find(table, row_id) for row_id in self._hangs.get((table, column, of.id), {})]
        listed = [row for row in rows if row is not None and getattr(row, column) == of.id and _is_listed(row)]
        return sorted(listed, key=_by_id, reverse=True)

    def prefetch(self, needs: Iterable[Need]) -> None:
        """Loads what a batch will read, in one query a table."""
        rows: dict[type[Row], dict[str, None]] = {}
        lists: dict[tuple[type[Row], str], dict[str, None]] = {}
        for need in needs:
            if len(need) == 2:
                if need not in self._base:
                    rows.setdefault(need[0], {})[need[1]] = None
            elif need not in self._lists:
                lists.setdefault((need[0], need[1]), {})[need[2]] = None
        for table, ids in rows.items():
            self._load(table, list(ids))
        for (table, column), owner_ids in lists.items():
            self._load_lists(table, column, list(owner_ids))

    def peek(self, table: type[R], row_id: str) -> R | None:
        """The row if it is already in memory: for the later rounds of a prefetch."""
        row = self._kept.get((table, row_id)) or self._base.get((table, row_id))
        return row  # type: ignore[return-value]  # keyed by its own class

    def peek_all(self, table: type[R], column: str, owner_id: str) -> list[R]:
        """The rows of a list that is already in memory: for the later rounds of a prefetch."""
        ids = self._lists.get((table, column, owner_id), ())
        return [row for row in (self.peek(table, row_id) for row_id in ids) if row is not None]

    # -- writing ----------------------------------------------------------------------------------------------------

    def add(self, row: R) -> R:
        """A new row. Its id comes from `new_id` or is a natural key, which the server's store checks at the flush."""
        key = (type(row), row.id)
        known = key in self._kept or self._base.get(key) is not None
        if key in self.layer.rows or (known and key not in self._hidden):
            raise Refusal("exists_already", what=row.table_name)
        self._base.setdefault(key, None)
        self._put(row)
        return row

    def change(self, row: R, **columns: Any) -> R:
        """The row with these columns changed: the one way to write. Nothing happens when nothing differs."""
        newest = self.get(type(row), row.id)
        columns = {name: value for name, value in columns.items() if getattr(newest, name) != value}
        if not columns:
            return newest
        changed = newest.altered(columns)
        self._put(changed)
        return changed

    def count_written(self, table: type[Row]) -> int:
        """How many rows of a table this act has written so far: what a reaction bounds itself by."""
        return sum(1 for key in self.layer.rows if key[0] is table)

    def emit(self, event: Event) -> None:
        """Something has happened; `core.reactions` decides what else happens in this transaction."""
        self.layer.events.append(event)

    def case(self, code: str, /, *, about: Row | None = None, **detail: str | int) -> Case:
        """It happened and does not fit: somebody has to look. Takes the ids it needs from the row it is about."""
        case = Case(
            id=self.new_id(),
            code=code,
            detail=msgspec.json.encode(detail).decode() if detail else "",
            op_id=self.layer.act.op_id.hex(),
            actor_id=self.actor.person_id,
            order_id=_id_from(about, "order_id", "order"),
            stay_id=_id_from(about, "stay_id", "stay"),
            ward_id=_id_from(about, "ward_id", "ward"),
            kitchen_id=_id_from(about, "kitchen_id", "kitchen"),
            opened_at=self.at,
        )
        self.layer.cases.append(case)
        return self.add(case)

    def already(self, **detail: str | int) -> None:
        """The same thing was done before by somebody else: counted once, noted as the second (R48)."""
        self.layer.already = detail

    # -- the batch --------------------------------------------------------------------------------------------------

    def begin(self, act: Act) -> None:
        assert self._layer is None, "the act before was neither kept nor dropped"
        self._layer = Layer(act, act.actor)

    def acts_as(self, actor: Actor) -> None:
        """Names the actor once the grants have been read."""
        self.layer.actor = actor

    def drop(self) -> Layer:
        """Forgets everything the act did."""
        layer, self._layer = self.layer, None
        return layer

    def keep(self) -> tuple[Layer, list[RowChange]]:
        """Makes the act's rows part of the batch; what it changed, in the order it was first touched."""
        layer, self._layer = self.layer, None
        changes = []
        for key, after in layer.rows.items():
            changes.append(RowChange(key[0], self._kept.get(key) or self._base.get(key), after))
            self._kept[key] = after
            self._note_owners(key, after)
            self._hide_or_show(key, after)
        return layer, changes

    def made(self) -> dict[type[Row], list[str]]:
        """Ids of the rows that the act adds, as far as this overlay has looked."""
        made: dict[type[Row], list[str]] = {}
        for table, row_id in self.layer.rows:
            if self.peek(table, row_id) is None:
                made.setdefault(table, []).append(row_id)
        return made

    def written(self) -> list[RowChange]:
        """Every row the batch has changed, as the store had it and as it shall be: for one write a table."""
        return [RowChange(key[0], self._base.get(key), after) for key, after in self._kept.items()]

    def rebased(self) -> None:
        """What was written is now what the store holds."""
        self._base.update(self._kept)
        self._kept.clear()

    # -- inside -----------------------------------------------------------------------------------------------------

    def _find(self, table: type[R], row_id: str) -> R | None:
        key = (table, row_id)
        layer = self._layer
        if layer is not None:
            layer.read[(table.table_name, row_id)] = None
            if key in layer.rows:
                return layer.rows[key]  # type: ignore[return-value]  # keyed by its own class
        if key in self._hidden:
            return None
        if key in self._kept:
            return self._kept[key]  # type: ignore[return-value]  # keyed by its own class
        if key not in self._base:
            self._load(table, [row_id])
        return self._base[key]  # type: ignore[return-value]  # keyed by its own class

    def _load(self, table: type[R], ids: list[str]) -> None:
        found = self.source.rows(table, ids)
        for row_id in ids:
            self._base[(table, row_id)] = found.get(row_id)

    def _listed(self, table: type[Row], column: str, owner_id: str) -> tuple[str, ...]:
        key = (table, column, owner_id)
        if key not in self._lists:
            self._load_lists(table, column, [owner_id])
        return self._lists[key]

    def _load_lists(self, table: type[Row], column: str, owner_ids: list[str]) -> None:
        found = self.source.owned(table, column, owner_ids)
        for owner_id in owner_ids:
            rows = found.get(owner_id, [])
            for row in rows:
                self._base.setdefault((table, row.id), row)
            self._lists[(table, column, owner_id)] = tuple(row.id for row in rows)

    def _hide_or_show(self, key: Key, row: Row) -> None:
        if self._may_hold is not None:
            if self._may_hold.isdisjoint(key[0].seen_by(row.__dict__)):
                self._hidden[key] = None
            else:
                self._hidden.pop(key, None)

    def _put(self, row: Row) -> None:
        key = (type(row), row.id)
        self.layer.rows[key] = row
        self._note_owners(key, row)

    def _note_owners(self, key: Key, row: Row) -> None:
        for column in (*key[0].owners, *key[0].server_owners):
            owner_id = getattr(row, column)
            if owner_id:
                self._hangs.setdefault((key[0], column, owner_id), {})[row.id] = None


@lru_cache(maxsize=None)
def _hangs_by(table: type[Row], owner: type[Row], by: str) -> str:
    """The column by which a table hangs on a kind of row. Raises KeyError when it does not."""
    columns = [name for name, table_name in table.owners.items() if table_name == owner.table_name]
    column = by or (columns[0] if columns else "")
    if column not in columns:
        raise KeyError(f"{table.table_name} does not hang on {owner.table_name}")
    return column


_by_id = attrgetter("id")


def _is_listed(row: Row) -> bool:
    column = type(row).listed_while_empty
    return not (column and getattr(row, column))


def _id_from(row: Row | None, column: str, table_name: str) -> str:
    if row is None:
        return ""
    if row.table_name == table_name:
        return row.id
    value = getattr(row, column, "")
    return str(value or "")
