"""How much Hypothesis tries. A run repeats the last one exactly and ends at the first failure, so
that it is quick and a red one can be looked into. To do so:

ROLLCALL_SHRINK=1 looks for the smallest example that fails, which may take minutes;
ROLLCALL_EXPLORE=1 goes new ways, ROLLCALL_EXPLORE=20 twenty times as many of them."""
import os

from hypothesis import HealthCheck, Phase, settings

EXPLORE = int(os.environ.get("ROLLCALL_EXPLORE", "0"))
PHASES = [Phase.generate] + ([Phase.shrink] if os.environ.get("ROLLCALL_SHRINK") else [])


def bounded(examples, **more):
    return settings(max_examples=examples * max(EXPLORE, 1), derandomize=not EXPLORE,
                    phases=PHASES, database=None, deadline=None, print_blob=True,
                    suppress_health_check=list(HealthCheck), **more)
