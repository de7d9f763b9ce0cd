/* The written forms of names, addresses and numbers: whether a text is one, and how it is kept. All
 * texts are valid UTF-8 in NFC. */
#ifndef API_FORMAT_H
#define API_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define FORMAT_USERNAME_MAX 150

/* 1–150 of A-Z a-z 0-9 _ . - +, the first a letter, a digit or '_'. */
bool format_username(struct text t);

/* An addr-spec (RFC 5322 §3.4.1) of at most 254 bytes with a dot-atom on the left and a domain name
 * on the right. *out has the domain in lower case, an internationalised one as A-labels. */
bool format_email(struct arena *arena, struct text t, struct text *out);

/* http or https, with a host and no user, at most 2,048 characters. Other characters than ASCII
 * (an IRI, RFC 3987) are let through. */
bool format_url(struct text t);

/* E.164 once spaces, dots and dashes are taken out: '+' and 8–15 digits. */
bool format_phone(struct arena *arena, struct text t, struct text *out);

/* A decimal number exact to 0.01 as hundredths, |*out| ≤ 10^14. */
bool format_cents(struct text t, int64_t *out);

#endif
