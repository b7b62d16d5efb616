"""A fitted model taken from its folder, to predict sequences that were never measured.

from kcalseq.training.fitted import load
model = load("results/libraries/lac/models/lac_thermodynamic")
model.predict(["AATTAATGTGAGTTAGCTCACTCATTAGGCACCCCAGGCTTTACACTTTATGCTTCCGGCTCGTATGTTGTGTGG"])
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET, encode_sequences
from kcalseq.errors import KcalseqError
from kcalseq.models.design import build_design
from kcalseq.models.network import Network, Standardisation, standardise
from kcalseq.models.processes import described
from kcalseq.models.spec import read_model
from kcalseq.training.weights import load_weights

# A model has some hundred numbers: no other device is worth the way.
_CPU = torch.device("cpu")


class FittedPromoter:
    """A fitted model; see ``load``.

    Attributes:
        spec: the model.
        card: what fit.json says of the fit.
        conditions: of the library that was fitted.
        network: the model made ready to compute.
        flat: its parameters, shape (1, size).
        scales: what standardises phi in each condition.
    """

    def __init__(self, folder: Path) -> None:
        self.card = json.loads((folder / "fit.json").read_text(encoding="utf-8"))
        self.spec = replace(read_model(folder / "model.yaml"), name=self.card["model"])
        self.conditions = tuple(one["condition"] for one in self.card["experiments"])
        processes = [described(self.spec, one) for one in self.card["experiments"]]
        self.network = Network(self.spec, processes, self.conditions, _CPU)
        flat = load_weights(self.network.layout, folder / "weights.safetensors")
        self.flat = torch.from_numpy(flat)[None]
        self.scales = [
            Standardisation(*(torch.tensor([[one[name]]], dtype=torch.float64) for name in ("phi_mean", "phi_sd")))
            for one in self.card["experiments"]
        ]

    def predict(self, sequences: Sequence[str], condition: str | None = None) -> pd.DataFrame:
        """What the model says of sequences.

        Args:
            sequences: upper-case A, C, G, T, as long as the model's.
            condition: which of the library's; may be left out where it has one.

        Returns:
            sequence; phi, the latent phenotype in standard deviations of the training variants; and what the
            measurement process expects, for sort bins mean_bin, the mean sort bin of sorted cells.

        Raises:
            KcalseqError: a sequence has another length or another letter, or the condition is not of this fit.
        """
        number = self._number(condition)
        scale, weights = self.scales[number], self.network.weights(self.flat, number)
        with torch.no_grad():
            raw = self.network.phenotype(self.flat, build_design(self.spec, self._codes(sequences), _CPU), number)
            phi = standardise(raw, scale)
            expected = self.network.processes[number].readout(phi, weights)
        columns = {name: values.numpy() for name, values in expected.items()}
        return pd.DataFrame({"sequence": list(sequences), "phi": phi[0].numpy(), **columns})

    def energies(self, sequences: Sequence[str], reference: str | None = None) -> pd.DataFrame:
        """Energy of each site in sequences less that in a reference, kcal/mol; negative binds better.

        Args:
            sequences: as for ``predict``.
            reference: by default the model's wild type.

        Returns:
            sequence, and one column a site; of an additive model, arbitrary units.

        Raises:
            KcalseqError: as ``predict``, there is neither a reference nor a wild type, or the model has no sites.
        """
        if not self.spec.has_energies:
            found, remedy = f"model '{self.spec.name}' of kind {self.spec.kind}", "use predict"
            raise KcalseqError("energies", found, "a model with sites", remedy)
        zero = reference or self.spec.wildtype
        if zero is None:
            found, expected = "no reference, and the model names no wild type", "a sequence to compare with"
            raise KcalseqError("energies", found, expected, "give reference=...")
        design = build_design(self.spec, self._codes([zero, *sequences]), _CPU)
        with torch.no_grad():
            g = self.network.term_energies(self.flat, design, 0)[0, : len(self.spec.sites)].numpy()
        columns = {site.name: row[1:] - row[0] for site, row in zip(self.spec.sites, g, strict=True)}
        return pd.DataFrame({"sequence": list(sequences), **columns})

    def single_mutants(self, sequence: str | None = None, condition: str | None = None) -> pd.DataFrame:
        """Predict every single mutant of a sequence, by default of the wild type, in a condition as for ``predict``.

        Returns:
            position (from 0), reference and base, then as ``predict``, and delta_phi, phi less that of the sequence.
        """
        parent = sequence or self.spec.wildtype
        if parent is None:
            found, expected = "no sequence, and the model names no wild type", "a sequence to mutate"
            raise KcalseqError("single_mutants", found, expected, "give a sequence")
        places = [(i, base) for i in range(len(parent)) for base in ALPHABET if base != parent[i]]
        mutants = [parent[:i] + base + parent[i + 1 :] for i, base in places]
        predicted = self.predict([parent, *mutants], condition)
        rows = predicted.iloc[1:].reset_index(drop=True)
        rows.insert(0, "position", [i for i, _ in places])
        rows.insert(1, "reference", [parent[i] for i, _ in places])
        rows.insert(2, "base", [base for _, base in places])
        return rows.assign(delta_phi=rows["phi"] - float(predicted["phi"].iloc[0]))

    def _number(self, condition: str | None) -> int:
        if condition in self.conditions:
            return self.conditions.index(condition)
        if condition is None and len(self.conditions) == 1:
            return 0
        found = "no condition" if condition is None else f"condition '{condition}'"
        raise KcalseqError("predict", found, f"one of {', '.join(self.conditions)}", "give condition=...")

    def _codes(self, sequences: Sequence[str]) -> NDArray[np.uint8]:
        for number, sequence in enumerate(sequences, start=1):
            strange = set(sequence) - set(ALPHABET)
            if len(sequence) != self.spec.length or strange:
                found = f"the letter '{min(strange)}'" if strange else f"{len(sequence)} bases"
                expected = f"{self.spec.length} bases A, C, G, T"
                raise KcalseqError(f"sequence {number}", found, expected, "cut or correct it")
        return encode_sequences(list(sequences), self.spec.length)


def load(folder: str | Path) -> FittedPromoter:
    """Take a fitted model from its folder, ``results/libraries/LIBRARY/models/MODEL``.

    Raises:
        KcalseqError: it holds no fit, or one of an earlier version, or its files do not belong together.
    """
    place = Path(folder)
    for name in ("fit.json", "model.yaml", "weights.safetensors"):
        if not (place / name).is_file():
            remedy = "name the folder of a model that was fitted"
            raise KcalseqError(str(place), f"there is no {name}", "the folder of a fitted model", remedy)
    if "experiments" not in json.loads((place / "fit.json").read_text(encoding="utf-8")):
        found, expected = "the fit of an earlier version of kcalseq", "one of this version"
        raise KcalseqError(str(place / "fit.json"), found, expected, "fit the model again")
    return FittedPromoter(place)
