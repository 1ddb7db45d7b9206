"""Our tables. The run table is the users' truth; the job engine's own tables are its business.

Times are seconds since 1970 (UTC).
"""

import sqlalchemy as sa

metadata = sa.MetaData()

runs = sa.Table(
    "sheetplan_runs",
    metadata,
    sa.Column("run_id", sa.String(40), primary_key=True),
    sa.Column("workbook", sa.Text, nullable=False, doc="Registered name, or what else it was asked for as."),
    sa.Column("workbook_key", sa.Text, nullable=False, doc="The same for all names of one workbook."),
    sa.Column("location", sa.Text, nullable=False, doc="URL, id or path to open."),
    sa.Column("sequence", sa.Integer, nullable=False, doc="1, 2, 3 ... within a workbook."),
    sa.Column(
        "scenarios", sa.Text, nullable=False, doc="JSON list, null for all ticked ones, or an object: a question."
    ),
    sa.Column("only_if_changed", sa.Boolean, nullable=False, doc="Ends after the read where the inputs are the same."),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("phase", sa.String(12), nullable=False, default="", doc="Of a running run: reading, solving, writing."),
    sa.Column("trigger", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("clicks", sa.Integer, nullable=False, default=1, doc="Number of requests that this run answers."),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("started_at", sa.Double),
    sa.Column("deadline_at", sa.Double),
    sa.Column("finished_at", sa.Double),
    sa.Column("enqueued", sa.Boolean, nullable=False, default=False, doc="The job engine has it."),
    sa.Column("owner", sa.String(40), doc="Changes with each execution: an older one can no longer write."),
    sa.Column("executions", sa.Integer, nullable=False, default=0),
    sa.Column("cancelled_by", sa.Text),
    sa.Column("scenarios_total", sa.Integer),
    sa.Column("scenarios_done", sa.Integer, nullable=False, default=0),
    sa.Column("exit_code", sa.Integer),
    sa.Column("summary", sa.Text, nullable=False, default="", doc="The outcome in words."),
    sa.Column("fingerprint", sa.String(64), doc="Of the inputs that were used."),
    sa.Column("outcome", sa.Text, doc="The JSON document of the run."),
    sa.UniqueConstraint("workbook_key", "sequence"),
)
sa.Index("sheetplan_runs_by_state", runs.c.state, runs.c.deadline_at)
sa.Index("sheetplan_runs_by_time", runs.c.workbook_key, runs.c.created_at)
# Two clicks in two processes cannot both make a run that waits.
sa.Index(
    "sheetplan_one_waiting",
    runs.c.workbook_key,
    runs.c.scenarios,
    unique=True,
    sqlite_where=runs.c.state == "queued",
    postgresql_where=runs.c.state == "queued",
)

parts = sa.Table(
    "sheetplan_parts",
    metadata,
    sa.Column("part_id", sa.String(100), primary_key=True),
    sa.Column("run_id", sa.String(40), nullable=False, index=True),
    sa.Column("solved", sa.Integer, nullable=False, doc="Solves that are done, before the part hands in its answers."),
)

workbooks = sa.Table(
    "sheetplan_workbooks",
    metadata,
    sa.Column("workbook_key", sa.Text, primary_key=True),
    sa.Column("last_sequence", sa.Integer, nullable=False),
)

idempotency_keys = sa.Table(
    "sheetplan_idempotency_keys",
    metadata,
    sa.Column("key", sa.Text, primary_key=True, doc="The caller's e-mail and their key."),
    sa.Column("request", sa.String(64), nullable=False, doc="Digest of what was asked."),
    sa.Column("run_id", sa.String(40), nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
)

nonces = sa.Table(
    "sheetplan_nonces",
    metadata,
    sa.Column("nonce", sa.String(128), primary_key=True),
    sa.Column("seen_at", sa.Double, nullable=False),
)

calls = sa.Table(
    "sheetplan_calls",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(80), nullable=False, doc="Account, and read or write."),
    sa.Column("at", sa.Double, nullable=False, doc="When it is sent; may lie ahead."),
)
sa.Index("sheetplan_calls_by_time", calls.c.kind, calls.c.at)

watches = sa.Table(
    "sheetplan_watches",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, doc="What is watched: a schedule, a workbook's tick boxes."),
    sa.Column("seen", sa.Text, nullable=False, doc="How far: a moment, a version."),
)

notices = sa.Table(
    "sheetplan_notices",
    metadata,
    sa.Column("key", sa.Text, primary_key=True, doc="Channel and event: the same thing is sent once."),
    sa.Column("workbook_key", sa.Text, nullable=False),
    sa.Column("channel", sa.String(12), nullable=False),
    sa.Column("document", sa.Text, nullable=False, doc="What is sent, as JSON; no addresses, no secrets."),
    sa.Column("next_at", sa.Double, nullable=False, doc="When it is to be sent, or sent again."),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("claimed_at", sa.Double, doc="When somebody began to send it."),
    sa.Column("sent_at", sa.Double),
)
sa.Index("sheetplan_notices_due", notices.c.sent_at, notices.c.next_at)

probe = sa.Table("sheetplan_probe", metadata, sa.Column("checked_at", sa.Double, nullable=False))
