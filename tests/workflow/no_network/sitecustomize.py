"""Python in whose path this folder stands opens no connection: the workflow of the tests runs without a network.

Where KCALSEQ_STORAGE names the port of a storage that a test has started on this machine, to that port alone.
"""

import os
import socket
from collections.abc import Callable
from typing import Any

_STORAGE = ("127.0.0.1", int(os.environ.get("KCALSEQ_STORAGE", "0")))


def _only_to_the_storage(called: Callable[..., Any], place: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(*arguments: Any, **named: Any) -> Any:
        if place(*arguments) != _STORAGE or not _STORAGE[1]:
            raise OSError("a connection at run time")
        return called(*arguments, **named)

    return guarded


for _name in ("connect", "connect_ex"):
    _own = _only_to_the_storage(getattr(socket.socket, _name), lambda own, address: address)
    setattr(socket.socket, _name, _own)
for _name in ("getaddrinfo", "create_connection"):
    _place = {"getaddrinfo": lambda host, port, *_: (host, port), "create_connection": lambda address, *_: address}
    setattr(socket, _name, _only_to_the_storage(getattr(socket, _name), _place[_name]))
