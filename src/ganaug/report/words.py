"""Words of the report: what its terms mean, and text with Markdown's backticks."""

from __future__ import annotations

from markupsafe import Markup, escape

GLOSSARY = {
    "arm": "One way to train the classifier, such as real images only, or half of each batch synthetic. All arms have "
    "the same number of steps.",
    "reference": "The arm that the others are compared with: the best one without the GAN on validation images.",
    "replicate": "One complete repetition: its own draw of training images, its own GAN, its own classifiers.",
    "balanced accuracy": "The share of images that are classified correctly, taken for each class by itself and then "
    "averaged, so that rare classes count as much as common ones.",
    "gain": "How much better an arm does than the reference, on the same test images. 1 point is 1 of 100 images.",
    "interval": "Where the true figure probably is. If the whole experiment were repeated many times, 95 of 100 such "
    "intervals (at a level of 95%) would hold it. Wide means that little is known.",
    "smallest gain that matters": "The gain below which you would not care: evaluate.smallest_gain in params.yaml. "
    "The shaded band in the charts reaches from minus this to plus this.",
    "validation images": "Labelled images that choose the best step, the share of synthetic images and the arms to "
    "compare. They are not trained on.",
    "test images": "Labelled images that nothing was chosen on: they only measure.",
    "share": "How many of the images of each training batch are synthetic.",
    "near-copy": "A synthetic image that is closer to a training image than 95% of the validation images are.",
    "recall": "Of synthetic images: the share of new real images that have a synthetic image near them. Low recall "
    "means that the GAN shows only part of the variety of real images.",
    "label equivalent": "How many more labelled real images per class would have helped as much as the GAN.",
    "GAN": "A generative adversarial network: a generator learns to make images that a discriminator cannot tell from "
    "real ones.",
}
"""Term → what it means."""


def anchor(term: str) -> str:
    """Return the part of an element's id that stands for a term of the glossary. Raises KeyError for another word."""
    GLOSSARY[term]
    return term.replace(" ", "-")


def with_code(text: str) -> Markup:
    """Return text as HTML, escaped, with what is in backticks as code."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else part for number, part in enumerate(parts)
    )
