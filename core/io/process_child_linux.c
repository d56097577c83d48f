#include "core/base/str.h"
