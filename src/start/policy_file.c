#include "start/policy_file.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Larger than any policy that a person can answer for. */
enum { POLICY_FILE_MAX = 256 * 1024 };

struct file {
    char *bytes;
    size_t n;
};

static const char *read_all(int fd, struct file *file)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return strerror(errno);
    if (!S_ISREG(st.st_mode))
        return "not a regular file";
    file->bytes = malloc(POLICY_FILE_MAX + 1);
    if (file->bytes == NULL)
        return strerror(ENOMEM);
    for (;;) {
        ssize_t n = read(fd, file->bytes + file->n, POLICY_FILE_MAX + 1 - file->n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return strerror(errno);
        if (n == 0)
            return NULL;
        file->n += (size_t)n;
        if (file->n > POLICY_FILE_MAX)
            return "larger than 256 KiB";
    }
}

/* File systems date by ticks of up to two seconds (FAT); two changes in one tick look the same. */
static bool is_settled(const struct stat *st)
{
    struct timespec now;

    return clock_gettime(CLOCK_REALTIME, &now) == 0 && st->st_ctim.tv_sec + 2 < now.tv_sec;
}

/* To be called before the file is read: what changes meanwhile makes the stamp an old one. */
static void stamp_file(struct policy_stamp *stamp, const char *path)
{
    struct policy_stamp_file *file = &stamp->files[stamp->n++];

    (void)snprintf(file->path, sizeof(file->path), "%s", path);
    file->error = stat(path, &file->st) == 0 ? 0 : errno;
    stamp->settled = stamp->settled && (file->error != 0 || is_settled(&file->st));
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool file_is_current(const struct policy_stamp_file *file)
{
    struct stat st;
    int error = stat(file->path, &st) == 0 ? 0 : errno;

    if (error != 0 || file->error != 0)
        return error == file->error;
    return st.st_dev == file->st.st_dev && st.st_ino == file->st.st_ino &&
           st.st_size == file->st.st_size && st.st_mode == file->st.st_mode &&
           same_time(st.st_mtim, file->st.st_mtim) && same_time(st.st_ctim, file->st.st_ctim);
}

enum policy_age policy_stamp_age(const struct policy_stamp *stamp)
{
    for (size_t i = 0; i < stamp->n; i++)
        if (!file_is_current(&stamp->files[i]))
            return POLICY_OLD;
    return stamp->settled ? POLICY_CURRENT : POLICY_UNSETTLED;
}

static int load(const char *path, struct policy *policy, struct policy_error *error,
                struct policy_stamp *stamp)
{
    struct file file = {0};
    stamp_file(stamp, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *flaw = fd < 0 ? strerror(errno) : read_all(fd, &file);
    int result = -1;

    /* The same error from stat(2) will tell when this is over; a shortage tells nothing. */
    if (flaw != NULL && stamp->files[stamp->n - 1].error == 0)
        stamp->settled = false;
    if (flaw == NULL)
        result = policy_parse(policy, (struct str){file.bytes, file.n}, error);
    else
        (void)snprintf(error->text, sizeof(error->text), "%s", flaw);
    free(file.bytes);
    if (fd >= 0)
        close(fd);
    return result;
}

/* "traefik" of ".../traefik.ini". */
static struct str base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct str name = str_of(slash == NULL ? path : slash + 1), suffix = STR(".ini");

    if (name.n > suffix.n && str_equal(str_slice(name, name.n - suffix.n, name.n), suffix))
        name.n -= suffix.n;
    return name;
}

int policy_file_load(const struct options *options, struct policy *policy,
                     struct policy_error *error, struct policy_stamp *stamp)
{
    char path[PATH_MAX];
    struct str name = options->level;
    struct stat st;

    *error = (struct policy_error){0};
    *stamp = (struct policy_stamp){.settled = true};
    if (options->policy_file != NULL) {
        char text[128];
        struct writer w = writer_over(text, sizeof(text)); /* it stands in every record */
        writer_escaped(&w, base_name(options->policy_file));
        policy_init(policy, writer_view(&w), options->policy_file);
        return load(options->policy_file, policy, error, stamp);
    }
    (void)snprintf(path, sizeof(path), "%s/%.*s.ini", DSP_SYSCONFDIR, STR_ARG(name));
    /* Only when there is nothing of that name there does the preset apply: a file that cannot be
     * read, or a link that leads nowhere, says more than the preset knows. */
    if (lstat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        stamp_file(stamp, path); /* as one that is not there */
        (void)snprintf(path, sizeof(path), "%s/%.*s.ini", DSP_POLICYDIR, STR_ARG(name));
    }
    policy_init(policy, name, path);
    return load(path, policy, error, stamp);
}
