/* The seccomp filter: an allow-list. What is on it was found by running all tests with a filter
 * that kills (tests/api/test_confine.py, docs/hardening.md). */
#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/log.h"
#include "cli/confine.h"

/* A sanitizer's runtime stops all threads from a process of its own to look for leaks. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define CALL(name) SCMP_SYS(name)

static const int allowed[] = {
    /* descriptors and files */
    CALL(read),
    CALL(write),
    CALL(readv),
    CALL(writev),
    CALL(pread64),
    CALL(pwrite64),
    CALL(preadv),
    CALL(pwritev),
    CALL(open),
    CALL(openat),
    CALL(close),
    CALL(close_range),
    CALL(dup),
    CALL(dup2),
    CALL(dup3),
    CALL(fcntl),
    CALL(flock),
    CALL(lseek),
    CALL(fsync),
    CALL(fdatasync),
    CALL(sync_file_range),
    CALL(ftruncate),
    CALL(fallocate),
    CALL(fadvise64),
    CALL(stat),
    CALL(fstat),
    CALL(lstat),
    CALL(newfstatat),
    CALL(statx),
    CALL(statfs),
    CALL(fstatfs),
    CALL(access),
    CALL(faccessat),
    CALL(faccessat2),
    CALL(readlink),
    CALL(readlinkat),
    CALL(getcwd),
    CALL(getdents64),
    CALL(unlink),
    CALL(unlinkat),
    CALL(rename),
    CALL(renameat),
    CALL(renameat2),
    CALL(mkdir),
    CALL(fchmod),
    CALL(fchown),
    CALL(umask),
    CALL(utimensat),
    CALL(pipe2),
    CALL(eventfd2),
    CALL(msync),
    /* waiting */
    CALL(poll),
    CALL(ppoll),
    CALL(select),
    CALL(pselect6),
    CALL(epoll_create1),
    CALL(epoll_ctl),
    CALL(epoll_wait),
    CALL(epoll_pwait),
    CALL(epoll_pwait2),
    CALL(nanosleep),
    CALL(clock_nanosleep),
    CALL(restart_syscall),
    CALL(sched_yield),
    /* sockets; which families, see below */
    CALL(connect),
    CALL(bind),
    CALL(listen),
    CALL(accept),
    CALL(accept4),
    CALL(getsockname),
    CALL(getpeername),
    CALL(sendto),
    CALL(recvfrom),
    CALL(sendmsg),
    CALL(recvmsg),
    CALL(sendmmsg),
    CALL(recvmmsg),
    CALL(shutdown),
    CALL(setsockopt),
    CALL(getsockopt),
    /* memory; none that is executable, see below */
    CALL(munmap),
    CALL(mremap),
    CALL(madvise),
    CALL(brk),
    CALL(mlock),
    CALL(mlock2),
    CALL(munlock),
    /* threads and signals; that clone makes no process, see below */
    CALL(futex),
    CALL(futex_waitv),
    CALL(set_robust_list),
    CALL(rseq),
    CALL(sched_getaffinity),
    CALL(sched_getparam),
    CALL(sched_getscheduler),
    CALL(setpriority),
    CALL(getpriority),
    CALL(rt_sigaction),
    CALL(rt_sigprocmask),
    CALL(rt_sigreturn),
    CALL(rt_sigtimedwait),
    CALL(sigaltstack),
    CALL(tgkill),
    CALL(gettid),
    CALL(getpid),
    CALL(getppid),
    CALL(exit),
    CALL(exit_group),
    CALL(membarrier),
    CALL(set_tid_address),
    /* facts */
    CALL(clock_gettime),
    CALL(clock_getres),
    CALL(gettimeofday),
    CALL(time),
    CALL(times),
    CALL(getrandom),
    CALL(uname),
    CALL(sysinfo),
    CALL(getrlimit),
    CALL(getrusage),
    CALL(getuid),
    CALL(geteuid),
    CALL(getgid),
    CALL(getegid),
    CALL(getgroups),
    CALL(getcpu),
};

/* Nothing but an attack asks for these. */
static const int deadly[] = {
    CALL(execve),
    CALL(execveat),
    CALL(fork),
    CALL(vfork),
    CALL(process_vm_readv),
    CALL(process_vm_writev),
    CALL(pidfd_getfd),
    CALL(pidfd_open),
    CALL(kcmp),
    CALL(setuid),
    CALL(setgid),
    CALL(setreuid),
    CALL(setregid),
    CALL(setresuid),
    CALL(setresgid),
    CALL(setgroups),
    CALL(setfsuid),
    CALL(setfsgid),
    CALL(capset),
    CALL(personality),
    CALL(chroot),
    CALL(pivot_root),
    CALL(mount),
    CALL(umount2),
    CALL(open_tree),
    CALL(move_mount),
    CALL(fsopen),
    CALL(fsmount),
    CALL(unshare),
    CALL(setns),
    CALL(bpf),
    CALL(perf_event_open),
    CALL(userfaultfd),
    CALL(io_uring_setup),
    CALL(init_module),
    CALL(finit_module),
    CALL(delete_module),
    CALL(kexec_load),
    CALL(kexec_file_load),
    CALL(reboot),
    CALL(swapon),
    CALL(swapoff),
    CALL(acct),
    CALL(iopl),
    CALL(ioperm),
    CALL(modify_ldt),
    CALL(settimeofday),
    CALL(clock_settime),
    CALL(adjtimex),
    CALL(clock_adjtime),
    CALL(mknod),
    CALL(mknodat),
    CALL(open_by_handle_at),
    CALL(memfd_create),
    CALL(memfd_secret),
    CALL(seccomp),
};

/* What a sanitizer's runtime needs besides. */
static const int sanitizers[] = {CALL(clone),      CALL(ptrace),    CALL(wait4),     CALL(mmap),
                                 CALL(mprotect),   CALL(prctl),     CALL(prlimit64), CALL(kill),
                                 CALL(arch_prctl), CALL(setitimer), CALL(getdents)};

static bool add_list(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (seccomp_rule_add(filter, action, calls[i], 0) != 0)
            return false;
    return true;
}

/* One rule of the filter: `call` where its argument number `argument`, of which `mask` is looked
 * at, is `value`. */
struct rule {
    int call;
    unsigned argument;
    uint64_t mask, value;
};

#define WORD UINT32_MAX /* the kernel looks at so much of an int */

static const struct rule rules[] = {
    {CALL(socket), 0, WORD, AF_UNIX},
    {CALL(socket), 0, WORD, AF_INET},
    {CALL(socket), 0, WORD, AF_INET6},
    {CALL(socket), 0, WORD, AF_NETLINK}, /* getaddrinfo asks which families the machine has */
    {CALL(socketpair), 0, WORD, AF_UNIX},
    {CALL(mmap), 2, PROT_EXEC, 0},
    {CALL(mprotect), 2, PROT_EXEC, 0},
    {CALL(clone), 0, 0x00010000, 0x00010000}, /* CLONE_THREAD */
    {CALL(prlimit64), 0, WORD, 0},
    {CALL(prctl), 0, WORD, PR_SET_NAME},
    {CALL(prctl), 0, WORD, PR_GET_DUMPABLE},
    {CALL(prctl), 0, WORD, 0x53564d41}, /* PR_SET_VMA: glibc names its memory */
    {CALL(ioctl), 1, WORD, FIONBIO},
    {CALL(ioctl), 1, WORD, FIOCLEX},
    {CALL(ioctl), 1, WORD, FIONREAD},
    {CALL(ioctl), 1, WORD, TCGETS}, /* is it a terminal? */
};

static bool is_for_sanitizers(int call) {
    for (size_t i = 0; SANITIZED && i < sizeof sanitizers / sizeof *sanitizers; i++)
        if (sanitizers[i] == call)
            return true;
    return false;
}

static bool add_rules(scmp_filter_ctx filter) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *r = &rules[i];
        if (is_for_sanitizers(r->call))
            continue;
        struct scmp_arg_cmp match = SCMP_CMP64(r->argument, SCMP_CMP_MASKED_EQ, r->mask, r->value);
        if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, r->call, 1, &match) != 0)
            return false;
    }
    return true;
}

/* clone3 says what it is to do in memory, where no filter can look: glibc then uses clone. */
static bool fill(scmp_filter_ctx filter) {
    return seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
           seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 &&
           add_list(filter, SCMP_ACT_ALLOW, allowed, sizeof allowed / sizeof *allowed) &&
           add_list(filter, SCMP_ACT_KILL_PROCESS, deadly, sizeof deadly / sizeof *deadly) &&
           (SANITIZED ? add_list(filter, SCMP_ACT_ALLOW, sanitizers,
                                 sizeof sanitizers / sizeof *sanitizers)
                      : seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, CALL(ptrace), 0) == 0) &&
           add_rules(filter);
}

void confine_calls(void) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!filter || !fill(filter))
        log_fatal("the filter of system calls cannot be made");
    int e = seccomp_load(filter);
    if (e != 0)
        log_line(LOG_WARN, "system calls are not filtered: %s", strerrordesc_np(-e));
    seccomp_release(filter);
}
