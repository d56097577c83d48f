#include "reports/untried.h"

#include "core/farm_protocol/message.h"
#include "reports/html_parts.h"
#include "reports/tested.h"

#include <string.h>

bool untried_build(const struct build_view *b)
{
	bool native = b->mode != NULL && strcmp(b->mode, "native") == 0;
	/* from x64 it is a cross build, as those on Linux are */
	bool by_msvc = str_starts(str_from(b->toolchain), "msvc,");
	return b->target != NULL && (native || by_msvc) && tested_kind(b) == NULL &&
		strcmp(html_family_of_target(b->target), "Windows") == 0;
}

bool untried_agent(const char *hello)
{
	struct arena arena = {0};
	struct hello said = {0};
	bool found = false;
	if (hello != NULL &&
		message_read(str_from(hello), hello_fields, "hello", &said, &arena, NULL) == 0) {
		const struct json_texts *toolchains = &said.capabilities.toolchains;
		for (size_t i = 0; i < toolchains->n; i++) {
			found = found || strcmp(toolchains->v[i], "msvc") == 0;
		}
	}
	arena_finish(&arena);
	return found;
}

void untried_html(struct html *h)
{
	html_raw_literal(h,
		"<p class=\"notice untried\"><b>Not yet run on real hardware.</b> Builds by Microsoft's "
		"compilers (MSVC) on Windows itself are written, and their files and commands are tested; "
		"the makers of this program have seen none run. What such a build says is to be looked at "
		"before it is believed.</p>\n");
}
