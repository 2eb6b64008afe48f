"""Puts signed envelopes on their way: with receipts and beacons, the only use of a `Sender`."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from federation.catalogue import PERSON_ERASED, PROJECTION_RETRACTED, PURPOSE_WITHDRAWN, EventType, Scope
from federation.codec import encode_data
from federation.envelope import SOURCE, Envelope, seal
from federation.keyring import Signer
from federation.outgoing import Person, Send, State, TakeBack
from federation.ports import Sender
from federation.subjects import FederatedSubject
from federation.topology import LANE_LIMITS, Lane
from policies.vocabulary import LegalBasis, Purpose, Region

_TYPES = {
    Scope.AGGREGATE: PROJECTION_RETRACTED,
    Scope.PURPOSE: PURPOSE_WITHDRAWN,
    Scope.PERSON: PERSON_ERASED,
}


def new_envelope_id() -> str:
    """Random: it is the salt of the receipt."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """`signer` gives the key that signs now."""

    here: Region
    sender: Sender
    signer: Callable[[], Signer]
    clock: Callable[[], datetime]

    async def send(self, person: Person, event: EventType, send: Send, state: State) -> None:
        """Put a projection on its way, with the fields that *send* names.

        Raises:
            BusError, SchemaFault, ValueError: not on its way, or not known to be.
        """
        values = {name: state.values[name] for name in send.fields}
        envelope = self._envelope(
            person,
            event,
            encode_data(event, values),
            id=new_envelope_id(),
            destination=send.region,
            aggregateid=send.aggregate_id,
            aggregateversion=state.version,
            sendnumber=str(send.number),
            purpose=send.purpose,
            basis=LegalBasis(send.basis) if send.basis else None,
            consentversion=send.consent_version,
            packversion=send.pack_version,
        )
        await self._send(envelope, event.lane)

    async def take_back(self, what: TakeBack) -> None:
        """Ask for it, under the id of the first time.

        Raises:
            BusError
        """
        await self._send(self.retraction(what), Lane.RETRACTION)

    def retraction(self, what: TakeBack) -> Envelope:
        """The envelope that asks for it, without its signature."""
        event = _TYPES[what.scope]
        values = {"person_id": what.person.person_id, "purpose": what.purpose, "kind": what.kind}
        return self._envelope(
            what.person,
            event,
            encode_data(event, {name: values[name] for name in event.fields}),
            id=what.envelope_id,
            destination=what.region,
            aggregateid=what.aggregate_id or what.person.person_id,
            aggregateversion=1,
            sendnumber=str(what.number),
            purpose=Purpose.ACCOUNT,
            basis=LegalBasis.LEGAL_OBLIGATION,
            packversion="",
        )

    def _envelope(
        self, person: Person, event: EventType, data: Mapping[str, Any], **attributes: Any
    ) -> Envelope:
        now = self.clock()
        return Envelope(
            specversion="1.0",
            source=SOURCE + self.here,
            type=event.name,
            typenumber=event.number,
            typeversion=event.version,
            datacontenttype="application/json",
            time=now,
            tenant=person.tenant,
            subject=person.person_id,
            expirytime=now + timedelta(seconds=LANE_LIMITS[event.lane].max_age_s),
            keyid="unsigned",
            data=dict(data),
            **attributes,
        )

    async def _send(self, envelope: Envelope, lane: Lane) -> None:
        subject = FederatedSubject(
            origin=self.here,
            destination=Region(envelope.destination),
            lane=lane,
            tenant=envelope.tenant,
            type=envelope.type,
            person=envelope.subject,
        )
        await self.sender.send(subject, seal(envelope, self.signer()), self._message_id(envelope))

    def _message_id(self, envelope: Envelope) -> str:
        """Of what is asked again the broker must not think that it has it already."""
        return f"{envelope.id}-{round(envelope.time.timestamp() * 1000)}"
