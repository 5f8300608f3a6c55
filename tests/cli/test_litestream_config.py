"""What Litestream is told, word for word; that it works with Litestream itself is shown in tests/process."""

from pathlib import Path

from tests.cli.conftest import Smoothbox


def values(config: str, key: str) -> list[str]:
    return [line.split(": ", 1)[1].strip('"') for line in config.splitlines() if line.strip(" -").startswith(f"{key}: ")]


def test_the_registry_and_all_tenants_have_a_place_of_their_own_in_the_replica(smoothbox: Smoothbox, tmp_path: Path) -> None:
    config = smoothbox.done("litestream-config", "--replica", "s3://bucket/box/").out
    assert values(config, "path") == [f"{tmp_path}/data/litestream.sock", f"{tmp_path}/data/box.db"]
    assert values(config, "dir") == [f"{tmp_path}/data/tenants"]
    assert values(config, "url") == ["s3://bucket/box/box.db", "s3://bucket/box/tenants"]
    assert smoothbox.json("litestream-config", "--replica", "s3://bucket/box/") == {"config": config.rstrip("\n")}


def test_what_follows_the_path_of_an_address_stays_behind_it(smoothbox: Smoothbox) -> None:
    config = smoothbox.done("litestream-config", "--replica", "s3://bucket?region=x&endpoint=localhost:9000").out
    assert values(config, "url")[0] == "s3://bucket/box.db?region=x&endpoint=localhost:9000"


def test_a_folder_is_named_from_the_root(smoothbox: Smoothbox, tmp_path: Path) -> None:
    config = smoothbox.done("litestream-config", "--replica", "replica").out
    assert values(config, "url")[0] == f"file://{tmp_path}/replica/box.db"


def test_it_says_who_must_not_empty_the_logs_until_the_setting_says_so(smoothbox: Smoothbox) -> None:
    said = smoothbox.done("litestream-config", "--replica", "s3://bucket/box").err
    assert "checkpoint_pages = 0 below [tenants] in smoothbox.toml" in said
    (smoothbox.data_dir / "smoothbox.toml").write_text("[tenants]\ncheckpoint_pages = 0\n")
    said = smoothbox.done("litestream-config", "--replica", "s3://bucket/box").err
    assert "checkpoint_pages" not in said
    assert f"The keyring is not copied: keep a copy of {smoothbox.data_dir / 'keyring'}" in said


def test_a_box_without_a_tenant_has_a_folder_to_be_watched(bare: Smoothbox) -> None:
    bare.done("init")
    bare.done("litestream-config", "--replica", "s3://bucket/box")
    assert (bare.data_dir / "tenants").is_dir()


def test_a_replica_that_would_be_lost_with_the_box_is_refused(smoothbox: Smoothbox, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").symlink_to(smoothbox.data_dir)
    own = str(smoothbox.data_dir / "replica")
    for place in ("data", "data/replica", own, f"file://{own}", "elsewhere/replica"):
        ended = smoothbox("litestream-config", "--replica", place)
        assert (ended.status, ended.out) == (2, "")
        assert "would be lost with it" in ended.err


def test_a_folder_that_litestream_would_not_find_again_is_refused(smoothbox: Smoothbox) -> None:
    for place in ("my disk", "köpie", "100%", "file:///my disk"):
        ended = smoothbox("litestream-config", "--replica", place)
        assert (ended.status, ended.out) == (2, "")
        assert "neither spaces nor accents" in ended.err


def test_what_names_no_place_is_refused(smoothbox: Smoothbox) -> None:
    for place in ("", "s3://", "file://replica", "s3://[bucket"):
        ended = smoothbox("litestream-config", "--replica", place)
        assert (ended.status, ended.out) == (2, "")
    assert smoothbox.done("litestream-config", "--replica", "file:///replica").out.count('"file:///replica/') == 2


def test_restoring_names_each_file_of_each_tenant_that_is_there(smoothbox: Smoothbox, tmp_path: Path) -> None:
    smoothbox.done("tenant", "create", "gone", "--name", "Gone", "--timezone", "America/New_York", "--currency", "USD")
    smoothbox.done("--yes", "tenant", "delete", "gone")
    smoothbox.done("tenant", "disable", "rival")
    files = smoothbox.json("litestream-config", "--replica", "s3://bucket/box", "--restore")
    names = ["tenants/acme/live.db", "tenants/acme/test.db", "tenants/rival/live.db", "tenants/rival/test.db"]
    assert files == [{"path": f"{tmp_path}/data/{name}", "url": f"s3://bucket/box/{name}"} for name in names]
    script = smoothbox.done("litestream-config", "--replica", "s3://bucket/box?a=b&c", "--restore").out
    assert f"restore {tmp_path}/data/{names[0]} 's3://bucket/box/{names[0]}?a=b&c'\n" in script


def test_there_must_be_a_box(bare: Smoothbox) -> None:
    assert bare("litestream-config", "--replica", "s3://bucket/box").status == 4
