#include "agent/sandbox.h"

#include "core/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPOSED "/run/wheelfarm"

/* What a root has at its top; links (merged /usr) are made again as links, the rest is read-only.
 * Of the host's own root a child sees programs and libraries only. */
static const struct root_entry {
	const char *name;
	bool of_host;
} root_entries[] = {
	{"usr", true},
	{"bin", true},
	{"sbin", true},
	{"lib", true},
	{"lib32", true},
	{"lib64", true},
	{"etc", false},
	{"var", false},
	{"opt", false},
	{"srv", false},
};
/* From the host's own /etc a C stage needs only this: names, certificates, the linker's cache. */
static const char *const host_etc[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
	"/etc/ssl", "/etc/ca-certificates", "/etc/pki", "/etc/ld.so.cache", "/etc/localtime",
	"/etc/alternatives", "/etc/pip.conf"};
/* And what a step with network needs on top of an image's own. */
static const char *const network_etc[] = {
	"/etc/resolv.conf", "/etc/hosts", "/etc/ssl", "/etc/ca-certificates", "/etc/pip.conf"};

static void add3(
	struct text_list *l, struct arena *a, const char *option, const char *from, const char *to)
{
	text_list_add(l, a, option);
	text_list_add(l, a, from);
	text_list_add(l, a, to);
}

/* The root's top-level entries, one by one, so that the root itself is an empty tmpfs in which the
 * other binds can have their mount points. */
static int add_root(const char *image, struct arena *a, struct text_list *out, struct err *e)
{
	bool found = false;
	const char *root = image != NULL ? image : "";
	for (size_t i = 0; i < sizeof(root_entries) / sizeof(*root_entries); i++) {
		const char *entry = root_entries[i].name;
		if (image == NULL && !root_entries[i].of_host) {
			continue;
		}
		const char *from = arena_printf(a, "%s/%s", root, entry);
		const char *to = arena_printf(a, "/%s", entry);
		struct stat st;
		if (lstat(from, &st) != 0) {
			continue;
		}
		if (S_ISLNK(st.st_mode)) {
			char target[256];
			ssize_t n = readlink(from, target, sizeof(target) - 1);
			if (n > 0) {
				target[n] = '\0';
				add3(out, a, "--symlink", target, to);
			}
		} else if (S_ISDIR(st.st_mode)) {
			add3(out, a, "--ro-bind", from, to);
			found = found || strcmp(entry, "usr") == 0;
		}
	}
	if (!found) {
		return err_set(e, ERR_NOT_FOUND, "image %s: no /usr in it", root);
	}
	return 0;
}

/* A bind over a link would follow it out of the sandbox's root, so a link is left as the image has
 * it; Debian's resolv.conf in an image is a plain file. */
static void add_network(const char *image, struct arena *a, struct text_list *out)
{
	for (size_t i = 0; i < sizeof(network_etc) / sizeof(*network_etc); i++) {
		struct stat st;
		const char *inside = arena_printf(a, "%s%s", image, network_etc[i]);
		if (lstat(inside, &st) == 0 && !S_ISLNK(st.st_mode)) {
			add3(out, a, "--ro-bind-try", network_etc[i], network_etc[i]);
		}
	}
}

int sandbox_argv(
	const struct sandbox_spec *s, struct arena *a, struct text_list *out, struct err *e)
{
	static const char *const head[] = {
		"bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--hostname", "wheelfarm"};
	text_list_add_all(out, a, head, sizeof(head) / sizeof(*head));
	if (s->network) {
		text_list_add(out, a, "--share-net");
	}
	int code = add_root(s->image, a, out, e);
	if (code != 0) {
		return code;
	}
	if (s->image == NULL) {
		for (size_t i = 0; i < sizeof(host_etc) / sizeof(*host_etc); i++) {
			add3(out, a, "--ro-bind-try", host_etc[i], host_etc[i]);
		}
	} else if (s->network) {
		add_network(s->image, a, out);
	}
	static const char *const system[] = {
		"--proc", "/proc", "--dev", "/dev", "--tmpfs", "/run", "--tmpfs", "/dev/shm"};
	text_list_add_all(out, a, system, sizeof(system) / sizeof(*system));
	if (s->tmp != NULL) {
		add3(out, a, "--bind", s->tmp, "/tmp");
	} else {
		static const char *const tmp[] = {"--tmpfs", "/tmp"};
		text_list_add_all(out, a, tmp, 2);
	}
	for (size_t i = 0; i < s->binds.n; i++) {
		const struct sandbox_bind *b = &s->binds.v[i];
		const char *option = b->writable ? "--bind" : b->optional ? "--ro-bind-try" : "--ro-bind";
		add3(out, a, option, b->from, b->to);
	}
	/* everything has its mount point by now */
	static const char *const closed[] = {"--remount-ro", "/"};
	text_list_add_all(out, a, closed, 2);
	text_list_add(out, a, "--chdir");
	text_list_add(out, a, s->cwd != NULL ? s->cwd : "/tmp");
	if (s->private_env.n == 0) {
		text_list_add(out, a, "--clearenv");
	}
	for (size_t i = 0; i < s->env.n; i++) {
		const char *equals = strchr(s->env.v[i], '=');
		if (equals == NULL) {
			mem_bug("sandbox: environment \"%s\" has no value", s->env.v[i]);
		}
		text_list_add(out, a, "--setenv");
		text_list_addf(out, a, "%.*s", (int)(equals - s->env.v[i]), s->env.v[i]);
		text_list_add(out, a, equals + 1);
	}
	text_list_add(out, a, "--");
	text_list_add_all(out, a, s->argv.v, s->argv.n);
	return 0;
}

void sandbox_env(const struct sandbox_spec *s, struct arena *a, struct text_list *out)
{
	/* what bubblewrap itself runs with */
	text_list_add(out, a, "PATH=/usr/bin:/bin");
	text_list_add_all(out, a, s->private_env.v, s->private_env.n);
}

const char *sandbox_cwd(const struct sandbox_spec *s, struct arena *a)
{
	return NULL;
}

int sandbox_signal(int exit_code)
{
	enum { SHELL_SIGNAL = 128 }; /* it ends with 128 + N if its child ended by signal N */
	bool is_signal = exit_code > SHELL_SIGNAL && exit_code < SHELL_SIGNAL + SIGRTMAX;
	return is_signal ? exit_code - SHELL_SIGNAL : 0;
}

const char *sandbox_identity(struct arena *a)
{
	char line[128] = "";
	FILE *f = popen("bwrap --version 2>/dev/null", "r");
	if (f == NULL) {
		return "";
	}
	if (fgets(line, sizeof(line), f) == NULL) {
		line[0] = '\0';
	}
	pclose(f);
	struct str text = str_trim(str_from(line));
	return arena_copy(a, text.p != NULL ? text.p : "", text.n);
}

static int bind_below(const char *from, const char *to, bool folder, struct err *e)
{
	int fd = -1;
	if (folder) {
		if (mkdir(to, 0755) != 0) {
			return err_set(e, -errno, "%s: %s", to, strerror(errno));
		}
	} else {
		fd = open(to, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0755);
		if (fd < 0) {
			return err_set(e, -errno, "%s: %s", to, strerror(errno));
		}
		close(fd);
	}
	if (mount(from, to, NULL, MS_BIND | (folder ? MS_REC : 0), NULL) != 0) {
		return err_set(e, -errno, "%s: cannot be bound to %s: %s", from, to, strerror(errno));
	}
	return 0;
}

int sandbox_expose(struct arena *a, const char **cache, const char **workspace,
	const char **program, struct sandbox_exposed *out, struct err *e)
{
	*out = (struct sandbox_exposed){.cache = *cache, .workspace = *workspace, .program = *program};
	int code = file_make_folders(*workspace, e);
	if (code == 0) {
		code = file_make_folders(*cache, e);
	}
	if (code != 0) {
		return code;
	}
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) != 0) {
		return err_set(e, -errno, "no private mount namespace: %s", strerror(errno));
	}
	code = file_make_folders(EXPOSED, e);
	if (code != 0) {
		return code;
	}
	if (mount("wheelfarm", EXPOSED, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") != 0) {
		return err_set(e, -errno, EXPOSED ": %s", strerror(errno));
	}
	if ((code = bind_below(*cache, EXPOSED "/cache", true, e)) != 0 ||
		(code = bind_below(*workspace, EXPOSED "/work", true, e)) != 0 ||
		(code = bind_below(*program, EXPOSED "/program", false, e)) != 0) {
		return code;
	}
	out->folder = EXPOSED;
	*cache = arena_printf(a, EXPOSED "/cache");
	*workspace = arena_printf(a, EXPOSED "/work");
	*program = arena_printf(a, EXPOSED "/program");
	return 0;
}
