/* Tries what a break-in would try, and tells of each whether it was possible. Run without a sandbox it
 * shows that the tries are real; in the unit's each must fail. Exit code: how many were possible. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int possible;

static void
tell(const char *what, int good)
{
	printf("%s: %s\n", what, good ? "POSSIBLE" : strerror(errno));
	possible += good;
}

static int
can_open(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0 && flags & O_CREAT)
		unlink(path);
	return fd >= 0;
}

static int
can_socket(int family, int type)
{
	return socket(family, type, 0) >= 0;
}

/* In a child of its own: what succeeds must not change this process. */
static int
in_child(int (*try)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(try() ? 0 : errno & 0x7f);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return 0;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int
run_shell(void)
{
	execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL);
	return 0;
}

static int
map_and_run(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static int
become_root(void)
{
	return setresuid(0, 0, 0) == 0 && getuid() == 0;
}

static int
new_namespace(void)
{
	return unshare(CLONE_NEWUSER) == 0;
}

static int
mount_something(void)
{
	return mount("tmpfs", "/mnt", "tmpfs", 0, NULL) == 0 && umount("/mnt") == 0;
}

static int
trace_parent(void)
{
	return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0;
}

static int
set_the_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return clock_settime(CLOCK_REALTIME, &now) == 0;
}

static int
suid_file(void)
{
	char path[] = "/dev/shm/probe.XXXXXX";
	int fd = mkostemp(path, 0), good = fd >= 0 && fchmod(fd, 04755) == 0, fault = errno;

	unlink(path);
	errno = fault;
	return good;
}

static int
other_personality(void)
{
	return personality(ADDR_NO_RANDOMIZE) >= 0;
}

static int
name_the_host(void)
{
	char name[64] = "probe";

	gethostname(name, sizeof name);
	return sethostname(name, strlen(name)) == 0;
}

static int
read_another(void)
{
	return open("/proc/1/environ", O_RDONLY) >= 0;
}

int
main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	tell("write /usr", can_open("/usr/probe", O_CREAT | O_WRONLY));
	tell("write /etc", can_open("/etc/probe", O_CREAT | O_WRONLY));
	tell("write /etc/ocopd/accounts", can_open("/etc/ocopd/accounts/probe", O_CREAT | O_WRONLY));
	tell("write /var/log", can_open("/var/log/probe", O_CREAT | O_WRONLY));
	tell("write /run/ocopd", can_open("/run/ocopd/probe", O_CREAT | O_WRONLY));
	tell("read /root", can_open("/root", O_RDONLY | O_DIRECTORY));
	tell("read /home", can_open("/home/probe.txt", O_RDONLY));
	tell("read /etc/shadow", can_open("/etc/shadow", O_RDONLY));
	tell("read the key's own file", can_open("/etc/ocopd/server.key", O_RDONLY));
	tell("read a foreign process", read_another());
	tell("write a kernel setting", can_open("/proc/sys/kernel/core_pattern", O_WRONLY));
	tell("write a control group", can_open("/sys/fs/cgroup/cgroup.procs", O_WRONLY));
	tell("read the kernel's log", can_open("/dev/kmsg", O_RDONLY));
	tell("run a shell", in_child(run_shell));
	tell("AF_INET", can_socket(AF_INET, SOCK_STREAM));
	tell("AF_INET6", can_socket(AF_INET6, SOCK_STREAM));
	tell("AF_NETLINK", can_socket(AF_NETLINK, SOCK_RAW));
	tell("AF_PACKET", can_socket(AF_PACKET, SOCK_RAW));
	tell("map memory writable and executable", in_child(map_and_run));
	tell("new user namespace", in_child(new_namespace));
	tell("mount", in_child(mount_something));
	tell("trace the parent", in_child(trace_parent));
	tell("set the clock", in_child(set_the_clock));
	tell("name the host", in_child(name_the_host));
	tell("set-user-id file", in_child(suid_file));
	tell("another personality", in_child(other_personality));
	tell("become root", in_child(become_root));
	tell("a better place than others", setpriority(0, 0, -5) == 0);
	return possible;
}
