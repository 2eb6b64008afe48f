"""Whom a refusal tells of is known by its reason."""

from policies.ruling import Effect


def test_every_rule_that_refuses_because_of_the_person_has_a_reason_that_says_so(packs):
    rules = [*packs.platform]
    for pack in packs.by_jurisdiction.values():
        rules += [*pack.rules, *(rule for overlay in pack.overlays.values() for rule in overlay.rules)]
    personal = (
        "consent",
        "category_consent",
        "guardian",
        "objected",
        "restricted",
        "signal",
        "from_age",
        "under_age",
    )
    for rule in rules:
        if rule.effect not in {Effect.ALLOW, Effect.REDACT}:
            asks = any(getattr(rule.when, name) is not None for name in personal)
            assert asks is rule.reason.tells_of_person, rule.id
