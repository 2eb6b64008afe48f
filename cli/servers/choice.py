"""Which form of a server to run here: a container where that is possible, else a process."""

from pathlib import Path

from cli.servers.cassandra import CassandraOptions, CassandraServer
from cli.servers.cassandra_container import CassandraContainer
from cli.servers.containers import find_image


def choose_cassandra(
    directory: Path, options: CassandraOptions | None = None, *, containers: bool = True
) -> CassandraServer | CassandraContainer:
    """A container where an engine runs and has or can pull an image, else the jars with Java 17.

    Nothing is started. What runs already on *directory* is found again in its own form.

    Raises:
        DownloadFailed: an image was being pulled and did not arrive in time.
    """
    process = CassandraServer(directory, options)
    container = CassandraContainer(directory, options)
    if process.running:
        return process
    if container.running or (containers and find_image(CassandraContainer.images)):
        return container
    return process
