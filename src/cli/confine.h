/* What a server gives up so that whoever takes it over has little of it: a core dump with keys in
 * it, the rights it was started with, and the system calls that it has no use for. */
#ifndef CLI_CONFINE_H
#define CLI_CONFINE_H

#include <stdbool.h>

/* Keeps the memory of this process out of core dumps and from other processes of the same user, and
 * prepares locked memory for keys (base/locked.h, and OpenSSL's). Before anything is secret. */
void confine_memory(void);

/* Becomes the user of that name, with its groups, for good. Before any thread is started. False,
 * logged: there is no such user, it is root, only root can do that, or rights were left. Nothing to
 * do, and true, when it is that user already. */
bool confine_user(const char *name);

/* Limits all threads, and those to come, to the system calls that a server needs (seccomp):
 * starting programs and getting at other processes, the kernel or somebody else's rights kills the
 * process, anything else unknown is answered as an older kernel would (ENOSYS). No memory becomes
 * executable any more. Where the kernel has no seccomp, the log says so. */
void confine_calls(void);

#endif
