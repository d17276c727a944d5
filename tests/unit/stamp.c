/* stamp.c: whether a policy's files are still those that were read (start/policy_file.h).
 *
 * Files of the file system at hand; the clock says what the test wants, since nobody can set the time
 * of a file's change. */
#include "start/policy_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

enum { HOUR = 3600 };

static char folder[] = "/tmp/dsp-stamp-XXXXXX", path[64], other[64];
static time_t clock_is_ahead; /* seconds */

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = __real_clock_gettime(clock, now);

    now->tv_sec += clock_is_ahead;
    return result;
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* The stamp of the policy at ${path}, read when the clock is so much ahead of the file's. */
static struct policy_stamp *read_policy(time_t ahead)
{
    static struct policy_stamp stamp;
    const struct options options = {.policy_file = path};
    struct policy policy;
    struct policy_error error;

    clock_is_ahead = ahead;
    (void)policy_file_load(&options, &policy, &error, &stamp);
    clock_is_ahead = 0;
    policy_free(&policy);
    return &stamp;
}

UNIT(settles)
{
    write_file(path, "[policy]\n");
    assert_int_equal(policy_stamp_age(read_policy(0)), POLICY_UNSETTLED);
    assert_int_equal(policy_stamp_age(read_policy(2)), POLICY_UNSETTLED);
    assert_int_equal(policy_stamp_age(read_policy(HOUR)), POLICY_CURRENT);
}

UNIT(future)
{
    write_file(path, "[policy]\n");
    assert_int_equal(policy_stamp_age(read_policy(-2)), POLICY_UNSETTLED);
    assert_int_equal(policy_stamp_age(read_policy(-HOUR)), POLICY_CURRENT);
}

static void changed(void (*change)(void))
{
    write_file(path, "[policy]\n");
    const struct policy_stamp *stamp = read_policy(HOUR);
    assert_int_equal(policy_stamp_age(stamp), POLICY_CURRENT);
    usleep(20000); /* a file system's clock ticks by then */
    change();
    assert_int_equal(policy_stamp_age(stamp), POLICY_OLD);
}

static void edit(void)
{
    write_file(path, "[log]\n\n\n");
}

static void replace(void)
{
    write_file(other, "[policy]\n");
    assert_int_equal(rename(other, path), 0);
}

static void take_away(void)
{
    assert_int_equal(unlink(path), 0);
}

static void take_rights(void)
{
    assert_int_equal(chmod(path, 0600), 0);
}

static void put_a_link(void)
{
    write_file(other, "[policy]\n");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(other, path), 0);
}

UNIT(old)
{
    changed(edit);
    changed(replace);
    changed(take_away);
    changed(take_rights);
    changed(put_a_link);
    assert_int_equal(unlink(path), 0);
}

UNIT(behind_a_link)
{
    write_file(other, "[policy]\n");
    assert_int_equal(symlink(other, path), 0);
    const struct policy_stamp *stamp = read_policy(HOUR);
    assert_int_equal(policy_stamp_age(stamp), POLICY_CURRENT);
    usleep(20000);
    write_file(other, "[log]\n\n\n");
    assert_int_equal(policy_stamp_age(stamp), POLICY_OLD);
    assert_int_equal(unlink(path), 0);
}

UNIT(missing)
{
    const struct policy_stamp *stamp = read_policy(HOUR);

    assert_int_equal(policy_stamp_age(stamp), POLICY_CURRENT);
    write_file(path, "[policy]\n");
    assert_int_equal(policy_stamp_age(stamp), POLICY_OLD);
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE("a file that has just changed may change again and look the same", settles),
        PROMISE("a file of the future is one that a clock was set back for: it is settled", future),
        PROMISE("one that is edited, replaced, taken away, or gets other rights is an old one",
                old),
        PROMISE("so is one behind a link", behind_a_link),
        PROMISE("what is not there is current until it is", missing),
    };

    if (mkdtemp(folder) == NULL)
        return 1;
    (void)snprintf(path, sizeof(path), "%s/p.ini", folder);
    (void)snprintf(other, sizeof(other), "%s/other.ini", folder);
    int result = RUN("stamp", tests);
    (void)unlink(path);
    (void)unlink(other);
    (void)rmdir(folder);
    return result;
}
