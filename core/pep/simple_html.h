/* A project's page of the simple repository API in HTML: PEP 503 with 592, 658/714, 792 and 629. The
 * anchors become the same on_file calls as those of simple_page.h; size and upload time are not in
 * HTML. A page that has neither an anchor nor a doctype or html tag is refused, so that an error page
 * in plain text is not taken for a project without files. */
#pragma once

#include "core/pep/simple_page.h"

/* All of a page. `name` is handed to on_project as the project's (HTML does not have it as data).
 * 0, an error of the handler, or ERR_INVALID, ERR_UNSUPPORTED (pypi:repository-version not 1.x). */
int simple_html_read(struct str text, struct str name, const struct simple_page_handler *handler,
	void *user, struct err *e);
