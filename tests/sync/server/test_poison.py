"""An act that cannot be taken in as it stands parks, or is refused, alone: whatever it holds, the acts beside it go
on (invariant 19), on either database."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest

from core import handlers
from core.kernel.tx import Tx
from core.kernel.values import Origin
from core.store.open import Store
from core.store.read import TxSource
from core.wards.commands import OpenStay
from core.wards.model import Stay
from sync.protocol import Op
from sync.server.perform import Submission, perform, submit
from sync.server.push import said_by
from sync.wire import encode_op
from tests import given

WIDEST = (1 << 63) - 1
ARGS = {"stay_id": "stay-9", "ward_id": "A", "full_name": "Patient 9"}


@pytest.fixture
def hospital(server_store: Store) -> Store:
    given.laid_in(server_store)
    return server_store


def admitting(stay_id: str) -> Submission:
    command = OpenStay(stay_id=stay_id, ward_id="A", full_name="Patient 1")
    return submit(command, op_id=given.op_id(), actor=given.NURSE, origin=Origin.CLI)


def said(**odd: Any) -> Submission:
    """An act as a console's bytes have it."""
    plain = Op(
        op_id=given.op_id(),
        salt=bytes(16),
        dseq=1,
        actor_id="nurse_1",
        grant_id="",
        kind="wards.open_stay",
        v=1,
        entity="stay-9",
        expect=0,
        base_seq=0,
        args=msgspec.json.encode(ARGS),
        claimed_at=given.NOON,
        t_mono=0,
        boot_id="boot",
        clk_err=0,
    )
    op = msgspec.structs.replace(plain, **odd)
    return said_by(op, "console", encode_op(op))


@pytest.mark.parametrize(
    "odd",
    [
        {"claimed_at": WIDEST},
        {"claimed_at": -WIDEST},
        {"base_seq": WIDEST},
        {"v": WIDEST},
        {"v": 0},
        {"expect": WIDEST},
        {"kind": "orders.\0teleport"},
        {"kind": "x" * 4_000},
        {"entity": "stay\0-9"},
        {"actor_id": "nurse\0-1"},
        {"grant_id": "\0"},
        {"args": b"\xff\xfe"},
        {"args": b"[" * 10_000},
        {"args": msgspec.json.encode(ARGS | {"full_name": "\0"})},
        {"args": b'{"stay_id":"stay-9","ward_id":"A","full_name":"\\ud800"}'},
    ],
    ids=lambda odd: ",".join(f"{name}={str(value)[:12]!r}" for name, value in odd.items()),
)
def test_whatever_an_act_holds_those_beside_it_go_on(hospital: Store, odd: dict[str, Any]) -> None:
    before, poison, after = admitting("stay-1"), said(**odd), admitting("stay-2")
    outcomes = perform(hospital, given.NOON, [before, poison, after])

    assert [outcome.outcome for outcome in (outcomes[0], outcomes[2]) if outcome] == ["applied", "applied"]
    assert outcomes[1] is not None
    with hospital.reading() as connection:
        assert len(TxSource(connection, whole=True).rows(Stay, ["stay-1", "stay-2"])) == 2


def test_an_act_over_which_reading_ahead_stumbles_parks_alone(
    hospital: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    handle = handlers.HANDLES[OpenStay.name]

    def stumbles(command: OpenStay, tx: Tx) -> tuple[()]:
        if command.stay_id == "stay-9":
            raise KeyError("a bug of ours")
        return ()

    odd = dataclasses.replace(handle, reads=(stumbles, *handle.reads))
    monkeypatch.setattr(handlers, "HANDLES", {**handlers.HANDLES, OpenStay.name: odd})
    outcomes = perform(hospital, given.NOON, [admitting("stay-1"), said(), admitting("stay-2")])

    assert [(one.outcome, one.code) for one in outcomes if one] == [
        ("applied", ""),
        ("parked", "server_error"),
        ("applied", ""),
    ]
    assert "parked wards.open_stay" in caplog.text
