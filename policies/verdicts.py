"""From the rules that apply to a ruling: the strongest effect wins, and its rules say why."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from policies.rule import Rule
from policies.ruling import Effect, Obligation, Reason, Ruling
from policies.vocabulary import Basis, Certainty, Jurisdiction

LETS_THROUGH = frozenset({Effect.ALLOW, Effect.REDACT})
_CERTAINTIES = tuple(Certainty)
"""From the highest to the lowest."""


class Authority(NamedTuple):
    """Whose law a ruling is given by."""

    jurisdiction: Jurisdiction
    overlay: str
    pack_version: str


def rule_on(law: Authority, applicable: Sequence[Rule]) -> Ruling:
    """Return the ruling of the rules that apply, which stand in order of their ids; of none, a deny."""
    if not applicable:
        return refuse(law, Reason.NO_RULE)
    strongest = max(applicable, key=lambda rule: rule.effect.rank).effect
    deciding = [rule for rule in applicable if rule.effect is strongest]
    binding = applicable if strongest in LETS_THROUGH else deciding
    return _ruling(law, deciding, {obligation for rule in binding for obligation in rule.obligations})


def combine(parts: Sequence[Ruling], rules: Mapping[str, Rule]) -> Ruling:
    """Return the ruling on what holds several categories: the strongest effect of its *parts* wins.

    *rules* has the rules of the parts by id. What lets the whole through comes with the obligations of all
    parts, what stops it with those of the parts that do.
    """
    strongest = max([part.effect for part in parts], key=lambda effect: effect.rank)
    stopping = [part for part in parts if part.effect is strongest]
    binding = parts if strongest in LETS_THROUGH else stopping
    if all(part is stopping[0] for part in binding):
        return stopping[0]
    law = Authority(parts[0].jurisdiction, parts[0].overlay, parts[0].pack_version)
    deciding = [rules[name] for name in sorted({name for part in stopping for name in part.rules})]
    obligations = {obligation for part in binding for obligation in part.obligations}
    unruled = (Reason.NO_RULE,) if any(not part.rules for part in stopping) else ()
    return _ruling(law, deciding, obligations, unruled)


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


def _ruling(
    law: Authority,
    deciding: Sequence[Rule],
    obligations: AbstractSet[Obligation],
    further_reasons: Iterable[Reason] = (),
) -> Ruling:
    return Ruling(
        effect=deciding[0].effect,
        jurisdiction=law.jurisdiction,
        overlay=law.overlay,
        reasons=tuple(dict.fromkeys([*(rule.reason for rule in deciding), *further_reasons])),
        rules=tuple(rule.id for rule in deciding),
        articles=tuple(dict.fromkeys(rule.source.ref for rule in deciding)),
        obligations=tuple(sorted(obligations, key=lambda one: (one.kind, one.ref, one.days, one.note))),
        fields=tuple(sorted({field for rule in deciding for field in rule.fields})),
        certainty=max((rule.source.certainty for rule in deciding), key=_CERTAINTIES.index),
        recalled=any(rule.source.basis is Basis.RECALL for rule in deciding),
        pack_version=law.pack_version,
    )
