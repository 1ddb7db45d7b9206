"""A PostgreSQL of the tests' own, on loopback, gone when they end."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import psycopg

from tests.sheets_sync.installation import free_port

USER = "sheetplan"


def find_binaries() -> Path | None:
    """The folder of PostgreSQL's programs; Debian keeps them out of the PATH."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    return next((path for path in candidates if (path / "initdb").exists()), on_path and Path(on_path).parent) or None


class Postgres:
    """A server process with its data in `folder`."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self._folder = folder
        self._binaries = binaries
        self._port = free_port()
        # PostgreSQL refuses to run as root; Debian's package brings a user for it.
        self._as_user = (
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0

    def start(self) -> None:
        """Make the data folder and start."""
        if self._as_user:
            shutil.chown(self._folder, "postgres")
            for parent in self._folder.parents:
                if parent.stat().st_uid == 0 and parent != Path("/") and parent.is_relative_to("/tmp/"):
                    parent.chmod(parent.stat().st_mode | 0o011)
        data = self._folder / "data"
        initdb = [*self._as_user, self._binaries / "initdb", "-D", data, "-A", "trust", "-U", USER]
        subprocess.run(initdb, check=True, capture_output=True, cwd="/")
        options = {"listen_addresses": "127.0.0.1", "port": self._port, "unix_socket_directories": ""}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        log = (self._folder / "log").open("wb")
        command = [*self._as_user, self._binaries / "postgres", "-D", data, *settings]
        self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        log.close()
        end = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self._address("postgres")).close()
            except psycopg.OperationalError:
                assert time.monotonic() < end, (self._folder / "log").read_text()
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def new_database(self) -> str:
        """An empty database; returns its address."""
        self._databases += 1
        name = f"test{self._databases}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._address(name)

    def _address(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self._port}/{database}"
