"""Commands that stay: `serve` and `worker`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from sheets_sync.cli.session import Session, global_options, installation, pass_session

if TYPE_CHECKING:
    from sheets_sync.outcome import ExitCode

INSTALL_EXTRA = 'Install it with: pip install "sheetplan[service]"'


@click.command()
@click.option("--host", help="Address to listen on instead of the configured one.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on instead of the configured one.")
@global_options
@pass_session
def serve(session: Session, host: str | None, port: int | None) -> "ExitCode":
    """Serve HTTP triggers, schedules, tick boxes and the status page, and carry out runs."""
    from sheets_sync.jobs.logs import log_as_json
    from sheets_sync.outcome import ExitCode

    _need_extra()
    from sheets_sync.service.server import serve as serve_until_stopped

    settings = installation()
    changed = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update={"service": settings.service.model_copy(update=changed)})
    log_as_json()

    def announce(address: str) -> None:
        if session.as_json:
            session.print_json({"address": address})
        else:
            click.echo(address)

    with _reported_in_words("service.port"):
        serve_until_stopped(settings, announce=announce)
    return ExitCode.DONE


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Answer /healthz, /readyz and /metrics there; 0 takes a free port."
)
@global_options
@pass_session
def worker(session: Session, port: int | None) -> "ExitCode":
    """Carry out runs alongside `serve`, on this machine or (with PostgreSQL) on another."""
    from sheets_sync.jobs.logs import log_as_json
    from sheets_sync.outcome import ExitCode

    _need_extra()
    from sheets_sync.service.server import work

    settings = installation()
    if port is not None:
        settings = settings.model_copy(update={"service": settings.service.model_copy(update={"worker_port": port})})
    log_as_json()

    def announce(slot: str, address: str | None) -> None:
        if session.as_json:
            session.print_json({"slot": slot, "address": address})
        else:
            click.echo(slot if address is None else f"{slot} {address}")

    with _reported_in_words("service.worker_port"):
        work(settings, announce=announce)
    return ExitCode.DONE


@contextmanager
def _reported_in_words(port: str) -> Iterator[None]:
    """What keeps a service from starting is a matter of its settings."""
    from sqlalchemy.exc import SQLAlchemyError

    from config.settings import SettingsError
    from sheets_sync.jobs.slots import NoSlotError

    try:
        yield
    except NoSlotError as error:
        raise SettingsError(str(error)) from None
    except SQLAlchemyError as error:
        # The engine's own words may quote the address with its password.
        raise SettingsError(
            f"service.database cannot be used ({type(error).__name__}). Check that it exists, that the server is "
            "running, and that sheetplan can write there."
        ) from None
    except OSError as error:
        raise SettingsError(f"service.host and {port} cannot be used to listen on: {error.strerror}.") from None


def _need_extra() -> None:
    try:
        import dbos  # noqa: F401 -- only whether it is there
    except ModuleNotFoundError:
        raise click.UsageError(f"This command needs the service extra. {INSTALL_EXTRA}") from None
