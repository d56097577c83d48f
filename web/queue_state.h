/* The queue as JSON: how much waits for each target, who is there to do it, and how long it will take.
 * Answered on the loop, from memory. */
#pragma once

#include "web/request.h"

void page_queue(struct request *r);
