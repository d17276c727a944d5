/* notify.h: what the service manager is told: sd_notify(3), spoken without its library. */
#ifndef DSP_POOL_NOTIFY_H
#define DSP_POOL_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct notify {
    int fd;              /* connected, non-blocking; -1 when nobody wants to know */
    int64_t watchdog_ms; /* how often WATCHDOG=1 is due; 0: never */
    int64_t next_watchdog_ms;
    int64_t next_status_ms;
    bool ready_told, stopping_told;
    unsigned connections; /* as last told */
    uint64_t served;
};

struct notify_state {
    bool ready, stopping;
    unsigned connections; /* open now */
    uint64_t served;      /* that are over */
};

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID of the environment. */
struct notify notify_open(void);

/* Tells what has changed, the status at most once a second, and keeps the watchdog quiet. What the
 * manager cannot take now is told again. Returns when to be called at the latest (INT64_MAX: no
 * need); times are of the monotonic clock. */
int64_t notify_tell(struct notify *notify, const struct notify_state *state, int64_t now_ms);

#endif
