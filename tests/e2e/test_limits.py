"""Each limit of a service, as the kernel has it."""
import os
import stat

import pytest

from harness.stack import UNIFIED, differences, limit, up_all

UNLIMITED = "9223372036854771712"

# attributes -> (v1 file, v2 file, v1 value, v2 value)
LIMITS = {
    "memory": ("mem_limit: 64m", [("memory/memory.limit_in_bytes", "memory.max", "67108864", "67108864"),
                                  ("memory/memory.memsw.limit_in_bytes", "memory.swap.max", "134217728", "67108864")]),
    "swap": ("mem_limit: 64m, memswap_limit: 96m",
             [("memory/memory.memsw.limit_in_bytes", "memory.swap.max", "100663296", "33554432")]),
    "swapless": ("mem_limit: 64m, memswap_limit: 64m",
                 [("memory/memory.memsw.limit_in_bytes", "memory.swap.max", "67108864", "0")]),
    "endless-swap": ("mem_limit: 64m, memswap_limit: -1",
                     [("memory/memory.memsw.limit_in_bytes", "memory.swap.max", UNLIMITED, "max")]),
    "reserved": ("mem_limit: 64m, mem_reservation: 32m",
                 [("memory/memory.soft_limit_in_bytes", "memory.low", "33554432", "33554432")]),
    "half": ("cpus: 0.5", [("cpu/cpu.cfs_quota_us", "cpu.max", "50000", "50000 100000"),
                           ("cpu/cpu.cfs_period_us", "cpu.max", "100000", "50000 100000")]),
    "quota": ("cpu_period: 50000, cpu_quota: 20000",
              [("cpu/cpu.cfs_quota_us", "cpu.max", "20000", "20000 50000"),
               ("cpu/cpu.cfs_period_us", "cpu.max", "50000", "20000 50000")]),
    "shares": ("cpu_shares: 256", [("cpu/cpu.shares", "cpu.weight", "256", "10")]),
    "pinned": ("cpuset: '0'", [("cpuset/cpuset.cpus", "cpuset.cpus", "0", "0")]),
    "few": ("pids_limit: 40", [("pids/pids.max", "pids.max", "40", "40")]),
    "many": ("pids_limit: -1", [("pids/pids.max", "pids.max", "max", "max")]),
    "deployed": ("deploy: {resources: {limits: {cpus: '0.25', memory: 80m, pids: 30}, reservations: {memory: 20m}}}",
                 [("cpu/cpu.cfs_quota_us", "cpu.max", "25000", "25000 100000"),
                  ("memory/memory.limit_in_bytes", "memory.max", "83886080", "83886080"),
                  ("memory/memory.soft_limit_in_bytes", "memory.low", "20971520", "20971520"),
                  ("pids/pids.max", "pids.max", "30", "30")]),
}


def test_every_limit_is_set(project):
    """UP-53"""
    up_all(project, {name: attributes for name, (attributes, _) in LIMITS.items()})
    expected = {(name, limit(v1, v2)): text2 if UNIFIED else text1
                for name, (_, files) in LIMITS.items() for v1, v2, text1, text2 in files}
    assert differences(project, expected) == {}


def test_zero_is_no_limit(project):
    """UP-53"""
    up_all(project, {"zero": "mem_limit: 0, memswap_limit: 0, mem_reservation: 0, cpus: 0, cpu_shares: 0, "
                             "cpu_quota: 0, cpu_period: 0, pids_limit: 0"})
    assert differences(project, {
        ("zero", limit("memory/memory.limit_in_bytes", "memory.max")): "max" if UNIFIED else UNLIMITED,
        ("zero", limit("cpu/cpu.cfs_quota_us", "cpu.max")): "max 100000" if UNIFIED else "-1",
    }) == {}


@pytest.mark.ours
def test_settings_that_only_cgroup_v1_has(project):
    """UP-53"""
    done = up_all(project, {"a": "mem_limit: 64m, mem_swappiness: 10, oom_kill_disable: true"})
    if UNIFIED:
        assert "memory swappiness is ignored" in done.stderr and "oom_kill_disable is ignored" in done.stderr
    else:
        assert differences(project, {
            ("a", limit("memory/memory.swappiness")): "10",
            ("a", limit("memory/memory.oom_control") + " | head -1"): "oom_kill_disable 1"}) == {}


def test_block_device_rates(project):
    """UP-53"""
    with open("/proc/partitions", encoding="utf-8") as file:
        major, minor, _, _ = file.read().splitlines()[2].split()
    disk = project.dir / "disk"
    os.mknod(disk, 0o600 | stat.S_IFBLK, os.makedev(int(major), int(minor)))
    rates = {"device_read_bps": "1mb", "device_write_bps": "2mb", "device_read_iops": "300", "device_write_iops": "400"}
    text = ", ".join(f"{name}: [{{path: {disk}, rate: {rate}}}]" for name, rate in rates.items())
    up_all(project, {"a": f"blkio_config: {{{text}}}"})
    number = f"{major}:{minor}"
    files = {"read_bps": 1 << 20, "write_bps": 2 << 20, "read_iops": 300, "write_iops": 400}
    if UNIFIED:
        expected = {("a", limit("", "io.max")): f"{number} rbps=1048576 wbps=2097152 riops=300 wiops=400"}
    else:
        expected = {("a", limit(f"blkio/blkio.throttle.{name}_device")): f"{number} {rate}" for name, rate in files.items()}
    assert differences(project, expected) == {}


@pytest.mark.ours
def test_a_limit_this_kernel_cannot_set_is_told(project):
    """UP-53"""
    done = up_all(project, {"a": "blkio_config: {weight: 300}"})
    where = ("/sys/fs/cgroup/blkio.weight", "/sys/fs/cgroup/blkio.bfq.weight", "/sys/fs/cgroup/io.weight",
             "/sys/fs/cgroup/io.bfq.weight", "/sys/fs/cgroup/blkio/blkio.weight", "/sys/fs/cgroup/blkio/blkio.bfq.weight")
    values = project.sh("a", f"cat {' '.join(where)} 2>/dev/null; true")
    assert values.strip() or "the block I/O weight is ignored" in done.stderr


def test_memory_limit_kills(project):
    """UP-53"""
    project.file("""
        services:
          greedy: {image: alpine, mem_limit: 16m, memswap_limit: 16m, command: "sh -c 'tail /dev/zero'"}
    """)
    project.up()
    project.wait_state("greedy", "exited")
    assert project.container("greedy")["ExitCode"] == 137


def test_cgroup_parent(project):
    """UP-53"""
    up_all(project, {"a": f"cgroup_parent: {project.world.prefix}-parent, cgroup: host"})
    assert f"/{project.world.prefix}-parent/" in project.sh("a", "cat /proc/self/cgroup")
    project.compose("down", "-t", "0")
    for folder, names, _ in os.walk("/sys/fs/cgroup"):
        for name in names:
            if name == f"{project.world.prefix}-parent":
                os.rmdir(os.path.join(folder, name))
