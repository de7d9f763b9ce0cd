#include "core/secret.h"

#include "base/log.h"
#include "base/random.h"
#include "core/statements.h"

enum { LOAD, ADD };

static struct statement sql[] = {
    [LOAD] = {"secret_load", "SELECT value FROM secrets WHERE name = $1"},
    [ADD] = {"secret_add",
             "INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING"},
};

void secret_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ERR_NOT_FOUND when it has not been made yet. */
static enum err load(struct ctx *c, const char *name, void *out, size_t size) {
    struct db_rows rows;
    TRY(db_one(c->db, &rows, &sql[LOAD], ARGS(arg_text(text_of(name)))));
    struct text value = db_text(&rows, 0);
    TRY(db_close(&rows));
    if (value.size != size) {
        log_line(LOG_ERROR, "the stored secret is not one of ours name=%s", name);
        return ERR_UNAVAILABLE;
    }
    memcpy(out, value.at, size);
    return OK;
}

static enum err make(struct ctx *c, const char *name, size_t size) {
    uint8_t fresh[SECRET_NAMED_MAX];
    ASSERT(size <= sizeof fresh);
    random_bytes(fresh, size);
    TRY(db_begin(c->db));
    TRY(db_end(c->db, db_exec(c->db, &sql[ADD],
                              ARGS(arg_text(text_of(name)), arg_blob(fresh, size)), NULL)));
    return db_wait(c->db);
}

/* Everybody reads what stands there in the end. */
enum err secret_named(struct ctx *c, const char *name, void *out, size_t size) {
    enum err e = load(c, name, out, size);
    if (e != ERR_NOT_FOUND)
        return e;
    TRY(make(c, name, size));
    return load(c, name, out, size);
}
