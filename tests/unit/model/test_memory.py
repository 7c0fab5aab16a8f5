from model.memory import peak_memory, resident_memory


def test_memory_is_in_mebibytes() -> None:
    assert 20 < resident_memory() < 100_000


def test_the_peak_is_no_less_than_what_is_held() -> None:
    assert resident_memory() <= peak_memory() + 1
