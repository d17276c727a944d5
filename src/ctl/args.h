/* args.h: command lines, parsed by the row of their command. */
#ifndef DSP_CTL_ARGS_H
#define DSP_CTL_ARGS_H

#include "ctl/command.h"

/* Takes ${argv}, behind the command's name, apart. Options may stand anywhere; "--" ends them.
 * Returns false when something is wrong, which was printed then. */
bool args_parse(const struct command *command, int argc, char **argv, struct args *args);

#endif
