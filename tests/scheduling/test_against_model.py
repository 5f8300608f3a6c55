"""What is free agrees with the slow, obvious model, whatever the hours, zones, absences, bookings and terms."""

from dataclasses import replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from smoothbox.scheduling.availability import Diary, bookable, free_starts, judge
from smoothbox.scheduling.hours import days_window, whole_days
from smoothbox.scheduling.intervals import clip

from .drawing import STEADY, questions, questions_of_seconds
from .model import Model, Question

THOROUGH = settings(STEADY, max_examples=300)


def diary_of(question: Question) -> Diary:
    closed = whole_days(question.closures, question.business)
    return Diary(question.hours, closed, question.time_off, question.busy)


def asked(question: Question) -> list[int]:
    """The question put to the code under test, as the list of availability does it."""
    window = days_window(question.first, question.last, question.asked_in)
    allowed = bookable(question.terms, question.now, question.business)
    diary = diary_of(question)
    return [start for part in clip([window], allowed) for start in free_starts(diary, question.terms, part)]


def verdict(question: Question, start: int) -> str | None:
    return judge(diary_of(question), question.terms, start, question.now, question.business)


def candidates(question: Question, model: Model) -> list[int]:
    """Starts worth judging: some of the grid, and an instant beside each."""
    asked_for = [start for start in sorted(model.grid) if model.is_asked(start)]
    some = asked_for[:: 1 + len(asked_for) // 12]
    return [start + shift for start in some for shift in (0, question.tick)]


@THOROUGH
@given(questions())
def test_it_offers_exactly_what_the_model_offers(question: Question) -> None:
    expected = Model(question).free_starts()
    event("something is free" if expected else "nothing is free")
    assert asked(question) == expected


@THOROUGH
@given(questions_of_seconds())
def test_it_agrees_with_the_model_to_the_second(question: Question) -> None:
    expected = Model(question).free_starts()
    event("something is free" if expected else "nothing is free")
    assert asked(question) == expected


@STEADY
@given(questions())
def test_it_judges_a_start_as_free_exactly_when_the_model_does(question: Question) -> None:
    model = Model(question)
    for start in candidates(question, model):
        assert (verdict(question, start) is None) == model.is_free(start), start


@THOROUGH
@given(questions_of_seconds())
def test_it_judges_to_the_second_as_the_model_does(question: Question) -> None:
    model = Model(question)
    for start in candidates(question, model):
        assert (verdict(question, start) is None) == model.is_free(start), start


@STEADY
@given(questions())
def test_it_lists_exactly_the_starts_that_it_judges_as_free(question: Question) -> None:
    listed = set(asked(question))
    model = Model(question)
    for start in candidates(question, model):
        if model.is_asked(start):
            assert (verdict(question, start) is None) == (start in listed), start


@STEADY
@given(questions())
def test_its_reason_is_the_thing_that_stands_in_the_way(question: Question) -> None:
    without_bookings = replace(question, busy=())
    without_absences = replace(question, busy=(), time_off=())
    model = Model(question)
    for start in candidates(question, model):
        reason = verdict(question, start)
        event(str(reason))
        if reason == "booking":
            assert model.is_taken(start)
            assert verdict(without_bookings, start) is None
        elif reason == "time_off":
            assert not model.fits(start)
            assert verdict(without_absences, start) is None
        elif reason == "not_on_slot_grid":
            assert start not in model.grid
        elif reason == "outside_availability":
            assert not Model(without_absences).fits(start)
        elif reason is not None:
            assert not model.is_bookable(start)


@STEADY
@given(questions(), st.integers(-1500, 3000))
def test_a_longer_window_never_changes_the_answer_for_a_shorter_one(question: Question, minutes: int) -> None:
    whole = days_window(question.first, question.last, question.asked_in)
    middle = min(max(whole.start, whole.start + 60 * minutes), whole.end)
    diary = diary_of(question)
    parts = [whole._replace(end=middle), whole._replace(start=middle)]
    pieces = [start for part in parts for start in free_starts(diary, question.terms, part)]
    assert pieces == free_starts(diary, question.terms, whole)
