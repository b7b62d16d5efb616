"""The files here are programs that a test starts, not modules that hold doctests."""

collect_ignore_glob = ["*.py"]
