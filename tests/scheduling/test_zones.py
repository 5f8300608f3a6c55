"""Worked values in zones of all kinds; each was worked out by hand from the dates on which clocks change."""

import pytest

from .notation import Case, hours, terms

HOURLY = terms("60/60")
HALF_HOURLY = terms("30/30")

NIGHTS = [
    Case(
        "Havana, where the spring night has no midnight",
        hours("America/Havana", "daily 00-04"),
        HOURLY,
        "2027-03-14",
        "Sun CDT 01:00 02:00 03:00",
    ),
    Case(
        "Havana, across the midnight that is missing",
        hours("America/Havana", "Sat 22-02"),
        HOURLY,
        "2027-03-13/2027-03-14",
        "Sat CST 22:00 23:00 Sun CDT 01:00",
    ),
    Case(
        "Havana, where the autumn night has two midnights",
        hours("America/Havana", "daily 00-03"),
        HOURLY,
        "2027-11-07",
        "Sun CDT 00:00 CST 00:00 01:00 02:00",
    ),
    Case(
        "Beirut, where an hour before midnight comes twice",
        hours("Asia/Beirut", "daily 22-24"),
        HOURLY,
        "2027-10-30",
        "Sat EEST 22:00 23:00 EET 23:00",
    ),
    Case(
        "Beirut, until a midnight that is missing",
        hours("Asia/Beirut", "Sat 21-24; Sun 09-10"),
        HOURLY,
        "2027-03-27/2027-03-28",
        "Sat EET 21:00 22:00 23:00 Sun EEST 09:00",
    ),
    Case(
        "Cairo, across the midnight that is missing",
        hours("Africa/Cairo", "Thu 22-03"),
        HOURLY,
        "2027-04-29/2027-04-30",
        "Thu EET 22:00 23:00 Fri EEST 01:00 02:00",
    ),
    Case(
        "Cairo, across the hour before midnight that comes twice",
        hours("Africa/Cairo", "Thu 22-01"),
        HOURLY,
        "2027-10-28/2027-10-29",
        "Thu EEST 22:00 23:00 EET 23:00 Fri 00:00",
    ),
    Case(
        "Lord Howe, where autumn gives half an hour back",
        hours("Australia/Lord_Howe", "daily 00-04"),
        HALF_HOURLY,
        "2027-04-04",
        "Sun +11 00:00 00:30 01:00 01:30 +1030 01:30 02:00 02:30 03:00 03:30",
    ),
    Case(
        "Lord Howe, where whole hours stand on the half after the spring night",
        hours("Australia/Lord_Howe", "daily 00-05"),
        HOURLY,
        "2027-10-03",
        "Sun +1030 00:00 01:00 +11 02:30 03:30",
    ),
    Case(
        "Chatham in spring",
        hours("Pacific/Chatham", "daily 02-06"),
        HOURLY,
        "2027-09-26",
        "Sun +1245 02:00 +1345 04:00 05:00",
    ),
    Case(
        "Chatham in autumn",
        hours("Pacific/Chatham", "daily 02-04"),
        HOURLY,
        "2027-04-04",
        "Sun +1345 02:00 03:00 +1245 03:00",
    ),
    Case(
        "Santiago, a southern spring night without midnight",
        hours("America/Santiago", "daily 00-03"),
        HOURLY,
        "2027-09-05",
        "Sun -03 01:00 02:00",
    ),
    Case(
        "Santiago, a southern autumn night",
        hours("America/Santiago", "Sat 22-24"),
        HOURLY,
        "2027-04-03",
        "Sat -03 22:00 23:00 -04 23:00",
    ),
    Case(
        "Sydney in October",
        hours("Australia/Sydney", "Sun 01-05"),
        HOURLY,
        "2027-10-03",
        "Sun AEST 01:00 AEDT 03:00 04:00",
    ),
    Case(
        "Dublin, whose winter is the exception, in spring",
        hours("Europe/Dublin", "daily 00-04"),
        HOURLY,
        "2027-03-28",
        "Sun GMT 00:00 IST 02:00 03:00",
    ),
    Case(
        "Dublin in autumn",
        hours("Europe/Dublin", "daily 00-03"),
        HOURLY,
        "2027-10-31",
        "Sun IST 00:00 01:00 GMT 01:00 02:00",
    ),
    Case(
        "Casablanca, whose clocks go back for Ramadan",
        hours("Africa/Casablanca", "daily 01-05"),
        HOURLY,
        "2027-02-07",
        "Sun +01 01:00 02:00 +00 02:00 03:00 04:00",
    ),
    Case(
        "Apia, which skipped a Friday",
        hours("Pacific/Apia", "daily 09-12"),
        HOURLY,
        "2011-12-29/2011-12-31",
        "Thu -10 09:00 10:00 11:00 Sat +14 09:00 10:00 11:00",
        now="2011-12-01T12:00Z",
    ),
    Case(
        "Apia, asked for nothing but the Friday",
        hours("Pacific/Apia", "daily 09-12"),
        HOURLY,
        "2011-12-30",
        "",
        now="2011-12-01T12:00Z",
    ),
    Case(
        "Apia, a night that begins before the Friday and ends after it",
        hours("Pacific/Apia", "Thu 22-02"),
        HOURLY,
        "2011-12-29/2011-12-31",
        "Thu -10 22:00 23:00",
        now="2011-12-01T12:00Z",
        closures=["2011-12-31"],
    ),
]

ELSEWHERE = [
    Case(
        "Kathmandu asked from Kolkata, a quarter of an hour away",
        hours("Asia/Kathmandu", "Tue 22-01"),
        terms("90/45"),
        "2027-05-04",
        "Tue IST 21:45 22:30 23:15",
        asked_in="Asia/Kolkata",
    ),
    Case(
        "Pago Pago asked from Kiritimati, a day and an hour ahead",
        hours("Pacific/Pago_Pago", "Tue 09-12"),
        HOURLY,
        "2027-01-06",
        "Wed +14 10:00 11:00 12:00",
        asked_in="Pacific/Kiritimati",
    ),
    Case(
        "Pago Pago asked from Kiritimati for the wrong day",
        hours("Pacific/Pago_Pago", "Tue 09-12"),
        HOURLY,
        "2027-01-05",
        "",
        asked_in="Pacific/Kiritimati",
    ),
    Case(
        "Kiritimati asked from Pago Pago: the day before",
        hours("Pacific/Kiritimati", "Wed 10-13"),
        HOURLY,
        "2027-01-05",
        "Tue SST 09:00 10:00 11:00",
        asked_in="Pacific/Pago_Pago",
    ),
    Case(
        "New York's spring night asked from Lord Howe",
        hours("America/New_York", "daily 00-06"),
        HOURLY,
        "2027-03-14",
        "Sun +11 16:00 17:00 18:00 19:00 20:00",
        asked_in="Australia/Lord_Howe",
    ),
    Case(
        "a resource in Honolulu, a closure in Auckland",
        hours("Pacific/Honolulu", "daily 09-17"),
        terms("240/240"),
        "2027-01-05/2027-01-06",
        "Wed HST 09:00 13:00",
        closures=["2027-01-06"],
        business="Pacific/Auckland",
    ),
    Case(
        "a closure of a business whose day has twenty-five hours",
        hours("UTC", "daily 00-24"),
        terms("180/180"),
        "2027-11-07/2027-11-08",
        "Sun UTC 00:00 Mon 06:00 09:00 12:00 15:00 18:00 21:00",
        closures=["2027-11-07"],
        business="America/New_York",
    ),
    Case(
        "a closure of a business whose day begins at one o'clock",
        hours("UTC", "daily 00-24"),
        terms("180/60"),
        "2027-03-14",
        "Sun UTC 00:00 01:00 02:00",
        closures=["2027-03-14"],
        business="America/Havana",
    ),
    Case(
        "an hour before midnight in Kiritimati, tomorrow is the last bookable date",
        hours("Pacific/Pago_Pago", "daily 09-12"),
        terms("60/60", advance=1),
        "2027-01-03/2027-01-09",
        "Mon SST 09:00 10:00 11:00",  # until Tuesday's end at 10:00Z; Monday's hours begin at 20:00Z
        business="Pacific/Kiritimati",
        now="2027-01-04T09:00Z",
    ),
    Case(
        "at midnight in Kiritimati, one more date",
        hours("Pacific/Pago_Pago", "daily 09-12"),
        terms("60/60", advance=1),
        "2027-01-03/2027-01-09",
        "Mon SST 09:00 10:00 11:00 Tue 09:00 10:00 11:00",
        business="Pacific/Kiritimati",
        now="2027-01-04T10:00Z",
    ),
]

DAYS = [
    Case(
        "four intervals, some of which touch, one at midnight",
        hours("UTC", "daily 00-02 08-12 12-16 22-24"),
        terms("120/60"),
        "2027-01-05",
        "Tue UTC 00:00 08:00 09:00 10:00 11:00 12:00 13:00 14:00 22:00 23:00",
    ),
    Case(
        "three intervals that touch, and a service as long as all of them",
        hours("UTC", "Tue 09-10 10-11 11-12"),
        terms("180/30"),
        "2027-01-05",
        "Tue UTC 09:00",
    ),
    Case(
        "intervals that overlap, each with its own grid",
        hours("UTC", "daily 09-12 10:20-13"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 09:00 10:00 10:20 11:00 11:20",
    ),
    Case(
        "a short interval within a long one",
        hours("UTC", "daily 09-13 10:30-11"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 09:00 10:00 10:30 11:00 12:00",
    ),
    Case(
        "the same interval twice",
        hours("UTC", "daily 09-11 09-11"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 09:00 10:00",
    ),
    Case(
        "a step longer than the interval",
        hours("UTC", "daily 09-12 13-14"),
        terms("30/240"),
        "2027-01-05",
        "Tue UTC 09:00 13:00",
    ),
    Case(
        "a service longer than a day, in a shop that never shuts",
        hours("UTC", "daily 00-24"),
        terms("2880/720"),
        "2027-01-05",
        "Tue UTC 00:00 12:00",
    ),
    Case(
        "the night before, and the morning after it",
        hours("UTC", "Mon 20-03; Tue 02-04"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 00:00 01:00 02:00 03:00",
    ),
    Case(
        "absences that overlap",
        hours("UTC", "daily 09-14"),
        terms("60/30"),
        "2027-01-05",
        "Tue UTC 11:30 12:00 12:30 13:00",
        time_off=["2027-01-05T10:00Z/11:15Z", "2027-01-05T09:30Z/10:30Z", "2027-01-05T10:10Z/10:20Z"],
    ),
    Case(
        "an absence within another, and a booking after both",
        hours("UTC", "daily 09-15"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 09:00 14:00",
        time_off=["2027-01-05T10:00Z/12:30Z", "2027-01-05T11:00Z/11:30Z"],
        booked=["2027-01-05T13:59Z/14:00Z"],
    ),
    Case(
        "bookings that overlap, the longest of them first",
        hours("UTC", "daily 09-15"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 09:00 14:00",
        booked=["2027-01-05T10:00Z/13:30Z", "2027-01-05T10:30Z/10:45Z", "2027-01-05T11:00Z/11:15Z"],
    ),
    Case(
        "a closed day with hours of its own stays closed",
        hours("UTC", "daily 09-12", {"2027-01-05": "14-16"}),
        HOURLY,
        "2027-01-04/2027-01-06",
        "Wed UTC 09:00 10:00 11:00",
        closures=["2027-01-05"],
    ),
    Case(
        "an exception opens a day that is shut",
        hours("UTC", "Mon-Fri 09-10", {"2027-01-09": "10-12"}),
        HOURLY,
        "2027-01-08/2027-01-10",
        "Fri UTC 09:00 Sat 10:00 11:00",
    ),
    Case(
        "an exception that runs into the next day",
        hours("UTC", "daily 09-10", {"2027-01-05": "23-02"}),
        HOURLY,
        "2027-01-05/2027-01-06",
        "Tue UTC 23:00 Wed 00:00 01:00 09:00",
    ),
]


@pytest.mark.parametrize("case", NIGHTS, ids=str)
def test_it_is_right_on_nights_when_clocks_change(case: Case) -> None:
    assert case.free() == case.answer


@pytest.mark.parametrize("case", ELSEWHERE, ids=str)
def test_it_is_right_when_zones_differ(case: Case) -> None:
    assert case.free() == case.answer


@pytest.mark.parametrize("case", DAYS, ids=str)
def test_it_is_right_on_days_of_every_shape(case: Case) -> None:
    assert case.free() == case.answer
