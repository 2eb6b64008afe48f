"""Why a workout does not count, in words: the owner reads it beside the workout."""

from enum import StrEnum

from locales.messages import N_


class Exclusion(StrEnum):
    """Values are stored and shown: add, never rename."""

    DELETED = "deleted"
    NO_START = "no-start"
    OTHER_SPORT = "other-sport"
    OUTSIDE_WINDOW = "outside-window"
    BEFORE_JOINING = "before-joining"
    TOO_LATE = "too-late"
    DUPLICATE = "duplicate"
    NO_FIGURE = "no-figure"
    TOO_LITTLE = "too-little"
    BY_HAND = "by-hand"
    INDOOR = "indoor"
    TOO_FAST = "too-fast"
    IMPLAUSIBLE = "implausible"
    TIME_IN_DOUBT = "time-in-doubt"
    GAP = "gap"


EXCLUSION_TEXTS = {
    Exclusion.DELETED: N_("The workout was deleted."),
    Exclusion.NO_START: N_("It is not known when the workout began: please enter its start."),
    Exclusion.OTHER_SPORT: N_("The challenge is for other sports."),
    Exclusion.OUTSIDE_WINDOW: N_("The workout did not begin on a day of the challenge."),
    Exclusion.BEFORE_JOINING: N_("The workout began before you joined, and only what comes later counts."),
    Exclusion.TOO_LATE: N_("The workout arrived, or was changed, after the challenge had closed."),
    Exclusion.DUPLICATE: N_("It is a second recording of a workout that counts already."),
    Exclusion.NO_FIGURE: N_("The workout does not have the figure that the challenge adds up."),
    Exclusion.TOO_LITTLE: N_("The workout is shorter than the challenge asks for."),
    Exclusion.BY_HAND: N_("Workouts that were entered by hand do not count."),
    Exclusion.INDOOR: N_("Indoor and virtual workouts do not count."),
    Exclusion.TOO_FAST: N_("It is faster than the best in the world: please check its sport and figures."),
    Exclusion.IMPLAUSIBLE: N_("Its recording has values that are hardly possible."),
    Exclusion.TIME_IN_DOUBT: N_("The times of its recording cannot be trusted."),
    Exclusion.GAP: N_("The recording has no position for longer than the challenge allows."),
}
