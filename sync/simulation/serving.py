"""One server process without threads or sockets: the real reception and the real judge, carried out at once."""

from __future__ import annotations

from collections.abc import Callable

from core.devices import keys
from core.store.open import Store
from sync.ports import Answer
from sync.protocol import TURN_OPS, Outcome
from sync.server.perform import perform
from sync.server.reception import Asked, Reception, Work


class ServerProcess:
    """One process over a hospital's store. Several over one store are several processes of one server.

    between_turns: called after each transaction, so that other processes and faults come in between.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], int],
        *,
        between_turns: Callable[[], None] = lambda: None,
        verify: Callable[[bytes, bytes, bytes], bool] = keys.verify,
    ) -> None:
        self.store, self._now, self._between_turns = store, now, between_turns
        self.reception = Reception(store, now, verify)

    def answer(self, asked: Asked) -> Answer:
        """The whole answer to one request. Raises StoreTrouble like the real thing."""
        said = self.reception.receive(asked)
        answer = said.answer
        while isinstance(answer, Work):
            answer = answer.then(self._work(answer))
        if said.aside is not None:
            with self.store.writing() as connection:
                said.aside(connection)
        return answer

    def _work(self, work: Work) -> list[Outcome | None]:
        outcomes: list[Outcome | None] = []
        for start in range(0, len(work.submissions), TURN_OPS):
            outcomes += perform(self.store, self._now(), work.submissions[start : start + TURN_OPS])
            self._between_turns()
        if work.chore is not None:
            with self.store.writing() as connection:
                work.chore(connection)
            self._between_turns()
        return outcomes
