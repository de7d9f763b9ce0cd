/* Fills a new database with a made-up crowd and all that belongs to it. */
#ifndef CLI_FILL_H
#define CLI_FILL_H

#include "cli/crowd.h"
#include "cli/progress.h"
#include "db/bulk.h"

struct fill_plan {
    const struct crowd *crowd;
    uint64_t follows;          /* how many edges there are */
    struct text password_hash; /* everybody's */
    struct progress *progress;
};

/* Adds every row and sets the sequences. The failures of bulk_add. */
enum err fill(struct bulk *bulk, const struct fill_plan *plan);

#endif
