#include "core/inspect/elf.h"

#include "core/inspect/bytes.h"

#include <stdio.h>

enum {
	IDENT_BYTES = 16,
	PT_LOAD = 1,
	PT_DYNAMIC = 2,
	PT_INTERP = 3,
	PT_GNU_STACK = 0x6474e551,
	PF_X = 1,
	DT_NEEDED = 1,
	DT_HASH = 4,
	DT_STRTAB = 5,
	DT_SYMTAB = 6,
	DT_STRSZ = 10,
	DT_SONAME = 14,
	DT_RPATH = 15,
	DT_TEXTREL = 22,
	DT_RUNPATH = 29,
	DT_FLAGS = 30,
	DT_GNU_HASH = 0x6ffffef5,
	DT_VERNEED = 0x6ffffffe,
	DT_VERNEEDNUM = 0x6fffffff,
	DF_TEXTREL = 4,
	STB_LOCAL = 0,
	STB_WEAK = 2,
	NAME_MAX_BYTES = 16 << 10,
	SYMBOLS_MAX = 4 << 20,
	TEXT_BUDGET_FREE = 64 << 10,
	ENTRIES_MAX = 65536, /* of program headers, dynamic entries, versions */
};

struct segment {
	uint64_t offset, address, file_size;
};

/* What is needed while an image is read. */
struct reader {
	struct str bytes;
	struct elf *elf;
	VEC(struct segment) loads;
	struct str dynamic;
	struct str strings; /* of DT_STRTAB */
	uint64_t text_budget; /* bytes of names still to be read: many may share a long one */
	uint64_t symbols, hash, gnu_hash, versions, version_count; /* addresses, 0: absent */
};

bool elf_is(struct str bytes)
{
	return bytes.n >= 4 && memcmp(bytes.p, "\177ELF", 4) == 0;
}

bool elf_has_headers(struct str bytes)
{
	if (bytes.n < 64) {
		return false;
	}
	bool wide = bytes.p[4] == 2, little = bytes.p[5] == 1;
	uint64_t table = bytes_number(bytes.p + (wide ? 32 : 28), wide ? 8 : 4, little);
	uint64_t size = bytes_number(bytes.p + (wide ? 54 : 42), 2, little);
	uint64_t count = bytes_number(bytes.p + (wide ? 56 : 44), 2, little);
	return bytes_have(bytes, table, size * count);
}

/* Of the image's byte order; zero beyond the end, where every use is checked again or harmless. */
static uint64_t number(const struct reader *r, struct str s, uint64_t at, size_t width)
{
	return bytes_have(s, at, width) ? bytes_number(s.p + at, width, r->elf->is_little) : 0;
}

/* An address-sized field. */
static uint64_t word(const struct reader *r, struct str s, uint64_t at)
{
	return number(r, s, at, r->elf->is_64 ? 8 : 4);
}

/* The bytes of the file from a virtual address to the end of its segment; empty if none has it. */
static struct str at_address(const struct reader *r, uint64_t address)
{
	VEC_EACH (const struct segment, load, &r->loads) {
		if (address >= load->address && address - load->address < load->file_size) {
			uint64_t skip = address - load->address;
			if (bytes_have(r->bytes, load->offset, skip)) {
				uint64_t from = load->offset + skip, room = r->bytes.n - from;
				uint64_t length = load->file_size - skip;
				return str_slice(
					r->bytes, (size_t)from, (size_t)(from + (length < room ? length : room)));
			}
		}
	}
	return (struct str){0};
}

static int read_segments(struct reader *r, bool headers_only, struct err *e)
{
	struct elf *elf = r->elf;
	bool wide = elf->is_64;
	uint64_t table = word(r, r->bytes, wide ? 32 : 28);
	uint64_t entry_size = number(r, r->bytes, wide ? 54 : 42, 2);
	uint64_t count = number(r, r->bytes, wide ? 56 : 44, 2);
	uint64_t least = wide ? 56 : 32;
	if (count != 0 && (entry_size < least || !bytes_have(r->bytes, table, count * entry_size))) {
		if (headers_only && entry_size >= least) {
			return 0; /* some tools move them to the file's end */
		}
		return err_set(e, ERR_INVALID, "the ELF program headers are outside the file");
	}
	for (uint64_t i = 0; i < count; i++) {
		struct str head = str_slice(
			r->bytes, (size_t)(table + i * entry_size), (size_t)(table + (i + 1) * entry_size));
		uint64_t type = number(r, head, 0, 4), flags = number(r, head, wide ? 4 : 24, 4);
		uint64_t offset = word(r, head, wide ? 8 : 4), size = word(r, head, wide ? 32 : 16);
		uint64_t align = word(r, head, wide ? 48 : 28);
		bool inside = bytes_have(r->bytes, offset, size);
		if (!inside && !headers_only && (type == PT_LOAD || type == PT_DYNAMIC)) {
			return err_set(e, ERR_INVALID, "an ELF segment is outside the file");
		}
		if (type == PT_LOAD) {
			uint64_t address = word(r, head, wide ? 16 : 8);
			*vec_add(&r->loads) =
				(struct segment){.offset = offset, .address = address, .file_size = size};
			elf->is_misaligned |= align > 1 && (address - offset) % align != 0;
			if (elf->page_size == 0 || align < elf->page_size) {
				elf->page_size = align;
			}
		} else if (type == PT_DYNAMIC && !elf->is_dynamic) {
			elf->is_dynamic = true;
			r->dynamic = inside ? str_slice(r->bytes, (size_t)offset, (size_t)(offset + size))
								: (struct str){0};
		} else if (type == PT_INTERP && inside) {
			bytes_text(
				str_slice(r->bytes, (size_t)offset, (size_t)(offset + size)), 0, &elf->interpreter);
		} else if (type == PT_GNU_STACK) {
			elf->has_exec_stack = flags & PF_X;
		}
	}
	return 0;
}

static bool dynamic_entry(const struct reader *r, uint64_t i, uint64_t *tag, uint64_t *value)
{
	uint64_t width = r->elf->is_64 ? 8 : 4;
	if (i >= ENTRIES_MAX || !bytes_have(r->dynamic, i * 2 * width, 2 * width)) {
		return false;
	}
	*tag = word(r, r->dynamic, i * 2 * width);
	*value = word(r, r->dynamic, i * 2 * width + width);
	return *tag != 0;
}

static int string_at(struct reader *r, uint64_t at, struct str *out, struct err *e)
{
	struct str near = at < r->strings.n
		? str_slice(r->strings, (size_t)at, (size_t)at + NAME_MAX_BYTES)
		: (struct str){0};
	if (!bytes_text(near, 0, out)) {
		return err_set(e, ERR_INVALID, "an ELF dynamic string is outside its table");
	}
	if (out->n >= r->text_budget) {
		return err_set(e, ERR_INVALID, "the ELF names are longer in all than its string table");
	}
	r->text_budget -= out->n;
	return 0;
}

static int read_dynamic(struct reader *r, struct err *e)
{
	struct elf *elf = r->elf;
	uint64_t tag, value, strings = 0, strings_size = 0;
	for (uint64_t i = 0; dynamic_entry(r, i, &tag, &value); i++) {
		switch (tag) {
		case DT_STRTAB:
			strings = value;
			break;
		case DT_STRSZ:
			strings_size = value;
			break;
		case DT_SYMTAB:
			r->symbols = value;
			break;
		case DT_HASH:
			r->hash = value;
			break;
		case DT_GNU_HASH:
			r->gnu_hash = value;
			break;
		case DT_VERNEED:
			r->versions = value;
			break;
		case DT_VERNEEDNUM:
			r->version_count = value;
			break;
		case DT_TEXTREL:
			elf->has_text_relocations = true;
			break;
		case DT_FLAGS:
			elf->has_text_relocations |= (value & DF_TEXTREL) != 0;
			break;
		default:
			break;
		}
	}
	r->strings = at_address(r, strings);
	if (r->strings.n > strings_size) {
		r->strings.n = (size_t)strings_size;
	}
	int rc = 0;
	for (uint64_t i = 0; rc == 0 && dynamic_entry(r, i, &tag, &value); i++) {
		struct str text = {0};
		if (tag == DT_NEEDED || tag == DT_SONAME || tag == DT_RPATH || tag == DT_RUNPATH) {
			rc = string_at(r, value, &text, e);
		}
		if (rc != 0) {
			break;
		}
		if (tag == DT_NEEDED) {
			*vec_add(&elf->needs) = text;
		} else if (tag == DT_SONAME) {
			elf->soname = text;
		} else if (tag == DT_RPATH || tag == DT_RUNPATH) {
			*vec_add(&elf->rpaths) = text;
		}
	}
	return rc;
}

/* Elf_Verneed and Elf_Vernaux (LSB, "Symbol Versioning"), the same for both classes. */
static int read_versions(struct reader *r, struct err *e)
{
	struct str table = r->versions != 0 ? at_address(r, r->versions) : (struct str){0};
	uint64_t at = 0, budget = ENTRIES_MAX;
	int rc = 0;
	for (uint64_t i = 0; i < r->version_count; i++) {
		struct elf_need need = {0};
		if (!bytes_have(table, at, 16)) {
			return err_set(e, ERR_INVALID, "the ELF version table is outside the file");
		}
		uint64_t count = number(r, table, at + 2, 2), next = number(r, table, at + 12, 4);
		uint64_t aux = at + number(r, table, at + 8, 4);
		rc = string_at(r, number(r, table, at + 4, 4), &need.library, e);
		for (uint64_t k = 0; rc == 0 && k < count; k++) {
			if (!bytes_have(table, aux, 16) || budget-- == 0) {
				return err_set(e, ERR_INVALID, "the ELF version table is outside the file");
			}
			rc = string_at(r, number(r, table, aux + 8, 4), &need.version, e);
			if (rc == 0) {
				*vec_add(&r->elf->versions) = need;
			}
			uint64_t step = number(r, table, aux + 12, 4);
			if (step == 0) {
				break;
			}
			aux += step;
		}
		if (rc != 0 || next == 0) {
			break;
		}
		if (budget-- == 0) {
			return err_set(e, ERR_INVALID, "the ELF version table does not end");
		}
		at += next;
	}
	return rc;
}

/* How many dynamic symbols there are: DT_HASH says it; DT_GNU_HASH only implies it, by the end of
 * the chain that starts last. */
static uint64_t symbol_count(const struct reader *r)
{
	if (r->hash != 0) {
		return number(r, at_address(r, r->hash), 4, 4);
	}
	struct str table = r->gnu_hash != 0 ? at_address(r, r->gnu_hash) : (struct str){0};
	uint64_t buckets = number(r, table, 0, 4), first = number(r, table, 4, 4);
	uint64_t bloom = number(r, table, 8, 4) * (r->elf->is_64 ? 8 : 4);
	uint64_t at = 16 + bloom, last = 0;
	if (!bytes_have(table, at, buckets * 4)) {
		return 0;
	}
	for (uint64_t i = 0; i < buckets; i++) {
		uint64_t start = number(r, table, at + i * 4, 4);
		last = start > last ? start : last;
	}
	if (last < first || last == 0) {
		return first; /* no defined symbol: all that are there come before the first hashed one */
	}
	uint64_t chains = at + buckets * 4;
	while (bytes_have(table, chains + (last - first) * 4, 4)) {
		if (number(r, table, chains + (last - first) * 4, 4) & 1) {
			return last + 1;
		}
		last++;
	}
	return 0;
}

static int read_symbols(struct reader *r, struct err *e)
{
	struct str table = r->symbols != 0 ? at_address(r, r->symbols) : (struct str){0};
	uint64_t size = r->elf->is_64 ? 24 : 16, count = symbol_count(r);
	if (count > table.n / size || count > SYMBOLS_MAX) {
		return err_set(e, ERR_INVALID, "the ELF dynamic symbols are outside the file");
	}
	for (uint64_t i = 1; i < count; i++) {
		struct str symbol = str_slice(table, (size_t)(i * size), (size_t)((i + 1) * size));
		struct str name;
		uint64_t section = number(r, symbol, r->elf->is_64 ? 6 : 14, 2);
		int rc = string_at(r, number(r, symbol, 0, 4), &name, e);
		if (rc != 0) {
			return rc;
		}
		uint64_t bind = number(r, symbol, r->elf->is_64 ? 4 : 12, 1) >> 4;
		if (section == 0) {
			*vec_add(&r->elf->undefined) =
				(struct elf_symbol){.name = name, .is_weak = bind == STB_WEAK};
		} else if (bind != STB_LOCAL && (str_starts(name, "Py") || str_starts(name, "_Py"))) {
			*vec_add(&r->elf->defined) = name;
		}
	}
	return 0;
}

int elf_read(struct str bytes, bool headers_only, struct elf *out, struct err *e)
{
	*out = (struct elf){0};
	struct reader r = {
		.bytes = bytes, .elf = out, .text_budget = TEXT_BUDGET_FREE + 4 * (uint64_t)bytes.n};
	int rc = ERR_INVALID;
	if (!elf_is(bytes) || bytes.n < IDENT_BYTES + 36) {
		err_set(e, rc, "the ELF header is cut short");
		goto done;
	}
	out->is_64 = bytes.p[4] == 2;
	out->is_little = bytes.p[5] == 1;
	if ((bytes.p[4] != 1 && !out->is_64) || (bytes.p[5] != 2 && !out->is_little) ||
		(out->is_64 && bytes.n < 64)) {
		err_set(e, rc, "the ELF class or byte order is not one of the standard's");
		goto done;
	}
	out->type = (uint16_t)number(&r, bytes, 16, 2);
	out->machine = (uint16_t)number(&r, bytes, 18, 2);
	rc = read_segments(&r, headers_only, e);
	if (rc != 0 || headers_only || !out->is_dynamic) {
		goto done;
	}
	rc = read_dynamic(&r, e);
	if (rc == 0) {
		rc = read_versions(&r, e);
	}
	if (rc == 0) {
		rc = read_symbols(&r, e);
	}
done:
	vec_finish(&r.loads);
	return rc;
}

void elf_finish(struct elf *elf)
{
	vec_finish(&elf->needs);
	vec_finish(&elf->rpaths);
	vec_finish(&elf->versions);
	vec_finish(&elf->defined);
	vec_finish(&elf->undefined);
}

const char *elf_machine_name(uint16_t machine, bool is_64, bool is_little, char storage[static 24])
{
	static const struct {
		uint16_t machine;
		bool is_64;
		bool is_little;
		const char *name;
	} names[] = {
		{ELF_AARCH64, true, true, "aarch64"},
		{ELF_X86_64, true, true, "x86_64"},
		{ELF_386, false, true, "i686"},
		{ELF_ARM, false, true, "armv7l"},
		{21, true, true, "ppc64le"},
		{21, true, false, "ppc64"},
		{22, true, false, "s390x"},
		{243, true, true, "riscv64"},
		{258, true, true, "loongarch64"},
		{8, false, false, "mips"},
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].machine == machine && names[i].is_64 == is_64 &&
			names[i].is_little == is_little) {
			return names[i].name;
		}
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].machine == machine) {
			snprintf(storage, 24, "%s%s%s", names[i].name,
				is_64 == names[i].is_64 ? ""
					: is_64             ? "_64"
										: "_32",
				is_little == names[i].is_little ? ""
					: is_little                 ? "_le"
												: "_be");
			return storage;
		}
	}
	snprintf(storage, 24, "0x%04x", (unsigned)machine);
	return storage;
}
