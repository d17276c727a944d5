/* exec.h: what an exec that is to be started runs, by the engine's own record (ExecInspect). Pure.
 *
 * The record has command, user, privileges and terminal. It has neither the environment nor the
 * working directory (moby api/types/backend ExecInspect): those were judged at ContainerExec, or
 * were not, if the exec was made past this policy. */
#ifndef DSP_INSPECT_EXEC_H
#define DSP_INSPECT_EXEC_H

#include <jansson.h>

#include "inspect/inspect.h"

/* Whether ${record} is one of the exec ${id}, with all that is to be judged. */
bool exec_is_readable(const json_t *record, struct str id);

/* Judges it as [exec] judges a ContainerExec; fields are called "exec.Cmd". ${container} is the
 * container's inspection or NULL: a user that is the container's own was not asked for. */
bool exec_judge(const json_t *record, const json_t *container, const struct policy *policy,
                struct finding *finding);

/* Objects to the container ${name} that an exec is in: the rules allow none there. */
void exec_judge_container(const struct policy *policy, struct str name, struct finding *finding);

#endif
