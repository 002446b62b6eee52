"""`dusangire server`: makes a hospital on this machine, and runs its server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from admin_cli import asked, shown

if TYPE_CHECKING:
    from core.kernel.message import Command
    from core.store.open import Store

app = typer.Typer(
    help="Make a hospital's server, and run it.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)
Database = Annotated[
    str, typer.Option("--database", help="Its address, without a password; otherwise a file in the data folder.")
]
Folder = Annotated[Path | None, typer.Option("--folder", help="Where this machine keeps its data.")]
Practice = Annotated[bool, typer.Option("--practice", help="For learning: marked as practice, for good.")]
Code = Annotated[str, typer.Option("--admin", help="The first administrator's short name: admin_1.")]
FullName = Annotated[str, typer.Option("--name", help="The first administrator's full name.")]
Email = Annotated[str, typer.Option("--email", help="The first administrator's e-mail, for the pages.")]
ADMIN_ROLE: Literal["admin"] = "admin"


@dataclass(frozen=True, slots=True)
class First:
    """The first administrator, with both secrets hashed."""

    person_id: str
    full_name: str
    email: str
    password_hash: str
    pin_hash: str

    def acts(self) -> list[Command]:
        from core.people.commands import AddPerson, GiveGrant, SetPassword, SetPin

        me = self.person_id
        return [
            AddPerson(person_id=me, display=me.replace("_", " "), full_name=self.full_name, email=self.email),
            GiveGrant(person_id=me, role=ADMIN_ROLE),
            SetPassword(person_id=me, password_hash=self.password_hash),
            SetPin(person_id=me, pin_hash=self.pin_hash),
        ]


@app.command()
def init(
    database: Database = "",
    folder: Folder = None,
    practice: Practice = False,
    admin: Code = "",
    name: FullName = "",
    email: Email = "",
    as_json: shown.Json = False,
) -> None:
    """Makes the hospital's database and its first administrator; asks for what is not given.

    The password and the PIN are asked for and not shown, or read from stdin: two lines, the password first. Stopped
    half-way, it can be given again and goes on.
    """
    from admin_cli import hospital
    from core.settings import load

    _refuse_password(database)
    settings = load(data_folder=folder.absolute()) if folder else load()
    address = database or settings.hospital_url
    _refuse_made(address)
    first = _first(admin, name, email)
    store = hospital.open_database(address, make=_make_folder(address))
    try:
        _make(store, practice=practice)
        hospital.act_whole(store, first.acts())
    finally:
        store.close()
    _remember(database, folder)
    made = {"database": hospital.shown(address), "admin": first.person_id, "practice": practice}
    if as_json:
        return shown.as_json(made)
    typer.echo(f"The hospital is made: {made['database']}" + (", for practice" if practice else ""))
    typer.echo(f"Its first administrator is {first.person_id}. Next: dusangire server run")


@app.command()
def run() -> None:
    """Runs the server until Ctrl-C, or until the machine asks it to stop; what was taken in is written first."""
    from admin_cli.hospital import hospital
    from core.settings import load
    from sync.server.app import serve

    settings = load()
    with hospital(settings.hospital_url):
        pass  # it is there, and of this version; if not, that is said now and in words
    serve(settings)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the copy is written; better another disk.")],
    keep: Annotated[int | None, typer.Option(min=1, help="Then delete older copies there, but for so many.")] = None,
    as_json: shown.Json = False,
) -> None:
    """Writes a copy of the hospital, reads it whole, and only then tells the consoles that they may forget.

    Safe beside a running server. From PostgreSQL too the copy is one file. JSON: {file, bytes, seq, at, acts, changes,
    consoles, durable_seq, deleted}.
    """
    from admin_cli.backups import back_up, let_old_go
    from core.settings import load

    done = back_up(load(), folder)
    whole = done.whole
    deleted = let_old_go(folder, keep) if keep else ()
    found = {
        "file": str(done.file),
        "bytes": done.bytes,
        "seq": whole.seq,
        "at": whole.at,
        "acts": whole.acts,
        "changes": whole.changes,
        "consoles": whole.consoles,
        "durable_seq": done.durable_seq,
        "deleted": list(deleted),
    }
    if as_json:
        return shown.as_json(found)
    typer.echo(f"The copy is whole: {done.file} ({done.bytes / 1e6:.1f} MB)")
    typer.echo(f"It holds all {whole.acts} acts up to number {whole.seq}. Consoles keep what came after it.")
    for name in deleted:
        typer.echo(f"An older copy was deleted: {name}")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A copy that `dusangire server backup` has written.")],
    older: Annotated[bool, typer.Option("--older", help="Also one that is not the newest: acts may be lost.")] = False,
    as_json: shown.Json = False,
) -> None:
    """Brings the hospital back from a copy. What consoles have done since comes back by itself when they are in reach.

    The server must not run. What is there now is kept beside it. JSON: {database, aside, epoch, seq, at}.
    """
    from admin_cli.backups import bring_back
    from core.settings import load

    done = bring_back(load(), file, older=older)
    whole = done.whole
    if as_json:
        return shown.as_json(
            {"database": done.database, "aside": done.aside, "epoch": done.epoch, "seq": whole.seq, "at": whole.at}
        )
    typer.echo(f"The hospital is back as of {shown.when(whole.at)}, act {whole.seq}: {done.database}")
    if done.aside:
        typer.echo(f"What was there before is kept beside it: {done.aside}")
    typer.echo("Next: dusangire server run. Consoles send by themselves what this copy lacks.")
    typer.echo("Acts of pages and of this command line since then do not: look at them, and at who was revoked.")


def _refuse_password(database: str) -> None:
    """Everybody on this machine can read the words of a command."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    from core.kernel.refusal import Refusal

    try:
        holds_password = bool(database) and make_url(database).password is not None
    except ArgumentError:
        return  # the next one to look at it says so
    if holds_password:
        raise Refusal("password_in_sight")


def _refuse_made(address: str) -> None:
    """Raises Refusal("hospital_exists") once there is an administrator: then it is whole."""
    from admin_cli.hospital import hospital
    from admin_cli.hospital import shown as shown_address
    from core.kernel.refusal import Refusal

    try:
        with hospital(address) as store:
            if _has_admin(store):
                raise Refusal("hospital_exists", where=shown_address(address))
    except Refusal as refusal:
        if refusal.code != "no_hospital":
            raise


def _has_admin(store: Store) -> bool:
    from sqlalchemy import select

    from core.people.model import Grant
    from core.store.tables import TABLES

    grants = TABLES[Grant]
    with store.reading() as connection:
        query = select(grants.c.id).where(grants.c.role == ADMIN_ROLE).limit(1)
        return connection.execute(query).one_or_none() is not None


def _first(admin: str, name: str, email: str) -> First:
    """Everything is asked before anything is made. Raises Refusal for a weak secret, or one that is missing."""
    from core.people.passwords import hash_password, hash_pin, refuse_weak_password, refuse_weak_pin

    person_id = admin or asked.text("Short name of the first administrator", otherwise="admin_1")
    full_name = name or asked.text("Full name")
    password = asked.secret("Password")
    refuse_weak_password(password, known_words=(person_id, full_name, email))
    pin = asked.secret("PIN, six digits")
    refuse_weak_pin(pin)
    return First(person_id, full_name, email, hash_password(password), hash_pin(pin))


def _make(store: Store, *, practice: bool) -> None:
    import os

    from admin_cli.hospital import now
    from core.store import log, migrations

    migrations.bring_up(store)
    with store.writing() as connection:
        if not log.is_created(connection):
            log.create_hospital(
                connection,
                epoch=os.urandom(16).hex(),
                at=now(),
                signing_seed=os.urandom(32).hex(),
                practice=practice,
            )


def _make_folder(address: str) -> bool:
    """The folder of a database that is a file. Always True: init may make what is missing."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    from core.kernel.refusal import Refusal

    try:
        parsed = make_url(address)
    except ArgumentError as error:
        raise Refusal("no_database", where="?", why="bad address") from error
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        try:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Refusal("no_database", where=parsed.database, why=type(error).__name__) from error
    return True


def _remember(database: str, folder: Path | None) -> None:
    """Writes what was given into this machine's settings; if there are some already, says which lines belong there."""
    import json

    from core.settings import settings_file

    lines = []
    if folder is not None:
        lines += ["[machine]", f"data_folder = {json.dumps(str(folder.absolute()))}", ""]
    if database:
        lines += ["[server]", f"database_url = {json.dumps(database)}", ""]
    if not lines:
        return
    path = settings_file()
    if path.exists():
        typer.echo(f"Write this into {path} if it is not there:\n\n" + "\n".join(lines), err=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text("\n".join(lines), encoding="utf-8")
