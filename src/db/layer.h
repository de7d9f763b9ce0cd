/* A file between SQLite and the file system (https://www.sqlite.org/vfs.html) that hands everything
 * on to the file below it. Who looks at what passes begins with a copy of these methods. */
#ifndef DB_LAYER_H
#define DB_LAYER_H

#include <sqlite3.h>

/* In front of whatever else is kept of an open file. */
struct layer {
    sqlite3_file base;
    sqlite3_file *below;
};

/* Version 2, which has no xFetch: a page that is mapped would pass unseen. */
extern const sqlite3_io_methods layer_methods;

#endif
