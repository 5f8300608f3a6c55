"""`smoothbox keys`: shown, replaced with everything sealed anew, forgotten, exported, and made when they are lost."""

import errno
import json
import os
from pathlib import Path

import pytest

from smoothbox.keyring import SealBrokenError
from smoothbox.keyring_file import load_keyring
from smoothbox.store.folder import DataFolder
from tests.cli.conftest import Smoothbox
from tests.cli.test_restore import secret_in


@pytest.fixture
def hooked(smoothbox: Smoothbox) -> Smoothbox:
    """The box with a webhook that has everything that is sealed."""
    words = ("webhook", "create", "acme", "--url", "https://example.com/hook", "--events", "*", "--live", "--ed25519")
    smoothbox.done(*words)
    smoothbox.done("webhook", "rotate-secret", "acme", "1", "--live", "--overlap", "1h")
    return smoothbox


def keyring_of(smoothbox: Smoothbox) -> Path:
    return smoothbox.data_dir / "keyring"


def test_the_keys_are_shown_without_their_secrets(smoothbox: Smoothbox) -> None:
    (shown,) = smoothbox.json("keys", "show")
    (written,) = json.loads(keyring_of(smoothbox).read_bytes())["keys"]
    assert shown == {"id": written["id"], "created_at": written["created_at"], "in_use": True}
    assert written["aes256"] not in smoothbox.done("keys", "show").out


def test_a_new_key_seals_everything_and_the_old_one_still_opens(hooked: Smoothbox) -> None:
    secret, old = secret_in(hooked.data_dir, "acme"), load_keyring(keyring_of(hooked))
    signed = old.sign("feed", {"sub": "acme/live"})
    said = hooked.json("keys", "rotate")
    assert said | {"resealed": 3, "broken": 0, "failed": [], "forgotten": 0} == said
    shown = hooked.json("keys", "show")
    assert [each["in_use"] for each in shown] == [False, True]
    assert shown[1]["id"] == said["id"]
    assert secret_in(hooked.data_dir, "acme") == secret
    assert load_keyring(keyring_of(hooked)).claims("feed", signed)["sub"] == "acme/live"
    assert keyring_of(hooked).stat().st_mode & 0o777 == 0o600


def test_what_runs_learns_of_the_new_key_by_itself(hooked: Smoothbox) -> None:
    running = load_keyring(keyring_of(hooked))
    hooked.done("keys", "rotate")
    sealed = load_keyring(keyring_of(hooked)).seal(b"secret", "here")
    assert running.open(sealed, "here") == b"secret"
    assert running.seal(b"secret", "here")[:4] == sealed[:4]


def test_a_keyring_that_is_torn_meanwhile_leaves_the_keys_that_run(hooked: Smoothbox) -> None:
    running = load_keyring(keyring_of(hooked))
    sealed = running.seal(b"secret", "here")
    keyring_of(hooked).write_text("{")
    assert running.open(sealed, "here") == b"secret"
    with pytest.raises(SealBrokenError):
        running.open(b"none" + sealed[4:], "here")


def test_the_old_ones_are_forgotten_when_that_is_asked_for(hooked: Smoothbox) -> None:
    secret = secret_in(hooked.data_dir, "acme")
    hooked.done("keys", "rotate")
    assert hooked("keys", "rotate", "--forget-old").status == 2  # nobody can be asked
    assert hooked.json("--yes", "keys", "rotate", "--forget-old")["forgotten"] == 2
    assert len(hooked.json("keys", "show")) == 1
    assert secret_in(hooked.data_dir, "acme") == secret


def test_they_are_not_forgotten_under_a_server(hooked: Smoothbox) -> None:
    with DataFolder(hooked.data_dir).without_server():
        refused = hooked("--yes", "keys", "rotate", "--forget-old")
    assert refused.status == 5
    assert len(hooked.json("keys", "show")) == 1


def test_they_are_not_forgotten_where_a_file_could_not_be_reached(hooked: Smoothbox) -> None:
    (hooked.data_dir / "tenants/rival/test.db").unlink()
    ended = hooked("--yes", "keys", "rotate", "--forget-old")
    assert ended.status == 1
    assert "rival/test.db" in ended.err
    assert "The older keys were kept" in ended.err
    assert len(hooked.json("keys", "show")) == 2


def test_they_are_not_forgotten_while_a_secret_needs_them(hooked: Smoothbox) -> None:
    old = keyring_of(hooked).read_bytes()
    keyring_of(hooked).unlink()
    hooked.done("keys", "create")
    ended = hooked("--yes", "keys", "rotate", "--forget-old")
    assert (ended.status, "3 secrets could not be sealed anew. The older keys were kept" in ended.err) == (1, True)
    assert len(hooked.json("keys", "show")) == 2
    assert old != keyring_of(hooked).read_bytes()


def test_two_do_not_replace_them_at_once(hooked: Smoothbox) -> None:
    """Each would write down its own key alone, and what the other had sealed with its own would never open again."""
    with DataFolder(hooked.data_dir).keys_replaced():
        refused = hooked("keys", "rotate")
    assert (refused.status, "Another command replaces the keys" in refused.err) == (5, True)
    assert len(hooked.json("keys", "show")) == 1


def test_they_are_exported_to_a_file_of_ones_own(smoothbox: Smoothbox, tmp_path: Path) -> None:
    smoothbox.done("keys", "export", "--output", str(tmp_path / "kept"))
    assert (tmp_path / "kept").read_bytes() == keyring_of(smoothbox).read_bytes()
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o600
    assert smoothbox("keys", "export", "--output", str(tmp_path / "kept")).status == 5
    assert smoothbox.done("keys", "export").out.encode() == keyring_of(smoothbox).read_bytes()


def test_they_are_exported_to_a_stick_too_where_a_file_has_but_one_name(
    smoothbox: Smoothbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")  # what Linux says of FAT

    monkeypatch.setattr(os, "link", refuse)
    smoothbox.done("keys", "export", "--output", str(tmp_path / "kept"))
    assert (tmp_path / "kept").read_bytes() == keyring_of(smoothbox).read_bytes()
    assert smoothbox("keys", "export", "--output", str(tmp_path / "kept")).status == 5
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []


def test_a_lost_keyring_is_made_anew_and_never_over_another(hooked: Smoothbox) -> None:
    assert hooked("keys", "create").status == 5
    keyring_of(hooked).unlink()
    for words in (("keys", "show"), ("keys", "rotate"), ("keys", "export")):
        assert (hooked(*words).status, "is missing" in hooked(*words).err) == (1, True)
    hooked.done("keys", "create")
    with pytest.raises(SealBrokenError):
        secret_in(hooked.data_dir, "acme")
    assert hooked.json("keys", "rotate")["broken"] == 3
