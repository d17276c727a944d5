/* network_fields.c: networks and their endpoints. moby api/types/network. */
#include "inspect/fields.h"

/* clang-format off */
static const struct field address_fields[] = {
    CHECKED("IPv4Address", STRING, KEY_W_ADDRESSES, check_addresses, "another's address"),
    CHECKED("IPv6Address", STRING, KEY_W_ADDRESSES, check_addresses, "the same"),
    CHECKED("LinkLocalIPs", STRINGS, KEY_W_ADDRESSES, check_addresses, "169.254.169.254 is a cloud's metadata service"),
};
static const struct type type_addresses = {"EndpointIPAMConfig", {PART(address_fields)}, NULL};

static const struct field endpoint_fields[] = {
    WITHIN("IPAMConfig", OBJECT, &type_addresses, "static addresses"),
    KEYED("Links", STRINGS, KEY_W_LINKS, "names of others"),
    KEYED("Aliases", STRINGS, KEY_W_ALIASES, "takes over the name of another in the network"),
    KEYED("MacAddress", STRING, KEY_W_MAC_ADDRESSES, "another machine's address"),
    CHECKED("DriverOpts", MAP, KEY_W_ENDPOINT_OPTIONS, check_endpoint_options, "endpoint.sysctls writes the interface's settings"),
    PASSES("GwPriority", INT, "which of its networks has its default route"),
    PASSES("NetworkID", STRING, "a second way to name the network: judged with its name"),
    /* What an inspected container has here: engines take none of it from a client (20.10 takes
     * IPAddress and its like into the endpoint, where they are overwritten), but DNSNames. */
    PASSES("EndpointID", STRING, "the engine's own"),
    PASSES("Gateway", STRING, "the engine's own"),
    PASSES("IPAddress", STRING, "the engine's own"),
    PASSES("IPPrefixLen", INT, "the engine's own"),
    PASSES("IPv6Gateway", STRING, "the engine's own"),
    PASSES("GlobalIPv6Address", STRING, "the engine's own"),
    PASSES("GlobalIPv6PrefixLen", INT, "the engine's own"),
    KEYED("DNSNames", STRINGS, KEY_W_ALIASES, "as Aliases"),
};
const struct type type_endpoint = {"EndpointSettings", {PART(endpoint_fields)}, NULL};

static const struct field connect_fields[] = {
    KEYED("Container", STRING, KEY_N_CONTAINERS, "names any container, whatever the path says"),
    WITHIN("EndpointConfig", OBJECT, &type_endpoint, "as when it is created"),
    WITHIN("containerConfig", OBJECT, &type_endpoint, "docker-java says the same twice; no engine reads it"),
};
const struct type type_network_connect = {"ConnectRequest", {PART(connect_fields)}, check_connect};

static const struct field disconnect_fields[] = {
    KEYED("Container", STRING, KEY_N_CONTAINERS, "names any container, whatever the path says"),
    KEYED("Force", BOOL, KEY_N_FORCE, "cuts a running container off"),
};
const struct type type_network_disconnect = {"DisconnectRequest", {PART(disconnect_fields)}, check_connect};

static const struct field ipam_pool_fields[] = {
    CHECKED("Subnet", STRING, KEY_N_SUBNETS, check_addresses, "the host's or the LAN's own addresses"),
    CHECKED("IPRange", STRING, KEY_N_SUBNETS, check_addresses, "the same"),
    CHECKED("Gateway", STRING, KEY_N_SUBNETS, check_addresses, "the same"),
    CHECKED("AuxiliaryAddresses", MAP, KEY_N_SUBNETS, check_addresses, "the same"),
    ABSENT("NetworkID", STRING, "docker-java says null"),
};
static const struct type type_ipam_pool = {"IPAMConfig", {PART(ipam_pool_fields)}, NULL};

static const struct field ipam_fields[] = {
    CHECKED("Driver", STRING, KEY_N_IPAM_DRIVERS, check_ipam_driver, "a plugin"),
    ABSENT("Options", MAP, "whatever the driver makes of it"),
    WITHIN("Config", OBJECTS, &type_ipam_pool, "address ranges"),
};
static const struct type type_ipam = {"IPAM", {PART(ipam_fields)}, NULL};

static const struct field config_reference_fields[] = {
    ABSENT("Network", STRING, "the options of another network"),
};
static const struct type type_config_reference = {"ConfigReference", {PART(config_reference_fields)}, NULL};

static const struct field network_create_fields[] = {
    KEYED("Name", STRING, KEY_N_NAMES, "its name"),
    PASSES("CheckDuplicate", BOOL, "until API 1.43"),
    CHECKED("Driver", STRING, KEY_N_DRIVERS, check_network_driver, "macvlan and ipvlan are the physical network"),
    CHECKED("Scope", STRING, 0, check_scope, "swarm: the whole cluster's"),
    PASSES("EnableIPv4", BOOL, "addresses of its own"),
    PASSES("EnableIPv6", BOOL, "the same"),
    WITHIN("IPAM", OBJECT, &type_ipam, "addresses"),
    PASSES("Internal", BOOL, "takes away"),
    CHECKED("Attachable", BOOL, KEY_N_ATTACHABLE, check_attachable, "a swarm's network for any container"),
    ABSENT("Ingress", BOOL, "the swarm's routing mesh"),
    ABSENT("ConfigOnly", BOOL, "options for other networks"),
    WITHIN("ConfigFrom", OBJECT, &type_config_reference, "options of another network"),
    KEYED("Options", MAP, KEY_N_OPTIONS, "interfaces and addresses of the host, NAT, isolation"),
    CHECKED("Labels", MAP, KEY_W_FORBID_LABELS, check_labels, "other tools believe them"),
};
const struct type type_network_create = {"CreateRequest", {PART(network_create_fields)}, check_network};
/* clang-format on */
