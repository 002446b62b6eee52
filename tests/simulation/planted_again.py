"""Bugs about acts that could not be judged at first, planted as those in `planted` are."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

import core.store.log
import sync.client.checks
import sync.server.parked
from core.store.server_schema import op


def mark_is_not_told_as_the_act_s(patch: pytest.MonkeyPatch) -> None:
    """A console hears of a mark under the mark's own id, which it has never seen."""
    patch.setattr(core.store.log, "told_of", lambda row: bytes(row.op_id))


def judged_again_by_two(patch: pytest.MonkeyPatch) -> None:
    """Whoever judges again does not look whether somebody else has done it meanwhile."""
    real = sync.server.parked.perform_again

    def perform_again(store: Any, now: int, parked: Any) -> Any:
        with store.writing() as connection:
            connection.execute(update(op).where(op.c.op_id == parked.op_id).values(outcome="parked"))
        return real(store, now, parked)

    patch.setattr(sync.server.parked, "perform_again", perform_again)


def an_image_takes_past_the_word(patch: pytest.MonkeyPatch) -> None:
    """A console does not ask what became of its parked acts, and an image takes it past the mark."""
    patch.setattr(sync.client.checks.pruned, "oldest_parked", lambda connection: 0)


def the_word_comes_before_its_mark(patch: pytest.MonkeyPatch) -> None:
    """An outcome goes by the act's own number, whatever made it final."""
    real = core.store.log.judged_again

    def judged_again(connection: Any, op_id: bytes, **final: Any) -> None:
        real(connection, op_id, **final)
        connection.execute(update(op).where(op.c.op_id == op_id).values(told_seq=op.c.commit_seq))

    patch.setattr(core.store.log, "judged_again", judged_again)
