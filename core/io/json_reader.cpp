// Reading JSON by simdjson: it finds where each token begins, sixty-four bytes at a step, checks that
// all is UTF-8, and walks the tokens; each is looked at here, so nothing is passed over unread. Compiled
// without exceptions: the library returns its errors.
#include <simdjson.h>

extern "C" {
#include "core/base/late.h"
#include "core/base/mem.h"
#include "core/io/json.h"
}

#include <cstring>
#include <utility>

#ifndef _WIN32
// The one function of the library that its header calls. Instead of it being linked, the library is
// loaded with the first text (core/base/late.h): it brings C++'s own, which takes as long to load as half
// of all others that a command needs.
simdjson::internal::atomic_ptr<const simdjson::implementation> &
simdjson::get_active_implementation()
{
	using entry = decltype(get_active_implementation);
	static entry *const get = [] {
		const struct late_name name = {"_ZN8simdjson25get_active_implementationEv"};
		entry *found;
		late_load("libsimdjson.so.14", &name, 1, &found);
		return found;
	}();
	return get();
}
#endif

namespace ondemand = simdjson::ondemand;

static_assert(JSON_PADDING >= simdjson::SIMDJSON_PADDING, "the library reads so far behind a text");

namespace
{

constexpr size_t default_depth = 64;
constexpr size_t default_string_bytes = 1 << 20;
constexpr size_t default_total_bytes = 256 << 20;

struct reading {
	char *text;
	size_t n;
	const json_sink *sink;
	void *user;
	json_limits limits;
	size_t depth;
	bool has_escapes; // somewhere in the text
	struct err *e;
};

int wrong(const reading &r, const char *what)
{
	return err_set(r.e, ERR_INVALID, "not JSON: %s", what);
}

const char *rule_of(simdjson::error_code code)
{
	switch (code) {
	case simdjson::EMPTY:
		return "nothing is in it";
	case simdjson::UTF8_ERROR:
		return "it is not UTF-8 (RFC 8259 section 8.1)";
	case simdjson::UNESCAPED_CHARS:
		return "a control character is in a string (RFC 8259 section 7)";
	case simdjson::UNCLOSED_STRING:
		return "a string does not end";
	case simdjson::STRING_ERROR:
		return "an escape is none (RFC 8259 section 7)";
	case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
		return "an array or an object does not end";
	case simdjson::TRAILING_CONTENT:
		return "something is behind its value";
	default:
		return "a key, value, colon, comma or bracket is missing";
	}
}

int wrong(const reading &r, simdjson::error_code code)
{
	return wrong(r, rule_of(code));
}

// The same bytes, to write into: the library's views are of r.text.
char *writable(reading &r, const char *p)
{
	return r.text + (p - r.text);
}

bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view trimmed(std::string_view token)
{
	while (!token.empty() && is_space(token.back())) {
		token.remove_suffix(1);
	}
	return token;
}

bool skip_digits(const char *&p, const char *end)
{
	const char *start = p;
	while (p < end && *p >= '0' && *p <= '9') {
		p++;
	}
	return p != start;
}

// RFC 8259 section 6. Its value is whose it is: there is no number too large to be one.
bool is_number(std::string_view text)
{
	const char *p = text.data(), *end = p + text.size();
	p += p < end && *p == '-';
	if (p < end && *p == '0') {
		p++;
	} else if (!skip_digits(p, end)) {
		return false;
	}
	if (p < end && *p == '.' && !skip_digits(++p, end)) {
		return false;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < end && (*p == '+' || *p == '-');
		if (!skip_digits(p, end)) {
			return false;
		}
	}
	return p == end;
}

// Puts the decoded text of a string where the string stands; it is never the longer of the two.
int decode(reading &r, simdjson::simdjson_result<std::string_view> decoded, struct str &s)
{
	std::string_view text;
	if (const auto code = std::move(decoded).get(text)) {
		return wrong(r, code);
	}
	char *at = writable(r, s.p);
	memcpy(at, text.data(), text.size());
	s.n = text.size();
	if (!str_is_utf8(s)) { // of half a surrogate pair
		return wrong(r, "an escape is half a character (RFC 8259 section 8.2)");
	}
	return 0;
}

bool is_escaped(const reading &r, struct str s)
{
	return r.has_escapes && memchr(s.p, '\\', s.n) != nullptr;
}

// Both quotes are known to be there: `s` is what stands between them.
int end_string(reading &r, struct str s)
{
	if (s.n > r.limits.string_bytes) {
		return err_set(
			r.e, ERR_TOO_LARGE, "a JSON string is longer than %zu bytes", r.limits.string_bytes);
	}
	*writable(r, s.p + s.n) = '\0'; // at most the closing quote, which nobody looks at again
	return 0;
}

int read_value(reading &r, ondemand::value value);

int read_string(reading &r, ondemand::value value, std::string_view token)
{
	if (token.size() < 2 || token.back() != '"') {
		return wrong(r, simdjson::UNCLOSED_STRING);
	}
	struct str s = {token.data() + 1, token.size() - 2};
	int code = 0;
	if (is_escaped(r, s)) {
		code = decode(r, value.get_string(), s);
	} else {
		ondemand::raw_json_string raw; // steps over it
		if (const auto error = value.get_raw_json_string().get(raw)) {
			code = wrong(r, error);
		}
	}
	if (code == 0) {
		code = end_string(r, s);
	}
	return code == 0 && r.sink->string != nullptr ? r.sink->string(r.user, s, r.e) : code;
}

// true, false, null or a number, by its text.
int read_word(reading &r, std::string_view text)
{
	const json_sink &sink = *r.sink;
	if (text == "true" || text == "false") {
		return sink.boolean != nullptr ? sink.boolean(r.user, text[0] == 't', r.e) : 0;
	}
	if (text == "null") {
		return sink.null != nullptr ? sink.null(r.user, r.e) : 0;
	}
	if (!is_number(text)) {
		return wrong(r, "a word is neither a value nor a number (RFC 8259 sections 3 and 6)");
	}
	if (text.size() > r.limits.string_bytes) {
		return err_set(
			r.e, ERR_TOO_LARGE, "a JSON number is longer than %zu bytes", r.limits.string_bytes);
	}
	struct str s = {text.data(), text.size()};
	return sink.number != nullptr ? sink.number(r.user, s, r.e) : 0;
}

int deeper(reading &r)
{
	if (r.depth == r.limits.depth) {
		return err_set(r.e, ERR_TOO_LARGE, "JSON nested deeper than %zu levels", r.limits.depth);
	}
	r.depth++;
	return 0;
}

// The key from behind its first quote to its last, which is the first one before the value's colon.
struct str key_of(const char *start, const char *value)
{
	const char *end = value - 1;
	while (*end != ':') {
		end--;
	}
	while (*end != '"') {
		end--;
	}
	return {start, static_cast<size_t>(end - start)};
}

int read_member(reading &r, ondemand::field &field)
{
	struct str key = key_of(field.key().raw(), field.value().raw_json_token().data());
	int code = is_escaped(r, key) ? decode(r, field.unescaped_key(), key) : 0;
	if (code == 0) {
		code = end_string(r, key);
	}
	if (code == 0 && r.sink->object_key != nullptr) {
		code = r.sink->object_key(r.user, key, r.e);
	}
	return code == 0 ? read_value(r, field.value()) : code;
}

int read_object(reading &r, simdjson::simdjson_result<ondemand::object> opened)
{
	ondemand::object object;
	if (const auto error = std::move(opened).get(object)) {
		return wrong(r, error);
	}
	int code = deeper(r);
	if (code == 0 && r.sink->object_begin != nullptr) {
		code = r.sink->object_begin(r.user, r.e);
	}
	if (code != 0) {
		return code;
	}
	for (auto member : object) {
		ondemand::field field;
		if (const auto error = std::move(member).get(field)) {
			return wrong(r, error);
		}
		code = read_member(r, field);
		if (code != 0) {
			return code;
		}
	}
	r.depth--;
	return r.sink->object_end != nullptr ? r.sink->object_end(r.user, r.e) : 0;
}

int read_array(reading &r, simdjson::simdjson_result<ondemand::array> opened)
{
	ondemand::array array;
	if (const auto error = std::move(opened).get(array)) {
		return wrong(r, error);
	}
	int code = deeper(r);
	if (code == 0 && r.sink->array_begin != nullptr) {
		code = r.sink->array_begin(r.user, r.e);
	}
	if (code != 0) {
		return code;
	}
	for (auto item : array) {
		ondemand::value value;
		if (const auto error = std::move(item).get(value)) {
			return wrong(r, error);
		}
		code = read_value(r, value);
		if (code != 0) {
			return code;
		}
	}
	r.depth--;
	return r.sink->array_end != nullptr ? r.sink->array_end(r.user, r.e) : 0;
}

int read_value(reading &r, ondemand::value value)
{
	const std::string_view token = value.raw_json_token();
	switch (token[0]) {
	case '{':
		return read_object(r, value.get_object());
	case '[':
		return read_array(r, value.get_array());
	case '"':
		return read_string(r, value, trimmed(token));
	default:
		return read_word(r, trimmed(token));
	}
}

// A text that is one string, word or number.
int read_scalar(reading &r, ondemand::document &document, std::string_view token)
{
	if (token.data() + token.size() != r.text + r.n) {
		return wrong(r, simdjson::TRAILING_CONTENT);
	}
	const std::string_view text = trimmed(token);
	if (text[0] != '"') {
		return read_word(r, text);
	}
	struct str s = {text.data() + 1, text.size() - 2};
	int code = is_escaped(r, s) ? decode(r, document.get_string(), s) : 0;
	if (code == 0) {
		code = end_string(r, s);
	}
	return code == 0 && r.sink->string != nullptr ? r.sink->string(r.user, s, r.e) : code;
}

int read_document(reading &r, ondemand::document &document)
{
	std::string_view token;
	if (const auto error = document.raw_json_token().get(token)) {
		return wrong(r, error);
	}
	if (token[0] != '{' && token[0] != '[') {
		return read_scalar(r, document, token);
	}
	const int code = token[0] == '{' ? read_object(r, document.get_object())
									 : read_array(r, document.get_array());
	const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
	return code == 0 && !at_end ? wrong(r, simdjson::TRAILING_CONTENT) : code;
}

// Behind the sentence: where in the text it came to that.
int tell_place(const reading &r, ondemand::document &document, int code)
{
	const char *at;
	if (r.e == nullptr) {
		return code;
	}
	if (document.current_location().get(at) != simdjson::SUCCESS) {
		at = r.text + r.n;
	}
	const struct err inner = *r.e;
	return err_set(r.e, code, "%.460s (byte %zu)", inner.text, static_cast<size_t>(at - r.text));
}

} // namespace

extern "C" int json_read(char *text, size_t n, const struct json_sink *sink, void *user,
	const struct json_limits *limits, struct err *e)
{
	reading r = {};
	r.text = text;
	r.n = n;
	r.sink = sink;
	r.user = user;
	if (limits != nullptr) {
		r.limits = *limits;
	}
	r.limits.depth = r.limits.depth != 0 ? r.limits.depth : default_depth;
	r.limits.string_bytes =
		r.limits.string_bytes != 0 ? r.limits.string_bytes : default_string_bytes;
	r.limits.total_bytes = r.limits.total_bytes != 0 ? r.limits.total_bytes : default_total_bytes;
	r.e = e;
	if (n > r.limits.total_bytes) {
		return err_set(
			e, ERR_TOO_LARGE, "a JSON text is longer than %zu bytes", r.limits.total_bytes);
	}
	memset(text + n, 0, JSON_PADDING);
	r.has_escapes = memchr(text, '\\', n) != nullptr;
	ondemand::parser parser;
	ondemand::document document;
	if (const auto error = parser.iterate(text, n, n + JSON_PADDING).get(document)) {
		if (error == simdjson::MEMALLOC) {
			mem_bug("no memory for a JSON text of %zu bytes", n);
		}
		return wrong(r, error);
	}
	const int code = read_document(r, document);
	return code == 0 ? 0 : tell_place(r, document, code);
}
