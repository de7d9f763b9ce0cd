#include "api/changes.h"

static void change_text(struct account_changes *to, struct in_text from, enum account_field field,
                        struct text *slot) {
    if (!from.given)
        return;
    to->set |= field;
    *slot = from.value;
}

/* `none` is what a cleared field becomes. */
static void change_int(struct account_changes *to, struct in_int from, enum account_field field,
                       int64_t none, int64_t *slot) {
    if (!from.given)
        return;
    to->set |= field;
    *slot = from.null ? none : from.value;
}

struct account_changes changes_of(const struct profile_fields *in) {
    struct account_changes to = {0};
    int64_t sex = SEX_UNKNOWN;
    change_text(&to, in->first_name, FIELD_FIRST_NAME, &to.first_name);
    change_text(&to, in->last_name, FIELD_LAST_NAME, &to.last_name);
    change_text(&to, in->email, FIELD_EMAIL, &to.email);
    change_text(&to, in->phone, FIELD_PHONE, &to.phone);
    change_int(&to, in->country, FIELD_COUNTRY, 0, &to.country);
    change_int(&to, in->city, FIELD_CITY, 0, &to.city);
    change_int(&to, in->sex, FIELD_SEX, SEX_UNKNOWN, &sex);
    change_int(&to, in->birth_date, FIELD_BIRTH_DATE, NO_DATE, &to.birth_date);
    change_text(&to, in->timezone, FIELD_TIMEZONE, &to.timezone);
    change_text(&to, in->bio, FIELD_BIO, &to.bio);
    change_text(&to, in->avatar, FIELD_AVATAR, &to.avatar);
    to.sex = (enum sex)sex;
    return to;
}
