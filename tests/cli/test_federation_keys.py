"""Keys of regions are made, told to each other, replaced and trusted no more."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import tomli_w
from typer.testing import CliRunner

from cli.app import app
from region_node.security.federation_keys import FederationKeys
from tests.support.federation import EU, US


class Region:
    def __init__(self, directory, name):
        self.name, self.directory = name, directory
        self.config = directory / f"{name}.toml"
        document = {
            "node": {"region": name, "data_directory": "data", "regions_file": "regions.toml"},
            "keys": {"ring_file": "ring"},
            "federation": {
                "certificates": "pki",
                "signing_keys_file": f"{name}.keys",
                "public_keys_file": f"{name}.json",
            },
        }
        self.config.write_text(tomli_w.dumps(document))

    def run(self, *words):
        return CliRunner().invoke(
            app, ["federation", "keys", *map(str, words)], env={"MERIDIAN_CONFIG": str(self.config)}
        )

    def facts(self, *words):
        result = self.run(*words, "--output", "json")
        assert 0 == result.exit_code, result.output
        return json.loads(result.stdout)

    def exported(self):
        path = self.directory / f"{self.name}.exported"
        path.write_text(self.run("export").stdout)
        return path

    def keys(self):
        own, known = (self.directory / f"{self.name}.{end}" for end in ("keys", "json"))
        return FederationKeys(self.name, own, known)


@pytest.fixture
def eu(tmp_path):
    made = Region(tmp_path, EU)
    made.facts("init")
    return made


@pytest.fixture
def us(tmp_path):
    made = Region(tmp_path, US)
    made.facts("init")
    return made


def test_the_first_key_is_made_once(eu):
    assert not eu.facts("init")["made"]
    assert 1 == len(eu.facts("list"))
    assert 0o600 == (eu.directory / f"{EU}.keys").stat().st_mode & 0o777


def test_what_is_exported_is_taken_in_and_says_no_secret(eu, us):
    (key,) = eu.facts("import", us.exported())
    assert (US, us.facts("list")[0]["key_id"]) == (key["region"], key["key_id"])
    assert {EU, US} == {one["region"] for one in eu.facts("list")}
    assert "seed" not in us.exported().read_text()


def test_nobody_speaks_for_this_region_nor_claims_a_key_of_another(eu, us):
    assert 5 == eu.run("import", eu.exported()).exit_code
    eu.facts("import", us.exported())
    stolen = json.loads(us.exported().read_text())
    stolen["keys"][0]["region"] = "sa-east"
    path = eu.directory / "stolen"
    path.write_text(json.dumps(stolen))
    assert 5 == eu.run("import", path).exit_code


def test_a_new_key_is_announced_before_it_signs(eu, us):
    first, second = eu.facts("rotate")
    now = datetime.now(UTC)
    assert first["key_id"] == eu.keys().signer(now).key_id
    assert second["key_id"] == eu.keys().signer(now + timedelta(days=1, minutes=1)).key_id
    assert 2 == len(us.facts("import", eu.exported()))


def test_a_revoked_key_stays_so_whatever_its_region_says(eu, us):
    (key,) = us.facts("import", eu.exported())
    (revoked,) = us.facts("revoke", key["key_id"])
    assert revoked["revoked_at"]
    (again,) = us.facts("import", eu.exported())
    listed = next(one for one in us.facts("list") if one["key_id"] == again["key_id"])
    assert revoked["revoked_at"] == listed["revoked_at"]
    assert 4 == us.run("revoke", "nothing").exit_code


def test_a_region_that_revokes_its_only_key_signs_with_a_new_one(eu):
    (key,) = eu.facts("list")
    keys = eu.facts("revoke", key["key_id"])
    assert 2 == len(keys)
    assert key["key_id"] != eu.keys().signer(datetime.now(UTC)).key_id
