#include "core/audit.h"

#include <inttypes.h>

#include "base/random.h"
#include "core/audit_chain.h"
#include "core/origin.h"
#include "core/statements.h"

enum { ADD, ADD_NUMBERED, FORGET, FORGET_ACTS };

/* The personal fields are kept only while both accounts are there. `lock` makes sure of that until
 * the end of the transaction: an erasure waits for it, or is waited for, as with a foreign key. */
#define THERE(id, lock) "(" id " = 0 OR EXISTS (SELECT 1 FROM users WHERE id = " id lock "))"
/* clang-format off */
#define ADD_ROW(number, bytes, lock)                                                               \
    "WITH t AS MATERIALIZED (SELECT "                                                              \
    THERE("CAST($2 AS BIGINT)", lock) " AND " THERE("CAST($6 AS BIGINT)", lock) " AS there) "      \
    "INSERT INTO audit (id, user_id, event, outcome, via, actor_id, created_at, detail, "          \
    "commitment, salt, address, user_agent, note) SELECT " number ", CAST($2 AS BIGINT), "         \
    "CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT), CAST($6 AS BIGINT), "             \
    "CAST($7 AS BIGINT), CAST($8 AS TEXT), CAST($9 AS " bytes "), "                                \
    "CASE WHEN there THEN CAST($10 AS " bytes ") END, "                                            \
    "CASE WHEN there THEN CAST($11 AS TEXT) END, CASE WHEN there THEN CAST($12 AS TEXT) END, "     \
    "CASE WHEN there THEN CAST($13 AS TEXT) END FROM t"
/* clang-format on */

#define FORGET_WHERE                                                                               \
    "UPDATE audit SET salt = NULL, address = NULL, user_agent = NULL, note = NULL WHERE "

/* Across a socket the number comes with the row: a round trip less. */
static struct statement sql[] = {
    [ADD] = {.name = "audit_add",
             .postgres = ADD_ROW("COALESCE(CAST($1 AS BIGINT), nextval('audit_id'))", "BYTEA",
                                 " FOR KEY SHARE")},
    [ADD_NUMBERED] = {.name = "audit_add_numbered", .sqlite = ADD_ROW("$1", "BLOB", "")},
    [FORGET] = {"audit_forget", FORGET_WHERE "user_id = $1"},
    [FORGET_ACTS] = {"audit_forget_acts",
                     FORGET_WHERE "actor_id = $1 AND actor_id <> user_id AND actor_id <> 0"},
};

void audit_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- Names ----------------------------------------------------------------------------------- */

const char *audit_event_name(int64_t event) {
    switch (event) {
#define EVENT(number, name, text)                                                                  \
    case number:                                                                                   \
        return text;
#define OUTCOME(number, name, text)
#include "core/audit.def"
#undef EVENT
#undef OUTCOME
    }
    return NULL;
}

const char *audit_outcome_name(int64_t outcome) {
    switch (outcome) {
#define EVENT(number, name, text)
#define OUTCOME(number, name, text)                                                                \
    case number:                                                                                   \
        return text;
#include "core/audit.def"
#undef EVENT
#undef OUTCOME
    }
    return NULL;
}

const char *audit_via_name(int64_t via) {
    static const char *const names[] = {
        [VIA_SERVER] = "server", [VIA_HTTP] = "http", [VIA_COMMAND_LINE] = "command line"};
    return via >= 0 && via <= VIA_COMMAND_LINE ? names[via] : NULL;
}

struct named {
    int number;
    const char *name;
};

static const struct named events[] = {
#define EVENT(number, name, text) {(number), text},
#define OUTCOME(number, name, text)
#include "core/audit.def"
#undef EVENT
#undef OUTCOME
};

static const struct named outcomes[] = {
#define EVENT(number, name, text)
#define OUTCOME(number, name, text) {(number), text},
#include "core/audit.def"
#undef EVENT
#undef OUTCOME
};

static int number_of(const struct named *list, size_t count, struct text name) {
    for (size_t i = 0; i < count; i++)
        if (text_equal(name, text_of(list[i].name)))
            return list[i].number;
    return -1;
}

int audit_event_number(struct text name) {
    return number_of(events, AUDIT_EVENT_COUNT, name);
}

int audit_outcome_number(struct text name) {
    return number_of(outcomes, AUDIT_OUTCOME_COUNT, name);
}

struct text audit_event_at(int index) {
    return text_of(events[index].name);
}

struct text audit_outcome_at(int index) {
    return text_of(outcomes[index].name);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static enum err insert(struct ctx *c, const struct audit_entry *entry,
                       const struct audit_personal *p) {
    uint8_t commitment[DIGEST_SIZE];
    audit_commit(p, commitment);
    struct db_arg id = arg_null();
    int statement = db_knows(c->db, &sql[ADD]) ? ADD : ADD_NUMBERED;
    if (statement == ADD_NUMBERED) {
        id.type = DB_INT;
        TRY(db_next_id(c->db, "audit", &id.number));
    }
    if (!atomic_load_explicit(&c->core->audited, memory_order_relaxed))
        atomic_store(&c->core->audited, true);
    return db_exec(c->db, &sql[statement],
                   ARGS(id, arg_int(entry->user_id), arg_int(entry->event),
                        arg_int(entry->outcome ? entry->outcome : AUDIT_OUTCOME_OK),
                        arg_int(c->by.via), arg_int(entry->actor_id), arg_int(c->now),
                        arg_text(entry->detail), arg_blob(commitment, sizeof commitment),
                        arg_blob(p->salt.at, p->salt.size), arg_text(p->address),
                        arg_text(p->user_agent), arg_text(p->note)),
                   NULL);
}

enum err audit_add(struct ctx *c, const struct audit_entry *entry) {
    char salt[AUDIT_SALT_SIZE];
    random_bytes(salt, sizeof salt);
    const struct audit_personal personal = {
        .salt = {salt, sizeof salt},
        .address = origin_address(c->arena, &c->by.origin),
        .user_agent = origin_agent(c->arena, &c->by.origin),
        .note = entry->note,
    };
    return insert(c, entry, &personal);
}

enum err audit_act(struct ctx *c, enum audit_event event, int64_t user_id, struct text detail) {
    return audit_add(
        c, &(struct audit_entry){
               .event = event, .user_id = user_id, .actor_id = c->by.user_id, .detail = detail});
}

enum err audit_self(struct ctx *c, enum audit_event event, int64_t user_id, struct text detail) {
    return audit_add(
        c, &(struct audit_entry){
               .event = event, .user_id = user_id, .actor_id = user_id, .detail = detail});
}

struct text audit_detail(struct ctx *c, const char *name, int64_t number) {
    return text_format(c->arena, "%s=%" PRId64, name, number);
}

enum err audit_alone(struct ctx *c, const struct audit_entry *entry) {
    TRY(db_begin_single(c->db));
    return db_end(c->db, audit_add(c, entry));
}

/* ---- Forgetting ------------------------------------------------------------------------------ */

enum err audit_forget(struct ctx *c, int64_t user_id) {
    TRY(db_exec(c->db, &sql[FORGET], ARGS(arg_int(user_id)), NULL));
    return db_exec(c->db, &sql[FORGET_ACTS], ARGS(arg_int(user_id)), NULL);
}
