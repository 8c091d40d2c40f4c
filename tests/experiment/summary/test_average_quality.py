"""The quality of synthetic sets, averaged over replicates."""

from ganaug.experiment.summary.average_quality import average_quality


def test_quality_is_averaged_over_the_replicates_that_have_it():
    def quality(synthetic, held_out):
        figure = {"better": "low", "ideal": 0.0, "sees": "features", "synthetic": synthetic, "train": None}
        return {"features": "ensemble", "figures": {"fid": figure | {"held_out": held_out, "per_class": {}}}}

    found = average_quality([quality(1.0, None), quality(2.0, 3.0)])
    assert found["features"] == "ensemble"
    assert found["figures"] == {
        "fid": {"better": "low", "ideal": 0.0, "sees": "features", "synthetic": 1.5, "train": None, "held_out": 3.0}
    }


def test_attacks_on_stand_ins_are_averaged_too():
    def quality(synthetic):
        found = {"linkage": {"options": {}, "synthetic": synthetic, "train": 1.0, "held_out": None}}
        return {"features": "ensemble", "figures": {}, "stand_ins": {"pairs": 9, "attacks": found}}

    assert average_quality([quality(0.5), quality(0.6)])["stand_ins"] == {
        "linkage": {"synthetic": 0.55, "train": 1.0, "held_out": None}
    }
