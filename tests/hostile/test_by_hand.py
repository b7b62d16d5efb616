"""Files that somebody might bring, each with the words that it must be refused in, or with what it must be read as."""

import gzip
from pathlib import Path

import pytest

from kcalseq.errors import KcalseqError

from .kinds import FASTQ, KINDS

SAMPLES = "sample\tlibrary\tcondition\treplicate\tfraction\tbin\n"
RUNS = "run\tsample\tread_1\n"
MODEL = KINDS["model"].content.decode()
LAYOUT = KINDS["layout"].content.decode()
CONFIG = KINDS["configuration"].content.decode()
# Each level holds ten of the one before: written out, more letters than any memory holds.
BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30))

REFUSED = [
    # Reads
    ("FASTQ", b"@r1\nACGT\n+\nIIII\n@r2\nACGT\n+\nIII\n", "record 2", "4 bases but 3 quality values"),
    ("FASTQ", b">r1\nACGT\n", "record 1", "name a FASTQ file"),
    ("FASTQ", b"@r1\nAC.T\n+\nIIII\n", "base 3 is not A, C, G, T or N"),
    ("FASTQ", b"@r1\nACGU\n+\nIIII\n", "base 4 is not A, C, G, T or N"),
    ("FASTQ", b"@r1\nACGT\nIIII\n+\n", "third line is 'IIII'"),
    ("FASTQ", "@r1\nACGT\n+\nIIIü\n".encode(), "5 quality values"),
    ("FASTQ", b"@r1\rACGT\r+\rIIII\r", "record 1"),
    ("FASTQ", gzip.compress(FASTQ, mtime=0) + b"more than the eighteen bytes of a member", "behind the end"),
    ("FASTQ gz", FASTQ, "named .gz but is not gzipped"),
    ("FASTQ zst", FASTQ, "named .zst but is not zstd"),
    ("BAM", FASTQ, "named .bam but holds none"),
    # Sequences
    ("design", b"ACGT\n", "before the first name"),
    ("design", b">one\nACGT\n>one\nACGA\n", "'one'"),
    ("design", b">one\nAC-T\n", "'-'"),
    ("design", b">one\n\n>two\nACGT\n", "one"),
    ("design", ">größe\nACGT\n".encode(), "größe"),
    ("design", b">\nACGT\n", "name"),
    ("new sequences", b">one\nACG\n", "3 bases; expected at least 4"),
    ("new sequences", b">one\nACGT\n>one\nACGT\n", "that of record 1 too"),
    ("new sequences", b"@one\nACGT\n+\nIIII\n", "before the first name"),
    # Maps, lists, values
    ("barcode map", b"ACGT\n", "1 columns"),
    ("barcode map", b"ACGT,one\n", "1 columns"),
    ("barcode map", b"ACGT\tone\nACGT\ttwo\n", "ACGT is two, but one in line 1"),
    ("barcode map", b"one\tACGT\n", "barcode 'ONE'"),
    ("barcode map", b"barcode\tgene\nACGT\tone\n", "barcode, gene"),
    ("whitelist", b"ACGT\nACGT\n", "stands already in line 1"),
    ("whitelist", b"ACGT\nacga\n", "write it in upper case"),
    ("whitelist", b"ACGT\nACG\nACGA\n", "3 letters"),
    ("controls", b"# none\n\n", "it names no variant"),
    ("split", b"variant_sequence\tset\nACGT\ttrain\n", "'train'", "training"),
    ("split", b"variant_sequence,set\nACGT,test\n", "variant_sequence"),
    ("split", b"variant_sequence\tset\nACGT\ttest\nACGT\ttraining\n", "twice"),
    ("values", b"sequence\tvalue\nACGT\tnan\n", "'nan' is no finite number"),
    ("values", b"sequence\tvalue\nACGT\tinf\n", "'inf' is no finite number"),
    ("values", b"sequence\tvalue\nACGT\t1,5\n", "'1,5' is no finite number"),
    ("values", b"sequence\tvalue\nACGT\t1\nACG\t2\n", "3 bases", "4, as in the lines before"),
    ("values", b"sequence\tvalue\nACXT\t1\n", "the letter 'X'"),
    ("values", b"sequence\tvalue\nACGT\t=1+1\n", "'=1+1' is no finite number"),
    ("values", b"sequence;value\nACGT;1\n", "has no tabs"),
    ("values", b"sequence\tvalue\tvalue\nACGT\t1\t2\n", "'value' twice"),
    # Sheets
    ("samples", b"sample,library\na,b\n", "the header has no tabs"),
    ("samples", f"{SAMPLES}a;rm -rf ~\tlac\tM9\t1\tdna\t0\n", "row 1", "sample"),
    ("samples", f"{SAMPLES}$(reboot)\tlac\tM9\t1\tdna\t0\n", "row 1", "sample"),
    ("samples", f"{SAMPLES}`id`\tlac\tM9\t1\tdna\t0\n", "row 1", "sample"),
    ("samples", f"{SAMPLES}../up\tlac\tM9\t1\tdna\t0\n", "row 1", "sample"),
    ("samples", f"{SAMPLES}..\tlac\tM9\t1\tdna\t0\n", "row 1", "sample"),
    ("samples", f"{SAMPLES}.hidden\tlac\tM9\t1\tdna\t0\n", "row 1", "sample"),
    ("samples", f"{SAMPLES}-rf\tlac\tM9\t1\tdna\t0\n", "row 1", "sample"),
    ("samples", f"{SAMPLES}a/b\tlac\tM9\t1\tdna\t0\n", "row 1", "sample"),
    ("samples", f"{SAMPLES}ünï\tlac\tM9\t1\tdna\t0\n", "row 1", "sample"),
    ("samples", f"{SAMPLES}a b\tlac\tM9\t1\tdna\t0\n", "row 1", "sample"),
    ("samples", f"{SAMPLES}{{a}}\tlac\tM9\t1\tdna\t0\n", "row 1", "sample"),
    ("samples", f'{SAMPLES}"a"\tlac\tM9\t1\tdna\t0\n', "row 1", "sample"),
    ("samples", f"{SAMPLES}a\t../lac\tM9\t1\tdna\t0\n", "row 1", "library"),
    ("samples", f"{SAMPLES}a\tlac*\tM9\t1\tdna\t0\n", "row 1", "library"),
    ("samples", f"{SAMPLES}a\tlac\t\t1\tdna\t0\n", "row 1", "condition"),
    ("samples", f"{SAMPLES}a\tlac\tM9\t1\tplasmid\t0\n", "row 1", "'plasmid'"),
    ("samples", f"{SAMPLES}a\tlac\tM9\t1\tbin\t-1\n", "row 1", "bin"),
    ("samples", f"{SAMPLES}a\tlac\tM9\t1\tbin\t1e3\n", "row 1", "bin"),
    ("samples", f"{SAMPLES}a\tlac\tM9\t1\tdna\n", "row 1", "5 cells"),
    ("samples", f"{SAMPLES}a\tlac\tM9\t1\tdna\t0\textra\n", "row 1", "7 cells"),
    ("samples", SAMPLES.replace("fraction", "Fraction"), "unknown column 'Fraction'", "did you mean 'fraction'?"),
    ("samples", SAMPLES.replace("library", "sample"), "column 'sample' twice"),
    ("runs", f"{RUNS}../../etc/cron\ta\tx.fastq\n", "row 1", "run"),
    ("runs", f"{RUNS}a\\nb\ta\tx.fastq\n", "row 1", "run"),
    ("runs", f"{RUNS}a|b\ta\tx.fastq\n", "row 1", "run"),
    ("runs", f"{RUNS}a&b\ta\tx.fastq\n", "row 1", "run"),
    ("runs", f"{RUNS}~\ta\tx.fastq\n", "row 1", "run"),
    ("pairs", "variant\treference\none\t\n", "row 1", "reference"),
    # YAML
    ("configuration", "- a\n- b\n", "object"),
    ("configuration", "42\n", "object"),
    ("configuration", CONFIG + "sedd: 1\n", "unknown key 'sedd'", "did you mean 'seed'?"),
    ("configuration", CONFIG + "seed: 2\n", "the key 'seed' stands here a second time"),
    ("configuration", CONFIG.replace("seed: 1", "seed: -1"), "at least 0"),
    ("configuration", CONFIG.replace("seed: 1", "seed: yes"), "seed"),
    ("configuration", CONFIG.replace("seed: 1", f"seed: {10**30}"), "at most 4294967295"),
    ("configuration", CONFIG.replace("seed: 1", "seed: .nan"), "seed"),
    ("configuration", CONFIG.replace("seed: 1", "seed: &a [*a]"), "not valid YAML"),
    ("configuration", CONFIG.replace("seed: 1", "1: 1"), "read as int"),
    ("configuration", CONFIG.replace("  lac:", "  ../lac:"), "../lac"),
    ("configuration", CONFIG.replace("  lac:", '  "lac\\n":'), "lac"),
    ("configuration", CONFIG.replace("  lac:", "  'l ac':"), "l ac"),
    ("configuration", CONFIG.replace("  lac:", "  $(id):"), "$(id)"),
    ("configuration", CONFIG + "x: !!python/object/apply:os.system ['touch owned']\n", "not valid YAML"),
    ("configuration", CONFIG + "x: !!python/name:os.system\n", "not valid YAML"),
    ("configuration", CONFIG.replace("libraries:", "libraries:\n\tlac:"), "not valid YAML"),
    ("configuration", "{" * 5000, "not valid YAML"),
    ("configuration", "[" * 100_000, "not valid YAML"),
    ("configuration", BOMB, "more than 200,000 values"),
    ("configuration", "a: 2026-99-99\n", ""),
    ("layout", BOMB, "more than 200,000 values"),
    ("layout", LAYOUT.replace("length: 75", "length: 0"), "length"),
    ("layout", LAYOUT.replace("length: 75", "length: 99999999999999999999"), "length"),
    ("layout", LAYOUT.replace("kind: variant", "kind: varient"), "did you mean 'variant'?"),
    ("layout", LAYOUT.replace("name: variant", "name: Variant;"), "name"),
    ("model", MODEL.replace("start: 34", "start: 340"), "RNAP"),
    ("model", MODEL.replace("start: 34", "start: -3"), "start"),
    ("model", MODEL.replace("  CRP:", "  C RP:"), "C RP"),
    ("model", MODEL.replace("  CRP:", '  "CRP\\n":'), "CRP"),
    ("model", MODEL.replace("between: [CRP, RNAP]", "between: [CRP, CRP]"), "CRP"),
    ("model", MODEL.replace("between: [CRP, RNAP]", "between: [CRP, RNAp]"), "RNAp"),
    # Tables of results
    ("summary", "library\tmodel\nlac\tone\n", "column 'metric' is missing"),
    ("summary", KINDS["summary"].content.replace(b"1.5", b"1,5"), "value"),
    ("large table", KINDS["design"].content, "remove the file, so that it is made again"),
    ("table", KINDS["design"].content, "remove the file, so that it is made again"),
]

READ_ALL_THE_SAME = [
    ("FASTQ zst", gzip.compress(FASTQ, mtime=0), KINDS["FASTQ zst"].content),
    ("FASTQ", FASTQ.replace(b"\n", b"\r\n"), KINDS["FASTQ"].content),
    ("FASTQ", FASTQ + b"\n\n", KINDS["FASTQ"].content),
    ("FASTQ gz", gzip.compress(FASTQ[:20], mtime=0) + gzip.compress(FASTQ[20:], mtime=0), KINDS["FASTQ gz"].content),
    ("design", b">one and more words\nAC\nGT\n\n>two\n  acga\n", KINDS["design"].content),
    ("new sequences", b">one\tx\nacgt\n>two\nACGA", KINDS["new sequences"].content),
    ("barcode map", b"Variant\tBarcode\tx\none\tacgt\t\ntwo\tACGA\t\n", KINDS["barcode map"].content),
    ("values", b"sequence\tvalue\nacgu\t+1.5e0\nACGA\t-2\n\n", KINDS["values"].content),
    ("controls", b"# controls\n one \r\ntwo\none\n", KINDS["controls"].content),
    ("pairs", b"# pairs\n reference\tvariant \n\ntwo\tone\n", None),
    ("samples", KINDS["samples"].content.replace(b"\t", b" \t "), KINDS["samples"].content),
]


@pytest.mark.parametrize(("kind", "content", *"w"), [(kind, content, words) for kind, content, *words in REFUSED])
def test_it_is_refused_in_one_clear_message(
    kind: str, content: bytes | str, w: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(KINDS[kind].name)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(KcalseqError) as told:
        KINDS[kind].read(path)
    message = str(told.value)
    assert message.startswith(str(path)) and "; expected " in message and "Remedy: " in message
    for word in w:
        assert word in message, message
    assert list(tmp_path.iterdir()) == [tmp_path / path]


@pytest.mark.parametrize(("kind", "content", "sound"), READ_ALL_THE_SAME)
def test_it_is_read_as_it_is_meant(kind: str, content: bytes, sound: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / KINDS[kind].name
    path.write_bytes(content)
    found = KINDS[kind].read(path)
    path.write_bytes(sound or KINDS[kind].content)
    assert found == KINDS[kind].read(path)
