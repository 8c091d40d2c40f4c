"""The `ganaug` command."""

import json

import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML
from summaries import tiny

from ganaug.core.files import write_json
from ganaug.core.paths import Paths
from ganaug.core.plugins import build
from ganaug.core.weights import ModelSpec
from ganaug.experiment.statistics.estimate import Estimate
from ganaug.experiment.statistics.spread import Spread
from ganaug.gan.networks import Shape
from ganaug.gan.store import save_generator
from ganaug.report.mlflow.tracking import Configuration, connect


def test_check_says_what_the_data_are_and_how_long_it_takes(ganaug, capsys):
    assert ganaug("check") == 0
    out = capsys.readouterr().out
    assert "class  training  validation  test" in out
    assert "all         899         179   719" in out
    assert "the whole run takes about" in out
    assert out.endswith("params.yaml is valid and fits the data\n")


def test_check_as_json_is_nothing_but_json(ganaug, capsys):
    assert ganaug("check", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["pool"]["0"] == 89
    assert found["estimate"]["seconds"]["GANs"] > 0


def test_check_of_wrong_data_fails_with_the_message(ganaug, capsys, tmp_path):
    text = (tmp_path / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(text.replace("labelled_per_class: 5", "labelled_per_class: 500"))
    assert ganaug("check") == 1
    assert "but 500 are requested" in capsys.readouterr().err


def test_init_keeps_the_parameters_it_replaces(ganaug, capsys, tmp_path, monkeypatch):
    before = (tmp_path / "params.yaml").read_text()
    monkeypatch.setattr("ganaug.experiment.planning.proposal.propose", lambda data, base: f"# for {data}\n")
    assert ganaug("init", "--data", "data/raw/mine") == 0
    assert (tmp_path / "params.yaml").read_text() == "# for data/raw/mine\n"
    assert (tmp_path / "params.before.yaml").read_text() == before
    assert "Read the new one, then: ganaug check" in capsys.readouterr().out


def test_init_that_fails_changes_nothing(ganaug, capsys, tmp_path):
    before = (tmp_path / "params.yaml").read_text()
    assert ganaug("init", "--data", str(tmp_path / "nowhere")) == 1
    assert (tmp_path / "params.yaml").read_text() == before
    assert "no such file or folder" in capsys.readouterr().err


def saved(folder, spec, attributes=(), describer=None):
    network, shape = build("gan.networks", spec), Shape(1, 8, 8)
    generator = network.generator(shape, 2 + len(attributes))
    save_generator(folder, generator, ModelSpec(network, shape, ("a", "b"), (), attributes, describer))


def test_sample_uses_the_first_replicates_gan_or_another(ganaug, tmp_path, capsys):
    saved(tmp_path / "models/gan/0", {"name": "mlp", "hidden": 4})
    assert ganaug("sample", str(tmp_path / "out.npz"), "--count", "3") == 0
    assert capsys.readouterr().out.endswith("out.npz: 6 images\n")
    assert np.load(tmp_path / "out.npz")["images"].shape == (6, 8, 8, 1)
    saved(tmp_path / "elsewhere", {"name": "mlp", "hidden": 4})
    assert ganaug("sample", str(tmp_path / "new"), "--gan", str(tmp_path / "elsewhere"), "--classes", "b") == 0
    assert len(list((tmp_path / "new/b").glob("*.png"))) == 100
    assert ganaug("sample", str(tmp_path / "new"), "--classes", "b") == 1
    assert "already exists" in capsys.readouterr().err


def test_sample_makes_what_is_described(ganaug, tmp_path, capsys):
    stackgan = {"name": "stackgan", "z_dim": 5, "condition_dim": 2, "channels": 4, "blocks": 1}
    saved(tmp_path / "models/gan/0", stackgan, ("left", "thin"), {"name": "bag_of_words"})
    sample = ("sample", str(tmp_path / "out.npz"), "--count", "2")
    assert ganaug(*sample) == 1
    assert "was trained with descriptions; add --describe, with some of: left, thin" in capsys.readouterr().err
    params = YAML(typ="safe").load(tmp_path / "params.yaml")
    params["prepare"]["describer"] = {"name": "attributes"}  # which would recognise no text
    YAML().dump(params, tmp_path / "params.yaml")
    assert ganaug(*sample, "--describe", "thin curly") == 1
    assert "--describe: this GAN does not know curly; it knows: left, thin" in capsys.readouterr().err
    for text in ("thin left", "left"):
        assert ganaug("sample", str(tmp_path / f"{text}.npz"), "--count", "2", "--describe", text) == 0
    one, other = (np.load(tmp_path / f"{text}.npz")["images"] for text in ("thin left", "left"))
    assert one.shape == (4, 8, 8, 1)
    assert (one != other).any()
    saved(tmp_path / "plain", {"name": "mlp", "hidden": 4})
    assert ganaug(*sample, "--gan", str(tmp_path / "plain"), "--describe", "thin") == 1
    assert "was trained without descriptions; leave out --describe" in capsys.readouterr().err
    assert not (tmp_path / "out.npz").exists()


def test_names_in_a_foreign_gan_cannot_control_the_terminal(ganaug, tmp_path, capsys):
    stackgan = {"name": "stackgan", "z_dim": 5, "condition_dim": 2, "channels": 4, "blocks": 1}
    saved(tmp_path / "foreign", stackgan, ("\x1b[2Jleft",), {"name": "bag_of_words"})
    sample = ("sample", str(tmp_path / "out.npz"), "--gan", str(tmp_path / "foreign"))
    for more in ((), ("--describe", "curly")):
        assert ganaug(*sample, *more) == 1
        printed = capsys.readouterr().err
        assert r"\x1b[2Jleft" in printed
        assert "\x1b" not in printed


def test_sample_and_edit_at_a_part_of_the_cost(ganaug, tmp_path, capsys):
    saved(tmp_path / "models/gan/0", {"name": "stylegan2", "z_dim": 4, "channels": 4, "widths": [0.5], "halvings": 1})
    assert ganaug("sample", str(tmp_path / "out.npz"), "--count", "3", "--width", "0.5", "--halvings", "1") == 0
    assert np.load(tmp_path / "out.npz")["images"].shape == (6, 4, 4, 1)
    edit = ("edit", str(tmp_path / "edited"), "--along", "sefa:1", "--strengths", "-1.5", "0", "--width", "0.5")
    assert ganaug(*edit, "--classes", "b", "--count", "2") == 0
    assert capsys.readouterr().out.endswith("edited: 4 images\n")
    names = sorted(path.relative_to(tmp_path / "edited").as_posix() for path in (tmp_path / "edited").rglob("*.png"))
    assert names == [*(f"b/00000{number}_{strength}.png" for number in (0, 1) for strength in ("+0", "-1.5")),
                     "contact.png"]  # fmt: skip
    for command in ("sample", "edit"):
        assert ganaug(command, str(tmp_path / "other"), "--width", "0.3") == 1
        assert "error: width: this GAN was trained for 0.5, 1 (given: 0.3)" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()
    assert ganaug("edit", str(tmp_path / "other"), "--along", "confidence:b") == 1
    assert "run `dvc repro train_ensemble`" in capsys.readouterr().err
    (tmp_path / "params.yaml").unlink()  # only the ensemble needs it
    assert ganaug("edit", str(tmp_path / "other"), "--gan", str(tmp_path / "models/gan/0")) == 0
    assert sorted(path.name for path in (tmp_path / "other").iterdir()) == [f"sefa_{one}.png" for one in range(4)]


def test_translate_reads_images_as_the_training_images_were_read(ganaug, painter, tmp_path, capsys):
    saved(tmp_path / "models/gan/0", painter)
    (tmp_path / "data/prepared").mkdir()
    write_json(tmp_path / "data/prepared/card.json", {"read": {"black_and_white": [0, 255], "value_type": "uint8"}})
    (tmp_path / "mine").mkdir()
    Image.new("RGB", (20, 30)).save(tmp_path / "mine/one.jpg")
    assert ganaug("translate", str(tmp_path / "mine"), str(tmp_path / "out"), "--to", "b") == 0
    assert "1 images translated to 'b'" in capsys.readouterr().out
    assert Image.open(tmp_path / "out/one.png").size == (8, 8)
    assert ganaug("translate", str(tmp_path / "mine"), str(tmp_path / "other"), "--to", "c") == 1
    assert "unknown class 'c'" in capsys.readouterr().err


def test_a_gan_may_be_in_mlflow(ganaug, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    saved(tmp_path / "gan", {"name": "mlp", "hidden": 4})
    store = connect(Configuration("key", "title", {}, {}), Paths(tmp_path))
    run = store.client.create_run(store.experiment).info.run_id
    store.client.log_artifacts(run, str(tmp_path / "gan"), "0")
    assert ganaug("sample", str(tmp_path / "out.npz"), "--gan", f"runs:/{run}/0", "--count", "1") == 0
    assert len(np.load(tmp_path / "out.npz")["images"]) == 2
    assert ganaug("sample", str(tmp_path / "other.npz"), "--gan", "runs:/nothing/0") == 1
    assert "runs:/nothing/0: MLflow cannot find it" in capsys.readouterr().err


def test_plan_says_what_the_time_allows(ganaug, tmp_path, capsys):
    assert ganaug("plan", "--hours", "1") == 1
    assert "summary.json: does not exist yet; run `dvc repro`" in capsys.readouterr().err
    paths = Paths(tmp_path)
    paths.summary.parent.mkdir()
    estimate = Estimate(0.01, (0.0, 0.01, 0.02), 0.0001, 0.0)
    write_json(paths.summary, tiny() | {"spread": Spread(estimate, 1, None).as_dict(), "replicates": [0, 1, 2]})
    stages = ("train_ensemble", "train_gan", "generate", "measure", "train_baseline", "try_shares", "train_augmented")
    write_json(paths.seconds, {stage: {"seconds": 300.0} for stage in stages})
    assert ganaug("plan", "--hours", "1") == 0
    assert "then: ganaug run. Finished GANs are kept" in capsys.readouterr().out
    assert ganaug("plan", "--hours", "1", "--json") == 0
    advice = json.loads(capsys.readouterr().out)
    assert (advice["hours"], advice["now"]["replicates"], advice["now"]["seconds"]) == (1, 3, 0)
    assert advice["within"]["seconds"] <= 3600
    assert advice["within"]["detectable"] < advice["now"]["detectable"]


def test_hours_belong_to_until_decided(ganaug, capsys):
    assert ganaug("run", "--hours", "1") == 1
    assert "--hours needs --until-decided" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["summary"], ["plan", "--hours", "1"]])
def test_results_of_an_earlier_version_are_refused(ganaug, tmp_path, capsys, command):
    Paths(tmp_path).summary.parent.mkdir()
    write_json(Paths(tmp_path).summary, {"verdict": {}})
    assert ganaug(*command) == 1
    assert "written by an earlier version; run `dvc repro`" in capsys.readouterr().err
