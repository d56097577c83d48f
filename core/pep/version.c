#include "core/pep/version.h"

#include "core/pep/ascii.h"
#include "core/pep/space.h"

#include <string.h>

/* Reading. The grammar is the regular expression of PEP 440, appendix B, read from left to right:
 * each optional part is taken if it is there, and what was taken is never given back. */

static bool is_separator(char c)
{
	return c == '.' || c == '-' || c == '_';
}

static struct str take_digits(struct str text, size_t *at)
{
	size_t from = *at;
	while (*at < text.n && ascii_is_digit(text.p[*at])) {
		(*at)++;
	}
	return (struct str){.p = text.p + from, .n = *at - from};
}

static bool take_word(struct str text, size_t *at, const char *word)
{
	size_t n = 0;
	for (; word[n] != '\0'; n++) {
		if (*at + n >= text.n || ascii_lower(text.p[*at + n]) != word[n]) {
			return false;
		}
	}
	*at += n;
	return true;
}

static void take_separator(struct str text, size_t *at)
{
	if (*at < text.n && is_separator(text.p[*at])) {
		(*at)++;
	}
}

/* "-rc.1": a separator, one of `words`, a separator, a number; the last two may be missing. Returns
 * the index of the word, or -1 and leaves *at. */
static int take_part(
	struct str text, size_t *at, const char *const *words, size_t count, struct str *number)
{
	size_t here = *at;
	take_separator(text, &here);
	char first = here < text.n ? ascii_lower(text.p[here]) : '\0';
	for (size_t i = 0; i < count; i++) {
		if (words[i][0] == first && take_word(text, &here, words[i])) {
			take_separator(text, &here);
			*number = take_digits(text, &here);
			*at = here;
			return (int)i;
		}
	}
	return -1;
}

static void take_pre(struct str text, size_t *at, struct version *out)
{
	/* a word stands before its own beginnings */
	static const char *const words[] = {
		"alpha",
		"a",
		"beta",
		"b",
		"preview",
		"pre",
		"rc",
		"c",
	};
	static const enum version_pre meaning[] = {
		VERSION_PRE_ALPHA,
		VERSION_PRE_ALPHA,
		VERSION_PRE_BETA,
		VERSION_PRE_BETA,
		VERSION_PRE_RC,
		VERSION_PRE_RC,
		VERSION_PRE_RC,
		VERSION_PRE_RC,
	};
	int word = take_part(text, at, words, sizeof words / sizeof *words, &out->pre_number);
	if (word >= 0) {
		out->pre = meaning[word];
	}
}

static void take_post(struct str text, size_t *at, struct version *out)
{
	static const char *const words[] = {"post", "rev", "r"};
	if (*at + 1 < text.n && text.p[*at] == '-' && ascii_is_digit(text.p[*at + 1])) {
		(*at)++;
		out->post_number = take_digits(text, at); /* the implicit post release, "1.0-1" */
		out->has_post = true;
		return;
	}
	int word = take_part(text, at, words, sizeof words / sizeof *words, &out->post_number);
	out->has_post = word >= 0;
}

static void take_local(struct str text, size_t *at, struct version *out)
{
	if (*at + 1 >= text.n || text.p[*at] != '+' || !ascii_is_alnum(text.p[*at + 1])) {
		return;
	}
	size_t from = ++*at;
	while (*at < text.n &&
		(ascii_is_alnum(text.p[*at]) ||
			(is_separator(text.p[*at]) && *at + 1 < text.n && ascii_is_alnum(text.p[*at + 1])))) {
		(*at)++;
	}
	out->local = (struct str){.p = text.p + from, .n = *at - from};
	out->has_local = true;
}

/* Packing. Nearly all versions have small numbers and one suffix at most: these compare as two
 * integers. Bits of high: the first three numbers; of low: two more, the suffix's place in the order,
 * the suffix's number. */

enum { PACKED_PARTS = 5, PACKED_DIGITS = 9, SUFFIX_BITS = 31, SUFFIX_NUMBER_BITS = 28 };
enum { SUFFIX_DEV, SUFFIX_ALPHA, SUFFIX_BETA, SUFFIX_RC, SUFFIX_NONE, SUFFIX_POST };
static const unsigned char part_bits[PACKED_PARTS] = {27, 20, 17, 27, 6};

static bool small_number(struct str digits, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < digits.n; i++) {
		*out = *out * 10 + (uint64_t)(digits.p[i] - '0');
	}
	return digits.n <= PACKED_DIGITS;
}

/* parts: the release's numbers, the first PACKED_PARTS of them. */
static void pack(struct version *v, const uint64_t parts[static PACKED_PARTS])
{
	static const unsigned char pre[] = {SUFFIX_NONE, SUFFIX_ALPHA, SUFFIX_BETA, SUFFIX_RC};
	uint64_t place = pre[v->pre], number = 0;
	if (v->parts > PACKED_PARTS || v->epoch.n != 0 ||
		(v->pre != VERSION_PRE_NONE) + v->has_post + v->has_dev > 1) {
		return;
	}
	for (size_t i = 0; i < v->parts; i++) {
		if (parts[i] >> part_bits[i] != 0) {
			return;
		}
	}
	struct str digits = v->pre_number;
	if (v->has_post) {
		place = SUFFIX_POST;
		digits = v->post_number;
	} else if (v->has_dev) {
		place = SUFFIX_DEV;
		digits = v->dev_number;
	}
	if (!small_number(digits, &number) || number >> SUFFIX_NUMBER_BITS != 0) {
		return;
	}
	v->packed = true;
	v->high = parts[0] << 37 | parts[1] << 17 | parts[2];
	v->low = parts[3] << 37 | parts[4] << SUFFIX_BITS | place << SUFFIX_NUMBER_BITS | number;
}

/* Takes one number of the release; false if there is none. */
static bool take_number(
	struct str text, size_t *at, struct version *out, uint64_t parts[static PACKED_PARTS])
{
	size_t from = *at, i = from;
	uint64_t value = 0;
	while (i < text.n && ascii_is_digit(text.p[i])) {
		value = value * 10 + (uint64_t)(text.p[i++] - '0');
	}
	if (i - from > PACKED_DIGITS) {
		value = UINT64_MAX; /* it may have wrapped: too large to pack in any case */
	}
	if (out->parts < PACKED_PARTS) {
		parts[out->parts] = value;
	}
	out->parts++;
	*at = i;
	return i != from;
}

size_t version_scan(struct str text, struct version *out)
{
	*out = (struct version){0};
	uint64_t parts[PACKED_PARTS] = {0};
	size_t at = text.n != 0 && ascii_lower(text.p[0]) == 'v', from = at;
	if (!take_number(text, &at, out, parts)) {
		return 0;
	}
	if (at + 1 < text.n && text.p[at] == '!' && ascii_is_digit(text.p[at + 1])) {
		out->epoch = (struct str){.p = text.p + from, .n = at - from};
		out->parts = 0;
		from = ++at;
		take_number(text, &at, out, parts);
	}
	while (at + 1 < text.n && text.p[at] == '.' && ascii_is_digit(text.p[at + 1])) {
		at++;
		take_number(text, &at, out, parts);
	}
	out->release = (struct str){.p = text.p + from, .n = at - from};
	if (at < text.n) {
		static const char *const dev[] = {"dev"};
		take_pre(text, &at, out);
		take_post(text, &at, out);
		out->has_dev = take_part(text, &at, dev, 1, &out->dev_number) >= 0;
		take_local(text, &at, out);
	}
	pack(out, parts);
	out->text = (struct str){.p = text.p, .n = at};
	return at;
}

bool version_is_valid(struct str text)
{
	struct version v;
	return version_parse(text, &v, NULL) == 0;
}

int version_parse(struct str text, struct version *out, struct err *e)
{
	struct str trimmed = space_trim(text);
	size_t n = version_scan(trimmed, out);
	if (n == 0 || n != trimmed.n) {
		return err_set(e, ERR_INVALID, "not a version (PEP 440): '%.*s'", STR_ARG(text));
	}
	return 0;
}

/* Comparing */

static struct str strip_zeros(struct str digits)
{
	while (digits.n != 0 && digits.p[0] == '0') {
		digits.p++;
		digits.n--;
	}
	return digits;
}

int version_compare_digits(struct str a, struct str b)
{
	a = strip_zeros(a);
	b = strip_zeros(b);
	if (a.n != b.n) {
		return a.n < b.n ? -1 : 1;
	}
	return a.n != 0 ? memcmp(a.p, b.p, a.n) : 0;
}

/* The next number of a release; empty (zero) behind its end. */
static struct str next_number(struct str release, size_t *at)
{
	struct str digits = take_digits(release, at);
	if (*at < release.n) {
		(*at)++; /* the dot */
	}
	return digits;
}

static int compare_release(struct str a, struct str b)
{
	size_t at_a = 0, at_b = 0;
	while (at_a < a.n || at_b < b.n) {
		struct str x = next_number(a, &at_a);
		struct str y = next_number(b, &at_b);
		int order = version_compare_digits(x, y);
		if (order != 0) {
			return order;
		}
	}
	return 0;
}

/* dev releases without another suffix come before alphas, finals and posts behind rcs */
static int pre_rank(const struct version *v)
{
	if (v->pre != VERSION_PRE_NONE) {
		return (int)v->pre;
	}
	return v->has_dev && !v->has_post ? 0 : VERSION_PRE_RC + 1;
}

static bool is_all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_digit(s.p[i])) {
			return false;
		}
	}
	return true;
}

static struct str next_local(struct str local, size_t *at)
{
	size_t from = *at;
	while (*at < local.n && !is_separator(local.p[*at])) {
		(*at)++;
	}
	struct str segment = str_slice(local, from, *at);
	if (*at < local.n) {
		(*at)++;
	}
	return segment;
}

static int compare_text(struct str a, struct str b)
{
	for (size_t i = 0; i < a.n && i < b.n; i++) {
		int order = ascii_lower(a.p[i]) - ascii_lower(b.p[i]);
		if (order != 0) {
			return order;
		}
	}
	return a.n < b.n ? -1 : a.n > b.n;
}

static int compare_local(const struct version *a, const struct version *b)
{
	if (!a->has_local || !b->has_local) {
		return (int)a->has_local - (int)b->has_local;
	}
	size_t at_a = 0, at_b = 0;
	while (at_a < a->local.n && at_b < b->local.n) {
		struct str x = next_local(a->local, &at_a);
		struct str y = next_local(b->local, &at_b);
		bool x_number = is_all_digits(x), y_number = is_all_digits(y);
		if (x_number != y_number) {
			return x_number ? 1 : -1;
		}
		int order = x_number ? version_compare_digits(x, y) : compare_text(x, y);
		if (order != 0) {
			return order;
		}
	}
	return (at_a < a->local.n) - (at_b < b->local.n);
}

static int compare_packed(uint64_t high, uint64_t low, const struct version *b)
{
	return high != b->high ? (high < b->high ? -1 : 1) : (low > b->low) - (low < b->low);
}

int version_compare_public(const struct version *a, const struct version *b)
{
	if (a->packed && b->packed) {
		return compare_packed(a->high, a->low, b);
	}
	int order = version_compare_digits(a->epoch, b->epoch);
	if (order == 0) {
		order = compare_release(a->release, b->release);
	}
	if (order == 0) {
		order = pre_rank(a) - pre_rank(b);
	}
	if (order == 0) {
		order = version_compare_digits(a->pre_number, b->pre_number);
	}
	if (order == 0) {
		order = (int)a->has_post - (int)b->has_post;
	}
	if (order == 0) {
		order = version_compare_digits(a->post_number, b->post_number);
	}
	if (order == 0) {
		order = (int)b->has_dev - (int)a->has_dev;
	}
	return order != 0 ? order : version_compare_digits(a->dev_number, b->dev_number);
}

int version_compare(const struct version *a, const struct version *b)
{
	if (a->high != b->high && a->packed && b->packed) {
		return a->high < b->high ? -1 : 1;
	}
	int order = version_compare_public(a, b);
	return order != 0 ? order : compare_local(a, b);
}

bool version_is_below_dev0(const struct version *v, const struct version *limit)
{
	enum { SUFFIX = (1u << SUFFIX_BITS) - 1 };
	if (v->packed && limit->packed && !limit->has_post) {
		return compare_packed(limit->high, limit->low & ~(uint64_t)SUFFIX, v) > 0;
	}
	struct version lowest = *limit;
	lowest.has_dev = true;
	lowest.packed = false;
	return version_compare_public(v, &lowest) < 0;
}

bool version_has_prefix(const struct version *v, const struct version *prefix, size_t parts)
{
	if (v->packed && prefix->packed && parts >= 1 && parts <= 4) {
		static const unsigned char below[] = {0, 37, 17, 0, 0};
		return (v->high ^ prefix->high) >> below[parts] == 0 &&
			(parts < 4 || (v->low ^ prefix->low) >> 37 == 0);
	}
	if (version_compare_digits(v->epoch, prefix->epoch) != 0) {
		return false;
	}
	size_t at_v = 0, at_prefix = 0;
	for (size_t i = 0; i < parts; i++) {
		struct str x = next_number(v->release, &at_v);
		struct str y = next_number(prefix->release, &at_prefix);
		if (version_compare_digits(x, y) != 0) {
			return false;
		}
	}
	return true;
}

size_t version_release_parts(const struct version *v)
{
	return v->parts;
}

struct str version_release_part(const struct version *v, size_t index)
{
	struct str part = {0};
	size_t at = 0;
	for (size_t i = 0; i <= index && at <= v->release.n; i++) {
		part = at < v->release.n ? next_number(v->release, &at) : (struct str){0};
	}
	return part.n != 0 ? part : STR("0");
}

bool version_is_prerelease(const struct version *v)
{
	return v->pre != VERSION_PRE_NONE || v->has_dev;
}

/* Writing */

static void write_number(struct str digits, struct buf *out)
{
	digits = strip_zeros(digits);
	if (digits.n == 0) {
		buf_add_char(out, '0');
	}
	buf_add_str(out, digits);
}

static void write_local(struct str local, struct buf *out)
{
	char separator = '+';
	for (size_t at = 0; at < local.n;) {
		struct str segment = next_local(local, &at);
		buf_add_char(out, separator);
		separator = '.';
		if (is_all_digits(segment)) {
			write_number(segment, out);
			continue;
		}
		for (size_t i = 0; i < segment.n; i++) {
			buf_add_char(out, ascii_lower(segment.p[i]));
		}
	}
}

void version_write_public(const struct version *v, struct buf *out)
{
	static const char *const pre[] = {"", "a", "b", "rc"};
	if (strip_zeros(v->epoch).n != 0) {
		write_number(v->epoch, out);
		buf_add_char(out, '!');
	}
	for (size_t at = 0; at < v->release.n;) {
		if (at != 0) {
			buf_add_char(out, '.');
		}
		write_number(next_number(v->release, &at), out);
	}
	if (v->pre != VERSION_PRE_NONE) {
		buf_add_text(out, pre[v->pre]);
		write_number(v->pre_number, out);
	}
	if (v->has_post) {
		buf_add_text(out, ".post");
		write_number(v->post_number, out);
	}
	if (v->has_dev) {
		buf_add_text(out, ".dev");
		write_number(v->dev_number, out);
	}
}

void version_write(const struct version *v, struct buf *out)
{
	version_write_public(v, out);
	if (v->has_local) {
		write_local(v->local, out);
	}
}
