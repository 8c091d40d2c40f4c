"""The GAN: its step, its training, its health, and sampling from its generator."""
