"""`dusangire devices`: lets a console in with a one-time code, lists them, revokes one; enrols this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import asked, shown
from admin_cli.checked import checked

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.devices.model import Device

app = typer.Typer(
    help="Consoles: let one in, list them, revoke one.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command()
def code(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="kitchen, ward, clinical or admin.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the console is called: handheld 1.")],
    ward: Annotated[str, typer.Option("--ward", help="Stands on this ward; otherwise it serves every ward.")] = "",
    kitchen: Annotated[str, typer.Option("--kitchen", help="Stands in this kitchen.")] = "",
    as_json: shown.Json = False,
) -> None:
    """Makes a one-time code for one new console. It is shown once, here, and kept nowhere.

    JSON: {code, kind, name, expires_at}; the instant in ms UTC.
    """
    import os

    from admin_cli.hospital import act, hospital
    from core.devices import keys
    from core.devices.commands import MakeCode
    from core.devices.model import EnrolCode
    from core.store.read import TxSource

    drawn = keys.code_from(os.urandom(keys.CODE_BYTES))
    code_id = keys.code_hash(drawn)
    command = checked(MakeCode, code_id=code_id, kind=kind, title=name, kitchen_id=kitchen, ward_id=ward)
    with hospital() as store:
        act(store, command)
        with store.reading() as connection:
            made = TxSource(connection, whole=True).rows(EnrolCode, [code_id])[code_id]
    found = {"code": drawn, "kind": kind, "name": name, "expires_at": made.expires_at}
    sentence = f"{drawn}   for one {kind} console, {name}, until {shown.when(made.expires_at)}"
    shown.told(found, sentence, json_wanted=as_json)


@app.command()
def enrol(
    server: Annotated[str, typer.Option("--server", help="The server's address; otherwise the settings'.")] = "",
    name: Annotated[str, typer.Option("--name", help="What this machine is called; otherwise as the code says.")] = "",
    as_json: shown.Json = False,
) -> None:
    """Makes this machine one of the hospital's consoles, and loads what it may hold.

    Its code is asked for, or read from stdin. JSON: {device, kind, name, server, loaded}.
    """
    from admin_cli.enrolling import enrol_here
    from core.kernel.refusal import Refusal
    from core.settings import load

    settings = load()
    address = server or settings.server_url
    if not address:
        raise Refusal("server_address_missing")
    found = enrol_here(settings, address, code=asked.once("One-time code"), name=name)
    loaded = "and has its data" if found["loaded"] else "and goes on loading when it is opened"
    shown.told(found, f"This machine is now {found['name']} ({found['kind']}), {loaded}.", json_wanted=as_json)


@app.command("list")
def list_devices(as_json: shown.Json = False, console: shown.Console = False) -> None:
    """Every console, with the last time the server has heard from it.

    JSON: a list of {device, kind, name, ward, kitchen, enrolled_at, revoked_at, heard_at}; ms UTC, null is never.
    """
    from admin_cli.place import reading

    with reading(console=console) as place, place.store.reading() as connection:
        heard = _heard(connection) if place.whole else {}
        found = [_device(device, heard.get(device.id)) for device in _devices(connection)]
    if as_json:
        return shown.as_json(found)
    rows = [
        (
            one["device"][:12],
            one["kind"],
            one["name"],
            one["ward"] or one["kitchen"] or "everywhere",
            shown.when(one["heard_at"]) or "never",
            "revoked" if one["revoked_at"] else "",
        )
        for one in found
    ]
    shown.as_table(
        ("console", "kind", "name", "stands", "last heard", ""),
        rows,
        empty="No console yet. dusangire devices code",
    )


@app.command()
def revoke(
    device: Annotated[str, typer.Argument(metavar="CONSOLE", help="Its id, or the beginning of it.")],
    as_json: shown.Json = False,
) -> None:
    """Takes a console out of use: its data leaves it, what was done on it is still taken in."""
    from admin_cli.hospital import act, hospital
    from core.devices.commands import RevokeDevice
    from core.kernel.refusal import Refusal

    with hospital() as store:
        with store.reading() as connection:
            meant = [one for one in _devices(connection) if device and one.id.startswith(device)]
        if len(meant) != 1:
            raise Refusal("no_such_console", name=device, found=len(meant))
        act(store, RevokeDevice(device_id=meant[0].id))
    found = {"device": meant[0].id, "name": meant[0].name}
    shown.told(found, f"{meant[0].name} is revoked.", json_wanted=as_json)


@app.command()
def limits(
    wall: Annotated[int, typer.Option("--wall", help="Hours for a kitchen's wall, from now on.")] = 0,
    personal: Annotated[int, typer.Option("--personal", help="Hours for all others, from now on.")] = 0,
    as_json: shown.Json = False,
) -> None:
    """How long consoles may go without the server before they give their patients back.

    JSON: {wall_hours, personal_hours}.
    """
    from admin_cli.hospital import act, hospital
    from core.devices.commands import SetOfflineLimit
    from core.kernel.policy import DEFAULTS, Policy
    from core.store.read import TxSource

    found = {}
    with hospital() as store:
        for limit, hours in (("wall", wall), ("personal", personal)):
            if hours:
                act(store, checked(SetOfflineLimit, limit=limit, minutes=hours * 60))
        with store.reading() as connection:
            for limit in ("wall", "personal"):
                name = f"offline_{limit}_minutes"
                row = TxSource(connection, whole=True).rows(Policy, [name]).get(name)
                found[f"{limit}_hours"] = (row.value if row is not None else DEFAULTS[name]) // 60
    sentence = f"A kitchen's wall {found['wall_hours']} h, every other console {found['personal_hours']} h."
    shown.told(found, sentence, json_wanted=as_json)


def _devices(connection: Connection) -> list[Device]:
    from sqlalchemy import select

    from core.devices.model import Device
    from core.store.read import as_rows
    from core.store.tables import TABLES

    table = TABLES[Device]
    return as_rows(Device, connection.execute(select(table).order_by(table.c.enrolled_at, table.c.id)))


def _heard(connection: Connection) -> dict[str, int]:
    from core.store import log

    heard: dict[str, int] = {}
    for one in log.devices_heard(connection):
        heard[one.device_id] = max(one.heard_at, heard.get(one.device_id, 0))
    return heard


def _device(device: Device, heard_at: int | None) -> dict[str, Any]:
    return {
        "device": device.id,
        "kind": device.kind,
        "name": device.name,
        "ward": device.ward_id,
        "kitchen": device.kitchen_id,
        "enrolled_at": device.enrolled_at,
        "revoked_at": device.revoked_at,
        "heard_at": heard_at,
    }
