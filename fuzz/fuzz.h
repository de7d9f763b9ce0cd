/* What the targets share. A target is one file with one LLVMFuzzerTestOneInput: libFuzzer calls it
 * with inputs of its making (`make fuzz`), replay.c with those in files (`make test`). What must
 * hold is an ASSERT; a target returns 0, and leaves nothing behind that the next input could see.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Chooses among `n` by one byte off the front, so that the fuzzer steers; 0 when nothing is left.
 */
static inline unsigned fuzz_choose(struct text *in, unsigned n) {
    if (in->size == 0)
        return 0;
    in->size--;
    return (uint8_t)*in->at++ % n;
}

/* What stands before the next line feed, taken off with it; empty when nothing is left. */
static inline struct text fuzz_line(struct text *in) {
    struct text line = {0};
    text_split(in, '\n', &line);
    return line;
}

/* A fork of one input's bytes with nothing around them, so that a read past them is seen. */
static inline struct text fuzz_exact(struct arena *arena, struct text t) {
    char *at = arena_alloc(arena, t.size);
    if (t.size > 0)
        memcpy(at, t.at, t.size);
    return (struct text){at, t.size};
}

#endif
