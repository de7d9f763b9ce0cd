/* What a database is, and how it fares: of db.h. */
#include "base/clock.h"
#include "db/driver.h"

static struct statement facts = {
    .name = "database_facts",
    .sqlite = "SELECT 'SQLite', sqlite_version(), c.page_count * s.page_size "
              "FROM pragma_page_count() c, pragma_page_size() s",
    .postgres = "SELECT CAST('PostgreSQL' AS TEXT), current_setting('server_version'), "
                "pg_database_size(current_database())",
};

void db_figures_register(void) {
    db_register(&facts, 1);
}

enum err db_facts(struct db *db, struct db_facts *out) {
    struct db_rows rows;
    TRY(db_one(db, &rows, &facts, NO_ARGS));
    *out = (struct db_facts){
        .engine = db_text(&rows, 0), .version = db_text(&rows, 1), .bytes = db_int(&rows, 2)};
    return db_close(&rows);
}

void database_pace(const struct database *database, struct db_pace *out) {
    const struct pace *p = &database->pace;
    int64_t now = clock_monotonic();
    *out = (struct db_pace){
        .commits = meter_total(&p->commits),
        .recent_commits = meter_recent(&p->commits, now),
        .recent_writes = meter_recent(&p->writes, now),
        .last_commit = atomic_load_explicit(&p->last, memory_order_relaxed),
    };
}
