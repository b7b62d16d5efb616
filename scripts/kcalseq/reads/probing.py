"""The first reads of a run held against its layout: what fits, where it fails, and what would mend it.

The reads are taken apart as the layout says, and again as if mates had been swapped or all reads been turned round.
Each constant part is looked for everywhere: in its place, elsewhere in its read, from the other end, in the other
reads. What stands where a constant part should stand is told if most reads agree on it; and a base that is the same in
most reads within a barcode or UMI tells that the part begins or ends elsewhere.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import reverse_complement
from kcalseq.reads.anchors import MISSING, locate
from kcalseq.reads.extract import Extractor
from kcalseq.reads.fates import REASONS
from kcalseq.reads.layout import MERGED, SLOTS, Layout, Part
from kcalseq.reads.merging import reverse_complements
from kcalseq.reads.molecules import Molecules
from kcalseq.reads.owners import Sample
from kcalseq.reads.records import Records
from kcalseq.sequences import unpack

_MOST = 0.5  # what holds for more than half of the reads is not chance
_GOOD = 0.7
_SAME = 0.9
_AS_DESCRIBED, _TURNED, _SWAPPED = "as described", "reads turned round", "mates swapped"
_READ = {_TURNED: "the reads come from the other strand", _SWAPPED: "the mates are swapped"}


class Finding(NamedTuple):
    """One line of the check: what was looked at, for which part, in how many of the reads, and what would mend it."""

    quantity: str
    part: str | None
    n_reads: int
    fraction: float
    advice: str | None


class Probe:
    """Looks at batches of molecules, then tells what was found.

    Args:
        layout: the layout to be checked.
        codes: sample codes of the run; none where it holds one sample.
        known: sequences that exist, by kind of part (``variant``: the design, ``barcode``: a whitelist).
    """

    def __init__(self, layout: Layout, codes: Sequence[str], known: Mapping[str, frozenset[str]]) -> None:
        self._layout, self._known = layout, known
        owners = [Sample(str(number), "") for number in range(max(1, len(codes)))]
        self._extractor = Extractor(layout, codes, owners, False)
        self._n_reads, self._n_kept = 0, Counter[str]()
        self._fates: Counter[tuple[str, str | None]] = Counter()
        self._lengths: dict[str, Counter[int]] = {slot: Counter() for slot in layout.slots}
        self._places: dict[tuple[str, str, bool], Counter[int]] = {}
        self._letters: dict[str, NDArray[np.int64]] = {}
        self._n_known: Counter[tuple[str, bool]] = Counter()

    def look(self, molecules: Molecules) -> None:
        """Look at some molecules."""
        self._n_reads += len(next(iter(molecules.values())).starts)
        for name, reads in self._readings(molecules):
            fates, keys, _ = self._extractor.extract(reads)
            self._n_kept[name] += int(fates.kept.sum())
            if name == _AS_DESCRIBED:
                names = self._extractor.part_names
                for reason, number in zip(fates.reasons.tolist(), fates.parts.tolist(), strict=True):
                    self._fates[(REASONS[reason], names[number] if number >= 0 else None)] += 1
                self._look_at_kept(keys[fates.kept])
        for slot, records in molecules.items():
            self._lengths[slot].update(records.lengths.tolist())
            for part in self._constants():
                self._look_for(part, slot, records)
        for slot, parts in self._layout.reads.items():
            if slot != MERGED:
                self._look_at_places(parts, molecules[slot])

    def findings(self) -> list[Finding]:
        """What was found: first the whole read, then reasons to drop reads, then parts."""
        if not self._n_reads:
            return [self._finding("reads looked at", None, 0)]
        kept = self._n_kept[_AS_DESCRIBED] / self._n_reads
        found = [self._finding("reads looked at", None, self._n_reads)]
        found.append(self._finding("fits the layout", None, self._n_kept[_AS_DESCRIBED], self._whole_advice(kept)))
        for (reason, part), n_reads in sorted(self._fates.items(), key=lambda item: (-item[1], str(item[0]))):
            if reason != "kept":
                found.append(self._finding(reason.replace("_", " "), part, n_reads))
        for slot, lengths in self._lengths.items():
            length, n_reads = max(lengths.items(), key=lambda item: (item[1], item[0]))
            found.append(self._finding(f"has {length} bases", slot, n_reads))
        found += self._constant_findings()
        found += self._same_base_findings()
        found += self._known_findings()
        return found

    def _finding(self, quantity: str, part: str | None, n_reads: int, advice: str | None = None) -> Finding:
        return Finding(quantity, part, n_reads, n_reads / max(1, self._n_reads), advice)

    def _constants(self) -> Iterator[Part]:
        for parts in self._layout.reads.values():
            yield from (part for part in parts if part.kind == "constant")

    def _readings(self, molecules: Molecules) -> Iterator[tuple[str, Molecules]]:
        """The molecules as they are and as they might have been meant."""
        yield _AS_DESCRIBED, molecules
        if "read_2" in molecules:
            yield _SWAPPED, {**molecules, "read_1": molecules["read_2"], "read_2": molecules["read_1"]}
        if not self._layout.both_strands:
            yield _TURNED, {slot: reverse_complements(records) for slot, records in molecules.items()}

    def _look_at_kept(self, keys: NDArray[np.uint64]) -> None:
        for field in self._extractor.form.fields:
            if self._known.get(field.kind) and len(keys):
                words = np.ascontiguousarray(keys[:, field.first_word : field.first_word + field.n_words])
                letters, lengths = unpack(words, field.longest, field.same_length)
                for row, length in zip(letters, lengths, strict=True):
                    sequence = row[:length].tobytes().decode()
                    self._n_known[(field.kind, False)] += sequence in self._known[field.kind]
                    self._n_known[(field.kind, True)] += reverse_complement(sequence) in self._known[field.kind]

    def _look_for(self, part: Part, slot: str, records: Records) -> None:
        """Count where a constant part stands in a read, as it is and turned round."""
        n_reads = len(records.starts)
        everyone, zeros = np.ones(n_reads, dtype=np.bool_), np.zeros(n_reads, dtype=np.int64)
        places = np.empty(n_reads, dtype=np.int64)
        for turned in (False, True):
            sequence = reverse_complement(part.sequence) if turned else part.sequence
            letters = np.frombuffer(sequence.encode("ascii"), dtype=np.uint8)
            low, high = (0, 0) if turned else _expected(self._layout.reads.get(slot, ()), part)
            locate(
                records.text,
                records.starts,
                records.lengths,
                everyone,
                letters,
                part.max_mismatches,
                zeros,
                low,
                high,
                -1,
                places,
            )
            counts = self._places.setdefault((part.name, slot, turned), Counter())
            counts.update(places[places != MISSING].tolist())

    def _look_at_places(self, parts: Sequence[Part], records: Records) -> None:
        """Count the bases at the fixed places of a read, up to the first part of varying length."""
        begin = 0
        for part in parts:
            if part.length is None:
                break
            long_enough = np.flatnonzero(records.lengths >= begin + part.length)
            columns = records.starts[long_enough, None] + begin + np.arange(part.length)
            letters = records.text[columns]
            counts = np.stack([(letters == base).sum(axis=0) for base in b"ACGT"])
            self._letters[part.name] = self._letters.get(part.name, 0) + counts
            begin += part.length

    def _whole_advice(self, kept: float) -> str | None:
        name, n_reads = max(self._n_kept.items(), key=lambda item: item[1])
        fraction = n_reads / self._n_reads
        if name != _AS_DESCRIBED and fraction > max(2 * kept, kept + 0.2):
            mend = {
                _SWAPPED: "exchange read_1 and read_2 in runs.tsv",
                _TURNED: "write the parts of the layout in reverse order as reverse complements, or set 'strand: both'",
            }
            return f"{_READ[name]}: {fraction:.0%} would fit; {mend[name]}"
        return None if kept >= _GOOD else "see below where it fails"

    def _constant_findings(self) -> Iterator[Finding]:
        for slot, parts in self._layout.reads.items():
            for part in parts:
                if part.kind == "constant" and slot != MERGED:
                    yield self._constant_finding(part, slot, parts)

    def _constant_finding(self, part: Part, slot: str, parts: Sequence[Part]) -> Finding:
        low, high = _expected(parts, part)
        here = self._places.get((part.name, slot, False), Counter())
        is_open = any(before.length is None for before in parts[: parts.index(part)])
        in_place = sum(n for place, n in here.items() if is_open or low <= place <= high)
        advice = None
        if in_place <= _MOST * self._n_reads:
            advice = self._moved(here, low, high) or self._elsewhere(part, slot) or self._instead(part)
        return self._finding("in its place", part.name, in_place, advice)

    def _moved(self, places: Counter[int], low: int, high: int) -> str | None:
        place, n_reads = max(places.items(), key=lambda item: item[1], default=(0, 0))
        if n_reads <= _MOST * self._n_reads or low <= place <= high:
            return None
        shift = place - (high if place > high else low)
        what = f"{abs(shift)} nt {'later' if shift > 0 else 'earlier'} than described (from base {place + 1} on)"
        mend = f"add {{kind: skip, length: {shift}}} before it" if shift > 0 else "shorten what stands before it"
        return f"it stands {what} in {n_reads / self._n_reads:.0%} of the reads; {mend}, or correct the lengths there"

    def _elsewhere(self, part: Part, slot: str) -> str | None:
        for other in (slot, *(other for other in SLOTS if other != slot)):
            for turned in (False, True):
                n_reads = sum(self._places.get((part.name, other, turned), Counter()).values())
                if n_reads > _MOST * self._n_reads and (other != slot or turned):
                    how = " as its reverse complement" if turned else ""
                    mend = "correct the strand" if other == slot else f"move it to {other}, or exchange the files"
                    return f"it stands in {other}{how} in {n_reads / self._n_reads:.0%} of the reads; {mend}"
        return None

    def _instead(self, part: Part) -> str | None:
        counts = self._letters.get(part.name)
        if counts is None or not counts.sum():
            return None
        share = counts.max(axis=0) / np.maximum(1, counts.sum(axis=0))
        if (share >= _SAME).mean() < _MOST:
            return None
        bases = np.frombuffer(b"ACGT", dtype=np.uint8)[counts.argmax(axis=0)]
        seen = np.where(share >= _MOST, bases, ord("N")).astype(np.uint8).tobytes().decode()
        return f"most reads have {seen} there instead of {part.sequence}; correct the sequence"

    def _same_base_findings(self) -> Iterator[Finding]:
        for kind in ("barcode", "umi"):
            for part in self._layout.parts(kind):
                counts = self._letters.get(part.name)
                if counts is None or part.pattern or self._n_reads < 100:
                    continue
                share = counts.max(axis=0) / np.maximum(1, counts.sum(axis=0))
                places = np.flatnonzero(share >= _SAME) + 1
                if len(places):
                    named = ", ".join(map(str, places[:6])) + (", ..." if len(places) > 6 else "")
                    advice = (
                        f"base {named} of it is the same in nearly all reads, so it may begin or end elsewhere; "
                        "correct the lengths before it, or its own"
                    )
                    n_reads = int(counts.max(axis=0)[places - 1].min())
                    yield self._finding("has the same base", part.name, n_reads, advice)

    def _known_findings(self) -> Iterator[Finding]:
        for kind, source in (("variant", "the design"), ("barcode", "the whitelist")):
            if not self._known.get(kind) or not self._layout.parts(kind):
                continue
            forward, backward = self._n_known[(kind, False)], self._n_known[(kind, True)]
            advice = None
            if backward > 2 * forward and backward > 0.05 * self._n_reads:
                advice = f"it is read as the reverse complement; set 'reverse_complement: true' for the {kind}"
            elif forward < 0.05 * self._n_kept[_AS_DESCRIBED]:
                advice = f"hardly any {kind} read is in {source} as it is; is it the right file, and the right strand?"
            yield self._finding(f"exactly in {source}", kind, forward, advice)


def _expected(parts: Sequence[Part], part: Part) -> tuple[int, int]:
    """Where a part should begin: the first and the last place, counted from 0."""
    before = parts[: parts.index(part)] if part in parts else ()
    return sum(other.min_length for other in before), sum(other.max_length for other in before)
