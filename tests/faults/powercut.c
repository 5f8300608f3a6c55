/* Keeps what a disk is bound to keep when the power goes: what was fsynced, and nothing else.
 *
 * Preloaded into a process that works below the folder POWERCUT_ROOT. Each fsync or fdatasync of a file there leaves a copy of the
 * file as it is now in POWERCUT_KEPT, under the file's identity; each fsync of a folder leaves a list of what is in it. A file
 * that was written and not synced is not there, one whose folder was not synced has no name: tests/faults/powercut.py puts the
 * rest together. A copy takes the place of the older one whole, before the call returns.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* The identity of a file: its inode, and when that was born, for inodes are used again. */
static int identity(int folder, const char *name, char *into, size_t size) {
    struct statx found;
    if (statx(folder, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &found) != 0) return -1;
    snprintf(into, size, "%llu-%lld.%09u", (unsigned long long)found.stx_ino, (long long)found.stx_btime.tv_sec,
             found.stx_btime.tv_nsec);
    return 0;
}

static void put(const char *id, const char *kind, int from, char *list, size_t length) {
    char path[PATH_MAX], fresh[PATH_MAX + 8], piece[65536];
    snprintf(path, sizeof path, "%s/%s.%s", getenv("POWERCUT_KEPT"), id, kind);
    snprintf(fresh, sizeof fresh, "%s.fresh", path);
    int to = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (to < 0) abort();
    off_t at = 0;
    ssize_t count;
    if (list != NULL && write(to, list, length) != (ssize_t)length) abort();
    while (list == NULL && (count = pread(from, piece, sizeof piece, at)) > 0) {
        if (write(to, piece, (size_t)count) != count) abort();
        at += count;
    }
    close(to);
    if (rename(fresh, path) != 0) abort();
}

static void put_list(const char *id, const char *path) {
    char entry[128], *list = NULL;
    size_t length = 0;
    FILE *text = open_memstream(&list, &length);
    DIR *folder = opendir(path);
    if (folder == NULL || text == NULL) abort();
    for (struct dirent *each; (each = readdir(folder)) != NULL;) {
        if (strcmp(each->d_name, ".") == 0 || strcmp(each->d_name, "..") == 0) continue;
        if (identity(dirfd(folder), each->d_name, entry, sizeof entry) == 0) fprintf(text, "%s %s\n", entry, each->d_name);
    }
    closedir(folder);
    fclose(text);
    put(id, "list", -1, list, length);
    free(list);
}

static void keep(int descriptor) {
    char link[64], path[PATH_MAX], id[128];
    const char *root = getenv("POWERCUT_ROOT");
    struct stat found;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (root == NULL || length < 0) return;
    path[length] = 0;
    if (strncmp(path, root, strlen(root)) != 0 || fstat(descriptor, &found) != 0) return;
    if (identity(descriptor, "", id, sizeof id) != 0) abort();
    pthread_mutex_lock(&one_at_a_time);
    if (S_ISDIR(found.st_mode)) put_list(id, path);
    else {
        /* One for writing only has to be opened again. Never one of SQLite's: to close it would drop SQLite's locks. */
        int is_write_only = (fcntl(descriptor, F_GETFL) & O_ACCMODE) == O_WRONLY;
        int readable = is_write_only ? open(link, O_RDONLY | O_CLOEXEC) : descriptor;
        put(id, "data", readable, NULL, 0);
        if (is_write_only) close(readable);
    }
    pthread_mutex_unlock(&one_at_a_time);
}

static int real(const char *name, int descriptor) {
    int (*call)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int result = call(descriptor), error = errno;
    if (result == 0) keep(descriptor);
    errno = error;
    return result;
}

int fsync(int descriptor) { return real("fsync", descriptor); }
int fdatasync(int descriptor) { return real("fdatasync", descriptor); }
