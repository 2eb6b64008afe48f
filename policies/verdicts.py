"""From the rules that apply to a ruling: the strongest effect wins, and its rules say why."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from policies.rule import Rule
from policies.ruling import Effect, Obligation, Reason, Ruling
from policies.source import Source
from policies.vocabulary import Basis, Certainty, Jurisdiction

LETS_THROUGH = frozenset({Effect.ALLOW, Effect.REDACT})
LETS_THROUGH_RANK = Effect.REDACT.rank
_FROM_LOWEST = tuple(reversed(Certainty))


class Authority(NamedTuple):
    """Whose law a ruling is given by."""

    jurisdiction: Jurisdiction
    overlay: str
    pack_version: str


class Grounded(NamedTuple):
    """A rule as it stands for one age on one day in one place.

    Attributes:
        facts: Of law, on which it rests that the rule applies, or that it does not.
        number: The same for the same rule on the same facts.
        applies: False where the age alone is what keeps the rule from applying.
    """

    rule: Rule
    facts: tuple[Source, ...]
    number: int
    applies: bool = True


def rule_on(law: Authority, parts: Sequence[Sequence[Grounded]]) -> Ruling:
    """Return the ruling of the rules on a question; of none that applies, a deny.

    What goes abroad and is let through has two *parts*: that data may be used so at all, and that it may go
    there. It rests on both; and on the ages for which a stronger rule does not apply.
    """
    effects = [strongest_of(part) for part in parts]
    own = list(zip(parts, effects, strict=True))
    grounds = [one for part, effect in own for one in part if one.applies and one.rule.effect is effect]
    if not grounds:
        return refuse(law, Reason.NO_RULE)
    strongest = max(effects, key=lambda effect: effect.rank)
    deciding = _in_order(one.rule for one in grounds)
    applying = _in_order(one.rule for part in parts for one in part if one.applies)
    binding = applying if strongest in LETS_THROUGH else deciding
    spared = [one for part, effect in own for one in part if _is_spared(one, effect)]
    facts = [source for one in (*grounds, *spared) for source in one.facts]
    duties = [rule.source for rule in binding if rule.obligations]
    sources = [*(rule.source for rule in deciding), *facts, *duties]
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


def combine(parts: Sequence[Ruling], rules: Mapping[str, Rule]) -> Ruling:
    """Return one ruling for those of several categories, which all count; *rules* has theirs by id.

    It runs for every question about samples, so that it puts together what rulings hold already.
    """
    widest = max(parts, key=_breadth)
    if False not in [_covers(widest, ruling) for ruling in parts]:
        return widest
    unruled = True in [Reason.NO_RULE in ruling.reasons for ruling in parts]
    deciding = [rules[name] for name in sorted({name for ruling in parts for name in ruling.rules})]
    reasons = [rule.reason for rule in deciding] + [Reason.NO_RULE] * unruled
    articles = {article for ruling in parts for article in ruling.articles}
    return Ruling(
        effect=max([ruling.effect for ruling in parts], key=lambda effect: effect.rank),
        jurisdiction=widest.jurisdiction,
        overlay=widest.overlay,
        reasons=tuple(dict.fromkeys(reasons)),
        rules=tuple([rule.id for rule in deciding]),
        articles=_articles([rule.source.ref for rule in deciding], articles),
        obligations=_together([ruling.obligations for ruling in parts]),
        fields=tuple(sorted({field for ruling in parts for field in ruling.fields})),
        certainty=_lowest([ruling.certainty for ruling in parts]),
        recalled=True in [ruling.recalled for ruling in parts],
        pack_version=widest.pack_version,
    )


def _holds(more: tuple[object, ...], some: tuple[object, ...]) -> bool:
    return more == some or set(more).issuperset(some)


def _is_lower(one: Certainty, other: Certainty) -> bool:
    return _lowest((one, other)) is one


def _breadth(ruling: Ruling) -> int:
    return len(ruling.rules)


def _covers(widest: Ruling, ruling: Ruling) -> bool:
    """Whether nothing in *ruling*, of the same effect, is missing from *widest*."""
    return ruling is widest or (
        _holds(widest.rules, ruling.rules)
        and _holds(widest.articles, ruling.articles)
        and _holds(widest.reasons, ruling.reasons)
        and (not ruling.obligations or _holds(widest.obligations, ruling.obligations))
        and (not ruling.fields or _holds(widest.fields, ruling.fields))
        and (ruling.certainty is widest.certainty or _is_lower(widest.certainty, ruling.certainty))
        and ruling.recalled <= widest.recalled
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


def _is_spared(one: Grounded, effect: Effect) -> bool:
    """Whether a rule stronger than the *effect* that decides does not apply because of the age."""
    return not one.applies and effect.rank < one.rule.effect.rank


def strongest_of(part: Iterable[Grounded]) -> Effect:
    effects = [one.rule.effect for one in part if one.applies]
    return max(effects, key=lambda effect: effect.rank, default=Effect.DENY)


def _in_order(rules: Iterable[Rule]) -> list[Rule]:
    """Return each of *rules* once, in order of their ids."""
    by_id = {rule.id: rule for rule in rules}
    return [by_id[name] for name in sorted(by_id)]


def _articles(of_rules: Sequence[str], of_facts: AbstractSet[str]) -> tuple[str, ...]:
    """Return the articles of the rules in their order, then those of the facts that they name."""
    return tuple(dict.fromkeys([*of_rules, *sorted(of_facts)]))


def _together(lists: Sequence[tuple[Obligation, ...]]) -> tuple[Obligation, ...]:
    """Return the obligations of all *lists*, in an order that does not depend on theirs."""
    different = {one for some in lists for one in some} if any(lists) else ()
    return tuple(sorted(different, key=lambda one: (one.kind, one.ref, one.days, one.note)))


def _lowest(certainties: Collection[Certainty]) -> Certainty:
    return next(one for one in _FROM_LOWEST if one in certainties)
