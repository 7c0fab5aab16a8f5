from karyogui.domain.amounts import amount, cell_named, listed, number_word


def test_one_is_singular_and_all_else_plural() -> None:
    assert [amount(n, "cell") for n in (0, 1, 2, 46)] == [
        "0 cells",
        "1 cell",
        "2 cells",
        "46 cells",
    ]
    assert [amount(n, "nucleus", "nuclei") for n in (1, 3)] == ["1 nucleus", "3 nuclei"]


def test_a_cell_called_cell_is_called_so_once() -> None:
    names = ("7", "cell 7", "Cell-7", "metaphase 7")
    assert [cell_named(name) for name in names] == [
        "cell 7",
        "cell 7",
        "Cell-7",
        "cell metaphase 7",
    ]


def test_small_counts_are_words() -> None:
    assert [number_word(n) for n in (0, 3, 10, 11)] == ["no", "three", "ten", "11"]


def test_several_things_in_words() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"], "or") == "a, b or c"
