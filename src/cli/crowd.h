/* Made-up people: one account after the other, all different, the same for the same seed. They join
 * over six years, more every year, in the order of their numbers. Nobody can be reached by what is
 * said of them: addresses end in example.com, telephone numbers begin with +999, which is no
 * country. */
#ifndef CLI_CROWD_H
#define CLI_CROWD_H

#include "cli/cultures.h"
#include "cli/dice.h"
#include "core/account.h"

#define CROWD_MAX 100000000 /* accounts */

struct crowd_options {
    uint64_t seed;
    uint32_t accounts;     /* 1 … CROWD_MAX */
    int64_t until;         /* µs: everything has happened before; from 2000 on */
    struct text superuser; /* the user name of account 1, which is one then; empty: there is none */
};

struct crowd {
    struct crowd_options options;
    struct arena arena;
    struct cultures cultures;
    struct dice_key keys[DICE_TOPICS];
    uint32_t staff; /* the last account that is staff; the first ones are */
};

struct person {
    struct account account; /* with last_login; its id is its number */
    int64_t banned_at;      /* 0: never */
    uint64_t categories, networks;
};

/* random_start and catalog_start have been called. */
void crowd_open(struct crowd *c, const struct crowd_options *options);
void crowd_close(struct crowd *c);

/* Account `number`, from 1; its texts lie in `arena` or in the crowd. */
struct person crowd_person(const struct crowd *c, struct arena *arena, uint32_t number);

/* When account `number` joined: created_at of its person. */
int64_t crowd_joined(const struct crowd *c, uint32_t number);

/* The numbers of account `number` for what hangs on it. */
struct dice crowd_dice(const struct crowd *c, enum dice_topic topic, int64_t number);

/* Whether somebody but account 1 has that user name, in any case. */
bool crowd_has(const struct crowd *c, struct arena *arena, struct text username);

#endif
