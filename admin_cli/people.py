"""`dusangire people`: staff, their roles, PINs and passwords. Secrets are asked for, never options."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import asked, shown
from admin_cli.checked import checked

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.kernel.message import Command
    from core.people.model import Grant, Person

app = typer.Typer(
    help="Staff, their roles, PINs and passwords.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)
Person_ = Annotated[str, typer.Argument(metavar="PERSON", help="The short name: cook_4.")]
Role_ = Annotated[
    str,
    typer.Argument(
        metavar="ROLE",
        help="cook, kitchen_lead, runner, nurse, doctor, nutritionist, cashier, admin or auditor.",
    ),
]
Ward = Annotated[str, typer.Option("--ward", help="On this ward only; otherwise everywhere.")]


@app.command()
def add(
    person: Person_,
    role: Role_,
    name: Annotated[str, typer.Option("--name", help="Full name.")],
    ward: Ward = "",
    display: Annotated[str, typer.Option("--display", help="As shared screens show them: cook 4.")] = "",
    email: Annotated[str, typer.Option("--email", help="For signing in on the pages.")] = "",
    phone: Annotated[str, typer.Option("--phone")] = "",
    language: Annotated[str, typer.Option("--language", help="en, fr or rw.")] = "en",
    supervisor: Annotated[str, typer.Option("--supervisor", help="Who reads what goes wrong.")] = "",
    pin: Annotated[bool, typer.Option("--pin", help="Ask for a PIN, or read it from stdin.")] = False,
    password: Annotated[bool, typer.Option("--password", help="Ask for a password, or read it from stdin.")] = False,
    as_json: shown.Json = False,
) -> None:
    """Adds one person with one role. On stdin the password comes first, then the PIN, a line each."""
    from admin_cli.hospital import act_whole, hospital, require
    from core.people.commands import AddPerson, SetPassword, SetPin
    from core.wards.model import Ward as WardRow

    commands: list[Command] = [
        checked(
            AddPerson,
            person_id=person,
            display=display or person.replace("_", " "),
            full_name=name,
            email=email,
            phone=phone,
            language=language,
            supervisor_id=supervisor,
        ),
        _grant(person, role, ward, until=""),
    ]
    if password:
        commands.append(SetPassword(person_id=person, password_hash=_new_password(person, name, email)))
    if pin:
        commands.append(SetPin(person_id=person, pin_hash=_new_pin()))
    with hospital() as store:
        if ward:
            require(store, WardRow, ward)
        act_whole(store, commands)
    shown.told({"person": person, "role": role, "ward": ward}, f"{person} is {role}{_on(ward)}.", json_wanted=as_json)


@app.command("list")
def list_people(as_json: shown.Json = False, console: shown.Console = False) -> None:
    """Everybody who works here, with the roles they hold now.

    JSON: a list of {person, display, ended, roles: [{grant, role, ward, from_at, until_at}]}; instants in ms UTC.
    """
    from admin_cli.place import reading

    with reading(console=console) as place, place.store.reading() as connection:
        found = [_person(person, grants, place.at) for person, grants in _everybody(connection)]
    if as_json:
        return shown.as_json(found)
    rows = [(one["person"], one["display"], _roles(one["roles"]), "ended" if one["ended"] else "") for one in found]
    shown.as_table(("person", "shown as", "roles", ""), rows, empty="Nobody works here yet. dusangire people add")


@app.command()
def grant(
    person: Person_,
    role: Role_,
    ward: Ward = "",
    until: Annotated[str, typer.Option("--until", help="The last day: 2026-12-24.")] = "",
    as_json: shown.Json = False,
) -> None:
    """Gives one more role, from now on."""
    from admin_cli.hospital import act, hospital, require
    from core.people.model import Person as PersonRow
    from core.wards.model import Ward as WardRow

    command = _grant(person, role, ward, until=until)
    with hospital() as store:
        require(store, PersonRow, person)
        if ward:
            require(store, WardRow, ward)
        act(store, command)
    shown.told({"person": person, "role": role, "ward": ward}, f"{person} is {role}{_on(ward)}.", json_wanted=as_json)


@app.command()
def pin(person: Person_, as_json: shown.Json = False) -> None:
    """Gives a person a new PIN: asked for and not shown, or one line of stdin. The old one stops working at once."""
    from admin_cli.hospital import act, hospital, require
    from core.people.commands import SetPin
    from core.people.model import Person as PersonRow

    with hospital() as store:
        require(store, PersonRow, person)
        act(store, SetPin(person_id=person, pin_hash=_new_pin()))
    shown.told({"person": person}, f"{person} has a new PIN.", json_wanted=as_json)


@app.command()
def password(person: Person_, as_json: shown.Json = False) -> None:
    """Gives a person a new password: asked for and not shown, or one line of stdin."""
    from admin_cli.hospital import act, hospital, require
    from core.people.commands import SetPassword
    from core.people.model import Person as PersonRow

    with hospital() as store:
        require(store, PersonRow, person)
        act(store, SetPassword(person_id=person, password_hash=_new_password(person)))
    shown.told({"person": person}, f"{person} has a new password.", json_wanted=as_json)


# -- what they have in common ---------------------------------------------------------------------------------------


def _grant(person: str, role: str, ward: str, *, until: str) -> Command:
    from core.people.commands import GiveGrant

    return checked(GiveGrant, person_id=person, role=role, ward_id=ward, until_at=_end_of(until))


def _end_of(day: str) -> int | None:
    """Midnight after this hospital day."""
    if not day:
        return None
    from admin_cli.days import begin_of

    return begin_of(day, after=1)


def _new_password(*known_words: str) -> str:
    from core.people.passwords import hash_password, refuse_weak_password

    told = asked.secret("New password")
    refuse_weak_password(told, known_words=known_words)
    return hash_password(told)


def _new_pin() -> str:
    from core.people.passwords import hash_pin, refuse_weak_pin

    told = asked.secret("New PIN, six digits")
    refuse_weak_pin(told)
    return hash_pin(told)


def _everybody(connection: Connection) -> Iterable[tuple[Person, list[Grant]]]:
    from sqlalchemy import select

    from core.people.model import Grant, Person
    from core.store.read import as_rows
    from core.store.tables import TABLES

    people, grants = TABLES[Person], TABLES[Grant]
    held: dict[str, list[Grant]] = {}
    for one in as_rows(Grant, connection.execute(select(grants).order_by(grants.c.id))):
        held.setdefault(one.person_id, []).append(one)
    for person in as_rows(Person, connection.execute(select(people).order_by(people.c.id))):
        yield person, held.get(person.id, [])


def _person(person: Person, grants: list[Grant], at: int) -> dict[str, Any]:
    return {
        "person": person.id,
        "display": person.display,
        "ended": person.ended_at is not None,
        "roles": [
            {
                "grant": one.id,
                "role": one.role,
                "ward": one.ward_id,
                "from_at": one.from_at,
                "until_at": one.until_at,
            }
            for one in grants
            if one.holds_at(at)
        ],
    }


def _roles(roles: list[dict[str, Any]]) -> str:
    return ", ".join(f"{one['role']}{_on(one['ward'])}" for one in roles)


def _on(ward: str) -> str:
    return f" on ward {ward}" if ward else ""
