/* Custom social walls, kept by staff. */
#include "api/encode.h"
#include "api/routes.h"

enum err api_add_wall(struct call *c, const struct add_wall_input *in) {
    struct wall wall;
    TRY(wall_put(&c->ctx, in->user_id.value, (int)in->network.value, in->wall_url.value,
                 in->description.value, &wall));
    call_success(c, "Custom social wall added successfully");
    return OK;
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
