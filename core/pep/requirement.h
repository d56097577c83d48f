/* Dependency specifiers ("requirements"), PEP 508, as packaging.requirements 26.3 reads them. Views
 * onto the text, which must outlive the struct. */
#pragma once

#include "core/pep/marker.h"
#include "core/pep/specifier.h"

struct requirement {
	struct str name; /* as written; see name.h */
	struct str extras; /* what is between the brackets; walk it with requirement_next_extra */
	struct specifier_set specifiers; /* empty admits all; empty too with a URL */
	struct str url; /* empty if there is none */
	struct str marker; /* empty if there is none; its grammar is checked */
};

int requirement_parse(struct str text, struct requirement *out, struct err *e);

/* Start with *rest = requirement.extras; false at the end. */
bool requirement_next_extra(struct str *rest, struct str *extra);

/* True if the requirement applies: no marker, or its marker holds. An undefined comparison is an
 * error (ERR_INVALID). */
int requirement_applies(const struct requirement *r, const struct marker_environment *environment,
	bool *result, struct err *e);
