#include "core/pep/specifier.h"

#include "core/pep/space.h"

/* Bytes of the operator at the start of text, 0 if there is none. */
static size_t scan_operator(struct str text, enum specifier_operator *op)
{
	char first = text.n != 0 ? text.p[0] : '\0';
	bool equal = text.n > 1 && text.p[1] == '=';
	switch (first) {
	case '<':
		*op = equal ? SPECIFIER_LESS_EQUAL : SPECIFIER_LESS;
		return equal ? 2 : 1;
	case '>':
		*op = equal ? SPECIFIER_GREATER_EQUAL : SPECIFIER_GREATER;
		return equal ? 2 : 1;
	case '~':
		*op = SPECIFIER_COMPATIBLE;
		return equal ? 2 : 0;
	case '!':
		*op = SPECIFIER_NOT_EQUAL;
		return equal ? 2 : 0;
	case '=':
		*op = SPECIFIER_EQUAL;
		if (equal && text.n > 2 && text.p[2] == '=') {
			*op = SPECIFIER_ARBITRARY;
			return 3;
		}
		return equal ? 2 : 0;
	default:
		return 0;
	}
}

static size_t skip_space(struct str text, size_t at)
{
	while (at < text.n) {
		size_t n = space_at_start((struct str){.p = text.p + at, .n = text.n - at});
		if (n == 0) {
			break;
		}
		at += n;
	}
	return at;
}

/* What === takes: all up to white space, ';' or ')'. */
static size_t scan_arbitrary(struct str text)
{
	size_t at = 0;
	while (at < text.n && text.p[at] != ';' && text.p[at] != ')' &&
		space_at_start(str_slice(text, at, text.n)) == 0) {
		at++;
	}
	return at;
}

/* The version behind the operator: which of its parts may be there depends on the operator. */
static size_t scan_version(struct str text, struct specifier *out)
{
	struct version *v = &out->version;
	bool equality = out->op == SPECIFIER_EQUAL || out->op == SPECIFIER_NOT_EQUAL;
	size_t n = version_scan(text, v);
	if (n == 0) {
		return 0;
	}
	if (v->has_local && !equality) {
		n -= v->local.n + 1;
		v->has_local = false;
		v->local = (struct str){0};
		v->text = str_slice(text, 0, n);
	}
	if (out->op == SPECIFIER_COMPATIBLE && version_release_parts(v) < 2) {
		return 0;
	}
	/* ".*" is for bare releases: behind anything else it stays unread */
	size_t bare = v->release.p != NULL ? (size_t)(v->release.p + v->release.n - text.p) : 0;
	if (equality && n == bare && n + 1 < text.n && text.p[n] == '.' && text.p[n + 1] == '*') {
		out->prefix = true;
		n += 2;
	}
	return n;
}

size_t specifier_scan(struct str text, struct specifier *out)
{
	*out = (struct specifier){0};
	size_t from = scan_operator(text, &out->op);
	if (from == 0) {
		return 0;
	}
	from = skip_space(text, from);
	struct str rest = str_slice(text, from, text.n);
	size_t n = out->op == SPECIFIER_ARBITRARY ? scan_arbitrary(rest) : scan_version(rest, out);
	if (n == 0 && out->op != SPECIFIER_ARBITRARY) {
		return 0;
	}
	out->version_text = str_slice(rest, 0, n);
	return from + n;
}

int specifier_parse(struct str text, struct specifier *out, struct err *e)
{
	struct str trimmed = space_trim(text);
	size_t n = specifier_scan(trimmed, out);
	if (n == 0 || n != trimmed.n) {
		return err_set(e, ERR_INVALID, "not a version specifier (PEP 440): '%.*s'", STR_ARG(text));
	}
	return 0;
}

/* PEP 440, "Exclusive ordered comparison": >V leaves out V's own post releases and local versions
 * unless V is a post (dev) release itself. */
static bool is_greater(const struct version *limit, const struct version *v)
{
	if (version_compare_public(v, limit) <= 0) {
		return false;
	}
	if (limit->has_post || limit->has_dev) {
		return true;
	}
	size_t parts = version_release_parts(limit), more = version_release_parts(v);
	bool same_family = version_has_prefix(v, limit, parts > more ? parts : more) &&
		v->pre == limit->pre && version_compare_digits(v->pre_number, limit->pre_number) == 0;
	return !same_family;
}

/* <V leaves out V's own pre-releases unless V is one: the limit is V's dev0, the lowest of them. */
static bool is_less(const struct version *limit, const struct version *v)
{
	return version_is_prerelease(limit) ? version_compare_public(v, limit) < 0
										: version_is_below_dev0(v, limit);
}

static bool is_equal(const struct specifier *s, const struct version *v)
{
	const struct version *limit = &s->version;
	if (s->prefix) {
		return version_has_prefix(v, limit, version_release_parts(limit));
	}
	return limit->has_local ? version_compare(v, limit) == 0
							: version_compare_public(v, limit) == 0;
}

/* PEP 440, "Compatible release": at least V, and the same release but for its last number. */
static bool is_compatible(const struct version *limit, const struct version *v)
{
	return version_compare(v, limit) >= 0 &&
		version_has_prefix(v, limit, version_release_parts(limit) - 1);
}

static bool matches_arbitrary(const struct specifier *s, const struct version *v)
{
	struct buf text = {0};
	version_write(v, &text);
	bool same = str_equal_nocase(buf_view(&text), s->version_text);
	buf_finish(&text);
	return same;
}

bool specifier_matches(const struct specifier *s, const struct version *v)
{
	switch (s->op) {
	case SPECIFIER_COMPATIBLE:
		return is_compatible(&s->version, v);
	case SPECIFIER_EQUAL:
		return is_equal(s, v);
	case SPECIFIER_NOT_EQUAL:
		return !is_equal(s, v);
	case SPECIFIER_LESS_EQUAL:
		return version_compare_public(v, &s->version) <= 0;
	case SPECIFIER_GREATER_EQUAL:
		return version_compare(v, &s->version) >= 0;
	case SPECIFIER_LESS:
		return is_less(&s->version, v);
	case SPECIFIER_GREATER:
		return is_greater(&s->version, v);
	case SPECIFIER_ARBITRARY:
		return matches_arbitrary(s, v);
	}
	return false;
}

bool specifier_matches_text(const struct specifier *s, struct str text)
{
	if (s->op == SPECIFIER_ARBITRARY) {
		return str_equal_nocase(text, s->version_text);
	}
	struct version v;
	return version_parse(text, &v, NULL) == 0 && specifier_matches(s, &v);
}

bool specifier_allows_prereleases(const struct specifier *s)
{
	if (s->op == SPECIFIER_NOT_EQUAL || s->prefix) {
		return false;
	}
	if (s->op != SPECIFIER_ARBITRARY) {
		return version_is_prerelease(&s->version);
	}
	struct version v;
	return version_parse(s->version_text, &v, NULL) == 0 && version_is_prerelease(&v);
}

/* Empty members are passed over, as in the reference: ">=1,,<2," is a set of two. */
static bool next_member(struct str *rest, struct str *member)
{
	while (str_split(rest, ',', member)) {
		*member = space_trim(*member);
		if (member->n != 0) {
			return true;
		}
	}
	return false;
}

int specifier_set_parse(struct str text, struct specifier_set *out, struct err *e)
{
	struct str rest = text, member;
	struct specifier more;
	out->text = out->rest = text;
	out->n = 0;
	while (next_member(&rest, &member)) {
		bool kept = out->n < SPECIFIER_SET_MEMBERS;
		int code = specifier_parse(member, kept ? &out->members[out->n] : &more, e);
		if (code < 0) {
			return code;
		}
		out->rest = kept ? rest : out->rest;
		out->n++;
	}
	return 0;
}

bool specifier_set_next(struct str *rest, struct specifier *out)
{
	struct str member;
	while (next_member(rest, &member)) {
		if (specifier_parse(member, out, NULL) == 0) {
			return true;
		}
	}
	return false;
}

/* The member at an index, for a walk from 0: start with *rest = set->rest. NULL at the end. */
static const struct specifier *member_at(
	const struct specifier_set *set, size_t index, struct str *rest, struct specifier *room)
{
	if (index >= set->n) {
		return NULL;
	}
	if (index < SPECIFIER_SET_MEMBERS) {
		return &set->members[index];
	}
	return specifier_set_next(rest, room) ? room : NULL;
}

bool specifier_set_contains(const struct specifier_set *set, const struct version *v)
{
	struct str rest = set->rest;
	struct specifier room;
	const struct specifier *s;
	for (size_t i = 0; (s = member_at(set, i, &rest, &room)) != NULL; i++) {
		if (!specifier_matches(s, v)) {
			return false;
		}
	}
	return true;
}

bool specifier_set_allows_prereleases(const struct specifier_set *set)
{
	struct str rest = set->rest;
	struct specifier room;
	const struct specifier *s;
	for (size_t i = 0; (s = member_at(set, i, &rest, &room)) != NULL; i++) {
		if (specifier_allows_prereleases(s)) {
			return true;
		}
	}
	return false;
}
