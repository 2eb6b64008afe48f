"""What an answer adds to a ledger, given how the person stands: pure."""

from dataclasses import dataclass

from policies.consent import notice_version
from policies.facts import Signal
from policies.vocabulary import DataCategory, Purpose
from region_node.features.consent.model import Draft, EntryState, Method
from region_node.features.consent.notices import Notice
from region_node.features.consent.replay import subject_of
from region_node.rulings.standing import GivenConsent, PastAnswer, Standing

NO_SAYING = frozenset({EntryState.REFUSED.value, EntryState.WITHDRAWN.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who answers, and by which way.

    Attributes:
        id: A person's, a guardian's or an operator's.
        ends_objection: Whether a consent takes an objection to the purpose back with it.
    """

    id: str
    method: Method
    ends_objection: bool = True

    @property
    def is_guardian(self) -> bool:
        return self.method is Method.GUARDIAN


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What an answer is about."""

    purpose: Purpose
    category: DataCategory | None = None
    recipient: str = ""


def agrees(given: GivenConsent, about: About, shown: Notice, actor: Actor) -> bool:
    """Whether *given* says the same of the same version, by the same side."""
    same = subject_of(given) == (about.purpose, about.category, about.recipient or None)
    version = notice_version(given.notice) == (shown.id, shown.version)
    return same and version and given.by_guardian == actor.is_guardian


def answers_to(standing: Standing, about: About) -> list[int]:
    """Numbers of the entries that hold the present answers to *about*."""
    wanted = (about.purpose, about.category, about.recipient or None)
    answers: list[GivenConsent | PastAnswer] = [*standing.consents, *standing.past]
    return [one.seq for one in answers if subject_of(one) == wanted]


def covered(standing: Standing, about: About) -> list[GivenConsent]:
    """The consents that a withdrawal takes back, one for each thing that was agreed to."""
    own = [given for given in standing.consents if given.purpose is about.purpose]
    if about.category or about.recipient:
        wanted = (about.purpose, about.category, about.recipient or None)
        own = [given for given in own if subject_of(given) == wanted]
    return list({subject_of(given): given for given in own}.values())


def said_no(standing: Standing, about: About) -> bool:
    wanted = (about.purpose, about.category, about.recipient or None)
    return any(subject_of(past) == wanted and past.state in NO_SAYING for past in standing.past)


def withdrawal(given: GivenConsent, actor: Actor) -> Draft:
    return Draft(
        state=EntryState.WITHDRAWN,
        method=actor.method,
        actor=actor.id,
        purpose=given.purpose,
        category=given.category,
        recipient=given.recipient or "",
        notice=given.notice,
    )


def refusal(about: About, actor: Actor) -> Draft:
    return Draft(
        state=EntryState.REFUSED,
        method=actor.method,
        actor=actor.id,
        purpose=about.purpose,
        category=about.category,
        recipient=about.recipient,
    )


def shown_to(about: About, notice: Notice, actor: Actor) -> Draft:
    return Draft(
        state=EntryState.ASKED,
        method=actor.method,
        actor=actor.id,
        purpose=about.purpose,
        category=about.category,
        recipient=about.recipient,
        notice=notice.ref,
        notice_sha256=notice.sha256,
    )


def plain(state: EntryState, purpose: Purpose, actor: Actor) -> Draft:
    return Draft(state=state, method=actor.method, actor=actor.id, purpose=purpose)


def signalled(state: EntryState, signal: Signal, actor: Actor) -> Draft:
    return Draft(state=state, method=actor.method, actor=actor.id, details={"signal": signal.value})
