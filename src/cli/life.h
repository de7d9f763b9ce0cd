/* What has happened to the people of a made-up crowd (crowd.h), the same for the same seed. */
#ifndef CLI_LIFE_H
#define CLI_LIFE_H

#include "cli/crowd.h"

#define LIFE_NOTICES 8 /* at most, of one person; and so on */
#define LIFE_EVENTS  4
#define LIFE_WALLS   3

struct notice {
    struct text title, message, type, code, data;
    int64_t created_at, read_at; /* read_at is 0 when it has not been read */
};
/* What another service has reported: increments, none below 0. */
struct life_event {
    struct text event_id;
    int64_t campaigns, earnings /* cents */, posts, likes, comments, created_at;
};
struct life_wall {
    int64_t network;
    struct text url, description;
    int64_t created_at;
};

/* What they have, and how many: notices oldest first, events in the order of their ids, walls in
 * that of their networks, of which no two are the same. Texts lie in `arena` or in the person. */
size_t life_notices(const struct crowd *c, struct arena *arena, const struct person *p,
                    struct notice out[LIFE_NOTICES]);
size_t life_events(const struct crowd *c, struct arena *arena, const struct person *p,
                   struct life_event out[LIFE_EVENTS]);
size_t life_walls(const struct crowd *c, struct arena *arena, const struct person *p,
                  struct life_wall out[LIFE_WALLS]);

/* A moment from `first` on, so that `left` more fit in before `until`. */
int64_t life_next(struct dice *d, int64_t first, int64_t until, size_t left);

#endif
