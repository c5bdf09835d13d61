"""The wall, as far as a linker shows it: what is in the binaries."""

import subprocess

import pytest


def symbols(path, *options):
    return subprocess.run(["nm", *options, path], check=True, text=True, stdout=subprocess.PIPE).stdout


@pytest.mark.parametrize("module", ["$s10Foundation", "$s7NIO", "$s4GRDB", "$s7Logging"])
def test_the_helper_holds_none_of(binaries, module):
    assert module not in symbols(binaries / "aifw-privd")


def test_the_helper_is_linked_with_nothing_but_the_named_libraries(binaries):
    listed = subprocess.run(["ldd", binaries / "aifw-privd"], check=True, text=True, stdout=subprocess.PIPE).stdout
    names = {line.split()[0].split("/")[-1].split(".so")[0] for line in listed.splitlines()}
    system = {"linux-vdso", "ld-linux-x86-64", "ld-linux-aarch64", "libc", "libm", "libgcc_s", "libstdc++"}
    assert names <= system | {"libcap", "libmnl", "libsodium", "libseccomp", "libnftables"}


def test_the_helper_can_start_no_shell(binaries):
    listed = symbols(binaries / "aifw-privd", "-D", "--undefined-only")
    imported = {line.split()[-1].split("@")[0] for line in listed.splitlines()}
    # posix_spawn is the launcher's, which starts wireguard-go by its absolute path; execvpe and dlopen are in Swift's
    # own runtime (Backtrace.cpp, LibPrespecialized.cpp).
    assert not imported & {"system", "popen", "posix_spawnp", "execv", "execve", "execvp", "execl", "execlp"}
