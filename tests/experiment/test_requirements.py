"""Checks of params.yaml against the data: image sizes, groups, and numbers of images."""

from pathlib import Path
from typing import Any

import pytest

from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.experiment.params import read_params
from ganaug.experiment.requirements import check_against_data

CARD = {
    "val": {"cat": 9, "dog": 7},
    "image_shape": [1, 28, 28],
    "pool": {"cat": 90, "dog": 70},
    "groups": {"pool": 2, "val": 2, "test": 2},
    "groups_per_class": {"pool": {"cat": 90, "dog": 70}, "test": {"cat": 2, "dog": 2}},
    "train": {"0": {"cat": 50, "dog": 5}, "1": {"cat": 50, "dog": 5}},
    "unlabelled": {"0": 105, "1": 105},
    "other_domain": {"images": 0, "labelled": {"cat": 0, "dog": 0}},
    "attributes": [],
}
EQUAL = {"train": {"0": {"cat": 50, "dog": 50}, "1": {"cat": 50, "dog": 50}}}
NONE_LEFT = {"unlabelled": {"0": 0, "1": 0}}
UNFIT = {
    "crop to another size": (
        {"transforms": [{"name": "RandomCrop", "size": 32, "padding": 4}]},
        {},
        ".transforms: ['RandomCrop'] must turn a uint8 image into one of the same size, here 28×28",
    ),
    "more labels than there are": (
        {"labels": 71},
        {},
        ".labels: class 'dog' has 70 images left for training after the split, but 71 are requested",
    ),
    "no unlabelled images left": (
        {"pseudo_labels": 0.5},
        NONE_LEFT,
        ".pseudo_labels: the pool has no unlabelled images left; lower prepare.labelled_per_class, or remove",
    ),
    "no images of another domain": (
        {"other_domain": 0.5},
        {},
        ".other_domain: there are no images of another domain; set it to 0, or name their folder in",
    ),
    "no class is short of images": (
        {"synthetic": 0.5, "synthetic_for": "short"},
        EQUAL,
        ".synthetic_for: no class is short of images: all have the same number; remove synthetic_for, or give one",
    ),
    "no class to oversample": (
        {"oversampling": {"name": "smote"}},
        EQUAL,
        ".oversampling: no class is short of images: all have the same number; remove oversampling, or give one number",
    ),
}
FIT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "crop to the size of the images": ({"transforms": [{"name": "RandomCrop", "size": 28, "padding": 4}]}, {}),
    "all existing labels": ({"labels": 70}, {}),
    "unlabelled images": ({"pseudo_labels": 0.5}, {}),
    "images of another domain": (
        {"other_domain": 0.5},
        {"other_domain": {"images": 3, "labelled": {"cat": 0, "dog": 0}}},
    ),
    "no unlabelled images needed": ({}, NONE_LEFT),
    "one class is short of images": ({"synthetic": 0.5, "synthetic_for": "short"}, {}),
    "equal classes, all": ({"synthetic": 0.5}, EQUAL),
}


def check(path: Path, card: dict[str, Any]) -> None:
    check_against_data(read_params(ParamsFile.load(path)), card)


def add(params: dict[str, Any], arm: dict[str, Any]) -> str:
    """Add an arm to params.yaml and return its key."""
    further = {"pseudo_labels", "other_domain"} & set(arm)
    group = "augmented" if "synthetic" in arm else "informed" if further else "baseline"
    params["arms"].setdefault(group, {})["odd"] = arm
    return f"arms.{group}.odd"


@pytest.mark.parametrize(("arm", "changes", "says"), UNFIT.values(), ids=UNFIT)
def test_arms_that_do_not_fit_the_data_are_refused_with_the_reason(params, params_file, arm, changes, says):
    place = add(params, arm)
    path = params_file(params)
    with pytest.raises(InputError) as caught:
        check(path, CARD | changes)
    assert str(caught.value).removeprefix(f"{path}: {place}").startswith(says)


@pytest.mark.parametrize(("arm", "changes"), FIT.values(), ids=FIT)
def test_similar_arms_that_fit_the_data_are_accepted(params, params_file, arm, changes):
    add(params, arm)
    path = params_file(params)
    check(path, CARD | changes)


@pytest.mark.parametrize("unlabelled", ["unconditional", "pseudo_labels"])
def test_gan_that_uses_unlabelled_images_needs_some(params, params_file, unlabelled):
    params["train_gan"]["unlabelled"] = unlabelled
    path = params_file(params)
    check(path, CARD)
    with pytest.raises(InputError, match=r"train_gan.unlabelled: the pool has no unlabelled images left"):
        check(path, CARD | NONE_LEFT)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"network": {"name": "mlp"}}, "train_gan.network: cannot take the attributes that prepare.describer gives"),
        (
            {"network": {"name": "resnet", "discriminator_conditioning": "auxiliary"}},
            "train_gan.network.discriminator_conditioning: a class head cannot tell attributes from classes",
        ),
        ({"network": {"name": "stackgan"}, "other_domain_share": 0.5}, "cannot be combined with prepare.describer"),
        ({"network": {"name": "stackgan"}}, None),
        ({"network": {"name": "resnet"}}, None),
    ],
)
def test_a_gan_of_described_images_must_be_able_to_take_descriptions(params, params_file, changes, says):
    params["train_gan"] |= changes
    card = CARD | {"attributes": ["thin"], "other_domain": {"images": 5, "labelled": {"cat": 5, "dog": 0}}}
    if says is None:
        check(params_file(params), card)
        return
    with pytest.raises(InputError) as caught:
        check(params_file(params), card)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"of_class": "dgo"},
            "evaluate.metric.of_class: unknown class 'dgo' (did you mean 'dog'?); choose from: cat, dog",
        ),
        ({"of_class": "dog"}, None),
    ],
)
@pytest.mark.parametrize("name", ["recall", "average_precision"])
def test_the_class_of_the_metric_must_exist(params, params_file, name, changes, says):
    params["evaluate"]["metric"] = {"name": name} | changes
    path = params_file(params)
    if says is None:
        check(path, CARD)
        return
    with pytest.raises(InputError) as caught:
        check(path, CARD)
    assert str(caught.value) == f"{path}: {says}"


def test_the_class_of_the_metric_must_have_validation_images(params, params_file):
    params["evaluate"]["metric"] = {"name": "recall", "of_class": "dog"}
    with pytest.raises(InputError, match=r"there are no validation images of class 'dog'.*raise prepare.val"):
        check(params_file(params), CARD | {"val": {"cat": 9, "dog": 0}})


@pytest.mark.parametrize(("name", "refused"), [("recall", True), ("average_precision", False), ("macro_f1", False)])
def test_a_class_that_counts_alone_needs_several_groups_of_test_images(params, params_file, name, refused):
    params["evaluate"]["metric"] = {"name": name} | ({} if name == "macro_f1" else {"of_class": "dog"})
    card = CARD | {"groups_per_class": {"pool": {"cat": 90, "dog": 70}, "test": {"cat": 2, "dog": 1}}}
    if not refused:
        check(params_file(params), card)
        return
    with pytest.raises(
        InputError, match=r"class 'dog' has one test image, or all .* belong to one group.*raise prepare.test"
    ):
        check(params_file(params), card)


@pytest.mark.parametrize(("side", "title"), [("val", "validation"), ("test", "test")])
def test_one_group_of_test_or_validation_images_is_refused(params, params_file, side, title):
    path, groups = params_file(params), {"pool": 1, "val": 2, "test": 2}
    check(path, CARD | {"groups": groups})
    with pytest.raises(InputError, match=rf"prepare.{side}: all {title} images belong to one group"):
        check(path, CARD | {"groups": groups | {side: 1}})


def test_transforms_of_the_ensemble_must_fit_the_data_too(params, params_file):
    params["train_ensemble"]["transforms"] = [{"name": "CenterCrop", "size": 20}]
    path = params_file(params)
    with pytest.raises(InputError, match=r"train_ensemble.transforms: \['CenterCrop'\] must turn"):
        check(path, CARD)


@pytest.fixture
def translating(params, painter):
    """Choose a GAN that translates training images."""
    params["train_gan"]["network"] = painter
    return params


def test_a_network_that_cannot_make_such_images_is_refused(params, params_file):
    with pytest.raises(InputError, match=r"train_gan.network: images of 28×4 pixels are too small"):
        check(params_file(params), CARD | {"image_shape": [1, 28, 4]})


TORCHVISION = {"name": "torchvision", "model": "shufflenet_v2_x0_5", "weights": "none"}
PROJECTED = {"name": "projected", "model": "test_resnet", "weights": "none"}


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("section", "option", "value", "remedy"),
    [
        ("train_ensemble", "classifier", TORCHVISION, "choose another classifier"),
        ("train_classifier", "classifier", TORCHVISION, "choose another classifier"),
        (
            "train_gan",
            "network",
            {"name": "projected", "model": "test_resnet", "weights": "none"},
            "choose another network",
        ),
        ("measure", "inception", "weights.pth", "set inception to null"),
        ("train_gan", "network", {"name": "resnet"}, None),
        ("train_classifier", "classifier", {"name": "small_cnn"}, None),
    ],
)
def test_no_network_may_ignore_a_channel(params, params_file, channels, section, option, value, remedy):
    if value is PROJECTED:
        pytest.importorskip("timm", reason="needs the extra `pretrained`")
    params[section][option] = value
    path, card = params_file(params), CARD | {"image_shape": [channels, 28, 28]}
    if channels in (1, 3) or remedy is None:
        check(path, card)
        return
    with pytest.raises(InputError) as caught:
        check(path, card)
    assert str(caught.value) == (
        f"{path}: {section}.{option}: takes grey or RGB only, and would ignore the last of {channels} channels; "
        f"{remedy}, or set prepare.channels to {channels - 1}"
    )


@pytest.mark.parametrize(
    ("rule", "train", "message"),
    [
        ("other", {"cat": 50, "dog": 0}, "no image to translate into class 'cat'"),
        ("same", {"cat": 50, "dog": 0}, "no image to translate into class 'dog'"),
        ("other", {"cat": 50, "dog": 5}, None),
        ("common", {"cat": 50, "dog": 5}, None),
    ],
)
def test_each_class_needs_an_image_to_translate(translating, params_file, rule, train, message):
    translating["generate"]["sources"] = rule
    path, card = params_file(translating), CARD | {"train": {"0": train}}
    if message is None:
        check(path, card)
        return
    with pytest.raises(InputError, match=f"generate.sources: there is {message}"):
        check(path, card)


def test_without_noise_no_class_has_more_candidates_than_sources(translating, params_file):
    """Ten candidates per class; five dogs can be translated into cats."""
    translating["train_gan"]["network"]["z_dim"] = 0
    path = params_file(translating)
    with pytest.raises(InputError, match=r"class 'cat' needs 10 candidates, but only 5 images can .*z_dim to 8"):
        check(path, CARD)
    check(path, CARD | EQUAL)


def test_stand_ins_need_as_many_sources_as_their_class_has_images(translating, params_file):
    """As many candidate cats as training images; only five dogs can be translated into cats."""
    translating["train_gan"]["network"]["z_dim"] = 0
    translating["generate"]["per_class"] = "as_train"
    path = params_file(translating)
    with pytest.raises(InputError, match=r"class 'cat' needs 50 candidates, but only 5 images can"):
        check(path, CARD)
    check(path, CARD | EQUAL)
    translating["generate"]["sources"] = "same"
    check(params_file(translating), CARD)


GROUPS = {"groups_per_class": {"pool": {"cat": 90, "dog": 4}}}


def test_means_need_a_network_that_translates(params, params_file):
    params["generate"] |= {"per_class": "as_train", "k_same": 5}
    with pytest.raises(InputError, match=r"generate.k_same: this network makes images from noise.* remove k_same, or"):
        check(params_file(params), CARD | GROUPS)


def test_means_need_enough_groups_of_each_class(translating, params_file):
    translating["generate"] |= {"per_class": "as_train", "k_same": 5, "sources": "same"}
    path = params_file(translating)
    with pytest.raises(InputError, match=r"k_same: class 'dog' has training images of 4 groups, but a mean needs 5"):
        check(path, CARD | GROUPS)
    check(path, CARD | {"groups_per_class": {"pool": {"cat": 90, "dog": 5}}})
