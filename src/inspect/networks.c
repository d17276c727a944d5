/* networks.c: rules on networks, their endpoints, addresses and ports. */
#include <string.h>

#include "inspect/checks.h"
#include "inspect/json.h"

/* A network as a container names it. The host's is no network like the others, and the engine
 * refuses to connect a container to it by its id (daemon/container_operations.go). */
static bool network_named(struct judge *j, struct str name)
{
    struct str container = STR("container:");

    if (str_equal(name, STR("none")))
        return true;
    if (str_equal(name, STR("host")))
        return policy_names(j->policy, KEY_W_HOST_NAMESPACES, STR("network")) ||
               judge_not_named(j, KEY_W_HOST_NAMESPACES, name);
    if (str_starts(name, container))
        return judge_names(j, KEY_W_JOIN_CONTAINERS, str_slice(name, container.n, name.n));
    if (str_index(name, ':') < name.n) /* Podman's "ns:/proc/1/ns/net" */
        return judge_object(j, OBJECT_MALFORMED, name, "is no network that dsp knows");
    return judge_names(j, KEY_W_NETWORKS,
                       name.n == 0 || str_equal(name, STR("default")) ? STR("bridge") : name);
}

bool check_network_mode(struct judge *j, const struct field *field, const json_t *value)
{
    (void)field;
    return network_named(j, json_str(value));
}

/* Engines take the id for the network where there is one (getNetworkID()). */
static bool endpoint_named(struct judge *j, struct str name, const json_t *endpoint)
{
    struct str id = json_str(json_object_get(endpoint, "NetworkID"));

    return network_named(j, name) && (id.n == 0 || str_equal(id, name) || network_named(j, id));
}

bool check_endpoints(struct judge *j, const struct field *field, const json_t *value)
{
    const char *name;
    json_t *endpoint;

    (void)field;
    json_object_foreach((json_t *)value, name, endpoint)
    {
        if (!endpoint_named(j, str_of(name), endpoint))
            return false;
    }
    return true;
}

/* What the path calls the network. */
bool check_connect(struct judge *j, const json_t *request)
{
    struct str segments[TARGET_SEGMENTS_MAX] = {0};

    if (j->target == NULL || operation_segments(j->op, j->target, segments) < 2)
        return judge_not_named(j, KEY_W_NETWORKS, (struct str){0});
    size_t mark = judge_down(j, STR("EndpointConfig"));
    const json_t *endpoint = json_object_get(request, "EndpointConfig");
    /* With recreate a container may be connected to what the one before it was connected to. */
    struct str id = json_str(json_object_get(endpoint, "NetworkID"));
    const json_t *had = json_object_get(json_object_get(j->before, "EndpointConfig"), "NetworkID");
    bool good = (j->before != NULL && (id.n == 0 || str_equal(id, json_str(had)))) ||
                endpoint_named(j, segments[1], endpoint);
    judge_up(j, mark);
    return good;
}

static bool is_named_as_such(const struct judge *j, struct str name)
{
    const struct grant *grant = policy_grant(j->policy, KEY_W_NETWORKS);

    for (size_t i = 0; i < grant->n; i++)
        if (!str_is_one_of(str_of(grant->words[i].text), "* **") &&
            grant_word_names(GRANT_NAMES, str_of(grant->words[i].text), name))
            return true;
    return false;
}

/* A service's network is found by the beginning of its id, too, and by that of the host's
 * (daemon/cluster/helpers.go, networks.go populateNetworkID()): one that can be an id must be named,
 * and by more than a star, where the host's is not. */
static bool target_named(struct judge *j, struct str target)
{
    bool can_be_id = true;

    for (size_t i = 0; i < target.n; i++)
        can_be_id = can_be_id && ((target.p[i] >= '0' && target.p[i] <= '9') ||
                                  (target.p[i] >= 'a' && target.p[i] <= 'z'));
    can_be_id = can_be_id && !str_is_one_of(target, "host none");
    if (can_be_id && policy_grant(j->policy, KEY_W_NETWORKS)->n == 0)
        return judge_not_named(j, KEY_W_NETWORKS, target);
    return network_named(j, target) &&
           (!can_be_id || is_named_as_such(j, target) ||
            policy_names(j->policy, KEY_W_HOST_NAMESPACES, STR("network")) ||
            judge_not_named(j, KEY_W_HOST_NAMESPACES, target));
}

bool check_service_networks(struct judge *j, const struct field *field, const json_t *value)
{
    bool good = true;

    (void)field;
    for (size_t i = 0; good && i < json_array_size(value); i++) {
        size_t mark = judge_down_at(j, i);
        good = target_named(j, json_str(json_object_get(json_array_get(value, i), "Target")));
        judge_up(j, mark);
    }
    return good;
}

static bool port_named(struct judge *j, struct str address, struct str port)
{
    char text[128];
    struct writer w = writer_over(text, sizeof(text));
    struct port_range range;

    writer_str(&w, address);
    writer_text(&w, address.n > 0 ? ":" : "");
    writer_str(&w, port.n > 0 ? port : STR("0"));
    if (w.overflow || !grant_ports(writer_view(&w), &range) || !str_equal(range.address, address))
        return judge_object(j, OBJECT_MALFORMED, writer_view(&w), "is no address and port");
    return judge_names(j, KEY_W_PORTS, writer_view(&w));
}

/* {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}; an empty list is one of any address and port. */
bool check_port_bindings(struct judge *j, const struct field *field, const json_t *value)
{
    const char *port;
    json_t *list;

    (void)field;
    json_object_foreach((json_t *)value, port, list)
    {
        if (json_array_size(list) == 0 && !port_named(j, (struct str){0}, (struct str){0}))
            return false;
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *binding = json_array_get(list, i);
            if (!port_named(j, json_str(json_object_get(binding, "HostIp")),
                            json_str(json_object_get(binding, "HostPort"))))
                return false;
        }
    }
    return true;
}

bool check_publish_all(struct judge *j, const struct field *field, const json_t *value)
{
    (void)value;
    return judge_names(j, field->key, STR("0"));
}

bool check_service_ports(struct judge *j, const struct field *field, const json_t *value)
{
    (void)field;
    for (size_t i = 0; i < json_array_size(value); i++) {
        json_int_t port =
            json_integer_value(json_object_get(json_array_get(value, i), "PublishedPort"));
        char text[24];
        struct writer w = writer_over(text, sizeof(text));
        if (port < 0 || port > 65535)
            return judge_object(j, OBJECT_MALFORMED, (struct str){0}, "has a port that is none");
        writer_decimal(&w, (uint64_t)port);
        if (!port_named(j, (struct str){0}, writer_view(&w)))
            return false;
    }
    return true;
}

/* Settings of the interface, "net.ipv4.conf.IFNAME.forwarding=1", are many in one. */
bool check_endpoint_options(struct judge *j, const struct field *field, const json_t *value)
{
    const char *name;
    json_t *text;

    json_object_foreach((json_t *)value, name, text)
    {
        bool many = strcmp(name, "com.docker.network.endpoint.sysctls") == 0;
        if (!(many ? judge_names_parts : judge_names_pair)(j, field->key, str_of(name),
                                                           json_str(text)))
            return false;
    }
    return true;
}

static bool range_named(struct judge *j, enum policy_key key, struct str text)
{
    return text.n == 0 || judge_names(j, key, text);
}

/* An address, a network, a list or a map of them. */
bool check_addresses(struct judge *j, const struct field *field, const json_t *value)
{
    const char *name;
    json_t *one;

    if (json_is_string(value))
        return range_named(j, field->key, json_str(value));
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!range_named(j, field->key, json_str(json_array_get(value, i))))
            return false;
    json_object_foreach((json_t *)value, name, one)
    {
        if (!range_named(j, field->key, json_str(one)))
            return false;
    }
    return true;
}

bool check_network_driver(struct judge *j, const struct field *field, const json_t *value)
{
    struct str driver = json_str(value);

    return str_equal(driver, STR("bridge")) || judge_names(j, field->key, driver);
}

bool check_ipam_driver(struct judge *j, const struct field *field, const json_t *value)
{
    struct str driver = json_str(value);

    return str_equal(driver, STR("default")) || judge_names(j, field->key, driver);
}

bool check_scope(struct judge *j, const struct field *field, const json_t *value)
{
    (void)field;
    return str_equal(json_str(value), STR("local")) ||
           judge_object(j, OBJECT_NEVER, json_str(value), NULL);
}

/* It means a swarm's network: of a bridge, for which docker-compose 1.29 says it, it means nothing. */
bool check_attachable(struct judge *j, const struct field *field, const json_t *value)
{
    struct str driver = json_str(json_object_get(j->root, "Driver"));

    (void)value;
    return driver.n == 0 || str_equal(driver, STR("bridge")) || judge_switch(j, field->key);
}

bool check_network(struct judge *j, const json_t *request)
{
    if (policy_grant(j->policy, KEY_N_REQUIRE_INTERNAL)->on &&
        !json_is_true(json_object_get(request, "Internal")))
        return judge_requires(j, KEY_N_REQUIRE_INTERNAL, "Internal", "is to be true");
    return true;
}
