#include "recipes/draft.h"

#include "core/base/vec.h"
#include "core/io/file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MOST = 6, FILES_MOST = 20000, FILE_BYTES = 1 << 20, NOTED_MOST = 12 };

/* Header files that say which C library is wanted, as recipes call it. */
static const struct {
	const char *include;
	const char *library;
} headers[] = {
	{"ffi.h", "libffi"},
	{"zlib.h", "zlib"},
	{"openssl/", "openssl"},
	{"yaml.h", "libyaml"},
	{"libxml/", "libxml2"},
	{"libxslt/", "libxslt"},
	{"lz4.h", "lz4"},
	{"zstd.h", "zstd"},
	{"bzlib.h", "bzip2"},
	{"lzma.h", "xz"},
	{"sqlite3.h", "sqlite3"},
	{"curl/", "curl"},
	{"libpq-fe.h", "libpq"},
	{"jpeglib.h", "libjpeg"},
	{"png.h", "libpng"},
	{"ft2build.h", "freetype"},
	{"hdf5.h", "hdf5"},
	{"uv.h", "libuv"},
	{"cblas.h", "openblas"},
};

/* Words in the build files and what they mean for a recipe. */
static const struct {
	const char *word;
	const char *backend;
} backends[] = {
	{"scikit_build_core", "scikit-build-core"},
	{"mesonpy", "meson-python"},
	{"maturin", "maturin"},
	{"setuptools_rust", "setuptools-rust"},
	{"setuptools-rust", "setuptools-rust"},
	{"hatchling", "hatchling"},
	{"flit_core", "flit"},
	{"poetry", "poetry"},
	{"pdm", "pdm"},
	{"setuptools", "setuptools"},
};

/* Plugins that a test suite asks for by what its files import or its settings name. */
static const struct {
	const char *word;
	const char *requirement;
} plugins[] = {
	{"import hypothesis", "hypothesis"},
	{"from hypothesis", "hypothesis"},
	{"import numpy", "numpy"},
	{"pytest_mock", "pytest-mock"},
	{"pytest-mock", "pytest-mock"},
	{"pytest_asyncio", "pytest-asyncio"},
	{"asyncio_mode", "pytest-asyncio"},
	{"@pytest.mark.asyncio", "pytest-asyncio"},
	{"pytest-xdist", "pytest-xdist"},
	{"pytest-cov", "pytest-cov"},
	{"pytest_cov", "pytest-cov"},
	{"--benchmark", "pytest-benchmark"},
	{"pytest-timeout", "pytest-timeout"},
};

struct looking {
	const struct draft *draft;
	size_t files;
	VEC(char *) own; /* header files of the source itself, by name */
	bool libraries[sizeof(headers) / sizeof(*headers)];
	bool plugins[sizeof(plugins) / sizeof(*plugins)];
	const char *backend;
	bool rust;
	bool pytest;
	bool test_settings; /* pytest's are in a file beside the tests */
	char *tests; /* the folder of the tests, within the source */
	size_t test_files;
};

static bool is_file_of(struct str name, const char *const *suffixes)
{
	for (size_t i = 0; suffixes[i] != NULL; i++) {
		if (str_ends(name, suffixes[i])) {
			return true;
		}
	}
	return false;
}

/* Is the header one that lies in the source? Then no library is wanted. */
static bool is_own(const struct looking *l, const char *include)
{
	for (size_t i = 0; i < l->own.n; i++) {
		if (strcmp(l->own.v[i], include) == 0) {
			return true;
		}
	}
	return false;
}

static void look_at_c(struct looking *l, struct str text)
{
	struct str line;
	while (str_split(&text, '\n', &line)) {
		line = str_trim(line);
		if (!str_starts(line, "#") || str_find_text(line, STR("include")) < 0) {
			continue;
		}
		for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
			ptrdiff_t at = str_find_text(line, str_from(headers[i].include));
			bool begins = at > 0 && (line.p[at - 1] == '<' || line.p[at - 1] == '"');
			l->libraries[i] = l->libraries[i] || begins;
		}
	}
}

static void look_at_build(struct looking *l, struct str text)
{
	for (size_t i = 0; i < sizeof(backends) / sizeof(*backends) && l->backend == NULL; i++) {
		if (str_find_text(text, str_from(backends[i].word)) >= 0) {
			l->backend = backends[i].backend;
		}
	}
	l->pytest = l->pytest || str_find_text(text, STR("pytest")) >= 0;
}

static void look_at_test(struct looking *l, struct str text)
{
	l->pytest = l->pytest || str_find_text(text, STR("import pytest")) >= 0;
	for (size_t i = 0; i < sizeof(plugins) / sizeof(*plugins); i++) {
		l->plugins[i] = l->plugins[i] || str_find_text(text, str_from(plugins[i].word)) >= 0;
	}
}

/* A name that may stand in a recipe as it is: others are left to the person. */
static bool is_plain(const char *path)
{
	return path[0] != '-' &&
		path[strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-/")] ==
		'\0';
}

/* The highest folder called tests or test with test files in it. */
static void note_tests(struct looking *l, const char *inner)
{
	const char *slash = strrchr(inner, '/');
	l->test_files++;
	if (slash == NULL) {
		return;
	}
	struct str folder = {inner, (size_t)(slash - inner)};
	for (;;) {
		ptrdiff_t at = str_find_last(folder, '/');
		struct str last = str_slice(folder, (size_t)(at + 1), folder.n);
		if (str_is(last, "tests") || str_is(last, "test")) {
			break;
		}
		if (at <= 0) {
			return;
		}
		folder = str_slice(folder, 0, (size_t)at);
	}
	if (l->tests == NULL || folder.n < strlen(l->tests)) {
		free(l->tests);
		l->tests = str_dup(folder);
	}
}

static void look_at_file(struct looking *l, const char *inner, const char *base)
{
	static const char *const c_files[] = {
		".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".pyx", ".pxd", NULL};
	static const char *const build_files[] = {"pyproject.toml", "setup.py", "setup.cfg", NULL};
	static const char *const settings[] = {"pytest.ini", "tox.ini", "pytest.toml", NULL};
	struct str name = str_from(base);
	bool top = strchr(inner, '/') == NULL;
	bool test = str_ends(name, ".py") &&
		(str_starts(name, "test_") || str_ends(name, "_test.py") || str_is(name, "conftest.py"));
	bool build = top && is_file_of(name, build_files);
	bool setting = top && is_file_of(name, settings);
	l->rust = l->rust || str_is(name, "Cargo.toml");
	if (str_ends(name, ".h")) {
		*vec_add(&l->own) = str_dup(name);
	}
	if (!test && !build && !setting && !is_file_of(name, c_files)) {
		return;
	}
	struct buf text = {0};
	char *path = file_join(l->draft->folder, inner);
	if (file_read(path, FILE_BYTES, &text, NULL) == 0) {
		if (build) {
			look_at_build(l, buf_view(&text));
		}
		if (test || setting) {
			look_at_test(l, buf_view(&text));
		} else if (!build) {
			look_at_c(l, buf_view(&text));
		}
	}
	if (test && !str_is(name, "conftest.py")) {
		note_tests(l, inner);
	}
	l->test_settings = l->test_settings || str_is(name, "pytest.ini");
	free(path);
	buf_finish(&text);
}

static void walk(struct looking *l, const char *inner, int depth)
{
	char *folder =
		inner[0] != '\0' ? file_join(l->draft->folder, inner) : str_dup(str_from(l->draft->folder));
	DIR *dir = depth < DEPTH_MOST ? opendir(folder) : NULL;
	for (struct dirent *entry = dir != NULL ? readdir(dir) : NULL;
		 entry != NULL && l->files < FILES_MOST; entry = readdir(dir)) {
		if (entry->d_name[0] == '.') {
			continue;
		}
		struct stat st;
		char *path = file_join(folder, entry->d_name);
		char *below =
			inner[0] != '\0' ? file_join(inner, entry->d_name) : str_dup(str_from(entry->d_name));
		l->files++;
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
			walk(l, below, depth + 1);
		} else if (S_ISREG(st.st_mode)) {
			look_at_file(l, below, entry->d_name);
		}
		free(path);
		free(below);
	}
	if (dir != NULL) {
		closedir(dir);
	}
	free(folder);
}

/* --- the text --- */

static void write_libraries(const struct looking *l, struct buf *out)
{
	size_t found = 0;
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		if (!l->libraries[i] || is_own(l, headers[i].include)) {
			continue;
		}
		buf_printf(out, "%s#   - {name: %s}  # includes %s\n",
			found++ == 0
				? "# It may need these C libraries of the target; take away the # of those "
				  "that are\n# not in the source itself:\n# libraries:\n"
				: "",
			headers[i].library, headers[i].include);
	}
}

static void write_test(const struct looking *l, struct buf *out)
{
	bool plain = l->tests != NULL && is_plain(l->tests);
	if (!plain || l->test_files == 0) {
		buf_add_text(out,
			"# No folder of tests was seen in the source. If there are tests elsewhere:\n"
			"# test:\n#   requires: [pytest]\n#   command: [python, -m, pytest, -q, tests]\n"
			"#   min_tests: 1\n");
		return;
	}
	buf_printf(out, "# %zu file%s in %s. Emulated tests are slow: name files to run less.\n",
		l->test_files, l->test_files == 1 ? " of tests is" : "s of tests are", l->tests);
	buf_add_text(out, "test:\n");
	if (l->pytest) {
		buf_add_text(out, "  requires: [pytest");
		size_t noted = 0;
		for (size_t i = 0; i < sizeof(plugins) / sizeof(*plugins); i++) {
			bool again = false;
			for (size_t k = 0; k < i; k++) {
				again = again ||
					(l->plugins[k] && strcmp(plugins[k].requirement, plugins[i].requirement) == 0);
			}
			if (l->plugins[i] && !again && noted++ < NOTED_MOST) {
				buf_printf(out, ", %s", plugins[i].requirement);
			}
		}
		buf_printf(
			out, "]\n  command: [python, -m, pytest, -q, -p, 'no:cacheprovider', %s]\n", l->tests);
	} else {
		buf_printf(out, "  command: [python, -m, unittest, discover, -s, %s]\n", l->tests);
	}
	buf_add_text(
		out, "  # only these lie beside the tests, so that what is imported is the wheel\n");
	buf_printf(out, "  sources: [%s%s]\n", l->tests, l->test_settings ? ", pytest.ini" : "");
	buf_add_text(out, "  min_tests: 1  # raise it to what the first run passes\n");
}

void draft_write(const struct draft *d, struct buf *out)
{
	struct looking l = {.draft = d};
	walk(&l, "", 0);
	buf_add_text(out, "# yaml-language-server: $schema=../recipe.schema.json\n");
	buf_printf(out, "# A draft: built by %s. Say here what is special about this package.\n",
		l.backend != NULL ? l.backend : "a backend that was not recognised");
	buf_printf(out, "schema: 1\nname: %s\nrevision: 1\n", d->name);
	if (l.rust) {
		buf_add_text(out, "tools: [rust]\n");
	}
	write_libraries(&l, out);
	write_test(&l, out);
	VEC_EACH (char *, name, &l.own) {
		free(*name);
	}
	vec_finish(&l.own);
	free(l.tests);
}
