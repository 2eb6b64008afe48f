"""Aggregates that leave, by kind: what features give to egress, read as their purpose may see it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from federation.outgoing import Person, State
from region_node.storage.person_keys import PersonKeyGone
from region_node.storage.ruled import RefusedByPolicy

Load = Callable[[str, str, str], Awaitable[State | None]]
Ids = Callable[[str, str, str], Awaitable[tuple[Sequence[str], str]]]


@dataclass(frozen=True, slots=True)
class RuledSource:
    """Fills `federation.outgoing.Source` with two functions of a feature, which take tenant and person.

    What may not even be read at home, or was erased, is as good as gone.
    """

    read: Load
    page: Ids

    async def load(self, person: Person, aggregate_id: str) -> State | None:
        try:
            return await self.read(person.tenant, person.person_id, aggregate_id)
        except (RefusedByPolicy, PersonKeyGone):
            return None

    async def ids(self, person: Person, after: str) -> tuple[Sequence[str], str]:
        try:
            return await self.page(person.tenant, person.person_id, after)
        except (RefusedByPolicy, PersonKeyGone):
            return (), ""
