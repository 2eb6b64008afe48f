"""Where a person's data lies, as the person is told."""

from dataclasses import dataclass

from policies.pack import Residency


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """`regions` are names with the country each stands on; `residency` is None where no pack is in force."""

    region: str
    residency_group: str
    regions: tuple[tuple[str, str], ...]
    residency: Residency | None
