"""A new console becomes one of the hospital's: its key is made here and never leaves, a one-time code lets it in.

Until the server has said yes, nothing is written.
Then the key is put away first and the store is moved into place last,
whole: a console is enrolled or it is not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from core.devices import keys
from core.kernel.refusal import Refusal
from core.store import home, queue
from core.store.home import Home
from core.store.open import Store
from sync import chain
from sync.patience import ENROL_TRIES
from sync.ports import Answer, Chance, Clock, Link, LinkDown
from sync.protocol import Enrol, EnrolAnswer, Trouble
from sync.wire import WireError, decode, encode

PATH = "/sync/enrol"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What this machine has made up for itself."""

    seed: bytes  # of the device key
    incarnation: str
    code: str
    name: str

    def message(self) -> bytes:
        return encode(Enrol(self.code, keys.public_key(self.seed), self.incarnation, self.name))


def newcomer(chance: bytes, code: str, name: str) -> Newcomer:
    """chance: 48 bytes."""
    return Newcomer(chance[:32], chance[32:48].hex(), code.strip(), name.strip())


def admitted(answer: Answer, server: str) -> EnrolAnswer:
    """Raises Refusal in words for anything but a yes."""
    try:
        if answer.status == 200:
            return decode(answer.body, EnrolAnswer)
        trouble = decode(answer.body, Trouble)
    except WireError as error:
        raise Refusal("no_server", server=server) from error
    raise Refusal(trouble.code or "server_error", **_detail(trouble))


def settle_in(store: Store, me: Newcomer, answer: EnrolAnswer, server_url: str) -> None:
    """Writes who this machine is, and a cursor that has seen nothing: everything else is loaded."""
    with store.writing() as connection:
        queue.become(
            connection,
            id=answer.device,
            kind=answer.kind,
            name=answer.name,
            incarnation=me.incarnation,
            server_url=server_url,
            server_key=answer.server_key,
            answered_hash=chain.start(me.incarnation),
        )
        queue.write_cursor(
            connection,
            queue.Cursor(
                epoch=answer.epoch,
                seq=0,
                ready_seq=1,  # its own enrolment has a number: until that has come, it is loading
                rules_at=0,
                server_at=0,
                heard_wall=0,
                heard_mono=0,
                heard_boot="",
                clock_error=0,
                audiences=(),
                audiences_version=0,
                durable_seq=0,
            ),
        )


def enrol(
    where: Home, server_url: str, *, code: str, name: str, link: Link, clock: Clock, chance: Chance
) -> EnrolAnswer:
    """Raises Refusal: enrolled_already, no_server, code_used, code_wrong, wrong_version ...;
    then nothing has changed."""
    if where.is_enrolled():
        raise Refusal("enrolled_already", name=where.folder.name)
    me = newcomer(chance.bytes(48), code, name)
    answer = admitted(_ask(link, me.message(), server_url), server_url)
    with home.new_device(where, me.seed) as store:
        settle_in(store, me, answer, server_url)
    return answer


def _ask(link: Link, message: bytes, server_url: str) -> Answer:
    for _ in range(ENROL_TRIES):
        try:
            return link.ask("POST", PATH, message, {})
        except LinkDown:
            continue
    raise Refusal("no_server", server=server_url)


def _detail(trouble: Trouble) -> dict[str, str | int]:
    try:
        found = json.loads(trouble.detail or "{}")
    except ValueError:
        return {}
    return {k: v for k, v in found.items() if isinstance(v, str | int)} if isinstance(found, dict) else {}
