"""Whether the quality letters of a file can be what the layout says they are."""

import numpy as np
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError

_PROBE_READS, _FEWEST_BASES = 10_000, 1_000


class PhredProbe:
    """Looks at the first reads: qualities that can only be Phred+64 are not taken for excellent Phred+33.

    It judges when it has seen them all, so that the answer does not depend on how many come at a time.

    Args:
        name: the file, for messages.
        phred: offset that the layout states; only 33 is doubted.
    """

    def __init__(self, name: str, phred: int) -> None:
        self._name, self._left = name, _PROBE_READS if phred == 33 else 0
        self._lowest, self._highest, self._n_bases = 255, 0, 0

    def look(self, text: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> None:
        """Take in the next reads: text, first quality letter and number of letters of each, shape (n_reads,)."""
        if self._left == 0:
            return
        n_reads = min(self._left, len(starts))
        self._left -= n_reads
        for start, length in zip(starts[:n_reads], lengths[:n_reads], strict=True):
            if length:
                letters = text[start : start + length]
                self._lowest = min(self._lowest, int(letters.min()))
                self._highest = max(self._highest, int(letters.max()))
                self._n_bases += int(length)
        if self._left == 0:
            self.judge()

    def judge(self) -> None:
        """Say what was seen; to be called at the end of the file too.

        Raises:
            KcalseqError: all of it looks like Phred+64.
        """
        # Below '@' nothing is Phred+64; above 'i' no Illumina Phred+64 goes, and up to 'K' ordinary Phred+33 does.
        if self._n_bases >= _FEWEST_BASES and self._lowest >= ord("@") and ord("K") < self._highest <= ord("i"):
            found = f"all qualities lie between '{chr(self._lowest)}' and '{chr(self._highest)}', as Phred+64 has them"
            remedy = "set 'phred: 64' in the assay's layout, or convert the file"
            raise KcalseqError(self._name, found, "Phred+33 qualities", remedy)
