/* Files that are part of the program: migrations and data, put in by tools/embed.py. */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include <stddef.h>

#include "base/text.h"

struct embedded {
    const char *name; /* file name without folder; NULL ends a list */
    const char *begin, *end;
};

static inline struct text embedded_text(const struct embedded *e) {
    return (struct text){e->begin, (size_t)(e->end - e->begin)};
}

/* The file `name` of a list, behind the lines at its top that begin with '#'. It must be there,
 * and end in a line feed. */
struct text embedded_rows(const struct embedded *list, const char *name);

extern const struct embedded embedded_migrations[]; /* migrations/, in order of their names */
extern const struct embedded embedded_data[];       /* data/ */
extern const struct embedded embedded_site[];       /* what browsers and tools are served */

#endif
