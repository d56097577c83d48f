#include "coordinator/scan/scan.h"

#include "core/io/file.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { ANSWER_LIMIT = 64 << 10 };

/* What a fixed command prints; false if it could not run or said that it failed. */
static bool ask(const char *command, struct buf *out)
{
	FILE *pipe = popen(command, "r");
	if (pipe == NULL) {
		return false;
	}
	char piece[4096];
	size_t n;
	while ((n = fread(piece, 1, sizeof(piece), pipe)) != 0 && out->n < ANSWER_LIMIT) {
		buf_add(out, piece, n);
	}
	return pclose(pipe) == 0;
}

/* The value of `section.key='value'` in what `pip config list` printed; NULL if it is not there. The
 * caller frees. The environment (":env:") goes before files, as pip has it. */
static char *setting(struct str listing, const char *key)
{
	static const char *const sections[] = {":env:.", "download.", "global."};
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		char *name = str_format("%s%s=", sections[i], key);
		struct str rest = listing, line;
		char *value = NULL;
		while (value == NULL && str_split(&rest, '\n', &line)) {
			if (str_starts(line, name)) {
				struct str text = str_trim(str_slice(line, strlen(name), line.n));
				if (text.n >= 2 && (text.p[0] == '\'' || text.p[0] == '"')) {
					text = str_slice(text, 1, text.n - 1);
				}
				value = str_dup(text);
			}
		}
		free(name);
		if (value != NULL) {
			return value;
		}
	}
	return NULL;
}

/* pip's own answers: its configuration, and without an index in it the one it has built in. */
static char *ask_pip(struct scan_index *out)
{
	struct buf listing = {0}, builtin = {0};
	char *url = NULL;
	if (!ask("python3 -m pip config list 2>/dev/null", &listing)) {
		goto out;
	}
	url = setting(buf_view(&listing), "index-url");
	out->ca_file = setting(buf_view(&listing), "cert");
	out->proxy = setting(buf_view(&listing), "proxy");
	if (url == NULL &&
		ask("python3 -c 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)' "
			"2>/dev/null",
			&builtin)) {
		url = str_dup(str_trim(buf_view(&builtin)));
	}
out:
	buf_finish(&listing);
	buf_finish(&builtin);
	return url;
}

/* "%40" and the like of a URL's user part, in place. */
static void percent_decode(char *text)
{
	char *to = text;
	for (const char *from = text; *from != '\0'; to++) {
		if (from[0] == '%' && isxdigit((unsigned char)from[1]) &&
			isxdigit((unsigned char)from[2])) {
			const char digits[] = {from[1], from[2], '\0'};
			*to = (char)strtoul(digits, NULL, 16);
			from += 3;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* Moves "user:password@" of the URL into the header that says the same; the URL goes into the
 * database and into messages, the header never does. */
static void take_credentials(struct scan_index *i)
{
	char *host = strstr(i->url, "://") + 3;
	size_t length = strcspn(host, "/?#");
	ptrdiff_t at = str_find_last((struct str){host, length}, '@');
	if (at < 0) {
		return;
	}
	char *user = str_dup((struct str){host, (size_t)at});
	percent_decode(user);
	size_t n = strlen(user);
	unsigned char *encoded = mem_new(n * 2 + 8, 1);
	EVP_EncodeBlock(encoded, (const unsigned char *)user, (int)n);
	i->auth = str_format("Authorization: Basic %s", (const char *)encoded);
	memmove(host, host + at + 1, strlen(host + at + 1) + 1);
	free(encoded);
	free(user);
}

static int take_url(struct scan_index *out, struct str url, struct err *e)
{
	bool slash = url.n != 0 && url.p[url.n - 1] == '/';
	out->url = str_format("%.*s%s", (int)url.n, url.p, slash ? "" : "/");
	for (const char *p = out->url; *p != '\0'; p++) {
		if ((unsigned char)*p <= ' ' || *p == 0x7f) {
			return err_set(e, ERR_USAGE, "the index address has a blank or control character");
		}
	}
	take_credentials(out);
	return 0;
}

int scan_index_find(const char *given, struct scan_index *out, struct err *e)
{
	*out = (struct scan_index){0};
	const char *environment = getenv("PIP_INDEX_URL");
	char *asked = NULL;
	if (given == NULL && environment != NULL && environment[0] != '\0') {
		const char *ca_file = getenv("PIP_CERT"), *proxy = getenv("PIP_PROXY");
		out->ca_file = ca_file != NULL ? str_dup(str_from(ca_file)) : NULL;
		out->proxy = proxy != NULL ? str_dup(str_from(proxy)) : NULL;
		given = environment;
	} else if (given == NULL) {
		given = asked = ask_pip(out);
	}
	int code;
	struct str index = str_from(given);
	struct stat st;
	if (index.n == 0) {
		code = err_set(e, ERR_USAGE, "there is no pip here to ask for an index; give --index");
	} else if (str_starts(index, "http://") || str_starts(index, "https://")) {
		code = take_url(out, index, e);
	} else if (str_starts(index, "file://") || str_find_text(index, STR("://")) < 0) {
		const char *path = str_starts(index, "file://") ? given + 7 : given;
		out->folder = realpath(path, NULL);
		code = out->folder != NULL && stat(out->folder, &st) == 0 && S_ISDIR(st.st_mode)
			? 0
			: err_set(e, ERR_USAGE, "%s: is no folder", path);
	} else {
		code = err_set(e, ERR_USAGE, "an index is a folder or an http or https address");
	}
	free(asked);
	return code;
}

void scan_index_finish(struct scan_index *i)
{
	free(i->url);
	free(i->folder);
	free(i->ca_file);
	free(i->proxy);
	free(i->auth);
	*i = (struct scan_index){0};
}
