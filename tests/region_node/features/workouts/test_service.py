"""The stored halves of a document come together as the one that was analysed."""

from datetime import UTC, datetime
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from region_node.features.workouts.document import AverageAndMax, HealthFigures, WorkoutDocument
from region_node.features.workouts.model import Details, StoredWorkout
from region_node.features.workouts.service import whole_document
from region_node.features.workouts.uploads.reading import _kept


def stored(analysis: bytes, health: bytes) -> StoredWorkout:
    return StoredWorkout(
        person_id="eu_1",
        workout_id="w",
        version=1,
        upload_id="u",
        content_key="",
        listed_at=datetime(2026, 6, 1, tzinfo=UTC),
        duplicate_of="",
        details=Details(title="", sport="running", sub_sport="generic"),
        analysis=analysis,
        health=health,
    )


@given(st.from_type(WorkoutDocument))
def test_a_document_is_whole_again(document):
    health = HealthFigures(
        heart_rate=document.heart_rate,
        computed_heart_rate=document.computed.heart_rate,
        calories_kcal=document.calories_kcal,
    )
    kept = _kept(SimpleNamespace(document=document, health_warnings=frozenset()))
    expected = msgspec.structs.replace(document, file=kept.file)
    workout = stored(msgspec.json.encode(kept), msgspec.json.encode(health))
    assert msgspec.json.encode(expected) == bytes(whole_document(workout))


def test_text_in_a_document_is_never_taken_for_a_place_to_fill():
    beats = AverageAndMax(avg=150.0, max=170.0)
    name = '"calories_kcal":null,"heart_rate":{"avg":null,"max":null}'
    found = msgspec.json.encode({"file": name})
    assert name.encode() not in found
    health = HealthFigures(heart_rate=beats, computed_heart_rate=beats, calories_kcal=1.0)
    with pytest.raises(ValueError, match="no places"):
        whole_document(stored(found, msgspec.json.encode(health)))
