// toml++ behind a walk in C. Compiled without exceptions and without run-time types: the library then
// returns its errors, and a lack of memory ends the program as everywhere else.
#include "core/io/toml_walk.h"

// Its assertions go: some hold only for texts that are TOML (of `[=]` one says no), and the branch behind
// them refuses the rest. With NDEBUG the compiler would take them for granted, so that goes too.
#undef NDEBUG
#define TOML_ASSERT(expr) static_cast<void>(0)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 64 // TOML_DEPTH
#include <toml++/toml.h>

#include <algorithm>
#include <string>
#include <vector>

namespace
{

// As enum toml_kind has them.
enum kind { text_kind, number_kind, bool_kind, time_kind, array_kind, table_kind };

struct child {
	std::string_view key;
	const toml::node *node;
};

bool stands_before(const child &a, const child &b)
{
	const toml::source_position &x = a.node->source().begin, &y = b.node->source().begin;
	return x.line != y.line ? x.line < y.line : x.column < y.column;
}

// Days since 1970 of a date of the proleptic Gregorian calendar.
int64_t days_of(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	const int64_t era = (year >= 0 ? year : year - 399) / 400;
	const int64_t of_era = year - era * 400;
	const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t milliseconds_of(const toml::date_time &t)
{
	if (!t.offset) {
		return 0;
	}
	const int64_t minutes =
		(days_of(t.date.year, t.date.month, t.date.day) * 24 + t.time.hour) * 60 + t.time.minute;
	return ((minutes - t.offset->minutes) * 60 + t.time.second) * 1000 +
		t.time.nanosecond / 1000000;
}

void walk(std::string_view key, const toml::node &node, const toml_walk_sink *sink)
{
	toml_walk_value value = {};
	std::vector<child> children;
	value.line = node.source().begin.line;
	value.key = key.data();
	value.key_length = key.size();
	if (const auto *table = node.as_table()) {
		value.kind = table_kind;
		for (auto &&[name, member] : *table) {
			children.push_back({name.str(), &member});
		}
		std::stable_sort(children.begin(), children.end(), stands_before);
	} else if (const auto *array = node.as_array()) {
		value.kind = array_kind;
		for (auto &&member : *array) {
			children.push_back({{}, &member});
		}
	} else if (const auto *text = node.as_string()) {
		value.kind = text_kind;
		value.text = text->get().data();
		value.text_length = text->get().size();
	} else if (const auto *boolean = node.as_boolean()) {
		value.kind = bool_kind;
		value.number = boolean->get() ? 1 : 0;
	} else if (const auto *integer = node.as_integer()) {
		value.kind = number_kind;
		value.number = integer->get();
	} else if (node.is_floating_point()) {
		value.kind = number_kind;
	} else {
		value.kind = time_kind;
		const auto *time = node.as_date_time();
		value.number = time != nullptr ? milliseconds_of(time->get()) : 0;
	}
	sink->open(sink->user, &value);
	for (const child &c : children) {
		walk(c.key, *c.node, sink);
	}
	sink->close(sink->user);
}

} // namespace

int toml_walk(const char *text, size_t length, const struct toml_walk_sink *sink,
	struct toml_walk_problem *problem)
{
	const toml::parse_result result = toml::parse(std::string_view(text, length));
	if (!result) {
		const std::string_view what = result.error().description();
		const size_t n = std::min(what.size(), sizeof(problem->what) - 1);
		std::copy_n(what.data(), n, problem->what);
		problem->what[n] = '\0';
		problem->line = result.error().source().begin.line;
		return -1;
	}
	walk({}, result.table(), sink);
	return 0;
}
