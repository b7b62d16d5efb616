"""Every kind of file, spoilt in every way: one clear message, or the right result; never anything else."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kcalseq.errors import KcalseqError

from .kinds import KINDS, Kind

Damage = Callable[[bytes], bytes]
_RNG_SEED = 20261123
PAGE = b"<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head><body>nginx</body></html>\n"


def at_middle(piece: bytes) -> Damage:
    return lambda content: content[: len(content) // 2] + piece + content[len(content) // 2 :]


def changed(n: int) -> Damage:
    """Replace so many bytes, always the same of the same file."""

    def change(content: bytes) -> bytes:
        rng, spoilt = np.random.default_rng([_RNG_SEED, n]), bytearray(content)
        for place in rng.integers(0, len(spoilt), n):
            spoilt[place] = rng.integers(256)
        return bytes(spoilt)

    return change


DAMAGES: dict[str, Damage] = {
    "empty": lambda content: b"",
    "one line end": lambda content: b"\n",
    "blank lines": lambda content: b" \n\t\n" * 5,
    "first byte only": lambda content: content[:1],
    "cut in half": lambda content: content[: len(content) // 2],
    "cut by a byte": lambda content: content[:-1],
    "cut by nine bytes": lambda content: content[:-9],
    "first line lost": lambda content: content[content.find(b"\n") + 1 :],
    "a zero byte inside": at_middle(b"\0"),
    "zero bytes only": lambda content: bytes(len(content)),
    "a byte that is not UTF-8": at_middle(b"\xff"),
    "terminal codes inside": at_middle(b"\x1b[2J\x1b]0;owned\x07"),
    "turned text inside": at_middle("\u202egnp\u2066\u2028".encode()),
    "UTF-16": lambda content: content.decode("latin-1").encode("utf-16"),
    "a web page": lambda content: PAGE,
    "a web page behind": lambda content: content + PAGE,
    "a zip archive": lambda content: b"PK\x03\x04" + content,
    "an Excel file": lambda content: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + content,
    "an endless line": at_middle(b"A" * 300_000),
    "many tabs": at_middle(b"\t" * 500),
    "quotes": at_middle(b"\"'`"),
    "twice": lambda content: content * 2,
    "lines reversed": lambda content: b"\n".join(reversed(content.split(b"\n"))),
    "one byte changed": changed(1),
    "five bytes changed": changed(5),
    "a fifth of it changed": lambda content: changed(1 + len(content) // 5)(content),
    "gzipped once more": lambda content: gzip.compress(content, mtime=0),
    "half of a gzipped file": lambda content: gzip.compress(content * 50, mtime=0)[: 20 + len(content) // 10],
    "a gzipped file with a wrong middle": lambda content: changed(3)(gzip.compress(content, mtime=0)),
}
# What a text editor or another system does to a file, and nobody sees.
INVISIBLE: dict[str, Damage] = {
    "a byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "line ends of Windows": lambda content: content.replace(b"\n", b"\r\n"),
    "no last line end": lambda content: content.rstrip(b"\n"),
}
TEXT = [name for name, kind in KINDS.items() if kind.name.rsplit(".", 1)[-1] in ("fastq", "fa", "tsv", "txt", "yaml")]
# A FASTQ file is no text of an editor: there a mark is told.
UNSEEN = [(kind, damage) for kind in TEXT for damage in INVISIBLE if (kind, damage) != ("FASTQ", "a byte order mark")]
CASES = [(kind, damage) for kind in KINDS for damage in DAMAGES]


def outcome(kind: Kind, path: Path) -> object:
    """What reading gives: a result, or the one message. Whatever else is raised fails the test."""
    try:
        return kind.read(path)
    except KcalseqError as error:
        message = str(error)
        assert "Remedy: " in message and str(path.name) in message
        assert len(message) < 6000
        return error.__class__.__name__, message


@pytest.mark.parametrize(("kind", "damage"), CASES)
def test_a_spoilt_file_is_one_message_or_a_result(kind: str, damage: str, tmp_path: Path) -> None:
    path = tmp_path / KINDS[kind].name
    path.write_bytes(DAMAGES[damage](KINDS[kind].content))
    before = path.read_bytes()
    assert outcome(KINDS[kind], path) == outcome(KINDS[kind], path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("kind", "damage"), UNSEEN)
def test_what_nobody_sees_changes_nothing(kind: str, damage: str, tmp_path: Path) -> None:
    path = tmp_path / KINDS[kind].name
    path.write_bytes(KINDS[kind].content)
    sound = outcome(KINDS[kind], path)
    path.write_bytes(INVISIBLE[damage](KINDS[kind].content))
    assert outcome(KINDS[kind], path) == sound


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_is_no_file_is_told(kind: str, tmp_path: Path) -> None:
    path = tmp_path / KINDS[kind].name
    for make in (lambda: None, path.mkdir, lambda: (path.rmdir(), path.symlink_to(path))):
        make()
        found = outcome(KINDS[kind], path)
        assert isinstance(found, tuple) and "Remedy: " in found[1]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_sound_file_is_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / KINDS[kind].name
    path.write_bytes(KINDS[kind].content)
    found = KINDS[kind].read(path)
    assert found
    odd = tmp_path / 'it\'s $(touch owned); `id` "q" ünï\n.d' / f"-rf *{KINDS[kind].name}"
    odd.parent.mkdir()
    os.rename(path, odd)
    assert KINDS[kind].read(odd) == found
    assert not (tmp_path / "owned").exists() and not Path("owned").exists()


def test_there_are_more_than_two_hundred_cases() -> None:
    assert len(CASES) + len(UNSEEN) + 5 * len(KINDS) > 700
