"""Whose data this region may hold, read from the regions file itself."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from cli.auditing.layout import KEYS_SPACE, SHARED_SPACE
from cli.auditing.model import Rule, Scope


class PlacesError(ValueError):
    """The regions file cannot be used; the message says why."""


class _Group(msgspec.Struct, frozen=True):
    jurisdictions: tuple[str, ...]


class _Region(msgspec.Struct, frozen=True):
    group: str
    country: str
    datacenter: str


class _File(msgspec.Struct, frozen=True):
    groups: dict[str, _Group]
    regions: dict[str, _Region]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """A region's group, what it may hold, the datacenters of its regions, and every law there is a pack for.

    `articles` has, by jurisdiction, those of its pack on residency and transfer.
    """

    region: str
    group: str
    allowed: frozenset[str]
    datacenters: frozenset[str]
    articles: Mapping[str, tuple[str, ...]]

    @property
    def whole_group(self) -> Scope:
        return Scope(self.allowed)

    def scope(self, space: str) -> Scope:
        """What may lie in a file, keyspace or folder of that name.

        Copies in the shared space were each allowed out of another group; an unknown name is nobody's own.
        """
        if space in self.articles:
            return Scope(frozenset({space}) & self.allowed)
        if space == SHARED_SPACE:
            return Scope(frozenset(self.articles) | {space})
        return Scope(self.allowed | ({space} & {KEYS_SPACE}))

    def rule_broken(self, jurisdiction: str, scope: Scope) -> Rule | None:
        if jurisdiction in scope.allowed:
            return None
        if scope.rule is Rule.OWN_SPACE and jurisdiction not in self.allowed:
            return Rule.RESIDENCY_GROUP
        return scope.rule


def read_places(path: Path, region: str, articles: Mapping[str, tuple[str, ...]]) -> Places:
    """Raises PlacesError where the file is missing, broken, or does not name the region."""
    try:
        file = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File)
    except OSError as fault:
        raise PlacesError(f"{path}: {fault.strerror}") from fault
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as fault:
        raise PlacesError(f"{path}: {fault}") from fault
    own = file.regions.get(region)
    if own is None or own.group not in file.groups:
        known = ", ".join(sorted(file.regions))
        raise PlacesError(f"{path} has no region {region} in a group; it names {known}: choose with --region")
    return Places(
        region=region,
        group=own.group,
        allowed=frozenset(file.groups[own.group].jurisdictions),
        datacenters=frozenset(one.datacenter for one in file.regions.values() if one.group == own.group),
        articles=articles,
    )
