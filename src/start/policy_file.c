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

/* File systems date by ticks of up to two seconds (FAT); two changes in one tick look the same. A
 * file of the future is from before the clock was set back: a change now gets another date. */
static bool is_settled(const struct stat *st)
{
    struct timespec now;

    return clock_gettime(CLOCK_REALTIME, &now) == 0 &&
           (st->st_ctim.tv_sec + 2 < now.tv_sec || now.tv_sec + 2 < st->st_ctim.tv_sec);
}

static struct policy_look look(const char *path, int flags)
{
    struct policy_look look;

    look.error = fstatat(AT_FDCWD, path, &look.st, flags) == 0 ? 0 : errno;
    return look;
}

/* What leads nowhere else is looked at once: a connection may wait for this. */
static struct policy_looks look_both(const char *path)
{
    struct policy_looks looks;

    looks.name = look(path, AT_SYMLINK_NOFOLLOW);
    looks.file =
        looks.name.error == 0 && S_ISLNK(looks.name.st.st_mode) ? look(path, 0) : looks.name;
    return looks;
}

/* To be called before the file is read: what changes meanwhile makes the stamp an old one. */
static void stamp_file(struct policy_stamp *stamp, const char *path)
{
    struct policy_stamp_file *file = &stamp->files[stamp->n];

    if (stamp->n == POLICY_STAMP_FILES) {
        stamp->settled = false;
        return;
    }
    stamp->n++;
    (void)snprintf(file->path, sizeof(file->path), "%s", path);
    file->looks = look_both(path);
    stamp->settled = stamp->settled &&
                     (file->looks.name.error != 0 || is_settled(&file->looks.name.st)) &&
                     (file->looks.file.error != 0 || is_settled(&file->looks.file.st));
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool looks_same(const struct policy_look *a, const struct policy_look *b)
{
    if (a->error != 0 || b->error != 0)
        return a->error == b->error;
    return a->st.st_dev == b->st.st_dev && a->st.st_ino == b->st.st_ino &&
           a->st.st_size == b->st.st_size && a->st.st_mode == b->st.st_mode &&
           same_time(a->st.st_mtim, b->st.st_mtim) && same_time(a->st.st_ctim, b->st.st_ctim);
}

static bool file_is_current(const struct policy_stamp_file *file)
{
    const struct policy_looks now = look_both(file->path);

    return looks_same(&file->looks.name, &now.name) && looks_same(&file->looks.file, &now.file);
}

enum policy_age policy_stamp_age(const struct policy_stamp *stamp)
{
    for (size_t i = 0; i < stamp->n; i++)
        if (!file_is_current(&stamp->files[i]))
            return POLICY_OLD;
    return stamp->settled ? POLICY_CURRENT : POLICY_UNSETTLED;
}

/* Reads one file, without its bases. */
static int load(const char *path, struct policy *policy, struct policy_errors *errors,
                struct policy_stamp *stamp)
{
    struct file file = {0};
    stamp_file(stamp, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *flaw = fd < 0 ? strerror(errno) : read_all(fd, &file);
    int result = -1;

    /* The same error from stat(2) will tell when this is over; a shortage tells nothing. */
    if (flaw != NULL && stamp->files[stamp->n - 1].looks.file.error == 0)
        stamp->settled = false;
    if (flaw == NULL) {
        result = policy_parse_all(policy, (struct str){file.bytes, file.n}, errors);
    } else {
        errors->n = 1;
        errors->items[0] = (struct policy_error){0};
        (void)snprintf(errors->items[0].text, sizeof(errors->items[0].text), "%s", flaw);
    }
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

/* The file of the policy ${name}. Only when there is nothing of that name among the operator's does
 * the preset apply: a file that cannot be read, or a link that leads nowhere, says more than the
 * preset knows. A policy of the operator's that extends its own name means the preset, too. */
static void find(struct str name, const char *from, char path[PATH_MAX], struct policy_stamp *stamp)
{
    struct stat st;

    (void)snprintf(path, PATH_MAX, "%s/%.*s.ini", DSP_SYSCONFDIR, STR_ARG(name));
    bool itself = from != NULL && strcmp(from, path) == 0;
    if (!itself && (lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR)))
        return;
    if (!itself)
        stamp_file(stamp, path); /* as one that is not there */
    (void)snprintf(path, PATH_MAX, "%s/%.*s.ini", DSP_POLICYDIR, STR_ARG(name));
}

/* The chain of policies that extend each other, from the one that is asked for. */
struct chain {
    struct policy policies[POLICY_BASES_MAX + 1];
    size_t n;
};

static bool is_in(const struct chain *chain, const char *path)
{
    struct stat a, b;

    for (size_t i = 0; i < chain->n; i++)
        if (strcmp(chain->policies[i].file, path) == 0 ||
            (stat(chain->policies[i].file, &a) == 0 && stat(path, &b) == 0 &&
             a.st_dev == b.st_dev && a.st_ino == b.st_ino))
            return true;
    return false;
}

/* What is wrong with a base is an error of the line that names it. */
static int blame(const struct policy *policy, const char *path, struct policy_errors *errors)
{
    struct policy_errors base = *errors;

    for (size_t i = 0; i < errors->n; i++) {
        const struct policy_error *from = &base.items[i];
        struct policy_error *to = &errors->items[i];
        char line[16] = "";
        struct writer w = writer_over(to->text, sizeof(to->text) - 1);
        if (from->line > 0)
            (void)snprintf(line, sizeof(line), ":%u", from->line);
        to->line = policy->extends_line;
        writer_text(&w, "extends ");
        writer_escaped(&w, str_of(path));
        writer_text(&w, line);
        writer_text(&w, ": ");
        writer_text(&w, from->text);
        to->text[w.n] = '\0';
    }
    return -1;
}

static int wrong_base(const char *why, struct policy_errors *errors)
{
    errors->n = 1;
    errors->items[0] = (struct policy_error){0};
    (void)snprintf(errors->items[0].text, sizeof(errors->items[0].text), "%s", why);
    return -1;
}

/* Reads the base of the chain's last policy, if it has one. */
static int load_base(struct chain *chain, struct policy_errors *errors, struct policy_stamp *stamp)
{
    struct policy *last = &chain->policies[chain->n - 1];
    struct str extends = str_of(last->extends);
    char path[PATH_MAX];
    int result;

    if (extends.p[0] == '/')
        (void)snprintf(path, sizeof(path), "%s", last->extends);
    else
        find(extends, last->file, path, stamp);
    if (is_in(chain, path)) {
        result = wrong_base("it extends itself, directly or by way of others", errors);
    } else if (chain->n == POLICY_BASES_MAX + 1) {
        result = wrong_base("more than 4 policies extend each other", errors);
    } else {
        struct policy *base = &chain->policies[chain->n++];
        policy_init(base, last->name == NULL ? STR("") : str_of(last->name), path);
        result = load(path, base, errors, stamp);
    }
    return result == 0 ? 0 : blame(last, path, errors);
}

/* Reads ${path} and all that it extends into ${policy}. On an error in a base, the chain's first
 * line that leads there is to blame. */
static int load_chain(const char *path, struct policy *policy, struct policy_errors *errors,
                      struct policy_stamp *stamp)
{
    struct chain chain = {.policies[0] = *policy, .n = 1};
    int result = load(path, &chain.policies[0], errors, stamp);

    while (result == 0 && chain.policies[chain.n - 1].extends != NULL)
        result = load_base(&chain, errors, stamp);
    for (size_t i = chain.n - 1; result == 0 && i > 0; i--)
        policy_inherit(&chain.policies[i - 1], &chain.policies[i]);
    for (size_t i = chain.n - 1; result != 0 && i > 0; i--) {
        if (i + 1 < chain.n)
            (void)blame(&chain.policies[i - 1], chain.policies[i].file, errors);
        policy_free(&chain.policies[i]);
    }
    *policy = chain.policies[0];
    if (result != 0)
        policy_forget(policy);
    return result;
}

int policy_file_load_all(const struct options *options, struct policy *policy,
                         struct policy_errors *errors, struct policy_stamp *stamp)
{
    char path[PATH_MAX];

    errors->n = 0;
    *stamp = (struct policy_stamp){.settled = true};
    if (options->policy_file != NULL) {
        char text[128];
        struct writer w = writer_over(text, sizeof(text)); /* it stands in every record */
        writer_escaped(&w, base_name(options->policy_file));
        policy_init(policy, writer_view(&w), options->policy_file);
        return load_chain(options->policy_file, policy, errors, stamp);
    }
    find(options->level, NULL, path, stamp);
    policy_init(policy, options->level, path);
    return load_chain(path, policy, errors, stamp);
}

int policy_file_load(const struct options *options, struct policy *policy,
                     struct policy_error *error, struct policy_stamp *stamp)
{
    struct policy_errors errors;
    int result = policy_file_load_all(options, policy, &errors, stamp);

    *error = result == 0 ? (struct policy_error){0} : errors.items[0];
    return result;
}
