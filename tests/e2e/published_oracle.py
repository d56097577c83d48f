"""The published fact a second time: from the words of its definition (the comments below are those
words) and `packaging` alone, slow and plain.

A page is what an index serves (PEP 691, as Python values), a machine is a target (machines.py). Dates
are days, `YYYY-MM-DD`.
"""

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)


class File:
    """A file of a page; `version` is None for what is neither a wheel nor a sdist of the package."""

    def __init__(self, project, entry, position):
        self.name = entry["filename"]
        self.position = position
        self.yanked = bool(entry.get("yanked"))
        self.requires = entry.get("requires-python") or ""
        self.day = (entry.get("upload-time") or "")[:10] or None
        self.version, self.tags, self.build, self.kind = None, frozenset(), (), "other"
        try:
            if self.name.endswith(".whl"):
                name, version, self.build, self.tags = parse_wheel_filename(self.name)
                self.kind = "wheel"
            elif self.name.endswith((".tar.gz", ".zip")):
                name, version = parse_sdist_filename(self.name)
                self.kind = "sdist"
            else:
                return
        except (InvalidWheelFilename, InvalidSdistFilename):
            return
        if name == project:
            self.version = version


class Page:
    def __init__(self, name, document):
        project = canonicalize_name(name)
        self.files = [File(project, entry, n) for n, entry in enumerate(document["files"])]
        self.known = [f for f in self.files if f.version is not None]

    def newest(self):
        """`newest`: the highest final, not yanked release whatever the target."""
        final = [f.version for f in self.known if not f.yanked and not f.version.is_prerelease]
        return max(final, default=None)


class Question:
    """One page and one target; what is asked more than once is kept."""

    def __init__(self, page, machine, accepted):
        self.page = page
        self.rank = accepted
        self.own = {(tag.interpreter, tag.abi) for tag in accepted if tag.abi != "none"}
        self.platforms = {tag.platform for tag in accepted}
        self.windows = machine.windows
        requires = {f.requires for f in page.files}
        self.admitting = {text for text in requires if admits(text, machine.full)}
        self.best = {}
        for tags in {f.tags for f in page.known}:
            fitting = tags & accepted.keys()
            self.best[tags] = min(fitting, key=accepted.get) if fitting else None

    def admits(self, file):
        return file.requires in self.admitting

    def platform_wheel(self, file):
        """A wheel fits, and its fitting tag's platform is not `any`."""
        tag = self.best[file.tags]
        return tag is not None and tag.platform != "any"

    def pure_wheel(self, file):
        tag = self.best[file.tags]
        return tag is not None and tag.platform == "any"

    def preference(self, file):
        """How pip chooses among the files of a release: the best tag, then the highest build; a
        source distribution only if no wheel fits; of equals the last of the page."""
        tag = self.best[file.tags]
        return (tag is not None, -self.rank[tag] if tag else 0, file.build, file.position)


def admits(requires, python):
    """An invalid requires-python excludes nobody, as pip has it."""
    try:
        return SpecifierSet(requires).contains(python, prereleases=True)
    except InvalidSpecifier:
        return True


def ranks(machine):
    """The accepted tags of a target with their places, as pip computes them there."""
    return {Tag(*text.split("-")): n for n, text in enumerate(machine.tags())}


def published(page, machine, accepted):
    q = Question(page, machine, accepted)
    out = dict.fromkeys(("version", "file", "first_version", "first_date", "newest_version",
                         "newest_date", "behind", "vanished"))
    out.update(lost_accelerator=False, emulated_alternative=False)

    # leave out yanked files; leave out files whose own requires-python excludes the target's Python
    usable = [f for f in page.known if not f.yanked and q.admits(f)]
    # leave out files that do not fit (wheel tags, else sdist)
    fitting = [f for f in usable if f.kind == "sdist" or q.best[f.tags]]
    # if a final release remains, leave out pre-releases; take the highest by PEP 440
    final = [f for f in fitting if not f.version.is_prerelease]
    version = max((f.version for f in final or fitting), default=None)
    if version is None:
        # none: no file fits, though some release admits this Python
        # python_excluded: no file of any release admits this Python
        out["state"] = "none" if any(map(q.admits, page.files)) else "python_excluded"
    else:
        release = [f for f in fitting if f.version == version]
        out["version"] = version
        out["file"] = max(release, key=q.preference).name
        out["state"] = (
            "wheel" if any(map(q.platform_wheel, release)) else
            "pure" if any(map(q.pure_wheel, release)) else "sdist")
        # a wheel of the same release carries a tag with this target's python and abi (abi not `none`)
        carried = {tag for f in page.known if f.version == version and not f.yanked
                   for tag in f.tags if (tag.interpreter, tag.abi) in q.own}
        # … for another platform
        out["lost_accelerator"] = out["state"] == "pure" and any(
            tag.platform not in q.platforms for tag in carried)
        # a not yanked win_amd64 wheel of the release looked at has this target's python and abi
        out["emulated_alternative"] = q.windows and any(
            tag.platform == "win_amd64" for tag in carried)

    # the lowest final release with a fitting platform wheel, and its upload date
    final = [f for f in usable if not f.version.is_prerelease]
    platform = [f for f in final if q.platform_wheel(f)]
    out["first_version"], out["first_date"] = dated(min, platform)
    # the highest final, not yanked release with a fitting platform wheel (pure: pure wheel)
    supporting = [f for f in final if q.pure_wheel(f)] if out["state"] == "pure" else platform
    out["newest_version"], out["newest_date"] = dated(max, supporting)
    # among final, not yanked releases with at least one file that admits this Python
    releases = {f.version for f in final}
    # behind: how many of them are above it
    if out["newest_version"] is not None:
        out["behind"] = sum(version > out["newest_version"] for version in releases)
    # vanished: the highest that has a fitting platform wheel, if it is not the highest of them all
    last = max((f.version for f in platform), default=None)
    out["vanished"] = last if last is not None and last != max(releases) else None
    return out


def dated(choose, files):
    """The lowest or highest release of the files, and when the first of them came."""
    version = choose((f.version for f in files), default=None)
    return version, min((f.day for f in files if f.version == version and f.day), default=None)
