/* Between connections and the service: who runs a request, and how it comes back. */
#ifndef HTTP_DISPATCH_H
#define HTTP_DISPATCH_H

struct flight;

/* Routes a whole request and runs it or hands it on. f->done when it is answered already; else it
 * will come back through the mailbox. */
void dispatch(struct flight *f);

/* Runs a flight of a lane without threads, here on its loop. Then as dispatch. */
void dispatch_here(struct flight *f);

/* The lane will not have it: 503. */
void dispatch_refuse(struct flight *f);

#endif
