#include "core/io/patch.h"

#include "core/base/vec.h"

/* A view of the lines of a text, each with its newline if it has one. */
typedef VEC(struct str) lines;

struct hunk {
	uint64_t at; /* the first of its old lines, from 0 */
	lines old;
	lines new;
	size_t before; /* lines of context it begins and ends with */
	size_t after;
	unsigned number;
};

/* Takes the next line, newline included. */
static bool next_line(struct str *rest, struct str *line)
{
	if (rest->n == 0) {
		return false;
	}
	ptrdiff_t end = str_find(*rest, '\n');
	size_t n = end < 0 ? rest->n : (size_t)end + 1;
	*line = str_slice(*rest, 0, n);
	*rest = str_slice(*rest, n, rest->n);
	return true;
}

static struct str peek(struct str rest)
{
	struct str line = {0};
	next_line(&rest, &line);
	return line;
}

/* Are `part`'s lines those of `all` from there on? */
static bool is_at(const lines *part, const lines *all, size_t from)
{
	for (size_t i = 0; i < part->n; i++) {
		if (!str_equal(part->v[i], all->v[from + i])) {
			return false;
		}
	}
	return true;
}

/* --- hunks --- */

/* "12,3" or "12" off *text. */
static bool take_range(struct str *text, char sign, uint64_t *at, uint64_t *count)
{
	struct str rest = *text;
	struct str word;
	struct str number;
	if (!str_split(&rest, ' ', &word) || word.n == 0 || word.p[0] != sign) {
		return false;
	}
	word = str_slice(word, 1, word.n);
	*count = 1;
	str_split(&word, ',', &number);
	*text = rest;
	return str_to_u64(number, at) && (word.n == 0 || str_to_u64(word, count));
}

/* The newline at the end of a line's last taken text is not there in the file. */
static void cut_newline(lines *list)
{
	if (list->n != 0 && str_ends(list->v[list->n - 1], "\n")) {
		list->v[list->n - 1].n--;
	}
}

/* The lines of a hunk, of which `old` and `new` are still to come. */
static int take_lines(struct str *rest, struct hunk *h, uint64_t old, uint64_t new, struct err *e)
{
	struct str line;
	char sign = ' ';
	bool changed = false;
	while (old + new != 0 || str_starts(peek(*rest), "\\")) {
		if (!next_line(rest, &line)) {
			return err_set(e, ERR_INVALID, "hunk %u ends too early", h->number);
		}
		if (line.p[0] == '\\') {
			if (sign != '+') {
				cut_newline(&h->old);
			}
			if (sign != '-') {
				cut_newline(&h->new);
			}
			continue;
		}
		/* an editor that trims lines took the space of an empty one */
		bool bare = str_is(line, "\n") || str_is(line, "\r\n");
		sign = bare ? ' ' : line.p[0];
		struct str text = bare ? line : str_slice(line, 1, line.n);
		if ((sign != ' ' && sign != '-' && sign != '+') || (sign != '+' && old == 0) ||
			(sign != '-' && new == 0)) {
			return err_set(e, ERR_INVALID, "hunk %u: not a line of it: %.*s", h->number,
				STR_ARG(str_slice(str_trim(line), 0, 80)));
		}
		if (sign != '+') {
			*vec_add(&h->old) = text;
			old--;
		}
		if (sign != '-') {
			*vec_add(&h->new) = text;
			new --;
		}
		changed = changed || sign != ' ';
		h->before += sign == ' ' && !changed;
		h->after = sign == ' ' ? h->after + 1 : 0;
	}
	return 0;
}

/* The next hunk: 1, 0 if what comes is none. */
static int take_hunk(struct str *rest, struct hunk *h, struct err *e)
{
	struct str line = peek(*rest);
	if (!str_starts(line, "@@ ")) {
		return 0;
	}
	next_line(rest, &line);
	struct str ranges = str_slice(str_trim(line), 3, line.n);
	uint64_t old = 0;
	uint64_t new = 0;
	uint64_t at_new = 0;
	enum { LINES_MAX = 10000000 };
	if (!take_range(&ranges, '-', &h->at, &old) || !take_range(&ranges, '+', &at_new, &new) ||
		!str_starts(ranges, "@@") || old > LINES_MAX || new > LINES_MAX || h->at > LINES_MAX) {
		return err_set(e, ERR_INVALID, "not the head of a hunk: %.*s",
			STR_ARG(str_slice(str_trim(line), 0, 80)));
	}
	h->at -=
		old != 0 && h->at != 0; /* with nothing old it is the line after which the new ones come */
	int code = take_lines(rest, h, old, new, e);
	return code != 0 ? code : 1;
}

/* --- files --- */

/* The name of "--- NAME\tTIME"; empty for a file that is not there. */
static int take_name(struct str line, struct str *name, struct err *e)
{
	struct str rest = str_slice(line, 4, line.n);
	ptrdiff_t tab = str_find(rest, '\t');
	*name = str_trim(tab >= 0 ? str_slice(rest, 0, (size_t)tab) : rest);
	if (name->n == 0) {
		return err_set(e, ERR_INVALID, "a file without a name");
	}
	if (name->p[0] == '"') {
		return err_set(e, ERR_UNSUPPORTED, "%.*s: a name in quotes", STR_ARG(*name));
	}
	/* `diff -N` says by a time of zero, wherever it was run, that there is no such file */
	struct str when = tab >= 0 ? str_slice(rest, (size_t)tab + 1, rest.n) : (struct str){0};
	bool zero = str_starts(when, "1970-01-01 ") || str_starts(when, "1969-12-31 ");
	*name = str_is(*name, "/dev/null") || zero ? STR("") : *name;
	return 0;
}

static bool begins_file(struct str line, struct str rest)
{
	return str_starts(line, "--- ") && str_starts(peek(rest), "+++ ");
}

/* All hunks of a file: 1. */
static int take_hunks(struct str *rest, struct str *hunks, struct err *e)
{
	struct str begin = *rest;
	int code = 1;
	for (unsigned number = 1; code == 1; number++) {
		struct hunk h = {.number = number};
		code = take_hunk(rest, &h, e);
		vec_finish(&h.old);
		vec_finish(&h.new);
	}
	*hunks = str_slice(begin, 0, begin.n - rest->n);
	struct str more = peek(*rest);
	bool signature =
		str_starts(more, "-- ") || str_starts(more, "--- "); /* of a mail; the next file */
	if (code == 0 && more.n != 0 && strchr("+- ", more.p[0]) != NULL && !signature) {
		code = err_set(e, ERR_INVALID, "a hunk has more lines than its head says: %.*s",
			STR_ARG(str_slice(str_trim(more), 0, 80)));
	}
	return code != 0 ? code : 1;
}

int patch_next(struct str *rest, struct patch_file *out, struct err *e)
{
	static const char *const lost[] = {
		"rename from ", "copy from ", "GIT binary patch", "Binary files "};
	struct str line;
	struct str git = {0}; /* a "diff --git" whose hunks have not come */
	*out = (struct patch_file){0};
	while (next_line(rest, &line)) {
		if (begins_file(line, *rest)) {
			int code = take_name(line, &out->from, e);
			next_line(rest, &line);
			if (code == 0) {
				code = take_name(line, &out->to, e);
			}
			if (code == 0 && out->from.n + out->to.n == 0) {
				code = err_set(e, ERR_INVALID, "a file from nothing to nothing");
			}
			return code != 0 ? code : take_hunks(rest, &out->hunks, e);
		}
		for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++) {
			if (str_starts(line, lost[i])) {
				return err_set(e, ERR_UNSUPPORTED, "%.*s: not applied", STR_ARG(str_trim(line)));
			}
		}
		if (str_starts(line, "diff --git ")) {
			if (git.n != 0) {
				break;
			}
			git = str_trim(line);
		}
		if (str_starts(line, "new file mode ") || str_starts(line, "new mode ")) {
			out->executable = str_ends(str_trim(line), "755");
		}
	}
	return git.n == 0 ? 0
					  : err_set(e, ERR_UNSUPPORTED,
							"%.*s: an empty file or a mode alone is not applied", STR_ARG(git));
}

struct str patch_strip(struct str name, unsigned strip)
{
	struct str rest = name;
	struct str part;
	while (strip != 0 && str_split(&rest, '/', &part)) {
		strip--;
	}
	struct str kept = strip == 0 ? rest : (struct str){0};
	struct str left = kept;
	while (str_split(&left, '/', &part)) {
		/* a drive of Windows has a colon, its separator is \ */
		if (part.n == 0 || str_is(part, "..") || str_find(part, '\\') >= 0 ||
			str_find(part, ':') >= 0) {
			return (struct str){0};
		}
	}
	return kept;
}

/* --- applying --- */

/* Where the hunk's old lines are, from line `least` on; false if nowhere. */
static bool find_place(
	const struct hunk *h, const lines *text, size_t least, size_t guess, size_t *place)
{
	size_t n = h->old.n;
	if (n > text->n || least > text->n - n) {
		return false;
	}
	size_t last = text->n - n;
	bool at_start = h->before < h->after;
	bool at_end = h->after < h->before;
	if (at_start || at_end || n == 0) {
		*place = n == 0 ? guess : at_start ? 0 : last;
		return *place >= least && *place <= last && is_at(&h->old, text, *place);
	}
	guess = guess < least ? least : guess > last ? last : guess;
	for (size_t away = 0; away <= last; away++) {
		if (away <= last - guess && is_at(&h->old, text, guess + away)) {
			*place = guess + away;
			return true;
		}
		if (away <= guess - least && is_at(&h->old, text, guess - away)) {
			*place = guess - away;
			return true;
		}
	}
	return false;
}

static void add_lines(struct buf *out, const lines *list, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		buf_add_str(out, list->v[i]);
	}
}

int patch_apply(const struct patch_file *file, struct str old, struct buf *out, struct err *e)
{
	lines text = {0};
	struct hunk h = {0};
	struct str rest = file->hunks;
	size_t done = 0; /* lines of the old text that are in `out` or gone */
	int64_t moved = 0; /* how far the last hunk was from where it said */
	int code = 0;
	for (struct str line; next_line(&old, &line);) {
		*vec_add(&text) = line;
	}
	for (unsigned number = 1;; number++) {
		h = (struct hunk){.number = number};
		code = take_hunk(&rest, &h, e);
		if (code != 1) {
			break;
		}
		int64_t guess = (int64_t)h.at + moved;
		size_t place = 0;
		if (!find_place(&h, &text, done, guess > 0 ? (size_t)guess : 0, &place)) {
			code = err_set(e, ERR_CONFLICT, "hunk %u of line %llu does not fit", number,
				(unsigned long long)h.at + 1);
			break;
		}
		moved = (int64_t)place - (int64_t)h.at;
		add_lines(out, &text, done, place);
		add_lines(out, &h.new, 0, h.new.n);
		done = place + h.old.n;
		vec_finish(&h.old);
		vec_finish(&h.new);
	}
	if (code == 0 && h.number == 1) {
		code = err_set(e, ERR_INVALID, "no hunk");
	}
	add_lines(out, &text, done, text.n);
	vec_finish(&h.old);
	vec_finish(&h.new);
	vec_finish(&text);
	return code;
}
