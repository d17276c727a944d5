#include "start/options.h"

#include "config.h"

#include <getopt.h>
#include <stdio.h>

#include "policy/policy.h"
#include "sandbox/debug.h"

static const char help[] =
    "Usage: dsp --unit=dsp-NAME | --policy=FILE\n"
    "Serves one connection, on standard input and output, with a part of the Docker\n"
    "Engine API. Started by systemd socket activation, inetd, or anything that does\n"
    "the same.\n"
    "\n"
    "  --unit=dsp-NAME  use the policy of that socket unit: " DSP_SYSCONFDIR "/NAME.ini,\n"
    "                   else " DSP_POLICYDIR "/NAME.ini\n"
    "  --policy=FILE    use this policy\n"
    "  --help, --version\n"
    "\n"
    "dsp(8) has the rest.\n";

bool options_is_level(struct str name)
{
    return policy_is_name(name);
}

static enum options_action wrong(const char *why)
{
    (void)fprintf(stderr, "<3>dsp: %s\nTry 'dsp --help'.\n", why);
    return OPTIONS_WRONG;
}

enum options_action options_parse(int argc, char **argv, struct options *options)
{
    static const struct option longs[] = {
        {"unit", required_argument, NULL, 'u'},
        {"policy", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {0},
    };
    const struct str prefix = STR("dsp-");
    int c;

    *options = (struct options){0};
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        struct str value = str_of(optarg);
        switch (c) {
        case 'u':
            if (!str_starts(value, prefix) ||
                !options_is_level(str_slice(value, prefix.n, value.n)))
                return wrong("--unit wants dsp-NAME, where NAME has letters, digits and :-_. and "
                             "does not begin with a dot");
            options->level = str_slice(value, prefix.n, value.n);
            break;
        case 'p':
            options->policy_file = optarg;
            break;
        case 'h':
            (void)fputs(help, stdout);
            return OPTIONS_DONE;
        case 'V':
            (void)puts("dsp " PACKAGE_VERSION SANDBOX_VERSION);
            return OPTIONS_DONE;
        default:
            return OPTIONS_WRONG;
        }
    }
    if (optind < argc)
        return wrong("there are no arguments but options");
    if (options->policy_file != NULL && options->policy_file[0] == '\0')
        return wrong("--policy wants a file");
    if ((options->level.n > 0) == (options->policy_file != NULL))
        return wrong("either --unit or --policy is needed");
    return OPTIONS_SERVE;
}
