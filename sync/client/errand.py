"""One conversation in the foreground, until it has done what it was for: a first load, sending what waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.store import queue
from core.store.open import Store
from sync.client import conversation
from sync.client.talk import CHANCE_BYTES, Ask, Sign, Step, Talk, What
from sync.ports import Chance, Clock, Link, LinkDown

MOST_STEPS = 2_000
NOT_SENDING = (What.PULL, What.IMAGE)


@dataclass(frozen=True, slots=True)
class Errand:
    """Who talks to whom. The store's sync lock must be held, or nobody else know the store yet."""

    store: Store
    link: Link
    clock: Clock
    chance: Chance
    sign: Sign

    def run(self, is_done: Callable[[Step], bool], *, only_send: bool = False) -> Talk:
        """Ends when done, when there is nothing to say now, or at the first line that breaks.

        only_send: no pull comes between two pushes.
        """
        talk = Talk()
        for _ in range(MOST_STEPS):
            talk = replace(talk, pushed_last=talk.pushed_last and not only_send)
            step = conversation.next_step(self.store, talk, self.clock.now(), self.sign)
            if not isinstance(step, Ask) or is_done(step):
                break
            try:
                answer = self.link.ask(step.method, step.path, step.body, step.headers)
            except LinkDown:
                return conversation.unanswered(talk, self.clock.now(), self.chance.bytes(CHANCE_BYTES), step)
            chance = self.chance.bytes(CHANCE_BYTES)
            talk = conversation.answered(self.store, talk, self.clock.now(), chance, step, answer).talk
        return talk


def load(errand: Errand) -> Talk:
    """Everything this console may hold. Where the line breaks, the console's loop goes on from there."""
    return errand.run(_never)


def drain(errand: Errand) -> Talk:
    """What waits is sent; nothing else is asked for."""
    return errand.run(
        lambda step: isinstance(step, Ask) and step.what in NOT_SENDING and not waiting(errand.store), only_send=True
    )


def waiting(store: Store) -> int:
    with store.reading() as connection:
        return queue.waiting(connection)


def _never(step: Step) -> bool:
    return False
