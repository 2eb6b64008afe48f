"""The semantics of rulings, written down plainly: what the compiled engine has to agree with.

It walks all rules for every question and shares no code with the engine but the types of its input and
output, so that one mistake is not made twice. It is slow, and made to be read beside the record of rulings.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from policies.facts import HOME, MAJORITY_YEARS, Facts
from policies.pack import AgeLimit, Pack, PackSet
from policies.rule import OWN_CONSENT, AgeBound, Rule
from policies.ruling import Effect, Reason, Ruling
from policies.source import Source
from policies.vocabulary import AgeRule, Basis, Certainty, DataCategory


class ReferenceEngine:
    """Answers as `policies.engine.Engine` does."""

    def __init__(self, packs: PackSet) -> None:
        self._packs = packs

    def decide(self, facts: Facts) -> Ruling:
        try:
            return self._decide(facts)
        except Exception:  # noqa: BLE001 - an error denies
            return _refusal(facts, "", Reason.FAULT)

    def _decide(self, facts: Facts) -> Ruling:
        pack = self._packs.by_jurisdiction.get(facts.jurisdiction)
        if pack is None or (facts.overlay and facts.overlay not in pack.overlays):
            return _refusal(facts, "", Reason.NO_RULE)
        parts = [part for of_category in parts_of(facts) for part in self._counted(of_category, pack)]
        return _ruling(facts, pack, parts)

    def _counted(self, of_category: Sequence[Facts], pack: Pack) -> list["_Part"]:
        """Return the parts of one category that count.

        Of what goes abroad they are both where both let it through, else the stricter, that abroad if equal.
        """
        parts = [self._part(part, pack) for part in of_category]
        strictest = max(parts, key=lambda part: list(Effect).index(part.effect))
        return parts if strictest.effect in {Effect.ALLOW, Effect.REDACT} else [strictest]

    def _part(self, facts: Facts, pack: Pack) -> "_Part":
        applying: list[Rule] = []
        spared: list[Rule] = []
        for rule in self.looked_at(facts, pack):
            missing = unmet(rule, facts, pack)
            if not missing:
                applying.append(rule)
            elif missing == ["under_age"] and facts.age_years < MAJORITY_YEARS:
                spared.append(rule)
        effect = _strongest(applying)
        grounds = [rule for rule in applying if rule.effect == effect]
        facts_of_law = [source for rule in grounds for source in sources_of(rule, facts, pack)]
        for rule in spared:
            if list(Effect).index(rule.effect) > list(Effect).index(effect):
                facts_of_law += age_sources(rule, ["under_age"], facts, pack)
        return _Part(effect, applying, grounds, facts_of_law)

    def looked_at(self, facts: Facts, pack: Pack) -> list[Rule]:
        """Return the rules on the purpose and the very category of *facts*, whether they apply or not."""
        everywhere = [*self._packs.platform, *pack.rules]
        own = pack.overlays[facts.overlay].rules if facts.overlay else ()
        rules = [*everywhere, *own]
        return [
            rule for rule in rules if facts.purpose in rule.purposes and facts.category in rule.categories
        ]


def parts_of(facts: Facts) -> list[list[Facts]]:
    """Return what is ruled on one by one, for each category of *facts*: abroad, then as if it stayed.

    Samples are ruled on with the categories that they hold.
    """
    categories = {facts.category}
    if facts.category == DataCategory.WORKOUT_SAMPLES:
        categories |= facts.channels
    destinations = dict.fromkeys([facts.destination_country, HOME])
    return [
        [replace(facts, category=category, destination_country=destination) for destination in destinations]
        for category in sorted(categories)
    ]


@dataclass(frozen=True)
class _Part:
    """Attributes:
    applying: All rules that apply, whatever their effect.
    grounds: Those of them that decide.
    facts_of_law: Where everything stands that the part rests on.
    """

    effect: Effect
    applying: list[Rule]
    grounds: list[Rule]
    facts_of_law: list[Source]


def unmet(rule: Rule, facts: Facts, pack: Pack) -> list[str]:
    """Return the names of what keeps *rule* from applying; its conditions by the names of their fields."""
    when = rule.when
    named = [name for name, fact in _truths(facts, pack).items() if getattr(when, name) not in {None, fact}]
    if when.countries and facts.destination_country not in when.countries:
        named.append("countries")
    if when.signal is not None and when.signal not in facts.signals:
        named.append("signal")
    if when.from_age is not None and facts.age_years < _figure(when.from_age, facts, pack):
        named.append("from_age")
    if when.under_age is not None and facts.age_years >= _figure(when.under_age, facts, pack):
        named.append("under_age")
    if not _begun(rule.source, facts):
        named.append("effective")
    if rule.until is not None and facts.at >= rule.until:
        named.append("until")
    return named


def _begun(source: Source, facts: Facts) -> bool:
    return source.effective is None or facts.at >= source.effective


def _truths(facts: Facts, pack: Pack) -> dict[str, bool]:
    """Return what is true of *facts*, by the names of the conditions that ask about it."""
    wider = facts.category.kind_of
    for_category = {(facts.purpose, facts.category), (facts.purpose, wider)} & facts.consents
    accepted = pack.transfer.instruments if pack.transfer else frozenset()
    return {
        "at_home": facts.destination_country == HOME,
        "adequate": _is_adequate(facts.destination_country, facts.at, pack),
        "instrument": bool(facts.instruments & accepted),
        "consent": bool(for_category) or (facts.purpose, None) in facts.consents,
        "category_consent": bool(for_category),
        "guardian": facts.guardian_consent,
        "objected": facts.purpose in facts.objections,
        "restricted": facts.restricted,
        "rights": facts.rights,
    }


def _is_adequate(country: str, at: date, pack: Pack) -> bool:
    if pack.transfer is None or country not in pack.transfer.adequate:
        return False
    finding = pack.transfer.adequate[country]
    begun = finding.effective is None or at >= finding.effective
    return begun and (finding.until is None or at < finding.until)


def _figure(bound: AgeBound, facts: Facts, pack: Pack) -> int:
    """Return the years that *bound* stands for; 0, below which nobody is, where no figure is in force."""
    if isinstance(bound, int):
        return bound
    limit = _limit(bound, facts, pack)
    return 0 if limit is None else limit.years


def _limit(bound: str, facts: Facts, pack: Pack) -> AgeLimit | None:
    in_force: dict[str, AgeLimit] = {}
    for limits in (pack.ages, pack.overlays[facts.overlay].ages if facts.overlay else {}):
        in_force |= {rule: limit for rule, limit in limits.items() if _begun(limit.source, facts)}
    if bound == OWN_CONSENT:
        bound = AgeRule.DIGITAL_CONSENT if AgeRule.DIGITAL_CONSENT in in_force else AgeRule.CONSERVATIVE
    return in_force.get(bound)


def sources_of(rule: Rule, facts: Facts, pack: Pack) -> list[Source]:
    """Return where *rule*, which applies, stands, and where everything stands that it rests on."""
    when, transfer = rule.when, pack.transfer
    sources = [rule.source, *age_sources(rule, ["from_age", "under_age"], facts, pack)]
    if transfer and when.adequate and _is_adequate(facts.destination_country, facts.at, pack):
        sources.append(transfer.adequate[facts.destination_country].source or transfer.source)
    if transfer and (when.adequate is False or when.instrument is not None):
        sources.append(transfer.source)
    return sources


def age_sources(rule: Rule, conditions: Collection[str], facts: Facts, pack: Pack) -> list[Source]:
    """Return where the ages stand that *rule* names in *conditions*, as far as something rests on them.

    To be below it counts. To have reached it counts for minors alone: who is of age has reached every age
    of consent.
    """
    sources = []
    for condition in conditions:
        bound = getattr(rule.when, condition)
        if bound is None or (
            facts.age_years >= MAJORITY_YEARS and facts.age_years >= _figure(bound, facts, pack)
        ):
            continue
        limit = _limit(bound, facts, pack) if isinstance(bound, str) else None
        if limit or isinstance(bound, int):
            sources.append(limit.source if limit else rule.source)
    return sources


def _ruling(facts: Facts, pack: Pack, parts: list[_Part]) -> Ruling:
    """Rule on what consists of *parts*: the strictest wins, and what is let through rests on all of them."""
    effect = max((part.effect for part in parts), key=list(Effect).index)
    passes = effect in {Effect.ALLOW, Effect.REDACT}
    counted = [part for part in parts if passes or part.effect == effect]
    in_order = _in_order(rule for part in counted for rule in part.grounds)
    binding = _in_order(rule for part in parts for rule in part.applying) if passes else in_order
    sources = [source for part in counted for source in part.facts_of_law]
    reasons = [rule.reason for rule in in_order] + [Reason.NO_RULE for part in counted if not part.applying]
    articles = [rule.source.ref for rule in in_order] + sorted(source.ref for source in sources)
    rests_on = sources + [rule.source for rule in binding if rule.obligations]
    certainties = [source.certainty for source in rests_on]
    return Ruling(
        effect=effect,
        jurisdiction=facts.jurisdiction,
        overlay=facts.overlay,
        reasons=tuple(dict.fromkeys(reasons)),
        rules=tuple(rule.id for rule in in_order),
        articles=tuple(dict.fromkeys(articles)),
        obligations=tuple(
            sorted(
                {duty for rule in binding for duty in rule.obligations},
                key=lambda duty: (duty.kind, duty.ref, duty.days, duty.note),
            )
        ),
        fields=tuple(sorted({field for rule in in_order for field in rule.fields})),
        certainty=next((one for one in reversed(Certainty) if one in certainties), Certainty.HIGH),
        recalled=any(source.basis == Basis.RECALL for source in rests_on),
        pack_version=pack.version,
    )


def _in_order(rules: Iterable[Rule]) -> list[Rule]:
    by_id = {rule.id: rule for rule in rules}
    return [by_id[name] for name in sorted(by_id)]


def _strongest(applicable: list[Rule]) -> Effect:
    """Return the strongest effect; where no rule applies, nothing is allowed."""
    return max((rule.effect for rule in applicable), key=list(Effect).index, default=Effect.DENY)


def _refusal(facts: Facts, pack_version: str, reason: Reason) -> Ruling:
    return Ruling(
        effect=Effect.DENY,
        jurisdiction=facts.jurisdiction,
        overlay=facts.overlay,
        reasons=(reason,),
        rules=(),
        articles=(),
        obligations=(),
        fields=(),
        certainty=Certainty.HIGH,
        recalled=False,
        pack_version=pack_version,
    )
