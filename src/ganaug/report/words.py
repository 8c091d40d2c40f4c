"""The report's glossary, and text with Markdown's backticks as HTML."""

from __future__ import annotations

from markupsafe import Markup, escape

GLOSSARY = {
    "arm": "One way to train the classifier, such as real images only, or half of each batch synthetic. All arms have "
    "the same number of steps.",
    "reference": "The arm that the others are compared with: the best without the GAN on validation images.",
    "replicate": "One complete repetition: its own draw of training images, its own GAN, its own classifiers.",
    "balanced accuracy": "The share of images that are classified correctly, taken for each class by itself and then "
    "averaged, so that rare classes count as much as common ones.",
    "gain": "How much better an arm does than the reference, on the same test images. 1 point is 1 image in 100.",
    "interval": "Where the true figure probably is. If the whole experiment were repeated many times, 95 of 100 such "
    "intervals (at a level of 95%) would contain it. A wide interval means that little is known.",
    "smallest gain that matters": "The gain below which you would not care: evaluate.smallest_gain in params.yaml. "
    "The shaded band in the charts reaches from minus this to plus this.",
    "validation images": "Labelled images used to choose the best step, the share of synthetic images and the arms to "
    "compare. No classifier is trained on them.",
    "test images": "Labelled images held out from every choice and used only for the final measurement.",
    "share": "The fraction of each training batch that is synthetic.",
    "near-copy": "A synthetic image that is closer to a training image than 95% of the validation images are.",
    "recall": "Of synthetic images: the share of new real images that have a synthetic image near them. Low recall "
    "means that the GAN shows only part of the variety of real images.",
    "label equivalent": "How many additional labelled real images per class would have helped as much as the GAN.",
    "GAN": "A generative adversarial network: a generator learns to make images that a discriminator cannot tell from "
    "real ones.",
}
"""Term → its meaning."""


def anchor(term: str) -> str:
    """Return a term of the glossary as part of an HTML id. Raises KeyError if the glossary does not have it."""
    GLOSSARY[term]
    return term.replace(" ", "-")


def with_code(text: str) -> Markup:
    """Return text as escaped HTML, with parts in backticks as code."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else part for number, part in enumerate(parts)
    )
