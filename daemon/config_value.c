/* Values of settings: sizes, endpoints, clocks. */
#include "daemon/config_value.h"

#include "proto/date.h"

#include <string.h>

bool
config_number(struct text digits, uint64_t *ret)
{
	uint64_t number = 0;
	if (!digits.len || digits.len > 15)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(digits.ptr[i] - '0');
	}
	*ret = number;
	return true;
}

bool
config_size(struct text value, uint64_t *ret)
{
	static const char units[] = "KMG";
	const char *unit = value.len ? strchr(units, value.ptr[value.len - 1]) : NULL;
	uint64_t number;
	if (unit)
		value.len--;
	if (!config_number(value, &number))
		return false;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
	if (number > UINT64_MAX >> shift)
		return false;
	*ret = number << shift;
	return true;
}

bool
config_is_endpoint(struct text value)
{
	static const char scheme[] = "tcp://";
	const char *from = value.ptr + sizeof scheme - 1;
	uint64_t port;
	if (value.len < sizeof scheme || value.len > 200 || strncmp(value.ptr, scheme, sizeof scheme - 1))
		return false;
	const char *colon = memrchr(from, ':', (size_t)(value.ptr + value.len - from));
	if (!colon || colon == from)
		return false;
	for (const char *c = from; c < colon; c++)
		if (*c <= ' ' || strchr("/;\\\"", *c))
			return false;
	struct text digits = { colon + 1, (size_t)(value.ptr + value.len - colon - 1) };
	return config_number(digits, &port) && port >= 1 && port <= 65535;
}

bool
config_clock(struct text value, int64_t *ret_ms)
{
	static const char word[] = "simulated:";
	int64_t day;
	if (value.len < sizeof word || strncmp(value.ptr, word, sizeof word - 1))
		return false;
	struct text time = { value.ptr + sizeof word - 1, value.len - (sizeof word - 1) };
	if (!day_parse(time, &day))
		return time_parse(time, ret_ms);
	*ret_ms = day_start(day);
	return true;
}
