/* Tokens of HTML as far as index pages need them: start and end tags with attributes, and text.
 * Comments, doctype, and what is inside <script> and <style> are passed over. Never fails: what is
 * no tag is text, as browsers have it. */
#pragma once

#include "core/base/str.h"

enum html_kind { HTML_START, HTML_END, HTML_TEXT, HTML_DOCTYPE };

struct html_token {
	enum html_kind kind;
	struct str name; /* of tags, as written */
	struct str attributes; /* of start tags: walk with html_attribute_next */
	struct str text; /* of text, entities as written */
};

/* Takes the next token off *rest; false at the end. */
bool html_token_next(struct str *rest, struct html_token *out);

/* Start with *rest = token.attributes. value is as written, entities included. */
bool html_attribute_next(struct str *rest, struct str *name, struct str *value);

/* Adds text with its character references (numeric, and the five of XML and nbsp) decoded; others
 * stay as they are. */
void html_decode(struct str text, struct buf *out);
