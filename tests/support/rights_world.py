"""Rights over a real ledger on stores alone, with a clock that tests turn."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from policies.deadlines import deadlines_of
from policies.engine import Engine
from policies.vocabulary import Purpose
from region_node.consent_wiring import ConsentParts
from region_node.features.consent.model import Resident
from region_node.features.rights.lifting import Restrictions
from region_node.features.rights.model import OWN, Kind
from region_node.features.rights.officers import Officer
from region_node.features.rights.receipts import read_receipt
from region_node.features.rights.service import Asked, RightsService
from region_node.features.rights.store import RightsStore
from region_node.ids import new_person_id
from region_node.packs import shipped_packs
from region_node.rights_wiring import LedgerProtections
from region_node.security.signing_keys import jwks_document
from tests.support.erasure import NOW, Door, NoHold

NOTICE = timedelta(days=7)
BORN = datetime(1990, 4, 3, tzinfo=UTC).date()


class Clocks:
    def of(self, jurisdiction):
        return deadlines_of(shipped_packs().by_jurisdiction[jurisdiction])


def rights_of(stores):
    return RightsStore(stores.of("t1", "eu", Purpose.ACCOUNT, rights=True))


def service_of(stores):
    return RightsService(
        rights=lambda *_: rights_of(stores),
        accounts=Door(),
        standings=NoHold(),
        clocks=Clocks(),
        protections=None,
        opened=None,
        hurry=lambda: None,
        clock=lambda: NOW,
    )


class RightsWorld:
    """Of the tenant t1 and the space eu; the ledger goes by the real clock."""

    def __init__(self, stores):
        self.stores = stores
        self.now = datetime.now(UTC).replace(microsecond=0)
        engine = Engine(shipped_packs())
        self.consent = ConsentParts(stores=stores, engine=lambda: engine, region="here", ring=stores.ring)
        self.service = replace(
            service_of(stores),
            standings=self.consent,
            protections=LedgerProtections(self.consent.ledger),
            clock=lambda: self.now,
        )
        self.restrictions = Restrictions(
            service=self.service,
            notice=NOTICE,
            region="here",
            signing_key=lambda: stores.ring.signing_keys()[0],
        )

    def officer(self, name="anna"):
        return Officer(service=self.service, tenant="t1", operator_id=name, clock=lambda: self.now)

    async def person(self, birth_date=BORN):
        person = new_person_id("eu")
        await self.stores.keys.create("t1", person)
        await self.consent.ledger.begin("t1", person, Resident(birth_date=birth_date, country="DE"))
        return person

    async def restricted(self, channel=OWN):
        """A person who is restricted, and the request by which."""
        person = await self.person()
        asked = Asked(person_id=person, kind=Kind.RESTRICTION, asked_by=person, channel=channel)
        if channel == OWN:
            return person, await self.service.ask_own("t1", asked)
        request = (await self.officer().open(asked)).request_id
        await self.officer().verify_identity(request, "passport")
        return person, await self.officer().approve(request)

    async def is_restricted(self, person):
        return (await self.consent.ledger.standing("t1", person)).restricted

    def receipt(self, request):
        return read_receipt(request.lifting.receipt, jwks_document(self.stores.ring.signing_keys()))
