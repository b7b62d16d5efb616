"""How the phenotype of single variants changes with what is learned of scanned sites and their interactions."""

from collections.abc import Mapping

import torch

from kcalseq.models import scan
from kcalseq.models.distance_energy import step_probabilities
from kcalseq.models.network import Network
from kcalseq.models.registers import Scan
from kcalseq.models.scan_design import ScanDesign
from kcalseq.models.specparts import Interaction, Site


class ScannedSlopes:
    """Derivatives of term energies of some variants at one member.

    Args:
        network: the model.
        design: its scanned sites in all variants; None where it has none.
        member: the vector, shape (1, size).
        rows: the variants wanted.
    """

    def __init__(self, network: Network, design: ScanDesign | None, member: torch.Tensor, rows: slice) -> None:
        self.network, self.design, self.member, self.rows = network, design, member, rows

    def site(self, site: Site, of_term: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """d phi / d energies of bases and then of spacers of a scanned site, (n, site.length * 4 + n_free_spacers).

        A site stands in its own term, and with either sign in those of its interactions by distance.

        Args:
            site: a scanned site.
            of_term: d phi / d term energy of each term, shape (n,).
        """
        items = [item for item in self.network.spec.interactions if item.edges and site.name in item.between]
        plain = of_term[site.name] - sum(of_term[item.name] for item in items)
        found = plain[:, None] * self._slopes(site, None)
        for item in items:
            found += of_term[item.name][:, None] * self._slopes(site, item)
        return found

    def steps(self, item: Interaction) -> torch.Tensor:
        """d energy of an interaction by distance / d energies of its steps: how often it is there, (n, n_steps)."""
        site = self.network.spec.scanned_site(item)
        energies, beside = self._energies(site), self.network.register_energies(self.member, item)[0]
        shares = scan.register_probabilities(*energies, self.network.kt, register_energy=beside, rows=self.rows)
        return step_probabilities(self.network.spec, item, shares).T

    def _slopes(self, site: Site, item: Interaction | None) -> torch.Tensor:
        beside = None if item is None else self.network.register_energies(self.member, item)[0]
        return scan.slopes(*self._energies(site), self.network.kt, register_energy=beside, rows=self.rows)

    def _energies(self, site: Site) -> tuple[Scan, ScanDesign, torch.Tensor, torch.Tensor]:
        if site.scan is None or self.design is None:
            raise ValueError(f"site '{site.name}' is not scanned")
        theta, spacers = (values[0] for values in self.network.scan_energies(self.member, site))
        return site.scan, self.design, theta, spacers
