"""What a console makes of a request that the server refuses: by the code where there is one,
else later the same again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from core.store import queue
from core.store.open import Store
from sync.client import checks, images, outbox, pull
from sync.client.moment import Moment
from sync.client.talk import Ask, Talk, Told, What, failed
from sync.patience import LONGEST_ASKED_MS, REFUSED_WAIT_MS, UPGRADE_MS
from sync.ports import Answer
from sync.protocol import AudienceChange, Trouble
from sync.wire import WireError, decode


def take(store: Store, talk: Talk, moment: Moment, chance: bytes, ask: Ask, answer: Answer) -> Told:
    trouble = _trouble(answer)
    patience = _patience(answer)
    if answer.status >= 500 or not trouble.code:
        return Told(failed(talk, moment, chance, trouble="server_error", at_least=patience))
    act = _ON.get(trouble.code)
    if act is not None:
        return Told(act(store, talk, moment, chance, trouble))
    if answer.status == 426:
        return Told(only_push(failed(talk, moment, chance), moment, trouble.code))
    if answer.status == 416 and talk.wanted is not None:
        return Told(failed(replace(talk, wanted=images.begin_again(talk.wanted)), moment, chance))
    if answer.status in (400, 413) and ask.what is What.PUSH and talk.most > 1:
        return Told(failed(replace(talk, most=talk.most // 2), moment, chance, trouble=trouble.code))
    talk = replace(talk, greeted=False, fork="")
    return Told(failed(talk, moment, chance, trouble=trouble.code, at_least=max(REFUSED_WAIT_MS, patience)))


def only_push(talk: Talk, moment: Moment, code: str) -> Talk:
    """This console may not pull now. What it holds stays, its queue still goes; it greets again after a while."""
    return replace(
        talk,
        greeted=True,
        may_pull=False,
        listening=False,
        wanted=None,
        trouble=code,
        pull_due=moment.mono + UPGRADE_MS,
    )


def new_incarnation(chance: bytes) -> str:
    return chance[2:18].hex()


def _expected_dseq(store: Store, talk: Talk, moment: Moment, chance: bytes, trouble: Trouble) -> Talk:
    """There is a gap: the server was restored, or lost nothing and this store is older than it thinks."""
    if outbox.agree(store, _number(trouble, "expected") - 1):
        return failed(talk, moment, chance)
    return replace(talk, fork=talk.fork or new_incarnation(chance))


def _forked(store: Store, talk: Talk, moment: Moment, chance: bytes, trouble: Trouble) -> Talk:
    """This store was cloned or restored, or the server was:
    its acts go on under a new incarnation and their own ids."""
    return replace(talk, fork=talk.fork or new_incarnation(chance))


def _too_far_behind(store: Store, talk: Talk, moment: Moment, chance: bytes, trouble: Trouble) -> Talk:
    with store.reading() as connection:
        cursor = queue.read_cursor(connection)
    if cursor is None or talk.wanted is not None:
        return failed(talk, moment, chance)
    change = AudienceChange(cursor.audiences_version, cursor.audiences)
    wanted = images.want(change, cursor.epoch, cursor.audiences, afresh=True)
    return replace(talk, wanted=wanted, listening=False)


def _greet_again(store: Store, talk: Talk, moment: Moment, chance: bytes, trouble: Trouble) -> Talk:
    """Another epoch, or a clock that the server does not believe: both are told by a greeting."""
    return replace(failed(talk, moment, chance), greeted=False, listening=False)


def _log_differs(store: Store, talk: Talk, moment: Moment, chance: bytes, trouble: Trouble) -> Talk:
    """The server was put back without being told so, or its log was altered: as after a restore, and said aloud."""
    checks.forget_history(store, moment)
    return replace(failed(talk, moment, chance), greeted=False, listening=False)


def _revoked(store: Store, talk: Talk, moment: Moment, chance: bytes, trouble: Trouble) -> Talk:
    """What was held leaves this console at once; the queue stays and still goes."""
    with store.reading() as connection:
        cursor = queue.read_cursor(connection)
    if cursor is not None and cursor.audiences:
        pull.change_audiences(store, moment, AudienceChange(0, ()), ())
    return only_push(failed(talk, moment, chance), moment, trouble.code)


Act = Callable[[Store, Talk, Moment, bytes, Trouble], Talk]
_ON: dict[str, Act] = {
    "expected_dseq": _expected_dseq,
    "forked": _forked,
    "too_far_behind": _too_far_behind,
    "other_epoch": _greet_again,
    "log_differs": _log_differs,
    "unknown_incarnation": _forked,
    "wrong_clock": _greet_again,
    "device_revoked": _revoked,
}


def _trouble(answer: Answer) -> Trouble:
    """A body that is not ours (a proxy's page) is a trouble without a code."""
    try:
        return decode(answer.body, Trouble)
    except WireError:
        return Trouble("")


def _number(trouble: Trouble, name: str) -> int:
    try:
        return int(json.loads(trouble.detail)[name])
    except (ValueError, KeyError, TypeError) as error:
        raise WireError("bad_message") from error


def _patience(answer: Answer) -> int:
    asked = answer.headers.get("retry-after", "")
    return min(int(asked) * 1_000, LONGEST_ASKED_MS) if asked.isascii() and asked.isdigit() else 0
