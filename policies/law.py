"""The law of one place as the engine compiles it: its rules together, and the figures that they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from policies.pack import AgeLimit, Pack, PackSet
from policies.rule import OWN_CONSENT, OWN_CONSENT_RULES, Adequacy, AgeBound, Rule, Transfer
from policies.source import Source
from policies.verdicts import Authority
from policies.vocabulary import AgeRule, Jurisdiction

NOBODY_IS_BELOW = 0
"""Stands for an age that no rule in force sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A pack, one of its overlays where the place has one, and the platform's rules.

    Attributes:
        rules: In order of their ids.
        ages: From the one that counts most: the overlay's, then the pack's.
    """

    authority: Authority
    rules: tuple[Rule, ...]
    ages: tuple[Mapping[AgeRule, AgeLimit], ...]
    transfer: Transfer | None

    def figure(self, bound: AgeBound, on: date) -> int:
        """Years that *bound* stands for on a day."""
        if isinstance(bound, int):
            return bound
        limit = self.limit(bound, on)
        return limit.years if limit else NOBODY_IS_BELOW

    def limit(self, bound: AgeRule | str, on: date) -> AgeLimit | None:
        """Return the age that *bound* names, as it is in force on a day."""
        wanted = OWN_CONSENT_RULES if bound == OWN_CONSENT else (AgeRule(bound),)
        named = (ages[rule] for rule in wanted for ages in self.ages if rule in ages)
        return next((limit for limit in named if limit.source.in_force(on)), None)

    def age_source(self, rule: Rule, bound: AgeBound | None, on: date) -> Source | None:
        """Return where the age stands that *rule* names as *bound*: with the rule, where it is a figure."""
        if not isinstance(bound, str):
            return None if bound is None else rule.source
        limit = self.limit(bound, on)
        return limit.source if limit else None

    def days(self, rule: Rule) -> frozenset[date]:
        """Days on which *rule* may begin or cease to hold for somebody."""
        days = {rule.source.effective, rule.until}
        if isinstance(rule.when.from_age, str) or isinstance(rule.when.under_age, str):
            days |= {limit.source.effective for ages in self.ages for limit in ages.values()}
        if rule.when.adequate is not None and self.transfer:
            days |= self.transfer.days()
        return frozenset(day for day in days if day)

    def finding(self, country: str, on: date) -> Adequacy | None:
        """Return the finding in force that *country* is adequate, if there is one."""
        finding = self.transfer.adequate.get(country) if self.transfer else None
        return finding if finding and finding.in_force(on) else None


def find_law(packs: PackSet, jurisdiction: Jurisdiction, overlay: str) -> Law | None:
    """Return None where no pack, or no overlay of that name, is known."""
    pack = packs.by_jurisdiction.get(jurisdiction)
    if pack is None or (overlay and overlay not in pack.overlays):
        return None
    return _law(packs, pack, overlay)


def all_laws(packs: PackSet) -> list[tuple[Jurisdiction, str]]:
    """Return every jurisdiction without and with each of its overlays."""
    packs_by_name = packs.by_jurisdiction.items()
    return [(name, overlay) for name, pack in packs_by_name for overlay in ("", *pack.overlays)]


def _law(packs: PackSet, pack: Pack, overlay: str) -> Law:
    own = pack.overlays[overlay] if overlay else None
    rules = (*packs.platform, *pack.rules, *(own.rules if own else ()))
    return Law(
        authority=Authority(pack.jurisdiction, overlay, pack.version),
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        ages=(own.ages, pack.ages) if own else (pack.ages,),
        transfer=pack.transfer,
    )
