"""Prometheus metrics of one process; the queue's length is that of the whole installation."""

import logging
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sheets_sync.google.connection import Connection
from sheets_sync.jobs.logs import workbook_of_run
from sheets_sync.jobs.observer import Observer
from sheets_sync.jobs.run_table import RunTable, State

OTHER = "not registered"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600)


class Metrics(Observer):
    """What this process measures; `workbooks` are the registered names, all others are counted together."""

    def __init__(self, workbooks: Collection[str] = ()) -> None:
        self._workbooks = frozenset(workbooks)
        self.registry = CollectorRegistry()
        self._ended = Counter(
            "sheetplan_runs_ended",
            "Runs that ended, by outcome.",
            ["workbook", "state", "exit_code"],
            registry=self.registry,
        )
        self._phase = Histogram(
            "sheetplan_phase_seconds",
            "Duration of a phase.",
            ["workbook", "phase"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._run = Histogram(
            "sheetplan_run_seconds",
            "From acceptance to the end.",
            ["workbook"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._requests = Counter(
            "sheetplan_http_requests", "HTTP requests.", ["method", "status"], registry=self.registry
        )
        self._retries = Counter(
            "sheetplan_google_retries", "Calls to Google that were tried again.", ["workbook"], registry=self.registry
        )
        for name in (*self._workbooks, OTHER):
            self._retries.labels(name)
        self._listener = _RetryListener(self._retry)
        logging.getLogger("sheets_sync.google.transport").addHandler(self._listener)

    def watch(self, runs: RunTable, connection: Connection | None) -> None:
        """Also report the queue, and of calls to Google."""
        self.registry.register(_Live(runs, connection))

    def page(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self.registry)

    @contextmanager
    def phase(self, name: str, workbook: str) -> Iterator[None]:
        """Measure a phase."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._phase.labels(self._name(workbook), name).observe(time.perf_counter() - start)

    def ended(self, workbook: str, state: str, exit_code: int, seconds: float) -> None:
        """Count a run."""
        self._ended.labels(self._name(workbook), state, str(exit_code)).inc()
        self._run.labels(self._name(workbook)).observe(seconds)

    def _retry(self) -> None:
        self._retries.labels(self._name(workbook_of_run() or "")).inc()

    def _name(self, workbook: str) -> str:
        # In open mode callers bring any number of workbooks, and each label is kept for ever.
        return workbook if workbook in self._workbooks else OTHER

    def request(self, method: str, status: int) -> None:
        """Count a request."""
        # A method is any word that a stranger sends, and each label is kept for ever.
        self._requests.labels(method if method in METHODS else "other", str(status)).inc()


class _Live(Collector):
    """Figures that are looked up when they are asked for."""

    def __init__(self, runs: RunTable, connection: Connection | None) -> None:
        self._runs = runs
        self._connection = connection

    def collect(self) -> Iterator[Metric]:
        counts = self._runs.counts()
        states = GaugeMetricFamily("sheetplan_runs", "Runs in the store, by state.", labels=["state"])
        for state in State:
            states.add_metric([state.value], counts.get(state.value, 0))
        yield states
        yield GaugeMetricFamily("sheetplan_queue_length", "Runs that wait.", counts.get(State.QUEUED.value, 0))
        if self._connection is not None:
            calls = self._connection.http.calls
            yield CounterMetricFamily("sheetplan_google_calls", "Calls sent to Google.", calls)


class _RetryListener(logging.Handler):
    """Counts what the transport logs with the action `google_call_retried`."""

    def __init__(self, count: Callable[[], None]) -> None:
        super().__init__()
        self._count = count

    def emit(self, record: logging.LogRecord) -> None:
        if getattr(record, "action", None) == "google_call_retried":
            self._count()
