#include "cli/life.h"

#include "base/clock.h"

#define COUNT(of) (sizeof(of) / sizeof *(of))

int64_t life_next(struct dice *d, int64_t first, int64_t until, size_t left) {
    uint64_t seconds = until > first ? (uint64_t)(until - first) / (uint64_t)CLOCK_SECOND : 0;
    return first + dice_below(d, (uint32_t)(seconds / (left + 1)) + 1) * CLOCK_SECOND;
}

/* ---- The inbox ------------------------------------------------------------------------------- */

/* `code` is the switch that the kind obeys; NULL: none. `%u` is the campaign's number. */
static const struct kind {
    const char *type, *code, *title, *message;
} kinds[] = {
    {"system", NULL, "Welcome", "Good to have you here. Complete your profile to be found."},
    {"campaign", "new_campaign", "New campaign", "Campaign %u is looking for people like you."},
    {"campaign", "end_campaign", "Campaign ended", "Campaign %u has ended. Thank you!"},
    {"campaign", "near_campaign", "A campaign near you", "Campaign %u is around the corner."},
    {"campaign", "cause_campaign", "A good cause", "Campaign %u supports a cause of yours."},
    {"profile", "profile_status", "Your profile", "Your profile has been reviewed."},
    {"post", "post_status", "Your post", "Your post for campaign %u has been approved."},
    {"balance", "update_balance", "Your balance", "You have been paid for campaign %u."},
};

/* The first thing that comes is the welcome; the others only where their switch is on. */
static const struct kind *draw_kind(struct dice *d, const struct person *p, size_t place) {
    const struct kind *k = &kinds[place ? 1 + dice_below(d, COUNT(kinds) - 1) : 0];
    bool on = !k->code || (p->account.switches >> catalog_switch(text_of(k->code)) & 1);
    return on ? k : NULL;
}

static struct notice notice_of(struct arena *arena, const struct kind *k, unsigned campaign) {
    struct notice n = {.type = text_of(k->type), .code = text_of(k->code)};
    const char *number = strstr(k->message, "%u");
    n.title = text_of(k->title);
    n.message = text_of(k->message);
    n.data = TEXT("{}");
    if (!number)
        return n;
    n.message = text_format(arena, "%.*s%u%s", (int)(number - k->message), k->message, campaign,
                            number + 2);
    n.data = text_format(arena, "{\"campaign_id\":%u}", campaign);
    return n;
}

size_t life_notices(const struct crowd *c, struct arena *arena, const struct person *p,
                    struct notice out[LIFE_NOTICES]) {
    static const uint32_t weights[LIFE_NOTICES + 1] = {15, 30, 20, 15, 8, 5, 3, 2, 2};
    struct dice d = crowd_dice(c, DICE_INBOX, p->account.id);
    size_t drawn = dice_pick(&d, weights, COUNT(weights)), count = 0;
    int64_t now = p->account.created_at, until = c->options.until;
    for (size_t i = 0; i < drawn; i++) {
        const struct kind *k = draw_kind(&d, p, i);
        unsigned campaign = 1 + dice_below(&d, 5000);
        now = life_next(&d, now, until, drawn - i);
        int64_t read_at = dice_chance(&d, 65) ? life_next(&d, now, until, 20) : 0;
        if (!k)
            continue;
        out[count] = notice_of(arena, k, campaign);
        out[count].created_at = now;
        out[count++].read_at = read_at;
    }
    return count;
}

/* ---- Activity -------------------------------------------------------------------------------- */

/* One draw a line: in an initializer the compiler may choose their order. */
static struct life_event draw_event(struct dice *d) {
    struct life_event e = {.campaigns = dice_chance(d, 40)};
    if (e.campaigns)
        e.earnings = 500 + 25 * (int64_t)dice_below(d, 4000);
    e.posts = 1 + dice_below(d, 5);
    e.likes = dice_below(d, 400);
    e.comments = dice_below(d, 60);
    return e;
}

size_t life_events(const struct crowd *c, struct arena *arena, const struct person *p,
                   struct life_event out[LIFE_EVENTS]) {
    static const uint32_t weights[LIFE_EVENTS + 1] = {65, 18, 9, 5, 3};
    struct dice d = crowd_dice(c, DICE_ACTIVITY, p->account.id);
    size_t count = dice_pick(&d, weights, COUNT(weights));
    int64_t now = p->account.created_at;
    for (size_t i = 0; i < count; i++) {
        now = life_next(&d, now, c->options.until, count - i);
        out[i] = draw_event(&d);
        out[i].event_id = text_format(arena, "campaign-%u", (unsigned)i + 1);
        out[i].created_at = now;
    }
    return count;
}

/* ---- Walls ----------------------------------------------------------------------------------- */

size_t life_walls(const struct crowd *c, struct arena *arena, const struct person *p,
                  struct life_wall out[LIFE_WALLS]) {
    struct dice d = crowd_dice(c, DICE_WALLS, p->account.id);
    size_t count = 0;
    for (int network = 0; network < NETWORK_COUNT && count < LIFE_WALLS; network++) {
        if (!(p->networks >> network & 1) || !dice_chance(&d, 15))
            continue;
        struct text code = catalog_network_code(network), name = p->account.username;
        struct text url =
            text_format(arena, "https://%.*s.example/%.*s", TEXT_ARGS(code), TEXT_ARGS(name));
        out[count++] = (struct life_wall){
            .network = network,
            .url = url,
            .description = TEXT("Posts of the campaign"),
            .created_at = life_next(&d, p->account.created_at, c->options.until, 1),
        };
    }
    return count;
}
