"""What a console says next to its server: the decisions that the loop and the simulator both carry out.

`next_step` says what to do now; `answered`, `unanswered`, `frame`, `listening`,
`stream_refused` and `stream_ended` take in what came of it. The queue and the cursor are in the store;
a `Talk` is what one process remembers in between.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.store import queue
from core.store.open import Store, StoreTrouble
from core.store.tables import SCHEMA
from sync import chain
from sync.client import checks, contact, images, incidents, outbox, pull, refused
from sync.client.moment import Moment
from sync.client.talk import (
    Ask,
    Listen,
    Rest,
    Sign,
    Step,
    Talk,
    Told,
    What,
    failed,
)
from sync.patience import (
    LONGEST_LINK_WAIT_MS,
    POLL_INSTEAD_MS,
    POLL_MS,
    REFUSED_WAIT_MS,
    STREAM_TRIES,
)
from sync.ports import Answer
from sync.protocol import (
    FEWEST_OPS,
    MIN_PROTO,
    PROTO,
    PULL_NUMBERS,
    SEGMENT_BYTES,
    SEGMENT_OPS,
    SNAPSHOT_BEHIND,
    AudienceChange,
    Changes,
    Hello,
    HelloAnswer,
    Incidents,
    PushAnswer,
    Reincarnate,
    Segment,
)
from sync.wire import WireError, decode, encode, pack_segment

STALE_MS = 600_000  # this machine slept with the words in its hands: what they say of the hour, and of rules, is over
EVERY_TABLE = ("*",)
CONFIRMED = ("diet_profile",)  # what a patient may eat


def next_step(store: Store, talk: Talk, moment: Moment, sign: Sign) -> Step:
    """What to do now."""
    with store.reading() as connection:
        me = queue.this(connection)
        cursor = queue.read_cursor(connection)
    if me is None or cursor is None:
        return Rest(moment.mono + REFUSED_WAIT_MS)
    if moment.mono < talk.not_before:
        return Rest(talk.not_before)
    pull_due = moment.mono >= talk.pull_due
    if talk.fork:
        return _fork(me, talk.fork, moment, sign)
    if not talk.greeted or _slept(talk, moment) or (pull_due and not talk.may_pull):
        return _greet(me, moment)
    pull_first = talk.pushed_last and talk.may_pull and talk.wanted is None and pull_due
    if me.answered_dseq < me.next_dseq - 1 and not pull_first:
        return _push(store, talk, moment, sign)
    telling = incidents.question(store, me, cursor, moment, sign) if incidents.is_due(talk, moment) else None
    if telling is not None:
        return telling
    if not talk.may_pull:
        return Rest(talk.pull_due)
    if talk.wanted is not None:
        part = images.next_part(talk.wanted)
        return _get(me, cursor, moment, sign, What.IMAGE, images.path(part), about=part)
    if pull_due:
        path = f"/sync/changes?{_cursor(cursor)}&limit={PULL_NUMBERS}{checks.asked(store, talk, moment)}"
        return _get(me, cursor, moment, sign, What.PULL, path)
    if not talk.listening and moment.mono >= talk.poll_until:
        path = f"/sync/live?{_cursor(cursor)}"
        return Listen(path, contact.signed_headers(me, cursor, moment, sign, "GET", path))
    return Rest(talk.pull_due)


def answered(store: Store, talk: Talk, moment: Moment, chance: bytes, ask: Ask, answer: Answer) -> Told:
    """Takes in an answer, whatever its status. `chance` steers how long to wait after a failure."""
    if moment.mono - ask.asked_at > STALE_MS:
        return Told(unanswered(talk, moment, chance, ask))
    talk = replace(talk, heard=moment.mono, greeted=talk.greeted and not _slept(talk, moment))
    try:
        if answer.status in (200, 206):
            well = replace(talk, failures=0, not_before=0, trouble="")
            return _TAKE[ask.what](store, well, moment, chance, ask, answer)
        if ask.what is What.INCIDENTS and answer.status < 500:
            return Told(incidents.not_now(talk, moment))  # a server that knows no such message: work goes on
        return refused.take(store, talk, moment, chance, ask, answer)
    except WireError:
        return Told(failed(talk, moment, chance, trouble="server_error"))
    except StoreTrouble as trouble:
        return Told(failed(talk, moment, chance, trouble=trouble.code))


def unanswered(talk: Talk, moment: Moment, chance: bytes, ask: Ask) -> Talk:
    """The request may have arrived or not: what is said again is recognised by its id. Acts that found no answer in
    time go in smaller segments, so that a slow line or a server with a long queue comes to an end with each."""
    if ask.what is What.PUSH and isinstance(ask.about, Segment):
        talk = replace(talk, most=max(FEWEST_OPS, len(ask.about.ops) // 2))
    return replace(failed(talk, moment, chance, at_most=LONGEST_LINK_WAIT_MS), greeted=False)


def frame(store: Store, talk: Talk, moment: Moment, chance: bytes, data: bytes) -> Told:
    """One frame of the live stream; an empty one is a heartbeat. After one that could not be taken in, those behind it
    in the same stream would leave a gap: the stream is over, and the next one begins at the cursor."""
    if not talk.listening:
        return Told(talk)
    if _slept(talk, moment):
        return Told(stream_ended(talk, moment, chance))
    talk = replace(talk, heard=moment.mono, silent_streams=0)
    try:
        if data:
            told = _take_changes(store, talk, moment, decode(data, Changes))
            due = talk.pull_due <= moment.mono  # news that come all day put off no pull
            return replace(told, talk=replace(told.talk, pull_due=talk.pull_due)) if due else told
        contact.still_here(store, moment, caught_up=talk.caught_up)
        return Told(talk)
    except WireError:
        return Told(failed(replace(talk, listening=False), moment, chance, trouble="server_error"))
    except StoreTrouble as trouble:
        return Told(failed(replace(talk, listening=False), moment, chance, trouble=trouble.code))


def listening(talk: Talk, moment: Moment) -> Talk:
    """The stream is open."""
    return replace(talk, listening=True, heard=moment.mono, pull_due=moment.mono + checks.next_in(talk, moment))


def stream_refused(talk: Talk, moment: Moment, chance: bytes) -> Talk:
    """Why is told by the pull that follows: streams and pulls are refused alike."""
    return replace(stream_ended(talk, moment, chance), heard=moment.mono)


def stream_ended(talk: Talk, moment: Moment, chance: bytes) -> Talk:
    """Ended, broken or silent: greet again. Where streams never say a word, poll for a while."""
    silent = talk.silent_streams + 1
    talk = replace(talk, listening=False, greeted=False, caught_up=False, silent_streams=silent, pull_due=moment.mono)
    if silent >= STREAM_TRIES:
        talk = replace(talk, silent_streams=0, poll_until=moment.mono + POLL_INSTEAD_MS)
    return failed(talk, moment, chance, at_most=LONGEST_LINK_WAIT_MS)


def _slept(talk: Talk, moment: Moment) -> bool:
    """Whether what was last said here lies so far back that it begins anew: images that go on after a sleep would be
    of a set that was lent long ago."""
    return talk.heard is not None and moment.mono - talk.heard > STALE_MS


# -- what is said -----------------------------------------------------------------------------------------------------


def _greet(me: Any, moment: Moment) -> Ask:
    hello = Hello(PROTO, MIN_PROTO, "dusangire", SCHEMA, me.id, me.incarnation)
    return Ask(What.GREET, "POST", "/sync/hello", moment.mono, encode(hello))


def _fork(me: Any, new: str, moment: Moment, sign: Sign) -> Ask:
    message = chain.reincarnate_message(me.id, me.incarnation, new)
    body = encode(Reincarnate(me.id, me.incarnation, new, sign(message)))
    return Ask(What.FORK, "POST", "/sync/incarnation", moment.mono, body)


def _push(store: Store, talk: Talk, moment: Moment, sign: Sign) -> Step:
    """A segment that is small enough; one act alone always is."""
    most = talk.most
    while True:
        segment = outbox.next_segment(store, sign, most)
        if segment is None:  # answered meanwhile
            return Rest(moment.mono)
        body = pack_segment(segment)
        if len(body) <= SEGMENT_BYTES or len(segment.ops) == 1:
            return Ask(What.PUSH, "POST", "/sync/push", moment.mono, body, about=segment)
        most = len(segment.ops) // 2


def _get(
    me: Any,
    cursor: queue.Cursor,
    moment: Moment,
    sign: Sign,
    what: What,
    path: str,
    *,
    about: images.Part | None = None,
) -> Ask:
    headers = contact.signed_headers(me, cursor, moment, sign, "GET", path)
    if about is not None:
        headers.update(images.headers(about))
    return Ask(what, "GET", path, moment.mono, headers=headers, about=about)


def _cursor(cursor: queue.Cursor) -> str:
    return f"cursor={cursor.epoch}.{cursor.seq}&audiences={cursor.audiences_version}"


# -- what is heard ----------------------------------------------------------------------------------------------------


def _greeted(store: Store, talk: Talk, moment: Moment, chance: bytes, ask: Ask, answer: Answer) -> Told:
    hello = decode(answer.body, HelloAnswer)
    talk = replace(talk, greeted=True, may_pull=True, pull_due=moment.mono, pushed_last=False)
    if hello.min_proto > PROTO or hello.proto < MIN_PROTO:
        return Told(refused.only_push(talk, moment, "wrong_version"))
    with store.reading() as connection:
        before = queue.read_cursor(connection)
        me = queue.this(connection)
    assert before is not None and me is not None, "only an enrolled console greets"
    contact.set_clock(store, moment, at=hello.at, error=moment.mono - ask.asked_at)
    restored = bool(before.epoch) and hello.epoch != before.epoch
    if restored:
        common = _last_common(before.epoch, hello)
        checks.look_back(store, moment, before, common)
        outbox.forget_lost_answers(store, above=common)
    if not outbox.agree(store, hello.last_dseq):
        talk = replace(talk, fork=refused.new_incarnation(chance))
    far = hello.head - before.seq > SNAPSHOT_BEHIND
    older_rows = me.schema != SCHEMA  # written by another version: loaded anew, the queue stays
    talk = want(talk, before, hello.audiences, hello.epoch, afresh=restored or far or older_rows)
    if restored and talk.wanted is None:  # it may hold nothing, and has nothing to load
        pull.change_audiences(store, moment, hello.audiences, (), afresh=True, epoch=hello.epoch)
    talk = checks.greeted(replace(talk, to_tell=incidents.any_waiting(store)), moment)
    return _taken_over(store, talk, moment)


def _last_common(epoch: str, hello: HelloAnswer) -> int:
    """Up to which number both histories are the same: there may have been several restores since, and an epoch that the
    server no longer knows of."""
    names = [name for name, _ in hello.epochs]
    since = hello.epochs[names.index(epoch) + 1 :] if epoch in names else ()
    return min((seq for _, seq in since), default=0)


def want(talk: Talk, cursor: queue.Cursor, change: AudienceChange, epoch: str, *, afresh: bool = False) -> Talk:
    """Notes which images must be here before the console may say that it holds these audiences."""
    if not change.audiences and not cursor.audiences:
        return talk
    afresh = afresh or not cursor.audiences
    same = frozenset(change.audiences) == frozenset(cursor.audiences)
    if same and not afresh and change.version == cursor.audiences_version:
        return replace(talk, wanted=None)
    known = talk.wanted
    begun = known is not None and (known.change, known.epoch, known.afresh) == (change, epoch, afresh)
    if known is not None and begun and images.suffices(known, cursor.audiences):
        return talk
    wanted = images.want(change, epoch, cursor.audiences, afresh=afresh)
    return replace(talk, wanted=wanted, listening=False)  # a stream is of one set of audiences


def _pushed(store: Store, talk: Talk, moment: Moment, chance: bytes, ask: Ask, answer: Answer) -> Told:
    assert isinstance(ask.about, Segment)
    told = decode(answer.body, PushAnswer)
    if not outbox.answered(store, moment, ask.about, told):
        return Told(failed(talk, moment, chance, trouble="server_error"))
    pull_due = talk.pull_due if talk.listening else moment.mono
    return Told(replace(talk, pushed_last=True, pull_due=pull_due, most=min(SEGMENT_OPS, talk.most * 2)), ("outcome",))


def _pulled(store: Store, talk: Talk, moment: Moment, chance: bytes, ask: Ask, answer: Answer) -> Told:
    return _take_changes(store, replace(talk, pushed_last=False), moment, decode(answer.body, Changes))


def _take_changes(store: Store, talk: Talk, moment: Moment, changes: Changes) -> Told:
    if talk.wanted is not None and talk.wanted.afresh:
        return Told(talk)  # from before everything is laid afresh
    with store.reading() as connection:
        cursor = queue.read_cursor(connection)
    given_back = cursor is not None and not cursor.audiences_version and changes.audience_change is None
    if cursor is None or changes.epoch != cursor.epoch or given_back:  # said to a set that is held here no longer
        return Told(replace(talk, greeted=False, listening=False))
    done = pull.take(store, moment, changes)
    caught_up = changes.next >= changes.head
    streaming = moment.mono >= talk.poll_until
    wait = checks.next_in(talk, moment) if streaming else POLL_MS
    if (not caught_up and not talk.listening) or _must_be_confirmed(changes):
        wait = 0
    talk = replace(talk, caught_up=caught_up, pull_due=moment.mono + wait)
    tables = (*done.tables, "outcome") if changes.outcomes else done.tables
    if changes.audience_change is None:
        return Told(checks.heard(store, talk, moment, changes), tables, done.replayed)
    told = _taken_over(store, want(talk, cursor, changes.audience_change, changes.epoch), moment)
    return Told(told.talk, (*tables, *told.tables), done.replayed)


def _must_be_confirmed(changes: Changes) -> bool:
    """A doctor waits to read who has it: the next pull says at once, by its cursor, that it was taken over."""
    return any(change.table in CONFIRMED for change in changes.changes)


def _image(store: Store, talk: Talk, moment: Moment, chance: bytes, ask: Ask, answer: Answer) -> Told:
    assert isinstance(ask.about, images.Part)
    if talk.wanted is None:
        return Told(talk)
    return _taken_over(store, replace(talk, wanted=images.take(talk.wanted, ask.about, answer)), moment)


def _taken_over(store: Store, talk: Talk, moment: Moment) -> Told:
    """Once no image is missing any more, the new set takes over in one local transaction."""
    wanted = talk.wanted
    if wanted is None or wanted.missing:
        return Told(talk)
    pull.change_audiences(
        store, moment, wanted.change, wanted.loaded, afresh=wanted.afresh, anew=wanted.anew, epoch=wanted.epoch
    )
    talk = checks.loaded(store, talk, moment, wanted)
    return Told(replace(talk, wanted=None, listening=False, pull_due=moment.mono), EVERY_TABLE)


def _forked(store: Store, talk: Talk, moment: Moment, chance: bytes, ask: Ask, answer: Answer) -> Told:
    outbox.reincarnate(store, talk.fork)
    return Told(replace(talk, fork=""), ("outcome",))


def _incidents(store: Store, talk: Talk, moment: Moment, chance: bytes, ask: Ask, answer: Answer) -> Told:
    assert isinstance(ask.about, Incidents)
    incidents.taken_in(store, ask.about)
    return Told(replace(talk, to_tell=incidents.any_waiting(store)))


_TAKE = {
    What.GREET: _greeted,
    What.PUSH: _pushed,
    What.PULL: _pulled,
    What.IMAGE: _image,
    What.FORK: _forked,
    What.INCIDENTS: _incidents,
}
