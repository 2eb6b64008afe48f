"""The fullest rows of who follows whom."""

from datetime import UTC, datetime

from policies.vocabulary import Purpose
from region_node.features.social.model import Answer, FeedPlace, Follow, FollowRequest
from region_node.features.social.store import SocialStore
from region_node.ids import jurisdiction_of, new_id, new_person_id

MOST = 2**62
LONGEST_WORKOUT_ID = "w" * 64


async def fill_social(stores, tenant, person_id):
    home = jurisdiction_of(person_id)
    social = SocialStore(stores.of(tenant, home, Purpose.SOCIAL_FEED, rights=True))
    other_id = new_person_id("ca-qc")
    await social.put_follow(Follow(person_id=person_id, followed_id=other_id, version=MOST, active=True))
    await social.put_request(FollowRequest(person_id=person_id, follower_id=other_id, version=MOST), MOST)
    await social.put_answer(Answer(person_id=person_id, follower_id=other_id, version=MOST, accepted=True))
    await social.put_block(person_id, other_id)
    place = FeedPlace(
        person_id=person_id,
        started_at=datetime.now(UTC),
        author_id=other_id,
        workout_id=f"{LONGEST_WORKOUT_ID}{new_id()}",
    )
    await social.put_place(place)
