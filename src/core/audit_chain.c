#include "core/audit_chain.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "core/audit.h"
#include "core/audit_daily.h"
#include "core/statements.h"

enum {
    ANY_UNSEALED,
    END,
    START_END,
    HOLD_HEAD,
    UNSEALED,
    SEAL,
    MOVE_END,
    FIRST,
    YOUNG,
    TRIMMED,
    TRIM
};

#define SEAL_AT_ONCE 256 /* the LIMIT of UNSEALED; others wait for SQLite's writer meanwhile */
#define SEAL_ROUNDS  64
#define TRIM_AT_ONCE 1000
#define TRIM_ROUNDS  50

#define END_NAMED     "SELECT seq, digest FROM audit_ends WHERE name = $1"
#define SOME_UNSEALED "SELECT " AUDIT_COLUMNS " FROM audit WHERE seq IS NULL ORDER BY id LIMIT 256"

/* Nobody waits: what another node holds is that node's to do, and records that somebody is writing
 * to (an erasure) come a moment later. */
static struct statement sql[] = {
    [ANY_UNSEALED] = {"audit_any_unsealed", "SELECT id FROM audit WHERE seq IS NULL LIMIT 1"},
    [END] = {"audit_end", END_NAMED},
    [START_END] = {"audit_start_end", "INSERT INTO audit_ends (name, seq, digest) "
                                      "VALUES ($1, 0, $2) ON CONFLICT DO NOTHING"},
    [HOLD_HEAD] = {.name = "audit_hold_head",
                   .sqlite = END_NAMED,
                   .postgres = END_NAMED " FOR UPDATE SKIP LOCKED"},
    [UNSEALED] = {.name = "audit_unsealed",
                  .sqlite = SOME_UNSEALED,
                  .postgres = SOME_UNSEALED " FOR UPDATE SKIP LOCKED"},
    [SEAL] = {"audit_seal",
              "UPDATE audit SET seq = $3, digest = $4 WHERE user_id = $1 AND id = $2"},
    [MOVE_END] = {"audit_move_end", "UPDATE audit_ends SET seq = $2, digest = $3 WHERE name = $1"},
    [FIRST] = {"audit_first", "SELECT created_at FROM audit WHERE seq = $1"},
    [YOUNG] = {"audit_young", "SELECT seq FROM audit WHERE seq > $1 AND seq <= $2 AND "
                              "created_at >= $3 ORDER BY seq LIMIT 1"},
    [TRIMMED] = {"audit_trimmed", "SELECT seq, digest FROM audit WHERE seq = $1"},
    [TRIM] = {"audit_trim", "DELETE FROM audit WHERE seq > $1 AND seq <= $2"},
};

void audit_chain_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

void audit_record_read(const struct db_rows *rows, struct audit_record *out) {
    *out = (struct audit_record){
        .user_id = db_int(rows, 0),
        .id = db_int(rows, 1),
        .event = db_int(rows, 2),
        .outcome = db_int(rows, 3),
        .via = db_int(rows, 4),
        .actor_id = db_int(rows, 5),
        .created_at = db_int(rows, 6),
        .detail = db_text(rows, 7),
        .commitment = db_text(rows, 8),
        .personal = {db_text(rows, 9), db_text(rows, 10), db_text(rows, 11), db_text(rows, 12)},
        .seq = db_int(rows, 13),
        .digest = db_text(rows, 14),
    };
}

/* ---- Digests --------------------------------------------------------------------------------- */

/* Numbers are eight bytes, the highest first; what varies in size has its size in front. So no two
 * records are the same bytes. */

static void add_number(struct buffer *b, int64_t n) {
    uint64_t big = htobe64((uint64_t)n);
    buffer_add(b, &big, sizeof big);
}

static void add_text(struct buffer *b, struct text t) {
    add_number(b, (int64_t)t.size);
    buffer_add_text(b, t);
}

static void finish(struct buffer *b, uint8_t out[DIGEST_SIZE]) {
    digest_sha256(buffer_text(b), out);
    buffer_free(b);
}

void audit_commit(const struct audit_personal *p, uint8_t out[DIGEST_SIZE]) {
    struct buffer b = {0};
    buffer_add_text(&b, TEXT("rollcall audit personal 1\n"));
    add_text(&b, p->salt);
    add_text(&b, p->address);
    add_text(&b, p->user_agent);
    add_text(&b, p->note);
    finish(&b, out);
}

void audit_digest(const uint8_t before[DIGEST_SIZE], int64_t seq, const struct audit_record *r,
                  uint8_t out[DIGEST_SIZE]) {
    const int64_t numbers[] = {seq,        r->user_id, r->id,       r->event,
                               r->outcome, r->via,     r->actor_id, r->created_at};
    struct buffer b = {0};
    buffer_add_text(&b, TEXT("rollcall audit record 1\n"));
    buffer_add(&b, before, DIGEST_SIZE);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        add_number(&b, numbers[i]);
    add_text(&b, r->detail);
    add_text(&b, r->commitment);
    finish(&b, out);
}

/* ---- Ends ------------------------------------------------------------------------------------ */

#define HEAD   TEXT("head")
#define ANCHOR TEXT("anchor")

/* ERR_NOT_FOUND: it has not begun, or another node holds it. */
static enum err read_end(struct ctx *c, int statement, struct db_args args, struct audit_end *out) {
    struct db_rows rows;
    *out = (struct audit_end){0};
    TRY(db_one(c->db, &rows, &sql[statement], args));
    struct text digest = db_text(&rows, 1);
    out->seq = db_int(&rows, 0);
    if (digest.size == DIGEST_SIZE)
        memcpy(out->digest, digest.at, DIGEST_SIZE);
    return db_close(&rows);
}

static enum err find_end(struct ctx *c, struct text name, struct audit_end *out) {
    enum err e = read_end(c, END, ARGS(arg_text(name)), out);
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err find_ends(struct ctx *c, struct audit_end *anchor, struct audit_end *head) {
    TRY(find_end(c, ANCHOR, anchor));
    return find_end(c, HEAD, head);
}

enum err audit_ends(struct ctx *c, struct audit_end *anchor, struct audit_end *head) {
    TRY(db_snapshot(c->db));
    enum err e = find_ends(c, anchor, head);
    db_snapshot_end(c->db);
    return e;
}

static enum err start_end(struct ctx *c, struct text name) {
    static const uint8_t nothing[DIGEST_SIZE];
    return db_exec(c->db, &sql[START_END], ARGS(arg_text(name), arg_blob(nothing, sizeof nothing)),
                   NULL);
}

/* ERR_NOT_FOUND when another node has it. */
static enum err hold_head(struct ctx *c, struct audit_end *head) {
    TRY(start_end(c, HEAD));
    return read_end(c, HOLD_HEAD, ARGS(arg_text(HEAD)), head);
}

static enum err move_end(struct ctx *c, struct text name, const struct audit_end *to) {
    return db_exec(c->db, &sql[MOVE_END],
                   ARGS(arg_text(name), arg_int(to->seq), arg_blob(to->digest, DIGEST_SIZE)), NULL);
}

struct text audit_end_text(struct arena *arena, const struct audit_end *end) {
    char hex[2 * DIGEST_SIZE + 1];
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", end->digest[i]);
    return text_format(arena, "%" PRId64 ":%s", end->seq, hex);
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool audit_end_parse(struct text t, struct audit_end *out) {
    struct text seq;
    if (!text_split(&t, ':', &seq) || !text_to_int(seq, &out->seq) || out->seq < 0 ||
        t.size != 2 * sizeof out->digest)
        return false;
    for (size_t i = 0; i < sizeof out->digest; i++) {
        int high = hex_digit(t.at[2 * i]), low = hex_digit(t.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out->digest[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* ---- Sealing --------------------------------------------------------------------------------- */

static enum err read_unsealed(struct ctx *c, struct audit_record *out, size_t *count) {
    struct db_rows rows;
    *count = 0;
    db_query(c->db, &rows, &sql[UNSEALED], NO_ARGS);
    while (db_next(&rows)) {
        if (*count == SEAL_AT_ONCE)
            break;
        audit_record_read(&rows, &out[(*count)++]);
    }
    return db_close(&rows);
}

static enum err seal_one(struct ctx *c, const struct audit_record *r, struct audit_end *head) {
    uint8_t digest[DIGEST_SIZE];
    audit_digest(head->digest, ++head->seq, r, digest);
    memcpy(head->digest, digest, sizeof digest);
    return db_exec(c->db, &sql[SEAL],
                   ARGS(arg_int(r->user_id), arg_int(r->id), arg_int(head->seq),
                        arg_blob(head->digest, DIGEST_SIZE)),
                   NULL);
}

static enum err seal_some(struct ctx *c, struct audit_record *records, size_t *count) {
    struct audit_end head;
    *count = 0;
    enum err e = hold_head(c, &head);
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    TRY(read_unsealed(c, records, count));
    for (size_t i = 0; i < *count; i++)
        TRY(seal_one(c, &records[i], &head));
    if (*count == 0)
        return OK;
    TRY(move_end(c, HEAD, &head));
    return audit_count_days(c, records, *count);
}

static enum err seal_all(struct ctx *c) {
    struct audit_record *records = ARENA_ARRAY(c->arena, struct audit_record, SEAL_AT_ONCE);
    int64_t id;
    enum err e = db_scalar(c->db, &sql[ANY_UNSEALED], NO_ARGS, &id);
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    size_t count = SEAL_AT_ONCE;
    for (int round = 0; round < SEAL_ROUNDS && count == SEAL_AT_ONCE; round++) {
        TRY(db_begin(c->db));
        TRY(db_end(c->db, seal_some(c, records, &count)));
    }
    return OK;
}

enum err audit_seal(struct ctx *c) {
    enum err e = seal_all(c);
    enum err settled = db_wait(c->db);
    return e != OK ? e : settled;
}

/* ---- Trimming -------------------------------------------------------------------------------- */

/* The last record to be removed this time; none: the anchor. */
static enum err find_cut(struct ctx *c, int64_t anchor, int64_t head, int64_t *out) {
    int64_t oldest = c->now - c->core->policy.audit_days * CLOCK_DAY, first, young;
    *out = anchor;
    enum err e = db_scalar(c->db, &sql[FIRST], ARGS(arg_int(anchor + 1)), &first);
    if (e != OK || first >= oldest - CLOCK_DAY)
        return e == ERR_NOT_FOUND ? OK : e;
    int64_t last = head - anchor < TRIM_AT_ONCE ? head : anchor + TRIM_AT_ONCE;
    e = db_scalar(c->db, &sql[YOUNG], ARGS(arg_int(anchor), arg_int(last), arg_int(oldest)),
                  &young);
    *out = e == OK ? young - 1 : last;
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err cut(struct ctx *c, const struct audit_end *from, int64_t to) {
    struct audit_end anchor;
    TRY(read_end(c, TRIMMED, ARGS(arg_int(to)), &anchor));
    TRY(db_exec(c->db, &sql[TRIM], ARGS(arg_int(from->seq), arg_int(to)), NULL));
    TRY(start_end(c, ANCHOR));
    TRY(move_end(c, ANCHOR, &anchor));
    return audit_act(c, AUDIT_TRIM, 0, audit_end_text(c->arena, &anchor));
}

/* Under the head's lock, so that of several nodes one does it. */
static enum err trim_some(struct ctx *c, bool *more) {
    struct audit_end head, anchor;
    int64_t to;
    *more = false;
    enum err e = hold_head(c, &head);
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    TRY(find_end(c, ANCHOR, &anchor));
    TRY(find_cut(c, anchor.seq, head.seq, &to));
    *more = to > anchor.seq;
    return *more ? cut(c, &anchor, to) : OK;
}

static enum err trim_all(struct ctx *c) {
    struct audit_end head, anchor;
    int64_t to;
    TRY(audit_ends(c, &anchor, &head));
    TRY(find_cut(c, anchor.seq, head.seq, &to));
    bool more = to > anchor.seq;
    for (int round = 0; round < TRIM_ROUNDS && more; round++) {
        TRY(db_begin(c->db));
        TRY(db_end(c->db, trim_some(c, &more)));
    }
    return OK;
}

enum err audit_trim(struct ctx *c) {
    if (!c->core->policy.audit_days)
        return OK;
    enum err e = trim_all(c);
    enum err settled = db_wait(c->db);
    return e != OK ? e : settled;
}
