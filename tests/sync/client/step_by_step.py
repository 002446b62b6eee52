"""A conversation that goes on over broken lines and refusals, as a console's loop carries it on."""

from __future__ import annotations

from core.devices import keys
from sync.client import conversation
from sync.client.talk import Ask, Talk
from sync.ports import LinkDown
from tests.sync.client.hospital import Console

STEP_MS = 2_000  # longer than any wait after a single failure


def one_step(console: Console, talk: Talk | None) -> Talk | None:
    """The conversation after it; None once there is nothing to ask."""
    console.time.at += STEP_MS
    now = console.time.now()
    step = conversation.next_step(console.store, talk or Talk(), now, keys.signer(console.seed))
    if not isinstance(step, Ask):
        return None
    try:
        answer = console.link.ask(step.method, step.path, step.body, step.headers)
    except LinkDown:
        return conversation.unanswered(talk or Talk(), now, bytes(18), step)
    return conversation.answered(console.store, talk or Talk(), now, bytes(18), step, answer).talk
