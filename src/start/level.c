#include "start/level.h"

#include <syslog.h>

void level_load(struct level *level, const struct options *options)
{
    *level = (struct level){.options = options};
    level->broken = policy_file_load(options, &level->policy, &level->error, &level->stamp) != 0;
}

enum policy_age level_age(const struct level *level)
{
    return policy_stamp_age(&level->stamp);
}

bool level_renew(struct level *level)
{
    const struct options *options = level->options;

    if (level_age(level) == POLICY_CURRENT)
        return false;
    policy_free(&level->policy);
    level_load(level, options);
    return true;
}

struct sink level_open_sink(const struct level *level, const int *fds, size_t n)
{
    enum log_target target = level->policy.log_target;

    return sink_open(target == LOG_TARGET_AUTO || target == LOG_TARGET_JOURNAL,
                     target == LOG_TARGET_AUTO || target == LOG_TARGET_STDERR, fds, n);
}

void level_report(const struct level *level, const struct sink *sink)
{
    char text[1024];
    struct writer w = writer_over(text, sizeof(text));

    if (!level->broken && level->policy.mode == POLICY_AUDIT)
        sink_message(sink, LOG_WARNING, level->policy.name,
                     STR("mode = audit: what the policy denies is let through, and logged"));
    if (!level->broken)
        return;
    writer_escaped(&w, str_of(level->policy.file));
    if (level->error.line > 0) {
        writer_char(&w, ':');
        writer_decimal(&w, level->error.line);
    }
    writer_text(&w, ": ");
    writer_text(&w, level->error.text);
    sink_message(sink, LOG_ERR, level->policy.name, writer_view(&w));
}
