"""Small data sets in the forms of docs/data.md."""

import io
import re
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML
from scipy.io import wavfile

PAGE = Path(__file__).parents[2] / "docs/data.md"
EXAMPLES = [YAML(typ="safe").load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.S)]
"""Every example of the page: settings of section `prepare`."""

RNG = np.random.default_rng(0)


def noise(shape=(16, 16, 3)):
    return RNG.integers(0, 256, shape, dtype=np.uint8)


def save(path, pixels=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise() if pixels is None else pixels).save(path)


def photos(path, per_class=8, name="{}.png"):
    for kind in "ab":
        for index in range(per_class):
            save(path / kind / name.format(index))


def photos_and_masks(path):
    photos(path)
    save(path / "a/0_mask.png")
    save(path / "b/masks/0.png")


def split(path):
    for part, count in (("train", 6), ("valid", 3), ("test", 4)):
        photos(path / part, count)


def zipped(path):
    photos(path.with_suffix(""))
    shutil.make_archive(str(path.with_suffix("")), "zip", path.with_suffix(""))


def table(path):
    lines = ["id,diagnosis,part,patient"]
    for index in range(24):
        save(path / f"scans/{index}.png")
        lines.append(f"{index},{'ab'[index % 2]},{('train', 'train', 'val', 'test')[index // 6]},p{index // 2}")
    (path / "labels.csv").write_text("\n".join(lines), encoding="utf-8")


def arrays(count=16):
    return {"images": noise((count, 16, 16)), "labels": np.arange(count) % 2}


def npz(path):
    np.savez(path, **arrays())


def named(path):
    extra = {"names": ["a", "b"], "patient": np.arange(16)}
    np.savez(path, x=noise((16, 3, 16, 16)), y=np.arange(16) % 2, **extra)


def medmnist(path):
    parts = {part: arrays() for part in ("train", "val", "test")}
    np.savez(path, **{f"{part}_{name}": array for part, both in parts.items() for name, array in both.items()})


def hdf5(path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        for name, array in arrays().items():
            file[f"train/{name}"] = array


def mnist(path, write_mnist):
    labels = np.arange(60) % 10
    write_mnist(path, (noise((60, 28, 28)), labels), (noise((60, 28, 28)), labels))


def saved(path):
    datasets = pytest.importorskip("datasets")
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["a", "b"])})

    def part():
        rows = {"image": [Image.fromarray(noise()) for _ in range(16)], "label": [index % 2 for index in range(16)]}
        return datasets.Dataset.from_dict(rows, features=features)

    datasets.DatasetDict({"train": part(), "test": part()}).save_to_disk(str(path))


def shards(path):
    path.mkdir(parents=True)
    for part in ("train", "test"):
        with tarfile.open(path / f"{part}-0000.tar", "w") as archive:
            for index in range(16):
                picture = io.BytesIO()
                Image.fromarray(noise()).save(picture, "PNG")
                for suffix, content in (("png", picture.getvalue()), ("cls", str(index % 2).encode())):
                    member = tarfile.TarInfo(f"{index:04}.{suffix}")
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))


def scans(path):
    for index in range(16):
        save(path / "ab"[index % 2] / f"{index}.png", RNG.integers(0, 4096, (16, 16)).astype(np.uint16))


def bearings(path):
    path.mkdir(parents=True)
    for number, name in enumerate("ab"):
        np.savez(path / f"{name}.npz", signal=RNG.normal(size=60_000) * (1 + number))


def spoken(path):
    path.mkdir(parents=True)
    for digit in range(2):
        for speaker in range(8):
            samples = RNG.normal(size=3000 + 300 * speaker) * (1 + digit) / 8
            wavfile.write(path / f"{digit}_s{speaker}_0.wav", 8000, samples.astype(np.float32))


def in_names(path):
    for index in range(8):
        for kind in ("cat", "maine_coon"):
            save(path / f"{kind}_{index}.png")


def both(path):
    path.mkdir(parents=True)
    np.savez(path / "all.npz", **arrays())
    for index in range(3):
        save(path / f"found/{index}.png", noise((16, 16)))


def scanners(path):
    photos(path / "new")
    photos(path / "old")


def birds(path):
    """Write a table with a caption for each image."""
    _described(path / "birds.csv", "path,label,caption", lambda index: f'{"ab"[index % 2]},"a small, grey bird"')


def with_values(path):
    """Write a table with two columns of values for each image."""
    _described(path / "scans.csv", "file,label,side,age", lambda index: f"{'ab'[index % 2]},left,{index / 10}")


def _described(file, header, rest):
    photos_of_one_folder = [f"{index}.png" for index in range(16)]
    for name in photos_of_one_folder:
        save(file.parent / name)
    lines = [f"{name},{rest(index)}" for index, name in enumerate(photos_of_one_folder)]
    file.write_text("\n".join([header, *lines]), encoding="utf-8")


MAKERS = {
    "photos": photos,
    "photos-and-masks": photos_and_masks,
    "split": split,
    "patients": lambda path: photos(path, name="patient{}_1.png"),
    "photos.zip": zipped,
    "table": table,
    "all.npz": npz,
    "named.npz": named,
    "medmnist.npz": medmnist,
    "all.h5": hdf5,
    "torchvision": mnist,
    "saved": saved,
    "shards": shards,
    "scans": scans,
    "bearings": bearings,
    "digits": spoken,
    "both": both,
    "scanners": scanners,
    "birds": birds,
    "described": with_values,
    "named": in_names,
    "raw": lambda path: path.mkdir(),
}
"""Name of the file or folder in an example → function that makes it."""


def make(example, folder, write_mnist):
    """Create an example's data below `folder`, and return their path."""
    path = folder / example["path"]
    path.parent.mkdir(parents=True, exist_ok=True)
    maker = MAKERS[path.name]
    maker(path, *((write_mnist,) if maker is mnist else ()))
    return path
