"""A transaction of the tests' own, to make a node's wait at a certain point."""
import contextlib
import threading

from crowd import together
from rollcall import cluster, wait_until


# Nodes may wait for one another as well, for a moment.
BLOCKED_BY_US = """
SELECT 1 FROM pg_stat_activity theirs JOIN pg_stat_activity ours ON ours.pid = ANY(pg_blocking_pids(theirs.pid))
WHERE theirs.datname = current_database() AND ours.application_name <> 'rollcall'"""


def asked(node, request, answers):
    """Asks, and returns once the request waits for a `transaction`; its answer will be in `answers`."""
    asking = threading.Thread(target=lambda: answers.extend(together(node, [request])))
    asking.start()
    wait_until(lambda: node.execute(BLOCKED_BY_US))
    return asking


@contextlib.contextmanager
def transaction(node):
    with contextlib.closing(cluster.connect(node.database)) as connection:
        cluster.query(connection, "SET deadlock_timeout = '4s'")  # so that it is not us
        cluster.query(connection, "BEGIN")
        yield lambda sql, *parameters: cluster.query(connection, sql, parameters)
        cluster.query(connection, "ROLLBACK")
