"""Fuzz a target and keep what was found: ``PYTHONPATH=scripts python -m tests.fuzz fastq 600``."""

import os
import sys
import traceback

# Compiled loops cannot be traced; must be said before they are imported.
os.environ["NUMBA_DISABLE_JIT"] = "1"

from .corpus import keep, kept
from .guided import fuzz
from .targets import PROJECT, SEEDS, TARGETS, WORDS

name, seconds = sys.argv[1], float(sys.argv[2])
begin = [*SEEDS[name], *kept(name)]
corpus, failures, n_runs = fuzz(TARGETS[name], begin, WORDS[name], PROJECT / "scripts", seconds, seed=len(begin))
keep(name, corpus)
print(f"{name}: {n_runs} runs, {len(corpus)} contents kept, {len(failures)} failures")
for content, error in {repr(error)[:200]: (content, error) for content, error in failures}.values():
    print(repr(content))
    traceback.print_exception(error, limit=-3)
sys.exit(bool(failures))
