"""Who may take part: only those whose pseudonym and score every participating region may see. Pure.

The final ranking is the same in all regions, or it is none. So a person joins when policy, asked at their
home at that moment, allows pseudonym and score into each region that takes part; a region that is added
later asks the same of everybody who is in already.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from policies.ruling import Ruling
from policies.vocabulary import DataCategory, Purpose, Region

SHARED = (DataCategory.PSEUDONYM, DataCategory.SCORE)
PURPOSE = Purpose.CHALLENGE

Rulings = Mapping[tuple[Region, DataCategory], Ruling]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why somebody cannot join; `ruling` is None where nobody ruled, which allows nothing."""

    region: Region
    category: DataCategory
    ruling: Ruling | None


def obstacles(regions: Collection[Region], rulings: Rulings) -> list[Obstacle]:
    """What stands in the way, by region; empty where the person may join.

    *rulings* are of the joining person, for `PURPOSE` and each of `SHARED` in each region. A ruling that
    allows only a part allows too little.
    """
    if not regions:
        raise ValueError("a challenge has at least one participating region")
    found = [
        Obstacle(region, category, rulings.get((region, category)))
        for region in sorted(regions)
        for category in SHARED
    ]
    return [one for one in found if one.ruling is None or not one.ruling.allowed]
