"""What is free agrees with the slow, obvious model, whatever the hours, zones, absences, bookings, sessions and terms."""

from hypothesis import event, given, settings
from hypothesis import strategies as st

from smoothbox.scheduling.availability import Diary, Session, bookable, companion_starts, free_starts, is_open, open_sessions
from smoothbox.scheduling.hours import days_window, whole_days
from smoothbox.scheduling.intervals import Interval, clip, covers, merge
from smoothbox.scheduling.verdicts import judge, judge_companion

from .drawing import STEADY, questions, questions_of_seconds
from .model import Model, Question

THOROUGH = settings(STEADY, max_examples=300)


def diary_of(question: Question) -> Diary:
    closed = whole_days(question.closures, question.business)
    return Diary(question.hours, closed, question.time_off, question.busy, question.held, question.sessions)


def windows(question: Question) -> list[Interval]:
    """The seconds that are asked about and may be booked: one interval, or none."""
    asked_about = days_window(question.first, question.last, question.asked_in)
    return clip([asked_about], bookable(question.terms, question.now, question.business))


def asked(question: Question) -> list[int]:
    """The question put to the code under test, as the list of availability does it."""
    diary = diary_of(question)
    return [start for window in windows(question) for start in free_starts(diary, question.terms, window)]


def joinable(question: Question) -> list[Session]:
    diary = diary_of(question)
    return [each for window in windows(question) for each in open_sessions(diary, window, question.party)]


def verdict(question: Question, start: int) -> str | None:
    return judge(diary_of(question), question.terms, start, question.now, question.business, question.party)


def candidates(question: Question, model: Model) -> list[int]:
    """Starts worth judging: some of the grid, each session, and an instant beside each."""
    asked_for = [start for start in sorted(model.grid) if model.is_asked(start)]
    some = [*asked_for[:: 1 + len(asked_for) // 12], *(each.start for each in question.sessions)]
    return [start + shift for start in some for shift in (0, question.tick)]


@THOROUGH
@given(questions())
def test_it_offers_exactly_what_the_model_offers(question: Question) -> None:
    model = Model(question)
    expected = model.free_starts()
    event("something is free" if expected else "nothing is free")
    assert asked(question) == expected
    assert joinable(question) == model.open_sessions()


@THOROUGH
@given(questions_of_seconds())
def test_it_agrees_with_the_model_to_the_second(question: Question) -> None:
    model = Model(question)
    expected = model.free_starts()
    event("something is free" if expected else "nothing is free")
    assert asked(question) == expected
    assert joinable(question) == model.open_sessions()


@THOROUGH
@given(questions_of_seconds())
def test_it_judges_to_the_second_as_the_model_does(question: Question) -> None:
    model = Model(question)
    for start in candidates(question, model):
        reason = verdict(question, start)
        event(str(reason))
        assert reason == model.reason(start), start


@STEADY
@given(questions())
def test_its_reason_is_the_first_rule_that_the_model_finds_broken(question: Question) -> None:
    model = Model(question)
    for start in candidates(question, model):
        reason = verdict(question, start)
        event(str(reason))
        assert reason == model.reason(start), start
        assert (reason is None) == model.is_free(start), start


@STEADY
@given(questions())
def test_it_knows_when_a_companion_is_free(question: Question) -> None:
    model, diary = Model(question), diary_of(question)
    whole = days_window(question.first, question.last, question.asked_in)
    found = companion_starts(diary, question.terms, whole)
    for start in [start for start in candidates(question, model) if model.is_asked(start)]:
        reason = judge_companion(diary, question.terms, start)
        event(str(reason))
        assert reason == model.companion_reason(start), start
        assert covers(found, start, start + 1) == (reason is None), start


@STEADY
@given(questions_of_seconds())
def test_it_finds_every_second_at_which_a_companion_is_free(question: Question) -> None:
    model, diary = Model(question), diary_of(question)
    noon = days_window(question.first, question.last, question.asked_in).start + 43200
    window = Interval(noon - 130, noon + 190)
    found = companion_starts(diary, question.terms, window)
    seconds = [second for start, end in found for second in range(start, end)]
    event("something is free" if seconds else "nothing is free")
    assert seconds == [second for second in range(*window) if model.is_companion_free(second)]
    assert found == merge(found)


@THOROUGH
@given(questions_of_seconds(), st.integers(-150, 200), st.integers(1, 200))
def test_a_resource_is_open_when_it_is_there_for_every_second(question: Question, offset: int, length: int) -> None:
    start = days_window(question.first, question.last, question.asked_in).start + 43200 + offset
    answer = is_open(diary_of(question), start, start + length)
    event(str(answer))
    assert answer == Model(question).is_there(start, start + length)


@STEADY
@given(questions(), st.integers(-1500, 3000))
def test_a_longer_window_never_changes_the_answer_for_a_shorter_one(question: Question, minutes: int) -> None:
    whole = days_window(question.first, question.last, question.asked_in)
    middle = min(max(whole.start, whole.start + 60 * minutes), whole.end)
    diary = diary_of(question)
    parts = [whole._replace(end=middle), whole._replace(start=middle)]
    pieces = [start for part in parts for start in free_starts(diary, question.terms, part)]
    assert pieces == free_starts(diary, question.terms, whole)
    met = [each for part in parts for each in open_sessions(diary, part, question.party)]
    assert met == open_sessions(diary, whole, question.party)
    others = [start for part in parts for start in companion_starts(diary, question.terms, part)]
    assert merge(others) == companion_starts(diary, question.terms, whole)
