/* Access and refresh tokens: core/token.h. Only what was signed here verifies, whatever the input
 * makes of it: as a token, as changes to one, or as claims below the signature of others. Claims of
 * any make that are signed with our key are read without harm. */
#include "served.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/random.h"

#define TOKENS 4
#define KEY    "vJ4uRq8eXm2TzK7wLd5YpC9nHb3GsF6a"

static struct text tokens[TOKENS];
static struct token claims[TOKENS];

static void start(void) {
    if (served.f != NULL)
        return;
    served_start();
    fixture_reopen(served.f, NULL, TEXT(KEY));
    struct ctx *c = &served.f->c;
    int64_t now = c->now / CLOCK_SECOND * CLOCK_SECOND;
    for (int i = 0; i < TOKENS; i++) {
        claims[i] = (struct token){i % 2 ? TOKEN_REFRESH : TOKEN_ACCESS, 1 + i, INT64_C(1) << 50,
                                   now, now + (i < 2 ? CLOCK_HOUR : -CLOCK_HOUR)};
        ASSERT(token_sign(c, &claims[i], &tokens[i]) == OK);
    }
}

static bool token_equal(const struct token *a, const struct token *b) {
    return a->type == b->type && a->user_id == b->user_id && a->session_id == b->session_id &&
           a->issued == b->issued && a->expires == b->expires;
}

/* One of ours, of the type asked for and not expired; or ERR_TOKEN_INVALID. */
static void verify(struct ctx *c, struct text jwt) {
    for (int type = TOKEN_ACCESS; type <= TOKEN_REFRESH; type++) {
        struct token out;
        enum err e = token_verify(c, jwt, (enum token_type)type, &out);
        bool good = false;
        for (int i = 0; i < TOKENS; i++)
            if (text_equal(jwt, tokens[i]) && (int)claims[i].type == type &&
                claims[i].expires > c->now)
                good = e == OK && token_equal(&out, &claims[i]);
        ASSERT(good ? e == OK : e == ERR_TOKEN_INVALID);
    }
}

/* Bytes of a good token set, left out or put in: pairs of a place and a byte. */
static void verify_changed(struct ctx *c, struct text token, struct text changes) {
    char *at = arena_alloc(c->arena, token.size + changes.size);
    size_t size = token.size;
    memcpy(at, token.at, size);
    while (changes.size > 2) {
        unsigned how = fuzz_choose(&changes, 3);
        size_t place = fuzz_choose(&changes, 256) * size / 256;
        char byte = (char)fuzz_choose(&changes, 256);
        if (how == 0 && size > 1)
            memmove(at + place, at + place + 1, --size - place);
        if (how == 1)
            memmove(at + place + 1, at + place, size++ - place);
        if (how > 0)
            at[place] = byte;
    }
    verify(c, fuzz_exact(c->arena, (struct text){at, size}));
}

/* The claims replaced; header and signature stay. */
static void verify_claims(struct ctx *c, struct text token, struct text in) {
    struct text rest = token, header, payload;
    text_split(&rest, '.', &header);
    text_split(&rest, '.', &payload);
    struct text encoded = base64url_encode(c->arena, in.at, in.size);
    verify(c, text_format(c->arena, "%.*s.%.*s.%.*s", TEXT_ARGS(header), TEXT_ARGS(encoded),
                          TEXT_ARGS(rest)));
}

/* As somebody would who has our key, and nothing else of ours. */
static void verify_signed(struct ctx *c, struct text in) {
    struct text rest = tokens[0], header;
    uint8_t mac[DIGEST_SIZE];
    text_split(&rest, '.', &header);
    struct text payload = base64url_encode(c->arena, in.at, in.size);
    struct text body = text_format(c->arena, "%.*s.%.*s", TEXT_ARGS(header), TEXT_ARGS(payload));
    digest_hmac(TEXT(KEY), body, mac);
    struct text signature = base64url_encode(c->arena, mac, sizeof mac);
    struct token out;
    enum err e =
        token_verify(c, text_format(c->arena, "%.*s.%.*s", TEXT_ARGS(body), TEXT_ARGS(signature)),
                     TOKEN_ACCESS, &out);
    ASSERT(e == OK || e == ERR_TOKEN_INVALID);
    if (e == OK)
        ASSERT(out.type == TOKEN_ACCESS && out.expires > c->now && out.user_id >= 0 &&
               out.session_id >= 0 && text_starts(in, TEXT("{\"token_type\":\"access\",")));
}

static void try_base64(struct arena *arena, struct text in) {
    size_t size;
    char *bytes = arena_alloc(arena, in.size);
    if (base64url_decode(in, bytes, in.size, &size))
        ASSERT(text_equal(base64url_encode(arena, bytes, size), in));
    struct text text = base64url_encode(arena, in.at, in.size);
    char *again = arena_alloc(arena, in.size);
    ASSERT(text.size == BASE64URL_SIZE(in.size));
    ASSERT(base64url_decode(text, again, in.size, &size));
    ASSERT(text_equal((struct text){again, size}, in));
    ASSERT(in.size == 0 || !base64url_decode(text, again, in.size - 1, &size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text in = {(const char *)data, size};
    struct arena arena = {0};
    start();
    struct ctx c = served_context(&arena);
    unsigned how = fuzz_choose(&in, 5);
    if (how == 0)
        verify(&c, in);
    else if (how == 1)
        verify_changed(&c, tokens[fuzz_choose(&in, TOKENS)], in);
    else if (how == 2)
        verify_claims(&c, tokens[fuzz_choose(&in, TOKENS)], in);
    else if (how == 3)
        verify_signed(&c, in);
    else
        try_base64(&arena, in);
    arena_free(&arena);
    return 0;
}
