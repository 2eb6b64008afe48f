import pytest

from tests.support.receiving import receiving


@pytest.fixture
async def region(tmp_path):
    async with receiving(tmp_path) as opened:
        yield opened
