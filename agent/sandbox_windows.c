/* Windows has no sandbox that an ordinary user can make: a child runs as the agent's user, in a Job Object
 * (core/io/process_tree_windows.c), with a scrubbed environment. It may read, write and reach over the
 * network whatever that user may; a machine that builds what strangers wrote is one to be thrown away.
 * As nothing can be mounted, every place that a job knows is renamed to where it lies on the disk. */
#include "agent/sandbox.h"

#include <stdlib.h>
#include <string.h>

/* From the host's own environment, without which programs of Windows do not run. */
static const char *const host_names[] = {"SystemRoot", "SystemDrive", "windir", "ComSpec",
	"PATHEXT", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "PROCESSOR_IDENTIFIER",
	"ProgramData", "ProgramFiles", "ProgramFiles(x86)", "CommonProgramFiles", "ALLUSERSPROFILE"};

struct rename {
	const char *inside;
	const char *outside;
};

struct renames {
	struct rename *v;
	size_t n;
};

static void add(struct renames *r, const char *inside, const char *outside)
{
	r->v[r->n++] = (struct rename){.inside = inside, .outside = outside};
}

static int by_length(const void *a, const void *b)
{
	size_t x = strlen(((const struct rename *)a)->inside);
	size_t y = strlen(((const struct rename *)b)->inside);
	return (x < y) - (x > y);
}

/* The longest first: a place may lie in another. */
static struct renames renames_of(const struct sandbox_spec *s, struct arena *a)
{
	struct renames r = {.v = arena_new(a, (s->binds.n + 8) * sizeof(*r.v))};
	for (size_t i = 0; i < s->binds.n; i++) {
		const struct sandbox_bind *b = &s->binds.v[i];
		add(&r, b->to, b->from);
		/* a virtual environment has its programs elsewhere there */
		add(&r, arena_printf(a, "%s/bin/python", b->to),
			arena_printf(a, "%s/Scripts/python.exe", b->from));
	}
	if (s->tmp != NULL) {
		add(&r, "/tmp", s->tmp);
	}
	if (s->image != NULL) {
		add(&r, "/usr/bin/python", arena_printf(a, "%s/python.exe", s->image));
	}
	qsort(r.v, r.n, sizeof(*r.v), by_length);
	return r;
}

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
		c == '-' || c == '.';
}

/* "/usr/bin/python3.13" is the image's one Python. */
static size_t version_length(const char *text)
{
	return strspn(text, "0123456789.");
}

/* The length of the place that `text` starts with, and what it is called outside; 0 if it is none. */
static size_t match(const struct renames *r, const char *text, const char **outside)
{
	for (size_t i = 0; i < r->n; i++) {
		size_t n = strlen(r->v[i].inside);
		if (strncmp(text, r->v[i].inside, n) != 0) {
			continue;
		}
		n += str_ends(str_from(r->v[i].inside), "/python") ? version_length(text + n) : 0;
		if (!is_of_name(text[n])) {
			*outside = r->v[i].outside;
			return n;
		}
	}
	return 0;
}

/* Does a drive end before text[i], as in "Z:/tmp" or "/LIBPATH:Z:/tmp"? What follows is no place of a job. */
static bool is_behind_drive(const char *text, size_t i)
{
	return i >= 2 && text[i - 1] == ':' && is_of_name(text[i - 2]) &&
		(i == 2 || !is_of_name(text[i - 3]));
}

/* A place begins where no name or folder goes on: "-I/wheelfarm/sdk", "KEY=/wheelfarm/in", not "x/tmp". */
static const char *renamed(const struct renames *r, const char *text, struct arena *a)
{
	struct buf out = {0};
	for (size_t i = 0; text[i] != '\0';) {
		const char *outside = NULL;
		bool may = i == 0 || (!is_of_name(text[i - 1]) && text[i - 1] != '/') ||
			(i == 2 && text[0] == '-');
		may = may && !is_behind_drive(text, i);
		size_t n = text[i] == '/' && may ? match(r, text + i, &outside) : 0;
		if (n != 0) {
			buf_add_text(&out, outside);
			i += n;
		} else {
			buf_add_char(&out, text[i++]);
		}
	}
	const char *kept = arena_copy(a, out.n != 0 ? out.p : "", out.n);
	buf_finish(&out);
	return kept;
}

/* The places of a PATH that are there, then the image's, then the system's. */
static const char *path_of(
	const struct sandbox_spec *s, const struct renames *r, const char *inside, struct arena *a)
{
	struct buf out = {0};
	struct str rest = str_from(inside);
	for (struct str folder; str_split(&rest, ':', &folder);) {
		char *text = str_dup(folder);
		const char *outside = NULL;
		if (match(r, text, &outside) != 0) {
			const char *place = renamed(r, text, a);
			buf_printf(&out, "%s;", place);
			if (str_ends(folder, "/bin")) {
				buf_printf(&out, "%.*sScripts;", (int)(strlen(place) - 3), place);
			}
		}
		free(text);
	}
	if (s->image != NULL) {
		buf_printf(&out, "%s;%s/Scripts;", s->image, s->image);
	}
	const char *root = getenv("SystemRoot");
	root = root != NULL ? root : "C:/windows";
	buf_printf(&out, "%s/System32;%s", root, root);
	const char *kept = arena_copy(a, out.p, out.n);
	buf_finish(&out);
	return kept;
}

int sandbox_argv(
	const struct sandbox_spec *s, struct arena *a, struct text_list *out, struct err *e)
{
	struct renames r = renames_of(s, a);
	for (size_t i = 0; i < s->argv.n; i++) {
		text_list_add(out, a, renamed(&r, s->argv.v[i], a));
	}
	return 0;
}

void sandbox_env(const struct sandbox_spec *s, struct arena *a, struct text_list *out)
{
	struct renames r = renames_of(s, a);
	for (size_t i = 0; i < sizeof(host_names) / sizeof(*host_names); i++) {
		const char *value = getenv(host_names[i]);
		if (value != NULL) {
			text_list_addf(out, a, "%s=%s", host_names[i], value);
		}
	}
	if (s->tmp != NULL) {
		static const char *const of_tmp[] = {
			"TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA"};
		for (size_t i = 0; i < sizeof(of_tmp) / sizeof(*of_tmp); i++) {
			text_list_addf(out, a, "%s=%s", of_tmp[i], s->tmp);
		}
	}
	text_list_add(out, a, "PYTHONUTF8=1");
	for (size_t i = 0; i < s->env.n; i++) {
		const char *text = s->env.v[i];
		if (str_starts(str_from(text), "PATH=")) {
			text_list_addf(out, a, "PATH=%s", path_of(s, &r, text + 5, a));
		} else {
			text_list_add(out, a, renamed(&r, text, a));
		}
	}
	text_list_add_all(out, a, s->private_env.v, s->private_env.n);
}

const char *sandbox_cwd(const struct sandbox_spec *s, struct arena *a)
{
	struct renames r = renames_of(s, a);
	return s->cwd != NULL ? renamed(&r, s->cwd, a) : s->tmp;
}

int sandbox_signal(int exit_code)
{
	return 0; /* there is nothing between the child and us */
}

const char *sandbox_identity(struct arena *a)
{
	return "job object (no sandbox: files and network as the agent's user)";
}

int sandbox_expose(struct arena *a, const char **cache, const char **workspace,
	const char **program, struct sandbox_exposed *out, struct err *e)
{
	return err_set(e, ERR_UNSUPPORTED, "slots have no users of their own on Windows");
}
