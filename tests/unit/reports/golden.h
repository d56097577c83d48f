/* What a renderer must write, kept whole as a file in tests/data/reports. */
#pragma once

#include "core/base/str.h"

/* Fails the test unless `text` is the file's content. The text is then in /tmp/NAME.actual. */
void golden_check(const char *name, struct str text);
