#include "cli/crowd.h"

#include <ctype.h>
#include <math.h>

#include "base/clock.h"

#define SPAN      (INT64_C(6) * 365 * 24 * 3600) /* seconds over which people join */
#define COUNT(of) (sizeof(of) / sizeof *(of))

/* ---- Time ------------------------------------------------------------------------------------ */

static uint64_t square_root(uint64_t n) {
    uint64_t root = (uint64_t)sqrt((double)n); /* near enough to be put right */
    while (root * root > n)
        root--;
    while ((root + 1) * (root + 1) <= n)
        root++;
    return root;
}

/* After a share x of the time x² of the accounts are there. */
int64_t crowd_joined(const struct crowd *c, uint32_t number) {
    unsigned __int128 square = (unsigned __int128)(SPAN * SPAN) * number;
    uint64_t seconds = square_root((uint64_t)(square / ((uint64_t)c->options.accounts + 1)));
    return c->options.until + ((int64_t)seconds - SPAN) * CLOCK_SECOND;
}

/* A moment from `first` to before `end`; the late ones are the likely ones. */
static int64_t moment_between(struct dice *d, int64_t first, int64_t end) {
    uint32_t seconds = (uint32_t)((end - first) / CLOCK_SECOND);
    if (!seconds)
        return first;
    uint32_t one = dice_below(d, seconds), other = dice_below(d, seconds);
    return first + (one > other ? one : other) * CLOCK_SECOND;
}

/* Most join young; the first bucket is of those who are not of age. */
static int64_t birth_date(struct dice *d, int64_t joined) {
    static const uint32_t weights[] = {5, 29, 31, 18, 14, 3};
    static const int64_t ages[] = {13, 18, 25, 35, 45, 65, 90};
    if (dice_chance(d, 22))
        return NO_DATE;
    size_t bucket = dice_pick(d, weights, COUNT(weights));
    int64_t days = dice_between(d, ages[bucket] * 1461 / 4 + 1, ages[bucket + 1] * 1461 / 4);
    return clock_date_of(joined) - days;
}

/* ---- Names ----------------------------------------------------------------------------------- */

/* One of a list, the first ones more often than the last. */
static const struct culture_text *draw(struct dice *d, const struct culture *c,
                                       enum culture_list list) {
    uint32_t count = (uint32_t)c->lists[list].count;
    uint32_t one = dice_below(d, count), other = dice_below(d, count);
    return &c->lists[list].at[one < other ? one : other];
}

static enum sex draw_sex(struct dice *d) {
    static const uint32_t weights[] = {
        [SEX_UNKNOWN] = 8, [SEX_MALE] = 44, [SEX_FEMALE] = 45, [SEX_OTHER] = 3};
    return (enum sex)dice_pick(d, weights, COUNT(weights));
}

static struct text capitalised(struct arena *arena, struct text t) {
    char *at = (char *)text_copy(arena, t).at;
    at[0] = (char)toupper((unsigned char)at[0]);
    return (struct text){at, t.size};
}

/* It ends in the account's number, and nothing else in it is a digit: no two are alike. */
static struct text username(struct dice *d, struct arena *arena, struct text given,
                            struct text family, uint32_t number) {
    static const char *const joints[] = {".", "", "_", "-"};
    static const uint32_t forms[] = {40, 20, 15, 5, 10, 10};
    struct text first = given, second = family;
    size_t form = dice_pick(d, forms, COUNT(forms));
    const char *joint = joints[form % COUNT(joints)];
    if (form == 4 && dice_chance(d, 50))
        first.size = 1; /* "m.garcia7" */
    if (form == 5) {
        first = capitalised(arena, given);
        second = capitalised(arena, family);
    }
    if (form == 5 && dice_chance(d, 30))
        second.size = 0; /* "Maria7" */
    return text_format(arena, "%.*s%s%.*s%u", TEXT_ARGS(first), joint, TEXT_ARGS(second), number);
}

static struct text email(struct dice *d, struct arena *arena, struct text name) {
    static const char *const domains[] = {"example.com", "example.org", "example.net"};
    static const uint32_t weights[] = {6, 3, 1};
    const char *domain = domains[dice_pick(d, weights, COUNT(weights))];
    return text_format(arena, "%.*s@%s", TEXT_ARGS(name), domain);
}

static void name_person(const struct crowd *c, struct dice *d, struct arena *arena,
                        const struct culture *culture, struct account *a) {
    a->sex = draw_sex(d);
    bool female = a->sex == SEX_FEMALE || (a->sex != SEX_MALE && dice_chance(d, 50));
    const struct culture_text *given =
        draw(d, culture, female ? LIST_GIVEN_FEMALE : LIST_GIVEN_MALE);
    const struct culture_text *family =
        draw(d, culture, female ? LIST_FAMILY_FEMALE : LIST_FAMILY_MALE);
    a->username = username(d, arena, given->ascii, family->ascii, (uint32_t)a->id);
    if (a->id == 1 && c->options.superuser.size)
        a->username = c->options.superuser;
    a->email = email(d, arena, a->username);
    if (!dice_chance(d, 4))
        a->first_name = given->text;
    if (!dice_chance(d, 6))
        a->last_name = family->text;
}

/* ---- What they say of themselves ------------------------------------------------------------- */

static void settle(struct dice *d, const struct place *place, struct account *a) {
    a->language = place->language;
    a->timezone = TEXT("UTC");
    if (dice_chance(d, 12))
        return;
    a->country = place->country;
    if (dice_chance(d, 85))
        a->timezone = place->timezone;
    uint32_t one = dice_below(d, (uint32_t)place->city_count);
    uint32_t other = dice_below(d, (uint32_t)place->city_count);
    if (dice_chance(d, 80))
        a->city = place->cities[one < other ? one : other]->id;
}

static struct text bio(struct dice *d, struct arena *arena, const struct culture *culture,
                       int64_t city) {
    if (!dice_chance(d, 45))
        return TEXT("");
    struct text first = draw(d, culture, LIST_BIO)->text, second = draw(d, culture, LIST_BIO)->text;
    if (city && dice_chance(d, 25))
        second = catalog_city(city)->name;
    else if (dice_chance(d, 75))
        return first;
    return text_equal(first, second)
               ? first
               : text_format(arena, "%.*s · %.*s", TEXT_ARGS(first), TEXT_ARGS(second));
}

static void describe(struct dice *d, struct arena *arena, const struct place *place,
                     struct account *a) {
    settle(d, place, a);
    a->bio = bio(d, arena, place->culture, a->city);
    if (dice_chance(d, 55))
        a->avatar = text_format(arena, "https://img.example.com/avatars/%u.jpg", (unsigned)a->id);
    if (dice_chance(d, 35))
        a->phone = text_format(arena, "+999%09u", (unsigned)dice_below(d, 1000000000));
    a->birth_date = birth_date(d, a->created_at);
}

/* ---- What they may and want ------------------------------------------------------------------ */

static const char *const ban_reasons[] = {
    "Violation of terms of service", "Repeated spam in comments", "Bought followers",
    "Impersonation of another person", "Harassment of other members"};

static int64_t draw_flags(struct dice *d) {
    int64_t flags = 0;
    if (!dice_chance(d, 3))
        flags |= ACCOUNT_ACTIVE;
    if (!dice_chance(d, 12))
        flags |= ACCOUNT_PUBLIC;
    if (dice_chance(d, 25))
        flags |= ACCOUNT_SHOW_EARNINGS;
    if (dice_chance(d, 85))
        flags |= ACCOUNT_SHOW_CAMPAIGNS;
    if (dice_below(d, 1000) < 15)
        flags |= ACCOUNT_BANNED;
    return flags;
}

static void set_flags(const struct crowd *c, struct dice *d, struct person *p) {
    struct account *a = &p->account;
    a->flags = draw_flags(d);
    size_t reason = dice_below(d, COUNT(ban_reasons));
    int64_t moment = moment_between(d, a->created_at, c->options.until);
    if (a->id == 1 && c->options.superuser.size)
        a->flags = ACCOUNT_FLAGS_NEW | ACCOUNT_SUPERUSER;
    else if (a->id <= c->staff)
        a->flags = ACCOUNT_FLAGS_NEW | ACCOUNT_STAFF;
    if (!(a->flags & ACCOUNT_BANNED))
        return;
    p->banned_at = moment;
    a->ban_reason = text_of(ban_reasons[reason]);
}

/* Some of `count` items, the first ones more often than the last. */
static uint64_t some(struct dice *d, uint32_t count, const uint32_t *weights, size_t most) {
    uint64_t bits = 0;
    for (size_t left = dice_pick(d, weights, most + 1); left; left--) {
        uint32_t one = dice_below(d, count), other = dice_below(d, count);
        bits |= UINT64_C(1) << (one < other ? one : other);
    }
    return bits;
}

static void set_preferences(struct dice *d, struct person *p) {
    static const uint32_t categories[] = {20, 15, 20, 20, 15, 10}, networks[] = {25, 30, 30, 15};
    p->categories = some(d, CATEGORY_COUNT, categories, COUNT(categories) - 1);
    p->networks = some(d, NETWORK_COUNT, networks, COUNT(networks) - 1);
    const uint32_t all = (1u << SWITCH_COUNT) - 1;
    p->account.switches = dice_chance(d, 60) ? all : dice_below(d, all + 1);
}

static void set_times(const struct crowd *c, struct dice *d, struct person *p) {
    struct account *a = &p->account;
    int64_t end = p->banned_at ? p->banned_at : c->options.until;
    if (!dice_chance(d, 7))
        a->last_login = moment_between(d, a->created_at, end);
    a->updated_at = p->banned_at                          ? p->banned_at
                    : a->last_login && dice_chance(d, 50) ? a->last_login
                                                          : a->created_at;
}

/* ---- People ---------------------------------------------------------------------------------- */

void crowd_open(struct crowd *c, const struct crowd_options *options) {
    *c = (struct crowd){.options = *options};
    for (int topic = DICE_PERSON; topic < DICE_TOPICS; topic++)
        c->keys[topic] = dice_key(options->seed, (enum dice_topic)topic);
    uint32_t staff = options->accounts / 200;
    c->staff = (staff > 10 ? 10 : staff) + (options->superuser.size ? 1 : 0);
    c->cultures = cultures_read(&c->arena);
}

void crowd_close(struct crowd *c) {
    arena_free(&c->arena);
}

struct dice crowd_dice(const struct crowd *c, enum dice_topic topic, int64_t number) {
    return dice_of(&c->keys[topic], (uint64_t)number);
}

struct person crowd_person(const struct crowd *c, struct arena *arena, uint32_t number) {
    struct dice d = crowd_dice(c, DICE_PERSON, number);
    struct person p = {.account = {.id = number, .created_at = crowd_joined(c, number)}};
    const struct cultures *all = &c->cultures;
    const struct place *place = &all->places[dice_pick(&d, all->weights, all->count)];
    name_person(c, &d, arena, place->culture, &p.account);
    describe(&d, arena, place, &p.account);
    set_flags(c, &d, &p);
    set_preferences(&d, &p);
    set_times(c, &d, &p);
    return p;
}

bool crowd_has(const struct crowd *c, struct arena *arena, struct text username) {
    struct text digits = {username.at + username.size, 0};
    int64_t number;
    while (digits.size < username.size && isdigit((unsigned char)digits.at[-1]))
        digits = (struct text){digits.at - 1, digits.size + 1};
    if (!text_to_int(digits, &number) || number < 2 || number > c->options.accounts)
        return false;
    return text_equal_nocase(crowd_person(c, arena, (uint32_t)number).account.username, username);
}
