#include "core/inspect/pe.h"

#include "core/inspect/bytes.h"

#include <stdio.h>

enum {
	DOS_BYTES = 64,
	COFF_BYTES = 24, /* with the signature */
	SECTION_BYTES = 40,
	DIRECTORY_EXPORT = 0,
	DIRECTORY_IMPORT = 1,
	DIRECTORY_LOAD_CONFIG = 10,
	DIRECTORY_DELAY_IMPORT = 13,
	DIRECTORY_CLR = 14,
	DIRECTORY_COUNT = 16,
	IMPORT_BYTES = 20,
	DELAY_IMPORT_BYTES = 32,
	DLLS_MAX = 4096,
	TEXT_BUDGET_FREE = 64 << 10,
	NAME_MAX_BYTES = 16 << 10,
	IMPORTS_MAX = 1 << 20,
	EXPORTS_MAX = 1 << 20,
	CHPE_OFFSET_64 = 200, /* of CHPEMetadataPointer in IMAGE_LOAD_CONFIG_DIRECTORY64 */
	CHPE_OFFSET_32 = 132,
	DYNAMIC_OFFSET_64 = 224, /* of DynamicValueRelocTableOffset, then …Section */
	DYNAMIC_HEAD_BYTES = 8,
	DYNAMIC_ENTRY_BYTES = 12, /* of version 1, 64 bit */
	DYNAMIC_ARM64X = 6, /* IMAGE_DYNAMIC_RELOCATION_ARM64X */
	FORWARDS_MAX = 1 << 14,
};

struct section {
	uint32_t address, virtual_size, raw_offset, raw_size;
};

struct reader {
	struct str bytes;
	struct pe *pe;
	uint64_t image_base;
	uint32_t header_size;
	struct {
		uint32_t address, size;
	} directories[DIRECTORY_COUNT];
	VEC(struct section) sections;
	size_t budget; /* of table rows still to be read */
	uint64_t text_budget; /* bytes of names still to be read: many may share a long one */
};

bool pe_is(struct str bytes)
{
	if (bytes.n < DOS_BYTES || memcmp(bytes.p, "MZ", 2) != 0) {
		return false;
	}
	uint32_t head = bytes_u32le(bytes.p + 0x3c);
	return !bytes_have(bytes, head, 4) || memcmp(bytes.p + head, "PE\0\0", 4) == 0;
}

bool pe_has_headers(struct str bytes)
{
	uint64_t head = bytes.n >= DOS_BYTES ? bytes_u32le(bytes.p + 0x3c) : UINT64_MAX;
	if (!bytes_have(bytes, head, COFF_BYTES)) {
		return false;
	}
	uint64_t sections = bytes_u16le(bytes.p + head + 6),
			 optional = bytes_u16le(bytes.p + head + 20);
	return bytes_have(bytes, head, COFF_BYTES + optional + sections * SECTION_BYTES);
}

/* The file's bytes from a relative virtual address to the end of its section's data. */
static struct str at_rva(const struct reader *r, uint64_t rva)
{
	VEC_EACH (const struct section, section, &r->sections) {
		if (rva >= section->address && rva - section->address < section->raw_size) {
			uint64_t from = section->raw_offset + (rva - section->address);
			uint64_t to = (uint64_t)section->raw_offset + section->raw_size;
			return from <= r->bytes.n ? str_slice(r->bytes, (size_t)from, (size_t)to)
									  : (struct str){0};
		}
	}
	if (rva < r->header_size) {
		return str_slice(r->bytes, (size_t)rva, r->header_size);
	}
	return (struct str){0};
}

static int text_at(struct reader *r, uint64_t rva, struct str *out, struct err *e)
{
	if (!bytes_text(str_slice(at_rva(r, rva), 0, NAME_MAX_BYTES), 0, out)) {
		return err_set(e, ERR_INVALID, "a name in the PE is outside its sections");
	}
	if (out->n >= r->text_budget) {
		return err_set(e, ERR_INVALID, "the PE's names are longer in all than the file");
	}
	r->text_budget -= out->n;
	return 0;
}

static int read_headers(struct reader *r, bool headers_only, struct err *e)
{
	struct str bytes = r->bytes;
	struct pe *pe = r->pe;
	if (!pe_is(bytes)) {
		return err_set(e, ERR_INVALID, "the file is no PE");
	}
	uint64_t head = bytes_u32le(bytes.p + 0x3c);
	if (!bytes_have(bytes, head, COFF_BYTES)) {
		return err_set(e, ERR_INVALID, "the PE header is outside the file");
	}
	const char *coff = bytes.p + head;
	pe->machine = bytes_u16le(coff + 4);
	pe->section_count = bytes_u16le(coff + 6);
	pe->characteristics = bytes_u16le(coff + 22);
	uint64_t optional_size = bytes_u16le(coff + 20), optional = head + COFF_BYTES;
	if (!bytes_have(bytes, optional, optional_size) || optional_size < 96) {
		return err_set(e, ERR_INVALID, "the PE optional header is cut short");
	}
	const char *p = bytes.p + optional;
	pe->magic = bytes_u16le(p);
	bool wide = pe->magic == 0x20b;
	if (!wide && pe->magic != 0x10b) {
		return err_set(e, ERR_INVALID, "the PE optional header is neither PE32 nor PE32+");
	}
	uint64_t fixed = wide ? 112 : 96;
	if (optional_size < fixed) {
		return err_set(e, ERR_INVALID, "the PE optional header is cut short");
	}
	r->image_base = wide ? bytes_u64le(p + 24) : bytes_u32le(p + 28);
	r->header_size = bytes_u32le(p + 60);
	uint64_t count = bytes_u32le(p + fixed - 4);
	for (uint64_t i = 0; i < count && i < DIRECTORY_COUNT; i++) {
		if (fixed + (i + 1) * 8 > optional_size) {
			return err_set(e, ERR_INVALID, "the PE data directories are cut short");
		}
		r->directories[i].address = bytes_u32le(p + fixed + i * 8);
		r->directories[i].size = bytes_u32le(p + fixed + i * 8 + 4);
	}
	uint64_t table = optional + optional_size;
	if (!bytes_have(bytes, table, (uint64_t)pe->section_count * SECTION_BYTES)) {
		return err_set(e, ERR_INVALID, "the PE section table is cut short");
	}
	for (uint64_t i = 0; i < pe->section_count; i++) {
		const char *row = bytes.p + table + i * SECTION_BYTES;
		struct section section = {
			.virtual_size = bytes_u32le(row + 8),
			.address = bytes_u32le(row + 12),
			.raw_size = bytes_u32le(row + 16),
			.raw_offset = bytes_u32le(row + 20),
		};
		if (!headers_only && section.raw_size != 0 &&
			!bytes_have(bytes, section.raw_offset, section.raw_size)) {
			return err_set(e, ERR_INVALID, "a PE section is outside the file");
		}
		*vec_add(&r->sections) = section;
	}
	pe->is_managed = r->directories[DIRECTORY_CLR].address != 0;
	return 0;
}

/* Of two directories of DLLS_MAX rows each: what is linear in what is linear is still fine. */
static void add_dll(struct pe *pe, struct str name)
{
	VEC_EACH (const struct str, dll, &pe->dlls) {
		if (str_equal_nocase(*dll, name)) {
			return;
		}
	}
	*vec_add(&pe->dlls) = name;
}

/* The names of one DLL's lookup table; `base` is taken off the entries (old delay loads hold virtual
 * addresses). */
static int read_lookups(
	struct reader *r, struct str dll, uint64_t rva, uint64_t base, bool delayed, struct err *e)
{
	size_t width = r->pe->magic == 0x20b ? 8 : 4;
	struct str table = at_rva(r, rva);
	for (uint64_t at = 0; bytes_have(table, at, width); at += width) {
		uint64_t value = bytes_number(table.p + at, width, true);
		struct pe_import import = {.dll = dll, .delayed = delayed};
		if (value == 0) {
			return 0;
		}
		if (r->budget-- == 0) {
			return err_set(e, ERR_INVALID, "the PE has too many imports");
		}
		if (value >> (width * 8 - 1) == 0) { /* else by ordinal */
			int rc = text_at(r, (value - base) + 2, &import.symbol, e); /* behind the hint */
			if (rc != 0) {
				return rc;
			}
		}
		*vec_add(&r->pe->imports) = import;
	}
	return err_set(e, ERR_INVALID, "a PE import table is outside its section");
}

static int read_imports(struct reader *r, struct err *e)
{
	struct str table = at_rva(r, r->directories[DIRECTORY_IMPORT].address);
	int rc = 0;
	for (uint64_t at = 0; rc == 0; at += IMPORT_BYTES) {
		struct str dll;
		if (!bytes_have(table, at, IMPORT_BYTES)) {
			return err_set(e, ERR_INVALID, "the PE import directory does not end");
		}
		uint32_t lookups = bytes_u32le(table.p + at), name = bytes_u32le(table.p + at + 12);
		uint32_t addresses = bytes_u32le(table.p + at + 16);
		if (name == 0 || addresses == 0) {
			break;
		}
		if (at / IMPORT_BYTES == DLLS_MAX) {
			return err_set(e, ERR_INVALID, "the PE imports too many DLLs");
		}
		rc = text_at(r, name, &dll, e);
		if (rc == 0) {
			add_dll(r->pe, dll);
			rc = read_lookups(r, dll, lookups != 0 ? lookups : addresses, 0, false, e);
		}
	}
	return rc;
}

static int read_delay_imports(struct reader *r, struct err *e)
{
	struct str table = at_rva(r, r->directories[DIRECTORY_DELAY_IMPORT].address);
	int rc = 0;
	for (uint64_t at = 0; rc == 0; at += DELAY_IMPORT_BYTES) {
		struct str dll;
		if (!bytes_have(table, at, DELAY_IMPORT_BYTES)) {
			return err_set(e, ERR_INVALID, "the PE delay import directory does not end");
		}
		/* attribute bit 0: the fields are relative addresses, as all current linkers write */
		uint64_t base = bytes_u32le(table.p + at) & 1 ? 0 : r->image_base;
		uint32_t name = bytes_u32le(table.p + at + 4), lookups = bytes_u32le(table.p + at + 16);
		if (name == 0) {
			break;
		}
		if (at / DELAY_IMPORT_BYTES == DLLS_MAX) {
			return err_set(e, ERR_INVALID, "the PE imports too many DLLs");
		}
		rc = text_at(r, name - base, &dll, e);
		if (rc == 0) {
			add_dll(r->pe, dll);
			rc = read_lookups(r, dll, lookups - base, base, true, e);
		}
	}
	return rc;
}

/* An export whose address lies in the export directory itself is the text "DLL.NAME". */
static int read_forward(struct reader *r, struct str symbol, uint32_t rva, struct err *e)
{
	struct str text;
	uint32_t from = r->directories[DIRECTORY_EXPORT].address;
	if (rva < from || rva - from >= r->directories[DIRECTORY_EXPORT].size) {
		return 0;
	}
	int rc = text_at(r, rva, &text, e);
	ptrdiff_t dot = rc == 0 ? str_find_last(text, '.') : -1;
	if (rc == 0 && (dot <= 0 || r->pe->forwards.n == FORWARDS_MAX)) {
		rc = err_set(e, ERR_INVALID,
			dot <= 0 ? "a forwarded PE export names no DLL"
					 : "the PE has too many forwarded exports");
	}
	if (rc == 0) {
		*vec_add(&r->pe->forwards) = (struct pe_forward){
			.symbol = symbol,
			.dll = str_slice(text, 0, (size_t)dot),
			.target = str_slice(text, (size_t)dot + 1, text.n),
		};
	}
	return rc;
}

static int read_exports(struct reader *r, struct err *e)
{
	struct str head = at_rva(r, r->directories[DIRECTORY_EXPORT].address);
	if (head.n < 40) {
		return err_set(e, ERR_INVALID, "the PE export directory is cut short");
	}
	uint64_t count = bytes_u32le(head.p + 24);
	struct str names = at_rva(r, bytes_u32le(head.p + 32));
	if (count > EXPORTS_MAX || count > names.n / 4) {
		return err_set(e, ERR_INVALID, "the PE export names are outside their section");
	}
	struct str ordinals = at_rva(r, bytes_u32le(head.p + 36));
	struct str functions = at_rva(r, bytes_u32le(head.p + 28));
	uint64_t function_count = bytes_u32le(head.p + 20);
	for (uint64_t i = 0; i < count; i++) {
		struct str name;
		int rc = text_at(r, bytes_u32le(names.p + i * 4), &name, e);
		if (rc != 0) {
			return rc;
		}
		*vec_add(&r->pe->exports) = name;
		uint64_t k = bytes_have(ordinals, i * 2, 2) ? bytes_u16le(ordinals.p + i * 2) : UINT64_MAX;
		if (k >= function_count || !bytes_have(functions, k * 4, 4)) {
			continue; /* no address: whoever asks for it gets none, others don't care */
		}
		rc = read_forward(r, name, bytes_u32le(functions.p + k * 4), e);
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

/* IMAGE_DYNAMIC_RELOCATION_TABLE, of version 1: entries of symbol and size, each with its data. */
static bool has_arm64x(const struct reader *r, uint32_t offset, uint16_t section)
{
	if (section == 0 || section > r->sections.n) {
		return false;
	}
	const struct section *home = &r->sections.v[section - 1];
	struct str table = str_slice(
		r->bytes, (size_t)home->raw_offset + offset, (size_t)home->raw_offset + home->raw_size);
	if (table.n < DYNAMIC_HEAD_BYTES || bytes_u32le(table.p) != 1) {
		return false;
	}
	struct str rest =
		str_slice(table, DYNAMIC_HEAD_BYTES, DYNAMIC_HEAD_BYTES + (size_t)bytes_u32le(table.p + 4));
	while (rest.n >= DYNAMIC_ENTRY_BYTES) {
		if (bytes_u64le(rest.p) == DYNAMIC_ARM64X) {
			return true;
		}
		rest = str_slice(rest, DYNAMIC_ENTRY_BYTES + (size_t)bytes_u32le(rest.p + 8), rest.n);
	}
	return false;
}

/* The load configuration says its own length; older, shorter ones have no CHPE pointer. */
static void read_load_config(struct reader *r)
{
	struct str config = at_rva(r, r->directories[DIRECTORY_LOAD_CONFIG].address);
	bool wide = r->pe->magic == 0x20b;
	size_t at = wide ? CHPE_OFFSET_64 : CHPE_OFFSET_32, width = wide ? 8 : 4;
	if (config.n < 4) {
		return;
	}
	config = str_slice(config, 0, bytes_u32le(config.p));
	if (config.n >= at + width) {
		r->pe->has_chpe = bytes_number(config.p + at, width, true) != 0;
	}
	if (wide && config.n >= DYNAMIC_OFFSET_64 + 6) {
		r->pe->has_arm64x = has_arm64x(r, bytes_u32le(config.p + DYNAMIC_OFFSET_64),
			bytes_u16le(config.p + DYNAMIC_OFFSET_64 + 4));
	}
}

int pe_read(struct str bytes, bool headers_only, struct pe *out, struct err *e)
{
	*out = (struct pe){0};
	struct reader r = {.bytes = bytes,
		.pe = out,
		.budget = IMPORTS_MAX,
		.text_budget = TEXT_BUDGET_FREE + 4 * (uint64_t)bytes.n};
	int rc = read_headers(&r, headers_only, e);
	if (rc != 0 || headers_only) {
		goto done;
	}
	if (r.directories[DIRECTORY_IMPORT].address != 0) {
		rc = read_imports(&r, e);
	}
	if (rc == 0 && r.directories[DIRECTORY_DELAY_IMPORT].address != 0) {
		rc = read_delay_imports(&r, e);
	}
	if (rc == 0 && r.directories[DIRECTORY_EXPORT].address != 0) {
		rc = read_exports(&r, e);
	}
	if (rc == 0 && r.directories[DIRECTORY_LOAD_CONFIG].address != 0) {
		read_load_config(&r);
	}
done:
	vec_finish(&r.sections);
	return rc;
}

void pe_finish(struct pe *pe)
{
	vec_finish(&pe->dlls);
	vec_finish(&pe->imports);
	vec_finish(&pe->exports);
	vec_finish(&pe->forwards);
}

const char *pe_machine_name(const struct pe *pe, char storage[static 16])
{
	switch (pe->machine) {
	case PE_ARM64:
	case PE_ARM64X:
		return "aarch64";
	case PE_ARM64EC:
		return "arm64ec";
	case PE_AMD64:
		return pe->has_chpe ? "arm64ec" : "x86_64";
	case PE_I386:
		return "i686";
	case PE_ARMNT:
		return "armv7l";
	default:
		snprintf(storage, 16, "0x%04x", (unsigned)pe->machine);
		return storage;
	}
}
