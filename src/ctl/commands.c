#include "ctl/command.h"

/* clang-format off */
#define JSON_FLAG {"json", 0, NULL, WORD_NONE, "print JSON, for programs"}
#define SINCE_FLAG {"since", 0, "TIME", WORD_NONE, "from when on: 30min, 2h, 3d, or 2026-11-28 [12:00[:00]]"}
/* clang-format on */

const struct command commands[] = {
    {
        .name = "check",
        .run = check_run,
        .words = "[NAME|FILE...]",
        .most = WORDS_MAX,
        .kinds = {WORD_LEVEL},
        .flags = {JSON_FLAG,
                  {"quiet", 'q', NULL, WORD_NONE, "print errors and warnings only"},
                  {"strict", 0, NULL, WORD_NONE, "a warning is an error"}},
        .summary = "Tell the errors of a policy, what it means, and where it is risky",
        .help = "Without a NAME: all policies under " DSP_SYSCONFDIR ".\n"
                "The status is 0 when all are valid, 1 when one has errors (with --strict also\n"
                "when one has warnings), 2 when one cannot be read.\n",
    },
    {
        .name = "explain",
        .run = explain_run,
        .words = "NAME METHOD TARGET | NAME curl ... | NAME LOG-LINE",
        .least = 2,
        .most = WORDS_MAX,
        .kinds = {WORD_LEVEL, WORD_METHOD, WORD_NONE},
        .raw = true,
        .flags = {JSON_FLAG,
                  {"body", 0, "FILE", WORD_FILE, "the request's body, '-' for standard input"},
                  {"peer", 0, "WHO", WORD_NONE,
                   "the client, for [clients], such as 'uid=0 unit=x.service'"}},
        .summary = "Say what the filter does with a request, and which lines say so",
        .help =
            "The request is a method and a target, a command line of curl, or a line of a log:\n"
            "dsp's own, dockerd's, HAProxy's, nginx's or Caddy's. Options come before curl or a line.\n"
            "\n"
            "    dspctl explain traefik GET /v1.41/containers/json\n"
            "    dspctl explain traefik curl -X POST http://d/containers/web/restart\n"
            "    dspctl explain ci POST /v1.41/containers/create --body create.json\n"
            "    dspctl explain --peer 'uid=1000 gid=1000 unit=traefik.service' traefik GET /info\n"
            "\n"
            "The status is 0 when it is allowed, 1 when it is refused, 2 when the policy is broken.\n",
    },
    {
        .name = "diff",
        .run = diff_run,
        .words = "A B",
        .least = 2,
        .most = 2,
        .kinds = {WORD_LEVEL, WORD_LEVEL},
        .flags = {JSON_FLAG},
        .summary = "List what one policy allows and another does not",
        .help =
            "'-' stands before an operation that only A allows, '+' before one that only B allows,\n"
            "'~' before one of which one allows a part only. The same before a line of [workload] and\n"
            "the like: it stands in A only, in B only.\n"
            "The status is 0 when there is no difference, 1 when there is one, 2 when a policy\n"
            "is broken.\n",
    },
    {
        .name = "operations",
        .run = operations_run,
        .words = "[PATTERN]",
        .most = 1,
        .kinds = {WORD_OPERATION},
        .flags = {JSON_FLAG},
        .summary = "List the operations of the Docker Engine API",
        .help =
            "A PATTERN is a part of a name, a section, a class, or section:class; or with '*'\n"
            "all of a name or a path. Each line has the name, method, path, class, what it does,\n"
            "and the presets that allow it (in brackets: in part).\n",
    },
    {
        .name = "learn",
        .run = learn_run,
        .words = "NAME [LOG-FILE...]",
        .least = 1,
        .most = WORDS_MAX,
        .kinds = {WORD_LEVEL, WORD_FILE},
        .flags = {SINCE_FLAG, {"add", 0, NULL, WORD_NONE, "only what today's policy refuses"}},
        .summary = "Write the least policy that allows what a level was asked for",
        .help =
            "Reads the journal, or saved logs ('-': standard input; dsp's records in any form\n"
            "that journalctl writes, or access logs of another proxy), and prints a policy.\n"
            "What requests contain is learned from lines of JSON with method, target and body.\n"
            "\n"
            "    1. set 'mode = audit' in the policy, so that nothing is refused\n"
            "    2. use the program, every feature of it\n"
            "    3. dspctl learn NAME >NAME.ini; read it; install it\n",
    },
    {
        .name = "import",
        .run = import_run,
        .words = "[FILE]",
        .most = 1,
        .kinds = {WORD_FILE},
        .flags = {{"image", 0, "tecnativa|linuxserver", WORD_NONE, "whose defaults apply"},
                  {"service", 0, "NAME", WORD_NONE,
                   "the service or container, where several are proxies"}},
        .summary = "Turn another proxy's configuration into a policy",
        .help =
            "Reads FILE, else standard input: KEY=1 lines, a compose file, the JSON of 'docker\n"
            "inspect' of the running proxy, a Caddyfile, or the rules of an haproxy.cfg.\n",
    },
    {
        .name = "new",
        .run = new_run,
        .words = "NAME",
        .least = 1,
        .most = 1,
        .kinds = {WORD_NONE},
        .flags = {{"from", 0, "PRESET", WORD_PRESET, "begin with this preset's rules"},
                  {"listen", 0, "ADDRESS", WORD_NONE, "a path or ADDRESS:PORT; /run/dsp/NAME.sock"},
                  {"resident", 0, NULL, WORD_NONE,
                   "one process waits for all connections (Accept=no)"},
                  {"audit", 0, NULL, WORD_NONE, "in audit mode, to learn what is needed"},
                  {"root", 0, "DIR", WORD_FILE, "write below this directory"}},
        .summary = "Make a new level: its policy and its units",
        .help =
            "Writes " DSP_SYSCONFDIR "/NAME.ini, and dsp-NAME.socket and dsp-NAME@.service under\n"
            "/etc/systemd/system. Overwrites nothing.\n",
    },
    {
        .name = "status",
        .run = status_run,
        .words = "[NAME...]",
        .most = WORDS_MAX,
        .kinds = {WORD_LEVEL},
        .flags = {JSON_FLAG},
        .summary = "Show the levels: sockets, connections, policies, refusals",
        .help = "The status is 0 when all is well, 1 when a level has a broken policy or a failed\n"
                "socket.\n",
    },
    {
        .name = "log",
        .run = log_run,
        .words = "[NAME]",
        .most = 1,
        .kinds = {WORD_LEVEL},
        .flags = {SINCE_FLAG,
                  {"follow", 'f', NULL, WORD_NONE, "go on with what comes"},
                  {"denied", 0, NULL, WORD_NONE, "only what was not allowed"},
                  {"lines", 'n', "N", WORD_NONE, "the last N (default 50, 'all')"},
                  {"color", 0, "WHEN", WORD_NONE, "auto, always or never"}},
        .summary = "Show the journal's records, a readable line each",
        .help = "Without a NAME: of all levels.\n",
    },
    {
        .name = "completion",
        .run = completion_run,
        .words = "bash|zsh|fish",
        .least = 1,
        .most = 1,
        .kinds = {WORD_SHELL},
        .summary = "Print the completions for a shell",
        .help = "They are installed with dspctl; this prints them for another place.\n",
    },
    {
        .name = "help",
        .run = help_run,
        .words = "[COMMAND]",
        .most = 1,
        .kinds = {WORD_COMMAND},
        .summary = "Show help",
        .help = "",
    },
};

const size_t commands_count = sizeof(commands) / sizeof(*commands);
