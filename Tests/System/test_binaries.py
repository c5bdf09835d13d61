"""The wall, as far as a linker shows it: what is in the binaries, and who in them could start programs or load code."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

SYSTEM = {"linux-vdso", "ld-linux-x86-64", "ld-linux-aarch64", "libc", "libm", "libgcc_s", "libstdc++"}
# libnftables, and what it is linked with. libxtables could start modprobe and load extensions of iptables: it is asked
# for none, and the helper's filter and Landlock would let it do neither.
NFTABLES = {"libnftables", "libnftnl", "libxtables", "libjansson", "libgmp"}
LIBRARIES = {
    "aifw-privd": {"libcap", "libmnl", "libsodium", "libseccomp"} | NFTABLES,
    "aifw-launcher": {"libcap", "libseccomp"},
    "aifw-apid": {"libcap", "libseccomp", "libsodium", "libsqlite3", "libqrencode", "libpthread", "libz"},
}
# All of libc that starts a program, makes a process or loads code (exec(3), posix_spawn(3), clone(2), dlopen(3)).
STARTING = re.compile(
    r"_?_?(fork|vfork|_Fork|clone[23]?|f?exec[lv]\w*|posix_spawnp?|pidfd_spawnp?|system|popen|wordexp|dlm?open)")
# What Swift's runtime brings into every program that holds it: name to the only functions that use it.
RUNTIME = {
    # Backtrace.cpp: a program that crashes may have Swift's own backtracer started. In aifw-privd the filter kills it
    # at execve(2); Landlock keeps the launcher, and aifw-apid, from executing that file.
    "execvpe": {"do_spawn"},
    # The same file, the process that it would be started in. A clone kills aifw-privd.
    "clone": {"handle_fatal_signal", "_swift_spawnBacktracer"},
    # LibPrespecialized.cpp: a library that SWIFT_DEBUG_LIB_PRESPECIALIZED_PATH may name: the environment is root's to
    # set. Behind the drop a page can't be made executable in aifw-privd, and the launcher reads no file but its few.
    "dlopen": {"findLibPrespecialized"},
}
USERS = {
    "aifw-privd": RUNTIME,
    # The one thing that it is for.
    "aifw-launcher": RUNTIME | {"posix_spawn": {"Spawn.start"}},
    "aifw-apid": RUNTIME | {
        # CoreFoundation, below Foundation's Process, which nothing of ours uses (the next test).
        "posix_spawn": {"_CFPosixSpawn"},
        # CoreFoundation's bundles and ICU's plug-ins, by path; a hook of NIO's that looks into the program itself.
        "dlopen": RUNTIME["dlopen"] | {
            "swift_uprv_dl_open",
            "CFBundleGetMainBundle", "_CFBundleDlfcnCheckLoaded", "_CFBundleDlfcnLoadBundle",
            "_CFBundleDlfcnLoadFramework", "unsafeTryInstallSingletonPosixEventLoopGroupAsConcurrencyGlobalExecutor"},
    },
}


@cache
def symbols(path, *options):
    return subprocess.run(["nm", *options, path], check=True, text=True, stdout=subprocess.PIPE).stdout


def imported(path):
    return {line.split()[-1].split("@")[0] for line in symbols(path, "-D", "--undefined-only").splitlines()}


@cache
def users(path):
    """Name of an imported function of STARTING to the mangled names of the functions whose code refers to it."""
    found, within = {}, "?"
    reference = re.compile(rf"<({STARTING.pattern})@")
    with subprocess.Popen(["objdump", "-d", "--no-show-raw-insn", path], text=True, stdout=subprocess.PIPE) as listing:
        for line in listing.stdout:
            if line.endswith(">:\n"):
                within = line.split("<", 1)[1][:-3]
            elif "@" in line:
                match = reference.search(line)
                # The linker's own stub for it stands for nobody.
                if match and not within.endswith("@plt"):
                    found.setdefault(match[1], set()).add(within)
    assert listing.returncode == 0
    return found


@pytest.mark.parametrize("module", ["$s10Foundation", "$s7NIO", "$s4GRDB", "$s7Logging"])
@pytest.mark.parametrize("program", ["aifw-privd", "aifw-launcher"])
def test_a_privileged_program_holds_none_of(binaries, program, module):
    listed = symbols(binaries / program)
    assert module not in listed
    assert "$s6Daemon" in listed, "stripped: this test would see nothing"


@pytest.mark.parametrize("program", LIBRARIES)
def test_it_is_linked_with_nothing_but_the_named_libraries(binaries, program):
    listed = subprocess.run(["ldd", binaries / program], check=True, text=True, stdout=subprocess.PIPE).stdout
    names = {line.split()[0].split("/")[-1].split(".so")[0] for line in listed.splitlines()}
    assert names <= SYSTEM | LIBRARIES[program]


@pytest.mark.parametrize("program", USERS)
def test_it_imports_nothing_that_starts_a_program_or_loads_code_but_what_is_named(binaries, program):
    names = {name for name in imported(binaries / program) if STARTING.fullmatch(name)}
    assert names == set(USERS[program])


@pytest.mark.parametrize("program", USERS)
def test_what_it_imports_of_that_kind_is_used_by_the_named_functions_alone(binaries, program):
    for name, functions in users(binaries / program).items():
        strangers = {one for one in functions if not any(known(function, one) for function in USERS[program][name])}
        assert not strangers, f"{name} is used by {strangers}"
    assert set(users(binaries / program)) == set(USERS[program]), "a name that the table does not need"


def known(function, mangled):
    """Whether a function's name, mangled by C++ or Swift or not at all, is that of `function`: each part stands there
    with its length before it."""
    if mangled == function:
        return True
    mangled = mangled.removesuffix(".cold")
    return mangled.startswith(("_Z", "$s")) and all(f"{len(part)}{part}" in mangled for part in function.split("."))


def test_the_api_daemon_has_no_code_of_its_own_that_starts_a_program():
    """Foundation's Process is in the binary with all of Foundation; who could use it is in the sources."""
    sources = (Path(__file__).parents[2] / "Sources" / "aifw-apid").rglob("*.swift")
    code = {path: path.read_text() for path in sources}
    assert len(code) > 20
    for path, text in code.items():
        assert not re.search(r"\bProcess\(\)|\bProcess\.run\b|\bBundle\(|\bdlopen\b|\bposix_spawn", text), path
