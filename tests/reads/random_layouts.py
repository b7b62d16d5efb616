"""Layouts and molecules made by chance, so that every rule of reading and every tie between places comes up."""

from random import Random

from kcalseq.reads.layout import MERGED, Layout, Merge, Part, ReadName
from kcalseq.reads.pattern import BASES_OF_LETTER, parse_pattern

from .twin import Molecule
from .twin_reads import Read, turned

PATTERNS = ("NNWNN", "WSNNRY", "NNACNN")
OPEN_PATTERNS = ("[1-3]AC[2-4]", "N[0-2]GT", "[2-3]A[1-2]CG[1-3]")
N_CODES = 5


def dna(rng: Random, length: int, letters: str = "ACGT") -> str:
    return "".join(rng.choices(letters, k=length))


class Maker:
    """Makes one layout; the number in a part's name is its rank.

    Args:
        seed: chance.
        indels: whether constant parts may have indels; None = some.
        both_strands: whether reads come from both ends; None = in some layouts.
        plain: parts of fixed length only, no merging and nothing in names.
    """

    def __init__(
        self, seed: int, indels: bool | None = None, both_strands: bool | None = None, plain: bool = False
    ) -> None:
        self.rng, self.n_parts, self.has_variant = Random(seed), 0, False
        self.indels, self.plain = indels, plain
        rng = self.rng
        both = rng.random() < 0.3 if both_strands is None else both_strands
        self.code_length = rng.choice([0, 0, 3, 4])
        slots = self._slots()
        merge = Merge(5, rng.choice([0.0, 0.1, 0.3])) if slots[0] == MERGED else None
        self.code_slot = rng.choice(slots) if self.code_length else ""
        reads, read_name = {slot: self._parts(slot) for slot in slots}, None
        counts = any(part.kind in ("variant", "barcode") for parts in reads.values() for part in parts)
        if plain and not counts:
            reads[slots[0]] += (Part("more", "barcode", 3, 3),)
        elif not plain and (rng.random() < 0.2 or not counts):
            parts = (Part("in_name", "barcode", 4, 6), Part("umi_in_name", "umi", 3, 3))
            read_name = ReadName(r"_(?P<in_name>\w*?)_(?P<umi_in_name>[A-Z]*)$", parts)
        turns = any(part.kind == "constant" for slot in slots if slot != "index_1" for part in reads[slot])
        self.layout = Layout("random", "random", "read", reads, merge, read_name, both and turns)

    def _slots(self) -> list[str]:
        choices = [["read_1"], ["read_1"], ["read_1", "read_2"], ["read_1", "index_1"], [MERGED], [MERGED, "index_1"]]
        return self.rng.choice(choices[:4] if self.plain else choices)

    def _parts(self, slot: str) -> tuple[Part, ...]:
        rng = self.rng
        if slot == self.code_slot:
            lead = [self._part("skip", rng.randint(1, 3))] if rng.random() < 0.3 else []
            code = self._part("sample_code", self.code_length, max_mismatches=1, reverse_complement=rng.random() < 0.3)
            lead.append(code)
        else:
            lead = []
        is_searched = not self.plain and rng.random() < 0.2
        parts = [*lead, *self._stretch(rng.randint(0 if lead else 1, 2), can_vary=not is_searched)]
        for _ in range(rng.randint(0, 3)):
            parts += [self._constant(not is_searched), *self._stretch(rng.choice([0, 1, 1, 2]), not is_searched)]
        if is_searched:
            pattern, drop = rng.choice(OPEN_PATTERNS), rng.random() < 0.5
            parts.insert(rng.randint(len(lead), len(parts)), self._patterned("barcode", pattern, drop))
        return tuple(parts)

    def _part(self, kind: str, length: int, most: int | None = None, **keys: object) -> Part:
        self.n_parts += 1
        return Part(f"{kind}_{self.n_parts}", kind, length, length if most is None else most, **keys)  # type: ignore[arg-type]

    def _constant(self, can_have_indels: bool) -> Part:
        # Short and over two letters, with many mismatches: chance matches and ties are common.
        rng = self.rng
        sequence = dna(rng, rng.randint(3, 8), rng.choice(["AC", "ACGT"]))
        indels = rng.random() < 0.3 if self.indels is None else self.indels
        part = self._part(
            "constant", len(sequence), sequence=sequence, max_mismatches=rng.randint(0, len(sequence) // 3)
        )
        keys = {"max_shift": rng.choice([0, 1, 3, 3, 6]), "indels": indels and can_have_indels}
        return Part(**{**vars(part), **keys})

    def _stretch(self, n_parts: int, can_vary: bool) -> list[Part]:
        rng, parts = self.rng, []
        varying = rng.randrange(n_parts) if n_parts and can_vary and not self.plain and rng.random() < 0.4 else -1
        for number in range(n_parts):
            kind = rng.choice(["barcode", "umi", "skip", "variant"])
            if kind == "variant" and self.has_variant:
                kind = "barcode"
            self.has_variant |= kind == "variant"
            if kind in ("barcode", "umi") and number != varying and rng.random() < 0.3:
                parts.append(self._patterned(kind, rng.choice(PATTERNS), False))
                continue
            least = rng.randint(1, 5) if kind != "variant" else rng.choice([3, 8, 33])
            most = least + rng.randint(1, 3) if number == varying else least
            quality = 0 if kind == "skip" else rng.choice([0, 10, 20])
            turned_round = kind != "skip" and rng.random() < 0.3
            parts.append(self._part(kind, least, most, min_quality=quality, reverse_complement=turned_round))
        return parts

    def _patterned(self, kind: str, text: str, drop: bool) -> Part:
        pattern, rng = parse_pattern(text, ""), self.rng
        keys = {"min_quality": rng.choice([0, 10]), "reverse_complement": rng.random() < 0.3, "drop_constant": drop}
        return self._part(kind, pattern.min_length, pattern.max_length, pattern=text, **keys)


def random_codes(rng: Random, length: int) -> list[str]:
    """Codes as near to each other as chance wills, so that some reads are ambiguous."""
    return sorted({dna(rng, length) for _ in range(N_CODES)}) if length else []


def random_molecule(rng: Random, layout: Layout, codes: list[str]) -> Molecule:
    molecule: Molecule = {}
    for slot, parts in layout.reads.items():
        bases = damaged(rng, "".join(content(rng, part, codes) for part in parts) + dna(rng, rng.choice([0, 0, 2, 5])))
        molecule[slot] = Read(bases, scores(rng, len(bases)))
    if MERGED in molecule:
        molecule |= mates(rng, molecule.pop(MERGED))
    if layout.both_strands and rng.random() < 0.5:
        if "read_2" in molecule:
            molecule["read_1"], molecule["read_2"] = molecule["read_2"], molecule["read_1"]
        else:
            molecule["read_1"] = turned(molecule["read_1"])
    if layout.read_name is not None:
        wrong = rng.random() < 0.2
        cell = dna(rng, rng.randint(3, 7), "ACGTN") if wrong else dna(rng, rng.randint(4, 6))
        name = f"r_{cell}_{dna(rng, 3)}"
        name = name if rng.random() < 0.97 else name.lower()
        molecule = {slot: read._replace(name=name) for slot, read in molecule.items()}
    return molecule


def content(rng: Random, part: Part, codes: list[str]) -> str:
    if part.kind == "constant":
        return part.sequence
    if part.kind == "sample_code":
        code = rng.choice(codes) if rng.random() < 0.9 else dna(rng, part.min_length)
        return turned(Read(code, ())).bases if part.reverse_complement else code
    if part.pattern:
        elements = parse_pattern(part.pattern, "").elements
        return "".join(dna(rng, rng.randint(e.min_length, e.max_length), BASES_OF_LETTER[e.letter]) for e in elements)
    return dna(rng, rng.randint(part.min_length, part.max_length))


def damaged(rng: Random, bases: str) -> str:
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2, 4])):
        place = rng.randint(0, max(0, len(bases) - 1))
        new = rng.choice([dna(rng, 1), dna(rng, 1), "N", "", bases[place : place + 1] + dna(rng, 1)])
        bases = bases[:place] + new + bases[place + 1 :]
    return bases[: rng.randint(0, len(bases))] if rng.random() < 0.05 else bases


def scores(rng: Random, length: int) -> tuple[int, ...]:
    worst = rng.choice([30, 30, 10, 2])
    return tuple(rng.randint(worst, 41) for _ in range(length))


def mates(rng: Random, whole: Read) -> Molecule:
    """Two mates that overlap in most cases, with adapter behind a short molecule."""
    adapter = dna(rng, 6)
    length = rng.randint(max(1, len(whole.bases) // 2), len(whole.bases) + 6)
    bases = [damaged(rng, (strand + adapter)[:length]) for strand in (whole.bases, turned(whole).bases)]
    one, two = (Read(letters, scores(rng, len(letters))) for letters in bases)
    return {"read_1": one, "read_2": two}
