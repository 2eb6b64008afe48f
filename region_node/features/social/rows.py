"""Rows of the tables as what they mean."""

from region_node.features.social.model import Answer, FeedPlace, Follow, FollowRequest
from region_node.storage.engine import Row
from region_node.storage.values import instant, number, text


def follow_of(row: Row) -> Follow:
    return Follow(
        person_id=text(row, "person_id"),
        followed_id=text(row, "followed_id"),
        version=number(row, "version"),
        active=bool(row["active"]),
    )


def request_of(row: Row, follower_id: str) -> FollowRequest:
    return FollowRequest(
        person_id=text(row, "person_id"),
        follower_id=follower_id,
        version=number(row, "version"),
    )


def answer_of(row: Row) -> Answer:
    return Answer(
        person_id=text(row, "person_id"),
        follower_id=text(row, "follower_id"),
        version=number(row, "version"),
        accepted=bool(row["accepted"]),
    )


def place_of(row: Row) -> FeedPlace:
    return FeedPlace(
        person_id=text(row, "person_id"),
        started_at=instant(row, "started_at"),
        author_id=text(row, "author_id"),
        workout_id=text(row, "workout_id"),
    )
