#include "core/health.h"

#include "core/statements.h"

enum { READ_KEY };

static struct statement sql[] = {
    [READ_KEY] = {"health_read", "SELECT created_at FROM signing_keys LIMIT 1"},
};

void health_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

enum err health_check(struct ctx *c) {
    int64_t created_at;
    enum err e = db_scalar(c->db, &sql[READ_KEY], NO_ARGS, &created_at);
    return e == ERR_NOT_FOUND ? OK : e; /* a key that is given from outside is not stored */
}
