"""The card's section on stand-ins: the results of attacks, and what is not promised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ganaug.synthesis.card_words import meaning, number, row
from ganaug.synthesis.generate_settings import Generate

TEMPLATE = """
## Stand-ins

Each image stands for one training image: there are {pairs:,} pairs, and {without:,} training images without a stand-in.
{made}Rows are in random order, and no file says which image stands for which. The attacks below are told, and measure
how much of the link the images preserve: 0.5 is chance. Beside the figures of these stand-ins are those of new real
images, which have only their class in common with the training images, and those of copies of the training images.

| attack | these images | new real images | copies |
|---|---|---|---|
{rows}

{meanings}

Not promised:

* **That they are anonymous.** They are pseudonymous at best: anyone who has the training images, and the GAN's weights
  or the seed, can find out which image stands for which. `models/`, `params.yaml` and `samples.csv` are the key;
  `closest.png` and the project's report show training images. Share `images.npy`, `labels.npy`, `card.json` and this
  card, and nothing else.
* **That another attack finds nothing.** These are simple: they compare pixels, or learn a linear model. Sets that look
  safe by distances have been found to leak (Yao et al., The DCR delusion, 2025).
* **Any bound on what the images reveal about a person.** Only differential privacy gives one, and this GAN was trained
  without it.
"""

FROM_NOISE = """\
They were made from noise and assigned to images of their class at random, so attacks on the link
find nothing by design: what the GAN has memorised is shown above, under Privacy.
"""

MEANS = """\
They were translated from means of at least {k} training images, of one class and of as many groups. The GAN was trained
on single images, so this is not k-anonymity.
"""


def stand_ins_section(measured: Mapping[str, Any], settings: Generate, *, at_random: bool) -> str:
    """Return the section on stand-ins.

    measured: `stand_ins` of quality.json. at_random: whether stand-ins were made from noise, without their source's
    description, so that nothing of the source went into them.
    """
    means = "" if settings.k_same is None else MEANS.format(k=settings.k_same)
    attacks = measured["attacks"]
    columns = ("synthetic", "held_out", "train")
    rows = (row([f"`{name}`", *(number(values[column]) for column in columns)]) for name, values in attacks.items())
    return TEMPLATE.format(
        pairs=measured["pairs"],
        without=measured["without_stand_in"],
        made=FROM_NOISE if at_random else means,
        rows="\n".join(rows),
        meanings="\n".join(meaning("synthesis.attacks", name, values["options"]) for name, values in attacks.items()),
    )
