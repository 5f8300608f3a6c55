/* Ends a process at one of its writes, or lets its calls fail, as a machine does that breaks in the middle of them.
 *
 * Preloaded. What counts is every call that changes a file below FAILING_ROOT: pwrite, write, fsync, fdatasync, ftruncate, unlink and
 * rename, over all threads, in the order in which they come. FAILING_AT is the number of one of them, and FAILING_HOW what happens
 * there: "kill" ends the process before the call, "tear" after half of what it would write. FAILING_COUNT is a file that gets a byte
 * for each call that counted. FAILING_SWITCH is a file; while it is there it holds the name of a call and an errno, such as
 * "fdatasync 5", and every such call below the root fails with it; of a negative number, it takes so many microseconds longer.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long calls;

static int is_ours(const char *path) {
    const char *root = getenv("FAILING_ROOT");
    return root != NULL && strncmp(path, root, strlen(root)) == 0;
}

static int is_ours_at(int descriptor) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_ours(path);
}

/* 0, or the errno that the switch says, after the wait that it says. */
static int switched(const char *name) {
    char told[64] = "", call[32] = "";
    int error = 0;
    const char *path = getenv("FAILING_SWITCH");
    FILE *file = path == NULL ? NULL : fopen(path, "re");
    if (file == NULL) return 0;
    if (fgets(told, sizeof told, file) == NULL) told[0] = 0;
    fclose(file);
    if (sscanf(told, "%31s %d", call, &error) != 2 || strcmp(call, name) != 0) return 0;
    if (error < 0) usleep((useconds_t)-error);
    return error < 0 ? 0 : error;
}

static int is_the_one(void) {
    const char *at = getenv("FAILING_AT"), *count = getenv("FAILING_COUNT");
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (count != NULL) {
        ssize_t (*write_)(int, const void *, size_t) = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
        int file = open(count, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (file < 0 || write_(file, ".", 1) != 1) abort();
        close(file);
    }
    return at != NULL && number == atol(at);
}

static int tears(void) {
    const char *how = getenv("FAILING_HOW");
    return how != NULL && strcmp(how, "tear") == 0;
}

static void end(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))
#define FAIL(name) { int error = switched(name); if (error) { errno = error; return -1; } }

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t at) {
    typedef ssize_t (*call)(int, const void *, size_t, off64_t);
    if (is_ours_at(descriptor)) {
        FAIL("pwrite64")
        if (is_the_one()) {
            if (tears()) REAL("pwrite64", call)(descriptor, bytes, length / 2, at);
            end();
        }
    }
    return REAL("pwrite64", call)(descriptor, bytes, length, at);
}

ssize_t write(int descriptor, const void *bytes, size_t length) {
    typedef ssize_t (*call)(int, const void *, size_t);
    if (is_ours_at(descriptor)) {
        FAIL("write")
        if (is_the_one()) {
            if (tears()) REAL("write", call)(descriptor, bytes, length / 2);
            end();
        }
    }
    return REAL("write", call)(descriptor, bytes, length);
}

#define ON_DESCRIPTOR(name)                                        \
    int name(int descriptor) {                                     \
        if (is_ours_at(descriptor)) {                              \
            FAIL(#name)                                            \
            if (is_the_one()) end();                               \
        }                                                          \
        return REAL(#name, int (*)(int))(descriptor);              \
    }
ON_DESCRIPTOR(fsync)
ON_DESCRIPTOR(fdatasync)

int ftruncate64(int descriptor, off64_t length) {
    if (is_ours_at(descriptor)) {
        FAIL("ftruncate64")
        if (is_the_one()) end();
    }
    return REAL("ftruncate64", int (*)(int, off64_t))(descriptor, length);
}

int unlink(const char *path) {
    if (is_ours(path)) {
        FAIL("unlink")
        if (is_the_one()) end();
    }
    return REAL("unlink", int (*)(const char *))(path);
}

int rename(const char *from, const char *to) {
    if (is_ours(from) || is_ours(to)) {
        FAIL("rename")
        if (is_the_one()) end();
    }
    return REAL("rename", int (*)(const char *, const char *))(from, to);
}
