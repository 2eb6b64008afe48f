"""Which region of the demo people go to: the one that takes the writes of the law they live under."""

from collections.abc import Mapping
from dataclasses import dataclass

from cli.demo_people import DemoPerson
from policies.places import UnknownPlace, find_place
from policies.vocabulary import Region
from region_node.packs import shipped_packs
from region_node.regions import Regions


@dataclass(frozen=True, slots=True)
class Homes:
    """`urls` has the nodes by region."""

    regions: Regions
    urls: Mapping[Region, str]

    def region_of(self, person: DemoPerson) -> Region | None:
        """None where no region of the demo may hold that person's data."""
        place = find_place(shipped_packs(), person.country, person.subdivision)
        return None if isinstance(place, UnknownPlace) else self.regions.active.get(place.jurisdiction)

    def url_of(self, person: DemoPerson) -> str:
        """Where *person* signs up; who belongs nowhere asks the first region, and is told why not."""
        region = self.region_of(person)
        return next(iter(self.urls.values())) if region is None else self.urls[region]
