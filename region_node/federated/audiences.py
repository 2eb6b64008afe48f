"""In which regions somebody may see what a person shares."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from federation.catalogue import Audience, EventType
from federation.outgoing import Person, State
from policies.vocabulary import Jurisdiction, Region
from region_node.ids import jurisdiction_of
from region_node.regions import Regions

Followers = Callable[[str, str], Awaitable[frozenset[Jurisdiction]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeAudiences:
    """Fills `federation.outgoing.Audiences`.

    `followers` gives the jurisdictions of those whom a person (tenant and id) has accepted as followers.
    """

    regions_known: Regions
    here: Region
    followers: Followers

    async def regions(self, event: EventType, person: Person, state: State) -> frozenset[Region]:
        match event.audience:
            case Audience.HOMES:
                return await self.reachable(person)
            case Audience.ONE:
                return (
                    self._homes({Jurisdiction(jurisdiction_of(state.other))}) if state.other else frozenset()
                )
            case _:
                return frozenset()

    async def reachable(self, person: Person) -> frozenset[Region]:
        followers = await self.followers(person.tenant, person.person_id)
        return self._homes(followers) | {self.here}

    def _homes(self, jurisdictions: set[Jurisdiction] | frozenset[Jurisdiction]) -> frozenset[Region]:
        """Regions that take writes of these; nobody lives in one that no group holds."""
        active = self.regions_known.active
        return frozenset(active[one] for one in jurisdictions if one in active)
