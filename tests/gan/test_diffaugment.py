"""What each augmentation does to an image, with hand-derived bounds."""

from itertools import product
from math import degrees

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck
from torch.nn.functional import grid_sample

from ganaug.gan.diffaugment import AUGMENTATIONS, affine, color, cutout, diffaugment, flip, resample, translation

SIZES = [(8, 8), (9, 20), (16, 12)]


def randomness(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(count: int, channels: int, height: int, width: int) -> Tensor:
    return torch.rand(count, channels, height, width, generator=randomness(1)) * 2 - 1


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", SIZES)
def test_shape_and_dtype_are_preserved(augmentation, channels, size):
    images = noise(5, channels, *size)
    augmented = AUGMENTATIONS[augmentation](images, randomness())
    assert augmented.shape == images.shape
    assert augmented.dtype == images.dtype


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_gradients_flow_to_every_image(augmentation):
    images = noise(5, 3, 8, 12).requires_grad_()
    diffaugment(images, [augmentation], randomness()).square().sum().backward()
    assert images.grad.isfinite().all()
    assert (images.grad.abs().sum(dim=(1, 2, 3)) > 0).all()


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_the_generators_state_determines_the_result(augmentation):
    images = noise(8, 3, 12, 8)
    first = diffaugment(images, [augmentation], randomness(3))
    assert torch.equal(first, diffaugment(images, [augmentation], randomness(3)))
    assert not torch.equal(first, diffaugment(images, [augmentation], randomness(4)))


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_the_global_generator_is_not_used(augmentation):
    images = noise(4, 3, 8, 8)
    before = torch.get_rng_state()
    diffaugment(images, [augmentation], randomness())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_images_of_a_batch_get_different_parameters(augmentation):
    images = noise(1, 3, 16, 16).expand(12, -1, -1, -1)
    augmented = diffaugment(images, [augmentation], randomness())
    assert len({tuple(image.flatten().tolist()) for image in augmented}) >= (2 if augmentation == "flip" else 4)


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_an_image_does_not_depend_on_the_rest_of_its_batch(augmentation):
    images = noise(6, 3, 12, 9)
    others = images.clone()
    others[1:] *= -0.5
    assert torch.equal(
        diffaugment(images, [augmentation], randomness())[0], diffaugment(others, [augmentation], randomness())[0]
    )


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_the_input_is_not_modified(augmentation):
    images = noise(4, 3, 8, 8)
    before = images.clone()
    diffaugment(images, [augmentation], randomness())
    assert torch.equal(images, before)


def test_no_augmentation_returns_the_images():
    images = noise(3, 1, 8, 8)
    assert torch.equal(diffaugment(images, [], randomness()), images)


def test_augmentations_are_applied_in_the_given_order():
    # color draws from the generator first, then cutout, whose hole stays exactly 0 only if it comes last
    images = torch.ones(4, 3, 8, 8)
    source = randomness()
    by_hand = cutout(color(images, source), source)
    assert torch.equal(diffaugment(images, ["color", "cutout"], randomness()), by_hand)
    assert (by_hand == 0).any(dim=(1, 2, 3)).all()


def shifted(image: Tensor, down: int, right: int) -> Tensor:
    """Shift an image (C, H, W) by whole pixels, filling with -1."""
    height, width = image.shape[1:]
    moved = torch.full_like(image, -1.0)
    moved[:, max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = image[
        :, max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return moved


@pytest.mark.parametrize(
    ("size", "reach"), [((8, 8), (1, 1)), ((8, 24), (1, 3)), ((16, 12), (2, 2)), ((9, 20), (1, 3))]
)
def test_translation_shifts_by_whole_pixels_and_fills_with_black(size, reach):
    # reach: an eighth of 8, 9, 12, 16, 20, 24 is 1, 1.125, 1.5, 2, 2.5, 3, rounded half up
    images = noise(400, 2, *size)
    augmented = translation(images, randomness())
    moves = list(product(range(-reach[0], reach[0] + 1), range(-reach[1], reach[1] + 1)))
    seen = set()
    for image, result in zip(images, augmented, strict=True):
        fitting = [move for move in moves if torch.equal(shifted(image, *move), result)]
        assert len(fitting) == 1
        seen.update(fitting)
    assert seen == set(moves)


@pytest.mark.parametrize(("size", "extent"), [((8, 8), (4, 4)), ((8, 12), (4, 6)), ((9, 16), (5, 8))])
def test_cutout_greys_one_rectangle_of_half_each_side_clipped_at_the_edge(size, extent):
    images = torch.ones(400, 3, *size)
    hole = cutout(images, randomness()) == 0
    assert torch.equal(hole.any(1), hole.all(1))  # the same in all channels
    rows, columns = hole[:, 0].any(2), hole[:, 0].any(1)
    assert torch.equal(hole[:, 0], rows[:, :, None] & columns[:, None, :])  # a rectangle …
    for sides, whole in ((rows, extent[0]), (columns, extent[1])):
        assert (sides.int().diff(dim=1).abs().sum(1) <= 2).all()  # … in one piece
        lengths = sides.sum(1)
        # the centre lies on or beside any pixel: at the edge half of the extent, rounded up, is left
        assert (lengths.min(), lengths.max()) == ((whole + 1) // 2, whole)
        clipped = lengths < whole
        assert (sides[clipped, 0] | sides[clipped, -1]).all()
        assert lengths[sides[:, 0]].min() == lengths[sides[:, -1]].min()  # both edges alike
    assert hole.any(0).all()  # every pixel is covered by some hole


def test_cutout_changes_nothing_outside_its_hole():
    images = noise(50, 3, 8, 8)
    augmented = cutout(images, randomness())
    assert ((augmented == images) | (augmented == 0)).all()


def test_color_changes_only_the_brightness_of_a_constant_grey():
    # saturation and contrast scale differences, and here there are none: out − in is uniform in [−0.5, 0.5)
    images = torch.full((2000, 3, 4, 4), 0.25)
    shift = color(images, randomness()) - images
    assert torch.allclose(shift, shift[:, :1, :1, :1], atol=1e-6)  # constant again
    shift = shift[:, 0, 0, 0]
    assert -0.5 - 1e-6 <= shift.min() < -0.48
    assert 0.48 < shift.max() <= 0.5 + 1e-6
    assert shift.mean().abs() < 0.03  # 0 ± 4.6 standard errors of 0.289 / √2000


def test_color_scales_contrast_and_saturation_within_the_papers_ranges():
    # Left half bright, right half dark; red above and blue below it in every pixel by 0.1. Grey differs by 0.6 between
    # the halves and is scaled by contrast c alone; red − blue is 0.2 and scaled by saturation s times c.
    images = torch.zeros(2000, 3, 4, 4)
    images[..., :2], images[..., 2:] = 0.3, -0.3
    images[:, 0] += 0.1
    images[:, 2] -= 0.1
    augmented = color(images, randomness())
    grey = augmented.mean(1)
    contrast = (grey[..., 0] - grey[..., 3])[:, 0] / 0.6
    saturation = (augmented[:, 0] - augmented[:, 2])[:, 0, 0] / 0.2 / contrast
    for factor, low, high in ((contrast, 0.5, 1.5), (saturation, 0.0, 2.0)):
        assert low - 1e-4 <= factor.min() < low + 0.03
        assert high - 0.03 < factor.max() <= high + 1e-4
    assert torch.corrcoef(torch.stack([contrast, saturation]))[0, 1].abs() < 0.1  # drawn independently


def test_color_changes_the_mean_by_brightness_only():
    images = noise(200, 3, 8, 8)
    shift = (color(images, randomness()) - images).mean(dim=(1, 2, 3))
    plain = torch.zeros_like(images)
    assert torch.allclose(shift, color(plain, randomness())[:, 0, 0, 0], atol=1e-5)


def test_color_changes_only_brightness_and_contrast_of_a_greyscale_image():
    images = noise(200, 1, 8, 8)
    augmented = color(images, randomness())
    mean, new_mean = images.mean(dim=(2, 3), keepdim=True), augmented.mean(dim=(2, 3), keepdim=True)
    scale = (augmented - new_mean).std(dim=(2, 3)) / images.std(dim=(2, 3))
    assert torch.allclose(augmented - new_mean, (images - mean) * scale[..., None, None], atol=1e-5)
    assert ((scale > 0.5 - 1e-4) & (scale < 1.5 + 1e-4)).all()


@pytest.mark.parametrize(("height", "width"), [(32, 32), (24, 48), (48, 32)])
def test_affine_is_a_small_rotation_and_zoom_about_the_centre_with_a_small_shift(height, width):
    # Each pixel holds its own coordinates. Bilinear interpolation of a linear function is exact, so away from the edges
    # the result shows where each pixel came from: M p + t, in pixels from the centre. A rotation by a and a
    # magnification by m give M = R(a) / m, which has no shear, whatever the aspect ratio.
    down, right = torch.meshgrid(
        torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2, indexing="ij"
    )
    places = torch.stack([right, down]) / 100  # small, as edges blend into -1
    results = affine(places.expand(300, -1, -1, -1), randomness()) * 100
    inner = slice(height // 4, -height // 4), slice(width // 4, -width // 4)  # not reached by the fill
    positions = torch.stack([right[inner], down[inner], torch.ones_like(right[inner])], -1).flatten(0, 1)
    angles, zooms, shifts = [], [], []
    for result in results:
        found = result[:, inner[0], inner[1]].flatten(1).T
        solution = torch.linalg.lstsq(positions, found).solution
        assert torch.allclose(positions @ solution, found, atol=1e-3)
        (a, b), (c, d), shift = solution.T[:, :2].tolist()[0], solution.T[:, :2].tolist()[1], solution[2].tolist()
        assert (a, b) == pytest.approx((d, -c), abs=1e-3)
        angles.append(degrees(torch.atan2(torch.tensor(c), torch.tensor(a)).item()))
        zooms.append(1 / (a * a + c * c) ** 0.5)
        shifts.append([shift[0] / width, shift[1] / height])
    for drawn, low, high in (
        (torch.tensor(angles), -10, 10),
        (torch.tensor(zooms), 0.9, 1.1),
        (torch.tensor(shifts)[:, 0], -1 / 16, 1 / 16),
        (torch.tensor(shifts)[:, 1], -1 / 16, 1 / 16),
    ):
        slack = 0.03 * (high - low)
        assert low - slack / 10 <= drawn.min() < low + slack
        assert high - slack < drawn.max() <= high + slack / 10


def test_affine_fills_with_black_and_stays_in_range():
    augmented = affine(torch.ones(200, 1, 32, 32), randomness())
    assert augmented.min() == pytest.approx(-1, abs=1e-5)
    assert augmented.max() <= 1 + 1e-5
    # A pixel up to r from the centre comes from up to r (cos 10° + sin 10°) / 0.9 + 2 away, with 2 = 32 / 16. That is
    # no farther than the outermost pixels, at 15.5, while r ≤ 10.48: columns 15.5 ± 10.48, from the 6th on.
    margin = 6
    assert torch.allclose(augmented[..., margin:-margin, margin:-margin], torch.ones(()), atol=1e-5)


def test_affine_leaves_a_black_image_black():
    images = torch.full((20, 3, 9, 16), -1.0)
    assert torch.allclose(affine(images, randomness()), images, atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
def test_flip_mirrors_half_of_the_images_horizontally(size):
    images = noise(400, 3, *size)
    augmented = flip(images, randomness())
    same, mirrored = ((augmented == one).all(dim=(1, 2, 3)) for one in (images, images.flip(3)))
    assert (same ^ mirrored).all()
    assert 155 <= mirrored.sum() <= 245  # 200 ± 4.5 standard deviations of √(400 / 4)


def test_flip_keeps_every_pixel_in_its_row():
    images = noise(50, 2, 6, 9)
    augmented = flip(images, randomness())
    assert torch.equal(augmented.sort(dim=3).values, images.sort(dim=3).values)


ALWAYS, HALF, NEVER = torch.tensor(1.0), torch.tensor(0.5), torch.tensor(0.0)


def test_probability_0_changes_nothing():
    images = noise(50, 3, 8, 12)
    assert torch.equal(diffaugment(images, list(AUGMENTATIONS), randomness(), NEVER), images)


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_probability_1_equals_no_probability(augmentation):
    # an augmentation draws before images are chosen, so the same state of the generator gives the same result
    images = noise(50, 3, 8, 12)
    augmented = diffaugment(images, [augmentation], randomness(), ALWAYS)
    assert torch.equal(augmented, diffaugment(images, [augmentation], randomness()))


@pytest.mark.parametrize("augmentation", ["color", "cutout", "affine"])  # which always change an image
def test_the_probability_is_the_expected_share_of_augmented_images(augmentation):
    images = noise(400, 3, 8, 12)
    always = diffaugment(images, [augmentation], randomness(), ALWAYS)
    for probability, low, high in ((0.5, 155, 245), (0.1, 13, 67)):  # 200 ± 4.5 · 10 and 40 ± 4.5 · 6
        augmented = diffaugment(images, [augmentation], randomness(), torch.tensor(probability))
        left, changed = ((augmented == one).all(dim=(1, 2, 3)) for one in (images, always))
        assert (left ^ changed).all()  # never in part
        assert low <= changed.sum() <= high


def test_each_augmentation_chooses_its_own_images():
    # on white images color gives another grey level, cutout a hole of 0, which color never turns 1 ± 0.5 into
    augmented = diffaugment(torch.ones(400, 3, 8, 8), ["color", "cutout"], randomness(), HALF)
    coloured = augmented.amax(dim=(1, 2, 3)) != 1
    cut = (augmented == 0).any(1).any(1).any(1)
    for one in (coloured, ~coloured):
        for other in (cut, ~cut):
            assert 61 <= (one & other).sum() <= 139  # 100 ± 4.5 standard deviations of √(400 · 3 / 16)


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_gradients_flow_to_augmented_and_unchanged_images(augmentation):
    images = noise(40, 3, 8, 12).requires_grad_()
    augmented = diffaugment(images, [augmentation], randomness(), HALF)
    augmented.sum().backward()
    assert (images.grad.abs().sum(dim=(1, 2, 3)) > 0).all()
    left = (augmented == images).all(dim=(1, 2, 3))
    assert left.any()
    assert (images.grad[left] == 1).all()


def test_autocast_does_not_change_the_result():
    # 8 bits of mantissa would blur positions
    images, augmentations = noise(4, 3, 20, 20), list(AUGMENTATIONS)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        augmented = diffaugment(images, augmentations, randomness())
    assert augmented.dtype == torch.float32
    assert torch.equal(augmented, diffaugment(images, augmentations, randomness()))


def grids(count: int, height: int, width: int) -> Tensor:
    """Return grids (N, H, W, 2) in [-1.3, 1.3], so partly outside the image."""
    return 1.3 * (torch.rand(count, height, width, 2, generator=randomness(2), dtype=torch.float64) * 2 - 1)


def doubles(count: int, channels: int, height: int, width: int) -> Tensor:
    return noise(count, channels, height, width).double().requires_grad_()


@pytest.mark.parametrize("channels", [1, 3])
def test_resample_is_pytorchs_grid_sample_in_value_and_gradient(channels):
    images, grid, weights = doubles(3, channels, 5, 7), grids(3, 4, 6), noise(3, channels, 4, 6).double()
    ours, theirs = resample(images, grid), grid_sample(images, grid, align_corners=False)
    assert torch.equal(ours, theirs)
    gradients = [torch.autograd.grad((result * weights).sum(), images)[0] for result in (ours, theirs)]
    assert torch.equal(*gradients)
    assert gradients[0].any()


def test_resample_has_the_gradients_that_finite_differences_have():
    grid = grids(2, 4, 3)
    assert gradcheck(lambda images: resample(images, grid), doubles(2, 2, 3, 5))
    assert gradgradcheck(lambda images: resample(images, grid), doubles(2, 2, 3, 5))
    # it is linear, so only a nonlinear function of it, such as its cube, has a second derivative at the images
    assert gradgradcheck(lambda images: resample(images, grid).pow(3), doubles(2, 2, 3, 5))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(
    "augmentations", [*([augmentation] for augmentation in AUGMENTATIONS), list(AUGMENTATIONS)], ids="+".join
)
def test_a_gradient_penalty_trains_through_augmentation(augmentations, dtype):
    # For given draws each augmentation is T x = A x + b. D(x) = ⟨w, T x⟩ has the gradient Aᵀw at every x, and ½‖Aᵀw‖²
    # has the gradient A Aᵀw at w, which is T (Aᵀw) − T 0: no second derivative is needed to compute it.
    images, weights = noise(12, 3, 8, 12).requires_grad_(), noise(12, 3, 8, 12).requires_grad_()

    def augmented(given: Tensor) -> Tensor:
        return diffaugment(given, augmentations, randomness(3), HALF)

    with torch.autocast("cpu", dtype=dtype, enabled=dtype != torch.float32):
        (gradient,) = torch.autograd.grad((augmented(images) * weights).sum(), images, create_graph=True)
        (slope,) = torch.autograd.grad(gradient.square().sum() / 2, weights)
        expected = augmented(gradient.detach()) - augmented(torch.zeros_like(images))
    assert gradient.detach().any()
    assert torch.allclose(slope, expected, atol=1e-5)
