"""The times of an uploaded talk as moments in Asia/Shanghai. What a file does not say is not made up.

A time may be whole (2026-11-20 10:12:33), a clock time whose day stands elsewhere (上午10:12), or a place in a
recording ([00:01:23]), which is a moment only where the beginning of the call is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from heyue.settings import ZONE

EARLIEST, LATEST = 2000, 2100  # years between which a time is believed
HALVES = {  # hours in which the parts of a day lie: from, before
    "凌晨": (0, 7), "早上": (0, 12), "上午": (0, 12), "am": (0, 12), "中午": (10, 15), "下午": (12, 20),
    "傍晚": (15, 20), "晚上": (17, 24), "pm": (12, 24),
}  # fmt: skip
DAY = r"(?:\d{4}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}|(?:\d{4}\s?年\s?)?\d{1,2}\s?月\s?\d{1,2}\s?日)"
WEEKDAY = r"(?:[（(]?(?:星期|周|礼拜)[一二三四五六日天][)）]?)"
HALF = rf"(?:{'|'.join(HALVES)}|AM|PM)"
CLOCK = rf"(?:{HALF}\s?)?\d{{1,3}}\s?[:：时点]\s?\d{{1,2}}(?:\s?[:：分]\s?\d{{1,2}}(?:[.,]\d{{1,6}})?\s?秒?|\s?分|[.,]\d{{1,6}})?(?:\s?{HALF})?"
STAMP = rf"(?:{DAY}[T\s,，]{{0,3}}(?:{WEEKDAY}\s{{0,3}})?{CLOCK}|{CLOCK})"
WRITTEN_DAY = re.compile(rf"(?P<day>{DAY})[T\s,，]{{0,3}}(?:{WEEKDAY}\s{{0,3}})?")
WRITTEN_CLOCK = re.compile(CLOCK, re.IGNORECASE)


@dataclass(frozen=True)
class Stamp:
    """A time as written: year, month, day (no year: None first) and clock parts; None for what is missing."""

    day: tuple[int | None, int, int] | None
    clock: tuple[int, ...] | None


def read_stamp(said: str) -> Stamp | None:
    """The parts of a written time; None where it is none."""
    rest = said.strip()
    day = WRITTEN_DAY.match(rest)
    if day:
        rest = rest[day.end() :].strip()
    if rest and not WRITTEN_CLOCK.fullmatch(rest):
        return None
    if not day and not rest:
        return None
    return Stamp(day_parts(day["day"]) if day else None, clock_parts(rest) if rest else None)


def day_parts(said: str) -> tuple[int | None, int, int]:
    *year, month, day = (int(each) for each in re.findall(r"\d+", said))
    return (year[0] if year else None, month, day)


def clock_parts(said: str) -> tuple[int, ...]:
    """Hour, minute and second as far as given, in 24 hours: 下午3:05 -> (15, 5)."""
    plain = re.sub(r"[.,]\d+", "", said)  # parts of a second
    hour, *rest = (int(each) for each in re.findall(r"\d+", plain))
    half = re.search(HALF, said, re.IGNORECASE)
    if half and hour <= 12:
        first, end = HALVES[half[0].lower()]
        hour = next((each for each in (hour % 12, hour % 12 + 12) if first <= each < end), hour % 12)
    return (hour, *rest)


def whole_moment(said: str) -> datetime | None:
    """A moment in ISO 8601 (without offset: in Asia/Shanghai), seconds or milliseconds since 1970, or 20261120101233."""
    try:
        if said.isascii() and said.isdigit():
            at = numbered_moment(said)
        elif len(said) > 10:
            at = datetime.fromisoformat(said[:-1] + "+00:00" if said[-1] == "Z" else said)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    if at is None or not EARLIEST < at.year < LATEST:
        return None
    return at.astimezone(ZONE) if at.tzinfo else at.replace(tzinfo=ZONE)


def numbered_moment(digits: str) -> datetime | None:
    if len(digits) == 14:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=ZONE)
    if len(digits) in (10, 13):
        return datetime.fromtimestamp(int(digits[:10]), ZONE)
    return None


@dataclass
class TalkClock:
    """Turns the written times of one talk into moments, one after the other.

    `faults`: what could not be read, by code of transcript_problems.yml: line and words of the first.
    """

    day: date | None = None
    start: datetime | None = None
    counts_from_start: bool | None = None
    last: datetime | None = None
    faults: dict[str, tuple[int, str]] = field(default_factory=dict)

    def note(self, said: str) -> bool:
        """Take day and beginning of the talk from a header or a separating line; False where it holds no day."""
        stamp = read_stamp(said)
        at = whole_moment(said) or self.moment_with_day(stamp)
        day = at.date() if at else self.day_of(stamp)
        if day is None:
            return False
        self.day, self.last = day, None
        self.start = at or self.start
        return True

    def moment(self, said: str, line: int) -> datetime | None:
        """The moment that a turn's written time means, or None; what is wrong is kept in `faults`."""
        if not said:
            return None
        at = whole_moment(said)
        if at is None:
            stamp = read_stamp(said)
            at = self.moment_with_day(stamp) or self.moment_of_clock(stamp)
            if at is None:
                self.faults.setdefault(self.fault_of(stamp), (line, said))
        self.last = at or self.last
        return at

    def moment_with_day(self, stamp: Stamp | None) -> datetime | None:
        day = self.day_of(stamp)
        return at_clock(day, stamp.clock) if stamp and day and stamp.clock else None

    def moment_of_clock(self, stamp: Stamp | None) -> datetime | None:
        """The moment of a clock time on the talk's day, or of a place in the recording."""
        if stamp is None or stamp.clock is None or stamp.day:
            return None
        if self.counts_from_start is None:  # the first tells: nobody is called in the first minutes of a day
            self.counts_from_start = stamp.clock[0] == 0 or stamp.clock[0] > 23
        if self.counts_from_start:
            return self.start + since_start(stamp.clock) if self.start else None
        at = at_clock(self.day, stamp.clock) if self.day else None
        return self.past_midnight(at) if at else None

    def fault_of(self, stamp: Stamp | None) -> str:
        """Why a written time is no moment."""
        if stamp and stamp.clock is None:
            return "no_clock"
        if stamp and self.counts_from_start and not stamp.day:
            return "no_start"
        if stamp and not self.day and not (stamp.day and stamp.day[0]):
            return "no_day"
        return "time_unread"

    def past_midnight(self, at: datetime) -> datetime:
        """The same clock time on the next day where it would lie half a day before the turn before it."""
        if self.last and self.last - at > timedelta(hours=12):
            at += timedelta(days=1)
            self.day = at.date()
        return at

    def day_of(self, stamp: Stamp | None) -> date | None:
        """The day of a written time; one without a year takes the year of the talk."""
        if stamp is None or stamp.day is None:
            return None
        year = stamp.day[0] or (self.day.year if self.day else None)
        try:
            return date(year, *stamp.day[1:]) if year and EARLIEST < year < LATEST else None
        except ValueError:
            return None


def at_clock(day: date, clock: tuple[int, ...]) -> datetime | None:
    hour, minute, second = (*clock, 0)[:3]
    try:
        return datetime.combine(day, time(hour, minute, second), ZONE)
    except ValueError:
        return None


def since_start(clock: tuple[int, ...]) -> timedelta:
    """A place in a recording: hour, minute, second, or minute and second."""
    *hours, minutes, seconds = clock
    return timedelta(hours=hours[0] if hours else 0, minutes=minutes, seconds=seconds)
