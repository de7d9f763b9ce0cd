/* Threads that run handlers away from the loops, and their bounded queues. */
#ifndef HTTP_LANE_H
#define HTTP_LANE_H

#include "base/error.h"
#include "http/http.h"

struct flight;
struct http_server;
struct lanes;

/* Starts the threads of all lanes and waits until each has its state. */
enum err lanes_start(struct lanes **out, struct http_server *server);

/* False: the queue is full. `lane` must have threads. */
bool lanes_push(struct lanes *lanes, enum lane lane, struct flight *f);

/* Whether the lane has threads of its own; else its handlers run on the loop. */
bool lanes_has(const struct lanes *lanes, enum lane lane);

/* How many wait for the lane, and how many may. */
void lanes_depth(struct lanes *lanes, enum lane lane, unsigned *depth, unsigned *limit);

/* Its name: "read". */
const char *lane_name(enum lane lane);

/* Empties the queues: each flight is refused and goes back to its loop. */
void lanes_cancel(struct lanes *lanes);

/* Ends the threads, after what is queued. */
void lanes_stop(struct lanes *lanes);

#endif
