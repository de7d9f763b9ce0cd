/* rollcall copy: what it is about, and the table it ends with. */
#ifndef CLI_COPY_H
#define CLI_COPY_H

#include "cli/checksum.h"
#include "cli/progress.h"
#include "db/bulk.h"

#define COPY_TABLES_MAX 64

/* What was found in a database, by the place of a table in bulk_tables. */
struct side {
    struct checksum sums[COPY_TABLES_MAX];
    int64_t last_ids[COPY_TABLES_MAX]; /* where there is a sequence */
};

struct copy {
    const char *name, *from, *to;
    bool quiet;
    int64_t started;
    int64_t rows, done; /* of all tables; of those, how many have been read */
    struct arena arena;
    struct progress progress;
    struct bulk *bulk;
    struct side source, target;
    bool compared; /* both are known */
};

/* Tables and sequences that are not the same on both sides. */
size_t copy_differences(const struct copy *c);

void copy_report(struct copy *c);

#endif
