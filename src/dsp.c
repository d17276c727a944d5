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

#include "pool/pool.h"
#include "relay/session.h"
#include "sandbox/sandbox.h"
#include "start/container_name.h"
#include "start/descriptors.h"
#include "start/level.h"
#include "start/options.h"
#include "start/peer.h"

/* Who the client is, and whether [clients] lets it in. */
static void find_peer(const struct policy *policy, struct session *session)
{
    struct peer peer;

    (void)peer_find(session->client.in, policy_needs_peer_process(policy), true, &peer, &session->peer);
    container_name_find(policy, &peer, &session->peer);
    session->stranger = !policy_admits(policy, &peer);
}

/* Opens all that the connection will need, gives up the rest, and serves. */
static int serve(const struct options *options, const struct descriptors *given)
{
    static struct session session; /* its buffers are too large for a stack */
    static struct level level;     /* a policy's stamp is large */

    level_load(&level, options);
    session.client.in = given->client_in;
    session.client.out = given->client_out;
    const int clients[] = {given->client_in, given->client_out};
    struct sink sink = level_open_sink(&level, clients, 2);
    level_report(&level, &sink);
    session.policy = &level.policy;
    session.policy_broken = level.broken;
    session.sink = &sink;
    find_peer(&level.policy, &session);
    session.engine.in = session.engine.out = -1;
    if (!level.broken && !session.stranger)
        session.engine_error =
            descriptors_engine(given->engine, level.policy.socket, &session.engine);
    json_object_seed(0); /* reads the system's random source, once */
    wires_end_on_sigterm();

    const int keep[] = {session.client.in, session.client.out, session.engine.in, sink.fd};
    const char *failed = sandbox_enter(SANDBOX_CONNECTION, keep, sizeof(keep) / sizeof(*keep));
    if (failed != NULL) {
        char text[128];
        (void)snprintf(text, sizeof(text), "%s: %s", failed, strerror(errno));
        sink_message(&sink, LOG_ERR, level.policy.name, str_of(text));
        return EX_OSERR;
    }
    session_run(&session);
    policy_free(&level.policy);
    return EXIT_SUCCESS;
}

static int start(const struct options *options)
{
    struct descriptors given;

    switch (descriptors_find(&given)) {
    case START_CONNECTION:
        return serve(options, &given);
    case START_LISTENERS:
        return pool_run(options, &given.listeners);
    case START_IMPOSSIBLE:
        break;
    }
    (void)fprintf(stderr, "<3>dsp: cannot serve this: %s\n", given.why);
    return EX_UNAVAILABLE;
}

int main(int argc, char **argv)
{
    struct options options;

    if (!descriptors_secure())
        return EX_OSERR;
    sink_prepare();
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
    return start(&options);
}
