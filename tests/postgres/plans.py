"""What a server has done for the statements that it was sent: the plans that it writes into its log
(auto_explain), with what each part has read."""
import json
import re

CONFIGURATION = {"shared_preload_libraries": "'auto_explain'", "log_min_messages": "log",
                 "auto_explain.log_min_duration": "0", "auto_explain.log_analyze": "on",
                 "auto_explain.log_timing": "off", "auto_explain.log_format": "json"}


def plans(postgres):
    """(text, plan) of every statement in the log of a cluster so configured. An answer may be there
    before its plan is, and a plan before all of it is: one that does not end yet is none."""
    for entry in re.findall(r"plan:\n(\t\{\n(?:\t.*\n)*?\t\}\n)", (postgres.folder / "log").read_text()):
        plan = json.loads(entry.replace("\n\t", "\n"))
        yield plan["Query Text"], plan["Plan"]


def scans(plan):
    """(table, rows looked at) of every scan. What was pruned is not there, or never ran."""
    if plan.get("Actual Loops") and "Relation Name" in plan:
        yield plan["Relation Name"], plan["Actual Loops"] * sum(
            plan.get(rows, 0) for rows in ("Actual Rows", "Rows Removed by Filter",
                                           "Rows Removed by Index Recheck"))
    for part in plan.get("Plans", []):
        yield from scans(part)


def forget(postgres):
    """Empties the log."""
    (postgres.folder / "log").write_text("")
