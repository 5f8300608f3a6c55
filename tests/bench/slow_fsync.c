/* Preloaded, it makes every fsync and fdatasync take SLOW_FSYNC_US microseconds longer: a slower disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void linger(void) {
    const char *text = getenv("SLOW_FSYNC_US");
    if (text != NULL) usleep((useconds_t)strtoul(text, NULL, 10));
}

int fsync(int file) {
    static int (*real)(int);
    if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    linger();
    return real(file);
}

int fdatasync(int file) {
    static int (*real)(int);
    if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    linger();
    return real(file);
}
