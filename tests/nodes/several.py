"""Several nodes on one database."""
import contextlib
import os

from rollcall import POSTGRES, Server, cluster

TEMPLATE = os.environ.get("ROLLCALL_TEST_TEMPLATE")


@contextlib.contextmanager
def started(folder, options, database=None, count=3):
    """A list of nodes; what they have counted must be right in the end."""
    database = database or cluster.fresh_database(POSTGRES, TEMPLATE)
    with contextlib.ExitStack() as stack:
        nodes = [stack.enter_context(Server(folder, options, database=database))
                 for _ in range(count)]
        yield nodes
        assert nodes[0].cli("check", "--search").stdout.startswith("OK")
