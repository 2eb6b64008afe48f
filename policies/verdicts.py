"""From the rules that apply to a ruling: the strongest effect wins, and its rules say why."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from policies.rule import Rule
from policies.ruling import Effect, Obligation, Reason, Ruling
from policies.source import Source
from policies.vocabulary import Basis, Certainty, Jurisdiction

LETS_THROUGH = frozenset({Effect.ALLOW, Effect.REDACT})
_FROM_LOWEST = tuple(reversed(Certainty))


class Authority(NamedTuple):
    """Whose law a ruling is given by."""

    jurisdiction: Jurisdiction
    overlay: str
    pack_version: str


class Grounded(NamedTuple):
    """A rule as it stands on one day in one place: with the facts of law that its conditions name.

    `number` is the same for the same rule on the same facts.
    """

    rule: Rule
    facts: tuple[Source, ...]
    number: int


def rule_on(law: Authority, applicable: Sequence[Grounded]) -> Ruling:
    """Return the ruling of the rules that apply, which stand in order of their ids; of none, a deny."""
    if not applicable:
        return refuse(law, Reason.NO_RULE)
    strongest = max((one.rule.effect for one in applicable), key=lambda effect: effect.rank)
    deciding = [one.rule for one in applicable if one.rule.effect is strongest]
    binding = [one.rule for one in applicable] if strongest in LETS_THROUGH else deciding
    facts = [source for one in applicable if one.rule.effect is strongest for source in one.facts]
    sources = [*(rule.source for rule in deciding), *facts]
    return Ruling(
        effect=strongest,
        jurisdiction=law.jurisdiction,
        overlay=law.overlay,
        reasons=tuple(dict.fromkeys(rule.reason for rule in deciding)),
        rules=tuple(rule.id for rule in deciding),
        articles=_articles([rule.source.ref for rule in deciding], {source.ref for source in facts}),
        obligations=_together([rule.obligations for rule in binding]),
        fields=tuple(sorted({field for rule in deciding for field in rule.fields})),
        certainty=_lowest([source.certainty for source in sources]),
        recalled=any(source.basis is Basis.RECALL for source in sources),
        pack_version=law.pack_version,
    )


def combine(stopping: Sequence[Ruling], binding: Sequence[Ruling], rules: Mapping[str, Rule]) -> Ruling:
    """Return one ruling for those of several categories: of *stopping*, which have the same effect.

    *binding* are those whose obligations hold; *rules* has the rules of all by id. It runs for every question
    about samples, so that it puts together what rulings hold already.
    """
    names: set[str] = set()
    unruled = False
    widest = stopping[0]
    for ruling in stopping:
        names.update(ruling.rules)
        unruled = unruled or not ruling.rules
        widest = ruling if len(ruling.rules) > len(widest.rules) else widest
    obligations = _together([ruling.obligations for ruling in binding])
    if len(widest.rules) == len(names) and not unruled and widest.obligations == obligations:
        return widest
    deciding = [rules[name] for name in sorted(names)]
    reasons = [rule.reason for rule in deciding] + [Reason.NO_RULE] * unruled
    first = stopping[0]
    return Ruling(
        effect=first.effect,
        jurisdiction=first.jurisdiction,
        overlay=first.overlay,
        reasons=tuple(dict.fromkeys(reasons)),
        rules=tuple([rule.id for rule in deciding]),
        articles=_articles(
            [rule.source.ref for rule in deciding], {ref for ruling in stopping for ref in ruling.articles}
        ),
        obligations=obligations,
        fields=tuple(sorted({field for ruling in stopping for field in ruling.fields})),
        certainty=_lowest([ruling.certainty for ruling in stopping]),
        recalled=True in [ruling.recalled for ruling in stopping],
        pack_version=first.pack_version,
    )


def refuse(law: Authority, reason: Reason) -> Ruling:
    """Return a deny that rests on no rule of law; it is certain, because it is Meridian's own."""
    return Ruling(
        effect=Effect.DENY,
        jurisdiction=law.jurisdiction,
        overlay=law.overlay,
        reasons=(reason,),
        rules=(),
        articles=(),
        obligations=(),
        fields=(),
        certainty=Certainty.HIGH,
        recalled=False,
        pack_version=law.pack_version,
    )


def _articles(of_rules: Sequence[str], of_facts: AbstractSet[str]) -> tuple[str, ...]:
    """Return the articles of the rules in their order, then those of the facts that they name."""
    return tuple(dict.fromkeys([*of_rules, *sorted(of_facts)]))


def _together(lists: Sequence[tuple[Obligation, ...]]) -> tuple[Obligation, ...]:
    """Return the obligations of all *lists*, in an order that does not depend on theirs."""
    different = {one for some in lists for one in some} if any(lists) else ()
    return tuple(sorted(different, key=lambda one: (one.kind, one.ref, one.days, one.note)))


def _lowest(certainties: Collection[Certainty]) -> Certainty:
    return next(one for one in _FROM_LOWEST if one in certainties)
