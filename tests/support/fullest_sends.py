"""The largest rows that a home keeps of what it sent."""

from datetime import timedelta

from federation.catalogue import CATALOGUE, Scope
from federation.outgoing import Debt, Mark, Person, Records, Send, TakeBack
from federation.peers import Level
from federation.receipts import MAX_RECEIPT_BYTES
from federation.send_number import MAX_EPOCH
from policies.vocabulary import LegalBasis, Purpose, Region
from region_node.federated.peer_book import PeerBook
from region_node.federated.sends import SendBook
from tests.support.envelopes import NOON

NAME = "r" * 40
ID = "i" * 80
KIND = "k" * 20
RECEIPT = b"r" * (MAX_RECEIPT_BYTES // 4)
FIELDS = max((event.fields for event in CATALOGUE.values()), key=lambda names: len("".join(names)))
EVERY_FIELD = {f"{event.kind}:{name}" for event in CATALOGUE.values() if event.kind for name in event.fields}


async def fill_sent(stores, tenant, person_id):
    """Fill every table of `send_tables`."""
    person, region = Person(tenant=tenant, person_id=person_id), Region(NAME)
    book = SendBook(
        stores=stores.unruled, places=lambda: [stores.unruled(tenant, "ca-qc")], epoch=lambda _: MAX_EPOCH
    )
    number = await book.next_number(person)
    whose = {"region": region, "number": number}
    about = {"kind": KIND, "aggregate_id": ID}
    send = Send(
        **whose,
        **about,
        purpose=Purpose.MARKETING_EMAIL,
        version=2**31,
        fields=tuple(FIELDS),
        basis=LegalBasis.LEGITIMATE_INTEREST,
        consent_version=2**31,
        pack_version="v" * 80,
        first_at=NOON,
        at=NOON,
    )
    mark = Mark(
        **whose, purpose=Purpose.MARKETING_EMAIL, what="w" * 80, terms=",".join(sorted(EVERY_FIELD)), at=NOON
    )
    asked = TakeBack(
        **whose,
        **about,
        person=person,
        scope=Scope.AGGREGATE,
        purpose=Purpose.MARKETING_EMAIL,
        envelope_id="e" * 32,
        since=NOON,
        due_at=NOON + timedelta(days=30),
        next_at=NOON,
    )
    debt = Debt(**whose, **about, person=person, since=NOON, cursor="c" * 140)
    await book.record(person, Records(sends=[send], marks=[mark], take_backs=[asked], debts=[debt]))
    answered = TakeBack(**{name: getattr(asked, name) for name in asked.__slots__} | {"receipt": RECEIPT})
    await book.record(person, Records(take_backs=[answered]))
    peers = PeerBook(engine=stores.engine, here=region, regions=frozenset({region}))
    await peers.set_level(region, Level.RECEIVE_ONLY, "y" * 200)
