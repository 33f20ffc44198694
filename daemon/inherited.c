/* Socket activation: what was passed is looked at before anything is served on it. */
#include "daemon/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static bool
use_of(const char *name, enum inherited_use *ret)
{
	static const char *const names[] = { [INHERITED_COMMAND] = "command", [INHERITED_EVENT] = "event" };

	for (size_t i = 0; i < countof(names); i++)
		if (text_is(text_of(name), names[i])) {
			*ret = (enum inherited_use)i;
			return true;
		}
	return false;
}

static bool
listens(int fd, bool *ret_tcp)
{
	*ret_tcp = sd_is_socket(fd, AF_INET, SOCK_STREAM, 1) > 0 || sd_is_socket(fd, AF_INET6, SOCK_STREAM, 1) > 0;
	return *ret_tcp || sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0;
}

/* libzmq accepts whenever poll says so: where somebody has gone again meanwhile, that must not wait. */
static bool
make_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

static int
take(struct inherited *in, int fd, const char *name, struct buf *why)
{
	enum inherited_use use;
	bool tcp;

	if (in->count == INHERITED_MAX)
		buf_printf(why, "more than %d sockets were passed at the start", INHERITED_MAX);
	else if (!use_of(name, &use))
		buf_printf(why, "the socket passed as \"%s\" has no use here; its unit needs "
		           "FileDescriptorName=command or FileDescriptorName=event", name);
	else if (!listens(fd, &tcp) || !make_nonblocking(fd))
		buf_printf(why, "what was passed as \"%s\" (descriptor %d) is no listening stream socket; "
		           "its unit needs ListenStream= and Accept=no", name, fd);
	else
		in->items[in->count++] = (typeof(in->items[0])){ fd, use, tcp };
	return why->len ? -EINVAL : 0;
}

int
inherited_take(struct inherited *ret, struct buf *ret_why)
{
	struct inherited in = { .count = 0 };
	char **names = NULL;
	int count = sd_listen_fds_with_names(1, &names), fault = count < 0 ? count : 0;

	if (count < 0)
		buf_printf(ret_why, "LISTEN_FDS and LISTEN_FDNAMES are not as sd_listen_fds(3) has them");
	for (int i = 0; i < count; i++) {
		if (fault == 0)
			fault = take(&in, SD_LISTEN_FDS_START + i, names[i], ret_why);
		free(names[i]);
	}
	free(names);
	if (fault == 0)
		*ret = in;
	return fault;
}

void
inherited_close(struct inherited *in)
{
	for (size_t i = 0; i < in->count; i++)
		close(in->items[i].fd);
	in->count = 0;
}

bool
inherited_has(const struct inherited *in, enum inherited_use use, bool tcp)
{
	for (size_t i = 0; in && i < in->count; i++)
		if (in->items[i].use == use && in->items[i].tcp == tcp)
			return true;
	return false;
}
