"""Networks of torchvision: every family gets a new head, and trains the chosen layers."""

import re
from collections import OrderedDict
from importlib.metadata import version

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torchvision import models

from ganaug.classifier.architectures.torchvision import Torchvision
from ganaug.classifier.settings import Training
from ganaug.classifier.training import fit
from ganaug.core.errors import InputError
from ganaug.core.weight_files import sha256
from ganaug.data.batches import Batches, MixedBatches, Part
from ganaug.data.transforms import AugmentedBatches

FEATURES = {
    "alexnet": 4096,
    "convnext_tiny": 768,
    "densenet121": 1024,
    "efficientnet_b0": 1280,
    "efficientnet_v2_s": 1280,
    "googlenet": 1024,
    "inception_v3": 2048,
    "maxvit_t": 512,
    "mnasnet0_5": 1280,
    "mobilenet_v2": 1280,
    "mobilenet_v3_small": 1024,
    "regnet_y_400mf": 440,
    "resnet18": 512,
    "resnext50_32x4d": 2048,
    "shufflenet_v2_x0_5": 1024,
    "squeezenet1_1": 512,
    "swin_t": 768,
    "swin_v2_t": 768,
    "vgg11": 4096,
    "vit_b_16": 768,
    "wide_resnet50_2": 2048,
}
"""The smallest network of each family, and the length of its features in the papers."""


def built(model: str, **options) -> nn.Module:
    """Return the plug-in's classifier of three classes, without memory for its weights where that is possible."""
    with torch.device("cpu" if model.startswith("regnet") else "meta"):
        return Torchvision(model=model, **options).build((3, 32, 32), 3).eval()


@pytest.mark.parametrize("model", FEATURES)
def test_every_family_gets_a_new_linear_head(model):
    classifier = built(model)
    assert classifier.head.in_features == FEATURES[model]
    images = torch.zeros(2, 3, 40, 30, device=classifier.head.weight.device)
    assert classifier.features(images).shape == (2, FEATURES[model])
    assert classifier(images).shape == (2, 3)
    assert not any(997 in value.shape for value in classifier.state_dict().values())


def test_no_network_of_torchvision_is_of_another_family():
    def family(name: str) -> str:
        return models.get_model_builder(name).__module__

    assert {family(name) for name in models.list_models(module=models)} == {family(name) for name in FEATURES}


@pytest.mark.parametrize("model", FEATURES)
def test_every_parameter_is_in_one_group(model):
    network = built(model).backbone
    groups = Torchvision(model=model).groups(network)
    named = [name for group in groups for name in group]
    # a vision transformer's class token and positions are in none: they come before all layers
    left = {name for name, _ in network.named_parameters()} - set(named)
    assert left <= {"class_token", "encoder.pos_embedding"}
    assert len(named) == len(set(named))
    assert len(groups) >= 5


@pytest.mark.parametrize(
    ("model", "last"),
    [
        ("resnet18", ["layer4.0.", "layer4.1."]),
        ("vit_b_16", ["encoder.layers.encoder_layer_10.", "encoder.layers.encoder_layer_11.", "encoder.ln."]),
        ("efficientnet_b0", ["features.7.0.", "features.8."]),
        ("convnext_tiny", ["features.7.1.", "features.7.2.", "classifier.0."]),
        ("swin_t", ["features.7.0.", "features.7.1.", "norm."]),
        ("vgg11", ["classifier.0.", "classifier.3."]),
        ("densenet121", ["features.transition3.", "features.denseblock4.", "features.norm5."]),
    ],
)
def test_the_last_groups_are_the_last_blocks(model, last):
    network = built(model).backbone
    names = [name for group in Torchvision(model=model).groups(network)[-2:] for name in group]
    assert names == [name for name, _ in network.named_parameters() if name.startswith(tuple(last))]


@pytest.mark.parametrize(
    ("model", "size", "mean"),
    [
        ("resnet18", 224, [2 * 0.485 - 1, 2 * 0.456 - 1, 2 * 0.406 - 1]),
        ("inception_v3", 299, [2 * 0.485 - 1, 2 * 0.456 - 1, 2 * 0.406 - 1]),
        ("efficientnet_v2_l", 480, [0, 0, 0]),
    ],
)
def test_images_are_prepared_as_the_weights_metadata_say(model, size, mean):
    with torch.device("meta"):
        expected = Torchvision(model=model).headless().expected
    assert expected.size == (size, size)
    assert expected.mean == pytest.approx(mean, abs=1e-9)


@pytest.mark.parametrize("model", ["googlenet", "inception_v3"])
def test_weights_that_expect_another_normalisation_get_it(model):
    """The networks themselves turn the normalisation of torchvision's metadata into (x − 0.5) / 0.5."""
    classifier, seen = Torchvision(model=model, input_size=96).build((3, 8, 8), 2).eval(), []
    first = next(layer for layer in classifier.backbone.modules() if isinstance(layer, nn.Conv2d))
    first.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    images = torch.rand(1, 3, 96, 96) * 2 - 1
    with torch.no_grad():
        classifier(images)
    torch.testing.assert_close(seen[0], images, atol=1e-5, rtol=0)


# --- training --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Return a state dict as torchvision stores it, with the head for ImageNet."""
    path = tmp_path_factory.mktemp("weights") / "shufflenet.safetensors"
    torch.manual_seed(5)
    save_file(models.shufflenet_v2_x0_5().state_dict(), path)
    return path


def trained(two_colours, weights, **options):
    data = two_colours(16)
    plugin = Torchvision(model="shufflenet_v2_x0_5", weights=str(weights), input_size=32, **options)
    settings = Training(classifier=plugin, steps=3, batch_size=8, learning_rate=1e-2)
    part = Part(data.images, data.labels, Batches(len(data), 8, seed=0), 8)
    return fit(settings, AugmentedBatches(MixedBatches(part), 2, 0), data, 0).model, plugin


@pytest.mark.parametrize(
    ("train", "changed"), [("head", ()), ("last:1", ("conv5.",)), ("last:2", ("stage4.3.", "conv5."))]
)
def test_only_what_is_asked_for_is_trained(two_colours, weights, train, changed):
    model, _ = trained(two_colours, weights, train=train)
    stored = load_file(weights)
    found = {name for name, value in model.backbone.state_dict().items() if not torch.equal(value, stored[name])}
    assert found == {name for name in stored if name.startswith(changed or "nothing")}
    assert model.frozen == (train == "head")


def test_all_of_it_is_trained_from_the_weights_on(two_colours, weights):
    model, _ = trained(two_colours, weights, train="all", backbone_learning_rate=1e-9)
    stored = load_file(weights)
    for name, value in model.backbone.named_parameters():
        torch.testing.assert_close(value, stored[name], rtol=0, atol=1e-5, msg=name)


def test_it_tells_its_weights(weights):
    assert Torchvision(model="shufflenet_v2_x0_5", weights=str(weights)).pretrained() == {
        "model": "shufflenet_v2_x0_5",
        "library": f"torchvision {version('torchvision')}",
        "weights": str(weights),
        "sha256": sha256(weights),
    }


EARLIER = {
    "densenet121": r"(denselayer\d+\.(?:norm|conv))([12])",  # norm1 was norm.1
    "vit_b_16": r"(mlp\.)(0|3)(?=\.)",  # mlp.0 was mlp.linear_1
    "mobilenet_v3_small": None,
    "mnasnet0_5": None,
    "regnet_y_400mf": None,
}
"""Networks whose torchvision files have names of earlier versions, and the parts that differ."""


@pytest.mark.parametrize("model", EARLIER)
def test_files_as_torchvision_offers_them_are_read(tmp_path, model):
    torch.manual_seed(0)
    state = models.get_model(model).state_dict()
    old = {"0": "linear_1", "3": "linear_2", "1": ".1", "2": ".2"}
    names = {
        name: re.sub(EARLIER[model], lambda found: found[1] + old[found[2]], name) if EARLIER[model] else name
        for name in state
        if not name.endswith("num_batches_tracked")  # which files from before PyTorch 0.4.1 lack
    }
    stored = OrderedDict((names[name], state[name]) for name in names)
    stored._metadata = {"": {"version": 2}}  # MNASNet asks for its own
    torch.save(stored, tmp_path / "weights.pth")
    if EARLIER[model]:
        assert set(stored) - set(state)
    plugin = Torchvision(model=model, weights=str(tmp_path / "weights.pth"))
    network = plugin.build((3, 8, 8), 2)
    plugin.load_pretrained(network)
    read = network.backbone.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in read.items() if name in names)


@pytest.mark.parametrize("model", ["mnasnet0_5", "vit_b_16"])
def test_safetensors_of_the_same_networks_are_read(tmp_path, model):
    state = models.get_model(model).state_dict()
    save_file(state, tmp_path / "weights.safetensors")
    Torchvision(model=model, weights=str(tmp_path / "weights.safetensors")).check()


def test_auxiliary_heads_in_a_file_are_left_out(tmp_path):
    torch.manual_seed(0)
    state = models.googlenet(init_weights=False).state_dict()
    assert any(name.startswith("aux1.") for name in state)
    torch.save(state, tmp_path / "googlenet.pth")
    plugin = Torchvision(model="googlenet", weights=str(tmp_path / "googlenet.pth"))
    model = plugin.build((3, 8, 8), 2)
    plugin.load_pretrained(model)
    assert torch.equal(model.backbone.conv1.conv.weight, state["conv1.conv.weight"])
    assert not any("aux" in name for name in model.state_dict())


# --- what is refused -------------------------------------------------------------------------------------------------


def test_an_unknown_network_is_refused_with_similar_ones():
    with pytest.raises(InputError, match=r"model: unknown network of torchvision 'resnet19' \(did you mean 'resnet1"):
        Torchvision(model="resnet19").check()


def test_the_hub_does_not_have_torchvisions_weights():
    address = "https://download.pytorch.org/models/resnet18-f37072fd.pth"
    with pytest.raises(InputError, match=f"torchvision's weights are not on the Hugging Face hub; download {address}"):
        Torchvision(model="resnet18", weights="hub").check()


def test_weights_of_another_network_are_refused(weights):
    with pytest.raises(InputError, match=r"shufflenet.safetensors: does not fit the network: .*; set model to"):
        Torchvision(model="squeezenet1_1", weights=str(weights)).check()


def test_a_transformers_input_size_must_fit_its_patches():
    assert built("vit_b_16", input_size=32).input_size == (32, 32)
    with pytest.raises(
        InputError, match=r"input_size: vit_b_16 cannot take 40×40 pixels .*; set input_size to null, or"
    ):
        built("vit_b_16", input_size=40)


def test_random_layers_are_not_frozen_and_groups_are_counted(weights):
    with pytest.raises(InputError, match="train: frozen layers with random weights help little; set weights"):
        Torchvision(model="resnet18", train="head")
    with pytest.raises(
        InputError, match="train: shufflenet_v2_x0_5 has 18 groups of layers; choose fewer, or set train to all"
    ):
        Torchvision(model="shufflenet_v2_x0_5", weights=str(weights), train="last:18").build((3, 8, 8), 2)
