"""An invented activity as GPX and as TCX, as programs export them."""

from datetime import UTC, datetime

from cli.demo_model import DemoActivity, DemoLap, DemoPoint, DemoSport

_TCX_SPORTS = {DemoSport.RUN: "Running", DemoSport.RIDE: "Biking", DemoSport.SWIM: "Other"}


def iso_time(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def activity_as_gpx(activity: DemoActivity) -> bytes:
    """Two segments: before and after the pause."""
    before = [point for point in activity.points if point.time_s <= activity.pause_s[0]]
    after = [point for point in activity.points if point.time_s > activity.pause_s[0]]
    segments = "".join(
        f"<trkseg>{''.join(map(_trackpoint, points))}</trkseg>" for points in (before, after) if points
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="Meridian demo" xmlns="http://www.topografix.com/GPX/1/1"'
        ' xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">'
        f"<trk><type>{activity.sport}</type>{segments}</trk></gpx>\n"
    ).encode()


def _trackpoint(point: DemoPoint) -> str:
    power = "" if point.power_w is None else f"<power>{point.power_w}</power>"
    return (
        f'<trkpt lat="{point.latitude_deg:.7f}" lon="{point.longitude_deg:.7f}">'
        f"<ele>{point.altitude_m:.1f}</ele><time>{iso_time(point.time_s)}</time>"
        f"<extensions>{power}<gpxtpx:TrackPointExtension><gpxtpx:hr>{point.heart_rate_bpm}</gpxtpx:hr>"
        f"<gpxtpx:cad>{point.cadence_rpm}</gpxtpx:cad></gpxtpx:TrackPointExtension></extensions></trkpt>"
    )


def activity_as_tcx(activity: DemoActivity) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"'
        ' xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2"><Activities>'
        f'<Activity Sport="{_TCX_SPORTS[activity.sport]}"><Id>{iso_time(activity.points[0].time_s)}</Id>'
        f"{''.join(map(_tcx_lap, activity.laps))}"
        "<Creator><Name>Meridian demo</Name></Creator></Activity></Activities></TrainingCenterDatabase>\n"
    ).encode()


def _tcx_lap(lap: DemoLap) -> str:
    return (
        f'<Lap StartTime="{iso_time(lap.points[0].time_s)}">'
        f"<TotalTimeSeconds>{lap.timer_s}</TotalTimeSeconds>"
        f"<DistanceMeters>{lap.distance_m:.2f}</DistanceMeters><Calories>{round(lap.timer_s / 6)}</Calories>"
        f"<AverageHeartRateBpm><Value>{lap.heart_rate_avg_bpm}</Value></AverageHeartRateBpm>"
        f"<MaximumHeartRateBpm><Value>{lap.heart_rate_max_bpm}</Value></MaximumHeartRateBpm>"
        f"<Intensity>Active</Intensity><Track>{''.join(map(_tcx_point, lap.points))}</Track></Lap>"
    )


def _tcx_point(point: DemoPoint) -> str:
    watts = "" if point.power_w is None else f"<ns3:Watts>{point.power_w}</ns3:Watts>"
    return (
        f"<Trackpoint><Time>{iso_time(point.time_s)}</Time><Position>"
        f"<LatitudeDegrees>{point.latitude_deg:.7f}</LatitudeDegrees>"
        f"<LongitudeDegrees>{point.longitude_deg:.7f}</LongitudeDegrees></Position>"
        f"<AltitudeMeters>{point.altitude_m:.1f}</AltitudeMeters>"
        f"<DistanceMeters>{point.distance_m:.2f}</DistanceMeters>"
        f"<HeartRateBpm><Value>{point.heart_rate_bpm}</Value></HeartRateBpm>"
        f"<Cadence>{point.cadence_rpm}</Cadence><Extensions><ns3:TPX><ns3:Speed>{point.speed_mps:.3f}</ns3:Speed>"
        f"{watts}</ns3:TPX></Extensions></Trackpoint>"
    )
