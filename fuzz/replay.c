/* Gives a target the inputs in the files and folders it is called with, one after the other: what
 * has once gone wrong stays right, with every compiler and without libFuzzer. A folder that is not
 * there is one in which nothing has been put yet. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned replayed;

static void give_up(const char *path) {
    perror(path);
    exit(1);
}

/* A block of just that size, so that a read past the end is seen. */
static void replay_file(const char *path, size_t size) {
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size);
    if (file == NULL || (data == NULL && size > 0) || fread(data, 1, size, file) != size)
        give_up(path);
    fclose(file);
    fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    replayed++;
}

static void replay(const char *path);

static int visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static void replay_folder(const char *folder) {
    struct dirent **entries;
    int count = scandir(folder, &entries, visible, alphasort);
    if (count < 0)
        give_up(folder);
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
        replay(path);
    }
    free(entries);
}

static void replay(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0) {
        if (errno != ENOENT)
            give_up(path);
        return;
    }
    if (S_ISDIR(status.st_mode))
        replay_folder(path);
    else
        replay_file(path, (size_t)status.st_size);
}

int main(int count, char **arguments) {
    for (int i = 1; i < count; i++)
        replay(arguments[i]);
    printf("%u inputs replayed\n", replayed);
    return replayed == 0;
}
