"""An audit that reads nothing finds nothing: so each run proves by planted controls that it reads."""

import pytest

from cli.auditing import log_files, object_files, raw_files, sqlite_files
from cli.auditing.patterns import Patterns
from tests.support.audited import Audited

LEFT_OVER = "zz-control"


@pytest.fixture
async def stores(tmp_path):
    audited = Audited(tmp_path)
    await audited.fill()
    return audited


def nothing(*_, **__):
    return iter(())


BREAKS = {
    "rows-are-not-read": ("sqlite", sqlite_files, "rows_of", nothing),
    "bytes-of-files-are-not-read": ("sqlite", sqlite_files, "pieces_of", nothing),
    "folders-are-not-walked": ("sqlite", sqlite_files, "files_below", nothing),
    "headers-are-not-understood": ("objects", object_files, "header_jurisdiction", lambda _: ""),
    "log-lines-are-lost": ("logs", log_files, "pieces_of", nothing),
    "addresses-are-not-seen": ("logs", log_files, "emails", nothing),
    "hints-are-not-opened": ("hints", raw_files, "pieces_of", nothing),
    "control-rows-are-not-read": ("control", sqlite_files, "rows_of", nothing),
    "ids-are-not-recognised": ("snapshots", Patterns, "ids", nothing),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_an_audit_whose_reader_is_broken_fails(stores, monkeypatch, broken):
    store, module, name, instead = BREAKS[broken]
    monkeypatch.setattr(module, name, instead)
    said = stores.audit()
    assert (7, []) == (said.exit_code, said.findings)
    assert "not-found" == said.controls()[store]


def test_a_data_file_that_is_not_unpacked_is_noticed(stores, monkeypatch):
    monkeypatch.setattr("cli.auditing.data_files.unpacked_chunks", nothing)
    said = stores.audit()
    assert 7 == said.exit_code
    missed = {one["store"]: one["missed"] for one in said.report["stores"]}
    assert ["unpacked"] == missed["snapshots"]


def test_a_store_that_takes_no_control_proves_nothing(stores, monkeypatch):
    def refused(*_, **__):
        raise OSError("read-only")

    monkeypatch.setattr(log_files.Path, "write_text", refused)
    said = stores.audit()
    assert 7 == said.exit_code
    assert "not-planted" == said.controls()["logs"]


def test_what_a_killed_audit_left_is_no_finding_of_the_next(stores):
    place = stores.folder / "objects" / LEFT_OVER
    place.mkdir()
    (place / "left").write_bytes(b"MSEA\x01\x02zz" + bytes(32))
    said = stores.audit()
    assert (0, []) == (said.exit_code, said.findings)
    assert not place.exists()
