/* What a check found, for people and for programs. */
#pragma once

#include "coordinator/check/check.h"

struct check_output {
	const struct check_list *list;
	const struct check_answer *answer;
	bool fail_on[HEADLINE_COUNT];
	bool explain;
	bool colour; /* stdout is a terminal and NO_COLOR is unset */
};

/* Does the item make the check fail? One that cannot be installed although its own headline is good, or as
 * none of its versions admits the target's Python, counts as blocked. What is out of scope there is not. */
bool check_output_fails(const struct check_output *o, const struct check_item *item);
bool check_output_ok(const struct check_output *o);

/* A table with a line an item, then what blocks. */
void check_output_text(const struct check_output *o, struct buf *out);
/* The object of product.md. */
void check_output_json(const struct check_output *o, struct buf *out);
/* For a CI job's summary. */
void check_output_markdown(const struct check_output *o, struct buf *out);
/* Workflow commands, one an item that fails and one a line that was not checked: annotations. */
void check_output_github(const struct check_output *o, struct buf *out);
