#include "base/error.h"
#include "base/json.h"
#include "http/http.h"
#include "http/reply.h"

const char reply_json[32] = "application/json; charset=utf-8";

/* Control characters are left out, so that no value can begin another header. */
void response_header(struct http_response *r, const char *name, struct text value) {
    buffer_add_text(&r->headers, text_of(name));
    buffer_add_text(&r->headers, TEXT(": "));
    for (size_t i = 0; i < value.size; i++)
        if ((unsigned char)value.at[i] >= ' ' && value.at[i] != 0x7f)
            buffer_add_char(&r->headers, value.at[i]);
    buffer_add_text(&r->headers, TEXT("\r\n"));
}

static void add_error_headers(struct http_response *r, enum err e, int64_t retry) {
    if (r->status == 401)
        response_header(r, "WWW-Authenticate",
                        e == ERR_TOKEN_INVALID ? TEXT("Bearer error=\"invalid_token\"")
                                               : TEXT("Bearer"));
    if (r->status == 429 || r->status == 503)
        buffer_format(&r->headers, "Retry-After: %lld\r\n", (long long)(retry > 1 ? retry : 1));
}

void response_error(struct http_response *r, enum err e, const char *field, const char *message,
                    int64_t retry) {
    const struct error_info *info = error_info(e);
    r->status = info->status;
    r->content_type = reply_json;
    r->cacheable = false;
    buffer_clear(&r->body, HTTP_KEEP_SIZE);
    struct json j = json_writer(&r->body);
    json_open_object(&j);
    json_key_cstr(&j, "error", info->code);
    json_key_cstr(&j, "message", message ? message : info->message);
    if (field != NULL || info->field != NULL)
        json_key_cstr(&j, "field", field ? field : info->field);
    json_close_object(&j);
    add_error_headers(r, e, retry);
}
