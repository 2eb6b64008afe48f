import stat

import pytest

from region_node.security.private_files import PrivateFileError, create_private, read_private, replace_private


def test_a_new_file_is_for_its_owner_only(tmp_path):
    create_private(tmp_path / "secret", b"one")
    replace_private(tmp_path / "other", b"two")
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    assert read_private(tmp_path / "secret") == b"one"


def test_creating_never_overwrites(tmp_path):
    create_private(tmp_path / "secret", b"one")
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "secret", b"two")
    assert read_private(tmp_path / "secret") == b"one"


def test_replacing_overwrites_the_old_blocks_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "secret"
    create_private(path, b"a long old secret")
    with path.open("rb") as old:
        replace_private(path, b"new")
        assert old.read() == bytes(len(b"a long old secret"))
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]
    assert read_private(path) == b"new"


def test_a_reader_that_was_overtaken_by_a_replacement_reads_again(tmp_path, monkeypatch):
    path = tmp_path / "secret"
    create_private(path, b"old")
    real, calls = type(path).stat, []

    def replaced_meanwhile(self, **options):
        if not calls:
            calls.append(self)
            replace_private(path, b"new")
        return real(self, **options)

    monkeypatch.setattr(type(path), "stat", replaced_meanwhile)
    assert read_private(path) == b"new"


def test_what_a_crash_left_beside_is_erased_by_the_next_write(tmp_path):
    path, left = tmp_path / "secret", tmp_path / ".secret.new"
    create_private(left, b"keys from before the crash")
    with left.open("rb") as blocks:
        replace_private(path, b"new")
        assert blocks.read() == bytes(len(b"keys from before the crash"))
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_a_crash_after_the_file_was_put_in_place_does_not_cost_it(tmp_path):
    path = tmp_path / "secret"
    create_private(path, b"good")
    (tmp_path / ".secret.new").hardlink_to(path)
    with pytest.raises(FileExistsError):
        create_private(path, b"other")
    assert read_private(path) == b"good"
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_any_access_of_others_is_refused(tmp_path, mode):
    path = tmp_path / "secret"
    create_private(path, b"one")
    path.chmod(mode)
    with pytest.raises(PrivateFileError, match="chmod 600"):
        read_private(path)
