"""An act that an older version wrote means today what it meant then; one from a newer version waits."""

from __future__ import annotations

import json

import pytest

from core import handlers
from core.cases.commands import AcknowledgeOutcome
from core.kernel import upcasts
from core.kernel.upcasts import UPCASTS, NoWay, lifted

V1 = b'{"outcome_id":"0199c82cc0007001ac15e8673cdbe734"}'  # as the first version wrote it


def test_what_the_first_version_wrote_is_the_command_of_today() -> None:
    command = handlers.decode("cases.acknowledge_outcome", 1, V1)
    assert command == AcknowledgeOutcome(outcome_id="0199c82cc0007001ac15e8673cdbe734", read="")


def test_what_is_written_today_is_read_as_it_is() -> None:
    command = AcknowledgeOutcome(outcome_id="x1", read="rejected")
    args = handlers.encode(command)
    assert handlers.decode(command.name, command.v, args) == command
    assert lifted(command.name, 2, 2, args) is args


@pytest.mark.parametrize(("version", "args"), [(3, V1), (0, V1), (1, b"{"), (1, b"[]")])
def test_a_newer_version_and_bytes_that_are_no_arguments_are_kept_for_later(version: int, args: bytes) -> None:
    with pytest.raises(handlers.Undecodable):
        handlers.decode("cases.acknowledge_outcome", version, args)


def test_several_versions_are_walked_one_after_the_other() -> None:
    steps = {("a.b", 1): lambda told: {**told, "two": 2}, ("a.b", 2): lambda told: {**told, "three": told["two"] + 1}}
    assert json.loads(lifted("a.b", 1, 3, b'{"one":1}', steps)) == {"one": 1, "two": 2, "three": 3}
    with pytest.raises(NoWay):
        lifted("a.b", 1, 4, b'{"one":1}', steps)


def test_every_version_that_a_command_ever_had_leads_to_the_one_of_today() -> None:
    missing = [
        (name, version)
        for name, handle in handlers.HANDLES.items()
        for version in range(1, handle.command.v)
        if (name, version) not in UPCASTS
    ]
    gone = [name for name, _ in upcasts.UPCASTS if name not in handlers.HANDLES]
    assert (missing, gone) == ([], [])
