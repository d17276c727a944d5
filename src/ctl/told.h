/* told.h: what a survey has found (ctl/survey.h), for people and for programs. */
#ifndef DSP_CTL_TOLD_H
#define DSP_CTL_TOLD_H

#include <jansson.h>

#include "ctl/survey.h"

/* What is refused, each with the line that would let it pass; then what passes, each with its line. */
void told_print(const struct policy *policy, const struct survey *survey);

/* {"refused": [...], "passes": [...], "whole": true} */
json_t *told_json(const struct policy *policy, const struct survey *survey);

#endif
