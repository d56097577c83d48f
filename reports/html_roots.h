/* The part of the blockers page on packages that wait for others. */
#pragma once

#include "reports/html_parts.h"

void html_roots(struct html *h, const struct causes_view *v);
