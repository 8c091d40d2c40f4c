"""Weights of the Hugging Face hub: from the cache, downloaded, or refused."""

import hashlib

import pytest
import torch

pytest.importorskip("huggingface_hub", reason="needs the extra `pretrained`")
from hub_cache import imitation, put, use_cache
from safetensors.torch import save

from ganaug.core import extras
from ganaug.core.errors import InputError
from ganaug.core.hub import hub_file
from ganaug.core.weight_files import sha256, weight_facts, weight_file

FIRST, SECOND = "1" * 40, "2" * 40
WEIGHTS = {"fc.weight": torch.zeros(2, 2)}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    return use_cache(monkeypatch, tmp_path / "cache")


def test_what_the_cache_holds_needs_no_network(cache):
    stored = put(cache, "timm/tiny", WEIGHTS, FIRST)
    assert hub_file("hub:timm/tiny") == (stored, f"hub:timm/tiny/model.safetensors@{FIRST}")
    assert weight_file("hub:timm/tiny") == stored


def test_a_commit_names_bytes_whatever_the_branch_has_become(cache):
    first = put(cache, "timm/tiny", WEIGHTS, FIRST)
    second = put(cache, "timm/tiny", {"fc.weight": torch.ones(2, 2)}, SECOND)
    assert weight_file("hub:timm/tiny") == second
    assert weight_file(f"hub:timm/tiny@{FIRST}") == first
    facts = weight_facts("hub:timm/tiny")
    assert facts == {"weights": f"hub:timm/tiny/model.safetensors@{SECOND}", "sha256": sha256(second)}
    assert weight_facts(facts["weights"]) == facts  # the recorded name can be used in params.yaml


def test_a_file_in_a_folder_of_the_repository(cache):
    stored = put(cache, "me/mine", WEIGHTS, FIRST, file="deep/er/a.safetensors")
    assert hub_file("hub:me/mine/deep/er/a.safetensors") == (stored, f"hub:me/mine/deep/er/a.safetensors@{FIRST}")


def test_what_the_cache_lacks_is_downloaded_once(tmp_path, monkeypatch):
    content = save(WEIGHTS)
    with imitation({"timm/tiny/model.safetensors": content}, FIRST) as address:
        use_cache(monkeypatch, tmp_path / "cache", address)
        path, name = hub_file("hub:timm/tiny")
    assert path.read_bytes() == content
    assert name == f"hub:timm/tiny/model.safetensors@{FIRST}"
    assert hub_file("hub:timm/tiny") == (path, name)  # the server is gone
    assert weight_facts("hub:timm/tiny")["sha256"] == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("weights", ["hub:timm/tiny", "hub:timm/large", "hub:timm/tiny/other.safetensors"])
def test_what_the_hub_lacks_is_refused(tmp_path, monkeypatch, weights):
    with imitation({"timm/tiny/pytorch_model.bin": b"pickled"}, FIRST) as address:
        use_cache(monkeypatch, tmp_path / "cache", address)
        message = r"the hub has no \w+.safetensors at main of timm/\w+, or you do not have access to it; name another"
        with pytest.raises(InputError, match=message):
            weight_file(weights)


def test_offline_it_is_refused_with_the_remedy(cache):
    with pytest.raises(InputError) as raised:
        weight_file("hub:timm/tiny")
    assert str(raised.value).startswith(
        "weights: hub:timm/tiny: not in the cache of the Hugging Face hub, and the hub cannot be reached ("
    )
    assert str(raised.value).endswith(
        "); give a path to your own file, or fill the cache where there is a network: "
        "hf download timm/tiny model.safetensors"
    )


def test_a_hub_that_nobody_reaches_is_refused_too(tmp_path, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)  # huggingface_hub tries again and again
    use_cache(monkeypatch, tmp_path / "cache", "http://127.0.0.1:9")  # nothing listens there
    with pytest.raises(InputError, match=r"the hub cannot be reached .*refused.*; give a path to your own"):
        weight_file("hub:timm/tiny")


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("hub:tiny", "write hub:<owner>/<repository>, such as hub:timm/resnet18.a1_in1k"),
        ("hub:/tiny", "write hub:<owner>/<repository>"),
        (
            "hub:timm/tiny/pytorch_model.bin",
            "only safetensors are downloaded; name such a file, or give a path to your own file",
        ),
        ("hub:timm/no model", "write hub:<owner>/<repository>"),
    ],
)
def test_what_names_no_safetensors_is_refused(cache, weights, message):
    with pytest.raises(InputError, match=message):
        weight_file(weights)


def test_a_missing_library_is_named_with_its_extra(monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install 'ganaug\[pretrained\]'"):
        weight_file("hub:timm/tiny")
