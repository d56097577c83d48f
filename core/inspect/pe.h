/* What a PE image (Microsoft "PE Format") says to the Windows loader. Takes any bytes. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

enum pe_machine {
	PE_I386 = 0x014c,
	PE_ARMNT = 0x01c4,
	PE_AMD64 = 0x8664,
	PE_ARM64 = 0xaa64,
	PE_ARM64EC = 0xa641, /* in object files only */
	PE_ARM64X = 0xa64e, /* in object files only */
};
enum { PE_IS_DLL = 0x2000 }; /* of the characteristics */

struct pe_import {
	struct str dll; /* as spelled */
	struct str symbol; /* empty when by ordinal */
	bool delayed;
};

struct pe_forward { /* an export that another DLL has */
	struct str symbol;
	struct str dll; /* without ".dll" */
	struct str target; /* its name there, or "#12": by ordinal */
};

/* Views point into the bytes that were read. */
struct pe {
	uint16_t machine;
	uint16_t characteristics;
	uint16_t magic; /* 0x10b PE32, 0x20b PE32+ */
	uint16_t section_count;
	bool has_chpe; /* the load configuration points at CHPE metadata: ARM64EC or ARM64X code */
	bool has_arm64x; /* has the relocations that make an ARM64X image of ARM64 an x64 one */
	bool is_managed; /* has a CLR header: .NET */
	VEC(struct str) dlls; /* imported, then delay-imported; once each */
	VEC(struct pe_import) imports;
	VEC(struct str) exports; /* named ones */
	VEC(struct pe_forward) forwards; /* those of them that are elsewhere */
};

bool pe_is(
	struct str bytes); /* MZ, and PE\0\0 where e_lfanew says, or MZ alone if that is beyond */
/* Do the bytes, a file's beginning, hold all that headers_only reads? */
bool pe_has_headers(struct str bytes);
/* ERR_INVALID and a sentence when the bytes contradict themselves; headers_only stops after the
 * section table. Always end with pe_finish. */
int pe_read(struct str bytes, bool headers_only, struct pe *out, struct err *e);
void pe_finish(struct pe *pe);
/* "aarch64" (ARM64 and ARM64X), "arm64ec" (an x64 image with CHPE metadata), "x86_64", "i686",
 * "armv7l"; else writes "0x1234" into `storage`. */
const char *pe_machine_name(const struct pe *pe, char storage[static 16]);
