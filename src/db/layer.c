#include "db/layer.h"

static sqlite3_file *below(sqlite3_file *file) {
    return ((struct layer *)file)->below;
}

static int close_file(sqlite3_file *file) {
    return below(file)->pMethods->xClose(below(file));
}

static int read_file(sqlite3_file *file, void *at, int size, sqlite3_int64 offset) {
    return below(file)->pMethods->xRead(below(file), at, size, offset);
}

static int write_file(sqlite3_file *file, const void *at, int size, sqlite3_int64 offset) {
    return below(file)->pMethods->xWrite(below(file), at, size, offset);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size) {
    return below(file)->pMethods->xTruncate(below(file), size);
}

static int sync_file(sqlite3_file *file, int flags) {
    return below(file)->pMethods->xSync(below(file), flags);
}

static int size_of_file(sqlite3_file *file, sqlite3_int64 *size) {
    return below(file)->pMethods->xFileSize(below(file), size);
}

static int lock_file(sqlite3_file *file, int lock) {
    return below(file)->pMethods->xLock(below(file), lock);
}

static int unlock_file(sqlite3_file *file, int lock) {
    return below(file)->pMethods->xUnlock(below(file), lock);
}

static int check_reserved_lock(sqlite3_file *file, int *held) {
    return below(file)->pMethods->xCheckReservedLock(below(file), held);
}

static int control(sqlite3_file *file, int what, void *argument) {
    return below(file)->pMethods->xFileControl(below(file), what, argument);
}

static int sector_size(sqlite3_file *file) {
    return below(file)->pMethods->xSectorSize(below(file));
}

static int characteristics(sqlite3_file *file) {
    return below(file)->pMethods->xDeviceCharacteristics(below(file));
}

static int map_shared(sqlite3_file *file, int region, int size, int extend, void volatile **out) {
    return below(file)->pMethods->xShmMap(below(file), region, size, extend, out);
}

static int lock_shared(sqlite3_file *file, int first, int count, int flags) {
    return below(file)->pMethods->xShmLock(below(file), first, count, flags);
}

static void barrier_shared(sqlite3_file *file) {
    below(file)->pMethods->xShmBarrier(below(file));
}

static int unmap_shared(sqlite3_file *file, int remove) {
    return below(file)->pMethods->xShmUnmap(below(file), remove);
}

const sqlite3_io_methods layer_methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = barrier_shared,
    .xShmUnmap = unmap_shared,
};
