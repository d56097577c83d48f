#include "core/inspect/zip_member.h"

#include "core/inspect/bytes.h"

enum {
	LOCAL_SIGNATURE = 0x04034b50,
	LOCAL_BYTES = 30,
	EXTRA_GUESS = 128, /* asked for beyond the name, so that most members take one range */
	DESCRIPTOR_SIGNATURE = 0x08074b50,
	DESCRIPTOR_MAX = 24,
	AT_ONCE_MAX = 64 << 20, /* inflated bytes that are worth a buffer */
};

void zip_member_init(struct zip_member *m, const struct zip_entry *entry, size_t range_max,
	struct zip_inflate *inflate, zip_sink *sink, void *user)
{
	*m = (struct zip_member){
		.entry = entry,
		.position = entry->header_offset,
		.range_max = range_max != 0 && range_max < ZIP_RANGE_MAX ? range_max : ZIP_RANGE_MAX,
		.packed_left = entry->packed_size,
		.inflate = entry->method == ZIP_DEFLATED ? inflate : NULL,
		.sink = sink,
		.user = user,
	};
	if (m->inflate != NULL) {
		/* who asks for less than all it can get wants the beginning only */
		bool at_once = m->range_max == ZIP_RANGE_MAX && entry->size <= AT_ONCE_MAX &&
			entry->packed_size <= AT_ONCE_MAX;
		zip_inflate_begin(m->inflate, entry->size, at_once);
	}
}

void zip_member_finish(struct zip_member *m)
{
	buf_finish(&m->head);
	*m = (struct zip_member){.state = ZIP_MEMBER_DONE};
}

static void fail(struct zip_member *m, enum zip_fault fault, const char *sentence)
{
	m->state = ZIP_MEMBER_DONE;
	m->fault = fault;
	m->fault_text = sentence;
}

void zip_member_fail(struct zip_member *m, const char *sentence)
{
	fail(m, ZIP_BAD, sentence);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

bool zip_member_needs(struct zip_member *m, struct zip_range *range)
{
	if (m->state == ZIP_MEMBER_DONE) {
		return false;
	}
	uint64_t wanted = m->packed_left;
	if (m->state == ZIP_MEMBER_HEADER) {
		wanted += LOCAL_BYTES + m->entry->path.n + EXTRA_GUESS;
	}
	if (m->entry->flags & ZIP_FLAG_DESCRIPTOR) {
		wanted += DESCRIPTOR_MAX;
	}
	wanted = smaller(wanted, m->entry->limit - m->position);
	wanted = smaller(wanted, m->range_max);
	if (wanted == 0) {
		fail(m, ZIP_BAD, "the member is cut short by the next one");
		return false;
	}
	*range = (struct zip_range){.offset = m->position, .length = (size_t)wanted};
	return true;
}

/* Moves up to `count` bytes from the front of *bytes to the head buffer; true once it holds them. */
static bool collect(struct zip_member *m, struct str *bytes, size_t count)
{
	size_t missing = count > m->head.n ? count - m->head.n : 0;
	size_t taken = missing < bytes->n ? missing : bytes->n;
	buf_add(&m->head, bytes->p, taken);
	*bytes = str_slice(*bytes, taken, bytes->n);
	m->position += taken;
	return m->head.n >= count;
}

/* A local value that is unknown yet (zero, with a descriptor behind) or the directory's. */
static bool agrees(const struct zip_member *m, uint64_t local, uint64_t central)
{
	return local == central || (local == 0 && m->entry->flags & ZIP_FLAG_DESCRIPTOR);
}

static const char *header_fault(const struct zip_member *m, struct str name, struct str extra)
{
	const struct zip_entry *entry = m->entry;
	const char *p = m->head.p;
	uint64_t packed_size = bytes_u32le(p + 18), size = bytes_u32le(p + 22);
	uint16_t flags = bytes_u16le(p + 6);
	enum { FLAGS = ZIP_FLAG_ENCRYPTED | ZIP_FLAG_DESCRIPTOR | ZIP_FLAG_STRONG | ZIP_FLAG_UTF8 };
	if (!str_equal(name, entry->path)) {
		return "the local header has another path than the directory";
	}
	if ((flags & FLAGS) != (entry->flags & FLAGS) || bytes_u16le(p + 8) != entry->method) {
		return "the local header has another method or other flags than the directory";
	}
	if (!zip_extra_zip64(extra, &size, &packed_size, NULL)) {
		return "the local header lacks its zip64 sizes";
	}
	if (!agrees(m, bytes_u32le(p + 14), entry->crc) || !agrees(m, size, entry->size) ||
		!agrees(m, packed_size, entry->packed_size)) {
		return "the local header has another size or CRC than the directory";
	}
	return NULL;
}

static void step_header(struct zip_member *m, struct str *bytes)
{
	if (!collect(m, bytes, LOCAL_BYTES)) {
		return;
	}
	if (bytes_u32le(m->head.p) != LOCAL_SIGNATURE) {
		fail(m, ZIP_BAD, "there is no local header where the directory says");
		return;
	}
	size_t name_length = bytes_u16le(m->head.p + 26), extra_length = bytes_u16le(m->head.p + 28);
	if (!collect(m, bytes, LOCAL_BYTES + name_length + extra_length)) {
		return;
	}
	struct str head = buf_view(&m->head);
	const char *sentence = header_fault(m, str_slice(head, LOCAL_BYTES, LOCAL_BYTES + name_length),
		str_slice(head, LOCAL_BYTES + name_length, head.n));
	if (sentence == NULL && m->entry->limit - m->position < m->entry->packed_size) {
		sentence = "the member overlaps the next one";
	}
	if (sentence != NULL) {
		fail(m, ZIP_BAD, sentence);
		return;
	}
	buf_clear(&m->head);
	m->state = ZIP_MEMBER_DATA;
}

/* False once the member is over: the sink had enough, or there is more than was declared. */
static bool give(void *user, struct str bytes)
{
	struct zip_member *m = user;
	if (bytes.n > m->entry->size - m->written) {
		fail(m, ZIP_BAD, "the member inflates to more than the directory says");
		return false;
	}
	m->written += bytes.n;
	m->crc = zip_crc(m->crc, bytes);
	if (bytes.n != 0 && m->sink(m->user, bytes) != 0) {
		m->state = ZIP_MEMBER_DONE;
		return false;
	}
	return true;
}

/* The same of deflated bytes. */
static bool give_inflated(struct zip_member *m, struct str piece)
{
	bool over;
	const char *fault = zip_inflate_add(m->inflate, piece, m->packed_left == 0, give, m, &over);
	if (fault != NULL) {
		fail(m, ZIP_BAD, fault);
	}
	return fault == NULL && !over;
}

static void end_data(struct zip_member *m)
{
	if (m->written != m->entry->size) {
		fail(m, ZIP_BAD, "the member inflates to less than the directory says");
	} else if (m->crc != m->entry->crc) {
		fail(m, ZIP_BAD, "the CRC-32 of the contents is another one");
	} else if (m->entry->flags & ZIP_FLAG_DESCRIPTOR) {
		m->state = ZIP_MEMBER_DESCRIPTOR;
	} else {
		m->state = ZIP_MEMBER_DONE;
		m->gap = m->entry->limit - m->position;
	}
}

static void step_data(struct zip_member *m, struct str *bytes)
{
	size_t n = m->packed_left < bytes->n ? (size_t)m->packed_left : bytes->n;
	struct str piece = str_slice(*bytes, 0, n);
	*bytes = str_slice(*bytes, n, bytes->n);
	m->packed_left -= n;
	m->position += n;
	bool goes_on = m->inflate != NULL ? give_inflated(m, piece) : give(m, piece);
	if (goes_on && m->packed_left == 0) {
		end_data(m);
	}
}

/* How long the descriptor at the front of `d` is: with or without a signature, with 32 or 64 bit sizes.
 * If several fit, the one that fills the room to the next member; 0 if none does. */
static size_t descriptor_length(const struct zip_entry *entry, struct str d, uint64_t room)
{
	size_t found = 0;
	for (size_t head = 0; head <= 4; head += 4) {
		for (size_t width = 4; width <= 8; width += 4) {
			size_t length = head + 4 + 2 * width;
			bool fits = d.n >= length && (head == 0 || bytes_u32le(d.p) == DESCRIPTOR_SIGNATURE) &&
				bytes_u32le(d.p + head) == entry->crc &&
				bytes_number(d.p + head + 4, width, true) == entry->packed_size &&
				bytes_number(d.p + head + 4 + width, width, true) == entry->size;
			if (fits && (found == 0 || length == room)) {
				found = length;
			}
		}
	}
	return found;
}

static void step_descriptor(struct zip_member *m, struct str *bytes)
{
	uint64_t start = m->position - m->head.n, room = m->entry->limit - start;
	size_t wanted = room < DESCRIPTOR_MAX ? (size_t)room : DESCRIPTOR_MAX;
	if (!collect(m, bytes, wanted)) {
		return;
	}
	size_t length = descriptor_length(m->entry, buf_view(&m->head), room);
	if (length != 0) {
		m->state = ZIP_MEMBER_DONE;
		m->gap = room - length;
	} else {
		fail(m, ZIP_BAD, "the data descriptor has another size or CRC than the directory");
	}
}

void zip_member_feed(struct zip_member *m, struct str bytes)
{
	bool goes_on = true;
	m->range_max = (size_t)smaller(m->range_max * 2, ZIP_RANGE_MAX);
	while (goes_on) {
		enum zip_member_state before = m->state;
		switch (m->state) {
		case ZIP_MEMBER_HEADER:
			step_header(m, &bytes);
			break;
		case ZIP_MEMBER_DATA:
			step_data(m, &bytes);
			break;
		case ZIP_MEMBER_DESCRIPTOR:
			step_descriptor(m, &bytes);
			break;
		case ZIP_MEMBER_DONE:
			return;
		}
		goes_on = m->state != before || bytes.n != 0;
	}
}
