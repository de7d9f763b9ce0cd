/* Custom social walls, kept by staff. */
#include "api/routes.h"
#include "core/catalog.h"
#include "core/wall.h"

enum err api_add_wall(struct call *c, const struct add_wall_input *in) {
    struct wall wall;
    TRY(wall_put(&c->ctx, in->user_id.value, (int)in->network.value, in->wall_url.value,
                 in->description.value, &wall));
    call_success(c, "Custom social wall added successfully");
    return OK;
}

static void encode_wall(struct json *j, const struct wall *w) {
    json_open_object(j);
    json_key_int(j, "id", w->id);
    json_key_text(j, "network", catalog_network_code(w->network));
    json_key_text(j, "wall_url", w->url);
    json_key_text(j, "description", w->description);
    json_key_time(j, "created_at", w->created_at);
    json_key_time(j, "updated_at", w->updated_at);
    json_close_object(j);
}

enum err api_list_walls(struct call *c, const struct user_input *in) {
    struct account account;
    struct wall *walls;
    size_t count;
    TRY(account_load(&c->ctx, in->user_id.value, &account));
    TRY(wall_list(&c->ctx, account.id, &walls, &count));
    struct json *j = &c->out;
    json_open_object(j);
    json_key_int(j, "user_id", account.id);
    json_key(j, "social_walls");
    json_open_array(j);
    for (size_t i = 0; i < count; i++)
        encode_wall(j, &walls[i]);
    json_close_array(j);
    json_close_object(j);
    return OK;
}

enum err api_remove_wall(struct call *c, const struct remove_wall_input *in) {
    TRY(wall_remove(&c->ctx, in->user_id.value, in->wall_id.value));
    call_success(c, "Custom social wall removed successfully");
    return OK;
}
