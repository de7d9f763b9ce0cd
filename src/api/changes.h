/* Changes of a profile, from the input of whoever makes them. */
#ifndef API_CHANGES_H
#define API_CHANGES_H

#include "api/input.h"
#include "core/account.h"

struct profile_fields {
    struct in_text first_name, last_name, email, phone, timezone, bio, avatar;
    struct in_int country, city, sex, birth_date;
};

/* Of an input that has fields of these names and types. */
#define PROFILE_FIELDS(in)                                                                         \
    ((struct profile_fields){                                                                      \
        .first_name = (in)->first_name,                                                            \
        .last_name = (in)->last_name,                                                              \
        .email = (in)->email,                                                                      \
        .phone = (in)->phone,                                                                      \
        .timezone = (in)->timezone,                                                                \
        .bio = (in)->bio,                                                                          \
        .avatar = (in)->avatar,                                                                    \
        .country = (in)->country,                                                                  \
        .city = (in)->city,                                                                        \
        .sex = (in)->sex,                                                                          \
        .birth_date = (in)->birth_date,                                                            \
    })

/* What has been given; what was cleared becomes empty, unknown or none. */
struct account_changes changes_of(const struct profile_fields *fields);

#endif
