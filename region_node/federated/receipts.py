"""Receipts that this region gives: sent at once, or owed until its broker has taken them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from federation.errors import BusError
from federation.ports import Sender
from federation.subjects import FederatedSubject, parse_subject
from policies.vocabulary import Region
from region_node.federated.tables import OWED_RECEIPTS
from region_node.storage.engine import SHARED, Delete, Engine, Put, Row, Slice
from region_node.storage.migrations import SYSTEM_TENANT
from region_node.storage.schema import JURISDICTION, TENANT
from region_node.storage.values import blob, text

AT_ONCE = 100

ReceiptArrived = Callable[[str, str, bytes], Awaitable[None]]
"""Called with tenant, person and the signed receipt; raises ReceiptRefused for what was not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptBook:
    """Fills the port of ingress; `receipt_arrived` takes what others answer to this region's retractions."""

    engine: Engine
    region: Region
    sender: Sender
    receipt_arrived: ReceiptArrived

    async def give(self, subject: FederatedSubject, envelope_id: str, body: bytes) -> None:
        try:
            await self._send(str(subject), envelope_id, body)
        except BusError:
            row = {**self._place(), "subject": str(subject), "envelope_id": envelope_id, "body": body}
            await self.engine.write(SHARED, [Put(OWED_RECEIPTS, row)])

    async def arrived(self, subject: FederatedSubject, body: bytes) -> None:
        await self.receipt_arrived(subject.tenant, subject.person, body)

    async def settle(self) -> int:
        """Send what is owed, to be called now and then; how many were sent. One that cannot be sent stays."""
        sent, query = 0, Slice(partition=(SYSTEM_TENANT, self.region), limit=AT_ONCE)
        while True:
            page = await self.engine.slice(SHARED, OWED_RECEIPTS, query)
            for row in page.rows:
                sent += await self._settled(row)
            if page.after is None:
                return sent
            query = Slice(partition=query.partition, limit=AT_ONCE, after=page.after)

    async def _settled(self, row: Row) -> bool:
        try:
            await self._send(text(row, "subject"), text(row, "envelope_id"), blob(row, "body"))
        except BusError:
            return False
        await self.engine.write(
            SHARED, [Delete(OWED_RECEIPTS, tuple(row[name] for name in OWED_RECEIPTS.key))]
        )
        return True

    async def _send(self, subject: str, envelope_id: str, body: bytes) -> None:
        await self.sender.send(parse_subject(subject), body, f"receipt-{envelope_id}")

    def _place(self) -> Row:
        return {TENANT: SYSTEM_TENANT, JURISDICTION: SHARED, "region": self.region}
