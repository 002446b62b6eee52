"""Every command the product has: found by its name, decoded, prefetched, run with all that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from pydantic import ValidationError

from core.cases import commands as cases
from core.delivery import commands as delivery
from core.devices import commands as devices
from core.diets import commands as diets
from core.kernel import upcasts
from core.kernel.handle import Handle, Need
from core.kernel.message import Command, Event
from core.kernel.refusal import Refusal
from core.kernel.tx import Tx
from core.menu import commands as menu
from core.orders import commands as orders
from core.payments import commands as payments
from core.people import commands as people
from core.people.model import Grant, Person
from core.reactions import AFTER_REFUSAL, REACTIONS, Reaction
from core.wards import commands as wards

MOST_GENERATIONS = 4  # of reactions to reactions

HANDLES: Mapping[str, Handle] = MappingProxyType(
    {
        handle.command.name: handle
        for concept in (people, devices, wards, menu, diets, payments, orders, delivery, cases)
        for handle in concept.HANDLERS
    }
)


class Undecodable(Exception):  # noqa: N818 - a state of the bytes, kept as an outcome
    """These bytes are no act that this version knows. Codes: unknown_command, wrong_version, bad_arguments."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def find(name: str) -> Handle | None:
    return HANDLES.get(name)


def encode(command: Command) -> bytes:
    """The arguments as they are stored and sent: once, never again."""
    return command.model_dump_json().encode()


def decode(name: str, v: int, args: bytes) -> Command:
    """The command that was meant, whichever version wrote it. Raises Undecodable."""
    handle = HANDLES.get(name)
    if handle is None:
        raise Undecodable("unknown_command", name[:64])
    try:
        return handle.command.model_validate_json(upcasts.lifted(name, v, handle.command.v, args))
    except upcasts.NoWay as error:
        raise Undecodable("wrong_version", f"{name} {v}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        code = "unknown_field" if first["type"] == "extra_forbidden" else "bad_arguments"
        raise Undecodable(code, ".".join(str(part) for part in first["loc"])) from error


def prefetch(tx: Tx, acts: Sequence[tuple[Handle, Command]]) -> None:
    """Loads what a batch will read, round by round: one query a table and round."""
    rounds = max((len(handle.reads) for handle, _ in acts), default=0)
    for turn in range(rounds):
        needs: list[Need] = []
        for handle, command in acts:
            if turn < len(handle.reads):
                needs.extend(handle.reads[turn](command, tx))
        tx.prefetch(needs)


def prefetch_actors(tx: Tx, person_ids: Iterable[str]) -> None:
    """Loads the people of a batch and their grants."""
    needs: list[Need] = []
    for person_id in dict.fromkeys(person_ids):
        needs += [(Person, person_id), (Grant, "person_id", person_id)]
    tx.prefetch(needs)


def run(tx: Tx, handle: Handle, command: Command) -> None:
    """The act, and what follows from it in the same transaction. Raises what the handler raises.

    What happens on both ends happens first, so that the ids it makes are the same on both.
    """
    handle.apply(tx, command)
    done: dict[tuple[object, str], None] = {}
    _react(tx, here=True, done=done)
    if tx.source.whole:
        _react(tx, here=False, done=done)


def _react(tx: Tx, *, here: bool, done: dict[tuple[object, str], None]) -> None:
    """A bounded work list: each reaction once for each row, at most four generations."""
    begin = 0
    for _ in range(MOST_GENERATIONS):
        generation = tx.events[begin:]
        begin += len(generation)
        for event in generation:
            for reaction in REACTIONS.get(type(event), ()):
                if reaction.here or not here:
                    _once(tx, reaction, event, done)
        if begin == len(tx.events):
            return


def _once(tx: Tx, reaction: Reaction, event: Event, done: dict[tuple[object, str], None]) -> None:
    about = _about(type(event))
    row_id = str(getattr(event, about)) if about else ""
    if (reaction.react, row_id) not in done:
        done[(reaction.react, row_id)] = None
        reaction.react(tx, event)


@lru_cache(maxsize=None)
def _about(event: type[Event]) -> str:
    """The field that names the row an event is about."""
    return next((name for name in event.model_fields if name.endswith("_id")), "")


def after_refusal(tx: Tx, command: Command, refusal: Refusal) -> None:
    """What is written although the act was refused: an attempt, a notice."""
    for write in AFTER_REFUSAL.get((type(command), refusal.code), ()):
        write(tx, command, refusal)
