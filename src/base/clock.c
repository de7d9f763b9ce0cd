#include "base/clock.h"

#include <time.h>

#define DAYS_FIRST (-719162) /* 0001-01-01 */
#define DAYS_LAST  2932896   /* 9999-12-31 */

static int64_t read_clock(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec / 1000;
}

int64_t clock_now(void) {
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic(void) {
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t floor_div(int64_t n, int64_t by) {
    return n / by - (n % by < 0);
}

struct date {
    int64_t year;
    int month, day;
};

/* Both ways after Howard Hinnant, "chrono-compatible low-level date algorithms": years that begin
 * in March, in eras of 400. */
static int64_t days_of(struct date d) {
    int64_t year = d.year - (d.month <= 2);
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (d.month > 2 ? d.month - 3 : d.month + 9) + 2) / 5 + d.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static struct date date_of(int64_t days) {
    days += 719468;
    int64_t era = floor_div(days, 146097);
    unsigned day_of_era = (unsigned)(days - era * 146097);
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month_from_march = (5 * day_of_year + 2) / 153;
    struct date d;
    d.day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    d.month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    d.year = (int64_t)year_of_era + era * 400 + (d.month <= 2);
    return d;
}

static bool is_leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int64_t year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static inline void two_digits(char *at, unsigned n) {
    at[0] = (char)('0' + n / 10);
    at[1] = (char)('0' + n % 10);
}

static void write_date(char *at, int64_t days) {
    struct date d = date_of(days);
    two_digits(at, (unsigned)d.year / 100);
    two_digits(at + 2, (unsigned)d.year % 100);
    at[4] = '-';
    two_digits(at + 5, (unsigned)d.month);
    at[7] = '-';
    two_digits(at + 8, (unsigned)d.day);
}

void clock_format(int64_t us, char out[CLOCK_TEXT_SIZE]) {
    if (us < DAYS_FIRST * CLOCK_DAY)
        us = DAYS_FIRST * CLOCK_DAY;
    if (us >= (DAYS_LAST + 1) * CLOCK_DAY)
        us = (DAYS_LAST + 1) * CLOCK_DAY - 1;
    int64_t days = clock_date_of(us);
    unsigned second = (unsigned)((us - days * CLOCK_DAY) / CLOCK_SECOND);
    write_date(out, days);
    out[10] = 'T';
    two_digits(out + 11, second / 3600);
    out[13] = ':';
    two_digits(out + 14, second / 60 % 60);
    out[16] = ':';
    two_digits(out + 17, second % 60);
    out[19] = 'Z';
    out[20] = '\0';
}

static bool read_digits(const char *at, int count, int *out) {
    *out = 0;
    for (int i = 0; i < count; i++) {
        int digit = at[i] - '0';
        if (digit < 0 || digit > 9)
            return false;
        *out = *out * 10 + digit;
    }
    return true;
}

bool clock_parse_date(struct text t, int64_t *days) {
    int year, month, day;
    if (t.size != 10 || t.at[4] != '-' || t.at[7] != '-' || !read_digits(t.at, 4, &year) ||
        !read_digits(t.at + 5, 2, &month) || !read_digits(t.at + 8, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_of((struct date){year, month, day});
    return true;
}

/* "10:30:00" as seconds. */
static bool read_time_of_day(const char *at, int64_t *seconds) {
    int hour, minute, second;
    if (at[2] != ':' || at[5] != ':' || !read_digits(at, 2, &hour) ||
        !read_digits(at + 3, 2, &minute) || !read_digits(at + 6, 2, &second))
        return false;
    *seconds = (hour * 60 + minute) * 60 + second;
    return hour < 24 && minute < 60 && second < 60;
}

/* Takes ".25", if it is there, off the front. */
static bool read_fraction(struct text *rest, int64_t *us) {
    *us = 0;
    if (!rest->size || *rest->at != '.')
        return true;
    size_t digits = 1;
    int64_t place = CLOCK_SECOND / 10;
    for (; digits < rest->size && rest->at[digits] >= '0' && rest->at[digits] <= '9'; digits++) {
        *us += (rest->at[digits] - '0') * place;
        place /= 10;
    }
    *rest = (struct text){rest->at + digits, rest->size - digits};
    return digits > 1;
}

/* "Z" or "+02:00". */
static bool read_offset(struct text t, int64_t *us) {
    int hours, minutes;
    *us = 0;
    if (t.size == 1)
        return *t.at == 'Z' || *t.at == 'z';
    if (t.size != 6 || (t.at[0] != '+' && t.at[0] != '-') || t.at[3] != ':' ||
        !read_digits(t.at + 1, 2, &hours) || !read_digits(t.at + 4, 2, &minutes))
        return false;
    *us = (hours * 60 + minutes) * CLOCK_MINUTE * (t.at[0] == '+' ? 1 : -1);
    return hours < 24 && minutes < 60;
}

bool clock_parse(struct text t, int64_t *us) {
    int64_t days, seconds, fraction, offset;
    if (t.size < sizeof "2024-01-15T10:30:00Z" - 1 || (t.at[10] != 'T' && t.at[10] != 't'))
        return false;
    struct text rest = {t.at + 19, t.size - 19};
    if (!clock_parse_date((struct text){t.at, 10}, &days) ||
        !read_time_of_day(t.at + 11, &seconds) || !read_fraction(&rest, &fraction) ||
        !read_offset(rest, &offset))
        return false;
    *us = days * CLOCK_DAY + seconds * CLOCK_SECOND + fraction - offset;
    return true;
}

void clock_format_date(int64_t days, char out[11]) {
    if (days < DAYS_FIRST)
        days = DAYS_FIRST;
    if (days > DAYS_LAST)
        days = DAYS_LAST;
    write_date(out, days);
    out[10] = '\0';
}

int64_t clock_date_of(int64_t us) {
    return floor_div(us, CLOCK_DAY);
}

int64_t clock_years_before(int64_t days, int years) {
    struct date d = date_of(days);
    d.year -= years;
    if (d.day > days_in_month(d.year, d.month))
        d.day = 28;
    return days_of(d);
}
