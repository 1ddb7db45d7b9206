"""The two processes that stay, from start to orderly end.

`serve` is everything: HTTP, worker, schedule and tick boxes. `work` is one more worker, with probes where asked for.
"""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from config.settings import Settings
from sheets_sync.jobs.schedule import LOOK_S, Scheduler, schedules_of
from sheets_sync.jobs.tick_boxes import TickBoxWatcher, tick_boxes_of
from sheets_sync.jobs.worker import Worker
from sheets_sync.service.app import create_app
from sheets_sync.service.connections import PunctualProtocol
from sheets_sync.service.metrics import Metrics
from sheets_sync.service.probes import create_probe_app

logger = logging.getLogger(__name__)


def serve(settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Serve until stopped (SIGTERM, Ctrl-C); then requests and runs are given a while to end.

    `announce` gets the address once the service answers.

    Raises:
        OSError: the port is taken.
        NoSlotError, SettingsError: see `Worker.start`.
    """
    service = settings.service
    listener = socket.create_server((service.host, service.port), backlog=512, reuse_port=False)
    metrics = Metrics(settings.workbooks)
    worker = Worker(settings, observer=metrics)
    scheduler = Scheduler(schedules_of(settings), worker.database, worker.submit_once)
    worker.start()
    worker.repeat("schedule", scheduler.look, LOOK_S)
    boxes = tick_boxes_of(settings)
    if boxes:
        watcher = TickBoxWatcher(boxes, settings, worker.database, worker.submit_once, worker.runs.get)
        worker.repeat("tick boxes", watcher.look, service.tick_box_s)
    app = create_app(settings, worker, metrics, next_run=scheduler.next_run)
    port = listener.getsockname()[1]
    config = _server(app, drain_s=service.drain_s)
    for number in (signal.SIGTERM, signal.SIGINT):
        # The HTTP server takes both over, and raises them again when it is done: our own end is still to come then.
        signal.signal(number, lambda *_: None)
    announce(f"http://{service.host}:{port}")
    logger.info("Listening on port %d", port, extra={"action": "service_started", "port": port})
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        stop_worker(worker)


def work(settings: Settings, *, announce: Callable[[str, str | None], None]) -> None:
    """Work on runs until stopped; `announce` gets the slot, and the address of the probes if there are any.

    Raises:
        OSError: the port is taken.
        NoSlotError, SettingsError: see `Worker.start`.
    """
    service = settings.service
    port = service.worker_port
    listener = None if port is None else socket.create_server((service.host, port), backlog=64, reuse_port=False)
    metrics = Metrics(settings.workbooks)
    worker = Worker(settings, observer=metrics)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    slot = worker.start()
    if listener is None:
        announce(slot, None)
        stop.wait()
    else:
        probes = uvicorn.Server(_server(create_probe_app(settings, worker, metrics)))
        # Not in the main thread, so that it leaves the signals to us.
        thread = threading.Thread(target=probes.run, kwargs={"sockets": [listener]}, name="probes", daemon=True)
        thread.start()
        announce(slot, f"http://{service.host}:{listener.getsockname()[1]}")
        stop.wait()
        probes.should_exit = True
        thread.join(timeout=5)
    stop_worker(worker)


def _server(app: FastAPI, *, drain_s: float | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=PunctualProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=None if drain_s is None else round(drain_s),
    )


def stop_worker(worker: Worker) -> None:
    """Stop a worker; runs that do not end in time are left to others, or to its next start."""
    if not worker.stop():
        # Solvers cannot be killed in their threads. The process can, and runs go on as after any crash.
        sys.stderr.flush()
        os._exit(0)
