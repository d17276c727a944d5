/* checks.h: rules of fields for which naming their value is not enough.
 *
 * Each takes the judgement, the row and a value that is of the row's kind and not zero. */
#ifndef DSP_INSPECT_CHECKS_H
#define DSP_INSPECT_CHECKS_H

#include "inspect/schema.h"

#define CHECK_OF(name) bool name(struct judge *j, const struct field *field, const json_t *value)

/* mounts.c */
CHECK_OF(check_binds);
CHECK_OF(check_tmpfs);
CHECK_OF(check_volume_driver);
CHECK_OF(check_driver_options);
CHECK_OF(check_propagation);
CHECK_OF(check_container_path);
CHECK_OF(check_tmpfs_options);
CHECK_OF(check_subpath);
bool check_mount(struct judge *j, const json_t *mount);
bool check_driver(struct judge *j, const json_t *driver);
bool check_volume(struct judge *j, const json_t *request);

/* process.c: what runs, as whom, with what */
CHECK_OF(check_image);
CHECK_OF(check_env);
CHECK_OF(check_argv);
CHECK_OF(check_healthcheck);
CHECK_OF(check_shell);
CHECK_OF(check_user);
CHECK_OF(check_working_dir);
CHECK_OF(check_tty);
CHECK_OF(check_labels);
CHECK_OF(check_checkpoint);

bool check_privilege(struct judge *j, const json_t *privilege);

/* isolation.c: what keeps a container apart from the host */
CHECK_OF(check_capabilities);
CHECK_OF(check_devices);
CHECK_OF(check_device_requests);
CHECK_OF(check_block_devices);
CHECK_OF(check_generic_resources);
CHECK_OF(check_namespace);
CHECK_OF(check_cgroup);
CHECK_OF(check_security_opt);
/* Whether ${text} of SecurityOpt is about no-new-privileges; ${on}: whether it asks for it. */
bool isolation_no_new_privileges(struct str text, bool *on);
CHECK_OF(check_masked_paths);
CHECK_OF(check_readonly_paths);
CHECK_OF(check_seccomp);
CHECK_OF(check_seccomp_profile);
CHECK_OF(check_apparmor);
CHECK_OF(check_selinux);
CHECK_OF(check_sysctls);
CHECK_OF(check_runtime);
CHECK_OF(check_isolation);
CHECK_OF(check_task_runtime);

/* networks.c */
CHECK_OF(check_network_mode);
CHECK_OF(check_endpoints);
CHECK_OF(check_endpoint_options);
CHECK_OF(check_service_networks);
CHECK_OF(check_port_bindings);
CHECK_OF(check_publish_all);
CHECK_OF(check_service_ports);
CHECK_OF(check_addresses);
CHECK_OF(check_network_driver);
CHECK_OF(check_ipam_driver);
CHECK_OF(check_scope);
CHECK_OF(check_attachable);
bool check_connect(struct judge *j, const json_t *request);
bool check_network(struct judge *j, const json_t *request);

/* addresses.c: other hosts that the engine connects to */
CHECK_OF(check_source);
/* Whether the host of that address ends where a pattern's `*` does. */
bool address_is_plain(struct str text);

/* limits.c: resources, and what depends on no value */
CHECK_OF(check_switch);
CHECK_OF(check_never);
CHECK_OF(check_restart);
bool check_service_mode(struct judge *j, const json_t *mode);
bool check_swarm(struct judge *j, const json_t *request);
CHECK_OF(check_log_driver);
CHECK_OF(check_log_options);
CHECK_OF(check_ulimits);
CHECK_OF(check_shm_size);
CHECK_OF(check_oom_score);

/* require.c: what a policy asks of the whole */
bool check_container(struct judge *j, const json_t *request);
bool check_update(struct judge *j, const json_t *request);
bool check_service(struct judge *j, const json_t *request);

#endif
