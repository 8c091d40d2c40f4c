"""Does GAN augmentation help this classifier on this small data set, by how much, at what cost?"""

__version__ = "0.1.0"
