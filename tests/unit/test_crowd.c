/* The made-up people, what has happened to them, and the names they are made of. */
#include "fixture.h"

#include <jansson.h>
#include <stdlib.h>

#include "api/format.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/unicode.h"
#include "cli/crowd.h"
#include "cli/life.h"

#define ACCOUNTS 5000

struct stand {
    struct arena arena;
    struct crowd crowd;
    int64_t until;
};

static int open_crowd(void **state) {
    static struct stand stand;
    stand = (struct stand){0};
    random_start();
    catalog_start();
    int64_t date;
    clock_parse_date(TEXT("2026-01-01"), &date);
    stand.until = date * CLOCK_DAY;
    crowd_open(&stand.crowd,
               &(struct crowd_options){.seed = 7, .accounts = ACCOUNTS, .until = stand.until});
    *state = &stand;
    return 0;
}

static int close_crowd(void **state) {
    struct stand *s = *state;
    crowd_close(&s->crowd);
    arena_free(&s->arena);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_crowd, close_crowd)
#define EACH(p)                                                                                    \
    for (uint32_t p##_n = 1; p##_n <= ACCOUNTS; p##_n++)                                           \
        for (struct person p = crowd_person(&s->crowd, &s->arena, p##_n), *p##_once = &p;          \
             p##_once; p##_once = NULL)

/* What the API would refuse, it does not make. */
static void assert_kept(struct stand *s, struct text t, size_t most, bool breaks) {
    assert_true(unicode_valid(t));
    struct text nfc = unicode_nfc(&s->arena, t);
    assert_true(text_equal(nfc, t));
    assert_false(unicode_has_control(t, breaks));
    assert_true(unicode_length(t) <= most);
}

static void every_text_is_one_that_the_api_would_keep(void **state) {
    struct stand *s = *state;
    EACH(p) {
        const struct account *a = &p.account;
        assert_kept(s, a->first_name, 150, false);
        assert_kept(s, a->last_name, 150, false);
        assert_kept(s, a->bio, 2000, true);
        assert_kept(s, a->ban_reason, 1000, true);
        assert_true(!a->avatar.size || format_url(a->avatar));
        struct text kept;
        assert_true(!a->phone.size || format_phone(&s->arena, a->phone, &kept));
        assert_true(!a->phone.size || text_equal(a->phone, kept));
        assert_true(catalog_language(&s->arena, a->language, &kept));
        assert_true(text_equal(a->language, kept));
        assert_true(catalog_timezone(a->timezone));
        arena_reset(&s->arena);
    }
}

static void every_user_name_and_address_could_be_registered(void **state) {
    struct stand *s = *state;
    struct router *router = router_new(routes_rows(), routes_count());
    EACH(p) {
        struct text kept;
        assert_true(format_username(p.account.username));
        assert_false(routes_reserved(router, p.account.username));
        assert_true(format_email(&s->arena, p.account.email, &kept));
        assert_true(text_equal(p.account.email, kept));
    }
    router_free(router);
}

static int by_text(const void *a, const void *b) {
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static void no_two_have_the_same_name_or_address(void **state) {
    struct stand *s = *state;
    static struct text names[ACCOUNTS], emails[ACCOUNTS];
    EACH(p) {
        names[p_n - 1] = account_key(&s->arena, p.account.username);
        emails[p_n - 1] = account_key(&s->arena, p.account.email);
    }
    qsort(names, ACCOUNTS, sizeof *names, by_text);
    qsort(emails, ACCOUNTS, sizeof *emails, by_text);
    for (int i = 1; i < ACCOUNTS; i++) {
        assert_false(text_equal(names[i - 1], names[i]));
        assert_false(text_equal(emails[i - 1], emails[i]));
    }
}

static void places_agree_and_dates_are_in_order(void **state) {
    struct stand *s = *state;
    int64_t before = 0, first;
    clock_parse_date(TEXT("1900-01-01"), &first);
    EACH(p) {
        const struct account *a = &p.account;
        assert_true(!a->country || catalog_country(a->country));
        assert_true(!a->city || catalog_city(a->city)->country == a->country);
        assert_true(a->created_at >= before && a->created_at < s->until);
        assert_int_equal(a->created_at, crowd_joined(&s->crowd, p_n));
        before = a->created_at;
        assert_true(!a->last_login || (a->last_login >= a->created_at && a->last_login < s->until));
        assert_true(a->updated_at >= a->created_at && a->updated_at < s->until);
        assert_true(!p.banned_at || (p.banned_at >= a->created_at && p.banned_at < s->until));
        assert_int_equal(p.banned_at != 0, (a->flags & ACCOUNT_BANNED) != 0);
        if (a->birth_date == NO_DATE)
            continue;
        assert_true(a->birth_date >= first);
        assert_true(a->birth_date <= clock_years_before(clock_date_of(a->created_at), 13));
    }
}

/* More join every year: after half of the time a quarter is there. */
static void the_crowd_grows(void **state) {
    struct stand *s = *state;
    int64_t begin = crowd_joined(&s->crowd, 1), span = s->until - begin;
    uint32_t half = 1;
    while (crowd_joined(&s->crowd, half) < begin + span / 2)
        half++;
    assert_in_range(half, ACCOUNTS / 5, ACCOUNTS / 3);
    assert_true(crowd_joined(&s->crowd, ACCOUNTS) > s->until - 2 * CLOCK_DAY);
}

static void people_are_of_every_kind(void **state) {
    struct stand *s = *state;
    unsigned banned = 0, inactive = 0, private = 0, never = 0, young = 0, sexes[4] = {0};
    unsigned undated = 0, homeless = 0, bios = 0, switched = 0, categories = 0;
    EACH(p) {
        const struct account *a = &p.account;
        banned += (a->flags & ACCOUNT_BANNED) != 0;
        inactive += !(a->flags & ACCOUNT_ACTIVE);
        private += !(a->flags & ACCOUNT_PUBLIC);
        never += !a->last_login;
        undated += a->birth_date == NO_DATE;
        young += a->birth_date > clock_date_of(s->until) - 35 * 365;
        homeless += !a->country;
        bios += a->bio.size > 0;
        switched += a->switches != (1 << SWITCH_COUNT) - 1;
        categories += (unsigned)__builtin_popcountll(p.categories);
        sexes[a->sex]++;
    }
    assert_in_range(banned, ACCOUNTS / 200, ACCOUNTS / 30);
    assert_in_range(inactive, ACCOUNTS / 100, ACCOUNTS / 15);
    assert_in_range(private, ACCOUNTS / 20, ACCOUNTS / 5);
    assert_in_range(never, ACCOUNTS / 30, ACCOUNTS / 8);
    assert_in_range(undated, ACCOUNTS / 8, ACCOUNTS / 3);
    assert_in_range(young, ACCOUNTS / 4, ACCOUNTS * 2 / 3);
    assert_in_range(homeless, ACCOUNTS / 20, ACCOUNTS / 5);
    assert_in_range(bios, ACCOUNTS / 3, ACCOUNTS * 2 / 3);
    assert_in_range(switched, ACCOUNTS / 5, ACCOUNTS / 2);
    assert_in_range(categories, ACCOUNTS, ACCOUNTS * 4);
    for (int i = 0; i < 4; i++)
        assert_true(sexes[i] > ACCOUNTS / 100);
}

static int first_letter(struct text t) {
    return t.size ? unicode_next(&t) : 0;
}

/* One letter of each script that somebody's name begins with. */
static void names_are_in_many_scripts(void **state) {
    struct stand *s = *state;
    static const struct {
        int from, to;
    } scripts[] = {{'A', 'Z'},       {0x100, 0x17f},   {0x390, 0x3ff},   {0x400, 0x4ff},
                   {0x530, 0x58f},   {0x590, 0x5ff},   {0x600, 0x6ff},   {0x900, 0x97f},
                   {0x980, 0x9ff},   {0xb80, 0xbff},   {0xe00, 0xe7f},   {0x10a0, 0x10ff},
                   {0x1200, 0x137f}, {0x3040, 0x30ff}, {0x4e00, 0x9fff}, {0xac00, 0xd7af}};
    enum { SCRIPTS = sizeof scripts / sizeof *scripts };
    unsigned seen[SCRIPTS] = {0};
    EACH(p) {
        int letter = first_letter(p.account.first_name);
        for (int i = 0; i < SCRIPTS; i++)
            seen[i] += letter >= scripts[i].from && letter <= scripts[i].to;
    }
    for (int i = 0; i < SCRIPTS; i++)
        assert_true(seen[i] > 0);
}

static bool same_person(const struct person *a, const struct person *b) {
    return text_equal(a->account.username, b->account.username) &&
           text_equal(a->account.email, b->account.email) &&
           text_equal(a->account.first_name, b->account.first_name) &&
           text_equal(a->account.last_name, b->account.last_name) &&
           text_equal(a->account.bio, b->account.bio) &&
           text_equal(a->account.phone, b->account.phone) &&
           a->account.birth_date == b->account.birth_date && a->account.city == b->account.city &&
           a->account.flags == b->account.flags && a->account.switches == b->account.switches &&
           a->account.last_login == b->account.last_login && a->categories == b->categories &&
           a->networks == b->networks && a->banned_at == b->banned_at;
}

static void the_seed_decides(void **state) {
    struct stand *s = *state;
    struct crowd same, other;
    struct crowd_options options = s->crowd.options;
    crowd_open(&same, &options);
    options.seed = 8;
    crowd_open(&other, &options);
    unsigned equal = 0;
    EACH(p) {
        struct person again = crowd_person(&same, &s->arena, p_n);
        struct person another = crowd_person(&other, &s->arena, p_n);
        assert_true(same_person(&p, &again));
        equal += same_person(&p, &another);
    }
    assert_int_equal(equal, 0);
    crowd_close(&same);
    crowd_close(&other);
}

/* Written down once: who changes them changes everybody's data. */
static void the_same_people_on_every_machine(void **state) {
    struct stand *s = *state;
    static const struct {
        uint32_t number;
        const char *username, *last_name, *bio;
        int64_t flags, switches, created_at, last_login;
    } some[] = {
        {1, "pooja_chaudhary1", "चौधरी", "", 83, 99, 1580685250000000, 1615701620000000},
        {42, "leonfischer42", "Fischer", "Fotografiert Brücken und Türme", 81, 127,
         1595349798000000, 1767160892000000},
        {3000, "artyom.ivanov3000", "Иванов", "Люблю горы и хорошие книги", 113, 26,
         1724561028000000, 1755289889000000},
        {5000, "Thomas5000", "Kelly", "", 65, 127, 1767206681000000, 1767224886000000},
    };
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        struct person p = crowd_person(&s->crowd, &s->arena, some[i].number);
        assert_text(p.account.username, some[i].username);
        assert_text(p.account.last_name, some[i].last_name);
        assert_text(p.account.bio, some[i].bio);
        assert_int_equal(p.account.flags, some[i].flags);
        assert_int_equal(p.account.switches, some[i].switches);
        assert_int_equal(p.account.created_at, some[i].created_at);
        assert_int_equal(p.account.last_login, some[i].last_login);
    }
}

static unsigned count_role(struct stand *s, const struct crowd *c, int64_t role) {
    unsigned count = 0;
    for (uint32_t n = 1; n <= ACCOUNTS; n++)
        count += (crowd_person(c, &s->arena, n).account.flags & role) != 0;
    return count;
}

static void a_few_are_staff_and_one_is_superuser_when_asked_for(void **state) {
    struct stand *s = *state;
    assert_int_equal(count_role(s, &s->crowd, ACCOUNT_SUPERUSER), 0);
    assert_int_equal(count_role(s, &s->crowd, ACCOUNT_STAFF), 10);
    struct crowd with;
    struct crowd_options options = s->crowd.options;
    options.superuser = TEXT("olivia");
    crowd_open(&with, &options);
    assert_int_equal(count_role(s, &with, ACCOUNT_SUPERUSER), 1);
    assert_int_equal(count_role(s, &with, ACCOUNT_STAFF), 10);
    struct person first = crowd_person(&with, &s->arena, 1);
    assert_text(first.account.username, "olivia");
    assert_int_equal(first.account.flags, ACCOUNT_FLAGS_NEW | ACCOUNT_SUPERUSER);
    crowd_close(&with);
}

static void who_is_there_is_known(void **state) {
    struct stand *s = *state;
    struct text name = crowd_person(&s->crowd, &s->arena, 4711).account.username;
    char upper[200];
    for (size_t i = 0; i <= name.size; i++)
        upper[i] = name.at[i] >= 'a' && name.at[i] <= 'z' ? name.at[i] - 32 : name.at[i];
    assert_true(crowd_has(&s->crowd, &s->arena, name));
    assert_true(crowd_has(&s->crowd, &s->arena, text_of(upper)));
    assert_false(crowd_has(&s->crowd, &s->arena, TEXT("olivia")));
    assert_false(crowd_has(&s->crowd, &s->arena, TEXT("")));
    assert_false(crowd_has(&s->crowd, &s->arena, TEXT("olivia4711")));
    assert_false(crowd_has(&s->crowd, &s->arena, TEXT("olivia99999999999999999999")));
    assert_false(crowd_has(&s->crowd, &s->arena, TEXT("4712")));
}

/* ---- What has happened to them --------------------------------------------------------------- */

static void notices_are_such_as_staff_could_send(void **state) {
    struct stand *s = *state;
    unsigned total = 0, unread = 0, coded = 0;
    EACH(p) {
        struct notice notices[LIFE_NOTICES];
        size_t count = life_notices(&s->crowd, &s->arena, &p, notices);
        int64_t before = p.account.created_at;
        for (size_t i = 0; i < count; i++) {
            const struct notice *n = &notices[i];
            assert_kept(s, n->title, 200, false);
            assert_kept(s, n->message, 4000, true);
            assert_kept(s, n->type, 50, false);
            assert_true(n->title.size && n->message.size && n->type.size);
            json_t *data = json_loadb(n->data.at, n->data.size, 0, NULL);
            assert_true(json_is_object(data));
            json_decref(data);
            int code = n->code.size ? catalog_switch(n->code) : 0;
            assert_true(code >= 0 && (!n->code.size || p.account.switches >> code & 1));
            assert_true(n->created_at >= before && n->created_at < s->until);
            assert_true(!n->read_at || (n->read_at >= n->created_at && n->read_at < s->until));
            before = n->created_at;
            unread += !n->read_at;
            coded += n->code.size > 0;
        }
        total += (unsigned)count;
    }
    assert_in_range(total, ACCOUNTS, ACCOUNTS * 4);
    assert_in_range(unread, total / 5, total / 2);
    assert_true(coded > ACCOUNTS / 5);
}

static void events_and_walls_are_such_as_other_services_report(void **state) {
    struct stand *s = *state;
    unsigned events_total = 0, walls_total = 0;
    EACH(p) {
        struct life_event events[LIFE_EVENTS];
        struct life_wall walls[LIFE_WALLS];
        size_t event_count = life_events(&s->crowd, &s->arena, &p, events);
        for (size_t i = 0; i < event_count; i++) {
            const struct life_event *e = &events[i];
            assert_kept(s, e->event_id, 128, false);
            assert_true(i == 0 || text_compare(e[-1].event_id, e->event_id) < 0);
            assert_true(e->campaigns >= 0 && e->earnings >= 0 && e->posts >= 0 && e->likes >= 0 &&
                        e->comments >= 0);
            assert_true(e->created_at >= p.account.created_at && e->created_at < s->until);
        }
        size_t wall_count = life_walls(&s->crowd, &s->arena, &p, walls);
        for (size_t i = 0; i < wall_count; i++) {
            assert_true(format_url(walls[i].url));
            assert_kept(s, walls[i].description, 2000, true);
            assert_true(p.networks >> walls[i].network & 1);
            assert_true(i == 0 || walls[i - 1].network < walls[i].network);
            assert_true(walls[i].created_at >= p.account.created_at &&
                        walls[i].created_at < s->until);
        }
        events_total += (unsigned)event_count;
        walls_total += (unsigned)wall_count;
    }
    assert_in_range(events_total, ACCOUNTS / 3, ACCOUNTS);
    assert_in_range(walls_total, ACCOUNTS / 20, ACCOUNTS / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_text_is_one_that_the_api_would_keep),
        TEST(every_user_name_and_address_could_be_registered),
        TEST(no_two_have_the_same_name_or_address),
        TEST(places_agree_and_dates_are_in_order),
        TEST(the_crowd_grows),
        TEST(people_are_of_every_kind),
        TEST(names_are_in_many_scripts),
        TEST(the_seed_decides),
        TEST(the_same_people_on_every_machine),
        TEST(a_few_are_staff_and_one_is_superuser_when_asked_for),
        TEST(who_is_there_is_known),
        TEST(notices_are_such_as_staff_could_send),
        TEST(events_and_walls_are_such_as_other_services_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
