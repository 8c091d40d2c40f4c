"""Describes a text by its words, whatever their order."""

from collections.abc import Sequence

import numpy as np
from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.data.describers import Describer


@settings
class BagOfWords(Describer):
    """An attribute for each frequent word: 1 if the text has the word, else 0 (Salton et al., 1975, with weights 0, 1).

    Words are runs of two or more letters, digits and underscores, in lower case.
    """

    min_texts: PositiveInt = 2
    """Smallest number of texts that contain a word: a word in a single text describes only that image."""
    max_words: PositiveInt = 200
    """Largest number of words; the most frequent words are kept."""

    def fit(self, texts: Sequence[str]) -> tuple[str, ...]:
        from sklearn.feature_extraction.text import CountVectorizer  # takes a second to import

        try:
            counter = CountVectorizer(binary=True, min_df=self.min_texts, max_features=self.max_words).fit(texts)
        except ValueError as error:  # no words, or none in enough texts
            raise InputError(f"no word is in {self.min_texts} of {len(texts)} texts or more ({error})") from None
        return tuple(counter.get_feature_names_out().tolist())

    def vectors(self, texts: Sequence[str], names: Sequence[str]) -> np.ndarray:
        from sklearn.feature_extraction.text import CountVectorizer

        counted = CountVectorizer(binary=True, vocabulary=list(names)).transform(texts)
        return counted.toarray().astype(np.float32)

    def unknown(self, text: str, names: Sequence[str]) -> list[str]:
        from sklearn.feature_extraction.text import CountVectorizer

        return [word for word in CountVectorizer().build_analyzer()(text) if word not in names]
