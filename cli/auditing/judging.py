"""From what was seen to what is wrong: one finding per place, jurisdiction and rule, with hashed samples."""

import hashlib
import secrets
from collections import defaultdict
from dataclasses import dataclass, field

from cli.auditing.model import Finding, Kind, Mark, Rule, Sighting, Store
from cli.auditing.places import Places

SAMPLE_CHARS = 16
_OWN_ARTICLES = {
    Rule.LOGS: ("promise 7",),
    Rule.CONTROL: ("promise 1",),
}


@dataclass(slots=True)
class _Group:
    sighting: Sighting
    rule: Rule
    count: int = 0
    samples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Judge:
    """Takes sightings one by one; memory grows with places and rules, not with what lies there."""

    places: Places
    mark: Mark
    most_samples: int = 5
    controls: defaultdict[Store, set[Kind]] = field(default_factory=lambda: defaultdict(set))
    _groups: dict[tuple[str, ...], _Group] = field(default_factory=dict)
    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def take(self, sighting: Sighting) -> None:
        rule = self.places.rule_broken(sighting.jurisdiction, sighting.scope)
        if sighting.kind is Kind.REPLICA:
            rule = Rule.REPLICATION
        if rule is None:
            return
        if self.mark.made(sighting):
            self.controls[sighting.store].add(sighting.kind)
            return
        key = (
            sighting.store,
            sighting.container,
            sighting.part,
            sighting.kind,
            sighting.jurisdiction,
            rule,
        )
        group = self._groups.setdefault(key, _Group(sighting, rule))
        group.count += 1
        if len(group.samples) < self.most_samples:
            group.samples.append(self._sample(sighting))

    def _sample(self, sighting: Sighting) -> str:
        """Ids are random, so a plain hash tells nothing; an address could be guessed and is salted."""
        salt = self._salt if sighting.kind is Kind.EMAIL else b""
        return hashlib.sha256(salt + sighting.key).hexdigest()[:SAMPLE_CHARS]

    def findings(self) -> tuple[Finding, ...]:
        return tuple(self._finding(self._groups[key]) for key in sorted(self._groups))

    def _finding(self, group: _Group) -> Finding:
        seen = group.sighting
        return Finding(
            store=seen.store,
            container=seen.container,
            part=seen.part,
            kind=seen.kind,
            jurisdiction=seen.jurisdiction,
            allowed=tuple(sorted(seen.scope.allowed)),
            rule=group.rule,
            articles=self._articles(seen.jurisdiction, group.rule),
            count=group.count,
            samples=tuple(group.samples),
        )

    def _articles(self, jurisdiction: str, rule: Rule) -> tuple[str, ...]:
        return self.places.articles.get(jurisdiction, ()) or _OWN_ARTICLES.get(rule, ())
