#include "pool/children.h"

#include <signal.h>
#include <stdlib.h>

int children_init(struct children *children, size_t room)
{
    *children = (struct children){.all = calloc(room, sizeof(*children->all)), .room = room};
    return children->all == NULL ? -1 : 0;
}

void children_free(struct children *children)
{
    free(children->all);
    *children = (struct children){0};
}

void children_add(struct children *children, pid_t pid)
{
    children->all[children->n++] = (struct child){.pid = pid, .state = CHILD_SPARE};
    children->count[CHILD_SPARE]++;
}

struct child *children_find(struct children *children, pid_t pid)
{
    for (size_t i = 0; i < children->n; i++)
        if (children->all[i].pid == pid)
            return &children->all[i];
    return NULL;
}

void children_set(struct children *children, struct child *child, enum child_state state)
{
    children->count[child->state]--;
    children->count[state]++;
    child->state = state;
}

void children_remove(struct children *children, struct child *child)
{
    children->count[child->state]--;
    *child = children->all[--children->n];
}

void children_signal(struct children *children, enum child_state state, int signal_number,
                     size_t most)
{
    for (size_t i = 0; i < children->n && most > 0; i++) {
        struct child *child = &children->all[i];
        if (child->state != state)
            continue;
        (void)kill(child->pid, signal_number); /* not reaped yet, so it is that child */
        if (state == CHILD_SPARE)
            children_set(children, child, CHILD_SENT_HOME);
        most--;
    }
}
