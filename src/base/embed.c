#include "base/embed.h"

#include "base/log.h"

struct text embedded_rows(const struct embedded *list, const char *name) {
    while (list->name && strcmp(list->name, name) != 0)
        list++;
    ASSERT(list->name);
    struct text body = embedded_text(list), line;
    ASSERT(body.size > 0 && body.at[body.size - 1] == '\n');
    for (struct text rest = body; body.size && body.at[0] == '#'; body = rest)
        text_split(&rest, '\n', &line);
    return body;
}
