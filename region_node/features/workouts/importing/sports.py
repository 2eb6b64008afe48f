"""Sports of GPX and TCX in the words of the FIT profile."""

_SPORTS: dict[str, tuple[str, str]] = {
    "running": ("running", "generic"),
    "run": ("running", "generic"),
    "jogging": ("running", "generic"),
    "trailrunning": ("running", "trail"),
    "trailrun": ("running", "trail"),
    "treadmillrunning": ("running", "treadmill"),
    "trackrunning": ("running", "track"),
    "virtualrun": ("running", "virtual_activity"),
    "cycling": ("cycling", "generic"),
    "biking": ("cycling", "generic"),
    "bike": ("cycling", "generic"),
    "ride": ("cycling", "generic"),
    "roadbiking": ("cycling", "road"),
    "roadcycling": ("cycling", "road"),
    "mountainbiking": ("cycling", "mountain"),
    "gravelcycling": ("cycling", "gravel_cycling"),
    "indoorcycling": ("cycling", "indoor_cycling"),
    "virtualride": ("cycling", "virtual_activity"),
    "ebikeride": ("e_biking", "generic"),
    "ebiking": ("e_biking", "generic"),
    "walking": ("walking", "generic"),
    "walk": ("walking", "generic"),
    "hiking": ("hiking", "generic"),
    "hike": ("hiking", "generic"),
    "swimming": ("swimming", "generic"),
    "swim": ("swimming", "generic"),
    "lapswimming": ("swimming", "lap_swimming"),
    "poolswimming": ("swimming", "lap_swimming"),
    "openwaterswimming": ("swimming", "open_water"),
    "rowing": ("rowing", "generic"),
    "indoorrowing": ("rowing", "indoor_rowing"),
    "kayaking": ("kayaking", "generic"),
    "paddling": ("paddling", "generic"),
    "standuppaddleboarding": ("stand_up_paddleboarding", "generic"),
    "alpineskiing": ("alpine_skiing", "generic"),
    "crosscountryskiing": ("cross_country_skiing", "generic"),
    "nordicskiing": ("cross_country_skiing", "generic"),
    "snowboarding": ("snowboarding", "generic"),
    "snowshoeing": ("snowshoeing", "generic"),
    "inlineskating": ("inline_skating", "generic"),
    "iceskating": ("ice_skating", "generic"),
    "strengthtraining": ("training", "strength_training"),
    "yoga": ("training", "yoga"),
    "elliptical": ("fitness_equipment", "elliptical"),
    "multisport": ("multisport", "generic"),
    "transition": ("transition", "generic"),
}

GENERIC = ("generic", "generic")

_STRAVA_NUMBERS = {"1": "ride", "4": "hike", "9": "run", "10": "walk", "16": "swim"}
"""Strava's GPX exports name the kind of activity by number."""


def sport_named(text: str | None, creator: str | None = None) -> tuple[str, str]:
    """Sport and sub-sport by the name the program *creator* wrote; generic for a name that is not known."""
    if not text:
        return GENERIC
    if creator is not None and creator.startswith("Strava"):
        text = _STRAVA_NUMBERS.get(text.strip(), text)
    return _SPORTS.get("".join(one for one in text.lower() if one.isalpha()), GENERIC)
