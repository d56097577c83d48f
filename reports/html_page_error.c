#include "reports/html_parts.h"

static const char *title_of(int status)
{
	switch (status) {
	case 400:
		return "That address makes no sense here";
	case 404:
		return "Not here";
	case 405:
		return "Not that way";
	case 413:
		return "Too much at once";
	case 503:
		return "Not just now";
	default:
		return "Something failed on our side";
	}
}

void html_page_error(struct html *h, const struct page *p, int status, const char *sentence)
{
	const struct page_frame frame = {.title = title_of(status), .section = PAGE_NONE};
	page_begin(h, p, &frame);
	html_raw_literal(h, "<p class=\"crumb\">");
	html_format(h, "%d", status);
	html_raw_literal(h, "</p>\n<h1>");
	html_cstr(h, frame.title);
	html_raw_literal(h, "</h1>\n<p>");
	html_cstr(h, sentence);
	html_raw_literal(h, "</p>\n<p><a href=\"/packages\">All packages</a></p>\n");
	page_end(h, p, &frame);
}
