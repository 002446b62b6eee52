"""Where a console's keys lie: through `keyring`, with a backend of our own where no desktop keeps secrets.

Our backend is one file, 0600, its secrets sealed by a key that is bound to this machine: a copied file says nothing
elsewhere, but whoever is root here can read it. That is stated, and it is why handhelds get more (sync.md §2.6).
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.kernel.refusal import Refusal
from core.settings import Settings

SERVICE = "dusangire"
FILE_NAME = "keys.json"
HOST_KEY_NAME = "host.key"
CREDENTIALS = "CREDENTIALS_DIRECTORY"  # systemd's: a key from a TPM or an encrypted credential, when a unit gives one
CREDENTIAL_NAME = "dusangire-host-key"
MACHINE_ID = Path("/etc/machine-id")
NONCE_BYTES = 12
KEY_BYTES = 32


class HostKeyring(keyring.backend.KeyringBackend):
    """A file of sealed secrets in one folder. Set explicitly, never found by itself."""

    priority = 0.1

    def __init__(self, folder: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring leaves it so
        self._folder = folder

    def get_password(self, service: str, username: str) -> str | None:
        sealed = self._sealed().get(f"{service} {username}")
        if sealed is None:
            return None
        raw = base64.b64decode(sealed)
        try:
            opened = AESGCM(self._host_key()).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], username.encode())
        except InvalidTag as error:
            raise Refusal("keys_of_another_machine") from error
        return opened.decode()

    def set_password(self, service: str, username: str, password: str) -> None:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._sealed()
        secret = AESGCM(self._host_key()).encrypt(nonce, password.encode(), username.encode())
        sealed[f"{service} {username}"] = base64.b64encode(nonce + secret).decode()
        self._write(FILE_NAME, json.dumps(sealed, indent=1).encode())

    def delete_password(self, service: str, username: str) -> None:
        sealed = self._sealed()
        if sealed.pop(f"{service} {username}", None) is None:
            raise keyring.errors.PasswordDeleteError(username)
        self._write(FILE_NAME, json.dumps(sealed, indent=1).encode())

    def _sealed(self) -> dict[str, str]:
        try:
            told = json.loads((self._folder / FILE_NAME).read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise Refusal("keys_damaged", file=FILE_NAME) from error
        return dict(told)

    def _host_key(self) -> bytes:
        """From this machine's own secret and its name, so that neither the file nor the key alone is enough."""
        machine = MACHINE_ID.read_bytes().strip() if MACHINE_ID.exists() else b""
        return HKDF(SHA256(), KEY_BYTES, salt=machine, info=b"dusangire host key 1").derive(self._secret())

    def _secret(self) -> bytes:
        given = os.environ.get(CREDENTIALS, "")
        if given and (Path(given) / CREDENTIAL_NAME).exists():
            return (Path(given) / CREDENTIAL_NAME).read_bytes()
        path = self._folder / HOST_KEY_NAME
        if not path.exists():
            self._write(HOST_KEY_NAME, os.urandom(KEY_BYTES))
        return path.read_bytes()

    def _write(self, name: str, data: bytes) -> None:
        """Whole or not at all, and on disk before it counts."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._folder / f"{name}.new"
        opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(opened, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self._folder / name)


class Vault:
    """The secrets of one console, by name, as bytes."""

    def __init__(self, folder: Path, backend: keyring.backend.KeyringBackend | None = None) -> None:
        self._backend = backend or HostKeyring(folder)
        self._service = SERVICE if backend is None else f"{SERVICE} {folder}"  # a desktop's keyring serves many folders

    def secret(self, name: str) -> bytes | None:
        """None when there is none. Raises Refusal: keys_damaged, keys_of_another_machine."""
        kept = self._backend.get_password(self._service, name)
        return base64.b64decode(kept) if kept is not None else None

    def keep(self, name: str, secret: bytes) -> None:
        self._backend.set_password(self._service, name, base64.b64encode(secret).decode())


def open_vault(settings: Settings) -> Vault:
    """This console's vault. Raises Refusal("no_desktop_keyring") where the desktop has none to offer."""
    if settings.keys == "file":
        return Vault(settings.data_folder)
    backend = keyring.get_keyring()
    if backend.priority < 1:
        raise Refusal("no_desktop_keyring", has=backend.name)
    return Vault(settings.data_folder, backend)
