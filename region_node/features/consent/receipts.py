"""A receipt of one entry, signed, in the fields of the Kantara consent receipt and ISO/IEC TS 27560.

It pins number and hash outside the platform: who holds it can show that a ledger was cut or made anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from policies.dpv import CATEGORY_IRIS, LEGAL_BASIS_IRIS, PURPOSE_IRIS
from policies.vocabulary import DataCategory, LegalBasis
from region_node.features.consent.model import Entry, Method
from region_node.features.consent.notices import Catalogue
from region_node.security.signed_documents import read_document, sign_document
from region_node.security.signing_keys import SigningKey

TYPE = "meridian-consent-receipt+jws"
VERSION = "MR-1"
SENSITIVE = frozenset({DataCategory.HEALTH})


class ConsentReceipt(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Names after the receipt of Kantara; `entry` is where it stands in the ledger.

    Attributes:
        consent_receipt_id: Person and number of the entry.
        pii_principal_id: The person; `pii_controller` is the tenant, `region` who signs for it.
        termination: When the consent ends by itself; None: when it is withdrawn.
    """

    version: str
    jurisdiction: str
    consent_timestamp: datetime
    collection_method: str
    consent_receipt_id: str
    language: str
    pii_principal_id: str
    pii_controller: str
    region: str
    state: str
    purpose: str
    purpose_iri: str
    category: str
    category_iri: str
    third_party: str
    consent_type: str
    sensitive: bool
    by_guardian: bool
    notice: str
    notice_sha256: str
    notice_title: str
    termination: datetime | None
    seq: int
    hash: str
    previous: str
    pack_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """`key` gives the key that signs today."""

    notices: Catalogue
    region: str
    key: Callable[[], SigningKey]

    def sign(self, entry: Entry) -> str:
        """The receipt of *entry*; it says the same whenever it is asked for."""
        return sign_document(self.receipt(entry), TYPE, self.key())

    def receipt(self, entry: Entry) -> ConsentReceipt:
        draft = entry.draft
        notice = self.notices.notice(draft.notice)
        category = draft.category
        explicit = category is not None and category.kind_of in SENSITIVE
        basis = LegalBasis.EXPLICIT_CONSENT if explicit else LegalBasis.CONSENT
        return ConsentReceipt(
            version=VERSION,
            jurisdiction=entry.jurisdiction,
            consent_timestamp=entry.received_at,
            collection_method=draft.method.value,
            consent_receipt_id=f"{entry.person_id}/{entry.seq}",
            language=notice.language if notice else "",
            pii_principal_id=entry.person_id,
            pii_controller=entry.tenant,
            region=self.region,
            state=draft.state.value,
            purpose=draft.purpose.value if draft.purpose else "",
            purpose_iri=PURPOSE_IRIS[draft.purpose] if draft.purpose else "",
            category=category.value if category else "",
            category_iri=CATEGORY_IRIS[category] if category else "",
            third_party=draft.recipient,
            consent_type=LEGAL_BASIS_IRIS[basis],
            sensitive=explicit,
            by_guardian=draft.method is Method.GUARDIAN,
            notice=draft.notice,
            notice_sha256=draft.notice_sha256,
            notice_title=notice.sections["title"] if notice else "",
            termination=draft.expires_at,
            seq=entry.seq,
            hash=entry.hash,
            previous=entry.previous,
            pack_version=entry.pack_version,
        )


def read_receipt(signed: str, jwks: Mapping[str, Any]) -> ConsentReceipt:
    """What *signed* says. Raises SignatureBroken."""
    return read_document(signed, ConsentReceipt, TYPE, jwks)
