"""Files below a folder or in an archive; test_odd_inputs.py has the broken ones."""

import os
import tarfile
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from ganaug.data import file_tree
from ganaug.data.file_tree import is_archive, list_files


def content(entry):
    with entry.file.open() as file:
        return file.read()


@pytest.fixture(params=["folder", "zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
def tree(request, tmp_path):
    """Twenty files, in two folders, in any of the forms."""
    folder = tmp_path / "all"
    for number in range(20):
        path = folder / "ab"[number % 2] / f"{number}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(50) + bytes([number]))
    if request.param == "folder":
        return folder, folder
    path = tmp_path / f"all.{request.param}"
    if request.param == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in folder.rglob("*.bin"):
                archive.write(file, file.relative_to(folder))
    else:
        with tarfile.open(path, f"w:{request.param.rpartition('tar')[2].removeprefix('.')}") as archive:
            archive.add(folder, ".")
    return folder, path


def test_every_file_is_found_and_read_in_order_of_its_path(tree):
    folder, path = tree
    found = list_files(path)
    assert [entry.parts for entry in found] == sorted(file.relative_to(folder).parts for file in folder.rglob("*.bin"))
    for _ in range(2):
        for entry in found:
            assert content(entry) == (folder / Path(*entry.parts)).read_bytes()


def test_other_processes_read_side_by_side_and_leave_the_files_in_place(tree):
    folder, path = tree
    found = list_files(path) * 20
    expected = [(folder / Path(*entry.parts)).read_bytes() for entry in found]
    for _ in range(2):  # a second pool begins after the processes of the first have ended
        with ProcessPoolExecutor(3) as pool:
            assert list(pool.map(content, found, chunksize=5)) == expected


def test_archives_are_known_by_their_content(tree, tmp_path):
    _, path = tree
    assert is_archive(path) == path.is_file()
    (tmp_path / "text.zip").write_text("no archive", encoding="utf-8")
    assert not is_archive(tmp_path / "text.zip")


def test_an_archive_is_decompressed_once_unless_it_changes(tmp_path, monkeypatch):
    path, unpacked = tmp_path / "all.tar.gz", []
    decompressed = file_tree._decompressed
    monkeypatch.setattr(file_tree, "_decompressed", lambda *given: unpacked.append(given) or decompressed(*given))
    for names in (["a"], ["a", "b"]):
        with tarfile.open(path, "w:gz") as archive:
            for name in names:
                (tmp_path / name).write_text(f"this is {name}", encoding="utf-8")
                archive.add(tmp_path / name, name)
        for _ in range(3):
            found = list_files(path)
            assert [entry.parts for entry in found] == [(name,) for name in names]
            assert content(found[-1]) == f"this is {names[-1]}".encode()
    assert len(unpacked) == 2
