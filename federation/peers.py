"""How far each region is trusted, and what is kept back for a while: levels and kill switches.

A level says what a region is sent and whether it is heard. A pause keeps back what would be sent, and is made
up for when it ends. Neither ever keeps back what takes something back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from federation.catalogue import CATALOGUE, Audience, EventType
from policies.vocabulary import Region


class Level(StrEnum):
    """From mildest to strictest. Values are stored: add, never rename."""

    OPEN = "open"
    """It is sent all that rulings allow, and heard."""
    LIMITED = "limited"
    """It is sent only what names one of its people, and heard."""
    RECEIVE_ONLY = "receive-only"
    """It is sent nothing, and heard."""
    BLOCKED = "blocked"
    """It is sent nothing, and of what it sends only what takes back and receipts are heard."""

    def is_milder_than(self, other: "Level") -> bool:
        order = tuple(Level)
        return order.index(self) < order.index(other)


class MilderLevel(ValueError):
    """Somebody who did not say which level it takes the place of would have trusted a region more."""

    def __init__(self, region: Region, level: Level, present: Level) -> None:
        super().__init__(
            f"{level} is milder than {present}, the level of {region}:"
            f" say that it takes the place of {present} if that is meant"
        )
        self.present = present


class UnknownType(ValueError):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerSettings:
    """What is set of one region; `why` is the operator's word."""

    level: Level = Level.OPEN
    paused: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRules:
    """What is set of all regions; fills `federation.outgoing.Peers`. One that nobody named is blocked."""

    here: Region
    regions: frozenset[Region]
    settings: Mapping[Region, PeerSettings] = field(default_factory=dict)
    paused_types: frozenset[str] = frozenset()
    all_paused: bool = False

    def of(self, region: Region) -> PeerSettings:
        if region not in self.regions:
            return PeerSettings(level=Level.BLOCKED)
        return self.settings.get(region, PeerSettings())

    def takes(self, region: Region, event: EventType) -> bool:
        level = self.of(region).level
        if event.retracts is not None or level is Level.OPEN:
            return True
        return level is Level.LIMITED and event.audience is Audience.ONE

    def held(self, region: Region, event: EventType) -> bool:
        if event.retracts is not None:
            return False
        return self.all_paused or event.name in self.paused_types or self.of(region).paused

    def hears(self, region: Region, event: EventType) -> bool:
        """Whether an event of this type is taken in from *region*."""
        return event.retracts is not None or self.of(region).level is not Level.BLOCKED


def require_not_milder(region: Region, level: Level, present: Level, instead_of: Level | None) -> None:
    """Raises MilderLevel unless *level* is as strict as *present*, or *instead_of* names that one."""
    if level.is_milder_than(present) and instead_of is not present:
        raise MilderLevel(region, level, present)


def stricter(present: PeerRules, wanted: Mapping[Region, Level]) -> tuple[dict[Region, Level], list[Region]]:
    """Of an imported list: the levels to set, and the regions left alone because theirs is stricter."""
    levels = {region: present.of(region).level for region in wanted}
    changes = {region: level for region, level in wanted.items() if levels[region].is_milder_than(level)}
    kept = [region for region, level in wanted.items() if level.is_milder_than(levels[region])]
    return changes, kept


def require_types(names: Iterable[str]) -> None:
    """Raises UnknownType."""
    unknown = sorted(set(names) - CATALOGUE.keys())
    if unknown:
        raise UnknownType(f"no types of events: {', '.join(unknown)}")
