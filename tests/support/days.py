"""Days of somebody's workouts on the clocks of places, for streaks."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from region_node.efforts import instant_ms
from region_node.features.achievements.days import days_of
from region_node.features.achievements.model import Moment
from tests.support.efforts import effort


def ran(local, place):
    """An hour's run from *local* (``2026-06-01 08:00``) on the clock of *place*."""
    started_at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(place))
    offset_s = int(started_at.utcoffset() / timedelta(seconds=1))
    return effort(f"{local} {place}", started_at=started_at.astimezone(ZoneInfo("UTC")), offset_s=offset_s)


def days(*runs):
    """The days of runs that are written ``(local, place)``, earliest first."""
    found = days_of(ran(*run) for run in runs)
    return [found[day] for day in sorted(found)]


def moment(local, place):
    run = ran(local, place)
    return Moment(at_ms=instant_ms(run.started_at), offset_s=run.offset_s)
