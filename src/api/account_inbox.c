/* What has been sent to one account, for staff. */
#include "api/encode.h"
#include "api/page.h"
#include "api/routes.h"

enum err api_account_notifications(struct call *c, const struct account_inbox_input *in) {
    struct page page = page_of(in->page, in->limit);
    struct notification *rows;
    size_t count;
    int64_t total, unread;
    TRY(notification_page(&c->ctx, in->user_id.value, page.limit, page.offset, &rows, &count,
                          &total, &unread));
    struct json *j = &c->out;
    json_open_object(j);
    json_key(j, "notifications");
    json_open_array(j);
    for (size_t i = 0; i < count; i++) {
        json_open_object(j);
        encode_notification(j, &rows[i]);
        json_key_time(j, "read_at", rows[i].read_at);
        json_close_object(j);
    }
    json_close_array(j);
    page_encode(j, &page, total);
    json_key_int(j, "unread", unread);
    json_close_object(j);
    return OK;
}
