"""Fills an empty hospital with the demo's past: every deed is performed, at its own instant, like anybody else's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, islice

from core.store import log, migrations
from core.store.demo.script import Deed
from core.store.demo.story import SEED, opened_at, story
from core.store.open import Store, open_server_store
from sync.protocol import APPLIED, APPLIED_EXCEPTION, REJECTED, TURN_OPS, Outcome
from sync.server.perform import Submission, perform, submit

ACCEPTED = (APPLIED, APPLIED_EXCEPTION)


class StoryBroken(Exception):  # noqa: N818 - what has happened
    """A deed of the demo did not end as its story says: the data and the rules no longer fit together."""


@dataclass(frozen=True, slots=True)
class Filled:
    """How many deeds were performed, and how many of them were refused as the story wants it."""

    deeds: int
    refused: int


def open_practice(url: str, *, now: int, epoch: str, signing_seed: str) -> Store:
    """A new hospital's store, marked practice, as it was on its first day."""
    store = open_server_store(url)
    migrations.bring_up(store)
    with store.writing() as connection:
        log.create_hospital(connection, epoch=epoch, at=opened_at(now), signing_seed=signing_seed, practice=True)
    return store


def fill(store: Store, now: int, seed: str = SEED) -> Filled:
    """Raises StoryBroken at the first deed that goes another way."""
    deeds = refused = 0
    for turn in _turns(story(now, seed)):
        outcomes = perform(store, turn[0].at, [_submission(deed) for deed in turn])
        for deed, outcome in zip(turn, outcomes, strict=True):
            _expect(deed, outcome)
        deeds += len(turn)
        refused += sum(1 for deed in turn if deed.refused)
    return Filled(deeds, refused)


def _turns(deeds: Iterable[Deed]) -> Iterator[list[Deed]]:
    """Deeds of one instant together, up to a turn."""
    for _, same in groupby(deeds, key=lambda deed: deed.at):
        while turn := list(islice(same, TURN_OPS)):
            yield turn


def _submission(deed: Deed) -> Submission:
    told = submit(deed.command, op_id=deed.op_id, actor=deed.by, origin=deed.origin, origin_ref="demo")
    return told if deed.brings_rights else replace(told, actor=None)


def _expect(deed: Deed, outcome: Outcome | None) -> None:
    went_well = outcome is not None and (
        (outcome.outcome == REJECTED and outcome.code == deed.refused) if deed.refused else outcome.outcome in ACCEPTED
    )
    if not went_well:
        raise StoryBroken(f"{deed.command!r}: {outcome}")
