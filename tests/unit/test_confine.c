#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/locked.h"
#include "base/log.h"
#include "base/random.h"
#include "cli/confine.h"

/* ---- System calls ---------------------------------------------------------------------------- */

#define DONE 42

/* valgrind does not know seccomp(2). */
static void skip_under_valgrind(void) {
    if (getenv("ROLLCALL_TEST_VALGRIND"))
        skip();
}

/* What becomes of a process that puts the filter on and then does this: DONE, another exit status,
 * or minus the signal that killed it. */
static int confined(int (*act)(void)) {
    skip_under_valgrind();
    int wstatus;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        confine_calls();
        _exit(act());
    }
    assert_int_equal(waitpid(child, &wstatus, 0), child);
    return WIFSIGNALED(wstatus) ? -WTERMSIG(wstatus) : WEXITSTATUS(wstatus);
}

static int start_a_program(void) {
    char name[] = "true", *argv[] = {name, NULL}, *envp[] = {NULL};
    execve("/bin/true", argv, envp);
    return errno;
}
static int read_another_process(void) {
    char byte;
    struct iovec here = {&byte, 1}, there = {&byte, 1};
    return process_vm_readv(getppid(), &here, 1, &there, 1, 0) < 0 ? errno : DONE;
}
static int become_root(void) {
    return syscall(SYS_setresuid, 0, 0, 0) < 0 ? errno : DONE;
}
static int load_a_module(void) {
    return syscall(SYS_init_module, NULL, 0, "") < 0 ? errno : DONE;
}
static int run_code_without_a_file(void) {
    return syscall(SYS_memfd_create, "x", 0) < 0 ? errno : DONE;
}
static int change_the_root(void) {
    return chroot("/") < 0 ? errno : DONE;
}
static int leave_the_namespace(void) {
    return unshare(CLONE_NEWUSER) < 0 ? errno : DONE;
}
static int load_a_program_into_the_kernel(void) {
    return syscall(SYS_bpf, 0, NULL, 0) < 0 ? errno : DONE;
}

static void what_only_an_attack_asks_for_kills(void **state) {
    (void)state;
    int (*const acts[])(void) = {start_a_program,     read_another_process,
                                 become_root,         load_a_module,
                                 change_the_root,     run_code_without_a_file,
                                 leave_the_namespace, load_a_program_into_the_kernel};
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        assert_int_equal(confined(acts[i]), -SIGSYS);
}

/* Unused on purpose, and no error in themselves. */
static int what_a_server_has_no_use_for(void) {
    return syscall(SYS_sync) < 0 ? errno : DONE;
}
static int open_a_raw_socket(void) {
    return socket(AF_PACKET, SOCK_RAW, 0) < 0 ? errno : DONE;
}

static void what_else_is_unknown_is_not_there(void **state) {
    (void)state;
    assert_int_equal(confined(what_a_server_has_no_use_for), ENOSYS);
    assert_int_equal(confined(open_a_raw_socket), ENOSYS);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static int make_a_process(void) {
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return child < 0 ? errno : DONE;
}
static int map_code(void) {
    void *p =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? errno : DONE;
}
static int make_code_of_data(void) {
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mprotect(p, 4096, PROT_READ | PROT_EXEC) < 0 ? errno : DONE;
}
static int trace(void) {
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) < 0 ? errno : DONE;
}
#endif

/* Of these a sanitizer's own runtime has need. */
static void nothing_new_can_be_run(void **state) {
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip();
#else
    assert_int_equal(confined(make_a_process), ENOSYS);
    assert_int_equal(confined(map_code), ENOSYS);
    assert_int_equal(confined(make_code_of_data), ENOSYS);
    assert_int_equal(confined(trace), -SIGSYS);
#endif
}

static void *nothing(void *self) {
    return self;
}

/* A thread, a file, a socket, a name to be looked up: what a running server goes on doing. */
static int work(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0)
        return 1;
    FILE *file = fopen("/etc/hosts", "r");
    if (!file || fclose(file) != 0)
        return 2;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || close(fd) != 0)
        return 3;
    void *key = locked_alloc(64);
    locked_free(key);
    return DONE;
}

static void a_server_can_go_on(void **state) {
    (void)state;
    assert_int_equal(confined(work), DONE);
}

/* The filter is for threads that are there already, too. */
static void *start_program_here(void *barrier) {
    pthread_barrier_wait(barrier);
    pthread_barrier_wait(barrier);
    return start_a_program() ? NULL : barrier;
}

static void other_threads_have_it_too(void **state) {
    (void)state;
    skip_under_valgrind();
    int wstatus;
    pid_t child = fork();
    if (child == 0) {
        pthread_barrier_t barrier;
        pthread_t thread;
        pthread_barrier_init(&barrier, NULL, 2);
        pthread_create(&thread, NULL, start_program_here, &barrier);
        pthread_barrier_wait(&barrier);
        confine_calls();
        pthread_barrier_wait(&barrier);
        pthread_join(thread, NULL);
        _exit(DONE);
    }
    assert_int_equal(waitpid(child, &wstatus, 0), child);
    assert_true(WIFSIGNALED(wstatus));
    assert_int_equal(WTERMSIG(wstatus), SIGSYS);
}

/* ---- Locked memory --------------------------------------------------------------------------- */

static long locked_kilobytes(void) {
    char line[200];
    long kilobytes = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmLck: %ld", &kilobytes) == 1)
            break;
    if (file)
        fclose(file);
    return kilobytes;
}

static void memory_for_keys_is_locked_and_empty(void **state) {
    (void)state;
    static const char zero[64];
    long before = locked_kilobytes();
    char *p = locked_alloc(sizeof zero);
    assert_memory_equal(p, zero, sizeof zero);
    assert_true(locked_kilobytes() > before);
    memset(p, 'k', sizeof zero);
    locked_free(p);
    assert_int_equal(locked_kilobytes(), before);
    locked_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_only_an_attack_asks_for_kills),
        cmocka_unit_test(what_else_is_unknown_is_not_there),
        cmocka_unit_test(nothing_new_can_be_run),
        cmocka_unit_test(a_server_can_go_on),
        cmocka_unit_test(other_threads_have_it_too),
        cmocka_unit_test(memory_for_keys_is_locked_and_empty),
    };
    random_start();
    log_level_set(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
