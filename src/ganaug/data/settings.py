"""Section `prepare` of params.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from pathlib import Path, PurePath
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from ganaug.core.config import ProjectPath, plugin, settings
from ganaug.core.errors import InputError
from ganaug.data.conversion import Fit
from ganaug.data.describers import Describer
from ganaug.data.sources import Dataset
from ganaug.data.values import Values

SMALLEST, LARGEST = 8, 256
"""Limits of the height and width of prepared images, in pixels."""

Share = Annotated[float, Field(gt=0, lt=1)]
Level = Annotated[int, Field(ge=0, le=255)]
Pixels = Annotated[int, Field(ge=SMALLEST, le=LARGEST)]


@settings
class Prepare:
    """The data source, preprocessing, and the size of each split."""

    source: Annotated[Dataset, plugin("data.sources")]
    """The data source, such as `{name: folder}`."""
    path: ProjectPath
    """Folder or file that the source reads; the stage reruns if its content changes."""
    labelled: str | None = None
    """File or folder below `path` that the source reads, if other images are beside it; None: `path` itself."""
    unlabelled: str | None = None
    """Folder, zip or tar archive below `path` with image files of unknown class; they are added to the unlabelled
    images of every replicate. None: no further images."""
    other_domain: str | None = None
    """Folder, zip or tar archive below `path` with image files of another domain, such as another scanner, season or
    style: in folders with the names of the classes, or anywhere if their classes are not known. The GAN and arms can
    learn from them (`train_gan.other_domain_share`, and `other_domain` of an arm). None: only images that the source
    itself assigns to another domain."""
    describer: Annotated[Describer, plugin("data.describers")] | None = None
    """How the source's descriptions become attributes that the GAN is conditioned on, such as `{name: bag_of_words}`;
    fitted on the training pool. None: descriptions are not used."""
    size: Pixels | tuple[Pixels, Pixels] | None = None
    """Height and width in pixels, or one number for both; None: keep the original size, which all images must share."""
    fit: Fit = "resize"
    """How to bring an image of another aspect ratio to the size: `resize` stretches it, `crop` keeps its middle, `pad`
    keeps all of it and adds background."""
    channels: Literal[1, 2, 3, 4] | None = None
    """1 grey, 2 grey + opacity, 3 RGB, 4 RGBA; None: as many as the image with the most channels, and image files lose
    their opacity."""
    background: tuple[Level, Level, Level] = (255, 255, 255)
    """Colour, RGB in 0 … 255, behind transparent image files and around padded images."""
    values: Values = "type"
    """Values that become black and white: `type`, the full range of the images' type (0 to 255 with 8 bits, 0 to 65535
    with 16, 0 to 1 in floating point); or `[low, high]`; or percentiles of the training pool's values, such as
    `{percentiles: [0.5, 99.5]}`."""
    near_duplicates: Literal["warn", "group", "refuse"] = "warn"
    """What to do about nearly identical images, such as shots of one object: `warn` about pairs in different splits,
    `group` them, so that each pair stays in one split, or `refuse` data with such pairs."""
    test: PositiveInt | Share | None
    """Test images: a share of each class, or a number per class, as closely as whole groups allow; None: the test set
    that comes with the source."""
    val: PositiveInt | Share | None
    """Validation images: a share of each class, or a number per class, as for `test`; None: the validation set that
    comes with the source."""
    labelled_per_class: PositiveInt | Literal["all"] | Mapping[str, PositiveInt]
    """Labelled training images per class: one number, a number for each class name, or "all"."""

    def __post_init__(self) -> None:
        """Raise InputError if `values` is an empty range, or if nothing says where the labelled images are."""
        folders = {option: getattr(self, option) for option in ("labelled", "unlabelled", "other_domain")}
        beside = next((option for option, below in folders.items() if below is not None), "labelled")
        if beside != "labelled":
            raise InputError(
                f"labelled: name the file or folder below `path` that holds the labelled images, beside `{beside}`"
            )
        for option, below in folders.items():
            if below is not None and (PurePath(below).is_absolute() or ".." in PurePath(below).parts):
                raise InputError(f"{option}: {below} is not below `path`, which DVC watches; give its path from there")
        self._check_apart({option: below for option, below in folders.items() if below is not None})
        if isinstance(self.values, tuple) and self.values[0] >= self.values[1]:
            raise InputError(f"values: give the lower value first (given: {list(self.values)})")

    def _check_apart(self, folders: Mapping[str, str]) -> None:
        """Raise InputError if an image would be read twice, because one of `folders` holds another."""
        for outer, inner in permutations(folders, 2):
            parts, below = PurePath(folders[outer]).parts, PurePath(folders[inner]).parts
            if below[: len(parts)] == parts:
                raise InputError(
                    f"{inner}: {folders[inner]} is in {folders[outer]}, which `{outer}` reads too; move it out of there"
                )

    @property
    def labelled_path(self) -> Path:
        """Path of the file or folder that the source reads."""
        return self.path / (self.labelled or "")

    @property
    def height_and_width(self) -> tuple[int, int] | None:
        """`size` as a pair, or None if images keep their size."""
        return (self.size, self.size) if isinstance(self.size, int) else self.size
