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

static int load(const char *path, struct policy *policy, struct policy_error *error)
{
    struct file file = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
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
static struct str base_name(const char *path)
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
    struct stat st;

    *error = (struct policy_error){0};
    if (options->policy_file != NULL) {
        char text[128];
        struct writer w = writer_over(text, sizeof(text)); /* it stands in every record */
        writer_escaped(&w, base_name(options->policy_file));
        policy_init(policy, writer_view(&w), options->policy_file);
        return load(options->policy_file, policy, error);
    }
    (void)snprintf(path, sizeof(path), "%s/%.*s.ini", DSP_SYSCONFDIR, STR_ARG(name));
    /* Only when there is nothing of that name there does the preset apply: a file that cannot be
     * read, or a link that leads nowhere, says more than the preset knows. */
    if (lstat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR))
        (void)snprintf(path, sizeof(path), "%s/%.*s.ini", DSP_POLICYDIR, STR_ARG(name));
    policy_init(policy, name, path);
    return load(path, policy, error);
}
