"""GAN networks and objectives, training, health checks and sampling."""
