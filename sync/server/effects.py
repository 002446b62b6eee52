"""What the outside world must be told: claimed, tried a bounded number of times, then visibly failed.

An effect is a row written in the transaction of the act that wants it, keyed (op_id, effect, recipient):
a re-push after a restore finds it there and tells nobody twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection

from core.store import web
from core.store.open import Store
from core.store.web import Effect
from sync.patience import CLAIM_MS, CLAIM_WAITS_MS

AT_ONCE = 16
log = logging.getLogger("dusangire.effects")

# the effect and its reference at the provider; raises when it did not get through
Gateway = Callable[[Effect, str], None]


def reference(of: Effect) -> str:
    """The provider's reference of an effect: the same at every try, so that a charge is made once."""
    return str(uuid5(NAMESPACE_URL, f"dusangire:{of.op_id.hex()}:{of.effect}:{of.recipient}"))


def write_a_line(of: Effect, reference: str) -> None:
    """The gateway of a hospital that has none yet: a line in the log, without the recipient."""
    log.info("effect %s %s", of.effect, reference)


GATEWAYS: Mapping[str, Gateway] = MappingProxyType({"log": write_a_line})


def any_due(store: Store, now: int) -> bool:
    """Asked before claiming: mostly there is nothing, and a claim is a write."""
    with store.reading() as connection:
        return web.has_due_effects(connection, now)


def claim(connection: Connection, now: int) -> list[Effect]:
    return web.claim_effects(connection, at=now, until=now + CLAIM_MS, limit=AT_ONCE)


def went(connection: Connection, now: int, results: Sequence[tuple[Effect, str]]) -> None:
    """Notes how each try ended: "" when it got through, else why not."""
    for tried, error in results:
        if not error:
            web.settle_effect(connection, tried, state=web.DONE, due_at=now, error="")
        elif tried.tries > len(CLAIM_WAITS_MS):
            web.settle_effect(connection, tried, state=web.FAILED, due_at=now, error=error)
        else:
            again_at = now + CLAIM_WAITS_MS[tried.tries - 1]
            web.settle_effect(connection, tried, state=web.WAITING, due_at=again_at, error=error)


def carry_out(effects: Sequence[Effect], gateways: Mapping[str, Gateway] = GATEWAYS) -> list[tuple[Effect, str]]:
    """Talks to the gateways: the one part that waits on the outside world, so it runs outside the writer."""
    results = []
    for wanted in effects:
        gateway = gateways.get(wanted.effect)
        try:
            if gateway is None:
                raise LookupError("no gateway of that name")
            gateway(wanted, reference(wanted))
            results.append((wanted, ""))
        except Exception as error:  # whatever the gateway raises: it is tried again, then shown as failed
            results.append((wanted, f"{type(error).__name__}: {error}"))
    return results
