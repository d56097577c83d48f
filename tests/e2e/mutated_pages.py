"""Pages that no index serves today: recorded ones with flags, dates, names and versions changed, and
made-up small ones. Every choice follows from the seed."""

import copy
import random
import re

PYTHONS = ["", ">=3.8", ">=3.9", ">=3.11", ">=3.12,<3.15", "<3.13", "<3.14", "~=3.10", "==3.13.*",
           "!=3.13.*,>=3.9", ">=3.13.16", "<=3.14", ">3.14", ">=3.15.0rc1", "<3.15.0a1", ">=3.6.*",
           "==3.*", "===3.12", "nonsense", ">=3.9,", " >= 3.9 ", ">=2.7,!=3.0.*", "<3", "<4.0.0"]
TAGS = ["cp310-cp310", "cp311-cp311", "cp312-cp312", "cp313-cp313", "cp313-cp313t", "cp314-cp314",
        "cp314-cp314t", "cp315-cp315", "cp315-cp315t", "cp39-abi3", "cp311-abi3", "cp313-abi3",
        "cp315-abi3", "cp315-abi3t", "cp315-abi3.abi3t", "cp310.cp311-abi3", "py3-none", "py3-none",
        "py2.py3-none", "cp313-none", "cp312.cp313-none", "py312-none", "py313-none", "pp311-pypy311_pp73",
        "cp38-cp38", "cp313-cp313.cp313t", "CP313-CP313", "py3-abi3"]
PLATFORMS = ["any", "any", "win_arm64", "win_arm64", "win_amd64", "win32", "manylinux_2_17_aarch64",
             "manylinux2014_aarch64", "manylinux_2_17_aarch64.manylinux2014_aarch64",
             "manylinux_2_28_aarch64", "manylinux_2_31_aarch64", "manylinux_2_39_aarch64",
             "manylinux_2_40_aarch64", "musllinux_1_1_aarch64", "musllinux_1_2_aarch64",
             "musllinux_1_3_aarch64", "linux_aarch64", "macosx_11_0_arm64", "manylinux_2_28_x86_64",
             "win_amd64.win_arm64", "any.win_arm64", "manylinux_2_17_armv7l", "WIN_ARM64"]
OTHER = ["{name}-{version}.win-amd64-py3.13.exe", "{name}-{version}-py3.13.egg",
         "{name}-{version}.tar.bz2", "{name}-{version}.msi", "other-{version}-py3-none-any.whl",
         "{name}-{version}-py3-none-any.whl.sig", "{name}-nonsense.tar.gz",
         "{name}-{version}-badtag.whl", "{name}-{version}-x1-py3-none-any.whl",
         "{name}-{version}-cp313-cp313-.whl", "{name}-extra-{version}.tar.gz"]
VERSIONS = ["0.9", "1.0", "1.0.0", "1.0.1", "1.1", "1.1.post1", "1.2rc1", "1.2.dev3", "1.2", "1.10",
            "2.0a1", "2.0b2", "2.0rc1", "2.0", "1!0.1", "2.0+local.1", "v2.1", "2.1-1", "2026.1"]


class Pages:
    def __init__(self, seed, recorded):
        """`recorded`: documents of recorded pages by project."""
        self.random = random.Random(f"pages {seed}")
        self.recorded = recorded

    def page(self, name):
        document = self.made(name) if self.random.random() < 0.5 else self.cut(name)
        for _ in range(self.random.choice([0, 1, 2, 3, 5])):
            self.random.choice([self.yank, self.requires, self.dates, self.drop, self.rename,
                                self.shuffle, self.odd])(document["files"], name)
        # A name is listed once, and only by this project.
        files = {file["filename"]: file for file in document["files"]}
        return {"meta": {"api-version": "1.1"}, "name": name, "files": list(files.values())}

    def day(self):
        r = self.random
        return f"20{r.randrange(15, 27)}-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}"

    def entry(self, filename):
        r = self.random
        entry = {"filename": filename, "url": "https://files.invalid/" + filename, "hashes": {}}
        entry["upload-time"] = f"{self.day()}T{r.randrange(24):02}:59:59.{r.randrange(1000000):06}Z"
        return entry

    def made(self, name):
        """Few releases of few files: what goes wrong here is seen at once."""
        r, files = self.random, []
        for version in r.sample(VERSIONS, r.choice([1, 2, 3, 5])):
            python = r.choice(PYTHONS) if r.random() < 0.3 else ""
            for _ in range(r.choice([1, 2, 3, 6])):
                pick = r.random()
                if pick < 0.2:
                    text = f"{name}-{version}{r.choice(['.tar.gz', '.tar.gz', '.zip'])}"
                elif pick < 0.25:
                    text = r.choice(OTHER).format(name=name, version=version)
                else:
                    build = r.choice(["", "", "", "", "", "-1", "-2", "-10", "-2a", "-02"])
                    text = (f"{name}-{version.replace('-', '_')}{build}-{r.choice(TAGS)}-"
                            f"{r.choice(PLATFORMS)}.whl")
                files.append(self.entry(text))
                if python:
                    files[-1]["requires-python"] = python
        return {"files": files}

    def cut(self, name):
        """Some files that follow each other on a recorded page, as files of another project."""
        r = self.random
        project = r.choice(sorted(self.recorded))
        files = self.recorded[project]["files"]
        at = r.randrange(len(files))
        files = copy.deepcopy(files[at:at + r.choice([10, 40, 120])])
        own = re.compile(project.replace("-", "[-_.]") + "(?=-)", re.IGNORECASE)
        for file in files:
            file["filename"] = own.sub(name, file["filename"], count=1)
        return {"files": files}

    def yank(self, files, _):
        r = self.random
        reason = r.choice([True, "broken", "", False])
        for file in r.sample(files, min(len(files), r.choice([1, 2, 10, 50]))):
            file["yanked"] = reason

    def requires(self, files, _):
        r = self.random
        for file in r.sample(files, min(len(files), r.choice([1, 3, 10, 100]))):
            file["requires-python"] = r.choice(PYTHONS)

    def dates(self, files, _):
        for file in files:
            pick = self.random.random()
            if pick < 0.2:
                file.pop("upload-time", None)
            elif pick < 0.4:
                file["upload-time"] = self.day() + "T00:00:00Z"

    def drop(self, files, _):
        r = self.random
        if word := r.choice(["", "win_arm64", "aarch64", "cp313-", ".tar.gz", "any", "abi3"]):
            keep = r.random() * 0.5
            files[:] = [f for f in files if word not in f["filename"] or r.random() < keep]
        else:
            files[:] = r.sample(files, len(files) // 2)

    def rename(self, files, _):
        """Another version of the same files: a pre-release, or the same written otherwise."""
        r = self.random
        stems = {f["filename"].split("-")[1] for f in files if f["filename"].endswith(".whl")}
        for stem in r.sample(sorted(stems), min(len(stems), r.choice([1, 2, 5]))):
            new = stem + r.choice(["rc1", ".dev0", "a1", ".post1", ".0", "+local", ".0.0"])
            for file in files:
                if r.random() < 0.9:
                    file["filename"] = file["filename"].replace(f"-{stem}-", f"-{new}-").replace(
                        f"-{stem}.tar", f"-{new}.tar")

    def shuffle(self, files, _):
        self.random.shuffle(files)

    def odd(self, files, name):
        r = self.random
        for file in r.sample(files, min(len(files), r.choice([1, 2, 5]))):
            text = file["filename"]
            stem, dash, rest = text.partition("-")
            file["filename"] = r.choice([
                stem.upper() + dash + rest, stem.title() + dash + rest,
                text.replace(".tar.gz", ".zip"), text.replace(".tar.gz", ".tar.bz2"),
                text.replace("-cp", "-1-cp", 1), text.replace("aarch64", "AARCH64"),
                r.choice(OTHER).format(name=name, version=r.choice(VERSIONS))])
