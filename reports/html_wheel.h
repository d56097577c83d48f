/* What is inside the published wheels: pieces of the page of one package. */
#pragma once

#include "reports/html_parts.h"

/* In the card of a target: a sentence, and the problems that matter there with what to do. Nothing
 * where nobody looked. */
void html_wheel_card(struct html *h, const struct target_view *t);
/* Below: each distinct wheel of the package with the targets that it is for. Nothing where nobody
 * looked into any. */
void html_wheels(struct html *h, const struct page *p, const struct package_view *v);
