"""What the API shows of follows and of the feed."""

from datetime import datetime

import msgspec

from region_node.features.social.model import FollowState


class PersonItem(msgspec.Struct, frozen=True, kw_only=True):
    """`display_name` is null where the person does not show it, or it is not here at the moment."""

    person_id: str
    state: FollowState
    display_name: str | None = None


class PersonList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[PersonItem]
    next_cursor: str | None = None


class BlockItem(msgspec.Struct, frozen=True, kw_only=True):
    person_id: str


class BlockList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[BlockItem]
    next_cursor: str | None = None


class FeedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A workout of somebody whom the reader follows; what they do not share is null."""

    person_id: str
    workout_id: str
    started_at: datetime
    display_name: str | None = None
    sport: str | None = None
    title: str | None = None
    distance_m: float | None = None
    moving_s: float | None = None
    ascent_m: float | None = None


class FeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page may have fewer items than were asked for, or none, and yet a cursor."""

    items: list[FeedItem]
    next_cursor: str | None = None
