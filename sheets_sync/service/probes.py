"""The calls of whoever watches over a process: liveness, readiness, metrics. They need no identity."""

from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, Response

from config.settings import Settings
from sheets_sync.google.connection import Connection
from sheets_sync.google.credentials import emulator_address
from sheets_sync.google.shared_connection import shared_connection
from sheets_sync.jobs.worker import Worker
from sheets_sync.opening import sheet_of_key
from sheets_sync.service import problems
from sheets_sync.service.access import Access
from sheets_sync.service.health import OK, Readiness
from sheets_sync.service.messages import Health
from sheets_sync.service.metrics import Metrics
from sheets_sync.service.shared_answer import SharedAnswer
from sheets_sync.workbook.backend import WorkbookUnreachableError

KEEP_S = 1.0
"""How long an answer that needs the store is given to everybody: nobody is identified here, so anybody may ask."""


def create_probe_app(settings: Settings, worker: Worker, metrics: Metrics) -> FastAPI:
    """Nothing but the probes, for a process that only works on runs."""
    app = FastAPI(title="sheetplan worker", version=version("sheetplan"), docs_url=None, redoc_url=None)
    problems.install(app)
    app.include_router(probes(settings, worker, metrics, Access(settings)))
    return app


def probes(settings: Settings, worker: Worker, metrics: Metrics, access: Access) -> APIRouter:
    """The probes of a process whose worker is started."""
    router = APIRouter(tags=["health"])
    needs_google = settings.service.open_workbooks or any(
        sheet_of_key(workbook.key) is not None for workbook in access.workbooks
    )
    readiness = Readiness(settings, worker.database, needs_google=needs_google)
    metrics.watch(worker.runs, _connection(settings) if needs_google else None)

    checks = SharedAnswer(readiness.checks, keep_s=KEEP_S)
    page = SharedAnswer(metrics.page, keep_s=KEEP_S)

    @router.get("/healthz", summary="Is the process alive?")
    async def healthz() -> Health:
        """Answered from memory."""
        return Health(status=OK)

    @router.get("/readyz", summary="Can it do its work?", responses={503: {"model": Health}})
    async def readyz() -> Response:
        """Writes to the store, and asks Google for a token where the last one has expired."""
        found = await checks.get()
        ready = all(state == OK for state in found.values())
        body = Health(status=OK if ready else "not ready", checks=found)
        return JSONResponse(body.model_dump(), status_code=200 if ready else 503)

    @router.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def get_metrics() -> Response:
        """In Prometheus' text format; at most a second old."""
        return Response(await page.get(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def _connection(settings: Settings) -> Connection | None:
    try:
        return shared_connection(settings.google, emulator_address())
    except WorkbookUnreachableError:
        # Readiness tells; files can still be run, and Google Sheets answer with words.
        return None
