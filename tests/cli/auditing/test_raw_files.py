"""Hints and commit logs: whose content an id belongs to is told by the table id that stands before it."""

import uuid

from cli.auditing.model import Store, Tally
from cli.auditing.patterns import Patterns
from cli.auditing.places import Places
from cli.auditing.raw_files import RawFolder, Tables
from region_node.ids import new_person_id

KNOWN = ("br", "eu", "gb")
PLACES = Places(
    region="eu-central",
    group="europe",
    allowed=frozenset({"eu", "gb"}),
    datacenters=frozenset({"eu-central"}),
    articles=dict.fromkeys(KNOWN, ()),
)
OF_EU, OF_SHARED = uuid.uuid4(), uuid.uuid4()


def tables(tmp_path):
    for keyspace, table, number in (("meridian_eu", "logins", OF_EU), ("meridian_shared", "feed", OF_SHARED)):
        (tmp_path / "data" / keyspace / f"{table}-{number.hex}").mkdir(parents=True)
    return Tables.of_folders(tmp_path / "data")


def broken(tmp_path, content):
    hints = tmp_path / "hints"
    hints.mkdir()
    (hints / "a.hints").write_bytes(content)
    reader = RawFolder(Store.HINTS, hints, PLACES, Patterns(KNOWN), tables(tmp_path))
    seen = list(reader.sightings(Tally()))
    return [(one.part, one.jurisdiction, PLACES.rule_broken(one.jurisdiction, one.scope)) for one in seen]


def test_of_a_known_table_only_its_own_jurisdiction_may_be_there(tmp_path):
    content = OF_EU.bytes + new_person_id("eu").encode() + OF_EU.bytes + new_person_id("gb").encode()
    assert [
        ("meridian_eu.logins", "eu", None),
        ("meridian_eu.logins", "gb", "platform.own-space"),
    ] == broken(tmp_path, content)


def test_copies_in_the_shared_space_may_be_of_any_known_jurisdiction(tmp_path):
    assert [("meridian_shared.feed", "br", None)] == broken(
        tmp_path, OF_SHARED.bytes + new_person_id("br").encode()
    )


def test_of_no_known_table_it_may_be_the_groups(tmp_path):
    content = new_person_id("gb").encode() + b"--" + new_person_id("br").encode()
    assert [("", "gb", None), ("", "br", "platform.residency-group")] == broken(tmp_path, content)


def test_a_table_id_far_before_in_another_piece_still_counts(tmp_path):
    content = OF_EU.bytes + bytes(3 * 1024 * 1024 - 8) + new_person_id("gb").encode()
    assert [("meridian_eu.logins", "gb", "platform.own-space")] == broken(tmp_path, content)
