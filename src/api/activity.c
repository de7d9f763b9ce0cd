/* /api/user/activity/: what the platform's other services report. */
#include "core/activity.h"
#include "api/routes.h"

enum err api_report_activity(struct call *c, const struct activity_input *in) {
    struct activity event = {
        .event_id = in->event_id.value,
        .campaigns = in->campaigns.value,
        .earnings = in->earnings.value,
        .posts = in->posts.value,
        .likes = in->likes_received.value,
        .comments = in->comments_received.value,
    };
    bool applied;
    TRY(activity_apply(&c->ctx, in->user_id.value, &event, &applied, &c->field));
    call_success(c, applied ? "Activity recorded" : "Activity already recorded");
    return OK;
}
