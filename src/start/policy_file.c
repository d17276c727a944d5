#include "start/policy_file.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static int load(int fd, struct policy *policy, struct policy_error *error)
{
    struct file file = {0};
    const char *flaw = fd < 0 ? strerror(errno) : read_all(fd, &file);
    int result = -1;

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
static struct str name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct str name = str_of(slash == NULL ? path : slash + 1), suffix = STR(".ini");

    if (name.n > suffix.n && str_equal(str_slice(name, name.n - suffix.n, name.n), suffix))
        name.n -= suffix.n;
    return name;
}

int policy_file_load(const struct options *options, struct policy *policy,
                     struct policy_error *error)
{
    char path[PATH_MAX];
    struct str name = options->level;

    *error = (struct policy_error){0};
    if (options->policy_file != NULL) {
        policy_init(policy, name_of(options->policy_file), options->policy_file);
        return load(open(options->policy_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), policy, error);
    }
    (void)snprintf(path, sizeof(path), "%s/%.*s.ini", DSP_SYSCONFDIR, STR_ARG(name));
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    /* Only a file that is not there makes room for the preset: one that cannot be read says more
     * than the preset knows. */
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        (void)snprintf(path, sizeof(path), "%s/%.*s.ini", DSP_POLICYDIR, STR_ARG(name));
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    }
    policy_init(policy, name, path);
    return load(fd, policy, error);
}
