/* Cursors and other sealed values: seal() and unseal() of core/token.h. What is unsealed was sealed
 * here, for that purpose, with that content; a changed seal is none. */
#include "served.h"

#include "base/digest.h"

#define PURPOSE "follows"

static struct text known, known_value;

static void start(void) {
    if (served.f != NULL)
        return;
    served_start();
    known_value = TEXT("4611686018427387904");
    known = text_copy(&served.f->arena, seal(&served.f->c, PURPOSE, known_value));
}

static void must_fail(struct ctx *c, struct text sealed) {
    struct text value;
    ASSERT(unseal(c, PURPOSE, sealed, &value) == ERR_MALFORMED);
}

/* Whatever is sealed comes back, and for no other purpose. */
static void try_sealing(struct ctx *c, struct text value) {
    struct text back, sealed = seal(c, PURPOSE, value);
    ASSERT(unseal(c, PURPOSE, sealed, &back) == OK && text_equal(back, value));
    ASSERT(unseal(c, "Follows", sealed, &back) == ERR_MALFORMED);
    ASSERT(unseal(c, "", sealed, &back) == ERR_MALFORMED);
    must_fail(c, (struct text){sealed.at, sealed.size - 1});
}

/* Other bytes below the same text form. */
static void try_changed(struct ctx *c, struct text changes) {
    uint8_t box[256];
    size_t size;
    ASSERT(base64url_decode(known, box, sizeof box, &size));
    bool changed = false;
    while (changes.size > 1) {
        size_t place = fuzz_choose(&changes, 256) % size;
        uint8_t flip = (uint8_t)fuzz_choose(&changes, 256);
        box[place] ^= flip;
    }
    struct text sealed = base64url_encode(c->arena, box, size), value;
    changed = !text_equal(sealed, known);
    enum err e = unseal(c, PURPOSE, sealed, &value);
    ASSERT(changed ? e == ERR_MALFORMED : e == OK && text_equal(value, known_value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text in = {(const char *)data, size};
    struct arena arena = {0};
    start();
    struct ctx c = served_context(&arena);
    unsigned how = fuzz_choose(&in, 4);
    if (how == 0)
        must_fail(&c, in);
    else if (how == 1)
        must_fail(&c, base64url_encode(&arena, in.at, in.size));
    else if (how == 2)
        try_changed(&c, in);
    else
        try_sealing(&c, in);
    arena_free(&arena);
    return 0;
}
