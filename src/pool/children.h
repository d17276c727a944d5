/* children.h: the processes of the parent, and what each is at. */
#ifndef DSP_POOL_CHILDREN_H
#define DSP_POOL_CHILDREN_H

#include <stddef.h>
#include <sys/types.h>

enum child_state {
    CHILD_SPARE,     /* waits for a client */
    CHILD_SENT_HOME, /* a spare that was told to go; it may have taken a client meanwhile */
    CHILD_SERVING,   /* has one */
    CHILD_STATES
};

struct child {
    pid_t pid;
    enum child_state state;
};

struct children {
    struct child *all; /* in no order */
    size_t n, room;
    unsigned count[CHILD_STATES];
};

/* Makes room for ${room} children. Returns -1 when memory is out. */
int children_init(struct children *children, size_t room);
void children_free(struct children *children);

/* There must be room. */
void children_add(struct children *children, pid_t pid);

/* NULL for a process that is none of them. */
struct child *children_find(struct children *children, pid_t pid);

void children_set(struct children *children, struct child *child, enum child_state state);
void children_remove(struct children *children, struct child *child);

/* Sends ${signal_number} to each child in ${state}, to at most ${most}; to a spare only when it
 * then is CHILD_SENT_HOME. */
void children_signal(struct children *children, enum child_state state, int signal_number,
                     size_t most);

#endif
