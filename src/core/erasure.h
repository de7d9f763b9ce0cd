/* What is remembered of erased accounts: their ids, so that the restore of an older backup does not
 * bring them back.
 *
 * The transaction that erases an account notes its id in the table `erasures`, and before anybody
 * is told it is added to the journal, a file outside the database (journal.h). At start the two are
 * brought together: what the journal alone knows has come back with a backup and is erased again,
 * what the table alone knows was written by another node, or just before a crash, and is added to
 * the journal. Several nodes have a journal each. An account that was made after the time of the
 * entry is somebody else, and left alone; ids go on behind the largest in the journal. */
#ifndef CORE_ERASURE_H
#define CORE_ERASURE_H

#include "core/core.h"

/* Remembers erasures in the file at `path`, which need not be there yet and must outlive the core;
 * erasure_close is core_close's. ERR_UNAVAILABLE, logged: it cannot be read or is not of this
 * database. */
enum err erasure_open(struct ctx *c, const char *path);
void erasure_close(struct core *core);

/* Brings table and journal together; *again is the number of accounts that were there and had to be
 * erased. Before anybody is served. Own transactions, waited for. */
enum err erasure_reconcile(struct ctx *c, int64_t *again);

/* Adds to the journal what others have erased. Called every few seconds by the server's
 * housekeeper. */
enum err erasure_housekeeping(struct ctx *c);

/* The part of account_erase inside its transaction … */
enum err erasure_record(struct ctx *c, int64_t user_id);
/* … and the one after it: waits for the disk, then adds to the journal. When that fails, the
 * account is erased all the same, and the housekeeper tries again. */
enum err erasure_remember(struct ctx *c, int64_t user_id);

#endif
