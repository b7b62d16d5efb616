"""Kinney et al. 2010's model of the lac promoter as a genotype-phenotype map for MAVE-NN.

phi is the probability that RNA polymerase is bound among four states: none, CRP, RNAP, both.
"""

import numpy as np
import tensorflow as tf
from mavenn.src.layers.gpmap import GPMapLayer

KT = 0.616  # kcal/mol, as MAVE-NN's tutorial has it


class LacPromoter(GPMapLayer):
    """phi = P(RNAP bound), from two energy matrices, two chemical potentials and one interaction, all in kcal/mol.

    Weighing the states with and without RNAP against each other, with energies over kT,

        P = sigmoid(-G_R + softplus(-G_C - G_I) - softplus(-G_C)),

    the quotient of the tutorial's sums without their overflow. Beginnings are the tutorial's: matrices of normal
    entries with variance 1 / length, chemical potentials 1, interaction -4.

    Args:
        crp: first position and the one behind the last of CRP's site.
        rnap: those of RNAP's.
        rest: what every map of MAVE-NN takes.
    """

    def __init__(self, crp: tuple[int, int], rnap: tuple[int, int], **rest: object) -> None:
        super().__init__(**rest)
        self.sites = {"crp": crp, "rnap": rnap}
        for name, (start, stop) in self.sites.items():
            matrix = np.random.standard_normal((stop - start) * self.C) / np.sqrt(stop - start)
            setattr(self, f"theta_{name}", self._parameters(f"theta_{name}", matrix))
            setattr(self, f"theta_{name}_0", self._parameters(f"theta_{name}_0", np.ones(1)))
        self.theta_interaction = self._parameters("theta_interaction", np.full(1, -4.0))
        self.built = True

    def build(self, input_shape: object) -> None:
        """Do nothing: the parameters are there, and Keras 3 cannot read the signature of the inherited method."""

    def call(self, x: tf.Tensor) -> tf.Tensor:  # x: (batch, L * C), one-hot; returns (batch, 1)
        """The latent phenotype of encoded sequences."""
        g_c, g_r = (self._energy(name, x) / KT for name in self.sites)
        g_i = self.theta_interaction / KT
        return tf.sigmoid(-g_r + tf.math.softplus(-g_c - g_i) - tf.math.softplus(-g_c))

    def _energy(self, name: str, x: tf.Tensor) -> tf.Tensor:
        start, stop = self.sites[name]
        inside = x[:, self.C * start : self.C * stop]
        return getattr(self, f"theta_{name}_0") + tf.linalg.matmul(inside, getattr(self, f"theta_{name}")[:, None])

    def _parameters(self, name: str, values: np.ndarray) -> tf.Variable:
        return self.add_weight(
            name=name,
            shape=values.shape,
            initializer=tf.keras.initializers.Constant(values),
            regularizer=self.regularizer,
        )
