"""Paths of the files that stages read and write, below the project folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Paths:
    """All paths inside a project.

    root: the folder that holds params.yaml and dvc.yaml. A replicate is given by its number, as int or str.
    """

    root: Path = Path()

    @property
    def params(self) -> Path:
        """The user's configuration."""
        return self.root / "params.yaml"

    @property
    def lock(self) -> Path:
        """DVC's record of the files of every stage's last run."""
        return self.root / "dvc.lock"

    @property
    def scripts(self) -> Path:
        """The stages' scripts."""
        return self.root / "pipeline"

    def code(self, stage: str) -> Path:
        """Return the path of the list of hashes of the code that a stage runs."""
        return self.root / "code" / f"{stage}.txt"

    @property
    def stages(self) -> Path:
        """The names of all stages, in the order in which they run; no stage depends on this file."""
        return self.root / "code/stages.json"

    @property
    def checked(self) -> Path:
        """A file that is written once params.yaml has been checked."""
        return self.root / "data/checked.txt"

    @property
    def checked_data(self) -> Path:
        """A file that is written once params.yaml has been checked against the data."""
        return self.root / "data/checked_data.txt"

    @property
    def prepared(self) -> Path:
        """The prepared data: card.json; val, test, pool and other_domain; and one folder per replicate."""
        return self.root / "data/prepared"

    @property
    def unsplit(self) -> Path:
        """All images of the source; exists only while they are being split."""
        return self.root / "data/unsplit"

    @property
    def data_card(self) -> Path:
        """A description of the prepared data."""
        return self.prepared / "card.json"

    @property
    def near_duplicates(self) -> Path:
        """Pairs of nearly identical images in different splits, if there are any."""
        return self.prepared / "near_duplicates.png"

    @property
    def val(self) -> Path:
        """The validation images, the same for all replicates."""
        return self.prepared / "val"

    @property
    def test(self) -> Path:
        """The test images, the same for all replicates."""
        return self.prepared / "test"

    @property
    def pool(self) -> Path:
        """The training pool, with labels that only arms with more labels may use."""
        return self.prepared / "pool"

    @property
    def other_domain(self) -> Path:
        """The images of another domain, the same for all replicates; often empty."""
        return self.prepared / "other_domain"

    def train(self, replicate: int | str) -> Path:
        """Return the folder of a replicate's limited training set."""
        return self.prepared / str(replicate) / "train"

    def unlabelled(self, replicate: int | str) -> Path:
        """Return the folder of the rest of a replicate's pool, without labels."""
        return self.prepared / str(replicate) / "unlabelled"

    def order(self, replicate: int | str) -> Path:
        """Return the path of the order in which a replicate draws training images from the pool."""
        return self.prepared / str(replicate) / "order.npy"

    def neighbour(self, replicate: int | str) -> Path:
        """Return the folder of a replicate's nearest-neighbour predictions for validation and test images."""
        return self.root / "results/neighbour" / str(replicate)

    def ensemble(self, replicate: int | str) -> Path:
        """Return the folder of a replicate's ensemble of classifiers."""
        return self.root / "models/ensemble" / str(replicate)

    def ensemble_probabilities(self, replicate: int | str) -> Path:
        """Return the path of the ensemble's mean class probabilities (N, K) for the replicate's unlabelled images."""
        return self.ensemble(replicate) / "probabilities/unlabelled.npy"

    def ensemble_probabilities_other_domain(self, replicate: int | str) -> Path:
        """Return the path of the ensemble's mean class probabilities (N, K) for the images of another domain."""
        return self.ensemble(replicate) / "probabilities/other_domain.npy"

    @property
    def precision(self) -> Path:
        """The precision in which GANs are trained."""
        return self.root / "models/precision.txt"

    def gan(self, replicate: int | str) -> Path:
        """Return the folder of a replicate's generator and discriminator, with the record of their training."""
        return self.root / "models/gan" / str(replicate)

    def gan_checkpoint(self, replicate: int | str) -> Path:
        """Return the folder of an unfinished run's checkpoint; not a DVC output: DVC deletes outputs before a run."""
        return self.root / "checkpoints/gan" / str(replicate)

    def synthetic(self, replicate: int | str) -> Path:
        """Return the folder of a replicate's synthetic images, labels and class names, without scores."""
        return self.root / "data/synthetic" / str(replicate)

    def synthetic_report(self, replicate: int | str) -> Path:
        """Return the folder of all reports on a synthetic set: candidates' scores, quality, card."""
        return self.root / "results/synthetic" / str(replicate)

    def trial(self, arm: str, replicate: int | str) -> Path:
        """Return the path of an arm's predictions for validation images with each share of synthetic images."""
        return self.root / "results/trials" / arm / f"{replicate}.npy"

    def shares(self, arm: str) -> Path:
        """Return the folder of the share of synthetic images chosen for an arm, and of the results it is based on."""
        return self.root / "results/shares" / arm

    def share(self, arm: str) -> Path:
        """Return the path of the share of synthetic images chosen for an arm."""
        return self.shares(arm) / "share.json"

    def tried(self, arm: str) -> Path:
        """Return the path of an arm's validation results for each share of synthetic images, over all replicates."""
        return self.shares(arm) / "validation.json"

    def arm(self, name: str, replicate: int | str) -> Path:
        """Return the folder of one arm's classifier and predictions in one replicate."""
        return self.root / "results/arms" / name / str(replicate)

    def baseline(self, name: str, replicate: int | str) -> Path:
        """Return the path of a copy of a baseline's validation predictions, in a folder that only baselines fill."""
        return self.root / "results/baselines" / name / f"{replicate}.npy"

    @property
    def left_to_gain(self) -> Path:
        """The room for improvement that baselines and a nearest neighbour leave on validation images."""
        return self.root / "results/left_to_gain.json"

    def stage_seconds(self, name: str) -> Path:
        """Return the path of the cost of a stage's last run. name: its script's name and arguments, joined by @."""
        return self.root / "results/seconds" / f"{name}.json"

    def log(self, stage: str) -> Path:
        """Return the path of a stage's printed output if stages run side by side; deleted once the stage succeeds."""
        return self.root / "logs" / f"{stage}.log"

    @property
    def seconds(self) -> Path:
        """The cost of each stage."""
        return self.root / "results/seconds.json"

    @property
    def summary(self) -> Path:
        """All results, for programs."""
        return self.root / "results/summary.json"

    @property
    def metrics(self) -> Path:
        """The headline figures, for `dvc metrics show`."""
        return self.root / "results/metrics.json"

    @property
    def plots(self) -> Path:
        """The plots, as PNG."""
        return self.root / "results/plots"

    @property
    def report(self) -> Path:
        """The report, one HTML page."""
        return self.root / "results/report.html"

    @property
    def mlflow_database(self) -> Path:
        """MLflow's record, unless MLFLOW_TRACKING_URI names a server."""
        return self.root / "mlflow.db"

    @property
    def mlflow_artifacts(self) -> Path:
        """The files of MLflow's runs, unless MLFLOW_TRACKING_URI names a server."""
        return self.root / "mlruns"


HERE = Paths()
"""The project in the current folder, where DVC runs every stage."""
