"""The service's calls. Each is short: what a caller may do is decided in `access`, what becomes of runs in `jobs`."""

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.security import HTTPBearer

from config.settings import Settings
from sheets_sync.jobs.logs import about_run
from sheets_sync.jobs.run_history import RunHistory
from sheets_sync.jobs.run_table import Asked, Run
from sheets_sync.jobs.worker import Worker
from sheets_sync.opening import sheet_of_key
from sheets_sync.service import adopt_calls, approval_calls, check_calls, problems, question_calls, status_page
from sheets_sync.service.access import Access
from sheets_sync.service.assistant_calls import AssistantCalls, Assistants, is_offered
from sheets_sync.service.bounded_calls import BoundedCalls
from sheets_sync.service.door import Door, Who
from sheets_sync.service.identity import Caller, TokenVerifier
from sheets_sync.service.job_parameters import IdempotencyKey, JobId
from sheets_sync.service.messages import (
    Accepted,
    DifferenceDocument,
    RunDocument,
    RunList,
    RunOrder,
    WorkbookDocument,
    WorkbookList,
    WorkbookText,
    moment,
)
from sheets_sync.service.metrics import Metrics
from sheets_sync.service.probes import probes
from sheets_sync.service.problems import Problem, ProblemDocument, answers
from sheets_sync.service.secret import SecretVerifier

NextRun = Callable[[str], float | None]
"""When a registered workbook's schedule runs it next, in seconds since 1970."""


def create_app(
    settings: Settings, worker: Worker, metrics: Metrics, *, next_run: NextRun = lambda _name: None
) -> FastAPI:
    """The service over a worker that is started."""
    service, access, history = settings.service, Access(settings), RunHistory(settings, worker.runs)
    assistants = Assistants(access, settings) if is_offered() else None
    app = FastAPI(
        title="sheetplan",
        version=version("sheetplan"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=None if assistants is None else assistants.lifespan,
    )
    problems.install(app)
    app.include_router(_runs(access, worker, history))
    calls = BoundedCalls(settings, metrics)
    app.include_router(check_calls.router(access, calls, settings))
    app.include_router(adopt_calls.router(access, calls, settings))
    app.include_router(approval_calls.router(access, settings))
    app.include_router(question_calls.router(access, worker))
    app.include_router(_workbooks(access, history, next_run))
    app.include_router(probes(settings, worker, metrics, access))
    status_page.install(app)
    if assistants is not None:
        app.add_middleware(AssistantCalls, assistants=assistants)
    secret = service.shared_secret
    app.add_middleware(
        Door,
        tokens=TokenVerifier(
            service.audience, hosted_domains=service.hosted_domains, certificates_url=service.certificates_url
        ),
        secret=None if secret is None else SecretVerifier(secret.get_secret_value(), worker.database),
        largest_bytes=int(service.largest_request_kb * 1000),
        reads_per_minute=service.requests_per_minute,
        clicks_per_minute=service.clicks_per_minute,
    )
    _finish_answers(app, metrics)  # the last is the outermost: it sees what the door refuses, too
    _describe_problems(app)
    return app


def _runs(access: Access, worker: Worker, history: RunHistory) -> APIRouter:
    router = APIRouter(
        prefix="/v1/runs", tags=["runs"], dependencies=[Depends(HTTPBearer(auto_error=False))], responses=answers()
    )

    def visible(run_id: str, caller: Caller) -> Run:
        run = history.get(run_id)
        if run is None or run.question is not None or not access.allows_key(run.workbook_key, caller):
            raise Problem(404, "unknown-run", f"There is no run {run_id}, or you may not see it.")
        return run

    @router.post("", status_code=202, responses=answers(400, 403, 422), summary="Run a workbook")
    def post_run(order: RunOrder, caller: Who, response: Response, idempotency_key: IdempotencyKey = None) -> Accepted:
        """Accepts a run and answers at once.

        The same run is answered for a repeated Idempotency-Key, and while the first run of the same workbook and
        scenarios still waits.
        """
        workbook = access.find(order.workbook, caller)
        run = worker.submit(
            Asked(
                workbook=workbook.name,
                workbook_key=workbook.key,
                location=workbook.location,
                scenarios=None if order.scenarios is None else tuple(order.scenarios),
                trigger=order.trigger,
                person=caller.email,
            ),
            idempotency_key=idempotency_key,
        )
        url = f"{router.prefix}/{run.run_id}"
        response.headers["Location"] = url
        return Accepted(run_id=run.run_id, status_url=url)

    @router.get("/{run_id}", responses=answers(404, 422), summary="One run")
    def get_run(run_id: JobId, caller: Who) -> RunDocument:
        """State, progress, issues, and the outcome in words and as JSON."""
        return RunDocument.of(visible(run_id, caller))

    @router.get("", responses=answers(403, 422), summary="Past runs")
    def list_runs(
        caller: Who,
        workbook: Annotated[WorkbookText | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        folded: Annotated[bool, Query(description="Scheduled runs in a row that ended alike as one entry.")] = False,
    ) -> RunList:
        """Newest first, also those of the command line: of one workbook, or of all that the caller may see."""
        keys = access.keys(caller) if workbook is None else [access.find(workbook, caller).key]
        found = history.latest(keys, limit=limit, folded=folded)
        allowed = [past for past in found if access.allows_key(past.run.workbook_key, caller)]
        return RunList(runs=[RunDocument.in_list(past) for past in allowed])

    @router.get("/{run_id}/difference", responses=answers(404, 422), summary="What changed since the run before")
    def get_difference(run_id: JobId, caller: Who) -> DifferenceDocument:
        """Inputs, selections and totals that differ from the run before of the same workbook, in words."""
        visible(run_id, caller)
        return DifferenceDocument.of(run_id, history.difference(run_id))

    @router.post("/{run_id}/cancel", status_code=202, responses=answers(404, 422), summary="Cancel a run")
    def cancel_run(run_id: JobId, caller: Who) -> RunDocument:
        """Nothing is written where the run had not begun to write; else it ends as it would have."""
        run = visible(run_id, caller)
        with about_run(run_id, run.workbook):
            worker.runs.cancel(run.run_id, caller.email)
        return RunDocument.of(visible(run_id, caller))

    return router


def _workbooks(access: Access, history: RunHistory, next_run: NextRun) -> APIRouter:
    router = APIRouter(
        prefix="/v1/workbooks",
        tags=["workbooks"],
        dependencies=[Depends(HTTPBearer(auto_error=False))],
        responses=answers(),
    )

    @router.get("", summary="Registered workbooks")
    def list_workbooks(caller: Who) -> WorkbookList:
        """Those that the caller may run, with their last and next run."""
        documents = []
        for workbook in access.workbooks:
            if workbook.registered is None or not access.allows(workbook, caller):
                continue
            last = history.latest([workbook.key], limit=1)
            due = next_run(workbook.name)
            sheet = sheet_of_key(workbook.key)
            documents.append(
                WorkbookDocument(
                    name=workbook.name,
                    address=None if sheet is None else sheet.locator,
                    schedule=workbook.registered.schedule,
                    time_zone=workbook.registered.time_zone,
                    next_run_at=None if due is None else moment(due),
                    last_run=RunDocument.in_list(last[0]) if last else None,
                )
            )
        return WorkbookList(workbooks=documents)

    return router


def _finish_answers(app: FastAPI, metrics: Metrics) -> None:
    """Count each answer, and keep it out of caches: what identifies a caller is not what caches look at."""

    @app.middleware("http")
    async def finish(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await proceed(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        metrics.request(request.method, response.status_code)
        return response


def _describe_problems(app: FastAPI) -> None:
    """The OpenAPI document has the problem document's schema, and none of the framework's own error shapes."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schemas = make()["components"]["schemas"]
            schemas["ProblemDocument"] = ProblemDocument.model_json_schema()
            schemas.pop("HTTPValidationError", None)
            schemas.pop("ValidationError", None)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents
