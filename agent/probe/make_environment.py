"""Make the build environment, or add to it, offline.

    python3 make_environment.py VENV WHEELHOUSE REQUIREMENT...

Must run WITHOUT the cross-build variables: what is installed here runs on the builder, so its tags are the
builder's. The environment has no pip of its own; the image's pip installs into it, which is quicker.
Exit 0, or pip's status.
"""
import os
import subprocess
import sys
import venv


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    directory, wheelhouse, requirements = sys.argv[1], sys.argv[2], sys.argv[3:]
    windows = os.name == "nt"
    python = os.path.join(directory, "Scripts", "python.exe") if windows else os.path.join(directory, "bin", "python")
    if not os.path.exists(python):
        venv.create(directory, with_pip=False, symlinks=not windows)
    if not requirements:
        return 0
    return subprocess.call([sys.executable, "-m", "pip", "--python", python, "install", "--quiet",
                            "--disable-pip-version-check", "--no-input", "--no-index", "--no-compile",
                            "--only-binary", ":all:", "--find-links", wheelhouse, "--"] + requirements)


if __name__ == "__main__":
    sys.exit(main())
