"""`smoothbox tenant pause|resume|export|import`: a tenant carried to another box, and archives that mean harm."""

import hashlib
import json
import os
import sqlite3
import zipfile
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.keyring import new_archive_key
from smoothbox.store import fence
from smoothbox.store.connection import Tx
from smoothbox.store.folder import DataFolder, open_box, open_tenant
from smoothbox.upkeep import arrivals
from tests.cli.conftest import Smoothbox
from tests.cli.test_restore import dump, everything_in, secret_in
from tests.cli.test_tenant_migrate import make_old


@pytest.fixture
def other(tmp_path: Path) -> Smoothbox:
    """Another box, which has had tenants and tokens before."""
    box = Smoothbox(tmp_path / "other")
    box.done("init")
    box.done("tenant", "create", "busy", "--name", "Busy", "--timezone", "UTC", "--currency", "EUR")
    for number in range(3):
        box.done("token", "create", "busy", "--name", str(number), "--live", "--all-scopes")
    return box


@pytest.fixture
def furnished(smoothbox: Smoothbox, catalogue: Path) -> Smoothbox:
    """Acme with a catalogue, a token that was rotated, a person, and webhooks in both modes."""
    smoothbox.done("tenant", "apply", "acme", str(catalogue))
    made = smoothbox.json("token", "create", "acme", "--name", "crm", "--live", "--all-scopes")
    smoothbox.done("token", "rotate", str(made["id"]), "--overlap", "1h")
    smoothbox.done("user", "create", "acme", "jane@example.com")
    for mode in ("--live", "--test"):
        smoothbox.done("webhook", "create", "acme", "--url", "https://example.com/hook", "--events", "*", "--ed25519", mode)
    return smoothbox


def packed(smoothbox: Smoothbox, path: Path) -> str:
    """Export acme; the key."""
    key: str = smoothbox.json("tenant", "export", "acme", "--output", str(path))["key"]
    return key


def run(smoothbox: Smoothbox, verb: Any, mode: Any = "live", folder: str = "acme") -> Any:
    with open_tenant(DataFolder(smoothbox.data_dir), folder, mode, Clock()) as data:
        return data.write(verb)


def lineages(smoothbox: Smoothbox, slug: str) -> list[tuple[str, int]]:
    with open_box(DataFolder(smoothbox.data_dir), Clock()) as registry:
        sql = "SELECT token.name, lineage FROM token JOIN tenant ON tenant.id = tenant_id WHERE slug = ? ORDER BY token.id"
        return registry.read(lambda tx: tx.all(sql, slug))


def test_a_tenant_comes_to_another_box_with_all_that_it_has(furnished: Smoothbox, other: Smoothbox, tmp_path: Path) -> None:
    key = packed(furnished, tmp_path / "acme.smoothbox")
    said = other.json("tenant", "import", str(tmp_path / "acme.smoothbox"), "--key", key)
    assert said | {"slug": "acme", "tokens": 2, "people": 1, "secrets": 4, "secrets_lost": 0} == said
    for words in (("tenant", "show", "acme"), ("user", "list", "acme"), ("webhook", "list", "acme", "--live")):
        assert without_times(other.json(*words)) == without_times(furnished.json(*words))
    secret = secret_in(furnished.data_dir, "acme")
    assert secret_in(other.data_dir, "acme") == secret
    assert secret not in (tmp_path / "acme.smoothbox").read_bytes().decode("latin-1")


def without_times(value: Any) -> Any:
    if isinstance(value, list):
        return [without_times(each) for each in value]
    return {name: each for name, each in value.items() if name != "created_at"}


def test_tokens_keep_their_hashes_and_their_lineage_under_new_ids(
    furnished: Smoothbox, other: Smoothbox, tmp_path: Path
) -> None:
    key = packed(furnished, tmp_path / "a")
    other.done("tenant", "import", str(tmp_path / "a"), "--key", key)
    (_, first), (_, second) = lineages(other, "acme")
    assert first == second
    assert (first,) != tuple({lineage for _, lineage in lineages(furnished, "acme")})


def test_holds_and_kept_answers_follow_their_tokens(furnished: Smoothbox, other: Smoothbox, tmp_path: Path) -> None:
    ((_, lineage), *_) = lineages(furnished, "acme")

    def keep(tx: Tx) -> None:
        for owner, name in ((lineage, "mine"), (lineage + 100, "gone")):
            tx.insert_row(
                "idempotency",
                {"owner": owner, "key": name, "fingerprint": b"", "status": 201, "headers": "{}", "body": b"", "created_at": 1},
            )

    run(furnished, keep)
    key = packed(furnished, tmp_path / "a")
    other.done("tenant", "import", str(tmp_path / "a"), "--key", key)
    ((_, here), *_) = lineages(other, "acme")
    assert run(other, lambda tx: tx.all("SELECT owner, key FROM idempotency")) == [(here, "mine")]


def test_a_paused_tenant_takes_nothing_from_anybody_and_can_be_resumed(furnished: Smoothbox) -> None:
    path = furnished.data_dir / "tenants/acme/live.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as open_before:
        open_before.execute("SELECT count(*) FROM series").fetchone()
        assert furnished.json("tenant", "pause", "acme")["status"] == "PAUSED"
        assert furnished.json("tenant", "pause", "acme")["status"] == "PAUSED"
        with pytest.raises(sqlite3.IntegrityError, match="paused"):
            open_before.execute("INSERT INTO series (recurrence, created_at) VALUES ('', '')")
        refused = furnished("--yes", "webhook", "delete", "acme", "1", "--live")
        assert refused.status == 1
        assert furnished.json("tenant", "resume", "acme")["status"] == "ACTIVE"
        open_before.execute("INSERT INTO series (recurrence, created_at) VALUES ('', '')")


def test_a_tenant_that_cannot_be_paused_goes_on(furnished: Smoothbox) -> None:
    (furnished.data_dir / "tenants/acme/test.db").unlink()
    refused = furnished("tenant", "pause", "acme")
    assert (refused.status, "acme/test.db" in refused.err) == (1, True)
    assert furnished.json("tenant", "list")[0]["status"] == "ACTIVE"
    run(furnished, lambda tx: tx.run("INSERT INTO series (recurrence, created_at) VALUES ('', '')"))


def test_what_was_packed_while_paused_is_not_paused_where_it_comes_to(
    furnished: Smoothbox, other: Smoothbox, tmp_path: Path
) -> None:
    furnished.done("tenant", "pause", "acme")
    key = packed(furnished, tmp_path / "a")
    assert other.json("tenant", "import", str(tmp_path / "a"), "--key", key)["status"] == "ACTIVE"
    run(other, lambda tx: tx.run("INSERT INTO series (recurrence, created_at) VALUES ('', '')"))
    sql = "SELECT count(*) FROM sqlite_master WHERE name GLOB 'fence*'"
    assert run(other, lambda tx: tx.value(sql)) == 0


def test_a_paused_tenant_of_an_older_program_is_brought_up_to_date_and_stays_paused(
    furnished: Smoothbox, other: Smoothbox, tmp_path: Path
) -> None:
    """Or nobody could resume or move it after an upgrade: the fence would stop that too."""
    live, old = furnished.data_dir / "tenants/acme/live.db", tmp_path / "old.db"
    make_old(old, 3)
    with closing(sqlite3.connect(old, isolation_level=None)) as file:
        fence.put_up(Tx(file, 0.0))
    furnished.done("tenant", "pause", "acme")
    live.unlink()
    old.rename(live)
    assert furnished.json("tenant", "migrate", "acme")["failed"] == []
    with closing(sqlite3.connect(live, isolation_level=None)) as file, pytest.raises(sqlite3.IntegrityError, match="paused"):
        file.execute("INSERT INTO series (recurrence, created_at) VALUES ('', '')")
    key = packed(furnished, tmp_path / "a")
    other.done("tenant", "import", str(tmp_path / "a"), "--key", key)
    furnished.done("tenant", "resume", "acme")
    for box in (furnished, other):
        run(box, lambda tx: tx.run("INSERT INTO series (recurrence, created_at) VALUES ('', '')"))


def test_what_litestream_keeps_in_a_file_stays_behind(furnished: Smoothbox, other: Smoothbox, tmp_path: Path) -> None:
    run(furnished, lambda tx: tx.run("CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)"))
    furnished.done("tenant", "pause", "acme")
    with closing(sqlite3.connect(furnished.data_dir / "tenants/acme/live.db")) as litestream:
        litestream.execute("INSERT INTO _litestream_seq VALUES (1, 1)")
        litestream.commit()
    key = packed(furnished, tmp_path / "a")
    other.done("tenant", "import", str(tmp_path / "a"), "--key", key)
    assert "_litestream_seq" not in dump(other.data_dir / "tenants/acme/live.db")


def test_a_disabled_tenant_stays_disabled(furnished: Smoothbox, other: Smoothbox, tmp_path: Path) -> None:
    furnished.done("tenant", "disable", "acme")
    key = packed(furnished, tmp_path / "a")
    assert other.json("tenant", "import", str(tmp_path / "a"), "--key", key)["status"] == "DISABLED"


def test_on_the_same_box_it_comes_under_another_slug_and_without_its_tokens(furnished: Smoothbox, tmp_path: Path) -> None:
    key = packed(furnished, tmp_path / "a")
    before = everything_in(furnished.data_dir)
    refused = furnished("tenant", "import", str(tmp_path / "a"), "--key", key)
    assert (refused.status, "--as ANOTHER-SLUG" in refused.err) == (5, True)
    assert everything_in(furnished.data_dir) == before
    said = furnished.json("tenant", "import", str(tmp_path / "a"), "--key", key, "--as", "copy")
    assert (said["tokens"], said["tokens_left"], said["people_left"]) == (0, ["crm", "crm"], ["jane@example.com"])


def test_a_dry_run_only_looks(furnished: Smoothbox, other: Smoothbox, tmp_path: Path) -> None:
    key = packed(furnished, tmp_path / "a")
    before = everything_in(other.data_dir)
    said = other.json("tenant", "import", str(tmp_path / "a"), "--key", key, "--dry-run")
    assert said == {"slug": "acme", "name": "Acme Barbers", "tokens": 2, "people": 1}
    assert everything_in(other.data_dir) == before


def test_a_wrong_key_opens_no_secret_and_the_rest_comes(furnished: Smoothbox, other: Smoothbox, tmp_path: Path) -> None:
    packed(furnished, tmp_path / "a")
    another = packed(furnished, tmp_path / "b")
    said = other.done("tenant", "import", str(tmp_path / "a"), "--key", another)
    assert "4 secrets of webhooks do not open" in said.err
    assert other("tenant", "import", str(tmp_path / "a"), "--key", "nonsense").status == 2
    assert other("tenant", "import", str(tmp_path / "a")).status == 2  # nobody can be asked


def test_the_key_may_come_by_the_environment(furnished: Smoothbox, other: Smoothbox, tmp_path: Path) -> None:
    key = packed(furnished, tmp_path / "a")
    assert other("tenant", "import", str(tmp_path / "a"), env={"SMOOTHBOX_ARCHIVE_KEY": key}).status == 0


def test_an_export_replaces_no_file_and_is_its_owners_alone(furnished: Smoothbox, tmp_path: Path) -> None:
    packed(furnished, tmp_path / "a")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert furnished("tenant", "export", "acme", "--output", str(tmp_path / "a")).status == 5
    assert furnished("tenant", "export", "nobody", "--output", str(tmp_path / "b")).status == 4
    assert not (tmp_path / "b").exists()


def entries_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(entries: dict[str, bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def announced(entries: dict[str, bytes], **changes: Any) -> bytes:
    """With another announcement of the live file."""
    said = json.loads(entries["tenant.json"])
    said["parts"]["live"] |= changes
    return rewritten(entries | {"tenant.json": json.dumps(said).encode()})


def with_trigger(content: bytes, tmp_path: Path) -> bytes:
    path = tmp_path / "sly.sqlite"
    path.write_bytes(content)
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TRIGGER sly AFTER INSERT ON booking BEGIN DELETE FROM event; END")
        file.commit()
    return path.read_bytes()


def checksummed(content: bytes) -> dict[str, Any]:
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_an_archive_that_is_damaged_or_means_harm_is_refused_and_nothing_is_written(
    furnished: Smoothbox, other: Smoothbox, tmp_path: Path
) -> None:
    key = packed(furnished, tmp_path / "a")
    good, whole = entries_of(tmp_path / "a"), (tmp_path / "a").read_bytes()
    live = good["live.sqlite"]
    sly = with_trigger(live, tmp_path)
    bomb = bytes(200 * 2**20)
    torn = live[:-4096]
    harms: list[tuple[bytes, str]] = [
        (whole[: len(whole) // 2], "not a zip file"),
        (b"", "not a zip file"),
        (bytes(100), "not a zip file"),
        (whole.replace(whole[2000:2100], bytes(100)), "no sound archive"),
        (rewritten(good | {"../../box.db": b"x"}), "'../../box.db' in it"),
        (rewritten(good | {"/etc/passwd": b"x"}), "'/etc/passwd' in it"),
        (rewritten({name: good[name] for name in ("tenant.json", "live.sqlite")}), "not all that belongs"),
        (rewritten(good | {"tenant.json": b"{"}), "tenant.json"),
        (rewritten(good | {"tenant.json": b'{"format": 1}'}), "tenant.json"),
        (announced(good, size=1), "were announced"),
        (announced(good, sha256="0" * 64), "checksum"),
        (announced(good, schema=1), "another schema"),
        (announced(good | {"live.sqlite": bomb}, **checksummed(bomb)), "times its size"),
        (announced(good | {"live.sqlite": torn}, **checksummed(torn)), "malformed"),
        (announced(good | {"live.sqlite": b"text"}, **checksummed(b"text")), "file is not a database"),
        (announced(good | {"live.sqlite": sly}, **checksummed(sly)), "not as smoothbox makes its files: sly"),
        (rewritten(good | {"tenant.json": good["tenant.json"].replace(b'"format":1', b'"format":2')}), "newer smoothbox"),
        (rewritten(good | {"tenant.json": good["tenant.json"].replace(b'"slug":"acme"', b'"slug":"../acme"')}), "A slug is"),
    ]
    before = everything_in(other.data_dir)
    for content, said in harms:
        (tmp_path / "harm").write_bytes(content)
        ended = other("tenant", "import", str(tmp_path / "harm"), "--key", key)
        assert ended.status in {1, 2}, (said, ended.out)
        assert said in ended.err, ended.err
        assert everything_in(other.data_dir) == before
    assert other("tenant", "import", str(tmp_path / "nothing"), "--key", key).status == 4
    other.done("tenant", "import", str(tmp_path / "a"), "--key", key)


def with_token(entries: dict[str, bytes], **changes: Any) -> bytes:
    said = json.loads(entries["tenant.json"])
    said["belongings"]["tokens"][0] |= changes
    return rewritten(entries | {"tenant.json": json.dumps(said).encode()})


def with_person(entries: dict[str, bytes], **changes: Any) -> bytes:
    said = json.loads(entries["tenant.json"])
    said["belongings"]["people"][0] |= changes
    return rewritten(entries | {"tenant.json": json.dumps(said).encode()})


def squeezed(entries: dict[str, bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_what_the_registry_would_choke_on_is_refused_with_its_place(
    furnished: Smoothbox, other: Smoothbox, tmp_path: Path
) -> None:
    key = packed(furnished, tmp_path / "a")
    good = entries_of(tmp_path / "a")
    dear = "$argon2id$v=19$m=9999999,t=2,p=1$SBzLYDopzy6F1P6vlAjt1w$y1ax09RoITnftIBYrh"
    harms = [
        (with_token(good, mode="prod"), "tokens[0].mode"),
        (with_token(good, scopes="all of them"), "tokens[0].scopes"),
        (with_token(good, scopes='["a",]'), "tokens[0].scopes"),
        (with_token(good, hash="AA=="), "tokens[0].hash"),
        (with_token(good, hourly=2**70), "tokens[0].hourly"),
        (with_token(good, expires_at="soon"), "tokens[0].expires_at"),
        (with_person(good, password=dear), "people[0].password"),
        (with_person(good, password="secret"), "people[0].password"),
        (squeezed(good), "compressed in another way"),
    ]
    before = everything_in(other.data_dir)
    for content, said in harms:
        (tmp_path / "harm").write_bytes(content)
        ended = other("tenant", "import", str(tmp_path / "harm"), "--key", key)
        assert ended.status == 1
        assert f"{tmp_path / 'harm'} is no sound archive" in ended.err
        assert said in ended.err, ended.err
        assert everything_in(other.data_dir) == before


def test_a_torn_stream_is_refused_wherever_it_is_torn(furnished: Smoothbox, other: Smoothbox, tmp_path: Path) -> None:
    """Deflate complains in its own way, not as zipfile does."""
    key = packed(furnished, tmp_path / "a")
    whole = (tmp_path / "a").read_bytes()
    for at in range(40, len(whole), len(whole) // 40):
        (tmp_path / "harm").write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        ended = other("tenant", "import", str(tmp_path / "harm"), "--key", key, "--dry-run")
        assert ended.status in {0, 1}
        assert "Error: " not in ended.err or "is no sound archive" in ended.err, ended.err


def test_a_pipe_is_not_waited_for(other: Smoothbox, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    refused = other("tenant", "import", str(tmp_path / "pipe"), "--key", new_archive_key())
    assert (refused.status, "it is no file" in refused.err) == (1, True)


def test_files_that_an_import_left_which_was_killed_are_nobodys(furnished: Smoothbox, other: Smoothbox, tmp_path: Path) -> None:
    """They get their name before the registry knows of them. A tenant that is made anew must not find them either."""
    key = packed(furnished, tmp_path / "a")
    other.done("tenant", "import", str(tmp_path / "a"), "--key", key)
    home = other.data_dir / "tenants/acme"
    for words in (
        ("tenant", "import", str(tmp_path / "a"), "--key", key),
        ("tenant", "create", "acme", "--name", "New", "--timezone", "UTC", "--currency", "EUR"),
    ):
        with closing(sqlite3.connect(other.data_dir / "box.db", isolation_level=None)) as box:
            for table in ("token", "person", "data_file"):
                box.execute(f"DELETE FROM {table} WHERE tenant_id = (SELECT id FROM tenant WHERE slug = 'acme')")
            box.execute("DELETE FROM tenant WHERE slug = 'acme'")
        (home / ".arriving.unfinished").write_text("killed")
        other.done(*words)
        assert sorted(path.name for path in home.iterdir()) == ["live.db", "test.db"]
    assert other.json("tenant", "show", "acme")["live"]["services"] == 0


def test_an_import_that_the_registry_does_not_take_leaves_nothing(
    furnished: Smoothbox, other: Smoothbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = packed(furnished, tmp_path / "a")
    before = everything_in(other.data_dir)
    original = arrivals.sync

    def lose_the_registry(path: Path) -> None:
        original(path)
        if path.name == "tenants":  # the last step before the commit
            raise Problem("storage_full")

    monkeypatch.setattr(arrivals, "sync", lose_the_registry)
    assert other("tenant", "import", str(tmp_path / "a"), "--key", key).status == 1
    monkeypatch.undo()
    assert everything_in(other.data_dir) == before
    assert not (other.data_dir / "tenants/acme").exists()
    other.done("tenant", "import", str(tmp_path / "a"), "--key", key)


def test_two_imports_at_once_tell_who_was_first(
    furnished: Smoothbox, other: Smoothbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = packed(furnished, tmp_path / "a")
    words = ("tenant", "import", str(tmp_path / "a"), "--key", key)
    original = arrivals.bring

    def come_first(*rest: Any) -> None:
        monkeypatch.undo()
        other.done(*words)
        original(*rest)

    monkeypatch.setattr(arrivals, "bring", come_first)
    refused = other(*words)
    assert (refused.status, "There is a tenant 'acme' already" in refused.err) == (5, True)


def test_files_that_no_tenant_has_are_not_overwritten(furnished: Smoothbox, other: Smoothbox, tmp_path: Path) -> None:
    key = packed(furnished, tmp_path / "a")
    (other.data_dir / "tenants/acme").mkdir()
    refused = other("tenant", "import", str(tmp_path / "a"), "--key", key)
    assert (refused.status, "files that no tenant has" in refused.err) == (5, True)
    assert "acme" not in [each["slug"] for each in other.json("tenant", "list")]


def test_both_files_are_as_they_were_but_for_their_seals(furnished: Smoothbox, other: Smoothbox, tmp_path: Path) -> None:
    key = packed(furnished, tmp_path / "a")
    other.done("tenant", "import", str(tmp_path / "a"), "--key", key)
    for mode in ("live", "test"):
        old, new = (dump(box.data_dir / f"tenants/acme/{mode}.db").splitlines() for box in (furnished, other))
        assert {line for line in old if not line.startswith('INSERT INTO "endpoint"')} == {
            line for line in new if not line.startswith('INSERT INTO "endpoint"')
        }
