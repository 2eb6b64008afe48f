"""What of a workout others may come to see: the fields of its events, as its owner shows it now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from federation.outgoing import State
from region_node.features.workouts.model import Heading, StoredWorkout, Visibility
from region_node.features.workouts.store import WorkoutStore
from region_node.storage.engine import Key, Slice

PAGE = 50
SHOWN = frozenset({Visibility.FOLLOWERS, Visibility.EVERYONE})
"""Clubs come to see workouts when there are clubs."""

_EPOCH = datetime.fromtimestamp(0, UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class SharedWorkouts:
    """Bound to one tenant and jurisdiction by its store, which is one for the feed."""

    workouts: WorkoutStore

    async def state(self, person_id: str, workout_id: str) -> State | None:
        """As it is now; None where it is gone, shown to nobody, or another's double.

        Raises:
            RefusedByPolicy: its owner lets it be used for no feed.
        """
        workout = await self.workouts.get(person_id, workout_id)
        if workout is None or workout.duplicate_of or workout.details.visibility not in SHOWN:
            return None
        listed = await self.workouts.heading(workout)
        if listed is None:
            return None
        values = {
            name: value for name, value in _values(workout, listed.heading).items() if value is not None
        }
        return State(version=workout.version, values=values)

    async def ids(self, person_id: str, after: str) -> tuple[Sequence[str], str]:
        """A page of ids, newest start first, and where the next one begins: empty after the last."""
        page, further = await self.workouts.page(Slice(partition=(person_id,), limit=PAGE, after=_key(after)))
        return [one.workout_id for one in page], _place(further)


def _values(workout: StoredWorkout, heading: Heading) -> Mapping[str, Any]:
    return {
        "person_id": workout.person_id,
        "workout_id": workout.workout_id,
        "version": workout.version,
        "started_at": heading.started_at,
        "sport": workout.details.sport,
        "title": workout.details.title,
        "distance_m": heading.distance_m,
        "moving_s": heading.moving_s,
        "ascent_m": heading.ascent_m,
    }


def _place(key: Key | None) -> str:
    """Milliseconds since 1970 and the id."""
    if key is None:
        return ""
    listed_at, workout_id = key[-2:]
    if not isinstance(listed_at, datetime) or not isinstance(workout_id, str):
        raise TypeError("a place in the list is an instant and an id")
    return f"{(listed_at - _EPOCH) // _MS}.{workout_id}"


def _key(place: str) -> Key:
    ms, _, workout_id = place.partition(".")
    return (_EPOCH + int(ms) * _MS, workout_id) if place else ()
