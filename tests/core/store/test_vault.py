"""A console's keys: sealed to this machine, whole or not at all, and nobody's elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import keyring.backend
import keyring.errors
import pytest

from core.kernel.refusal import Refusal
from core.settings import Settings
from core.store import vault
from core.store.vault import HostKeyring, Vault, open_vault


def test_a_secret_is_kept_and_found_again_by_another_process(tmp_path: Path) -> None:
    Vault(tmp_path).keep("store", b"\0\xff secret")
    assert (Vault(tmp_path).secret("store"), Vault(tmp_path).secret("device")) == (b"\0\xff secret", None)


def test_a_secret_is_replaced_by_the_newest(tmp_path: Path) -> None:
    here = Vault(tmp_path)
    for secret in (b"one", b"two"):
        here.keep("store", secret)
    assert here.secret("store") == b"two"


def test_the_file_says_nothing_of_the_secret(tmp_path: Path) -> None:
    Vault(tmp_path).keep("store", b"correct horse battery staple")
    text = (tmp_path / vault.FILE_NAME).read_text()
    assert "horse" not in text
    assert list(json.loads(text)) == ["dusangire store"]


def test_a_copied_file_says_nothing_on_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Vault(tmp_path).keep("store", b"secret")
    elsewhere = tmp_path / "machine-id"
    elsewhere.write_text("another machine")
    monkeypatch.setattr(vault, "MACHINE_ID", elsewhere)
    with pytest.raises(Refusal) as refused:
        Vault(tmp_path).secret("store")
    assert refused.value.code == "keys_of_another_machine"


def test_a_file_that_was_changed_is_not_believed(tmp_path: Path) -> None:
    here = Vault(tmp_path)
    here.keep("store", b"one")
    here.keep("device", b"two")
    path = tmp_path / vault.FILE_NAME
    sealed = json.loads(path.read_text())
    sealed["dusangire store"], sealed["dusangire device"] = sealed["dusangire device"], sealed["dusangire store"]
    path.write_text(json.dumps(sealed))
    with pytest.raises(Refusal, match="keys_of_another_machine"):
        here.secret("store")


def test_a_file_that_nobody_can_read_says_so(tmp_path: Path) -> None:
    Vault(tmp_path).keep("store", b"one")
    (tmp_path / vault.FILE_NAME).write_text("{ half a")
    with pytest.raises(Refusal) as refused:
        Vault(tmp_path).secret("store")
    assert (refused.value.code, refused.value.detail) == ("keys_damaged", {"file": vault.FILE_NAME})


def test_a_key_from_the_machine_s_own_safe_comes_before_the_one_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / vault.CREDENTIAL_NAME).write_bytes(b"from the TPM")
    monkeypatch.setenv(vault.CREDENTIALS, str(credentials))
    Vault(tmp_path / "console").keep("store", b"secret")
    assert not (tmp_path / "console" / vault.HOST_KEY_NAME).exists()
    monkeypatch.delenv(vault.CREDENTIALS)
    with pytest.raises(Refusal, match="keys_of_another_machine"):
        Vault(tmp_path / "console").secret("store")


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Vault(tmp_path)
    here.keep("store", b"one")

    def no_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(vault.os, "replace", no_disk)
    with pytest.raises(OSError, match="No space"):
        here.keep("store", b"two")
    assert here.secret("store") == b"one"


def test_a_secret_is_taken_out_once(tmp_path: Path) -> None:
    ring = HostKeyring(tmp_path)
    ring.set_password("dusangire", "store", "c2VjcmV0")
    ring.delete_password("dusangire", "store")
    assert ring.get_password("dusangire", "store") is None
    with pytest.raises(keyring.errors.PasswordDeleteError):
        ring.delete_password("dusangire", "store")


class Desktop(keyring.backend.KeyringBackend):
    """A desktop's keyring, as the machines of an office have one."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def test_one_desktop_s_keyring_serves_several_folders(tmp_path: Path) -> None:
    desktop = Desktop()
    one, two = Vault(tmp_path / "one", desktop), Vault(tmp_path / "two", desktop)
    one.keep("store", b"1")
    two.keep("store", b"2")
    assert (one.secret("store"), two.secret("store")) == (b"1", b"2")


def test_a_setting_says_where_keys_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desktop = Desktop()
    monkeypatch.setattr(keyring, "get_keyring", lambda: desktop)
    open_vault(Settings(data_folder=tmp_path, keys="desktop")).keep("store", b"1")
    open_vault(Settings(data_folder=tmp_path, keys="file")).keep("store", b"2")
    assert (len(desktop.kept), (tmp_path / vault.FILE_NAME).exists()) == (1, True)


def test_a_machine_without_a_desktop_s_keyring_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from keyring.backends import fail

    monkeypatch.setattr(keyring, "get_keyring", fail.Keyring)
    with pytest.raises(Refusal) as refused:
        open_vault(Settings(data_folder=tmp_path, keys="desktop"))
    assert refused.value.code == "no_desktop_keyring"
