from kb.adapt.order import Order

LENGTHS = [*([3, 30] * 50), *range(1, 61)]


def test_every_text_of_an_epoch_comes_once_and_epochs_follow_each_other() -> None:
    batches = list(Order(LENGTHS, [60, 40], batch=8, seed=1))
    places = [place for batch in batches for place in batch]

    assert sorted(places[:60]) == list(range(60))
    assert sorted(places[60:]) == list(range(60, 100))


def test_each_batch_ends_with_some_of_the_further_texts() -> None:
    for batch in Order(LENGTHS, [60, 40], batch=8, seed=1, further=5):
        own, further = batch[:-5], batch[-5:]
        assert all(place < 100 for place in own)
        assert all(place >= 100 for place in further)
        assert len(set(further)) == 5


def test_without_further_texts_there_is_nothing_to_add() -> None:
    assert list(Order(LENGTHS[:100], [60, 40], 8, 1, further=5)) == list(Order(LENGTHS[:100], [60, 40], 8, 1))


def test_a_batch_holds_texts_of_a_length() -> None:
    batches = list(Order(LENGTHS[:100], [100], batch=10, seed=1))
    assert all(len({LENGTHS[place] for place in batch}) == 1 for batch in batches)
