"""What the page carries inside itself for its scripts: the scripts, and data that no name in them can break out of."""

import base64
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).with_name("scripts")
_COMPRESSION = 6
# In the order in which they need each other.
_ORDER = ("model", "words", "promoter", "response", "explorer", "variants", "scatter", "figures", "start")


def page_script() -> str:
    """All scripts of the page as one, which leaves no name behind."""
    parts = [(SCRIPTS / f"{name}.js").read_text(encoding="utf-8") for name in _ORDER]
    return "(() => {\n" + '"use strict";\n\n' + "\n".join(parts) + "})();"


def script_source(script: str) -> str:
    """How a Content-Security-Policy allows this script and no other, by the digest of its text.

    >>> script_source("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode('ascii')}'"


def script_data(content: Any) -> str:
    r"""JSON that may stand in a script element: no text in it can end the element or begin a comment.

    >>> script_data({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def packed_data(content: Any) -> str:
    """JSON, compressed, as letters that may stand in a script element; the page's scripts unpack it.

    >>> packed_data([1, 2]) == packed_data([1, 2])
    True
    """
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), _COMPRESSION, mtime=0)).decode("ascii")
