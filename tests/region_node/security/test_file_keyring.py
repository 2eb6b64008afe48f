import stat
from datetime import UTC, datetime

import msgspec
import pytest

from region_node.security.file_keyring import FileKeyRing, wrapped_epoch
from region_node.security.keyring import (
    EpochDestroyed,
    EpochInUse,
    EpochState,
    KeyRingError,
    UnknownJurisdiction,
)
from region_node.security.private_files import PrivateFileError
from region_node.security.sealing import DataKey, SealBroken

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
KEY = DataKey(bytes(range(32)))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keyring.json"


@pytest.fixture
def ring(path):
    return FileKeyRing.create(path, ["eu", "br"], clock=lambda: NOON)


async def test_a_wrapped_key_opens_for_the_same_person_only(ring):
    wrapped = await ring.wrap("eu", "eu.1", KEY)
    assert (await ring.unwrap("eu", "eu.1", wrapped)).reveal() == KEY.reveal()
    for jurisdiction, person in [("eu", "eu.2"), ("br", "eu.1")]:
        with pytest.raises(SealBroken):
            await ring.unwrap(jurisdiction, person, wrapped)


async def test_a_changed_wrapped_key_does_not_open(ring):
    wrapped = await ring.wrap("eu", "eu.1", KEY)
    await ring.rotate("eu")
    relabelled = wrapped[:4] + b"\x02" + wrapped[5:]
    for broken in [relabelled, wrapped[:-1], b"", wrapped[:-1] + bytes([wrapped[-1] ^ 1])]:
        with pytest.raises(SealBroken):
            await ring.unwrap("eu", "eu.1", broken)


async def test_an_epoch_goes_from_current_to_destroyed_and_its_keys_with_it(ring):
    old = await ring.wrap("eu", "eu.1", KEY)
    assert await ring.rotate("eu") == 2
    assert (await ring.unwrap("eu", "eu.1", old)).reveal() == KEY.reveal()
    new = await ring.wrap("eu", "eu.1", await ring.unwrap("eu", "eu.1", old))
    assert (wrapped_epoch(old), wrapped_epoch(new)) == (1, 2)
    with pytest.raises(EpochInUse):
        await ring.destroy("eu", 1)
    await ring.end("eu", 1)
    await ring.destroy("eu", 1)
    await ring.destroy("eu", 1)
    with pytest.raises(EpochDestroyed):
        await ring.unwrap("eu", "eu.1", old)
    assert (await ring.unwrap("eu", "eu.1", new)).reveal() == KEY.reveal()
    states = [(epoch.number, epoch.state, epoch.destroyed_at) for epoch in await ring.epochs("eu")]
    assert states == [(1, EpochState.DESTROYED, NOON), (2, EpochState.CURRENT, None)]
    assert [epoch.number for epoch in await ring.epochs("br")] == [1]


async def test_the_current_epoch_is_never_ended(ring):
    with pytest.raises(EpochInUse):
        await ring.end("eu", 1)


async def test_a_destroyed_key_is_in_neither_the_new_file_nor_the_old_ones_blocks(ring, path):
    secret = _epoch_key_text(path)
    await ring.rotate("eu")
    await ring.end("eu", 1)
    with path.open("rb") as old_file:
        assert secret in old_file.read()
        await ring.destroy("eu", 1)
        old_file.seek(0)
        assert secret not in old_file.read()
    assert secret not in path.read_bytes()


def _epoch_key_text(path):
    return msgspec.json.decode(path.read_bytes())["jurisdictions"]["eu"]["epochs"]["1"]["key"].encode()


async def test_another_process_sees_a_rotation_and_a_destruction_at_once(ring, path):
    other = FileKeyRing(path)
    wrapped = await ring.wrap("eu", "eu.1", KEY)
    await ring.rotate("eu")
    assert wrapped_epoch(await other.wrap("eu", "eu.1", KEY)) == 2
    await ring.end("eu", 1)
    await ring.destroy("eu", 1)
    with pytest.raises(EpochDestroyed):
        await other.unwrap("eu", "eu.1", wrapped)


async def test_two_processes_do_not_undo_each_others_changes(ring, path):
    other = FileKeyRing(path)
    await ring.rotate("eu")
    await other.rotate("br")
    other.add_jurisdictions(["gb", "eu"])
    assert [len(await ring.epochs(name)) for name in ("eu", "br", "gb")] == [2, 2, 1]


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
async def test_a_crash_before_the_rename_leaves_the_old_ring(ring, path, monkeypatch, step):
    wrapped = await ring.wrap("eu", "eu.1", KEY)
    before = path.read_bytes()

    def crash(*_):
        raise OSError("power lost")

    with monkeypatch.context() as patch:
        patch.setattr(step, crash)
        with pytest.raises(OSError, match="power lost"):
            await ring.rotate("eu")
    assert path.read_bytes() == before
    assert (await FileKeyRing(path).unwrap("eu", "eu.1", wrapped)).reveal() == KEY.reveal()
    assert sorted(file.name for file in path.parent.iterdir()) == ["keyring.json", "keyring.json.lock"]


@pytest.mark.usefixtures("ring")
def test_the_file_is_for_its_owner_only_and_is_refused_otherwise(path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(PrivateFileError, match="chmod 600"):
        FileKeyRing(path)


@pytest.mark.usefixtures("ring")
def test_a_ring_is_never_overwritten(path):
    with pytest.raises(FileExistsError):
        FileKeyRing.create(path, ["eu"])


def test_a_damaged_file_is_refused_without_showing_it(path):
    path.touch(mode=0o600)
    path.write_bytes(b'{"cursor_root": "secret"')
    with pytest.raises(ValueError, match="restore it") as refused:
        FileKeyRing(path)
    assert "secret" not in str(refused.value)
    assert refused.value.__suppress_context__


async def test_a_jurisdiction_without_keys_is_refused(ring):
    with pytest.raises(UnknownJurisdiction):
        await ring.wrap("ru", "ru.1", KEY)
    with pytest.raises(KeyRingError):
        await ring.end("eu", 7)


def test_index_keys_differ_by_jurisdiction_tenant_and_purpose_and_outlive_rotation(ring, path):
    contexts = [("eu", "a", "email"), ("br", "a", "email"), ("eu", "b", "email"), ("eu", "a", "content")]
    digests = {ring.index_key(*context).digest("anna@example.org") for context in contexts}
    assert len(digests) == len(contexts)
    assert FileKeyRing(path).index_key("eu", "a", "email").digest(b"anna@example.org") in digests


def test_borders_between_tenant_and_purpose_count(ring):
    one, other = ring.index_key("eu", "ab", "c"), ring.index_key("eu", "a", "bc")
    assert one.digest("x") != other.digest("x")


def test_cursor_keys_differ_by_tenant_and_purpose(ring, path):
    keys = {ring.cursor_key(*context).reveal() for context in [("a", "list"), ("b", "list"), ("a", "feed")]}
    assert len(keys) == 3
    assert FileKeyRing(path).cursor_key("a", "list").reveal() in keys


def test_a_staged_signing_key_signs_only_when_promoted(ring):
    (first,) = ring.signing_keys()
    staged = ring.stage_signing_key()
    assert [key.kid for key in ring.signing_keys()] == [first.kid, staged]
    ring.promote_signing_key(staged)
    assert [key.kid for key in ring.signing_keys()] == [staged, first.kid]
    with pytest.raises(EpochInUse):
        ring.retire_signing_key(staged)
    ring.retire_signing_key(first.kid)
    assert [key.kid for key in ring.signing_keys()] == [staged]
    with pytest.raises(KeyRingError):
        ring.promote_signing_key(first.kid)


def test_nothing_that_holds_a_key_shows_it(ring, path):
    shown = repr(
        [ring.__dict__, ring.signing_keys(), ring.index_key("eu", "a", "b"), ring.cursor_key("a", "b")]
    )
    assert _epoch_key_text(path).decode() not in shown
    assert str(ring._document.cursor_root) not in shown
    assert str(ring._document.signing_keys[0].seed) not in shown
