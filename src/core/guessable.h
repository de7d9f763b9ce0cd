/* What whoever guesses tries first. */
#ifndef CORE_GUESSABLE_H
#define CORE_GUESSABLE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

/* Something twice or more in a row, the last time perhaps cut short ("abc1abc1ab"), or bytes that
 * count up or down ("abcdefgh"). */
bool guessable_pattern(struct text t);

/* Whether a password is a pattern, one of data/common_passwords.txt, or two of those in a row: in
 * any case, with or without accents, with digits and signs around it or in place of letters
 * ("P@ssw0rd2024!"). `password` is valid text. */
bool guessable_password(struct arena *arena, struct text password);

/* Letters in place of the digits and signs that stand for them, one for each group of those that
 * are mistaken for one another: two texts that differ in nothing else become equal. `t` is folded
 * (unicode_fold). */
struct text guessable_plain(struct arena *arena, struct text t);

/* Whether a signing key has been seen elsewhere: data/weak_keys.txt, a pattern, or a handful of
 * different bytes. */
bool guessable_key(struct text key);

#endif
