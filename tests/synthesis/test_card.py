"""The card of a synthetic set states all facts in plain words."""

from dataclasses import replace

import numpy as np
import pytest

from ganaug.data.images import LabelledImages
from ganaug.synthesis.card import CardFacts, card
from ganaug.synthesis.generate_settings import Generate

FIGURE = {"options": {}, "better": "low", "ideal": 0.0, "synthetic": 12.3456, "held_out": 0.001234, "train": None}


def images(counts: tuple[int, int], source: dict) -> LabelledImages:
    labels = np.repeat([0, 1], counts).astype(np.int64)
    return LabelledImages(np.zeros((len(labels), 1, 8, 10), np.uint8), labels, ("cat", "dog"), source)


@pytest.fixture
def made() -> CardFacts:
    settings = {
        "network": {"name": "mlp", "hidden": 512, "batch_norm": True, "noise": 0.5},
        "objective": {"name": "hinge"},
        "steps": 5000,
        "batch_size": 64,
        "keep": "last",
        "unlabelled": "ignore",
    }
    return CardFacts(
        replicate="4",
        settings=Generate(per_class=2000, candidates_per_image=1.5, policy={"name": "hard_but_right"}),
        training={"settings": settings, "seed": 11, "ganaug": "1.2.3"},
        health={"findings": [], "step_used": 5000},
        train=images((30, 20), {"name": "torchvision", "dataset": "MNIST", "title": "MNIST", "checksum": "123abc"}),
        synthetic=images((2000, 900), {"name": "gan", "seed": 22}),
        selection={
            "candidates": [3000, 3000],
            "near_copies": [10, 20],
            "rejected": [0, 2100],
            "near_copies_kept": 29,
            "translated": False,
        },
        quality={
            "features": "ensemble",
            "images": {"synthetic": 2900, "train": 50, "held_out": 1234},
            "figures": {
                "fid": {**FIGURE, "sees": "features"},
                "membership": {**FIGURE, "better": "none", "sees": "pixels"},
            },
        },
    )


@pytest.mark.parametrize(
    "fact",
    [
        "# Synthetic images: MNIST, replicate 4\n",
        "2,900 images in 2 classes, 8×10 pixels, 1 channel, made by",
        "`torchvision` (dataset MNIST), SHA-256 of its images and labels `123abc`.",
        "| network | `mlp` (hidden 512, batch_norm yes, noise 0.5) |",
        "| objective | `hinge` |",
        "after step 5,000, the last one",
        "Health of the training: no problems were found.",
        "6,000 candidates were generated: 1.5 for each of the 2,000 images requested per class.",
        "Policy `hard_but_right`: Rejects misclassified images; of the rest, keeps the images",
        "| cat | 30 | 3000 | 10 | 0 | 2000 |\n| dog | 20 | 3000 | 20 | 2100 | 900 |",
        "compared with 1,234 held-out images",
        "| `fid` | low | 12.3 | 0.00123 | too few images |",
        "| `membership` | like perfect images | 12.3 |",
        "* `fid`: Fréchet distance between normal distributions",
        "29 of the 2,900 images (1.0%) are near-copies",
        "less than half of the requested images: dog (900).",
    ],
)
def test_card_states_every_fact(made, fact):
    assert fact in card(made)


def test_names_can_neither_break_a_table_nor_bring_markup(made):
    synthetic = replace(made.synthetic, classes=("a|b\n<img src=x>", "`dog`"))
    text = card(replace(made, synthetic=synthetic))
    assert "| a\\|b \\<img src=x> | 30 |" in text
    assert "| \\`dog\\` | 20 |" in text
    assert "images: \\`dog\\` (900)." in text


def test_figures_are_in_the_table_of_what_they_see(made):
    good, private = card(made).split("## Privacy")
    assert ("`fid`" in good, "`membership`" in good) == (True, False)
    assert "`membership`" in private


def test_card_mentions_unlabelled_images(made):
    assert "without labels" not in card(made)
    settings = made.training["settings"] | {"unlabelled": "pseudo_labels"}
    other = replace(made, training=dict(made.training) | {"settings": settings})
    assert "It also learned from images without labels (`pseudo_labels`)." in card(other)


def test_card_says_that_the_gan_learned_from_another_domain(made):
    assert "another domain" not in card(made)
    training = {**made.training, "settings": {**made.training["settings"], "other_domain_share": 0.5}}
    text = card(replace(made, training=training))
    assert "It also learned from images of another domain." in text
    assert "of another domain that the GAN learned from, which they may reveal." in text


def test_card_tells_pretrained_weights(made):
    told = {"model": "resnet18", "weights": "a.pth", "sha256": "12ab"}
    assert "pretrained" not in card(made)
    assert (
        "which every classifier needs).\nThese classifiers started from pretrained weights: `a.pth` of `resnet18`, "
        "SHA-256 `12ab`.\n"
    ) in card(replace(made, quality={**made.quality, "pretrained": told}))


def test_card_tells_what_the_discriminator_looked_through(made):
    told = {"model": "resnet18", "weights": "a.pth", "sha256": "12ab"}
    text = card(replace(made, training=made.training | {"pretrained": told}))
    assert "a network trained on other images: `a.pth` of `resnet18`, SHA-256 `12ab`." in " ".join(text.split())


def test_card_lists_findings_with_their_evidence(made):
    finding = {"name": "generator collapsed", "seen": "these are alike: dog (12%)", "remedy": "larger batches"}
    text = card(replace(made, health={"findings": [finding], "step_used": 10}))
    assert "Health of the training: these problems were found:" in text
    assert "* **generator collapsed**: these are alike: dog (12%)." in text


def test_card_warns_about_groups_of_training_images(made):
    assert "other groups than the training images" not in card(made)
    grouped = replace(made.train, groups=np.arange(len(made.train)) // 2)
    assert "other groups than the training images" in card(replace(made, train=grouped))


def test_classes_with_enough_images_are_not_reported_as_short(made):
    assert "less than half" not in card(replace(made, synthetic=images((2000, 1000), made.synthetic.source)))


def test_a_source_needs_no_checksum(made):
    text = card(replace(made, train=images((3, 3), {})))
    assert "# Synthetic images: images, replicate 4" in text
    assert "SHA-256" not in text


@pytest.mark.parametrize(("described", "translated", "by_design"), [(0, 0, True), (1, 0, False), (0, 1, False)])
def test_only_stand_ins_from_noise_alone_reveal_nothing_by_design(made, described, translated, by_design):
    found = {"pairs": 50, "without_stand_in": 0, "attacks": {}}
    train = replace(made.train, attributes=np.zeros((50, 1), np.float32), attribute_names=("slant",))
    text = card(
        replace(
            made,
            settings=replace(made.settings, per_class="as_train"),
            train=train if described else made.train,
            quality={**made.quality, "stand_ins": found},
            selection={**made.selection, "translated": bool(translated)},
        )
    )
    assert ("find nothing by design" in text) is by_design
    assert "They are pseudonymous at best" in text
