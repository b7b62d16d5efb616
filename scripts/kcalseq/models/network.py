"""The whole model as one network: sequence -> energies -> ensemble -> latent phenotype -> what is measured."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import asdict
from typing import NamedTuple, Self

import torch

from kcalseq.models import kinetics, scan
from kcalseq.models.blackbox import BlackBox
from kcalseq.models.design import Design, SiteDesign
from kcalseq.models.distance_energy import register_energies
from kcalseq.models.ensemble import log_activity, log_odds
from kcalseq.models.parameters import BOX, ParameterLayout
from kcalseq.models.process import Process, Weights
from kcalseq.models.scan_design import ScanDesign
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Interaction, Site
from kcalseq.models.states import energy_shares, rate_numbers, state_matrix, transcribing
from kcalseq.units import thermal_energy


class Standardisation(NamedTuple):
    """Mean and standard deviation of the raw phenotype over the training variants, each of shape (n_members, 1)."""

    mean: torch.Tensor
    sd: torch.Tensor


class Network:
    """A model made ready for one device; holds constants only, parameters come as flat vectors.

    Args:
        spec: the model.
        processes: measurement process of each experiment.
        conditions: name of each experiment.
        device: where it computes.
    """

    def __init__(
        self, spec: ModelSpec, processes: Sequence[Process], conditions: Sequence[str], device: torch.device
    ) -> None:
        self.spec, self.device, self.processes = spec, device, tuple(processes)
        self.layout = ParameterLayout(spec, processes, conditions)
        self.kt = thermal_energy(spec.temperature_celsius)
        if spec.kind == "thermodynamic":
            self.omega = torch.from_numpy(state_matrix(spec)).to(device)
            self.on = torch.from_numpy(transcribing(spec)).to(device)
            self.rate_of = torch.from_numpy(rate_numbers(spec)).to(device)
        if spec.kind == "kinetic":
            self.nu, self.graph = torch.from_numpy(energy_shares(spec)).to(device), spec.graph
        self.box = BlackBox(**asdict(spec.network.architecture)) if spec.network else None
        self.box_precision = torch.float64

    def single(self) -> Self:
        """The same model, a black box in which computes in single precision: half the time, enough to train with."""
        own = copy(self)
        own.box_precision = torch.float32
        return own

    def block(self, flat: torch.Tensor, name: str) -> torch.Tensor:
        """The block of that name out of flat vectors (n_members, size); shape (n_members, *block shape)."""
        block = self.layout.blocks[name]
        return flat[:, block.slice].reshape(len(flat), *block.shape)

    def weights(self, flat: torch.Tensor, experiment: int) -> Weights:
        """Blocks of an experiment's measurement process out of flat vectors (n_members, size)."""
        return {letter: self.block(flat, block.name) for letter, block in self.layout.own(experiment).items()}

    def term_energies(self, flat: torch.Tensor, design: Design, experiment: int) -> torch.Tensor:
        """Energies of all terms and then the free log rates, shape (n_members, n_terms, n_variants); none of a box.

        Sites come first, then interactions, both in kcal/mol; log rates are in nats. Chemical potentials are those of
        the experiment. The energy of a scanned site is a free energy, and so an interaction by distance is a difference
        of two (``distance_energy``).
        """
        rows, energies = [], {}
        for site, site_design in zip(self.spec.sites, design.sites, strict=True):
            energies[site.name] = self._site_energy(flat, site, site_design, design.scanned)
            mu = self.block(flat, f"{site.owner}.mu")
            rows.append(energies[site.name] + (mu[:, experiment] if site.by_condition else mu)[:, None])
        for item in self.spec.interactions:
            if item.edges:
                rows.append(self._energy_by_distance(flat, item, energies, design.scanned))
            else:
                rows.append(self.block(flat, item.name)[:, None].expand(-1, design.n_variants))
        for name in self.spec.free_rates:
            rows.append(self.block(flat, f"{name}.log_rate")[:, None].expand(-1, design.n_variants))
        return torch.stack(rows, 1) if rows else flat.new_zeros(len(flat), 0, design.n_variants)

    def scan_energies(self, flat: torch.Tensor, site: Site) -> tuple[torch.Tensor, torch.Tensor]:
        """Energies of the bases and of the free spacers of a scanned site out of flat vectors, (n_members, n) each."""
        spacers = self.block(flat, f"{site.name}.spacers") if site.spacers else flat[:, :0]
        return self.block(flat, f"{site.name}.theta"), spacers

    def register_energies(self, flat: torch.Tensor, item: Interaction) -> torch.Tensor:
        """What an interaction by distance adds to each register, out of flat vectors, (n_members, n_registers)."""
        return register_energies(self.spec, item, torch.stack([self.block(flat, name) for name in item.steps], 1))

    def _energy_by_distance(
        self, flat: torch.Tensor, item: Interaction, energies: Mapping[str, torch.Tensor], scanned: ScanDesign | None
    ) -> torch.Tensor:
        """Energy of an interaction by distance, shape (n_members, n_variants), from those of the sites but for mu."""
        site = self.spec.scanned_site(item)
        if site.scan is None or scanned is None:
            raise ValueError(f"interaction '{item.name}' has no scanned site")
        beside = self.register_energies(flat, item)
        both = scan.energy(site.scan, scanned, *self.scan_energies(flat, site), self.kt, register_energy=beside)
        return both - energies[site.name]

    def _site_energy(
        self, flat: torch.Tensor, site: Site, design: SiteDesign | None, scanned: ScanDesign | None
    ) -> torch.Tensor:
        """Energy of a site but for its chemical potential, shape (n_members, n_variants)."""
        if site.scan is not None and scanned is not None:
            return scan.energy(site.scan, scanned, *self.scan_energies(flat, site), self.kt)
        if design is None:
            raise ValueError(f"site '{site.name}' has no design")
        energy = design.bases.energy(self.block(flat, f"{site.owner}.theta"))
        if design.pairs is None:
            return energy
        return energy + design.pairs.energy(self.block(flat, f"{site.owner}.pairs"))

    def phenotype_of_energies(self, g: torch.Tensor) -> torch.Tensor:
        """Raw phenotype from ``term_energies`` (..., n_terms, n_variants); not of black boxes.

        Minus the energy of an additive model; log activity where the measurement process reads it, or where states
        transcribe at several rates; else log odds of transcription. 0 of a constant model.
        """
        if self.spec.kind == "constant":
            return g.sum(-2)  # of no terms
        if self.spec.kind == "additive":
            return -g[..., 0, :]
        if not self.spec.free_rates and self.spec.measurement.log_odds:
            return log_odds(g, self.omega, self.on, self.kt)
        if self.spec.kind == "kinetic":
            return kinetics.log_activity(self.log_rates(g), self.graph, self.spec.initiating)
        energies = g[..., : len(self.spec.terms), :]
        return log_activity(energies, self.omega, self.on, self._free_rates(g)[..., self.rate_of, :], self.kt)

    def log_rates(self, g: torch.Tensor) -> torch.Tensor:
        """Log rates of the transitions of a kinetic model, nats, shape (..., n_transitions, n_variants); g as above."""
        return self._free_rates(g) + (self.nu / -self.kt) @ g[..., : len(self.spec.terms), :]

    def _free_rates(self, g: torch.Tensor) -> torch.Tensor:
        """Log rates that are parameters behind the first, which is 0, shape (..., n_rates, n_variants)."""
        return torch.cat([torch.zeros_like(g[..., :1, :]), g[..., len(self.spec.terms) :, :]], -2)

    def phenotype(self, flat: torch.Tensor, design: Design, experiment: int) -> torch.Tensor:
        """Raw latent phenotype of every variant in an experiment, shape (n_members, n_variants)."""
        return self.phenotype_and_energies(flat, design, experiment)[0]

    def phenotype_and_energies(
        self, flat: torch.Tensor, design: Design, experiment: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """``phenotype``, and the energies of its terms as from ``term_energies``."""
        g = self.term_energies(flat, design, experiment)
        if self.box is None or design.codes is None:
            return self.phenotype_of_energies(g), g
        weights = {name: self.block(flat, f"{BOX}.{name}").to(self.box_precision) for name, _ in self.box.shapes()}
        return self.box.phenotype(weights, design.codes).to(flat.dtype), g

    def scale(self, phi: torch.Tensor, experiment: int) -> Standardisation:
        """How the experiment's measurement process reads raw phenotypes (n_members, n_variants) of its variants."""
        if self.processes[experiment].standardised:
            return standardisation(phi)
        return Standardisation(torch.zeros_like(phi[:, :1]), torch.ones_like(phi[:, :1]))


def standardisation(phi: torch.Tensor) -> Standardisation:
    """Mean and sd over the variants of raw phenotypes (n_members, n_variants).

    A library without variation in phi keeps its spread: the sd is bounded away from 0.
    """
    return Standardisation(phi.mean(1, keepdim=True), phi.std(1, keepdim=True).clamp_min(1e-12))


def standardise(phi: torch.Tensor, scale: Standardisation) -> torch.Tensor:
    """Phenotypes (n_members, n_variants) in standard deviations from the training mean."""
    return (phi - scale.mean) / scale.sd
