"""Compiled loops are never older than the code they were made from."""

import subprocess
import sys
from pathlib import Path

from kcalseq.kernels import cache_folder, kernel


def test_a_kernel_does_what_the_function_does() -> None:
    def add(one: int, other: int) -> int:
        return one + other

    assert kernel(add)(2, 3) == 5


MAIN = """
import sys
sys.path.insert(0, {folder!r})
from kcalseq.reads.caller import call
print(call(1))
"""


def test_a_change_in_a_called_file_is_seen(tmp_path: Path) -> None:
    """numba alone would go on using the old code of ``helper`` within ``call``."""
    package = tmp_path / "kcalseq"
    (package / "reads").mkdir(parents=True)
    for name in ("__init__.py", "reads/__init__.py"):
        (package / name).touch()
    source = Path(sys.modules[kernel.__module__].__file__ or "")
    (package / "kernels.py").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    imports = "from kcalseq.kernels import kernel\nfrom kcalseq.reads.helper import help_it\n"
    caller = f"{imports}@kernel\ndef call(x):\n    return help_it(x)\n"
    (package / "reads" / "caller.py").write_text(caller, encoding="utf-8")
    seen = []
    for number in (10, 20, 20):
        helper = f"from kcalseq.kernels import kernel\n@kernel\ndef help_it(x):\n    return x + {number}\n"
        (package / "reads" / "helper.py").write_text(helper, encoding="utf-8")
        command = [sys.executable, "-c", MAIN.format(folder=str(tmp_path))]
        seen.append(int(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    assert seen == [11, 21, 21]
    assert len(list((package / "reads" / "__pycache__").glob("kernels-*"))) == 2


def test_a_folder_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").write_text("a file where the folder would be", encoding="utf-8")
    assert not cache_folder(tmp_path).is_relative_to(tmp_path)
