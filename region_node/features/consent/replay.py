"""What a person's entries come to: pure, so that the service and the auditor cannot differ."""

from collections.abc import Callable, Iterable

import msgspec

from policies.vocabulary import DataCategory, Purpose
from region_node.features.consent.model import Draft, Entry, EntryState, Method, resident_of
from region_node.rulings.standing import GivenConsent, PastAnswer, Standing

Subject = tuple[Purpose | None, DataCategory | None, str | None]


class NotBegun(ValueError):
    """The first entry does not say by which law and age the person goes."""


def replay(entries: Iterable[Entry]) -> Standing | None:
    """Return the standing after all *entries*, in their order; None without any.

    Raises:
        NotBegun: they do not start as a ledger does.
    """
    standing: Standing | None = None
    for entry in entries:
        standing = step(standing, entry)
    return standing


def step(standing: Standing | None, entry: Entry) -> Standing:
    """Return the standing after one more entry.

    Raises:
        NotBegun: it is the first and begins nothing.
    """
    draft = entry.draft
    if draft.state in {EntryState.BEGUN, EntryState.CORRECTED}:
        return _placed(standing, entry)
    if standing is None:
        raise NotBegun(entry.person_id)
    changes = _STEPS[draft.state](standing, entry)
    return msgspec.structs.replace(standing, version=entry.seq, **changes)


def _placed(standing: Standing | None, entry: Entry) -> Standing:
    try:
        resident = resident_of(entry.draft.details)
    except (KeyError, ValueError):
        raise NotBegun(entry.person_id) from None
    facts = msgspec.structs.asdict(resident)
    if standing is None:
        return Standing(person_id=entry.person_id, version=entry.seq, **facts)
    return msgspec.structs.replace(standing, version=entry.seq, **facts)


def subject_of(about: GivenConsent | PastAnswer | Draft) -> Subject:
    """What an answer is about: purpose, category, recipient."""
    return about.purpose, about.category, about.recipient or None


def by_guardian(draft: Draft) -> bool:
    return draft.method is Method.GUARDIAN


Changes = dict[str, object]


def _given(standing: Standing, entry: Entry) -> Changes:
    draft = entry.draft
    if draft.purpose is None:
        return {}
    consent = GivenConsent(
        purpose=draft.purpose,
        category=draft.category,
        recipient=draft.recipient or None,
        given_at=entry.received_at,
        notice=draft.notice,
        expires_at=draft.expires_at,
        by_guardian=by_guardian(draft),
        seq=entry.seq,
    )
    own = (subject_of(consent), consent.by_guardian)
    others = (one for one in standing.consents if (subject_of(one), one.by_guardian) != own)
    return {"consents": (*others, consent), "past": _past_without(standing, draft)}


def _asked(standing: Standing, entry: Entry) -> Changes:
    """What was answered stays answered, until the person answers anew."""
    draft = entry.draft
    given = any(subject_of(one) == subject_of(draft) for one in standing.consents)
    return {} if given or draft.purpose is None else {"past": _past_with(standing, entry)}


def _ended(standing: Standing, entry: Entry) -> Changes:
    """A withdrawal takes back what both gave; what ends by itself names whose it was."""
    draft = entry.draft
    if draft.purpose is None:
        return {}
    whose = draft.details.get("given_by")
    subject = subject_of(draft)

    def ends(given: GivenConsent) -> bool:
        own = whose is None or given.by_guardian == (whose == Method.GUARDIAN)
        return subject_of(given) == subject and own

    left = tuple(given for given in standing.consents if not ends(given))
    return {"consents": left, "past": _past_with(standing, entry)}


def _past_with(standing: Standing, entry: Entry) -> tuple[PastAnswer, ...]:
    draft = entry.draft
    if draft.purpose is None:
        return standing.past
    answer = PastAnswer(
        purpose=draft.purpose,
        category=draft.category,
        recipient=draft.recipient or None,
        at=entry.received_at,
        state=draft.state.value,
        seq=entry.seq,
    )
    return (*_past_without(standing, draft), answer)


def _past_without(standing: Standing, draft: Draft) -> tuple[PastAnswer, ...]:
    return tuple(answer for answer in standing.past if subject_of(answer) != subject_of(draft))


def _objected(standing: Standing, entry: Entry) -> Changes:
    purpose = entry.draft.purpose
    if purpose is None or purpose in standing.objections:
        return {}
    return {"objections": (*standing.objections, purpose)}


def _objection_withdrawn(standing: Standing, entry: Entry) -> Changes:
    return {"objections": tuple(one for one in standing.objections if one is not entry.draft.purpose)}


def _signal(standing: Standing, entry: Entry) -> Changes:
    signal = entry.draft.details.get("signal", "")
    return {
        "signals": (*_without(standing.signals, signal), signal),
        "signals_ended": _without(standing.signals_ended, signal),
    }


def _signal_ended(standing: Standing, entry: Entry) -> Changes:
    signal = entry.draft.details.get("signal", "")
    return {
        "signals": _without(standing.signals, signal),
        "signals_ended": (*_without(standing.signals_ended, signal), signal),
    }


def _without(signals: tuple[str, ...], signal: str) -> tuple[str, ...]:
    return tuple(one for one in signals if one != signal)


def _fact(name: str, value: object) -> Callable[[Standing, Entry], Changes]:
    return lambda _standing, _entry: {name: value}


def _guardian_linked(_standing: Standing, entry: Entry) -> Changes:
    return {"guardian_id": entry.draft.details.get("guardian_id", "")}


_STEPS: dict[EntryState, Callable[[Standing, Entry], Changes]] = {
    EntryState.ASKED: _asked,
    EntryState.GIVEN: _given,
    EntryState.REFUSED: _ended,
    EntryState.WITHDRAWN: _ended,
    EntryState.EXPIRED: _ended,
    EntryState.SUPERSEDED: _ended,
    EntryState.CAME_OF_AGE: _ended,
    EntryState.OBJECTED: _objected,
    EntryState.OBJECTION_WITHDRAWN: _objection_withdrawn,
    EntryState.SIGNAL: _signal,
    EntryState.SIGNAL_ENDED: _signal_ended,
    EntryState.RESTRICTED: _fact("restricted", True),
    EntryState.RELEASED: _fact("restricted", False),
    EntryState.GUARDIAN_LINKED: _guardian_linked,
    EntryState.GUARDIAN_ENDED: _fact("guardian_id", ""),
    EntryState.HOLD: _fact("legal_hold", True),
    EntryState.HOLD_RELEASED: _fact("legal_hold", False),
}
