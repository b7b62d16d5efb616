"""Changes as SPDI: they make the variant, and every way to write a change becomes the same one."""

from hypothesis import given
from hypothesis import strategies as st

from kcalseq.dna import reverse_complement
from kcalseq.export.coordinates import Place
from kcalseq.export.spdi import Change, change_between, on_genome

DNA = st.text("ACGT", min_size=1, max_size=12)
REPETITIVE = st.text("AC", min_size=0, max_size=9)


def applied(sequence: str, change: Change) -> str:
    end = change.position + len(change.deleted)
    assert sequence[change.position : end] == change.deleted
    return sequence[: change.position] + change.inserted + sequence[end:]


@given(DNA, DNA)
def test_a_change_makes_the_variant_of_the_reference(reference: str, variant: str) -> None:
    assert applied(reference, change_between(reference, variant)) == variant


@given(REPETITIVE, st.text("AC", min_size=1, max_size=4), REPETITIVE)
def test_a_deletion_is_told_over_all_places_at_which_it_could_stand(left: str, piece: str, right: str) -> None:
    """Against all deletions of that length that make the same variant, each tried."""
    reference, variant = left + piece + right, left + right
    same = [
        start for start in range(len(variant) + 1) if reference[:start] + reference[start + len(piece) :] == variant
    ]
    found = change_between(reference, variant)
    assert found.position == min(same)
    assert found.position + len(found.deleted) == max(same) + len(piece)
    back = change_between(variant, reference)
    assert (back.deleted, back.inserted, back.position) == (found.inserted, found.deleted, found.position)


@given(DNA, DNA)
def test_a_change_on_the_genome_is_the_same_change_seen_from_there(reference: str, variant: str) -> None:
    flank, change = "ACCGT", change_between(reference, variant)
    for strand, turn in (("+", str), ("-", reverse_complement)):
        place = Place("c", len(flank), len(flank) + len(reference), strand)
        genome = flank + turn(reference) + flank
        assert applied(genome, on_genome(change, place)) == flank + turn(variant) + flank


def test_the_example_of_the_format() -> None:
    """IGVF's own example of a deleted T in a run of three."""
    assert change_between("GATTTC", "GATTC").identifier("NC_000003.12") == "NC_000003.12:2:TTT:TT"
    assert change_between("ACGT", "ACGT") == Change(0, "", "")
