#include "http/route.h"

#include <stdlib.h>

#include "base/log.h"

/* A trie by segment. The root is node 0; all edges with literals live in one hash table. */
struct node {
    unsigned capture;   /* child for any segment; 0: none */
    unsigned first_row; /* 1 + index of a row that ends here; 0: none */
};

struct edge {
    struct text segment; /* part of a row's path */
    unsigned from, to;   /* `to` 0: the slot is free */
};

struct router {
    const struct route_row *rows;
    unsigned *next_row; /* for each row, 1 + index of the next one of its node; 0: last */
    struct node *nodes;
    unsigned node_count;
    struct edge *edges;
    unsigned edge_mask; /* number of slots, a power of two, less one */
};

/* FNV-1a. */
static unsigned hash_of(unsigned from, struct text segment) {
    uint32_t h = 2166136261u ^ (from * 0x9e3779b1u);
    for (size_t i = 0; i < segment.size; i++)
        h = (h ^ (unsigned char)segment.at[i]) * 16777619u;
    return h ^ (h >> 15);
}

/* The edge, or the free slot where it would be. */
static struct edge *edge_of(const struct router *r, unsigned from, struct text segment) {
    unsigned i = hash_of(from, segment) & r->edge_mask;
    while (r->edges[i].to != 0 &&
           (r->edges[i].from != from || !text_equal(r->edges[i].segment, segment)))
        i = (i + 1) & r->edge_mask;
    return &r->edges[i];
}

/* The first segment of *rest, which begins with a slash or is used up. */
static bool next_segment(struct text *rest, struct text *segment) {
    if (rest->size <= 1)
        return false;
    const char *at = rest->at + 1;
    const char *slash = memchr(at, '/', rest->size - 1);
    size_t size = slash ? (size_t)(slash - at) : rest->size - 1;
    *segment = (struct text){at, size};
    *rest = (struct text){at + size, rest->size - 1 - size};
    return true;
}

static bool is_capture(struct text segment) {
    return segment.size > 2 && segment.at[0] == '{' && segment.at[segment.size - 1] == '}';
}

static unsigned child_for(struct router *r, unsigned from, struct text segment) {
    if (is_capture(segment)) {
        if (r->nodes[from].capture == 0)
            r->nodes[from].capture = r->node_count++;
        return r->nodes[from].capture;
    }
    struct edge *e = edge_of(r, from, segment);
    if (e->to == 0)
        *e = (struct edge){segment, from, r->node_count++};
    return e->to;
}

static void add_to_node(struct router *r, struct node *node, unsigned index) {
    const struct route_row *row = &r->rows[index];
    unsigned *link = &node->first_row;
    for (; *link != 0; link = &r->next_row[*link - 1]) {
        const struct route_row *other = &r->rows[*link - 1];
        if (other->method == row->method && (other->surfaces & row->surfaces) != 0)
            log_fatal("routes clash: %s and %s", other->path, row->path);
    }
    *link = index + 1;
}

static void add_row(struct router *r, unsigned index) {
    struct text rest = text_of(r->rows[index].path), segment;
    ASSERT(rest.size > 0 && rest.at[0] == '/');
    unsigned node = 0, captures = 0;
    while (next_segment(&rest, &segment)) {
        ASSERT(segment.size > 0);
        captures += is_capture(segment);
        node = child_for(r, node, segment);
    }
    ASSERT(captures <= HTTP_PARAMS_MAX);
    add_to_node(r, &r->nodes[node], index);
}

static unsigned count_segments(const struct route_row *rows, unsigned count) {
    unsigned n = 0;
    for (unsigned i = 0; i < count; i++)
        for (const char *at = rows[i].path; *at != '\0'; at++)
            n += *at == '/';
    return n;
}

static void *allocate(size_t count, size_t size) {
    void *p = calloc(count, size);
    if (p == NULL)
        log_out_of_memory(0);
    return p;
}

struct router *router_new(const struct route_row *rows, unsigned count) {
    struct router *r = allocate(1, sizeof *r);
    unsigned segments = count_segments(rows, count), slots = 16;
    while (slots < 4 * segments)
        slots *= 2;
    r->rows = rows;
    r->next_row = allocate(count + 1, sizeof *r->next_row);
    r->nodes = allocate(segments + 1, sizeof *r->nodes);
    r->node_count = 1;
    r->edges = allocate(slots, sizeof *r->edges);
    r->edge_mask = slots - 1;
    for (unsigned i = 0; i < count; i++)
        add_row(r, i);
    return r;
}

void router_free(struct router *r) {
    if (r == NULL)
        return;
    free(r->next_row);
    free(r->nodes);
    free(r->edges);
    free(r);
}

static bool serves(const struct router *r, unsigned node, unsigned surfaces) {
    for (unsigned i = r->nodes[node].first_row; i != 0; i = r->next_row[i - 1])
        if (r->rows[i - 1].surfaces & surfaces)
            return true;
    return false;
}

/* The node that `rest` leads to from `node` and that serves `surfaces`; 0 when there is none, or
 * the root. A literal that leads nowhere does not hide a capture that leads somewhere. */
static unsigned descend(const struct router *r, unsigned node, struct text rest, unsigned surfaces,
                        struct text *params) {
    struct text segment;
    while (next_segment(&rest, &segment)) {
        unsigned literal = edge_of(r, node, segment)->to;
        unsigned capture = segment.size > 0 ? r->nodes[node].capture : 0;
        if (literal != 0 && capture != 0) {
            unsigned found = descend(r, literal, rest, surfaces, params);
            if (found != 0)
                return found;
            literal = 0;
        }
        if (literal == 0 && capture == 0)
            return 0;
        if (literal == 0)
            *params++ = segment;
        node = literal ? literal : capture;
    }
    return serves(r, node, surfaces) ? node : 0;
}

static unsigned allowed(const struct router *r, unsigned node, unsigned surfaces) {
    unsigned methods = HTTP_OPTIONS;
    for (unsigned i = r->nodes[node].first_row; i != 0; i = r->next_row[i - 1])
        if (r->rows[i - 1].surfaces & surfaces)
            methods |= r->rows[i - 1].method;
    return methods & HTTP_GET ? methods | HTTP_HEAD : methods;
}

static bool answers(const struct route_row *row, enum http_method method) {
    return row->method == method || (method == HTTP_HEAD && row->method == HTTP_GET);
}

enum route_result router_find(const struct router *r, enum http_method method, struct text path,
                              unsigned surfaces, unsigned *index,
                              struct text params[HTTP_PARAMS_MAX], unsigned *allow) {
    unsigned node = descend(r, 0, path, surfaces, params);
    if (node == 0 && !(path.size == 1 && serves(r, 0, surfaces)))
        return ROUTE_UNKNOWN;
    *allow = allowed(r, node, surfaces);
    for (unsigned i = r->nodes[node].first_row; i != 0; i = r->next_row[i - 1]) {
        const struct route_row *row = &r->rows[i - 1];
        if ((row->surfaces & surfaces) && answers(row, method)) {
            *index = i - 1;
            return ROUTE_FOUND;
        }
    }
    return ROUTE_WRONG_METHOD;
}

bool router_is_literal(const struct router *r, struct text segment) {
    for (unsigned node = 0; node < r->node_count; node++)
        if (r->nodes[node].capture != 0 && edge_of(r, node, segment)->to != 0)
            return true;
    return false;
}
