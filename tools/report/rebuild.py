"""Do the jobs of a farm give the same bytes when they are done again?

    python3 tools/report/rebuild.py STATE_DIR OUT_DIR [PACKAGE…]

Each passed build of the farm whose wheel is kept is done once more by `wheelfarm-agent --job`, as the coordinator sent it
but without its tests, and the two wheels are compared, file by file if they differ. A line a wheel; the new ones are left
in OUT_DIR/TARGET, a folder that tools/report/thirty.py reads beside the farm's. Exit code 0: all the same, 1: not all.
Builds start at SOURCE_DATE_EPOCH = 2000-01-01 with PYTHONHASHSEED = 0 in folders that are always called the same.
"""
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from thirty import differing

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "wheelfarm"
# The newest pass of each package, target and mode, with its wheel.
JOBS = """
SELECT package.name, target.name, job.mode, job_spec.spec, artefact.filename, artefact.sha256
FROM job JOIN package ON package.id = job.package JOIN target ON target.id = job.target
JOIN job_spec ON job_spec.job = job.id JOIN result ON result.job = job.id
JOIN artefact ON artefact.result = result.id AND artefact.kind = 'wheel'
WHERE job.kind = 'build' AND result.state = 'pass' ORDER BY job.id
"""


def again(spec, state, folder):
    """The wheel of a build that is done once more; None, and the log's end printed, if it fails."""
    job = json.loads(spec)
    job.update(executor="", tester={"name": "", "revision": 0})
    job["recipe"].update(test_command=[], test_requires=[])
    (folder / "job.json").write_text(json.dumps(job))
    (folder / "agent.json").write_text(json.dumps({
        "name": "rebuild", "workspace": str(folder / "work"), "cache": str(CACHE), "blobs": str(state / "store"),
        "uid_base": 61500 if os.getuid() == 0 else 0}))
    done = subprocess.run([ROOT / "build/wheelfarm-agent", "--job", folder / "job.json", "--config", folder / "agent.json"],
                          capture_output=True, text=True, errors="replace", check=False)
    wheels = list((folder / "work").rglob("out/*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        print(done.stderr[-2000:], file=sys.stderr)
        return None
    return wheels[0]


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    state, out, packages = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), sys.argv[3:]
    with sqlite3.connect("file:%s?mode=ro" % (state / "facts.db"), uri=True) as database:
        rows = {row[:3]: row[3:] for row in database.execute(JOBS) if not packages or row[0] in packages}
    same = 0
    for (package, target, mode), (spec, filename, sha256) in rows.items():
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            folder.chmod(0o755)
            made, kept = again(spec, state, folder), state / "store" / sha256[:2] / sha256[2:]
            if made is None:
                said = "failed this time"
            elif made.name == filename and hashlib.sha256(made.read_bytes()).hexdigest() == sha256:
                said = "same"
                same += 1
            else:
                said = "differs: " + (differing([kept, made]) if kept.exists() else "the first one is not kept")
            if made is not None:
                (out / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(made, out / target / made.name)
        print("%-20s %-32s %-9s %s" % (package, target, mode, said), flush=True)
    print("%d of %d the same bytes" % (same, len(rows)))
    return 0 if same == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
