/* Fields of filter forms that several pages have. Internal to reports. */
#pragma once

#include "reports/html.h"

/* <option>, chosen if its value is `chosen` (NULL stands for ""). */
void html_option(struct html *h, const char *value, const char *text, const char *chosen);
