"""Where Cassandra's software comes from: its jars from Maven Central, fetched once, run by Java 17."""

import fcntl
import os
import shutil
from importlib.resources import as_file, files
from pathlib import Path
from subprocess import TimeoutExpired  # only the error's name # nosec B404

from cli.output import stderr
from cli.servers.errors import DownloadFailed, ServerMissing
from cli.servers.programs import run_program

CASSANDRA_VERSION = "5.0.5"
PACKAGES = ("openjdk-17-jre-headless", "maven")
CACHE_VARIABLE = "MERIDIAN_CACHE"
DOWNLOAD_TIMEOUT_S = 600
JAVA_INSTALLATIONS = Path("/usr/lib/jvm")
_JAVA_VERSIONS = ("17.", "11.")


def cache_directory() -> Path:
    """MERIDIAN_CACHE, else `meridian` in the user's cache: fetched once for all clones."""
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "meridian"


def find_java() -> Path:
    """A Java that Cassandra 5 runs on; its versions are 11 and 17, newer ones fail.

    Raises:
        ServerMissing: there is none; names the packages.
    """
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    on_path = shutil.which("java")
    if on_path:
        homes.append(Path(on_path).resolve().parent.parent)
    homes += sorted(JAVA_INSTALLATIONS.glob("java-17-*"))
    for home in homes:
        java = home / "bin" / "java"
        if java.is_file() and _version(home).startswith(_JAVA_VERSIONS):
            return java
    raise ServerMissing("Java 17, which Cassandra needs,", PACKAGES)


def fetch_jars() -> Path:
    """The directory with Cassandra's jars; fetched with Maven when it is not there yet (about 66 MB).

    Raises:
        ServerMissing: they would have to be fetched and there is no Maven.
        DownloadFailed: Maven did not bring them all; nothing half done stays.
    """
    cache = cache_directory()
    jars = cache / f"cassandra-{CASSANDRA_VERSION}"
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise ServerMissing("Cassandra, which is fetched with Maven,", PACKAGES)
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "cassandra.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not jars.is_dir():
            _download(maven, jars)
    return jars


def _download(maven: str, jars: Path) -> None:
    partial = jars.with_name(jars.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    stderr.print(f"fetching Cassandra {CASSANDRA_VERSION} from Maven Central (about 66 MB, once) ...")
    with as_file(files("cli.servers").joinpath("cassandra-pom.xml")) as pom:
        argv = [
            *(maven, "--batch-mode", "--quiet", "--strict-checksums", "--file", str(pom)),
            *("dependency:copy-dependencies", f"-DoutputDirectory={partial}"),
        ]
        try:
            done = run_program(argv, timeout_s=DOWNLOAD_TIMEOUT_S)
        except TimeoutExpired as fault:
            raise DownloadFailed(f"Cassandra's jars did not arrive in {DOWNLOAD_TIMEOUT_S} s") from fault
    if done.returncode or not any(partial.glob("cassandra-all-*.jar")):
        lines = done.stdout.strip().splitlines()
        raise DownloadFailed(f"mvn ended with {done.returncode}: {lines[0] if lines else 'no output'}")
    partial.replace(jars)


def _version(home: Path) -> str:
    release = home / "release"
    if not release.is_file():
        return ""
    for line in release.read_text().splitlines():
        if line.startswith("JAVA_VERSION="):
            return line.partition("=")[2].strip('"')
    return ""
