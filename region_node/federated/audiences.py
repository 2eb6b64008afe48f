"""In which regions somebody may see what a person shares."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from federation.catalogue import Audience, EventType
from federation.outgoing import Person, State
from policies.vocabulary import Jurisdiction, Region
from region_node.ids import jurisdiction_of
from region_node.regions import Regions

Followers = Callable[[str, str], Awaitable[frozenset[Jurisdiction]]]


async def nobody(_tenant: str, _person_id: str) -> frozenset[Jurisdiction]:
    return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeAudiences:
    """Fills `federation.outgoing.Audiences`.

    `followers` gives the jurisdictions of those whom a person (tenant and id) has accepted as followers,
    `asked` those of the people whom they follow or have asked to.
    """

    regions_known: Regions
    here: Region
    followers: Followers
    asked: Followers = nobody

    async def regions(self, event: EventType, person: Person, state: State) -> frozenset[Region]:
        match event.audience:
            case Audience.HOMES:
                return self._homes(await self.followers(person.tenant, person.person_id)) | {self.here}
            case Audience.CIRCLE:
                return await self.reachable(person)
            case Audience.ONE:
                return (
                    self._homes({Jurisdiction(jurisdiction_of(state.other))}) if state.other else frozenset()
                )
            case _:
                return frozenset()

    async def reachable(self, person: Person) -> frozenset[Region]:
        place = (person.tenant, person.person_id)
        followers, asked = await asyncio.gather(self.followers(*place), self.asked(*place))
        return self._homes(followers | asked) | {self.here}

    def _homes(self, jurisdictions: set[Jurisdiction] | frozenset[Jurisdiction]) -> frozenset[Region]:
        """Regions that take writes of these; nobody lives in one that no group holds."""
        active = self.regions_known.active
        return frozenset(active[one] for one in jurisdictions if one in active)
