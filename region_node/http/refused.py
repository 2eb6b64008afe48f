"""Refusals of policy as problems: with reasons and articles of law, in the language of the reader.

Only who asks for their own data, or acts for its owner, is told of their age, answers and requests.
"""

from typing import Any

from locales.messages import N_
from policies.ruling import Effect
from policies.vocabulary import Certainty
from region_node.errors import AskFirst, GiveUp, Problem, Text
from region_node.rulings.wording import REASON_TEXTS
from region_node.storage.ruled import Refusal

NOT_VISIBLE = "not-visible"
NOT_VISIBLE_TEXT = N_("Why is known to the person whose data it is.")


class _Refused(Problem, branch=True):
    """What the three have in common: `members` says what was asked, and why policy answered as it did."""

    next_step = ""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(self.next_step)
        self.refusal = refusal

    def members(self, text: Text) -> dict[str, Any]:
        ruling = self.refusal.ruling
        return {
            "purpose": self.refusal.purpose,
            "category": self.refusal.category,
            "effect": ruling.effect,
            "jurisdiction": ruling.jurisdiction,
            "overlay": ruling.overlay,
            "reasons": [{"reason": reason, "text": text(REASON_TEXTS[reason])} for reason in ruling.reasons],
            "rules": ruling.rules,
            "articles": ruling.articles,
            "certainty": ruling.certainty,
            "recalled": ruling.recalled,
            "pack_version": ruling.pack_version,
        }


class _RefusedToOthers(_Refused, branch=True):
    """Somebody else's data: what is said of it must not tell of them.

    A ruling with any such reason is told without rules and articles, as they would say the same.
    """

    def members(self, text: Text) -> dict[str, Any]:
        told = super().members(text) | {"effect": Effect.DENY, "overlay": ""}
        if any(reason.tells_of_person for reason in self.refusal.ruling.reasons):
            hidden = {"reason": NOT_VISIBLE, "text": text(NOT_VISIBLE_TEXT)}
            told |= {"reasons": [hidden], "rules": (), "articles": ()}
            told |= {"certainty": Certainty.HIGH, "recalled": False}
        return told


class NotVisible(_RefusedToOthers, GiveUp):
    code = "not_visible"
    status = 403
    title = N_("You may not see this")


class RefusedByRules(_Refused, GiveUp):
    code = "refused_by_policy"
    status = 403
    title = N_("This data may not be used for this purpose")


class ConsentNeeded(_Refused, AskFirst):
    code = "consent_needed"
    status = 403
    title = N_("This needs the person's consent")
    next_step = N_("Look at your consents, agree to this purpose if you want it, then try again.")


class GuardianNeeded(_Refused, AskFirst):
    code = "guardian_needed"
    status = 403
    title = N_("This needs the consent of a guardian")
    next_step = N_("Have a parent or guardian agree to this purpose, then try again.")


REFUSALS: tuple[type[Problem], ...] = (RefusedByRules, ConsentNeeded, GuardianNeeded, NotVisible)
_BY_EFFECT: dict[Effect, type[_Refused]] = {
    Effect.NEEDS_CONSENT: ConsentNeeded,
    Effect.NEEDS_GUARDIAN: GuardianNeeded,
}


def problem_of_refusal(refusal: Refusal) -> Problem:
    """What is not allowed whole is refused: the parts that could be shown are the handler's to choose."""
    if not refusal.to_owner:
        return NotVisible(refusal)
    return _BY_EFFECT.get(refusal.ruling.effect, RefusedByRules)(refusal)
