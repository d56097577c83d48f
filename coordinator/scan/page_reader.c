#include "coordinator/scan/page_reader.h"

#include "coordinator/scan/folder.h"
#include "core/io/inflate.h"

enum {
	PIECE = 64 << 10, /* so many bytes are worth a worker's turn */
	LARGE = 8 << 20, /* bytes of a page that is read alone */
	KEPT = 1 << 20, /* bytes of memory that one page leaves to another */
};

/* --- on a worker's thread --- */

static void take_room(struct page_reader *r)
{
	struct page_room *room = NULL;
	for (size_t i = 0; i < PAGE_SPARES && room == NULL; i++) {
		room = atomic_exchange(&r->all->spare[i], NULL);
	}
	if (room == NULL) {
		room = MEM_NEW(struct page_room);
		room->inflate = inflate_create(PAGE_BYTES);
	} else {
		inflate_restart(room->inflate, PAGE_BYTES);
	}
	r->room = room;
	r->page.text = room->text;
	r->page.files.v = room->files;
	r->page.files.capacity = room->file_capacity;
}

static void destroy_room(struct page_room *room)
{
	if (room != NULL) {
		inflate_destroy(room->inflate);
		buf_finish(&room->text);
		free(room->files);
		free(room);
	}
}

/* The page is over: what it filled is the next one's, unless it was a large one. */
static void give_room(struct page_reader *r)
{
	struct page_room *room = r->room;
	struct project_page *p = &r->page;
	if (room == NULL) {
		return;
	}
	room->text = (struct buf){.p = p->text.p, .capacity = p->text.capacity};
	room->files = p->files.v;
	room->file_capacity = p->files.capacity;
	p->text = (struct buf){0};
	p->files.v = NULL;
	p->files.n = p->files.capacity = 0;
	if (room->text.capacity > KEPT) {
		buf_finish(&room->text);
	}
	if (room->file_capacity > KEPT / sizeof(*room->files)) {
		free(room->files);
		room->files = NULL;
		room->file_capacity = 0;
	}
	for (size_t i = 0; i < PAGE_SPARES && room != NULL; i++) {
		room = atomic_exchange(&r->all->spare[i], room);
	}
	destroy_room(room);
	r->room = NULL;
}

static void refuse(struct page_reader *r, int code, const struct err *e)
{
	if (r->page.code == 0) {
		r->page.code = err_set(&r->page.err, code, "%s", e->text);
	}
	atomic_store(&r->refused, true);
}

static void take_bytes(struct page_reader *r, struct str bytes)
{
	struct err e = {0};
	struct buf *text = &r->page.text;
	int code = 0;
	if (r->hash != NULL) {
		sha256_add(r->hash, bytes.p, bytes.n);
	}
	if (r->packed) {
		code = inflate_feed(r->room->inflate, bytes, text, &e);
	} else if (bytes.n > PAGE_BYTES - text->n) {
		code = err_set(&e, ERR_TOO_LARGE, "the page is over %d bytes", PAGE_BYTES);
	} else {
		buf_add_str(text, bytes);
	}
	r->weight = text->n;
	if (code != 0) {
		refuse(r, code, &e);
	}
}

/* Reading takes memory beside the page's own: large ones wait for each other. */
static int read_page(struct page_reader *r)
{
	bool large = r->page.text.n > LARGE;
	if (large) {
		uv_mutex_lock(&r->all->large);
	}
	int code = project_page_end(&r->page);
	if (large) {
		uv_mutex_unlock(&r->all->large);
	}
	return code;
}

static enum page_outcome settle(struct page_reader *r)
{
	struct project_page *p = &r->page;
	char hash[SHA256_HEX] = "";
	if (r->hash != NULL) {
		unsigned char digest[SHA256_BYTES];
		sha256_end(r->hash, digest);
		sha256_hex(digest, hash);
		if (p->code == 0 && r->known->hash != NULL && strcmp(hash, r->known->hash) == 0) {
			return PAGE_SAME;
		}
	}
	if (p->code == 0 && r->packed) {
		p->code = inflate_end(r->room->inflate, &p->err);
	}
	if (p->code != 0 || read_page(r) != 0) {
		return PAGE_BAD;
	}
	if (r->serial != 0) {
		p->serial = r->serial; /* what the next answer's header is held against */
	}
	const char *validator =
		validator_text(r->all->fingerprint, hash, r->etag != NULL ? r->etag : "", &p->arena);
	project_page_judge(p, r->all->targets, r->all->scope);
	r->facts = page_facts_create(p, r->all->targets->n, validator);
	return PAGE_READ;
}

static enum page_outcome settle_folder(struct page_reader *r)
{
	struct project_page *p = &r->page;
	const char *etag;
	int code = folder_page_read(r->all->folder, r->known->etag, p, &etag, &p->err);
	r->weight = p->text.n;
	switch (code) {
	case 0:
		r->etag = str_dup(str_from(etag));
		return settle(r);
	case FOLDER_PAGE_UNCHANGED:
		return PAGE_SAME;
	case ERR_NOT_FOUND:
		return PAGE_GONE;
	case ERR_INVALID:
	case ERR_TOO_LARGE:
	case ERR_UNSUPPORTED:
	case ERR_CORRUPT:
		return PAGE_BAD;
	default:
		return PAGE_UNREADABLE;
	}
}

static void tell_weight(struct page_reader *r, uint64_t before)
{
	if (r->weight != before) {
		workers_weigh(r->all->workers, (int64_t)(r->weight - before));
	}
}

void page_reader_work(struct lane *lane, const struct lane_piece *pieces)
{
	struct page_reader *r = lane->user;
	uint64_t before = r->weight;
	bool last = false;
	if (r->room == NULL) {
		take_room(r);
	}
	for (const struct lane_piece *p = pieces; p != NULL; p = p->next) {
		if (p->n != 0 && !atomic_load(&r->refused)) {
			take_bytes(r, (struct str){p->bytes, p->n});
		}
		last = p->last;
	}
	if (last && !r->dropped) {
		r->outcome = r->all->folder != NULL ? settle_folder(r) : settle(r);
	}
	tell_weight(r, before);
	if (last) {
		page_reader_release(r);
	}
}

/* --- on the loop --- */

void page_reader_over(struct lane *lane)
{
	struct page_reader *r = lane->user;
	r->all->on_read(r->user, r);
}

void page_readers_init(struct page_readers *all)
{
	if (uv_mutex_init(&all->large) != 0) {
		mem_bug("no lock for large pages");
	}
}

void page_readers_finish(struct page_readers *all)
{
	uv_mutex_destroy(&all->large);
	for (size_t i = 0; i < PAGE_SPARES; i++) {
		destroy_room(atomic_exchange(&all->spare[i], NULL));
	}
}

static struct page_reader *create(
	struct page_readers *all, const char *name, const struct validator *known, void *user)
{
	struct page_reader *r = MEM_NEW(struct page_reader);
	r->all = all;
	r->user = user;
	r->known = known;
	r->lane.user = r;
	project_page_init(&r->page, name);
	workers_open(all->workers, &r->lane);
	return r;
}

struct page_reader *page_reader_open(struct page_readers *all, const char *name,
	const struct validator *known, const struct fetch_response *response, void *user)
{
	struct page_reader *r = create(all, name, known, user);
	struct project_page *p = &r->page;
	struct str coding = str_from(response->content_encoding);
	if (project_page_begin(p, response) != 0) {
		atomic_store(&r->refused, true);
	}
	if (str_equal_nocase(coding, STR("gzip")) || str_equal_nocase(coding, STR("x-gzip"))) {
		r->packed = true;
	} else if (coding.n != 0 && !str_equal_nocase(coding, STR("identity"))) {
		struct err e;
		refuse(r,
			err_set(&e, ERR_UNSUPPORTED, "the page is packed by \"%.40s\", which nobody asked for",
				response->content_encoding),
			&e);
	}
	r->etag = response->etag[0] != '\0' ? str_dup(str_from(response->etag)) : NULL;
	if (!str_to_i64(str_from(response->serial), &r->serial) || r->serial <= 0) {
		r->serial = 0;
		r->hash = r->etag == NULL ? sha256_create() : NULL;
	}
	return r;
}

struct page_reader *page_reader_folder(
	struct page_readers *all, const char *name, const struct validator *known, void *user)
{
	struct page_reader *r = create(all, name, known, user);
	page_reader_end(r);
	return r;
}

/* Room for `more` bytes in the piece that is being filled, or for as many as it takes at most. */
static struct lane_piece *piece_for(struct page_reader *r, size_t more)
{
	size_t n = r->filling != NULL ? r->filling->n : 0;
	if (r->filling == NULL || n + more > r->capacity) {
		/* Most pages are small: the room grows with what comes, but not again for each piece. */
		size_t wanted = r->pushed ? PIECE : n + more > 2 * n ? n + more : 2 * n;
		r->capacity = wanted < PIECE ? wanted : PIECE;
		r->filling = lane_piece_resize(r->filling, r->capacity);
	}
	return r->filling;
}

int64_t page_reader_feed(struct page_reader *r, struct str bytes)
{
	int64_t waiting = 0;
	while (bytes.n != 0) {
		if (atomic_load(&r->refused)) {
			return ERR_CANCELLED;
		}
		struct lane_piece *p = piece_for(r, bytes.n);
		struct str part = str_slice(bytes, 0, r->capacity - p->n);
		memcpy(p->bytes + p->n, part.p, part.n);
		p->n += part.n;
		bytes = str_slice(bytes, part.n, bytes.n);
		if (p->n == PIECE) {
			r->filling = NULL;
			r->pushed = true;
			waiting = (int64_t)workers_push(r->all->workers, &r->lane, p);
		}
	}
	return waiting;
}

void page_reader_end(struct page_reader *r)
{
	struct lane_piece *p = r->filling != NULL ? r->filling : lane_piece_resize(NULL, 0);
	r->filling = NULL;
	p->last = true;
	workers_push(r->all->workers, &r->lane, p);
}

void page_reader_drop(struct page_reader *r)
{
	atomic_store(&r->refused, true);
	r->dropped = true; /* a worker looks when it has the last piece */
	page_reader_end(r);
}

void page_reader_release(struct page_reader *r)
{
	struct err why = r->page.err;
	give_room(r);
	project_page_finish(&r->page);
	r->page.err = why;
	if (r->weight != 0) {
		workers_weigh(r->all->workers, -(int64_t)r->weight);
		r->weight = 0;
	}
}

void page_reader_destroy(struct page_reader *r)
{
	if (r == NULL) {
		return;
	}
	page_reader_release(r);
	page_facts_destroy(r->facts);
	sha256_destroy(r->hash);
	free(r->filling);
	free(r->etag);
	free(r);
}
