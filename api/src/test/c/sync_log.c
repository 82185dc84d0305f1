/*
 * Preloaded into a JVM: appends a line to the file of $SYNC_LOG for each file or folder that is synced to the disk and
 * each that is renamed, in their order.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void note(const char * event, const char * one, const char * other) {
    const char * log = getenv("SYNC_LOG");
    const int    out = log == NULL ? -1 : open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (out >= 0) {
        dprintf(out, "%s %s%s%s\n", event, one, *other == '\0' ? "" : " ", other);
        close(out);
    }
}

static void note_sync(int file) {
    char    link[64];
    char    path[PATH_MAX + 1];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, path, PATH_MAX);
    path[length < 0 ? 0 : length] = '\0';
    note("sync", path, "");
}

int fsync(int file) {
    int (*real)(int) = (int (*)(int)) dlsym(RTLD_NEXT, "fsync");
    const int result = real(file);
    note_sync(file);
    return result;
}

int rename(const char * from, const char * to) {
    int (*real)(const char *, const char *) = (int (*)(const char *, const char *)) dlsym(RTLD_NEXT, "rename");
    const int result = real(from, to);
    note("rename", from, to);
    return result;
}
