/* server.ping, server.status: how the daemon itself is. */
#include "daemon/query.h"
#include "proto/version.h"

/* What of the whole may be counted for an account that sees only a part of it. */
static bool
sees_all(const struct view *v)
{
	return (v->account->actor.roles & ~ROLE(COMMUNE)) != 0;
}

static void
print_common(const struct view *v, struct buf *out)
{
	char time[TIME_LEN + 1];

	time_print(v->now_ms, time);
	buf_printf(out, "{\"time\":\"%s\",\"sequence\":%lld,\"journal\":\"%s\",\"version\":\"%s\"", time,
	           (long long)v->status->sequence, journal_name(v->journal), OCOP_VERSION);
}

int
server_ping(const struct view *v, const struct params *p, struct buf *out, struct refusal *refusal)
{
	(void)p, (void)refusal;
	print_common(v, out);
	if (v->status->server_key.ptr) {
		buf_str(out, ",\"key\":");
		json_write_string(out, v->status->server_key);
	}
	buf_byte(out, '}');
	return OK;
}

static int64_t
uptime_ms(const struct view *v)
{
	return v->now_ms > v->status->started_ms ? v->now_ms - v->status->started_ms : 0;
}

int
server_status(const struct view *v, const struct params *p, struct buf *out, struct refusal *refusal)
{
	const struct engine_status *s = v->status;
	struct store_figures store = store_figures(v->store);
	struct journal_figures journal = journal_figures(v->journal);

	(void)p, (void)refusal;
	print_common(v, out);
	buf_printf(out, ",\"clock\":\"%s\",\"uptime_s\":%lld", s->simulated ? "simulated" : "real",
	           (long long)(uptime_ms(v) / 1000));
	if (sees_all(v) && s->access) {
		buf_printf(out, ",\"dossiers\":%llu,\"requests\":%llu,\"refusals\":%llu,\"writes\":%llu",
		           (unsigned long long)store.rows[TABLE_DOSSIER], (unsigned long long)s->requests,
		           (unsigned long long)s->refusals, (unsigned long long)s->writes);
		buf_printf(out, ",\"map\":{\"bytes\":%llu,\"used\":%llu}", (unsigned long long)store.map_bytes,
		           (unsigned long long)store.used_bytes);
		buf_printf(out, ",\"journal_file\":{\"segments\":%llu,\"used\":%llu,\"syncs\":%llu}",
		           (unsigned long long)journal.segments, (unsigned long long)journal.bytes_used,
		           (unsigned long long)journal.syncs);
		buf_printf(out, ",\"batches\":{\"count\":%llu,\"largest\":%llu}", (unsigned long long)s->batches,
		           (unsigned long long)s->batch_max);
		buf_printf(out, ",\"clients\":{\"dropped\":%llu,\"unsendable\":%llu,\"handshakes_refused\":%llu}",
		           (unsigned long long)s->traffic.dropped, (unsigned long long)s->traffic.unsendable,
		           (unsigned long long)s->traffic.handshakes_refused);
		buf_printf(out, ",\"disk\":{\"free\":%llu,\"reserve\":%llu,\"low\":%s}", (unsigned long long)s->room.free_bytes,
		           (unsigned long long)s->room.reserve_bytes, s->room.low ? "true" : "false");
		buf_printf(out, ",\"accounts\":%zu,\"broken\":[", access_count(s->access));
		struct text broken = access_broken(s->access), line;

		for (bool first = true; text_next(&broken, '\n', &line); first = false) {
			if (!first)
				buf_byte(out, ',');
			json_write_string(out, line);
		}
		buf_byte(out, ']');
	}
	buf_byte(out, '}');
	return OK;
}
