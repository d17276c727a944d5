/* mount_fields.c: mounts of containers and services. moby api/types/mount. */
#include "inspect/fields.h"

/* clang-format off */
static const struct field driver_fields[] = {
    PASSES("Name", STRING, "judged as a whole"),
    CHECKED("Options", MAP, KEY_W_VOLUME_OPTIONS, check_driver_options, "type=none,o=bind,device=/ is a bind"),
};
static const struct type type_volume_driver = {"Driver", {PART(driver_fields)}, check_driver};

static const struct field bind_fields[] = {
    CHECKED("Propagation", STRING, KEY_W_BIND_OPTIONS, check_propagation, "shared: what is mounted in the container is on the host"),
    PASSES("NonRecursive", BOOL, "takes away"),
    PASSES("CreateMountpoint", BOOL, "a directory where the policy allows a bind, as Binds make it"),
    PASSES("ReadOnlyNonRecursive", BOOL, "judged with the source"),
    PASSES("ReadOnlyForceRecursive", BOOL, "takes away"),
};
static const struct type type_bind = {"BindOptions", {PART(bind_fields)}, NULL};

static const struct field volume_fields[] = {
    PASSES("NoCopy", BOOL, "takes away"),
    CHECKED("Labels", MAP, KEY_W_FORBID_LABELS, check_labels, "other tools believe them"),
    CHECKED("Subpath", STRING, 0, check_subpath, "within the volume"),
    WITHIN("DriverConfig", OBJECT, &type_volume_driver, "type=none,o=bind,device=/ is a bind"),
};
static const struct type type_volume = {"VolumeOptions", {PART(volume_fields)}, NULL};

static const struct field image_fields[] = {
    CHECKED("Subpath", STRING, 0, check_subpath, "within the image"),
};
static const struct type type_image = {"ImageOptions", {PART(image_fields)}, NULL};

static const struct field tmpfs_fields[] = {
    PASSES("SizeBytes", INT, "a limit"),
    PASSES("Mode", INT, "permissions in it"),
    CHECKED("Options", LISTS, KEY_W_TMPFS_OPTIONS, check_tmpfs_options, "suid and dev"),
};
static const struct type type_tmpfs = {"TmpfsOptions", {PART(tmpfs_fields)}, NULL};

static const struct type type_cluster = {"ClusterOptions", {{NULL, 0, false}}, NULL};

static const struct field mount_fields[] = {
    PASSES("Type", STRING, "judged as a whole"),
    PASSES("Source", STRING, "the same"),
    PASSES("Target", STRING, "the same"),
    PASSES("ReadOnly", BOOL, "the same"),
    PASSES("Consistency", STRING, "Docker Desktop only"),
    WITHIN("BindOptions", OBJECT, &type_bind, "how it is seen from the host"),
    WITHIN("VolumeOptions", OBJECT, &type_volume, "what the volume is made of"),
    WITHIN("ImageOptions", OBJECT, &type_image, "a part of the image"),
    WITHIN("TmpfsOptions", OBJECT, &type_tmpfs, "its flags"),
    WITHIN("ClusterOptions", OBJECT, &type_cluster, "no fields"),
};
const struct type type_mount = {"Mount", {PART(mount_fields)}, check_mount};

static const struct field volume_create_fields[] = {
    PASSES("Name", STRING, "judged even if it is absent: one that exists is what it is"),
    CHECKED("Driver", STRING, KEY_V_DRIVERS, check_volume_driver, "a plugin"),
    CHECKED("DriverOpts", MAP, KEY_V_OPTIONS, check_driver_options, "mount(2) by root: type=none,o=bind,device=/ is a bind"),
    CHECKED("Labels", MAP, KEY_W_FORBID_LABELS, check_labels, "other tools believe them"),
    UNLESS_NULL("ClusterVolumeSpec", OBJECT, 0, check_never, "the swarm's CSI volumes and their secrets, even with {} (moby volume_routes.go)"),
};
const struct type type_volume_create = {"VolumeCreateOptions", {PART(volume_create_fields)}, check_volume};

static const struct field volume_update_fields[] = {
    ABSENT("Spec", OBJECT, "drains a volume of the swarm"),
};
const struct type type_volume_update = {"UpdateOptions", {PART(volume_update_fields)}, NULL};
/* clang-format on */
