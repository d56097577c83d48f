"""Download build requirements as wheels. The only probe that runs with network.

    python3 fetch_requires.py WHEELHOUSE REQUIREMENT...

Runs the builder image's own pip, so that markers and tags are the builder's, and never builds: wheels only.
The second round's requirements come from the sdist's code, so each must be a plain name with versions:
an option, a path or a URL would make the one process that has network do what a stranger says.
WHEELHOUSE is also searched first, so a second call downloads only what is new. Last line of stdout: JSON
{"wheels": {"NAME.whl": "sha256", ...}}, the lock kept with the job. Exit 0; 1 pip failed; 2 refused.
"""
import hashlib
import json
import os
import subprocess
import sys

from pip._vendor.packaging.requirements import InvalidRequirement, Requirement


def refused(text):
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        return "not a requirement: %r (%s)" % (text, str(error).splitlines()[0])
    return "a URL is not accepted: %r" % text if requirement.url else None


def digest(path):
    sha256 = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            sha256.update(block)
    return sha256.hexdigest()


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    wheelhouse, requirements = sys.argv[1], sys.argv[2:]
    for text in requirements:
        problem = refused(text)
        if problem:
            print("fetch_requires: " + problem, file=sys.stderr)
            return 2
    os.makedirs(wheelhouse, exist_ok=True)
    if requirements:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
                   "--no-input", "--only-binary", ":all:", "--find-links", wheelhouse,
                   "--dest", wheelhouse, "--"] + requirements
        if subprocess.call(command) != 0:
            return 1
    names = sorted(name for name in os.listdir(wheelhouse) if name.endswith(".whl"))
    print(json.dumps({"wheels": {name: digest(os.path.join(wheelhouse, name)) for name in names}}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
