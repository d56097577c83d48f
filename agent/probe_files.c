#include "agent/probe_files.h"

void probe_files(struct toolchain_use *use, struct arena *a)
{
	for (const struct probe_file *probe = probe_table; probe->name != NULL; probe++) {
		char *name = arena_printf(a, "probe/%s", probe->name);
		toolchain_add_file(use, a, name, false, probe->text);
	}
}
