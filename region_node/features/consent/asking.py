"""What routes of people for themselves and of guardians for a child have in common."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from policies.vocabulary import DataCategory, Purpose
from region_node.features.consent.acts import About
from region_node.features.consent.model import MAX_RECIPIENT_CHARS
from region_node.features.consent.problems import NotAsked
from region_node.features.consent.resources import ConsentList, consent_resource
from region_node.features.consent.service import ConsentService
from region_node.http.call import Call
from region_node.ids import jurisdiction_of

Recipient = Annotated[str, Meta(max_length=MAX_RECIPIENT_CHARS, pattern="^[a-z0-9][a-z0-9.-]*$")]
NoticeRef = Annotated[str, Meta(max_length=80, pattern="^[a-z-]+/[0-9]{1,4}/[A-Za-z-]{2,8}$")]


class Give(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`notice` names the text that the person was shown: id, version and language."""

    notice: NoticeRef
    category: DataCategory | None = None
    recipient: Recipient | None = None
    method: Literal["api", "web"] = "api"


class AboutQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without a category the purpose is meant with all its categories."""

    category: DataCategory | None = None
    recipient: Recipient | None = None


async def consent_list(service: ConsentService, call: Call, person_id: str) -> ConsentList:
    """What *person_id* can be asked for, in the reader's language."""
    standing, view = await service.overview(call.tenant.id, person_id, call.language)
    return ConsentList(
        jurisdiction=jurisdiction_of(person_id),
        country=standing.country,
        guardian=bool(standing.guardian_id),
        restricted=standing.restricted,
        signals=[*standing.signals],
        items=[consent_resource(asked, call.translate) for asked in view],
    )


def purpose_in(call: Call) -> Purpose:
    """The purpose in the path. Raises NotAsked."""
    try:
        return Purpose(call.path["purpose"])
    except ValueError:
        raise NotAsked from None


def about_in(call: Call, category: DataCategory | None, recipient: str | None) -> About:
    """What is meant by path and body. Raises NotAsked."""
    return About(purpose=purpose_in(call), category=category, recipient=recipient or "")
