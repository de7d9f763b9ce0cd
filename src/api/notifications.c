/* The inbox: reading it, marking it read, and what staff send and see there. */
#include "api/encode.h"
#include "api/page.h"
#include "api/routes.h"
#include "core/notification.h"

/* `read_at` of each only for staff: the API's document gives whose inbox it is no such key. */
static enum err write_inbox(struct call *c, int64_t user_id, struct page page, bool read_at) {
    struct notification *rows;
    size_t count;
    int64_t total, unread;
    TRY(notification_page(&c->ctx, user_id, page.limit, page.offset, &rows, &count, &total,
                          &unread));
    struct json *j = &c->out;
    json_open_object(j);
    json_key(j, "notifications");
    json_open_array(j);
    for (size_t i = 0; i < count; i++) {
        json_open_object(j);
        encode_notification(j, &rows[i]);
        if (read_at)
            json_key_time(j, "read_at", rows[i].read_at);
        json_close_object(j);
    }
    json_close_array(j);
    page_encode(j, &page, total);
    json_key_int(j, "unread", unread);
    json_close_object(j);
    return OK;
}

enum err api_notification_history(struct call *c, const struct history_input *in) {
    return write_inbox(c, c->caller.user_id, page_of(in->page, in->limit), false);
}

enum err api_account_notifications(struct call *c, const struct account_inbox_input *in) {
    return write_inbox(c, in->user_id.value, page_of(in->page, in->limit), true);
}

/* `all` wins over ids. An empty list of ids is not "all": it is refused like a missing one. */
enum err api_notifications_read(struct call *c, const struct notifications_read_input *in) {
    size_t count = in->all.value ? 0 : in->id.count;
    if (!in->all.value && count == 0)
        return call_invalid(c, "id", "This field is required unless all is true");

    int64_t updated;
    TRY(notification_read(&c->ctx, c->caller.user_id, in->id.at, count, &updated));
    json_open_object(&c->out);
    json_key_cstr(&c->out, "status", "success");
    json_key_cstr(&c->out, "message", "Notifications marked as read");
    json_key_int(&c->out, "updated", updated);
    json_close_object(&c->out);
    return OK;
}

enum err api_send_notification(struct call *c, const struct send_notification_input *in) {
    struct new_notification notification = {
        .title = in->title.value,
        .message = in->message.value,
        .type = in->type.value,
        .code = in->code.given ? (int)in->code.value : -1,
        .data = in->data.value,
    };
    bool delivered;
    TRY(notification_send(&c->ctx, in->user_id.value, &notification, &delivered));
    json_open_object(&c->out);
    json_key_cstr(&c->out, "status", "success");
    json_key_cstr(&c->out, "message", "Notification sent successfully");
    if (!delivered)
        json_key_bool(&c->out, "delivered", false);
    json_close_object(&c->out);
    return OK;
}
