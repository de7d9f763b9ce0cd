#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/meter.h"

#define AT(second) ((second)*CLOCK_SECOND + 500)

static void the_second_that_runs_is_not_recent_yet(void **state) {
    (void)state;
    struct meter m = {0};
    meter_add(&m, 3, AT(100));
    meter_add(&m, 2, AT(100));
    assert_int_equal(meter_recent(&m, AT(100)), 0);
    assert_int_equal(meter_recent(&m, AT(101)), 5);
    assert_int_equal(meter_recent(&m, AT(110)), 5);
    assert_int_equal(meter_recent(&m, AT(111)), 0);
    assert_int_equal(meter_total(&m), 5);
}

static void seconds_add_up_and_go(void **state) {
    (void)state;
    struct meter m = {0};
    for (int64_t second = 1000; second < 1100; second++) {
        meter_add(&m, (unsigned)(second - 1000), AT(second));
        uint64_t expected = 0;
        for (int64_t ago = 1; ago <= METER_WINDOW && second - ago >= 1000; ago++)
            expected += (uint64_t)(second - ago - 1000);
        assert_int_equal(meter_recent(&m, AT(second)), expected);
    }
    assert_int_equal(meter_total(&m), 4950);
}

/* A slot is used again long after, by a second that falls into the same one. */
static void what_is_long_ago_is_not_taken_for_recent(void **state) {
    (void)state;
    struct meter m = {0};
    meter_add(&m, 7, AT(5));
    assert_int_equal(meter_recent(&m, AT(6 + METER_SLOTS)), 0);
    meter_add(&m, 1, AT(5 + METER_SLOTS));
    assert_int_equal(meter_recent(&m, AT(6 + METER_SLOTS)), 1);
    assert_int_equal(meter_recent(&m, AT(0)), 0);
}

#define THREADS 4
#define EACH    20000

static void *count(void *self) {
    struct meter *m = self;
    for (int64_t i = 0; i < EACH; i++)
        meter_add(m, 1, AT(50 + i * 5 / EACH));
    return NULL;
}

static void of_several_threads_nothing_is_lost(void **state) {
    (void)state;
    struct meter m = {0};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, &m), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(meter_total(&m), THREADS * EACH);
    assert_int_equal(meter_recent(&m, AT(55)), THREADS * EACH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_that_runs_is_not_recent_yet),
        cmocka_unit_test(seconds_add_up_and_go),
        cmocka_unit_test(what_is_long_ago_is_not_taken_for_recent),
        cmocka_unit_test(of_several_threads_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
