#include "core/origin.h"

#include "base/unicode.h"

#define USER_AGENT_MAX 512

struct text origin_address(struct arena *arena, const struct origin *origin) {
    static const struct address unknown;
    if (!memcmp(&origin->address, &unknown, sizeof unknown))
        return (struct text){0};
    char out[ADDRESS_TEXT_SIZE];
    address_format(&origin->address, out);
    return text_copy(arena, text_of(out));
}

struct text origin_agent(struct arena *arena, const struct origin *origin) {
    struct text cut = origin->user_agent;
    if (cut.size > USER_AGENT_MAX) {
        cut.size = USER_AGENT_MAX;
        while (cut.size && ((uint8_t)cut.at[cut.size] & 0xC0) == 0x80)
            cut.size--;
    }
    if (unicode_valid(cut) && !unicode_has_control(cut, false))
        return cut;
    char *ascii = arena_alloc(arena, cut.size + 1);
    for (size_t i = 0; i < cut.size; i++)
        ascii[i] = cut.at[i] >= ' ' && cut.at[i] <= '~' ? cut.at[i] : '?';
    return (struct text){ascii, cut.size};
}
