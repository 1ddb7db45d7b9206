"""Files as the common trackers export them: headers after their documentation, three rows of made-up work."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]

HEADERS: Mapping[str, Sequence[str]] = {
    # Jira Cloud, "Export CSV (all fields)": custom fields in brackets, a column per sprint and per link.
    "jira": ["Summary", "Issue key", "Issue id", "Issue Type", "Status", "Project key", "Project name", "Priority",
             "Assignee", "Reporter", "Created", "Updated", "Due date", "Fix versions", "Components", "Labels",
             "Inward issue link (Blocks)", "Sprint", "Custom field (Story Points)", "Custom field (Epic Link)",
             "Custom field (Team)", "Custom field (Business Value)", "Parent", "Description"],
    # Linear, "Export issues": one row per issue.
    "linear": ["ID", "Team", "Title", "Description", "Status", "Estimate", "Priority", "Project ID", "Project",
               "Creator", "Assignee", "Labels", "Cycle Number", "Cycle Name", "Created", "Updated", "Due Date",
               "Parent issue", "Initiatives", "Blocked by", "Customer value"],
    # Azure DevOps, query results as CSV.
    "azure": ["ID", "Work Item Type", "Title", "Assigned To", "State", "Tags", "Area Path", "Iteration Path",
              "Story Points", "Priority", "Business Value", "Parent"],
    # Asana, project export, with custom fields behind the standard ones.
    "asana": ["Task ID", "Created At", "Completed At", "Last Modified", "Name", "Section/Column", "Assignee",
              "Assignee Email", "Start Date", "Due Date", "Tags", "Notes", "Projects", "Parent task",
              "Blocked By (Dependencies)", "Blocking (Dependencies)", "Effort (days)", "Customer value"],
}  # fmt: skip

READ: Mapping[str, Mapping[str, str]] = {
    "jira": {"Summary": "title", "Issue key": "initiative_key", "Status": "status", "Priority": "priority",
             "Fix versions": "", "Inward issue link (Blocks)": "prerequisite_keys", "Sprint": "period_key",
             "Custom field (Story Points)": "engineering_tokens", "Custom field (Epic Link)": "program",
             "Custom field (Team)": "department"},
    "linear": {"ID": "initiative_key", "Team": "department", "Title": "title", "Status": "status",
               "Estimate": "engineering_tokens", "Priority": "priority", "Cycle Name": "period_key",
               "Parent issue": "program", "Blocked by": "prerequisite_keys"},
    "azure": {"ID": "initiative_key", "Title": "title", "State": "status", "Area Path": "department",
              "Iteration Path": "period_key", "Story Points": "engineering_tokens", "Priority": "priority",
              "Parent": "program"},
    "asana": {"Task ID": "initiative_key", "Name": "title", "Projects": "", "Parent task": "program",
              "Blocked By (Dependencies)": "prerequisite_keys", "Effort (days)": "engineering_tokens"},
}  # fmt: skip
"""What each header means without a Columns tab; blank where another column of the same meaning is read instead."""

VALUE = {"jira": "Custom field (Business Value)", "linear": "Customer value", "azure": "Business Value",
         "asana": "Customer value"}  # fmt: skip
_EFFORT, _WORTH = (5, 3, 8), (50, 20, 40)


def write_export(path: Path, tool: str, separator: str = ",") -> Path:
    """An export of three pieces of work: efforts 5, 3 and 8, worth 50, 20 and 40; the second needs the first."""
    fields = READ[tool]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(HEADERS[tool])
        for at in range(3):
            values = {
                "initiative_key": f"PAY-{at + 1}",
                "title": f"Piece {at + 1}",
                "status": "To Do",
                "engineering_tokens": _EFFORT[at],
                "prerequisite_keys": "PAY-1" if at == 1 else "",
                "department": "Growth",
                "period_key": "Sprint 7",
            }
            cells = [
                _WORTH[at] if header == VALUE[tool] else values.get(fields.get(header, ""), "")
                for header in HEADERS[tool]
            ]
            if "Description" in HEADERS[tool]:
                cells[HEADERS[tool].index("Description")] = 'As a buyer\nI want "more"'
            writer.writerow(cells)
    return path
