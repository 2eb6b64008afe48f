"""What a process remembers of people's standings and of the answers that rest on them; bounded."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from region_node.rulings.changes import Mark, mark_of
from region_node.rulings.circumstances import Person
from region_node.rulings.standing import Standing

MAX_REMEMBERED = 10_000


@dataclass(slots=True)
class Snapshot:
    """A standing as it was read at `read_at` (of the clock that `Changes` goes by).

    `person` and `answers` follow from it under `law`, until `person.until`; None before the first question.
    """

    standing: Standing
    read_at: float
    law: Any = None
    person: Person | None = None
    answers: dict[Any, Any] = field(default_factory=dict)


class Snapshots:
    """The standings that were asked for last."""

    def __init__(self, most: int = MAX_REMEMBERED) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, str], Snapshot] = OrderedDict()
        self._places: dict[Mark, tuple[str, str]] = {}
        self.generation = 0
        """Raised by all that is forgotten: what was being read meanwhile may be old already."""

    def get(self, tenant: str, person_id: str) -> Snapshot | None:
        return self._kept.get((tenant, person_id))

    def keep(self, tenant: str, snapshot: Snapshot, generation: int) -> None:
        """Remember what was read since *generation*, unless somebody's standing has changed in between."""
        if generation != self.generation:
            return
        place = (tenant, snapshot.standing.person_id)
        self._kept[place] = snapshot
        self._kept.move_to_end(place)
        self._places[mark_of(*place)] = place
        if len(self._kept) > self._most:
            oldest, _ = self._kept.popitem(last=False)
            self._places.pop(mark_of(*oldest), None)

    def forget(self, mark: Mark) -> None:
        self.generation += 1
        place = self._places.pop(mark, None)
        if place is not None:
            self._kept.pop(place, None)

    def forget_all(self) -> None:
        self.generation += 1
        self._kept.clear()
        self._places.clear()

    def __len__(self) -> int:
        return len(self._kept)
