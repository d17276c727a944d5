/* dsp: lets one client use a part of the Docker Engine API.
 *
 * One process, one connection:
 *
 *   started with the client on descriptors 0 and 1
 *     -> reads the policy                  start/, policy/
 *     -> opens the journal                 log/
 *     -> connects to docker.sock           start/
 *     -> gives up everything else          sandbox/
 *     -> reads the first byte, and for each request:
 *          parses the head                 http/
 *          names the operation             docker/
 *          asks the policy                 policy/
 *          answers, or forwards            relay/
 *     -> exits with the connection */
#include "config.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "relay/session.h"
#include "sandbox/sandbox.h"
#include "start/descriptors.h"
#include "start/options.h"
#include "start/policy_file.h"

static void report_policy_error(const struct sink *sink, const struct policy *policy,
                                const struct policy_error *error)
{
    char text[1024];
    struct writer w = writer_over(text, sizeof(text));

    writer_escaped(&w, str_of(policy->file));
    if (error->line > 0) {
        writer_char(&w, ':');
        writer_decimal(&w, error->line);
    }
    writer_text(&w, ": ");
    writer_text(&w, error->text);
    sink_message(sink, LOG_ERR, policy->name, writer_view(&w));
}

static struct sink open_sink(const struct policy *policy, const struct wire *client)
{
    enum log_target target = policy->log_target;

    return sink_open(target == LOG_TARGET_AUTO || target == LOG_TARGET_JOURNAL,
                     target == LOG_TARGET_AUTO || target == LOG_TARGET_STDERR, client->in,
                     client->out);
}

/* Opens all that the connection will need, gives up the rest, and serves. */
static int serve(const struct options *options)
{
    static struct session session; /* its buffers are too large for a stack */
    static struct policy policy;
    struct policy_error error;

    const struct activation passed = activation_take();
    switch (descriptors_client(&passed, &session.client)) {
    case START_CONNECTION:
        break;
    case START_LISTENER:
        (void)fputs("<3>dsp: descriptor 0 is a listening socket: this version of dsp serves "
                    "connections, so the socket unit needs Accept=yes\n",
                    stderr);
        return EX_UNAVAILABLE;
    case START_IMPOSSIBLE:
        (void)fputs("<3>dsp: the descriptors that were passed cannot be served\n", stderr);
        return EX_OSERR;
    }
    session.policy = &policy;
    session.policy_broken = policy_file_load(options, &policy, &error) != 0;
    struct sink sink = open_sink(&policy, &session.client);
    session.sink = &sink;
    if (session.policy_broken)
        report_policy_error(&sink, &policy, &error);
    descriptors_peer(session.client.in, &session.peer);
    session.engine.in = session.engine.out = -1;
    if (!session.policy_broken)
        session.engine_error = descriptors_engine(&passed, policy.socket, &session.engine);
    json_object_seed(0); /* reads the system's random source, once */
    wires_end_on_sigterm();

    const int keep[] = {session.client.in, session.client.out, session.engine.in, sink.fd};
    const char *failed = sandbox_enter(SANDBOX_CONNECTION, keep, sizeof(keep) / sizeof(*keep));
    if (failed != NULL) {
        char text[128];
        (void)snprintf(text, sizeof(text), "%s: %s", failed, strerror(errno));
        sink_message(&sink, LOG_ERR, policy.name, str_of(text));
        return EX_OSERR;
    }
    session_run(&session);
    policy_free(&policy);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct options options;

    if (!descriptors_secure())
        return EX_OSERR;
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return EX_OSERR;
    switch (options_parse(argc, argv, &options)) {
    case OPTIONS_DONE:
        return EXIT_SUCCESS;
    case OPTIONS_WRONG:
        return EX_USAGE;
    case OPTIONS_SERVE:
        break;
    }
    return serve(&options);
}
