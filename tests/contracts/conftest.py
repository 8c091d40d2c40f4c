"""Known exceptions: plug-ins that do not keep a contract, with reasons."""

import pytest

EXPECTED_FAILURES = {
    ("test_real_images_beat_noise_around_them", "recall"): "noise around the real images covers them, as variety would",
    (
        "test_a_better_classifier_has_more_merit",
        "calibration_error",
    ): "with unit noise, skill 1 is just as confident as right",
}
"""(test function, plug-in) → reason. The test must fail for that plug-in, or the entry is out of date."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the expected failures."""
    for item in items:
        values = item.callspec.params.values() if hasattr(item, "callspec") else ()
        for value in values:
            reason = (
                EXPECTED_FAILURES.get((getattr(item, "originalname", ""), value)) if isinstance(value, str) else None
            )
            if reason is not None:
                item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
