/* What holds packages back, as a picture: roots at the left, at the right who waits for each. */
#pragma once

#include "coordinator/store/view_farm.h"
#include "reports/html.h"

/* SVG; nothing where nothing is known. The tables of the page say the same and more, so it is hidden from
 * those who hear the page. */
void html_graph(struct html *h, const struct causes_view *v);
