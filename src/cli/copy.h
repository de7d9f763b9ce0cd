/* rollcall copy: what it is about, and the table it ends with. */
#ifndef CLI_COPY_H
#define CLI_COPY_H

#include "cli/progress.h"
#include "cli/tally.h"
#include "db/bulk.h"

#define COPY_TABLES_MAX 64

/* What was found in a database, by the place of a table in bulk_tables. */
struct side {
    struct tally tallies[COPY_TABLES_MAX];
    int64_t last_ids[COPY_TABLES_MAX]; /* where there is a sequence */
};

struct copy {
    const char *name, *from, *to;
    bool quiet;
    int64_t started, total; /* rows */
    struct arena arena;
    struct progress progress;
    struct bulk *bulk;
    struct side source, target;
};

/* Tables and sequences that are not the same on both sides. */
size_t copy_differences(const struct copy *c);

void copy_report(struct copy *c);

#endif
