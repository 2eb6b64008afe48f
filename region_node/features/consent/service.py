"""Giving, refusing, taking back and objecting: what a person, a guardian or an officer can have recorded.

Each act is about one purpose. Saying no needs no more than saying yes, is never refused for lack of room, and
whoever may not consent alone may still say no.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from policies.consent import may_ask_again, valid
from policies.facts import Signal
from policies.vocabulary import Purpose
from region_node.errors import NotFound
from region_node.features.consent import acts
from region_node.features.consent.acts import About, Actor
from region_node.features.consent.law import PASSES, Footing, Ground, Law
from region_node.features.consent.ledger import Ledger, Recorded
from region_node.features.consent.model import Draft, Entry, EntryState
from region_node.features.consent.notices import Notice, Topic
from region_node.features.consent.problems import (
    ConsentNotNeeded,
    NotAsked,
    ObjectionNotPossible,
    ObjectionStands,
    StaleNotice,
)
from region_node.features.consent.replay import subject_of
from region_node.rulings.standing import GivenConsent, PastAnswer, Standing
from region_node.storage.ruled import Refusal, RefusedByPolicy

UNOBJECTIONABLE = frozenset({Purpose.ACCOUNT, Purpose.SECURITY})
"""An account and its safety cannot be objected to without leaving."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One thing that a person can be asked for, with how they stand to it.

    `answer` is the consent in force or what became of the last one; None where none was given or refused.
    """

    topic: Topic
    notice: Notice
    footing: Footing
    answer: GivenConsent | PastAnswer | None
    objected: bool
    ask: bool
    """Whether to ask now: consent is needed, there is none, and no refusal is so recent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentService:
    """Stands for all tenants; every call names its own."""

    ledger: Ledger
    law: Law

    async def overview(self, tenant: str, person_id: str, language: str) -> tuple[Standing, list[Asked]]:
        """Everything that the person can be asked for, and how they stand to it. Raises NotFound."""
        standing = await self.ledger.standing(tenant, person_id)
        at = self.ledger.clock()
        topics = self.law.notices.topics
        return standing, [self._asked(standing, topic, language, at) for topic in topics]

    def _asked(self, standing: Standing, topic: Topic, language: str, at: datetime) -> Asked:
        footing = self.law.footing(standing, topic, at)
        now = self.law.circumstances(standing, at)
        subject = (topic.purpose, topic.category, None)
        given = [one for one in standing.consents if subject_of(one) == subject]
        counting = valid(given, now)
        past = [one for one in standing.past if subject_of(one) == subject]
        last = counting[-1] if counting else past[-1] if past else None
        refused_at = last.at if isinstance(last, PastAnswer) and last.state in acts.NO_SAYING else None
        wanted = footing.ground in {Ground.CONSENT, Ground.GUARDIAN} and footing.possible.effect in PASSES
        return Asked(
            topic=topic,
            notice=topic.current.notices[language],
            footing=footing,
            answer=last,
            objected=topic.purpose in standing.objections,
            ask=wanted and not counting and may_ask_again(refused_at, at),
        )

    async def ask(self, tenant: str, person_id: str, about: About, notice: str, actor: Actor) -> Recorded:
        """Record that the person was shown *notice*, once until they answer.

        Nothing is added where they have agreed, or have said no too lately to be asked again.

        Raises:
            NotFound, NotAsked, StaleNotice, LedgerFull
        """
        topic = self._topic(about)
        shown = self._current(topic, notice)

        def decide(standing: Standing, at: datetime) -> Sequence[Draft]:
            view = self._asked(standing, topic, shown.language, at)
            asked_already = isinstance(view.answer, PastAnswer) and view.answer.state == EntryState.ASKED
            if not view.ask or asked_already:
                return ()
            return (acts.shown_to(about, shown, actor),)

        return await self.ledger.record(tenant, person_id, decide)

    async def give(self, tenant: str, person_id: str, about: About, notice: str, actor: Actor) -> Recorded:
        """Record a consent to exactly what *notice* (``leaderboard/1/de``) says.

        Nothing is added where the same version is agreed to already. An earlier objection to the purpose is
        taken back with it, if *actor* means to.

        Raises:
            NotFound, NotAsked, StaleNotice, ConsentNotNeeded, ObjectionStands, LedgerFull
            RefusedByPolicy: law allows it to nobody in this position, or needs a guardian first.
        """
        topic = self._topic(about)
        shown = self._current(topic, notice)

        def decide(standing: Standing, at: datetime) -> Sequence[Draft]:
            if any(acts.agrees(given, about, shown, actor) for given in standing.consents):
                return ()
            self._require_possible(standing, topic, actor, at)
            given = Draft(
                state=EntryState.GIVEN,
                method=actor.method,
                actor=actor.id,
                notice=shown.ref,
                notice_sha256=shown.sha256,
                expires_at=self.law.expiry(standing, topic, at),
                purpose=about.purpose,
                category=about.category,
                recipient=about.recipient,
            )
            if about.purpose not in standing.objections:
                return (given,)
            if not actor.ends_objection:
                raise ObjectionStands
            return (acts.plain(EntryState.OBJECTION_WITHDRAWN, about.purpose, actor), given)

        return await self.ledger.record(tenant, person_id, decide)

    async def withdraw(self, tenant: str, person_id: str, about: About, actor: Actor) -> Recorded:
        """Take back, or refuse, a purpose with all its categories, or one category of it.

        Where the law lets a thing be done until the person objects, this is an objection too. What was agreed
        to can be taken back also when nobody is asked for it any more.

        Raises:
            NotFound, NotAsked
            ConsentNotNeeded: it does not rest on consent; says what can be done instead.
        """
        topic = self.law.notices.topic(about.purpose, about.category)

        def decide(standing: Standing, at: datetime) -> Sequence[Draft]:
            drafts = [acts.withdrawal(given, actor) for given in acts.covered(standing, about)]
            if topic is None:
                if not drafts and not acts.said_no(standing, about):
                    raise NotAsked
                return drafts
            ground = self.law.footing(standing, topic, at).ground
            if not drafts and ground is Ground.NO_CONSENT_NEEDED:
                raise ConsentNotNeeded
            if not drafts and not acts.said_no(standing, about):
                drafts = [acts.refusal(about, actor)]
            if ground is Ground.OPT_OUT and about.purpose not in standing.objections:
                drafts.append(acts.plain(EntryState.OBJECTED, about.purpose, actor))
            return drafts

        return await self.ledger.record(tenant, person_id, decide)

    async def object(self, tenant: str, person_id: str, purpose: Purpose, actor: Actor) -> Recorded:
        """Record an objection. Raises NotFound, ObjectionNotPossible."""
        if purpose in UNOBJECTIONABLE:
            raise ObjectionNotPossible

        def decide(standing: Standing, _at: datetime) -> Sequence[Draft]:
            return (
                () if purpose in standing.objections else (acts.plain(EntryState.OBJECTED, purpose, actor),)
            )

        return await self.ledger.record(tenant, person_id, decide)

    async def end_objection(self, tenant: str, person_id: str, purpose: Purpose, actor: Actor) -> Recorded:
        """Take an objection back. Raises NotFound, LedgerFull."""

        def decide(standing: Standing, _at: datetime) -> Sequence[Draft]:
            if purpose not in standing.objections:
                return ()
            return (acts.plain(EntryState.OBJECTION_WITHDRAWN, purpose, actor),)

        return await self.ledger.record(tenant, person_id, decide)

    async def signal(self, tenant: str, person_id: str, signal: Signal, actor: Actor) -> Recorded:
        """Record what the person's browser says, once, where the law there heeds it. Raises NotFound."""

        def decide(standing: Standing, _at: datetime) -> Sequence[Draft]:
            heeded = self.heeds(standing, signal)
            return (acts.signalled(EntryState.SIGNAL, signal, actor),) if heeded else ()

        return await self.ledger.record(tenant, person_id, decide)

    def heeds(self, standing: Standing, signal: Signal) -> bool:
        """Whether *signal* is news: the law heeds it, and the person has neither said nor taken it back."""
        known = signal in standing.signals or signal in standing.signals_ended
        return not known and self.law.honours(standing, signal)

    async def end_signal(self, tenant: str, person_id: str, signal: Signal, actor: Actor) -> Recorded:
        """Record that the person takes back what their browser said. Raises NotFound, LedgerFull."""

        def decide(standing: Standing, _at: datetime) -> Sequence[Draft]:
            return (
                (acts.signalled(EntryState.SIGNAL_ENDED, signal, actor),)
                if signal in standing.signals
                else ()
            )

        return await self.ledger.record(tenant, person_id, decide)

    async def entry_behind(self, tenant: str, recorded: Recorded, about: About | None) -> Entry:
        """The entry by which things stand as they do: the one just added, or that of the earlier answer."""
        if recorded.entries:
            return recorded.entries[-1]
        standing = recorded.standing
        seq = max(acts.answers_to(standing, about), default=standing.version) if about else standing.version
        found = await self.ledger.store(tenant, standing.person_id).entry(standing.person_id, seq)
        if found is None:
            raise NotFound
        return found

    def _topic(self, about: About) -> Topic:
        topic = self.law.notices.topic(about.purpose, about.category)
        if topic is None:
            raise NotAsked
        return topic

    def _current(self, topic: Topic, ref: str) -> Notice:
        """The notice that was shown, if it is the one that is asked with today. Raises StaleNotice."""
        current = topic.current.notices
        shown = next((notice for notice in current.values() if notice.ref == ref), None)
        if shown is None:
            language = ref.rpartition("/")[2]
            raise StaleNotice(current.get(language) or current["en"])
        return shown

    def _require_possible(self, standing: Standing, topic: Topic, actor: Actor, at: datetime) -> None:
        footing = self.law.footing(standing, topic, at)
        if footing.ground is Ground.NO_CONSENT_NEEDED:
            raise ConsentNotNeeded
        category = topic.category or topic.judged_by
        if footing.possible.effect not in PASSES:
            raise RefusedByPolicy(Refusal(purpose=topic.purpose, category=category, ruling=footing.possible))
        waits_for_guardian = footing.ground is Ground.GUARDIAN and not actor.is_guardian
        if waits_for_guardian and not self.law.circumstances(standing, at).joint:
            raise RefusedByPolicy(Refusal(purpose=topic.purpose, category=category, ruling=footing.asked))
