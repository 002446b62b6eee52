"""What an act names and nobody knows is refused by its name; the server does not stumble over it."""

from __future__ import annotations

from core.diets.prescribing import PrescribeDiet
from core.kernel.tx import Tx
from core.kernel.values import Origin
from core.store import log
from core.store.open import Store
from core.store.read import TxSource
from core.store.write import write_rows
from sync.server.perform import perform, submit
from tests import given


def test_a_code_that_nobody_knows_is_refused_with_its_name(server_store: Store) -> None:
    with server_store.writing() as connection:
        log.create_hospital(connection, epoch="e", at=given.MORNING, signing_seed="00" * 32, practice=True)
        tx = Tx(TxSource(connection, whole=True))
        given.hospital(tx)
        stay = given.stay(tx)
        write_rows(connection, tx.written())
    diet = PrescribeDiet(stay_id=stay.id, replaces=(), limits={"sodium": 2_000})
    wanted = submit(diet, op_id=given.op_id(), actor=given.DOCTOR, origin=Origin.CLI)
    (outcome,) = perform(server_store, given.NOON, [wanted])
    assert outcome is not None
    assert (outcome.outcome, outcome.code, "sodium" in outcome.detail) == ("rejected", "unknown_diet_code", True)
