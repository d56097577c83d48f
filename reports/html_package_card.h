/* The answer for one target of a package: the headline, since when, the facts that make it so. */
#pragma once

#include "reports/html_parts.h"

void html_package_card(struct html *h, const struct target_view *t);
