"""What is missing from or doubtful about a workout that was imported all the same."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from locales.messages import N_


class NoticeCode(StrEnum):
    """Values are stored and shown: add, never rename."""

    CHECKSUM = "checksum"
    TRUNCATED = "truncated"
    CORRUPT_RECORDS = "corrupt_records"
    TRAILING_DATA = "trailing_data"
    EXTENSION_MISMATCH = "extension_mismatch"
    CLOCK_NOT_SET = "clock_not_set"
    TIME_IN_FUTURE = "time_in_future"
    TIME_JUMP = "time_jump"
    TIME_NOT_MONOTONIC = "time_not_monotonic"
    NO_TIME = "no_time"
    NO_SESSION = "no_session"
    NO_SAMPLES = "no_samples"
    TIME_LIMIT = "time_limit"
    INVALID_POSITION = "invalid_position"
    IMPLAUSIBLE_SPEED = "implausible_speed"
    IMPLAUSIBLE_VALUE = "implausible_value"
    SUMMARY_DISAGREES = "summary_disagrees"


DETAILS = {
    NoticeCode.CHECKSUM: N_("A checksum of the file is wrong: some values may have changed on the way."),
    NoticeCode.TRUNCATED: N_("The file is cut off: what came before was imported."),
    NoticeCode.CORRUPT_RECORDS: N_("The file is damaged: what came before the damage was imported."),
    NoticeCode.TRAILING_DATA: N_("After the workout the file holds data that is not part of it."),
    NoticeCode.EXTENSION_MISMATCH: N_("The name of the file promises another format than it has."),
    NoticeCode.CLOCK_NOT_SET: N_("The clock of the device was never set: please enter the start."),
    NoticeCode.TIME_IN_FUTURE: N_("The workout lies in the future: please check its start."),
    NoticeCode.TIME_JUMP: N_("The time jumps by days: the larger part was imported."),
    NoticeCode.TIME_NOT_MONOTONIC: N_("The time runs backwards in places: samples were put in order."),
    NoticeCode.NO_TIME: N_("Most samples have no time: no figure was computed from it."),
    NoticeCode.NO_SESSION: N_("The device's summary is missing: all figures were computed."),
    NoticeCode.NO_SAMPLES: N_("The file has a summary but no samples."),
    NoticeCode.TIME_LIMIT: N_("Reading took too long: what had been read by then was imported."),
    NoticeCode.INVALID_POSITION: N_("Some positions do not exist on earth and were left out."),
    NoticeCode.IMPLAUSIBLE_SPEED: N_("The speed is not plausible for this sport."),
    NoticeCode.IMPLAUSIBLE_VALUE: N_("Some values are hardly possible. They were kept."),
    NoticeCode.SUMMARY_DISAGREES: N_("The device's summary differs from what its samples say."),
}


class Notice(msgspec.Struct, frozen=True):
    """``detail`` is a message id without placeholders, translated where a person reads it."""

    code: NoticeCode
    detail: str


def notices(codes: Iterable[NoticeCode]) -> list[Notice]:
    """Each code once, in the order in which the codes are declared."""
    given = set(codes)
    return [Notice(code, DETAILS[code]) for code in NoticeCode if code in given]
