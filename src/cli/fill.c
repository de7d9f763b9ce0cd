#include "cli/fill.h"

#include <stdlib.h>

#include "base/log.h"
#include "cli/calendar.h"
#include "cli/graph.h"
#include "cli/life.h"
#include "cli/tally.h"
#include "core/directory.h"

/* People are made once and kept until their rows are in all tables, so many at a time: rows of one
 * table come together, and memory does not grow with the crowd. */
#define BATCH 8192

/* A person on the way into the tables, and what the rows so far come to. */
struct member {
    struct person person;
    int64_t notices, unread;
    struct life_event sum;
};

struct fill {
    struct bulk *bulk;
    const struct fill_plan *plan;
    struct tally *tally;
    struct calendar *calendar;
    uint32_t *followers, *following; /* by account number */
    int64_t follow_id, notice_id, wall_id;
    struct member members[BATCH];
    struct arena texts;   /* of the members */
    struct arena scratch; /* of one row */
};

static void *allocate(size_t count, size_t size) {
    void *at = calloc(count, size);
    if (!at)
        log_out_of_memory(0);
    return at;
}

#define ROW(...) bulk_add(f->bulk, table, ARGS(__VA_ARGS__))

/* ---- Who follows whom ------------------------------------------------------------------------ */

/* An edge is newer than both its ends, and than those of its follower that have smaller ids. */
static enum err add_edges(struct fill *f, const struct bulk_table *table, uint32_t number,
                          const uint32_t *followed, size_t count) {
    const struct crowd *c = f->plan->crowd;
    struct dice d = crowd_dice(c, DICE_MOMENTS, number);
    int64_t now = crowd_joined(c, number);
    for (size_t i = 0; i < count; i++) {
        int64_t joined = crowd_joined(c, followed[i]);
        now = life_next(&d, now > joined ? now : joined, c->options.until, count - i);
        f->followers[followed[i]]++;
        calendar_count(f->calendar, DAILY_FOLLOWED, now);
        TRY(ROW(arg_int(number), arg_int(followed[i]), arg_int(++f->follow_id), arg_int(now)));
    }
    f->following[number] = (uint32_t)count;
    return OK;
}

static enum err add_follows(struct fill *f) {
    const struct bulk_table *table = bulk_find("follows");
    const struct crowd_options *o = &f->plan->crowd->options;
    struct graph *g = graph_new(o->seed, o->accounts, f->plan->follows);
    enum err e = OK;
    for (uint32_t n = 1; n <= o->accounts && e == OK; n++) {
        const uint32_t *followed;
        size_t count = graph_next(g, &followed);
        e = add_edges(f, table, n, followed, count);
        progress_at(f->plan->progress, "follows", n, o->accounts);
    }
    graph_free(g);
    return e;
}

/* ---- What belongs to one person, by table ---------------------------------------------------- */

static enum err add_user(struct fill *f, const struct bulk_table *table, struct member *m) {
    const struct account *a = &m->person.account;
    tally_add(f->tally, a, m->person.categories);
    calendar_count(f->calendar, DAILY_SIGNUPS, a->created_at);
    struct db_arg born = a->birth_date == NO_DATE ? arg_null() : arg_int(a->birth_date);
    return ROW(arg_int(a->id), arg_text(a->username),
               arg_text(account_key(&f->scratch, a->username)), arg_text(a->email),
               arg_text(account_key(&f->scratch, a->email)), arg_text(a->first_name),
               arg_text(a->last_name), arg_text(a->bio), arg_text(a->avatar), arg_text(a->phone),
               arg_int_or_null(a->sex), born, arg_int_or_null(a->country), arg_int_or_null(a->city),
               arg_text(a->language), arg_text(a->timezone), arg_int(a->flags),
               arg_int(a->switches), arg_text(a->ban_reason), arg_int_or_null(m->person.banned_at),
               arg_int(a->created_at), arg_int(a->updated_at), arg_null());
}

static enum err add_credential(struct fill *f, const struct bulk_table *table, struct member *m) {
    const struct account *a = &m->person.account;
    struct db_arg active_on = arg_null();
    if (a->last_login) {
        active_on = arg_int(clock_date_of(a->last_login));
        calendar_count(f->calendar, DAILY_LOGINS_OK, a->last_login);
        calendar_count(f->calendar, DAILY_ACTIVE, a->last_login);
    }
    return ROW(arg_int(a->id), arg_text(f->plan->password_hash), arg_int(a->created_at),
               arg_int_or_null(a->last_login), active_on);
}

static enum err add_entry(struct fill *f, const struct bulk_table *table, struct member *m) {
    struct db_arg row[DIRECTORY_ROW];
    directory_row(&f->scratch, &m->person.account, row);
    return bulk_add(f->bulk, table, (struct db_args){row, DIRECTORY_ROW});
}

static enum err add_items(struct fill *f, const struct bulk_table *table, int64_t id,
                          uint64_t items) {
    for (; items; items &= items - 1)
        TRY(ROW(arg_int(id), arg_int(__builtin_ctzll(items))));
    return OK;
}

static enum err add_categories(struct fill *f, const struct bulk_table *table, struct member *m) {
    return add_items(f, table, m->person.account.id, m->person.categories);
}

static enum err add_networks(struct fill *f, const struct bulk_table *table, struct member *m) {
    return add_items(f, table, m->person.account.id, m->person.networks);
}

static enum err add_notices(struct fill *f, const struct bulk_table *table, struct member *m) {
    struct notice notices[LIFE_NOTICES];
    size_t count = life_notices(f->plan->crowd, &f->scratch, &m->person, notices);
    for (const struct notice *n = notices; n < notices + count; n++) {
        m->notices++;
        m->unread += !n->read_at;
        TRY(ROW(arg_int(m->person.account.id), arg_int(++f->notice_id), arg_text(n->title),
                arg_text(n->message), arg_text(n->type), arg_text(n->code), arg_text(n->data),
                arg_int_or_null(n->read_at), arg_int(n->created_at)));
    }
    return OK;
}

static void add_up(struct life_event *sum, const struct life_event *e) {
    sum->campaigns += e->campaigns;
    sum->earnings += e->earnings;
    sum->posts += e->posts;
    sum->likes += e->likes;
    sum->comments += e->comments;
}

static enum err add_events(struct fill *f, const struct bulk_table *table, struct member *m) {
    struct life_event events[LIFE_EVENTS];
    size_t count = life_events(f->plan->crowd, &f->scratch, &m->person, events);
    for (const struct life_event *e = events; e < events + count; e++) {
        add_up(&m->sum, e);
        TRY(ROW(arg_int(m->person.account.id), arg_text(e->event_id), arg_int(e->campaigns),
                arg_int(e->earnings), arg_int(e->posts), arg_int(e->likes), arg_int(e->comments),
                arg_int(e->created_at)));
    }
    return OK;
}

static enum err add_walls(struct fill *f, const struct bulk_table *table, struct member *m) {
    struct life_wall walls[LIFE_WALLS];
    size_t count = life_walls(f->plan->crowd, &f->scratch, &m->person, walls);
    for (const struct life_wall *w = walls; w < walls + count; w++)
        TRY(ROW(arg_int(m->person.account.id), arg_int(w->network), arg_int(++f->wall_id),
                arg_text(w->url), arg_text(w->description), arg_int(w->created_at),
                arg_int(w->created_at)));
    return OK;
}

/* Behind the tables that are counted. */
static enum err add_counts(struct fill *f, const struct bulk_table *table, struct member *m) {
    const struct life_event *sum = &m->sum;
    int64_t id = m->person.account.id;
    return ROW(arg_int(id), arg_int(f->followers[id]), arg_int(f->following[id]),
               arg_int(sum->posts), arg_int(sum->likes), arg_int(sum->comments),
               arg_int(sum->campaigns), arg_int(sum->earnings), arg_int(m->notices),
               arg_int(m->unread));
}

static const struct part {
    const char *table, *columns; /* as the function gives them */
    enum err (*add)(struct fill *f, const struct bulk_table *table, struct member *m);
} parts[] = {
    {"users",
     "id, username, username_key, email, email_key, first_name, last_name, bio, avatar, phone, "
     "sex, birth_date, country, city, language, timezone, flags, switches, ban_reason, banned_at, "
     "created_at, updated_at, banned_until",
     add_user},
    {"credentials", "user_id, password, changed_at, last_login, active_on", add_credential},
    {"directory", "user_id, listed, created_at, username, first_name, last_name, bio", add_entry},
    {"user_categories", "user_id, category", add_categories},
    {"user_networks", "user_id, network", add_networks},
    {"notifications", "user_id, id, title, message, type, code, data, read_at, created_at",
     add_notices},
    {"activity_events",
     "user_id, event_id, campaigns, earnings, posts, likes, comments, created_at", add_events},
    {"social_walls", "user_id, network, id, wall_url, description, created_at, updated_at",
     add_walls},
    {"user_counts",
     "user_id, followers, following, posts, likes, comments, campaigns, earnings, notifications, "
     "unread",
     add_counts},
};

/* ---- All of it ------------------------------------------------------------------------------- */

static enum err add_part(struct fill *f, const struct part *part, size_t count) {
    const struct bulk_table *table = bulk_find(part->table);
    ASSERT(strcmp(table->columns, part->columns) == 0);
    for (size_t i = 0; i < count; i++) {
        TRY(part->add(f, table, &f->members[i]));
        arena_reset(&f->scratch);
    }
    return OK;
}

static enum err add_batch(struct fill *f, uint32_t first, size_t count) {
    for (size_t i = 0; i < count; i++)
        f->members[i] =
            (struct member){.person = crowd_person(f->plan->crowd, &f->texts, first + (uint32_t)i)};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        TRY(add_part(f, &parts[i], count));
    arena_reset(&f->texts);
    return OK;
}

static enum err add_people(struct fill *f) {
    uint32_t accounts = f->plan->crowd->options.accounts;
    for (uint32_t done = 0; done < accounts; done += BATCH) {
        size_t count = accounts - done < BATCH ? accounts - done : BATCH;
        progress_at(f->plan->progress, "accounts", done, accounts);
        TRY(add_batch(f, done + 1, count));
    }
    return OK;
}

static enum err add_statistics(struct fill *f) {
    const struct bulk_table *table = bulk_find("statistics");
    const struct tally_row *rows;
    size_t count = tally_rows(f->tally, &rows);
    for (size_t i = 0; i < count; i++)
        TRY(ROW(arg_text(stats_kind_name(rows[i].kind)), arg_int(rows[i].item),
                arg_int(rows[i].total)));
    return OK;
}

static enum err add_day(void *self, enum daily kind, int64_t day, int64_t total) {
    struct fill *f = self;
    const struct bulk_table *table = bulk_find("daily");
    return ROW(arg_text(daily_name(kind)), arg_int(day), arg_int(total));
}

static enum err add_all(struct fill *f) {
    TRY(add_follows(f));
    TRY(add_people(f));
    TRY(add_statistics(f));
    TRY(calendar_each(f->calendar, add_day, f));
    TRY(bulk_set_sequence(f->bulk, "users", f->plan->crowd->options.accounts));
    TRY(bulk_set_sequence(f->bulk, "follows", f->follow_id));
    TRY(bulk_set_sequence(f->bulk, "notifications", f->notice_id));
    return bulk_set_sequence(f->bulk, "social_walls", f->wall_id);
}

enum err fill(struct bulk *bulk, const struct fill_plan *plan) {
    struct fill *f = allocate(1, sizeof *f);
    size_t accounts = plan->crowd->options.accounts;
    f->bulk = bulk;
    f->plan = plan;
    f->tally = tally_new();
    f->calendar = calendar_new(plan->crowd->options.until);
    f->followers = allocate(accounts + 1, sizeof *f->followers);
    f->following = allocate(accounts + 1, sizeof *f->following);
    enum err e = add_all(f);
    tally_free(f->tally);
    calendar_free(f->calendar);
    free(f->followers);
    free(f->following);
    arena_free(&f->texts);
    arena_free(&f->scratch);
    free(f);
    return e;
}
