"""Selects the findings that bear on the answer: if only the GAN's discriminator is used, its images may be bad."""

from __future__ import annotations

from ganaug.experiment.summary.types import Results


def is_about_images(results: Results) -> bool:
    """Return whether the answer is about synthetic images, not only about the GAN's discriminator."""
    return any(results["arms"][name]["gan"] != ["discriminator"] for name in results["verdict"]["arms"])


def matters(finding: str, results: Results) -> bool:
    """Return whether a finding in GAN training bears on the answer: good discriminators may come with bad images."""
    return is_about_images(results) or finding.startswith("discriminator")


def gan_findings(results: Results) -> dict[str, list[str]]:
    """Return the findings in GAN training that bear on the answer, by replicate."""
    return {
        replicate: [name for name in names if matters(name, results)]
        for replicate, names in results["findings"].items()
    }
