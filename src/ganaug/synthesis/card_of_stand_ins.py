"""What the card says about stand-ins: what was measured, and what is not promised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ganaug.synthesis.card_words import meaning, number, row
from ganaug.synthesis.generate_settings import Generate

TEMPLATE = """
## Stand-ins

Each image stands for one training image: there are {pairs:,} pairs, and {without:,} training images without a stand-in.
{made}Rows are in random order, and no file says which image stands for which. The attacks below are told, and measure
what is left of the link: 0.5 is chance. Next to the figures of these stand-ins are those of new real images, which have
nothing to do with the training images but their class, and those of copies of the training images.

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


def stand_ins_section(found: Mapping[str, Any], settings: Generate, *, at_random: bool) -> str:
    """Return the section on stand-ins.

    found: `stand_ins` of quality.json. at_random: nothing of the image that a stand-in stands for went into it: it was
    made from noise, without that image's description.
    """
    means = "" if settings.k_same is None else MEANS.format(k=settings.k_same)
    attacks = found["attacks"]
    columns = ("synthetic", "held_out", "train")
    rows = (row([f"`{name}`", *(number(values[column]) for column in columns)]) for name, values in attacks.items())
    return TEMPLATE.format(
        pairs=found["pairs"],
        without=found["without_stand_in"],
        made=FROM_NOISE if at_random else means,
        rows="\n".join(rows),
        meanings="\n".join(meaning("synthesis.attacks", name, values["options"]) for name, values in attacks.items()),
    )
