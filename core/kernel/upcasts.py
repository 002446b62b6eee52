"""How arguments that an older version has written become those of today: an act may have lain in a queue for weeks, and
push is taken from every version that ever was (sync.md §2.10).

One row a command and version: it leads to the next version, and rows are walked one after the other. A row never goes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Arguments = dict[str, Any]
Lift = Callable[[Arguments], Arguments]


def _whatever_it_was(arguments: Arguments) -> Arguments:
    """Version 1 did not say which verdict was read."""
    return {**arguments, "read": ""}


UPCASTS: Mapping[tuple[str, int], Lift] = MappingProxyType({("cases.acknowledge_outcome", 1): _whatever_it_was})


class NoWay(Exception):  # noqa: N818 - a state of the bytes
    """From that version none leads here: it is newer, or the bytes are no arguments."""


def lifted(
    name: str, version: int, wanted: int, args: bytes, upcasts: Mapping[tuple[str, int], Lift] = UPCASTS
) -> bytes:
    """The arguments in the wanted version's words. Those of today are handed back byte for byte. Raises NoWay."""
    if version == wanted:
        return args
    try:
        arguments = json.loads(args)
        while version != wanted:
            arguments = upcasts[(name, version)](arguments)
            version += 1
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise NoWay from error
    return json.dumps(arguments, ensure_ascii=False).encode()
