"""YAML with lines: the place of every value, and every complaint of a schema in words."""

from pathlib import Path

import pytest

from kcalseq.errors import KcalseqError, KcalseqErrors
from kcalseq.yamlfile import check, read_document

CONFIG = """\
samples: samples.tsv
runs: runs.tsv
libraries:
  lac:
    assay: lac.yaml
    models: [one.yaml,
      two.yaml]
fit:
  starts: 3
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(tmp_path: Path, old: str, new: str) -> str:
    assert old in CONFIG
    with pytest.raises(KcalseqErrors) as raised:
        check(read_document(written(tmp_path, CONFIG.replace(old, new))), "config")
    return str(raised.value)


def test_a_good_document_passes_and_knows_its_lines(tmp_path: Path) -> None:
    document = read_document(written(tmp_path, CONFIG))
    check(document, "config")
    assert document.content["libraries"]["lac"]["models"] == ["one.yaml", "two.yaml"]
    places = {(): 1, ("fit", "starts"): 9, ("libraries", "lac"): 4, ("libraries", "lac", "models", 1): 7}
    for path, line in places.items():
        assert document.where(path).startswith(f"{document.name} line {line}")
    assert document.where(("fit", "starts")).endswith("line 9, key 'fit.starts'")
    assert document.where(("fit", "confidence")) == f"{document.name}, key 'fit.confidence'"


def test_merged_content_keeps_the_lines(tmp_path: Path) -> None:
    merged = read_document(written(tmp_path, CONFIG)).with_content({"fit": {"starts": 0}})
    with pytest.raises(KcalseqErrors, match="line 9, key 'fit.starts': found 0; expected at least 1"):
        check(merged, "config")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("starts: 3", "stars: 3", ("line 9, key 'fit.stars': unknown key 'stars'", "did you mean 'starts'?")),
        (
            "starts: 3",
            "starts: many",
            ("line 9, key 'fit.starts': found 'many'", "a value of type integer", "random starts"),
        ),
        ("starts: 3", "starts: 0", ("found 0; expected at least 1",)),
        ("starts: 3", "starts: 5000", ("found 5000; expected at most 1000",)),
        ("starts: 3", "confidence: 0.5", ("found 0.5; expected more than 0.5",)),
        (
            "    models: [one.yaml,\n      two.yaml]\n",
            "",
            ("line 4, key 'libraries.lac': the key 'models' is missing", "add 'models:'"),
        ),
        ("assay: lac.yaml", "assay: lac.yaml\n    observations: presense", ("line 6", "did you mean 'presence'?")),
        ("runs: runs.tsv", "runs: [runs.tsv]", ("line 2, key 'runs': found ['runs.tsv']", "a value of type string")),
    ],
)
def test_words_of_a_complaint(old: str, new: str, words: tuple[str, ...], tmp_path: Path) -> None:
    told = complaint(tmp_path, old, new)
    for word in ("config.yaml", *words):
        assert word in told


def test_every_complaint_is_told_on_its_own_line(tmp_path: Path) -> None:
    told = complaint(tmp_path, "starts: 3", "stars: 3\n  confidance: 0.9\nsede: 4")
    assert len(told.splitlines()) == 3
    for word in ("'stars'", "did you mean 'confidence'?", "did you mean 'seed'?"):
        assert word in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", ("line 4: the key 'c' stands here a second time", "remove one of the two")),
        ("a: [1, 2\nb: 3\n", ("not valid YAML", "line 2")),
        ("a: &x [*x\n", ("not valid YAML",)),
    ],
)
def test_words_about_broken_yaml(text: str, words: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(KcalseqError) as raised:
        read_document(written(tmp_path, text))
    for word in words:
        assert word in str(raised.value)


def test_one_key_in_two_places_is_no_repetition(tmp_path: Path) -> None:
    assert read_document(written(tmp_path, "a: {c: 1}\nb: {c: 2}\n")).content == {"a": {"c": 1}, "b": {"c": 2}}


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"a: \xff\xfe\n")
    with pytest.raises(KcalseqError, match="not valid YAML"):
        read_document(path)


def test_an_empty_file_misses_every_key(tmp_path: Path) -> None:
    with pytest.raises(KcalseqErrors, match="a value of type object"):
        check(read_document(written(tmp_path, "")), "config")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(KcalseqError, match="there is no such file; expected a YAML file. Remedy: correct the path"):
        read_document(tmp_path / "absent.yaml")
