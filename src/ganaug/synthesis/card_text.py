"""Text of the card of a synthetic set, as templates."""

TEMPLATE = """\
# Synthetic images: {source_name}, replicate {replicate}

{count:,} images in {classes} classes, {height}×{width} pixels, {channels} channel{plural}, made by a generative
adversarial network (GAN) that was trained on {real:,} real images. They have one purpose: to serve as {purpose}
training images for a classifier of these classes. No person has reviewed them.

| in `data/synthetic/{replicate}` | content |
|---|---|
| `images.npy` | (N, channels, height, width), uint8 |
| `labels.npy` | (N,), int64: the class that each image was made for, an index into `classes` of `card.json` |
{soft}{sources}
| beside this card | content |
|---|---|
| `samples.csv` | one row per candidate: class, seed, {whether_kept}, and its scores |
| `selection.json` | candidate counts, per class |
| `quality.json` | the figures below in full, also per class |
| `contact.png` | the first images of each class{below} |
| `closest.png` | the images closest to a training image, each beside that image |

## Source

{source}. The GAN was trained on the real images that replicate {replicate} drew; the table of classes below gives their
counts.{learned} Validation images were not trained on: they were used to select the generator's training step, and to
set the unit of distances and the threshold for near-copies. Test images played no part in anything described here.

## Generation

| | |
|---|---|
| network | {network} |
| objective | {objective} |
| training | {steps:,} steps of {batch_size} images |
| generator used | after step {step:,}, {reason} |
{translated}{described}| truncation of latents | {truncation:g} (1: as trained) |
| seeds | {seeds} |
| version | ganaug {version} |

Health of the training: {health}

## Selection

{candidates:,} candidates were generated: {per_image:g} for {requested}.
Policy {policy}: {policy_summary}
Near-copies of training images were {copies_were}. Each candidate was scored by a classifier that had not been trained
on the training image nearest to it (unless that image is the only one of its class, which every classifier needs).
{pretrained}
| class | real training images | candidates | near-copies among them | rejected | kept |
|---|---|---|---|---|---|
{class_rows}

## Quality

{measured:,} of these images are compared with {held_out:,} held-out images (validation images), in features {features}.
Beside each figure of the synthetic images are the figures of perfect images (half of the held-out images against the
other half: fewer images, so distances come out larger) and of copies (the training images themselves).
{caution}

{feature_rows}

## Privacy

Images are compared pixel by pixel, because a classifier's features reveal what it was trained on even if a GAN does
not.

{pixel_rows}

{near_copies:,} of the {count:,} images ({near_share:.1%}) are near-copies: closer to a training image than 95% of the
validation images are, in features of a classifier that was not trained on that image. A generator that does not copy
has about 5%, and more in classes whose images are very similar.{unseen_groups}
`closest.png` shows the pairs that are closest in raw pixels: look at them.

Figures close to those of perfect images mean that these simple attacks find nothing. That proves nothing: the GAN was
trained without a guarantee such as differential privacy.{other_domain}
{stand_ins}
## Do not use these images

* As test or validation images, or to report a classifier's accuracy: they show what the GAN has learned.
* As evidence that augmentation helps: that takes a comparison on real test images, as in the project's report.
* In place of images that must not be shared, above all images of people, unless you assess the risk yourself: see
  Privacy.
* To estimate how frequent something is: class frequencies were chosen, and the GAN and the selection determine what is
  frequent within a class. What the training images lack is missing here too, and their biases are repeated.
* As new images beside others from the same source: a near-copy of a training image leaks it into data that should not
  contain it.
{short}"""

FEATURES = {
    "ensemble": (
        "of classifiers that were trained on the training images",
        (
            "These classifiers know the training images, which lie closer together in their features than new images "
            "do: treat the last column as a rough guide. These figures cannot be compared with published ones."
        ),
    ),
    "frozen": (
        "of a pretrained network that was not trained any further",
        (
            "Unless it was trained on images of this data set, all images are equally new to it. These figures can "
            "only be compared with figures in features of the same network."
        ),
    ),
    "Inception": (
        "of Inception, a network trained on photographs",
        "Fréchet distances (`fid`) of few images are large: compare them only between sets of the same size.",
    ),
}
"""How the card describes the features named in quality.json, and what to keep in mind about them."""

SOURCES = {
    "other": "of all other classes",
    "common": "of more common classes",
    "same": "of the same class",
    "other_domain": "of another domain",
}
"""How the card describes generate.sources."""

OTHER_DOMAIN = """ Nothing here compares these images with the images
of another domain that the GAN learned from, which they may reveal."""

DESCRIBED = "| described as | a training image each, of the same class: column `description` of `samples.csv` |\n"

LOOKED = (
    " Its discriminator used features of a network trained on other images: `{weights}` of `{model}`, SHA-256 "
    "`{sha256}`."
)
PRETRAINED = "These classifiers started from pretrained weights: `{weights}` of `{model}`, SHA-256 `{sha256}`.\n"

KEPT = "its index in `images.npy` if it was kept"

UNSEEN_GROUPS = """
In this data set, images come in groups, and the validation images belong to other groups than the training images: even
a perfect generator of the training groups may have far more than 5%."""
