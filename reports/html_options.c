#include "reports/html_options.h"

#include <string.h>

void html_option(struct html *h, const char *value, const char *text, const char *chosen)
{
	html_raw_literal(h, "<option");
	html_attr(h, "value", value);
	if (strcmp(value, chosen != NULL ? chosen : "") == 0) {
		html_raw_literal(h, " selected");
	}
	html_raw_literal(h, ">");
	html_cstr(h, text);
	html_raw_literal(h, "</option>");
}
