"""Every event is declared whole, keeps its number for ever, and nothing is announced that is not declared."""

import ast
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from federation.catalogue import CATALOGUE, RETIRED_NUMBERS, CatalogueError, EventType, Lane, catalogue_of
from federation.relay import EventMessage
from policies.vocabulary import DataCategory, Purpose
from tests.support.sources import code_files, modules_of, name_of, nodes

RELEASED = tomllib.loads((Path(__file__).parent / "released.toml").read_text())["events"]
RETRACTIONS = ("deleted", "erased", "revoked", "withdrawn", "retracted", "ended")
ID_FIELDS = {"event_id", "type", "tenant", "jurisdiction", "person_id", "aggregate_id", "version"}
WORK_TYPES = {"upload.import"}
LOOKS_LIKE_EVENT = re.compile(rf"({'|'.join({name.partition('.')[0] for name in CATALOGUE})})\.[a-z-]+")
NEVER_FEDERATED = {
    DataCategory.EMAIL,
    DataCategory.PHONE,
    DataCategory.PRECISE_LOCATION,
    DataCategory.CREDENTIAL,
}


def offences(events):
    for event in events:
        for name, kind in (("lane", Lane), ("purpose", Purpose)):
            if not isinstance(getattr(event, name), kind):
                yield f"{event.name}: no {name}"
        if event.number < 1 or event.version < 1:
            yield f"{event.name}: numbers and versions begin with 1"
        if event.name.endswith(RETRACTIONS) != (event.lane is Lane.RETRACTION):
            yield f"{event.name}: what takes back travels in the lane of retractions, and nothing else"
        for name, category in event.fields.items():
            if not isinstance(category, DataCategory):
                yield f"{event.name}.{name}: no data category"
            elif category in NEVER_FEDERATED or category.is_a(DataCategory.HEALTH):
                yield f"{event.name}.{name}: {category} never leaves as an event"


def described(event):
    return {"number": event.number, "version": event.version, "fields": fields_of(event)}


def fields_of(event):
    return sorted(f"{name}: {category}" for name, category in event.fields.items())


def announced_types(path):
    """The types given to `Outbox.pointer(kind, type, ...)`, as they are written."""
    for call in nodes(path, ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "pointer" and len(call.args) > 1:
            yield call.args[1]


def undeclared(path):
    """Texts that are announced, or look like the type of an event, and are no type of the catalogue."""
    announced = [written for written in announced_types(path) if isinstance(written, ast.Constant)]
    texts = {node.value for node in announced}
    texts |= {node.value for node in nodes(path, ast.Constant) if LOOKS_LIKE_EVENT.fullmatch(str(node.value))}
    yield from (f"{name_of(path)}: {text}" for text in sorted(texts - CATALOGUE.keys() - WORK_TYPES))


def planted_event(**changes):
    declared = {
        "number": 900,
        "name": "planted.created",
        "version": 1,
        "lane": Lane.BULK,
        "purpose": Purpose.SOCIAL_FEED,
        "fields": {"person_id": DataCategory.IDENTIFIER},
    }
    return EventType(**{**declared, **changes})


def test_every_event_is_whole():
    assert [] == list(offences(CATALOGUE.values()))


def test_every_event_that_a_module_declares_is_in_the_catalogue():
    declared = {
        event.name
        for package in ("federation", "region_node")
        for module in modules_of(package)
        for event in vars(module).values()
        if isinstance(event, EventType)
    }
    assert declared == CATALOGUE.keys()


def test_fields_change_only_with_the_version():
    assert {name: described(event) for name, event in CATALOGUE.items()} == RELEASED, (
        "raise the version of a changed event and tell it in tests/architecture/released.toml"
    )


def test_a_number_is_used_once_for_ever():
    numbers = [event["number"] for event in RELEASED.values()]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) == {event.number for event in CATALOGUE.values()} | RETIRED_NUMBERS


def test_no_code_announces_an_undeclared_type():
    assert [] == [found for path in code_files() for found in undeclared(path)]


def test_the_check_of_announcements_sees_those_there_are():
    announcing = {name_of(path) for path in code_files() if list(announced_types(path))}
    assert {"region_node/features/accounts/store.py", "region_node/features/workouts/store.py"} <= announcing


def test_what_the_stream_carries_is_ids_only():
    assert ID_FIELDS == {field.name for field in msgspec.structs.fields(EventMessage)}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fields": {"note": "free-text?"}}, "planted.created.note: no data category"),
        ({"fields": {"pulse": DataCategory.HEART_RATE}}, "heart-rate never leaves as an event"),
        ({"fields": {"line": DataCategory.PRECISE_LOCATION}}, "precise-location never leaves as an event"),
        ({"lane": "bulk-ish"}, "planted.created: no lane"),
        ({"purpose": None}, "planted.created: no purpose"),
        ({"name": "planted.deleted"}, "lane of retractions"),
    ],
)
def test_a_planted_event_with_a_gap_is_found(changes, said):
    assert any(said in found for found in offences([planted_event(**changes)]))


def test_a_planted_number_that_is_taken_fails_at_import():
    with pytest.raises(CatalogueError, match="once"):
        catalogue_of(*CATALOGUE.values(), planted_event(number=1))


def test_a_planted_announcement_of_an_undeclared_type_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.support.sources.ROOT", tmp_path)
    planted = tmp_path / "planted.py"
    planted.write_text(
        'TYPE = "workout.shared"\nSEND = outbox.pointer("event", "planted.sent", "a", "b", 1)\n'
    )
    assert ["planted.py: planted.sent", "planted.py: workout.shared"] == list(undeclared(planted))
