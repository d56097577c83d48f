#include <zlib.h>
#include "lz4.h"
