// The members of container.json: one line per member, walked by the reader and by the writer in
// spec_json.cpp. A member that has its default value is not written; a missing one keeps it.
#pragma once

#include "engine/container/spec.hpp"

namespace container {

template <typename Fields>
void describe(Fields &at, NamespaceMode &value) {
    at("kind", value.kind);
    at("container", value.container);
}

template <typename Fields>
void describe(Fields &at, IdMapping &value) {
    at("inside", value.inside);
    at("outside", value.outside);
    at("size", value.size);
}

template <typename Fields>
void describe(Fields &at, Namespaces &value) {
    at("pid", value.pid);
    at("network", value.network);
    at("ipc", value.ipc);
    at("uts", value.uts);
    at("cgroup", value.cgroup);
    at("ipcShareable", value.ipc_shareable);
    at("ownUsers", value.own_users);
    at("uidMap", value.uid_map);
    at("gidMap", value.gid_map);
}

template <typename Fields>
void describe(Fields &at, Rlimit &value) {
    at("name", value.name);
    at("soft", value.soft);
    at("hard", value.hard);
}

template <typename Fields>
void describe(Fields &at, Process &value) {
    at("argv", value.argv);
    at("env", value.env);
    at("cwd", value.cwd);
    at("user", value.user);
    at("groupAdd", value.group_add);
    at("tty", value.tty);
    at("stdinOpen", value.stdin_open);
    at("init", value.init);
    at("rlimits", value.rlimits);
    at("oomScoreAdj", value.oom_score_adj);
}

template <typename Fields>
void describe(Fields &at, Security &value) {
    at("capAdd", value.cap_add);
    at("capDrop", value.cap_drop);
    at("privileged", value.privileged);
    at("noNewPrivileges", value.no_new_privileges);
    at("seccompUnconfined", value.seccomp_unconfined);
    at("seccompProfile", value.seccomp_profile);
    at("systemPathsUnconfined", value.system_paths_unconfined);
}

template <typename Fields>
void describe(Fields &at, BindMount &value) {
    at("source", value.source);
    at("createSource", value.create_source);
    at("propagation", value.propagation);
    at("recursive", value.recursive);
    at("recursiveReadOnly", value.recursive_read_only);
    at("nosuid", value.nosuid);
    at("nodev", value.nodev);
    at("noexec", value.noexec);
    at("idMap", value.id_map);
}

template <typename Fields>
void describe(Fields &at, VolumeMount &value) {
    at("name", value.name);
    at("source", value.source);
    at("subpath", value.subpath);
    at("copy", value.copy);
}

template <typename Fields>
void describe(Fields &at, TmpfsMount &value) {
    at("size", value.size);
    at("mode", value.mode);
    at("uid", value.uid);
    at("gid", value.gid);
    at("exec", value.exec);
    at("suid", value.suid);
    at("dev", value.dev);
    at("nrInodes", value.nr_inodes);
    at("nrBlocks", value.nr_blocks);
    at("accessTimes", value.access_times);
    at("directoryAccessTimes", value.directory_access_times);
}

template <typename Fields>
void describe(Fields &at, Mount &value) {
    at("target", value.target);
    at("readOnly", value.read_only);
    at.alternative("bind", value.source, BindMount{});
    at.alternative("volume", value.source, VolumeMount{});
    at.alternative("tmpfs", value.source, TmpfsMount{});
}

template <typename Fields>
void describe(Fields &at, GrantedFile &value) {
    at("target", value.target);
    at("uid", value.uid);
    at("gid", value.gid);
    at("mode", value.mode);
}

template <typename Fields>
void describe(Fields &at, Device::Number &value) {
    at("block", value.block);
    at("major", value.major);
    at("minor", value.minor);
}

template <typename Fields>
void describe(Fields &at, Device &value) {
    at("source", value.source);
    at("target", value.target);
    at("permissions", value.permissions);
    at("mode", value.mode);
    at("uid", value.uid);
    at("gid", value.gid);
    at("number", value.number);
}

template <typename Fields>
void describe(Fields &at, RestartPolicy &value) {
    at("kind", value.kind);
    at("maxAttempts", value.max_attempts);
    at("delay", value.delay);
    at("window", value.window);
}

template <typename Fields>
void describe(Fields &at, Healthcheck &value) {
    at("test", value.test);
    at("interval", value.interval);
    at("timeout", value.timeout);
    at("startPeriod", value.start_period);
    at("startInterval", value.start_interval);
    at("retries", value.retries);
}

template <typename Fields>
void describe(Fields &at, LogOptions &value) {
    at("discard", value.discard);
    at("maxSize", value.max_size);
    at("maxFile", value.max_file);
}

template <typename Fields>
void describe(Fields &at, Endpoint &value) {
    at("network", value.network);
    at("aliases", value.aliases);
    at("ipv4Address", value.ipv4_address);
    at("ipv6Address", value.ipv6_address);
    at("macAddress", value.mac_address);
    at("interfaceName", value.interface_name);
    at("linkLocalIps", value.link_local_ips);
    at("driverOpts", value.driver_opts);
    at("priority", value.priority);
    at("gwPriority", value.gw_priority);
}

template <typename Fields>
void describe(Fields &at, PublishedPort &value) {
    at("hostIp", value.host_ip);
    at("hostFirst", value.host_first);
    at("hostLast", value.host_last);
    at("containerPort", value.container_port);
    at("protocol", value.protocol);
}

template <typename Fields>
void describe(Fields &at, Spec &value) {
    at("id", value.id);
    at("name", value.name);
    at("project", value.project);
    at("service", value.service);
    at("number", value.number);
    at("oneOff", value.one_off);
    at("labels", value.labels);
    at("annotations", value.annotations);
    at("created", value.created);
    at("imageId", value.image_id);
    at("imageName", value.image_name);
    at("layers", value.layers);
    at("readOnly", value.read_only);
    at("hostname", value.hostname);
    at("domainname", value.domainname);
    at("process", value.process);
    at("security", value.security);
    at("namespaces", value.namespaces);
    at("mounts", value.mounts);
    at("files", value.files);
    at("shmSize", value.shm_size);
    at("devices", value.devices);
    at("cdiDevices", value.cdi_devices);
    at("deviceCgroupRules", value.device_cgroup_rules);
    at("sysctls", value.sysctls);
    at("resources", value.resources);
    at("cgroupParent", value.cgroup_parent);
    at("endpoints", value.endpoints);
    at("ports", value.ports);
    at("expose", value.expose);
    at("extraHosts", value.extra_hosts);
    at("dns", value.dns);
    at("dnsSearch", value.dns_search);
    at("dnsOptions", value.dns_options);
    at("links", value.links);
    at("stopSignal", value.stop_signal);
    at("stopGrace", value.stop_grace);
    at("restart", value.restart);
    at("healthcheck", value.healthcheck);
    at("log", value.log);
}

} // namespace container
