"""Which file of a page pip itself takes on a target: pip's own package finder, told of another
machine as `pip download --platform … --python-version … --abi …` tells it."""

from urllib.parse import quote

from pip._internal.index.collector import LinkCollector
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.link import Link
from pip._internal.models.search_scope import SearchScope
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.models.target_python import TargetPython
from pip._vendor.packaging.utils import InvalidSdistFilename, parse_sdist_filename

PAGE = "https://index.invalid/simple/demo/"


def links(name, document):
    """The links of a PEP 691 page, as pip makes them of it; it looks at the name in the address.

    Two things that pip takes are no sdist by facts.md, which has them as `packaging` reads them, and
    are left out here: source archives of other kinds (.tar.bz2, .tgz; PEP 625 has .tar.gz only), and
    names with a hyphen in the version (`demo-1.0-1.tar.gz`; PEP 625 has the last one before it).
    """
    found = []
    for entry in document["files"]:
        text = entry["filename"]
        if not text.endswith(".whl"):
            try:
                if parse_sdist_filename(text)[0] != name:
                    continue
            except InvalidSdistFilename:
                continue
        found.append(Link.from_json({**entry, "url": "https://files.invalid/" + quote(text)}, PAGE))
    return found


def target_python(machine):
    """It takes no marker of the machine, only its tags and its full version."""
    return TargetPython(
        platforms=machine.platforms(), py_version_info=machine.version, abis=[machine.abi],
        implementation="cp")


def take(name, page_links, target):
    """(version, file name) or None: what the resolver would try first."""
    finder = PackageFinder.create(
        link_collector=LinkCollector(session=None, search_scope=SearchScope.create([], [], no_index=False)),
        selection_prefs=SelectionPreferences(allow_yanked=True), target_python=target)
    found = finder.evaluate_links(finder.make_link_evaluator(name), page_links)
    best = finder.make_candidate_evaluator(name).compute_best_candidate(found)
    # As resolvelib.factory has it: best last, yanked ones only for a pinned requirement.
    for candidate in reversed(best.applicable_candidates):
        if not candidate.link.is_yanked:
            return candidate.version, candidate.link.filename
    return None
