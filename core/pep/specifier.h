/* Version specifiers, PEP 440, as packaging.specifiers 26.3 reads and applies them. A specifier is
 * views onto its text; a set is its text, read again at each question (it is short), so that
 * nothing is allocated. */
#pragma once

#include "core/pep/version.h"

enum specifier_operator {
	SPECIFIER_COMPATIBLE, /* ~=  */
	SPECIFIER_EQUAL, /* ==  */
	SPECIFIER_NOT_EQUAL, /* !=  */
	SPECIFIER_LESS_EQUAL, /* <=  */
	SPECIFIER_GREATER_EQUAL, /* >=  */
	SPECIFIER_LESS, /* <   */
	SPECIFIER_GREATER, /* >   */
	SPECIFIER_ARBITRARY, /* === */
};

struct specifier {
	enum specifier_operator op;
	bool prefix; /* == and != with a trailing ".*"; version is without it */
	struct str version_text; /* as written, ".*" included; anything at all after === */
	struct version version; /* not set for === */
};

/* One specifier, white space around and after the operator allowed. 0 or ERR_INVALID. */
int specifier_parse(struct str text, struct specifier *out, struct err *e);

/* The specifier at the start of text, for grammars that embed one; returns its bytes, 0 if none. */
size_t specifier_scan(struct str text, struct specifier *out);

/* Does v satisfy it? Pre-releases count as any other version (contains(…, prereleases=True)). For
 * === the normalised text of v is compared, letters without regard to case. */
bool specifier_matches(const struct specifier *s, const struct version *v);
/* The same for a version as text: only === looks at a text that is no version. */
bool specifier_matches_text(const struct specifier *s, struct str text);

/* True if the specifier itself names a pre-release (so that pip would consider them): all operators
 * but !=, and not a prefix. */
bool specifier_allows_prereleases(const struct specifier *s);

/* A comma-separated set; the empty set admits every version. The first members are kept as parsed:
 * hardly any set has more. */
enum { SPECIFIER_SET_MEMBERS = 4 };
struct specifier_set {
	struct str text;
	size_t n; /* of all members */
	struct str rest; /* of the text, behind the members kept */
	struct specifier members[SPECIFIER_SET_MEMBERS];
};

/* 0, or ERR_INVALID naming the member that is none. The text must outlive the set. */
int specifier_set_parse(struct str text, struct specifier_set *out, struct err *e);

/* Walks the members: start with *rest = set.text; false at the end. */
bool specifier_set_next(struct str *rest, struct specifier *out);

/* SpecifierSet(text).contains(v, prereleases=True). */
bool specifier_set_contains(const struct specifier_set *set, const struct version *v);
/* True if any member names a pre-release. */
bool specifier_set_allows_prereleases(const struct specifier_set *set);
