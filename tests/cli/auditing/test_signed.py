"""A report says who made it, and any change of it shows."""

import json

import pytest

from region_node.security.approval_keys import create_approval_key
from tests.support.audited import Audited


@pytest.fixture
async def audited(tmp_path):
    stores = Audited(tmp_path)
    await stores.fill()
    await stores.misplace_row("br", "eu")
    (tmp_path / "audit.json").write_text(stores.audit().stdout)
    return stores


def verified(stores, *keys):
    words = [word for key in keys for word in ("--public-key", key)]
    return stores.run("verify", stores.folder / "audit.json", *words, "--output", "json")


def test_a_report_verifies_with_the_key_that_signed_it(audited):
    said = verified(audited, audited.public_key)
    assert 0 == said.exit_code
    assert json.loads(said.stdout)["signed"]


def test_a_report_names_region_version_packs_and_instants(audited):
    report = json.loads((audited.folder / "audit.json").read_text())["report"]
    assert ("eu-central", "europe", ["ch", "eu", "gb"]) == (
        report["region"],
        report["group"],
        report["allowed"],
    )
    assert {"br", "eu", "us-ca"} <= report["packs"].keys()
    assert report["version"]
    assert report["begun_at"] <= report["ended_at"]


@pytest.mark.parametrize(
    "change",
    [
        lambda report: report["findings"].clear(),
        lambda report: report["findings"][0].update(count=0),
        lambda report: report.update(region="eu-west"),
        lambda report: report.update(added="unknown"),
        lambda report: report["stores"].pop(),
    ],
)
def test_a_changed_report_is_refused(audited, change):
    path = audited.folder / "audit.json"
    document = json.loads(path.read_text())
    change(document["report"])
    path.write_text(json.dumps(document))
    said = verified(audited, audited.public_key)
    assert (3, False) == (said.exit_code, json.loads(said.stdout)["signed"])


def test_a_key_that_was_not_given_is_not_believed(audited):
    _, other = create_approval_key(audited.folder / "others", "other", passphrase=None)
    assert 3 == verified(audited, other).exit_code
    assert 3 == verified(audited).exit_code
    assert 0 == verified(audited, other, audited.public_key).exit_code


def test_what_is_no_report_is_refused(audited):
    (audited.folder / "audit.json").write_text("{}")
    assert 3 == verified(audited, audited.public_key).exit_code
