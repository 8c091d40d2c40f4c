"""StyleGAN2, part by part."""

from math import sqrt

import pytest
import torch
from recording import Recorded
from torch import Tensor
from torch.nn.functional import conv2d

from ganaug.core.errors import InputError
from ganaug.gan.conditioning import conditions
from ganaug.gan.equalised import EqualisedConv, EqualisedLinear, scaled_leaky_relu
from ganaug.gan.filters import downsample
from ganaug.gan.modulation import ModulatedConv, StyledConv, ToImage
from ganaug.gan.networks import Rendering, Shape
from ganaug.gan.networks.stylegan2 import StyleGan2, _DownBlock, minibatch_deviation

CLASSES = 3


def network(**options) -> StyleGan2:
    return StyleGan2(**{"channels": 4, "z_dim": 8, **options})


def generator(size: int = 8, **options):
    return network(**options).generator(Shape(1, size, size), CLASSES)


def condition(count: int, strength: float = 1.0) -> Tensor:
    return conditions(torch.arange(count) % CLASSES, CLASSES, strength)


def noisy(module):
    """Turn the noise on, whose strength starts at 0."""
    with torch.no_grad():
        for one in module.convs:
            one.strength.fill_(1.0)
    return module


def with_weights_per_image(x: Tensor, layer, w: Tensor, *, demodulate: bool) -> Tensor:
    """Scale weights as in Karras et al., eq. 1 and 3; then convolve all images as groups of one convolution."""
    weight = layer.weight[..., None, None] if layer.weight.ndim == 2 else layer.weight
    count, (outputs, inputs, kernel, _) = len(x), weight.shape
    weight = weight[None] / sqrt(inputs * kernel**2) * layer.style(w)[:, None, :, None, None]
    if demodulate:
        for image in range(count):
            for output in range(outputs):
                weight[image, output] /= weight[image, output].square().sum().add(1e-8).sqrt()
    rows, weight = x.reshape(1, -1, *x.shape[2:]), weight.reshape(count * outputs, inputs, kernel, kernel)
    return conv2d(rows, weight, padding=kernel // 2, groups=count).view(count, outputs, *x.shape[2:])


@pytest.mark.parametrize("kernel", [1, 3])
def test_modulation_equals_a_convolution_with_weights_per_image(kernel):
    layer = ModulatedConv(3, 5, kernel, 8)
    x, w, bias = torch.randn(4, 3, 6, 7), 2 * torch.randn(4, 8), torch.randn(5, 1, 1)
    with torch.no_grad():
        expected = with_weights_per_image(x, layer, w, demodulate=True)
        assert torch.allclose(layer(x, w, bias), expected + bias, atol=1e-5)
        assert torch.allclose(layer(x, w, bias, 3.0), 3 * expected + bias, atol=1e-5)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_to_image_equals_a_modulated_convolution_without_demodulation(layout):
    layer = ToImage(3, 2, 8)
    x, w = torch.randn(4, 3, 6, 7).contiguous(memory_format=layout), 2 * torch.randn(4, 8)
    with torch.no_grad():
        layer.bias.copy_(torch.tensor([1.0, -2.0]))
        expected = with_weights_per_image(x, layer, w, demodulate=False) + layer.bias[:, None, None]
        assert torch.allclose(layer(x, w), expected, atol=1e-5)


def test_a_styled_convolution_adds_noise_and_bias_before_its_scaled_leaky_relu():
    """Written as in the paper: the gain of √2 comes last."""
    layer = StyledConv(3, 5, 8, (6, 7)).eval()
    x, w = torch.randn(4, 3, 6, 7), torch.randn(4, 8)
    with torch.no_grad():
        layer.strength.fill_(0.7)
        layer.bias.copy_(torch.randn(5, 1, 1))
        expected = scaled_leaky_relu(
            with_weights_per_image(x, layer.conv, w, demodulate=True) + 0.7 * layer.fixed_noise + layer.bias
        )
        assert torch.allclose(layer(x, w), expected, atol=1e-5)


def test_demodulated_outputs_have_variance_1_whatever_the_style():
    """A sum of inputs of variance 1 with weights of norm 1; at the border some weights see zeros.

    The standard error of the mean square of 64·14·14 pixels in each of 16 images is about a percent.
    """
    layer = ModulatedConv(32, 64, 3, 8)
    with torch.no_grad():
        out = layer(torch.randn(16, 32, 16, 16), 20 * torch.randn(16, 8), torch.zeros(64, 1, 1))[..., 1:-1, 1:-1]
    assert out.square().mean(dim=(1, 2, 3)).tolist() == pytest.approx([1] * 16, rel=0.1)


def test_styles_start_around_1():
    layer = ModulatedConv(6, 5, 3, 8)
    assert torch.equal(layer.style(torch.zeros(2, 8)), torch.ones(2, 6))


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (EqualisedLinear(64, 128), (512, 64)),
        (EqualisedLinear(64, 128, rate=0.01), (512, 64)),
        (EqualisedConv(64, 128, 1), (32, 64, 6, 6)),
        (EqualisedConv(64, 128, 3), (32, 64, 6, 6)),
    ],
)
def test_equalised_layers_preserve_the_variance_at_the_start(layer, inputs):
    with torch.no_grad():
        out = layer(torch.randn(inputs))
    if out.ndim == 4:
        out = out[..., 1:-1, 1:-1]
    assert out.square().mean().item() == pytest.approx(1, rel=0.1)
    assert (layer.bias == 0).all()


def test_equalised_weights_start_with_variance_1_and_are_scaled_at_use():
    """So Adam's steps have the same relative size for all weights; in the mapping network, a hundredth of it."""
    built = network(channels=16, z_dim=64)
    parts = built.generator(Shape(3, 16, 16), CLASSES), built.discriminator(Shape(3, 16, 16), CLASSES)
    kinds = EqualisedLinear | EqualisedConv | ModulatedConv | ToImage
    layers = [
        one
        for part in parts
        for name, one in part.named_modules()
        if isinstance(one, kinds) and not name.startswith("head.")  # tested below
    ]
    mapping = list(parts[0].mapping.layers)
    assert len(layers) > 20
    for one in layers:
        tolerance = 5 / sqrt(2 * one.weight.numel())
        assert one.weight.std().item() == pytest.approx(100 if one in mapping else 1, rel=tolerance)
        fan_in = one.weight[0].numel()
        assert one.gain == pytest.approx((0.01 if one in mapping else 1) / sqrt(fan_in))


def test_the_mapping_networks_biases_have_its_learning_rate_too():
    layer = EqualisedLinear(3, 2, bias=5.0, rate=0.01)
    assert torch.allclose(layer(torch.zeros(1, 3)), torch.full((1, 2), 0.05))


@pytest.mark.parametrize("conditioning", ["projection", "auxiliary", "classifier", "none"])
def test_the_head_is_equalised_too(conditioning):
    """Weights of variance 1; features of variance 1 give outputs of variance 1, or 2 with projection's two terms."""
    head = network(channels=64, discriminator_conditioning=conditioning).discriminator(Shape(3, 32, 32), CLASSES).head
    weights = [value for key, value in head.named_parameters() if "weight" in key]
    assert weights
    for weight in weights:
        assert weight.std().item() == pytest.approx(1, rel=5 / sqrt(2 * weight.numel()))
    with torch.no_grad():
        critique = head(torch.randn(500, 512), condition(500))
    logits = critique.class_logits if conditioning in ("auxiliary", "classifier") else critique.realness
    assert logits.square().mean().item() == pytest.approx(2 if conditioning == "projection" else 1, rel=0.4)


def test_mapping_normalises_z_and_the_embedding():
    """Each gets a mean square of 1, whatever its scale."""
    mapping = generator().mapping
    z, seen = torch.randn(6, 8), []
    mapping.layers[0].register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    with torch.no_grad():
        w = mapping(z, condition(6))
        assert torch.allclose(seen[0].view(6, 2, 8).square().mean(dim=2), torch.tensor(1.0), atol=1e-5)
        assert torch.allclose(mapping(7 * z, condition(6)), w, atol=1e-4)
        assert not torch.allclose(mapping(z + 1, condition(6)), w, atol=1e-2)
        mapping.embedding.weight.mul_(7)
        assert torch.allclose(mapping(z, condition(6)), w, atol=1e-4)


@pytest.mark.parametrize("layers", [1, 8])
def test_mapping_has_the_requested_number_of_layers(layers):
    mapping = generator(mapping_layers=layers).mapping
    assert [one.weight.shape for one in mapping.layers] == [(8, 16), *[(8, 8)] * (layers - 1)]  # 16: z and the class
    assert generator(mapping_layers=layers, generator_conditioning="none").mapping.layers[0].weight.shape == (8, 8)


def test_leaky_relu_is_scaled_by_root_2():
    assert scaled_leaky_relu(torch.tensor([-1.0, 2.0])).tolist() == pytest.approx([-0.2 * sqrt(2), 2 * sqrt(2)])


def test_noise_is_random_in_training_and_fixed_in_eval_mode():
    module = noisy(generator())
    z = torch.randn(3, 8)
    assert not torch.equal(module(z, condition(3)), module(z, condition(3)))
    module.eval()
    assert torch.equal(module(z, condition(3)), module(z, condition(3)))


def test_every_layer_adds_noise_drawn_per_image_in_training():
    module = noisy(generator(16))
    assert len(module.convs) == 5  # one at 4×4, two at 8×8, two at 16×16
    for training in (True, False):
        module.train(training)
        for one in module.convs:
            with torch.no_grad():
                size = one.fixed_noise.shape[2:]
                one.conv.weight.zero_()  # only noise is left, the same in each channel
                half = [side // 2 if one.conv.doubles else side for side in size]
                x = torch.zeros(2, one.conv.weight.shape[1], *half)
                first, second = one(x, torch.randn(2, 8))
            assert torch.equal(first, first[:1].expand_as(first))
            assert first.std() > 0
            assert torch.equal(first, second) == (not training)
    assert [tuple(one.fixed_noise.shape[2:]) for one in module.convs] == [(4, 4), *[(8, 8)] * 2, *[(16, 16)] * 2]


def test_the_noise_strength_starts_at_0_and_the_fixed_noise_is_saved():
    module = generator()
    z = torch.randn(3, 8)
    assert torch.equal(module(z, condition(3)), module(z, condition(3)))
    assert torch.equal(module(z, condition(3)), module.eval()(z, condition(3)))
    assert sum(key.endswith("fixed_noise") for key in module.state_dict()) == len(module.convs)


@pytest.mark.parametrize("mixing", [0.0, 1.0])
def test_styles_are_mixed_in_training_only(mixing):
    module = generator(style_mixing=mixing)
    z = torch.randn(8, 8)
    assert torch.equal(module(z, condition(8)), module(z, condition(8))) == (mixing == 0)
    own = module.eval()(z, condition(8))
    assert torch.equal(own, module(z, condition(8)))
    module.style_mixing = 0.0
    assert torch.equal(own, module.train()(z, condition(8)))


def test_mixed_styles_switch_to_another_style_at_a_random_layer():
    """For half of 2000 images, 1000 ± 5 · √500; a fifth of those at each of five layers, 200 ± 5 · √180."""
    module = generator(16, style_mixing=0.5)
    z = torch.randn(2000, 8)
    with torch.no_grad():
        w = module.mapping(z, condition(2000))
        styles = torch.stack(module._styles(z, condition(2000)))
    own = (styles == w).all(dim=2).int()  # layers, images
    assert len(own) == len(module.convs) + 1 == 6  # and one more for the last image
    assert (own[0] == 1).all()
    assert (own.diff(dim=0) <= 0).all()  # never switches back
    layers = own.sum(dim=0)
    assert (layers < 6).sum().item() == pytest.approx(1000, abs=112)
    assert [(layers == one).sum().item() for one in range(1, 6)] == pytest.approx([200] * 5, abs=67)
    for image in range(20):
        others = styles[own[:, image] == 0, image]
        assert (others == others[:1]).all()


def test_truncation_0_gives_the_mean_style_of_the_class():
    """Standard errors: 1 / √4000 for the mean of 4000 other samples, 1 / √1024 for the centre: 3.5% together."""
    module = generator().eval()
    one_class = conditions(torch.full((4000,), 1), CLASSES)
    with torch.no_grad():
        w = module.mapping(torch.randn(4000, 8), one_class)
        module.render_as(Rendering(0.0))
        (centre, *others) = module._styles(torch.randn(2, 8), one_class[:2])
        assert all(torch.equal(one, centre) for one in others)
        assert torch.equal(centre[0], centre[1])
        assert ((centre[0] - w.mean(dim=0)).abs() < 5 * 0.035 * w.std(dim=0)).all()
        other_class = module._styles(torch.randn(1, 8), conditions(torch.tensor([2]), CLASSES))[0]
        assert (centre[0] - other_class).abs().max() > 0.1


def test_truncation_interpolates_between_the_centre_and_the_style():
    module = generator().eval()
    z = torch.randn(3, 8)
    with torch.no_grad():
        ends = {}
        for truncation in (0.0, 0.4, 1.0):
            module.render_as(Rendering(truncation))
            ends[truncation] = module._styles(z, condition(3))[0]
        assert torch.equal(ends[1.0], module.mapping(z, condition(3)))
        assert torch.allclose(ends[0.4], 0.6 * ends[0.0] + 0.4 * ends[1.0], atol=1e-5)


def test_truncation_0_without_a_class_gives_the_mean_style_of_no_class():
    module = generator().eval()
    none = torch.zeros(4000, CLASSES)
    with torch.no_grad():
        w = module.mapping(torch.randn(4000, 8), none)
        module.render_as(Rendering(0.0))
        centre = module._styles(torch.randn(1, 8), none[:1])[0][0]
        assert ((centre - w.mean(dim=0)).abs() < 5 * 0.035 * w.std(dim=0)).all()


def test_the_centres_of_truncation_are_found_once_not_for_every_chunk():
    module = generator().eval()
    module.render_as(Rendering(0.5))
    rows = []
    module.mapping.register_forward_hook(lambda _, inputs, __: rows.append(len(inputs[0])))
    module(torch.randn(3, 8), condition(3))
    assert rows == [3]
    assert "centres" not in module.state_dict()


def test_an_image_is_the_sum_of_the_contributions_of_all_resolutions():
    """Without weights each contributes its bias, and upsampling leaves a constant image unchanged."""
    module = generator(16, tanh=False)
    assert len(module.images) == 3
    with torch.no_grad():
        for power, one in enumerate(module.images):
            one.weight.zero_()
            one.bias.fill_(10.0**power)
        assert torch.allclose(module(torch.randn(2, 8), condition(2)), torch.tensor(111.0))


def test_tanh_maps_extreme_outputs_to_black_and_white():
    """Without tanh the generator missed them: images stayed grey, and modes of digits were lost (docs/results)."""
    module, plain = generator(), generator(tanh=False)
    plain.load_state_dict(module.state_dict())
    z = torch.randn(3, 8)
    with torch.no_grad():
        assert torch.equal(module(z, condition(3)), plain(z, condition(3)).tanh())
        for far in (-20.0, 20.0):
            for one in module.images:
                one.bias.fill_(far)
            assert torch.allclose(module(z, condition(3)), torch.tensor(far).sign())


def test_to_image_layers_use_the_style_of_the_next_convolution():
    """As in the reference: 4×4 uses the second style, 8×8 the fourth; each convolution has its own."""
    module = generator(8)
    module._styles = lambda z, _: [torch.full((len(z), 8), float(index)) for index in range(4)]
    seen = []
    for one in [*module.convs, *module.images]:
        one.register_forward_pre_hook(lambda _, given: seen.append(given[1][0, 0].item()))
    module(torch.randn(2, 8), condition(2))
    assert seen == [0, 1, 1, 2, 3]  # convolution, image; two convolutions, image


def test_minibatch_deviation_by_hand():
    """Values 0, 0, 2, 2 in the first channel have deviation 1, the second channel has 0: the mean is a half."""
    x = torch.zeros(4, 2, 1, 3)
    x[2:, 0] = 2
    assert minibatch_deviation(x).shape == (4, 1, 1, 3)
    assert minibatch_deviation(x).flatten().tolist() == pytest.approx([0.5] * 12, abs=1e-3)


def test_minibatch_deviation_compares_within_groups_of_four():
    """Eight images are two groups, and only one varies. A group may be every second image or a consecutive half."""
    for group in (torch.arange(8) % 2, torch.arange(8) // 4):
        x = torch.zeros(8, 1, 2, 2)
        x[group.nonzero().flatten()[:2]] = 6.0  # 6, 6, 0, 0: deviation 3
        deviation = minibatch_deviation(x)[:, 0, 0, 0]
        if torch.allclose(deviation, 3.0 * group, atol=1e-3):
            return
    pytest.fail("neither grouping fits")


@pytest.mark.parametrize(("count", "group"), [(6, 3), (9, 3), (2, 2)])
def test_minibatch_deviation_uses_smaller_groups_if_four_do_not_divide_the_batch(count, group):
    """Each image is compared with `group` − 1 others: only they get a gradient."""
    x = torch.randn(count, 2, 2, 2, requires_grad=True)
    (gradient,) = torch.autograd.grad(minibatch_deviation(x)[0].sum(), x)
    assert (gradient.abs().sum(dim=(1, 2, 3)) > 0).sum() == group


def test_a_single_image_has_deviation_0_and_gradient_0():
    x = torch.randn(1, 2, 2, 2, requires_grad=True)
    deviation = minibatch_deviation(x)
    assert deviation.abs().max() < 1e-3
    (gradient,) = torch.autograd.grad(deviation.sum(), x)
    assert (gradient == 0).all()


def test_identical_images_have_a_finite_gradient_in_half_precision():
    x = torch.ones(4, 2, 2, 2, dtype=torch.float16, requires_grad=True)
    (gradient,) = torch.autograd.grad(minibatch_deviation(x).sum(), x)
    assert gradient.isfinite().all()


def test_the_discriminators_last_convolution_gets_the_deviation_as_an_extra_channel():
    built = network(discriminator_conditioning="none")
    discriminator = built.discriminator(Shape(1, 16, 16), CLASSES).eval()
    seen = []
    discriminator.conv.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    discriminator(torch.randn(4, 1, 16, 16), condition(4))
    assert seen[0].shape == (4, 16 + 1, 4, 4)
    assert torch.allclose(seen[0][:, -1:], minibatch_deviation(seen[0][:, :-1]))


def test_residual_blocks_average_residual_and_shortcut():
    """(residual + shortcut) / √2; the shortcut downsamples and has a 1×1 convolution without bias."""
    block = _DownBlock(4, 8)
    x = torch.arange(4.0).view(1, 4, 1, 1).expand(1, 4, 6, 6)
    with torch.no_grad():
        block.conv2.weight.zero_()
        out = block(x)
        expected = (block.skip.weight[:, :, 0, 0] / sqrt(4)) @ torch.arange(4.0) / sqrt(2)
    assert out.shape == (1, 8, 3, 3)
    assert torch.allclose(out[0, :, 1, 1], expected, atol=1e-5)
    assert block.skip.bias is None


def test_residual_blocks_scale_each_activation_by_its_gain():
    """The gains are folded into the weights; here they are where the paper has them. Trained biases are not 0."""
    block = _DownBlock(4, 8)
    x, plain = torch.randn(2, 4, 6, 6), {}
    with torch.no_grad():
        for name in ("conv1", "conv2", "skip"):
            own = getattr(block, name)
            if own.bias is not None:
                own.bias.copy_(torch.randn(len(own.bias)))
            plain[name] = EqualisedConv(*own.weight.shape[1::-1], own.weight.shape[2], bias=own.bias is not None)
            plain[name].halves = own.halves
            plain[name].load_state_dict(own.state_dict())
        h = scaled_leaky_relu(plain["conv2"](scaled_leaky_relu(plain["conv1"](x))))
        assert torch.allclose(block(x), (h + plain["skip"](downsample(x))) / sqrt(2), atol=1e-5)


def test_the_discriminator_normalises_nothing():
    discriminator, images = network().discriminator(Shape(3, 16, 16), CLASSES), torch.randn(4, 3, 16, 16)
    with torch.no_grad(), Recorded() as recorded:
        discriminator(images, condition(4))
    assert "convolution" in recorded.names
    assert not [name for name in recorded.names if "norm" in name]


def test_channels_double_up_to_eight_times():
    built = network()
    module, discriminator = (
        built.generator(Shape(3, 128, 128), CLASSES),
        built.discriminator(Shape(3, 128, 128), CLASSES),
    )
    assert [block.conv1.weight.shape[0] for block in discriminator.blocks] == [4, 8, 16, 32, 32]
    assert module.start.shape == (32, 4, 4)
    assert [one.weight.shape[1] for one in module.images] == [32, 32, 32, 16, 8, 4]


def any_cost(size: int = 16, **options):
    """Return a generator of narrower widths and smaller images, with noise, and weights that have left their start."""
    torch.manual_seed(0)
    module = noisy(generator(size, **{"widths": (0.25, 0.5), "halvings": 2, **options}))
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return module


@pytest.mark.parametrize("width", [0.25, 0.5])
def test_images_of_a_narrow_generator_are_those_of_the_whole_one_with_styles_0(width):
    module = any_cost().eval()
    z = torch.randn(3, 8)
    whole = module(z, condition(3))
    styles = module._styles(z, condition(3))
    masked = module._finished(module._levels(styles, torch.full((3, 1), width))[-1])
    module.render_as(Rendering(width=width))
    narrow = module(z, condition(3))
    assert torch.allclose(narrow, masked, atol=1e-5)
    assert (narrow - whole).abs().mean() > 0.01


@pytest.mark.parametrize(("halvings", "size"), [(0, (9, 12)), (1, (5, 6))])
def test_smaller_images_have_half_the_size_rounded_up(halvings, size):
    module = network(halvings=1).generator(Shape(3, 9, 12), CLASSES).eval()
    module.render_as(Rendering(halvings=halvings))
    assert module(torch.randn(2, 8), condition(2)).shape == (2, 3, *size)


def test_a_smaller_image_is_the_sum_of_the_contributions_up_to_its_resolution():
    module = any_cost(tanh=False).eval()
    with torch.no_grad():
        for power, one in enumerate(module.images):
            one.weight.zero_()
            one.bias.fill_(10.0**power)
        for halvings, expected in ((0, 111.0), (1, 11.0), (2, 1.0)):
            module.render_as(Rendering(halvings=halvings))
            assert torch.allclose(module(torch.randn(2, 8), condition(2)), torch.tensor(expected))


def distillation(module) -> Tensor:
    z = torch.randn(4, 8)
    return module.own_terms(z, condition(4), None, module(z, condition(4)))["distillation"]


def test_the_distillation_term_compares_each_size_with_the_means_of_pixels_of_the_whole_image():
    """Sizes 16, 8 and 4 are 111, 11 and 1 where all should be 111: 2 · (0 + 100² + 110²) / 3. If the larger ones add
    nothing, all are 1."""
    module = any_cost(tanh=False)
    with torch.no_grad():
        for power, one in enumerate(module.images):
            one.weight.zero_()
            one.bias.fill_(10.0**power)
        assert distillation(module).item() == pytest.approx(2 * (100**2 + 110**2) / 3, rel=1e-5)
        for one in module.images[1:]:
            one.bias.zero_()
        assert distillation(module) == 0


def test_without_narrower_widths_the_whole_image_is_not_compared_with_itself():
    module = any_cost(tanh=False, widths=(), distillation=1.0, halvings=1)
    with torch.no_grad():
        for power, one in enumerate(module.images):
            one.weight.zero_()
            one.bias.fill_(10.0**power)
        assert distillation(module).item() == pytest.approx(100**2, rel=1e-5)


def test_the_distillation_term_trains_the_narrow_generator_towards_the_whole_one():
    """Style mixing and random noise, which the two would not share, are left out: they agree at width 1."""
    module = any_cost(widths=(0.999,), halvings=0, style_mixing=1.0)
    assert distillation(module) < 1e-8  # 0.999 of 4 channels are 4
    module = any_cost(halvings=0)
    first = distillation(module)
    first.backward()
    assert first > 1e-3
    assert module.images[-1].weight.grad.abs().sum() > 0


def test_there_is_no_distillation_term_unless_it_is_asked_for():
    for module in (generator(), any_cost(distillation=0.0)):
        assert module.own_terms(torch.randn(2, 8), condition(2), None, torch.zeros(2, 1, 16, 16)) == {}


def test_a_share_of_the_fake_images_is_narrow_in_training():
    """2000 images, half of them narrow: 500 ± 5 · √375 at each of two widths."""
    drawn = any_cost()._drawn_widths(2000, 0.5, torch.device("cpu"))
    counts = [(drawn == width).sum().item() for width in (0.25, 0.5, 1.0)]
    assert sum(counts) == 2000
    assert counts == pytest.approx([500, 500, 1000], abs=112)
    module, z = any_cost(narrow_share=1.0, widths=(0.5,)), torch.randn(4, 8)
    for one in module.convs:
        torch.nn.init.zeros_(one.strength)
    in_training = module(z, condition(4))
    module.eval()
    assert not torch.allclose(in_training, module(z, condition(4)), atol=0.01)
    module.render_as(Rendering(width=0.5))
    assert torch.allclose(in_training, module(z, condition(4)), atol=1e-5)


def test_images_that_cannot_be_halved_that_often_are_refused():
    with pytest.raises(InputError, match=r"8×8 pixels can be halved 1 times at most \(given: 2\)"):
        generator(halvings=2)


def test_style_weights_are_those_of_the_convolutions():
    """At 8×8: three convolutions of 8, 8 and 4 inputs."""
    module = generator()
    assert module.style_weights().shape == (8 + 8 + 4, 8)
    assert torch.equal(module.style_weights()[-4:], module.convs[2].conv.style.weight)
