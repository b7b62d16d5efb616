"""Python in whose path this folder stands opens no connection: the workflow of the tests runs without a network."""

import socket
from typing import NoReturn


def _refuse(*arguments: object, **named: object) -> NoReturn:
    raise OSError("a connection at run time")


socket.socket.connect = socket.socket.connect_ex = _refuse  # type: ignore[method-assign]
socket.getaddrinfo = socket.create_connection = _refuse
