//! Quotas: so many requests in a day, a week or a month of the calendar.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>

use crate::throttle::BucketId;
use fanlight_definition::resources::{Quota, QuotaPeriod};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// The days in which requests count together. Days are numbered from 1970-01-01, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub start: i32,
    /// The first day after it.
    pub end: i32,
}

/// A request to be counted.
#[derive(Debug, Clone, Copy)]
pub struct Counter<'a> {
    /// Plan and key in short.
    pub id: BucketId,
    /// The plan.
    pub plan_id: &'a str,
    /// The key.
    pub key_id: &'a str,
    /// The days in which requests count together.
    pub window: Window,
    /// The day of the request.
    pub day: i32,
    /// The most requests of the window.
    pub limit: u64,
}

/// Whether a request was within its quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It was, and has been counted.
    Counted,
    /// The quota is exhausted.
    Exceeded,
}

/// Why nobody could tell. The reason is for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountFailure(pub String);

/// The day of a time in milliseconds since 1970.
#[must_use]
pub fn day(unix_ms: i64) -> i32 {
    i32::try_from(unix_ms.div_euclid(24 * 60 * 60 * 1_000)).unwrap_or(i32::MAX)
}

/// The window that a day lies in. A week begins on a Sunday and a month on the first, or `offset` days later.
#[must_use]
pub fn window(quota: Quota, day: i32) -> Window {
    match quota.period {
        QuotaPeriod::Day => Window { start: day, end: day.saturating_add(1) },
        QuotaPeriod::Week => {
            // 1970-01-01 was a Thursday.
            let weekday = day.saturating_add(4).saturating_sub_unsigned(quota.offset).rem_euclid(7);
            let start = day.saturating_sub(weekday);
            Window { start, end: start.saturating_add(7) }
        }
        QuotaPeriod::Month => {
            month(day, quota.offset).unwrap_or_else(|| Window { start: day, end: day.saturating_add(1) })
        }
    }
}

/// `None` for days that no calendar has.
fn month(day: i32, offset: u32) -> Option<Window> {
    let date = Timestamp::from_second(i64::from(day) * 24 * 60 * 60).ok()?.to_zoned(TimeZone::UTC).date();
    let shifted = date.checked_sub(i64::from(offset).days()).ok()?;
    let first = shifted.first_of_month();
    let next = first.checked_add(1.month()).ok()?;
    let offset = i32::try_from(offset).ok()?;
    Some(Window { start: number(first)?.checked_add(offset)?, end: number(next)?.checked_add(offset)? })
}

fn number(date: Date) -> Option<i32> {
    date.to_zoned(TimeZone::UTC).ok().map(|midnight| day(midnight.timestamp().as_millisecond()))
}

/// As AWS's log shows it.
#[must_use]
pub const fn period(period: QuotaPeriod) -> &'static str {
    match period {
        QuotaPeriod::Day => "DAY",
        QuotaPeriod::Week => "WEEK",
        QuotaPeriod::Month => "MONTH",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn of(year: i16, month: i8, day: i8) -> i32 {
        number(date(year, month, day)).unwrap()
    }

    fn check(period: QuotaPeriod, offset: u32, today: (i16, i8, i8), start: (i16, i8, i8), end: (i16, i8, i8)) {
        let found = window(Quota { limit: 1, offset, period }, of(today.0, today.1, today.2));
        let expected = Window { start: of(start.0, start.1, start.2), end: of(end.0, end.1, end.2) };
        assert_eq!(found, expected, "{period:?} + {offset} on {today:?}");
    }

    #[test]
    fn windows_of_the_calendar() {
        use QuotaPeriod::{Day, Month, Week};
        check(Day, 0, (2026, 11, 22), (2026, 11, 22), (2026, 11, 23));
        // 2026-11-22 is a Sunday.
        check(Week, 0, (2026, 11, 22), (2026, 11, 22), (2026, 11, 29));
        check(Week, 0, (2026, 11, 21), (2026, 11, 15), (2026, 11, 22));
        check(Week, 1, (2026, 11, 22), (2026, 11, 16), (2026, 11, 23));
        check(Week, 1, (2026, 11, 23), (2026, 11, 23), (2026, 11, 30));
        check(Week, 6, (2026, 11, 22), (2026, 11, 21), (2026, 11, 28));
        check(Month, 0, (2026, 11, 30), (2026, 11, 1), (2026, 12, 1));
        check(Month, 0, (2024, 2, 29), (2024, 2, 1), (2024, 3, 1));
        check(Month, 14, (2026, 11, 14), (2026, 10, 15), (2026, 11, 15));
        check(Month, 14, (2026, 11, 15), (2026, 11, 15), (2026, 12, 15));
        check(Month, 27, (2026, 3, 27), (2026, 2, 28), (2026, 3, 28));
        check(Month, 27, (2027, 1, 1), (2026, 12, 28), (2027, 1, 28));
    }

    #[test]
    fn days_begin_at_midnight_of_utc() {
        assert_eq!([day(-1), day(0), day(86_399_999), day(86_400_000)], [-1, 0, 0, 1]);
    }

    proptest! {
        /// Windows tile time: each day lies in its own, and the next window begins where it ends.
        #[test]
        fn every_day_has_one_window(day in -10_000_i32..60_000, offset in 0_u32..7, kind in 0..3) {
            let period = [QuotaPeriod::Day, QuotaPeriod::Week, QuotaPeriod::Month][usize::try_from(kind).unwrap()];
            let quota = Quota { limit: 1, offset, period };
            let found = window(quota, day);
            prop_assert!(found.start <= day && day < found.end);
            prop_assert_eq!(window(quota, found.start), found);
            prop_assert_eq!(window(quota, found.end - 1), found);
            prop_assert_eq!(window(quota, found.end).start, found.end);
        }
    }
}
