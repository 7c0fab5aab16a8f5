"""The record of an enhancement: kept as it is, told in words, refused when it makes no sense."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.recipe import Recipe

STRENGTHS = st.floats(0, 1)
RECIPES = st.builds(
    Recipe,
    flatten=st.booleans(),
    denoise=STRENGTHS,
    contrast_low=st.floats(0, 49),
    contrast_high=st.floats(50, 100),
    gamma=st.floats(0.2, 5),
    unsharp=STRENGTHS,
    inverted=st.booleans(),
    width=st.one_of(st.just(0.0), st.floats(0.25, 4)),
    scale=st.one_of(st.just(0.0), st.floats(0.25, 4)),
)


@given(RECIPES)
def test_it_survives_being_stored(recipe: Recipe) -> None:
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_keys_of_a_later_version_are_left_out() -> None:
    assert Recipe.from_json('{"flatten": true, "sparkle": 3}') == Recipe(flatten=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"flatten": 1}',
        '{"gamma": "bright"}',
        '{"gamma": true}',
        '{"gamma": 0}',
        '{"denoise": NaN}',
        '{"width": 0.1}',
        '{"scale": 5}',
        '{"scale": -1}',
    ],
)
def test_what_is_no_recipe_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Recipe.from_json(text)


def test_percentiles_must_rise() -> None:
    with pytest.raises(ValueError, match="percentiles"):
        Recipe(contrast_low=60, contrast_high=60)


def test_the_words_follow_the_order_of_the_steps() -> None:
    recipe = Recipe(flatten=True, unsharp=0.4, inverted=True, gamma=1.2, contrast_high=99)
    assert recipe.text() == (
        "inverted, background evened out, contrast stretched from percentile 0 to 99, "
        "gamma 1.20, unsharp mask (40 %)"
    )
    assert Recipe().text() == "none"


def test_only_the_recipe_without_steps_is_the_identity() -> None:
    assert Recipe().is_identity
    for field in json.loads(Recipe().to_json()):
        changed = {"flatten": True, "inverted": True, "contrast_high": 99.0}.get(field, 0.5)
        assert not Recipe(**{field: changed}).is_identity


def test_width_and_scale_leave_the_picture_as_it_is_and_are_told() -> None:
    recipe = Recipe(width=0.8, scale=1.25)
    assert (recipe.is_identity, recipe.enhances) == (False, False)
    assert Recipe(gamma=1.2, width=0.8).enhances
    assert recipe.text() == (
        "separated at 0.8 times the estimated width, "
        "types predicted at 1.25 times the estimated scale"
    )


@pytest.mark.parametrize(
    ("one", "other", "only"),
    [
        (Recipe(scale=1.6), Recipe(), True),
        (Recipe(scale=1.6, width=0.8), Recipe(width=0.8), True),
        (Recipe(scale=1.6, width=0.8), Recipe(), False),
        (Recipe(scale=1.6, gamma=2), Recipe(), False),
        (Recipe(scale=1.6), Recipe(scale=1.6), False),
    ],
)
def test_with_another_scale_alone_the_objects_stand(one: Recipe, other: Recipe, only: bool) -> None:
    assert one.differs_in_scale_only(other) is only
