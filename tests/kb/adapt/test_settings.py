from kb.adapt.settings import Settings


def test_rounds_keep_to_the_number_of_epochs() -> None:
    assert Settings(epochs=2, rounds=9).lasting(4).passes == 22
    assert Settings(epochs=2, rounds=9).lasting(1).passes == 5
    assert Settings(epochs=1, rounds=0).lasting(3).passes == 3
