#!/usr/bin/env python3
"""Turns the policy data into C tables: policy_generate.py MANYLINUX.txt WINDOWS.txt OUT.c"""

import sys


def fail(path, number, why):
    sys.exit(f"{path}:{number}: {why}")


def read_policies(path):
    """A list of dicts, in the order of the file."""
    policies = []
    for number, line in enumerate(open(path, encoding="ascii"), 1):
        words = line.split()
        if not words or words[0].startswith("#") or words[0] == "source":
            continue
        kind, *rest = words
        if kind == "policy":
            policies.append({"name": rest[0], "machines": rest[1:], "libraries": [],
                             "privates": [], "symbols": {}})
        elif not policies:
            fail(path, number, "a line before the first policy")
        elif kind == "libraries":
            policies[-1]["libraries"] = rest
        elif kind == "private":
            policies[-1]["privates"].append((rest[0], rest[1:]))
        elif kind == "symbols":
            if rest[0] not in policies[-1]["machines"]:
                fail(path, number, f"{rest[0]} is no machine of this policy")
            policies[-1]["symbols"].setdefault(rest[0], []).append((rest[1], rest[2:]))
        else:
            fail(path, number, f"unknown line kind {kind}")
    return policies


def write_list(out, name, texts):
    items = ", ".join(f'"{text}"' for text in texts)
    out.write(f"static const char *const {name}[] = {{{items}{', ' if items else ''}NULL}};\n")


def write_policy(out, policy, rows):
    name = policy["name"]
    write_list(out, f"{name}_libraries", policy["libraries"])
    privates = ""
    for i, (library, symbols) in enumerate(policy["privates"]):
        write_list(out, f"{name}_private_{i}", symbols)
        privates += f'\t{{"{library}", {name}_private_{i}}},\n'
    out.write(f"static const struct policy_private {name}_privates[] = {{\n{privates}\t{{0}},\n}};\n")
    family, major, minor = name.split("_")
    for machine in policy["machines"]:
        symbols = ""
        for prefix, versions in policy["symbols"].get(machine, []):
            write_list(out, f"{name}_{machine}_{prefix}", versions)
            symbols += f'\t{{"{prefix}", {name}_{machine}_{prefix}}},\n'
        out.write(f"static const struct policy_symbols {name}_{machine}[] = {{\n"
                  f"{symbols}\t{{0}},\n}};\n")
        is_musl = "true" if family == "musllinux" else "false"
        rows.append(f'\t{{"{name}", "{machine}", {is_musl}, {major}, {minor}, {name}_{machine}, '
                    f"{name}_libraries, {name}_privates}},\n")


def write_sorted(out, name, count, texts):
    items = "".join(f'\t"{text}",\n' for text in sorted(texts))
    out.write(f"const char *const {name}[] = {{\n{items}}};\n")
    out.write(f"const size_t {count} = {len(texts)};\n")


def main():
    manylinux, windows, target = sys.argv[1:]
    lines = [line.strip() for line in open(windows, encoding="ascii")]
    dlls = {line for line in lines if line and not line.startswith("#")}
    policies = read_policies(manylinux)
    names = {name for policy in policies for _, symbols in policy["privates"] for name in symbols}
    rows = []
    with open(target, "w", encoding="ascii") as out:
        out.write('#include "core/inspect/policy.h"\n\n')
        for policy in policies:
            write_policy(out, policy, rows)
        out.write(f"const struct policy policy_table[] = {{\n{''.join(rows)}\t{{0}},\n}};\n")
        write_sorted(out, "policy_private_names", "policy_private_count", names)
        write_sorted(out, "policy_windows_dlls", "policy_windows_dll_count", dlls)


main()
