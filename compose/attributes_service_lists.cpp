// The attributes of a service that are objects, or lists or tables of objects.
#include "compose/attributes.hpp"

namespace compose {

namespace {

constexpr std::string_view conditions = "service_started|service_healthy|service_completed_successfully";
constexpr std::string_view mounts = "bind|volume|tmpfs|!cluster|!npipe|!image";

constexpr Attribute rows[] = {
    {"services.*.blkio_config.weight", Type::integer},
    {"services.*.blkio_config.weight_device", Type::list},
    {"services.*.blkio_config.weight_device.[]", Type::object},
    {"services.*.blkio_config.weight_device.[].path", Type::text, capitalised},
    {"services.*.blkio_config.weight_device.[].weight", Type::integer, capitalised},
    {"services.*.blkio_config.device_read_bps", Type::list},
    {"services.*.blkio_config.device_read_bps.[]", Type::object},
    {"services.*.blkio_config.device_read_bps.[].path", Type::text, capitalised},
    {"services.*.blkio_config.device_read_bps.[].rate", Type::bytes, capitalised},
    {"services.*.blkio_config.device_read_iops", Type::list},
    {"services.*.blkio_config.device_read_iops.[]", Type::object},
    {"services.*.blkio_config.device_read_iops.[].path", Type::text, capitalised},
    {"services.*.blkio_config.device_read_iops.[].rate", Type::bytes, capitalised},
    {"services.*.blkio_config.device_write_bps", Type::list},
    {"services.*.blkio_config.device_write_bps.[]", Type::object},
    {"services.*.blkio_config.device_write_bps.[].path", Type::text, capitalised},
    {"services.*.blkio_config.device_write_bps.[].rate", Type::bytes, capitalised},
    {"services.*.blkio_config.device_write_iops", Type::list},
    {"services.*.blkio_config.device_write_iops.[]", Type::object},
    {"services.*.blkio_config.device_write_iops.[].path", Type::text, capitalised},
    {"services.*.blkio_config.device_write_iops.[].rate", Type::bytes, capitalised},

    {"services.*.configs.[]", Type::object, or_text},
    {"services.*.configs.[].source", Type::text},
    {"services.*.configs.[].target", Type::text},
    {"services.*.configs.[].uid", Type::text},
    {"services.*.configs.[].gid", Type::text},
    {"services.*.configs.[].mode", Type::octal, kept},
    {"services.*.secrets.[]", Type::object, or_text},
    {"services.*.secrets.[].source", Type::text},
    {"services.*.secrets.[].target", Type::text},
    {"services.*.secrets.[].uid", Type::text},
    {"services.*.secrets.[].gid", Type::text},
    {"services.*.secrets.[].mode", Type::octal, kept},

    {"services.*.depends_on.*", Type::object},
    {"services.*.depends_on.*.condition", Type::text, 0, Status::works, {}, conditions},
    {"services.*.depends_on.*.restart", Type::boolean},
    {"services.*.depends_on.*.required", Type::boolean, kept},

    {"services.*.devices.[]", Type::object, or_text},
    {"services.*.devices.[].source", Type::text, needed},
    {"services.*.devices.[].target", Type::text},
    {"services.*.devices.[].permissions", Type::text},

    {"services.*.env_file.[]", Type::object, or_text},
    {"services.*.env_file.[].path", Type::text, needed},
    {"services.*.env_file.[].required", Type::boolean, kept},
    {"services.*.env_file.[].format", Type::text, 0, Status::works, {}, "raw"},

    {"services.*.gpus.[]", Type::object},
    {"services.*.gpus.[].capabilities", Type::texts},
    {"services.*.gpus.[].driver", Type::text},
    {"services.*.gpus.[].count", Type::integer, 0, Status::works, {}, "all"},
    {"services.*.gpus.[].device_ids", Type::texts},
    {"services.*.gpus.[].options", Type::pairs},

    {"services.*.healthcheck.test", Type::texts, or_text},
    {"services.*.healthcheck.timeout", Type::duration, kept},
    {"services.*.healthcheck.interval", Type::duration, kept},
    {"services.*.healthcheck.retries", Type::integer, kept},
    {"services.*.healthcheck.start_period", Type::duration, kept},
    {"services.*.healthcheck.start_interval", Type::duration, kept},
    {"services.*.healthcheck.disable", Type::boolean},

    {"services.*.logging.driver", Type::text, 0, Status::works, "json-file, local, none; others are refused"},
    {"services.*.logging.options", Type::options, 0, Status::works, "max-size and max-file"},

    {"services.*.networks.*", Type::object, or_null | kept},
    {"services.*.networks.*.priority", Type::integer},
    {"services.*.networks.*.aliases", Type::texts},
    {"services.*.networks.*.ipv4_address", Type::text},
    {"services.*.networks.*.ipv6_address", Type::text, 0, Status::refused, "networks have IPv4 addresses"},
    {"services.*.networks.*.link_local_ips", Type::texts},
    {"services.*.networks.*.mac_address", Type::text},
    {"services.*.networks.*.driver_opts", Type::options, 0, Status::refused,
     "set sysctls of the service, or driver_opts of the network"},
    {"services.*.networks.*.gw_priority", Type::integer},
    {"services.*.networks.*.interface_name", Type::text},

    {"services.*.ports.[]", Type::object, or_text | or_number},
    {"services.*.ports.[].name", Type::text, 0, Status::works, "shown by config"},
    {"services.*.ports.[].mode", Type::text, 0, Status::works,
     "on one machine host and ingress are the same"},
    {"services.*.ports.[].host_ip", Type::text},
    {"services.*.ports.[].target", Type::integer},
    {"services.*.ports.[].published", Type::word},
    {"services.*.ports.[].protocol", Type::text},
    {"services.*.ports.[].app_protocol", Type::text, 0, Status::works, "shown by config"},

    {"services.*.ulimits.*", Type::object, or_number | or_text | kept},
    {"services.*.ulimits.*.soft", Type::integer, needed | kept},
    {"services.*.ulimits.*.hard", Type::integer, needed | kept},

    {"services.*.volumes.[]", Type::object, or_text},
    {"services.*.volumes.[].type", Type::text, needed, Status::works, {}, mounts},
    {"services.*.volumes.[].source", Type::text},
    {"services.*.volumes.[].target", Type::text},
    {"services.*.volumes.[].read_only", Type::boolean},
    {"services.*.volumes.[].consistency", Type::text, 0, Status::ignored,
     "it is for other systems than Linux"},
    {"services.*.volumes.[].bind", Type::object, kept},
    {"services.*.volumes.[].bind.selinux", Type::text, 0, Status::works,
     "without SELinux there is nothing to do", "z|Z"},
    {"services.*.volumes.[].bind.propagation",
     Type::text,
     0,
     Status::works,
     {},
     "rprivate|private|rshared|shared|rslave|slave"},
    {"services.*.volumes.[].bind.create_host_path", Type::boolean},
    {"services.*.volumes.[].bind.recursive",
     Type::text,
     0,
     Status::works,
     {},
     "enabled|disabled|writable|readonly"},
    {"services.*.volumes.[].volume", Type::object, kept},
    {"services.*.volumes.[].volume.labels", Type::pairs, empty_pairs, Status::refused,
     "give the labels to the top-level volume"},
    {"services.*.volumes.[].volume.nocopy", Type::boolean},
    {"services.*.volumes.[].volume.subpath", Type::text},
    {"services.*.volumes.[].tmpfs", Type::object, kept},
    {"services.*.volumes.[].tmpfs.size", Type::bytes},
    {"services.*.volumes.[].tmpfs.mode", Type::octal},
    {"services.*.volumes.[].image", Type::object, 0, Status::refused, "copy the files into a volume"},
    {"services.*.volumes.[].image.subpath", Type::text},
};

} // namespace

std::span<const Attribute> service_list_attributes() {
    return rows;
}

} // namespace compose
