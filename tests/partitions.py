"""The same schema with what grows with activity partitioned by its owner, by PostgreSQL's own means
(declarative partitioning, as Citus asks for it too). The program does not know of it."""
import cluster

# The tables, and the column that says whose a row is.
OWNERS = {"sessions": "user_id", "follows": "follower_id", "notifications": "user_id",
          "idempotency_keys": "user_id", "audit": "user_id"}
COUNT = 4


def make_template(postgres):
    """A second template, made from the first; its name."""
    name = f"{postgres.template}_partitioned"
    cluster.execute(postgres.url(), f"CREATE DATABASE {name} TEMPLATE {postgres.template}")
    partition(postgres.url(name))
    return name


def partition(url):
    """Divides the tables of a database. LIKE takes the keys and indexes along: the server refuses
    those that are unique and do not have the owner in them."""
    for table, owner in OWNERS.items():
        cluster.execute(url, f"ALTER TABLE {table} RENAME TO {table}_whole")
        cluster.execute(url, f"CREATE TABLE {table} (LIKE {table}_whole INCLUDING ALL) "
                             f"PARTITION BY HASH ({owner})")
        for number in range(COUNT):
            cluster.execute(url, f"CREATE TABLE {table}_{number} PARTITION OF {table} "
                                 f"FOR VALUES WITH (MODULUS {COUNT}, REMAINDER {number})")
        cluster.execute(url, f"INSERT INTO {table} SELECT * FROM {table}_whole")
        cluster.execute(url, f"DROP TABLE {table}_whole")


def spread(url):
    """{table: its partitions that have rows}, for the tables that are partitioned."""
    divided = cluster.execute(url, "SELECT c.relname FROM pg_partitioned_table p "
                                   "JOIN pg_class c ON c.oid = p.partrelid")
    return {table: {name for name, in cluster.execute(
        url, f"SELECT DISTINCT CAST(tableoid AS regclass)::text FROM {table}")}
        for table, in divided}


def used(postgres):
    """The same for all databases that tests have left behind in a cluster, put together."""
    found = {table: set() for table in OWNERS}
    for name, in cluster.execute(postgres.url(),
                                 "SELECT datname FROM pg_database WHERE datname LIKE 'test%'"):
        for table, names in spread(postgres.url(name)).items():
            found[table] |= names
    return {table: sorted(names) for table, names in found.items()}
