"""Converts labels and groups, in the forms in which people store them, to numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ganaug.core.errors import InputError


def class_labels(values: np.ndarray, classes: Sequence[str] | None = None) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return labels int64 (N,) in 0 … K - 1, and the K class names they index.

    values: labels of N images: integers from any start, floats that are whole numbers, booleans or texts, (N,) or
    (N, 1); or one-hot rows (N, K) of two or more columns. classes: class names, indexed by integer labels or columns;
    None: the distinct labels, in order, are the class names.

    Raises InputError if the values have none of these forms, or are not in `classes`.
    """
    values = np.asarray(values)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 2:
        return _from_one_hot(values, classes)
    if values.ndim != 1:
        raise InputError(f"labels must have the shape (N,), (N, 1) or, one-hot, (N, K), not {values.shape}")
    if values.dtype.kind in "OS":
        values = _from_objects(values.astype(object))
    if values.dtype.kind == "f":
        if not (np.isfinite(values) & (values == np.round(values))).all():
            raise InputError("labels must be whole numbers or texts, not fractions or NaN; correct or remove them")
        values = values.astype(np.int64)
    if values.dtype.kind not in "biuU":
        raise InputError(f"labels must be integers or texts, not {values.dtype}")
    if values.dtype.kind == "U" and (np.char.strip(values) == "").any():
        raise InputError(f"label {int(np.argmax(np.char.strip(values) == ''))} is an empty text; name its class")
    if classes is None:
        names, labels = np.unique(values, return_inverse=True)
        return labels.astype(np.int64), tuple(str(name) for name in names.tolist())
    if values.dtype.kind == "U":
        unknown = sorted(set(values.tolist()) - set(classes))
        if unknown:
            raise InputError(f"labels {', '.join(map(repr, unknown[:5]))} are not among the class names; correct them")
        numbers = {name: number for number, name in enumerate(classes)}
        return np.array([numbers[name] for name in values.tolist()], np.int64), tuple(classes)
    if len(values) and (values.min() < 0 or values.max() >= len(classes)):
        raise InputError(
            f"labels range from {values.min()} to {values.max()}, but there are {len(classes)} class names: labels "
            f"must be in 0 to {len(classes) - 1}"
        )
    return values.astype(np.int64), tuple(classes)


def _from_one_hot(values: np.ndarray, classes: Sequence[str] | None) -> tuple[np.ndarray, tuple[str, ...]]:
    if values.dtype.kind not in "biuf" or not np.isin(values, (0, 1)).all() or not (values.sum(axis=1) == 1).all():
        raise InputError(
            f"labels of shape {values.shape} must be one-hot: a single 1 in each row, and 0 otherwise; images of "
            f"several classes at once are not supported"
        )
    names = classes if classes is not None else [str(column) for column in range(values.shape[1])]
    if len(names) != values.shape[1]:
        raise InputError(
            f"one-hot labels have {values.shape[1]} columns, but there are {len(names)} class names; give one per "
            f"column"
        )
    return values.argmax(axis=1).astype(np.int64), tuple(names)


def _from_objects(values: np.ndarray) -> np.ndarray:
    listed = [value.decode() if isinstance(value, bytes) else value for value in values.tolist()]  # HDF5 has bytes
    kinds = set(map(type, listed))
    if not kinds <= {str} and not kinds <= {int}:
        raise InputError(
            f"labels must all be integers or all be texts, not {', '.join(sorted(kind.__name__ for kind in kinds))}"
        )
    return np.array(listed)


def group_numbers(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the images' group numbers, (N,) int64, and the number of images of unknown group; each is its own group.

    values: (N,); NaN, None and empty texts mean that the group is unknown.
    """
    listed = values.tolist()
    known = [value for value in listed if not is_unknown(value)]
    numbers = {value: number for number, value in enumerate(dict.fromkeys(known))}
    groups = np.arange(len(numbers), len(numbers) + len(listed), dtype=np.int64)
    for index, value in enumerate(listed):
        if not is_unknown(value):
            groups[index] = numbers[value]
    return groups, len(listed) - len(known)


def is_unknown(value: object) -> bool:
    """Whether a value means that the group or label is unknown."""
    return value is None or value != value or (isinstance(value, str) and not value.strip())
