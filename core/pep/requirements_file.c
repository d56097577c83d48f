#include "core/pep/requirements_file.h"

#include <string.h>

static const struct {
	const char *name;
	enum requirements_line_kind kind;
} options[] = {
	{"-r", REQUIREMENTS_INCLUDE},
	{"--requirement", REQUIREMENTS_INCLUDE},
	{"-c", REQUIREMENTS_CONSTRAINTS},
	{"--constraint", REQUIREMENTS_CONSTRAINTS},
	{"-e", REQUIREMENTS_EDITABLE},
	{"--editable", REQUIREMENTS_EDITABLE},
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static int check_line(struct str line, struct err *e)
{
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];
		if ((c < ' ' && c != '\t') || c == 0x7f) {
			return err_set(e, ERR_INVALID, "a control character (byte 0x%02x)", c);
		}
	}
	return str_is_utf8(line) ? 0 : err_set(e, ERR_INVALID, "bytes that are not UTF-8");
}

/* A '#' at the start, or behind a space, begins a comment. */
static struct str without_comment(struct str line)
{
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '#' && (i == 0 || is_space(line.p[i - 1]))) {
			return str_slice(line, 0, i);
		}
	}
	return line;
}

/* Joins lines as long as they end with a backslash; a comment ends that too. */
static int join(struct requirements_file *f, struct err *e)
{
	struct str line;
	bool more = true;
	buf_clear(&f->joined);
	while (more && f->rest.n != 0 && str_split(&f->rest, '\n', &line)) {
		f->line++;
		if (line.n != 0 && line.p[line.n - 1] == '\r') {
			line.n--;
		}
		int code = check_line(line, e);
		if (code != 0) {
			return code;
		}
		struct str bare = without_comment(line);
		more = bare.n == line.n && line.n != 0 && line.p[line.n - 1] == '\\';
		buf_add_str(&f->joined, more ? str_slice(bare, 0, bare.n - 1) : bare);
		if (f->joined.n > REQUIREMENTS_LINE_MOST) {
			return err_set(
				e, ERR_TOO_LARGE, "a line of more than %d bytes", REQUIREMENTS_LINE_MOST);
		}
	}
	return 0;
}

static bool is_variable(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* ${NAME}, in capitals, as pip has it. */
static void expand(struct requirements_file *f)
{
	struct buf out = {0};
	struct str in = buf_view(&f->joined);
	for (size_t i = 0; i < in.n; i++) {
		size_t end = i + 2;
		while (i + 1 < in.n && in.p[i] == '$' && in.p[i + 1] == '{' && end < in.n &&
			is_variable(in.p[end])) {
			end++;
		}
		const char *value = NULL;
		if (end > i + 2 && end < in.n && in.p[end] == '}') {
			value = f->variable(f->user, str_slice(in, i + 2, end));
		}
		if (value != NULL && out.n + strlen(value) <= REQUIREMENTS_LINE_MOST) {
			buf_add_text(&out, value);
			i = end;
		} else {
			buf_add_char(&out, in.p[i]);
		}
	}
	buf_finish(&f->joined);
	f->joined = out;
}

/* Names with spaces are quoted, as in a shell. */
static struct str without_quotes(struct str text)
{
	char quote = text.n > 1 ? text.p[0] : '\0';
	bool quoted = (quote == '"' || quote == '\'') && text.p[text.n - 1] == quote;
	return quoted ? str_slice(text, 1, text.n - 1) : text;
}

/* "-r FILE", "-rFILE", "--requirement=FILE". */
static bool take_option(struct str text, const char *name, struct str *value)
{
	size_t n = strlen(name);
	if (!str_starts(text, name)) {
		return false;
	}
	*value = str_slice(text, n, text.n);
	bool is_long = name[1] == '-';
	if (value->n != 0 && value->p[0] == '=' && is_long) {
		*value = str_slice(*value, 1, value->n);
	} else if (is_long && value->n != 0 && !is_space(value->p[0])) {
		return false;
	}
	*value = without_quotes(str_trim(*value));
	return true;
}

/* Options behind a requirement speak of how it is fetched or built. */
static struct str without_options(struct str text)
{
	for (size_t i = 1; i + 1 < text.n; i++) {
		if (text.p[i] == '-' && text.p[i + 1] == '-' && is_space(text.p[i - 1])) {
			return str_trim(str_slice(text, 0, i));
		}
	}
	return text;
}

/* pip takes what looks like a path or a URL for one; "name @ URL" is told apart by the requirement. */
static bool is_address(struct str text)
{
	ptrdiff_t scheme = str_find_text(text, STR("://"));
	ptrdiff_t at = str_find(text, '@');
	return text.p[0] == '.' || text.p[0] == '/' || text.p[0] == '~' ||
		(scheme > 0 && (at < 0 || at > scheme)) ||
		(at < 0 && (str_ends(text, ".whl") || str_ends(text, ".tar.gz") || str_ends(text, ".zip")));
}

static void read_line(struct str text, struct requirements_line *out)
{
	out->text = text;
	if (text.p[0] == '-') {
		out->kind = REQUIREMENTS_OPTION;
		for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
			struct str value;
			if (take_option(text, options[i].name, &value)) {
				out->kind = options[i].kind;
				out->text = value;
				return;
			}
		}
		return;
	}
	out->text = without_options(text);
	out->kind = is_address(out->text) ? REQUIREMENTS_ADDRESS : REQUIREMENTS_REQUIREMENT;
}

int requirements_file_next(
	struct requirements_file *f, struct requirements_line *out, struct err *e)
{
	if (f->line == 0 && str_starts(f->rest, "\xEF\xBB\xBF")) {
		f->rest = str_slice(f->rest, 3, f->rest.n);
	}
	while (f->rest.n != 0) {
		out->line = f->line + 1;
		int code = join(f, e);
		if (code != 0) {
			return code;
		}
		if (f->variable != NULL && f->joined.n != 0) {
			expand(f);
		}
		struct str text = str_trim(buf_view(&f->joined));
		if (text.n != 0) {
			read_line(text, out);
			return 1;
		}
	}
	return 0;
}

void requirements_file_finish(struct requirements_file *f)
{
	buf_finish(&f->joined);
}
