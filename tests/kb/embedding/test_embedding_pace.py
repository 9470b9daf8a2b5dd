"""The quickest way is taken, and another is tried now and then."""

from collections import Counter
from collections.abc import Callable

from kb.embedding.pace import Pace


def goes(pace: Pace, questions: int, seconds: Callable[[int], float]) -> Counter[int]:
    """Which ways so many questions take, each as long as ``seconds`` says."""
    taken = []
    for _ in range(questions):
        taken.append(way := pace.way())
        pace.took(way, seconds(way))
    return Counter(taken)


def test_the_first_way_serves_until_another_has_been_tried() -> None:
    assert goes(Pace(2), 31, lambda _: 1.0) == {0: 31}
    assert goes(Pace(1), 100, lambda _: 1.0) == {0: 100}


def test_the_quicker_way_is_found_and_kept() -> None:
    pace = Pace(2)
    goes(pace, 64, lambda way: (2.0, 1.0)[way])
    assert goes(pace, 640, lambda way: (2.0, 1.0)[way])[0] == 10
    assert goes(pace, 640, lambda way: (1.0, 2.0)[way])[1] < 100, "the first has become the quicker one"


def test_a_way_that_becomes_slow_is_left_within_a_few_questions() -> None:
    pace = Pace(2)
    goes(pace, 64, lambda way: (1.0, 1.5)[way])
    assert goes(pace, 30, lambda way: (2.0, 1.5)[way])[0] <= 4
