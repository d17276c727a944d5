/* fields.h: the tables of fields, and what their rows are made with. */
#ifndef DSP_INSPECT_FIELDS_H
#define DSP_INSPECT_FIELDS_H

#include "inspect/checks.h"

/* A field that passes as it is; that must be absent; that a key must name; that a check decides on;
 * and one whose own fields are judged. Each with its reason. */
#define PASSES(name, kind, why)              \
    {                                        \
        name, kind, FREE, 0, NULL, NULL, why \
    }
#define ABSENT(name, kind, why)              \
    {                                        \
        name, kind, ZERO, 0, NULL, NULL, why \
    }
#define KEYED(name, kind, key, why)                \
    {                                              \
        name, kind, NAMED_BY, key, NULL, NULL, why \
    }
#define CHECKED(name, kind, key, how, why)        \
    {                                             \
        name, kind, BY_CHECK, key, NULL, how, why \
    }
#define UNLESS_NULL(name, kind, key, how, why)  \
    {                                           \
        name, kind, NULLED, key, NULL, how, why \
    }
#define WITHIN(name, kind, type, why)        \
    {                                        \
        name, kind, FREE, 0, type, NULL, why \
    }
#define BOTH(name, kind, type, key, how, why)     \
    {                                             \
        name, kind, BY_CHECK, key, type, how, why \
    }

extern const struct type type_container_create, type_container_update, type_container_config,
    type_nothing, type_exec_create, type_exec_start, type_endpoint, type_mount, type_healthcheck,
    type_ulimit, type_service, type_network_create, type_network_connect, type_network_disconnect,
    type_volume_create, type_volume_update, type_swarm_init, type_swarm_join, type_swarm_spec,
    type_swarm_unlock, type_node, type_secret, type_config, type_auth, type_plugin_privilege,
    type_checkpoint;

#endif
