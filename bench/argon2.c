/* How many passwords libsodium hashes per second on all cores, with the server's settings and
 * nothing else: what logins are measured against. Usage: argon2 SECONDS */
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/core.h"

static atomic_bool stop;
static atomic_ulong hashes;

static void *work(void *unused) {
    (void)unused;
    static const char password[] = "password123";
    const struct policy policy = policy_default();
    char hash[crypto_pwhash_STRBYTES];
    while (!atomic_load(&stop)) {
        if (crypto_pwhash_str(hash, password, strlen(password), policy.hash_passes,
                              (size_t)policy.hash_memory * 1024) != 0)
            abort();
        atomic_fetch_add(&hashes, 1);
    }
    return NULL;
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    pthread_t threads[256];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (argc != 2 || sodium_init() < 0 || cores > 256)
        return 2;
    double begin = seconds();
    for (long i = 0; i < cores; i++)
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            return 1;
    sleep((unsigned)atoi(argv[1]));
    atomic_store(&stop, true);
    for (long i = 0; i < cores; i++)
        pthread_join(threads[i], NULL);
    printf("%.1f\n", (double)atomic_load(&hashes) / (seconds() - begin));
    return 0;
}
