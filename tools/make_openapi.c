/* Writes the OpenAPI document to standard output, while the program is built (src/api/openapi.h).
 * Usage: make_openapi OVERVIEW */
#include <stdio.h>

#include "api/openapi.h"
#include "base/embed.h"
#include "core/catalog.h"

/* Nothing is served here. */
const struct embedded embedded_site[] = {{NULL, NULL, NULL}};

static int read_file(const char *path, struct buffer *out) {
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    size_t got;
    do
        out->size += got = fread(buffer_reserve(out, 4096), 1, 4096, file);
    while (got);
    int whole = !ferror(file);
    fclose(file);
    return whole;
}

int main(int argc, char **argv) {
    struct buffer overview = {0}, document = {0};
    if (argc != 2 || !read_file(argv[1], &overview)) {
        fprintf(stderr, "usage: make_openapi OVERVIEW\n");
        return 2;
    }
    catalog_start();
    openapi_write(&document, buffer_text(&overview));
    int written = fwrite(document.at, 1, document.size, stdout) == document.size &&
                  fputc('\n', stdout) != EOF && fflush(stdout) == 0;
    buffer_free(&overview);
    buffer_free(&document);
    return written ? 0 : 1;
}
