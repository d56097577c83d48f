"""The published facts as the trackers on the web find them: requests and packaging, one page after
the other. For each package: its page, each file name parsed; for each target the newest release it may
take, whether that has a wheel, and since and until when there was one.

Usage: tracker.py URL-OF-INDEX NAMES-FILE TARGETS-FOLDER
"""

import collections
import functools
import pathlib
import re
import sys

import packaging.specifiers
import packaging.tags
import packaging.utils
import packaging.version
import requests


def platforms_of(platform):
    """The platform tags that an interpreter there accepts."""
    if match := re.fullmatch(r"manylinux_2_(\d+)_aarch64", platform):
        tags = [f"manylinux_2_{n}_aarch64" for n in range(int(match[1]), 16, -1)]
        return [*tags, "manylinux2014_aarch64", "linux_aarch64"]
    if match := re.fullmatch(r"musllinux_1_(\d+)_aarch64", platform):
        return [*(f"musllinux_1_{n}_aarch64" for n in range(int(match[1]), -1, -1)),
                "linux_aarch64"]
    return [platform]


def load_targets(folder):
    """Name → (Python's version, set of tags)."""
    targets = {}
    for path in sorted(pathlib.Path(folder).glob("*.yaml")):
        python, platform = path.stem.split("-", 1)
        minor = int(re.search(r"\d+", python)[0][1:])
        platforms = platforms_of(platform)
        tags = set(packaging.tags.cpython_tags((3, minor), [python], platforms))
        tags |= set(packaging.tags.compatible_tags((3, minor), python, platforms))
        targets[path.stem] = (f"3.{minor}.0", tags)
    return targets


@functools.cache
def admits(specifier, python):
    try:
        return packaging.specifiers.SpecifierSet(specifier).contains(python, prereleases=True)
    except packaging.specifiers.InvalidSpecifier:
        return True


def parse(file):
    """(version, tags or None for an sdist), or None for what is neither."""
    name = file["filename"]
    try:
        if name.endswith(".whl"):
            _, version, _, tags = packaging.utils.parse_wheel_filename(name)
            return version, tags
        _, version = packaging.utils.parse_sdist_filename(name)
        return version, None
    except (packaging.utils.InvalidWheelFilename, packaging.utils.InvalidSdistFilename,
            packaging.version.InvalidVersion):
        return None


def fitting(files, python, accepted):
    """The best that one release has for a target: "wheel", "pure", "sdist" or None."""
    files = [tags for tags, requires in files if requires is None or admits(requires, python)]
    fits = [tags & accepted for tags in files if tags is not None and not tags.isdisjoint(accepted)]
    if any(tag.platform != "any" for tags in fits for tag in tags):
        return "wheel"
    return "pure" if fits else "sdist" if None in files else None


def judge(page, targets):
    """Target → (state, its version, first version with a wheel, highest with one if not the newest):
    what `wheelfarm scan` stores of it too."""
    releases = collections.defaultdict(list)
    for file in page["files"]:
        if not file["yanked"] and (parsed := parse(file)):
            releases[parsed[0]].append((parsed[1], file.get("requires-python")))
    order = sorted(releases, reverse=True)
    order = [v for v in order if not v.is_prerelease] + [v for v in order if v.is_prerelease]
    found = {}
    for target, (python, accepted) in targets.items():
        states = [(v, state) for v in order if (state := fitting(releases[v], python, accepted))]
        wheels = [v for v, state in states if state == "wheel" and not v.is_prerelease]
        newest, state = states[0] if states else (None, "none")
        vanished = wheels[0] if wheels and wheels[0] != newest else None
        found[target] = (state, newest, wheels[-1] if wheels else None, vanished)
    return found


def main():
    url, names, folder = sys.argv[1:]
    targets = load_targets(folder)
    states = collections.Counter()
    with requests.Session() as session:
        session.headers["Accept"] = "application/vnd.pypi.simple.v1+json"
        for name in pathlib.Path(names).read_text().split():
            answer = session.get(f"{url}{name}/", timeout=60)
            answer.raise_for_status()
            states.update(found[0] for found in judge(answer.json(), targets).values())
    print(dict(sorted(states.items())))


if __name__ == "__main__":
    main()
