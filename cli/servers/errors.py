"""What can go wrong with a server of one's own, cut by what the caller can do next."""


class ServerError(Exception):
    """A server could not be started or stopped; the message holds no secret."""


class ServerMissing(ServerError):
    """The software is not on this machine. `packages` are the Debian packages that bring it."""

    def __init__(self, what: str, packages: tuple[str, ...]) -> None:
        fix = f": apt-get install {' '.join(packages)}" if packages else ""
        super().__init__(f"{what} is not installed{fix}")
        self.packages = packages


class ServerFailed(ServerError):
    """The server ended, or was not ready in time; its log says why."""


class DownloadFailed(ServerError):
    """The server's files could not be fetched; worth another try."""
