"""What athletes of two jurisdictions do from sign-up to statistics, over HTTP, on a whole node."""

from tests.support.node import signed_in
from tests.support.workout_files import run_fit


async def test_a_file_becomes_a_workout(node):
    async with signed_in(node) as ana:
        upload = await ana.upload(run_fit(), "run.fit")
        assert "done" == upload["state"]
        assert 1 == len(await ana.all("/v1/workouts"))
