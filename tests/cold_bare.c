/* The least a program of its own can do: connect, one round trip, close. tests/bench_cold.py holds
 * `ocop show` against it. */
#include <stdio.h>
#include <string.h>
#include <zmq.h>

int
main(int argc, char **argv)
{
	static const char ping[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server.ping\"}";
	char answer[4096];
	void *context = zmq_ctx_new(), *socket = context && argc == 2 ? zmq_socket(context, ZMQ_REQ) : NULL;
	int linger = 0;
	if (!socket || zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger) || zmq_connect(socket, argv[1])
	    || zmq_send(socket, ping, strlen(ping), 0) < 0 || zmq_recv(socket, answer, sizeof answer, 0) <= 0) {
		fprintf(stderr, "cold_bare ENDPOINT: %s\n", zmq_strerror(zmq_errno()));
		return 1;
	}
	zmq_close(socket);
	zmq_ctx_term(context);
	return 0;
}
