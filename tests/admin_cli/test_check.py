"""`dusangire check` says of each thing of a machine how it is, and ends with one when something is wrong."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from admin_cli import check
from core.settings import Settings, load
from tests.admin_cli.conftest import Command

NAMES = ["clock", "disk", "port", "server", "tls", "keys", "console", "hospital", "printer", "screen", "colours"]


def settings(machine: Path, **changed: Any) -> Settings:
    return load(**changed)


def test_every_thing_has_one_line(dusangire: Command, machine: Path) -> None:
    lines = dusangire("check").out.splitlines()
    assert [line.split()[1] for line in lines] == NAMES


def test_a_program_reads_the_same(dusangire: Command, machine: Path) -> None:
    told = dusangire("check", "--json").json
    assert [one["name"] for one in told] == NAMES
    assert {one["state"] for one in told} <= {"good", "care", "wrong"} and all(one["words"] for one in told)


def test_a_taken_port_is_wrong_and_ends_with_one(dusangire: Command, machine: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        (machine / "dusangire.toml").write_text(f"[server]\nport = {other.getsockname()[1]}\n")
        found = check.port(load())
    assert (found.state, found.code) == ("wrong", "port_taken")


def test_a_free_port_is_good(machine: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        free = other.getsockname()[1]
    assert check.port(settings(machine, port=free)).code == "port_free"


def test_a_server_that_does_not_answer_is_wrong(machine: Path) -> None:
    found = check.server(settings(machine, server_url="http://127.0.0.1:9"))
    assert (found.state, found.code) == ("wrong", "server_silent")


def test_a_plain_address_is_for_practice_only(machine: Path) -> None:
    assert check.tls(settings(machine, server_url="http://127.0.0.1:9")).code == "tls_plain"


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that nobody has vouched for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "localhost")])
    begins = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"


def test_a_certificate_that_nobody_vouched_for_is_wrong_for_a_phone(machine: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(machine))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        answering = threading.Thread(target=_greet, args=(context, listening))
        answering.start()
        found = check.tls(settings(machine, server_url=f"https://localhost:{port}"))
        answering.join()
    assert (found.state, found.code, "self-signed" in str(found.detail["why"])) == ("wrong", "tls_untrusted", True)


def _greet(context: ssl.SSLContext, listening: socket.socket) -> None:
    plain, _ = listening.accept()
    with plain, contextlib.suppress(ssl.SSLError, OSError), context.wrap_socket(plain, server_side=True):
        pass


@pytest.mark.parametrize(
    ("free", "code"), [(5_000_000_000, "disk_good"), (700_000_000, "disk_little"), (100_000_000, "disk_full")]
)
def test_the_disk_is_told_by_what_is_free(machine: Path, monkeypatch: pytest.MonkeyPatch, free: int, code: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: type("Usage", (), {"free": free}))
    assert check.disk(load()).code == code


@pytest.mark.parametrize(
    ("size", "code"), [((80, 24), "screen_good"), ((40, 20), "screen_handheld"), ((39, 20), "screen_small")]
)
def test_the_screen_is_told_by_what_fits(
    machine: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], code: str
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size(size))
    assert check.terminal(load()).code == code


def test_the_servers_store_is_found(dusangire: Command, hospital: Path) -> None:
    assert check.database(load()).code == "hospital_here"


@pytest.mark.parametrize("language", ["en", "fr", "rw"])
def test_every_finding_has_words_in_every_language(machine: Path, language: str) -> None:
    from core.words import has

    codes = {found.code for found in check.look_over(load())}
    assert {code for code in codes if not has(f"check.{code}", language)} == set()
