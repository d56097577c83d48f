#include "agent/stages.h"

/* The order of life, as in core/farm_protocol/stage.h. */
const struct stage_row *const stage_rows[STAGE_COUNT] = {
	&stage_fetch_row,
	&stage_unpack_row,
	&stage_prepare_row,
	&stage_build_row,
	&stage_repair_row,
	&stage_inspect_row,
	&stage_install_row,
	&stage_import_row,
	&stage_test_row,
};
