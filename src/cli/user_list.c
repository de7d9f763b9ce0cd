/* rollcall user list, rollcall user show */
#include <stdio.h>

#include "api/encode.h"
#include "base/clock.h"
#include "base/unicode.h"
#include "cli/user.h"
#include "core/roster.h"
#include "core/session.h"

/* ---- list ------------------------------------------------------------------------------------ */

enum { COLUMNS = 7 };

struct row {
    struct text cells[COLUMNS];
};

static struct text moment(struct arena *arena, int64_t us) {
    if (us == 0)
        return TEXT("never");
    char text[CLOCK_TEXT_SIZE];
    clock_format(us, text);
    return text_copy(arena, text_of(text));
}

static struct text role(const struct account *a) {
    return a->flags & ACCOUNT_SUPERUSER ? TEXT("superuser")
           : a->flags & ACCOUNT_STAFF   ? TEXT("staff")
                                        : TEXT("user");
}

static struct row row_of(struct arena *arena, const struct account *a) {
    return (struct row){{text_format(arena, "%jd", (intmax_t)a->id), a->username, a->email, role(a),
                         text_of(encode_status(a->flags)), moment(arena, a->created_at),
                         moment(arena, a->last_login)}};
}

static void print_row(const struct row *row, const size_t widths[COLUMNS]) {
    for (int i = 0; i < COLUMNS; i++) {
        const struct text cell = row->cells[i];
        int padding = i + 1 < COLUMNS ? (int)(widths[i] - unicode_length(cell)) + 2 : 0;
        if (i == 0)
            printf("%*s%.*s  ", padding - 2, "", TEXT_ARGS(cell));
        else
            printf("%.*s%*s", TEXT_ARGS(cell), padding, "");
    }
    putchar('\n');
}

static void print_table(struct arena *arena, const struct roster_entry *entries, size_t count) {
    struct row *rows = ARENA_ARRAY(arena, struct row, count + 1);
    rows[0] = (struct row){{TEXT("ID"), TEXT("USERNAME"), TEXT("EMAIL"), TEXT("ROLE"),
                            TEXT("STATUS"), TEXT("JOINED"), TEXT("LAST LOGIN")}};
    for (size_t i = 0; i < count; i++)
        rows[i + 1] = row_of(arena, &entries[i].account);
    size_t widths[COLUMNS] = {0};
    for (size_t i = 0; i <= count; i++)
        for (int column = 0; column < COLUMNS; column++) {
            size_t width = unicode_length(rows[i].cells[column]);
            widths[column] = width > widths[column] ? width : widths[column];
        }
    for (size_t i = 0; i <= count; i++)
        print_row(&rows[i], widths);
}

static void encode_account(struct json *j, const struct account *a) {
    json_open_object(j);
    encode_user_profile(j, a, true);
    json_key_cstr(j, "status", encode_status(a->flags));
    if (a->flags & ACCOUNT_BANNED) {
        json_key_text(j, "ban_reason", a->ban_reason);
        json_key_time(j, "banned_until", a->banned_until);
    }
    json_close_object(j);
}

static void print_json_list(const struct roster_entry *entries, size_t count) {
    struct buffer out = {0};
    struct json j = json_writer(&out);
    json_open_array(&j);
    for (size_t i = 0; i < count; i++)
        encode_account(&j, &entries[i].account);
    json_close_array(&j);
    printf("%.*s\n", TEXT_ARGS(buffer_text(&out)));
    buffer_free(&out);
}

enum cli_status user_list(struct user_command *u) {
    struct ctx *c = &u->base.ctx;
    struct roster_query query = {.status = u->status,
                                 .category = NO_CATEGORY,
                                 .descending = true,
                                 .limit = u->limit,
                                 .offset = (int64_t)(u->page - 1) * u->limit};
    if (u->name && !user_take(u, TYPE_SEARCH, "TEXT", text_of(u->name), &query.q))
        return CLI_FAILED;
    struct roster_entry *entries;
    size_t count;
    int64_t total;
    if (!command_done(&u->base, roster_list(c, &query, &entries, &count, &total)))
        return CLI_FAILED;
    if (u->json) {
        print_json_list(entries, count);
        return CLI_OK;
    }
    if (count)
        print_table(c->arena, entries, count);
    printf("%zu of %jd account%s", count, (intmax_t)total, total == 1 ? "" : "s");
    if (query.offset + (int64_t)count < total)
        printf("; --page %u has more", u->page + 1);
    putchar('\n');
    return CLI_OK;
}

/* ---- show ------------------------------------------------------------------------------------ */

struct facts {
    struct account account;
    struct account_counts counts;
    struct session *sessions;
    size_t session_count;
};

static enum err load_facts(struct ctx *c, int64_t id, struct facts *out) {
    TRY(account_load_full(c, id, &out->account));
    TRY(account_counts(c, id, &out->counts));
    return session_list(c, id, &out->sessions, &out->session_count);
}

static void print_line(const char *label, struct text value) {
    if (value.size)
        printf("%-12s  %.*s\n", label, TEXT_ARGS(value));
}

static void print_facts(struct arena *arena, const struct facts *f) {
    const struct account *a = &f->account;
    const struct account_counts *n = &f->counts;
    print_line("id", text_format(arena, "%jd", (intmax_t)a->id));
    print_line("username", a->username);
    print_line("email", a->email);
    print_line("name", text_trim(text_format(arena, "%.*s %.*s", TEXT_ARGS(a->first_name),
                                             TEXT_ARGS(a->last_name))));
    print_line("role", role(a));
    print_line("status", text_of(encode_status(a->flags)));
    print_line("ban reason", a->ban_reason);
    if (a->banned_until)
        print_line("banned until", moment(arena, a->banned_until));
    print_line("joined", moment(arena, a->created_at));
    print_line("last login", moment(arena, a->last_login));
    print_line("followers", text_format(arena, "%jd", (intmax_t)n->followers));
    print_line("following", text_format(arena, "%jd", (intmax_t)n->following));
    print_line("sessions", text_format(arena, "%zu", f->session_count));
    for (size_t i = 0; i < f->session_count; i++) {
        const struct session *s = &f->sessions[i];
        struct text agent = s->user_agent.size ? s->user_agent : TEXT("unknown client");
        print_line("", text_format(arena, "%.*s  %.*s  %.*s%s%.*s",
                                   TEXT_ARGS(moment(arena, s->created_at)), TEXT_ARGS(s->address),
                                   TEXT_ARGS(agent), s->name.size ? "  " : "", TEXT_ARGS(s->name)));
    }
}

static void print_json_facts(const struct facts *f) {
    struct buffer out = {0};
    struct json j = json_writer(&out);
    encode_account(&j, &f->account);
    printf("%.*s\n", TEXT_ARGS(buffer_text(&out)));
    buffer_free(&out);
}

enum cli_status user_show(struct user_command *u) {
    struct facts facts;
    if (!command_done(&u->base, load_facts(&u->base.ctx, u->account.id, &facts)))
        return CLI_FAILED;
    if (u->json)
        print_json_facts(&facts);
    else
        print_facts(u->base.ctx.arena, &facts);
    return CLI_OK;
}
