"""How much Hypothesis tries. A run repeats the last one exactly, so that a red one can be looked
into; ROLLCALL_EXPLORE=1 goes new ways, ROLLCALL_EXPLORE=20 twenty times as many of them."""
import os

from hypothesis import HealthCheck, settings

EXPLORE = int(os.environ.get("ROLLCALL_EXPLORE", "0"))


def bounded(examples, **more):
    return settings(max_examples=examples * max(EXPLORE, 1), derandomize=not EXPLORE,
                    database=None, deadline=None, print_blob=True,
                    suppress_health_check=list(HealthCheck), **more)
